#include "s3/xml.h"

#include <QtCore/QDateTime>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QXmlStreamReader>

#include "s3/uri.h"

namespace sluice::s3 {
namespace {

QString decoded(const QString& text)
{
    return QString::fromUtf8(percentDecode(text.toUtf8()));
}

QString unquoted(QString etag)
{
    return etag.remove('"');
}

tl::unexpected<Error> notUnderstood(const QString& why)
{
    return fail(Error{.code = ErrorCode::Internal,
                      .message = QStringLiteral("The gateway's answer was not understood"),
                      .cause = why,
                      .correction = QStringLiteral("See whether the endpoint is an S3 gateway"),
                      .source = QStringLiteral("s3")});
}

ListedObject readContents(QXmlStreamReader& xml)
{
    ListedObject object;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Key")) {
            object.key = decoded(xml.readElementText());
        } else if (xml.name() == QLatin1String("Size")) {
            object.sizeBytes = xml.readElementText().toULongLong();
        } else if (xml.name() == QLatin1String("ETag")) {
            object.etag = unquoted(xml.readElementText());
        } else if (xml.name() == QLatin1String("LastModified")) {
            object.changedAtMs = QDateTime::fromString(xml.readElementText(), Qt::ISODateWithMs).toMSecsSinceEpoch();
        } else {
            xml.skipCurrentElement();
        }
    }
    return object;
}

Upload readUpload(QXmlStreamReader& xml)
{
    Upload upload;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Key")) {
            upload.key = decoded(xml.readElementText());
        } else if (xml.name() == QLatin1String("UploadId")) {
            upload.id = xml.readElementText();
        } else {
            xml.skipCurrentElement();
        }
    }
    return upload;
}

}  // namespace

XmlError parseError(const QByteArray& body)
{
    XmlError error;
    QXmlStreamReader xml(body);
    if (!xml.readNextStartElement() || xml.name() != QLatin1String("Error")) {
        // the admin interface answers in JSON: {"Code":"NoSuchUser",…}
        const QJsonObject json = QJsonDocument::fromJson(body).object();
        return {.code = json["Code"].toString(), .message = json["Message"].toString()};
    }
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Code")) {
            error.code = xml.readElementText();
        } else if (xml.name() == QLatin1String("Message")) {
            error.message = xml.readElementText();
        } else {
            xml.skipCurrentElement();
        }
    }
    return error;
}

Result<ListPage> parseList(const QByteArray& body)
{
    QXmlStreamReader xml(body);
    if (!xml.readNextStartElement() || xml.name() != QLatin1String("ListBucketResult")) {
        return notUnderstood(QStringLiteral("a list of objects was expected"));
    }
    ListPage page;
    bool truncated = false;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Contents")) {
            page.objects.append(readContents(xml));
        } else if (xml.name() == QLatin1String("IsTruncated")) {
            truncated = xml.readElementText() == QLatin1String("true");
        } else if (xml.name() == QLatin1String("NextContinuationToken")) {
            page.next = xml.readElementText();
        } else {
            xml.skipCurrentElement();
        }
    }
    if (xml.hasError()) {
        return notUnderstood(xml.errorString());
    }
    if (!truncated) {
        page.next.clear();
    } else if (page.next.isEmpty()) {
        return notUnderstood(QStringLiteral("the list goes on, but the token of the next page is missing"));
    }
    return page;
}

Result<UploadPage> parseUploads(const QByteArray& body)
{
    QXmlStreamReader xml(body);
    if (!xml.readNextStartElement() || xml.name() != QLatin1String("ListMultipartUploadsResult")) {
        return notUnderstood(QStringLiteral("a list of multipart uploads was expected"));
    }
    UploadPage page;
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("Upload")) {
            page.uploads.append(readUpload(xml));
        } else if (xml.name() == QLatin1String("IsTruncated")) {
            page.last = xml.readElementText() != QLatin1String("true");
        } else if (xml.name() == QLatin1String("NextKeyMarker")) {
            page.nextKey = decoded(xml.readElementText());
        } else if (xml.name() == QLatin1String("NextUploadIdMarker")) {
            page.nextId = xml.readElementText();
        } else {
            xml.skipCurrentElement();
        }
    }
    if (xml.hasError()) {
        return notUnderstood(xml.errorString());
    }
    return page;
}

QString elementText(const QByteArray& body, const char* name)
{
    QXmlStreamReader xml(body);
    while (!xml.atEnd()) {
        if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == QLatin1String(name)) {
            return xml.readElementText();
        }
    }
    return {};
}

}  // namespace sluice::s3
