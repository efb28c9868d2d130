#include "s3/client.h"
#include "s3/digest.h"
#include "s3/error_map.h"
#include "s3/xml.h"

namespace sluice::s3 {

Result<QString> Client::createUpload(const QString& bucket, const QString& key, const PutOptions& options)
{
    const Call call{.method = "POST",
                    .bucket = bucket,
                    .key = key,
                    .query = {{"uploads", ""}},
                    .headers = headersOf(options)};
    return object(call).and_then([&](const HttpAnswer& answer) -> Result<QString> {
        const QString id = elementText(answer.body, "UploadId");
        if (id.isEmpty()) {
            return fail(errorOf(answer, m_gateway.name, describe(bucket, key)));
        }
        return id;
    });
}

Result<QString> Client::uploadPart(const QString& bucket, const QString& key, const QString& uploadId,
                                   int number, QByteArrayView body)
{
    Call call{.method = "PUT", .bucket = bucket, .key = key, .body = body};
    call.query = {{"partNumber", QByteArray::number(number)}, {"uploadId", uploadId.toUtf8()}};
    call.headers = {{"Content-MD5", md5(body).toBase64()}, {"Content-Type", "application/octet-stream"}};
    return object(call).map(
        [](const HttpAnswer& answer) { return QString::fromUtf8(answer.headers.value("etag")).remove('"'); });
}

Result<QString> Client::completeUpload(const QString& bucket, const QString& key, const QString& uploadId,
                                       const QStringList& etags)
{
    QByteArray body = "<CompleteMultipartUpload>";
    for (qsizetype i = 0; i < etags.size(); ++i) {
        body += "<Part><PartNumber>" + QByteArray::number(i + 1) + "</PartNumber><ETag>" +
                etags[i].toHtmlEscaped().toUtf8() + "</ETag></Part>";
    }
    body += "</CompleteMultipartUpload>";
    Call call{.method = "POST",
              .bucket = bucket,
              .key = key,
              .query = {{"uploadId", uploadId.toUtf8()}},
              .body = body};
    call.headers = {{"Content-Type", "application/xml"}};
    return object(call).and_then([&](const HttpAnswer& answer) -> Result<QString> {
        // a gateway that took long says 200 first and the error in the body
        const QString etag = elementText(answer.body, "ETag").remove('"');
        if (etag.isEmpty()) {
            HttpAnswer failed = answer;
            failed.status = 500;
            return fail(errorOf(failed, m_gateway.name, describe(bucket, key)));
        }
        return etag;
    });
}

Result<void> Client::abortUpload(const QString& bucket, const QString& key, const QString& uploadId)
{
    return object(Call{.method = "DELETE",
                       .bucket = bucket,
                       .key = key,
                       .query = {{"uploadId", uploadId.toUtf8()}}})
        .map([](const HttpAnswer&) {});
}

Result<UploadPage> Client::listUploads(const QString& bucket, const QString& prefix, const PageMarkers& after)
{
    return markedPage(bucket, "uploads", "upload-id-marker", prefix, after)
        .and_then([](const HttpAnswer& answer) { return parseUploads(answer.body); });
}

QString multipartEtag(const QList<QByteArray>& partMd5s)
{
    return QString::fromLatin1(md5(partMd5s.join()).toHex()) + '-' + QString::number(partMd5s.size());
}

}  // namespace sluice::s3
