#include "s3/client.h"

#include <QtCore/QLocale>
#include <QtCore/QTimeZone>
#include <QtCore/QUrl>
#include <algorithm>

#include "core/utc_time.h"
#include "s3/digest.h"
#include "s3/error_map.h"
#include "s3/xml.h"

namespace sluice::s3 {
namespace {

QString etagOf(const HttpAnswer& answer)
{
    return QString::fromUtf8(answer.headers.value("etag")).remove('"');
}

/// How the bytes are encoded, not how they were sent.
QByteArray storedEncoding(const QByteArray& header)
{
    QByteArrayList encodings;
    for (const QByteArray& encoding : header.split(',')) {
        if (const QByteArray name = encoding.trimmed();
            !name.isEmpty() && name != "identity" && name != "aws-chunked") {
            encodings.append(name);
        }
    }
    return encodings.join(',');
}

/// Gateways disagree about the signature of a header with other bytes, or with several spaces in a row.
bool canBeSigned(const QByteArray& value)
{
    return value == value.simplified() &&
           std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

ObjectExtras extrasOf(const HttpAnswer& answer)
{
    ObjectExtras extras{.content = {}, .tags = answer.headers.value("x-amz-tagging-count").toInt() > 0};
    for (const char* name : {"cache-control", "content-disposition", "content-encoding", "content-language",
                             "content-type", "expires"}) {
        QByteArray value = answer.headers.value(name);
        if (qstrcmp(name, "content-encoding") == 0) {
            value = storedEncoding(value);
        }
        if (!canBeSigned(value)) {
            extras.metadata = true;
        } else if (!value.isEmpty()) {
            extras.content.insert(name, value);
        }
    }
    for (const char* name : {"x-amz-website-redirect-location", "x-amz-missing-meta"}) {
        extras.metadata = extras.metadata || answer.headers.contains(name);
    }
    for (auto at = answer.headers.begin(); at != answer.headers.end(); ++at) {
        extras.metadata = extras.metadata ||
                          (at.key().startsWith("x-amz-meta-") && !at.key().startsWith("x-amz-meta-sluice-"));
    }
    return extras;
}

ObjectHead headOf(const HttpAnswer& answer, quint64 sizeBytes)
{
    ObjectHead head{.sizeBytes = sizeBytes, .etag = etagOf(answer), .extras = extrasOf(answer)};
    const QString text = QString::fromLatin1(answer.headers.value("last-modified"));
    QDateTime time = QLocale::c().toDateTime(text, QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'"));
    time.setTimeZone(QTimeZone::utc());
    head.changedAtMs = time.toMSecsSinceEpoch();
    for (auto at = answer.headers.begin(); at != answer.headers.end(); ++at) {
        if (at.key().startsWith("x-amz-meta-")) {
            head.metadata.insert(QString::fromUtf8(at.key().mid(11)), QString::fromUtf8(at.value()));
        }
    }
    return head;
}

}  // namespace

Client::Client(Gateway gateway, Transport& transport, const Clock& clock)
    : m_gateway(std::move(gateway)), m_transport(transport), m_clock(clock)
{
    const QUrl url(m_gateway.endpoint);
    const bool tls = url.scheme() == QLatin1String("https");
    m_host = url.host(QUrl::FullyEncoded).toUtf8();
    if (m_host.contains(':')) {
        m_host = '[' + m_host + ']';
    }
    if (const int port = url.port(tls ? 443 : 80); port != (tls ? 443 : 80)) {
        m_host += ':' + QByteArray::number(port);
    }
    m_origin = (tls ? "https://" : "http://") + m_host;
}

Headers Client::headersOf(const PutOptions& options)
{
    Headers headers;
    if (options.condition.kind == Condition::Kind::Absent) {
        headers.emplaceBack("If-None-Match", "*");
    } else if (options.condition.kind == Condition::Kind::Etag) {
        const QByteArray etag = options.condition.etag.toUtf8();
        headers.emplaceBack("If-Match", options.condition.quoted ? '"' + etag + '"' : etag);
    }
    for (auto at = options.metadata.begin(); at != options.metadata.end(); ++at) {
        headers.emplaceBack("x-amz-meta-" + at.key().toUtf8(), at.value().toUtf8());
    }
    for (auto at = options.content.begin(); at != options.content.end(); ++at) {
        headers.emplaceBack(at.key(), at.value());
    }
    if (!options.content.contains("content-type")) {
        headers.emplaceBack("Content-Type", "application/octet-stream");
    }
    return headers;
}

QString Client::describe(const QString& bucket, const QString& key) const
{
    return QStringLiteral("s3://%1/%2").arg(m_gateway.name, key.isEmpty() ? bucket : bucket + '/' + key);
}

Result<HttpAnswer> Client::object(const Call& call)
{
    // With an empty key the address is the bucket's: a PUT would make it, and RGW removes an empty bucket on
    // a DELETE with a sub-resource it does not know.
    if (call.bucket.isEmpty() || call.key.isEmpty()) {
        return fail(Error{.code = ErrorCode::InvalidArgument,
                          .message = QStringLiteral("An S3 request without bucket or key was not sent"),
                          .cause = QStringLiteral("'%1' is no object").arg(describe(call.bucket, call.key)),
                          .correction = QStringLiteral("Name both the bucket and the object"),
                          .source = QStringLiteral("s3")});
    }
    const QByteArray path =
        '/' + percentEncode(call.bucket.toUtf8()) + '/' + percentEncode(call.key.toUtf8(), true);
    return perform(call, path, describe(call.bucket, call.key));
}

Result<HttpAnswer> Client::ofBucket(const Call& call)
{
    return perform(call, '/' + percentEncode(call.bucket.toUtf8()), describe(call.bucket, {}));
}

Result<HttpAnswer> Client::markedPage(const QString& bucket, const QByteArray& list,
                                      const QByteArray& idMarker, const QString& prefix,
                                      const PageMarkers& after, qint64 withinMs)
{
    Call call{.method = "GET", .bucket = bucket, .withinMs = withinMs};
    call.query = {{list, ""}, {"encoding-type", "url"}, {"prefix", prefix.toUtf8()}};
    if (!after.nextKey.isEmpty()) {
        call.query.emplaceBack("key-marker", after.nextKey.toUtf8());
        call.query.emplaceBack(idMarker, after.nextId.toUtf8());
    }
    return ofBucket(call);
}

std::optional<Error> Client::leftAlone()
{
    const std::lock_guard lock(m_mutex);
    return m_clock.monotonicMs() < m_quietUntilMs ? m_refusal : std::nullopt;
}

Result<HttpAnswer> Client::perform(const Call& call, const QByteArray& path, const QString& what)
{
    if (const auto refusal = leftAlone()) {
        return fail(*refusal);
    }
    SigningInput input{
        .method = call.method,
        .path = path,
        .query = call.query,
        .headers = call.headers,
        .payloadHash = sha256(call.body).toHex(),
        .timestamp = utcTime(m_clock.nowMs()).toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'")).toLatin1(),
        .region = m_gateway.region.toUtf8()};
    input.headers.emplaceBack("Host", m_host);
    input.headers.emplaceBack("x-amz-date", input.timestamp);
    input.headers.emplaceBack("x-amz-content-sha256", input.payloadHash);
    HttpRequest request{.method = call.method,
                        .origin = m_origin,
                        .path = path,
                        .query = canonicalQuery(call.query),
                        .headers = input.headers,
                        .body = call.body,
                        .maxAnswerBytes = call.maxAnswerBytes,
                        .withinMs = call.withinMs};
    request.headers.emplaceBack("Authorization", authorization(input, m_gateway.credentials));
    Result<HttpAnswer> answer = m_transport.send(request);
    if (!answer || answer->status < 300) {
        return answer;
    }
    const Error refused = errorOf(*answer, m_gateway.name, what);
    if (const qint64 waitMs = refused.retryable ? retryAfterMs(*answer) : 0; waitMs > 0) {
        const std::lock_guard lock(m_mutex);
        m_refusal = refused;
        m_quietUntilMs = m_clock.monotonicMs() + waitMs;
    }
    return fail(refused);
}

Result<QString> Client::putObject(const QString& bucket, const QString& key, QByteArrayView body,
                                  const PutOptions& options)
{
    Call call{.method = "PUT", .bucket = bucket, .key = key, .headers = headersOf(options), .body = body};
    call.headers.emplaceBack("Content-MD5", md5(body).toBase64());
    return object(call).map(etagOf);
}

Result<ObjectHead> Client::headObject(const QString& bucket, const QString& key)
{
    const auto answer = object(Call{.method = "HEAD", .bucket = bucket, .key = key});
    if (answer) {
        return headOf(*answer, answer->headers.value("content-length").toULongLong());
    }
    const int status = answer.error().upstream ? answer.error().upstream->code : 0;
    return status >= 400 && status <= 403 ? headByGet(bucket, key, answer.error()) : fail(answer.error());
}

Result<ObjectHead> Client::headByGet(const QString& bucket, const QString& key, const Error& refused)
{
    Call call{.method = "GET", .bucket = bucket, .key = key, .maxAnswerBytes = 1};
    call.headers.emplaceBack("Range", "bytes=0-0");
    const auto answer = object(call);
    if (!answer) {
        const bool says = answer.error().upstream && !answer.error().upstream->text.isEmpty() &&
                          answer.error().source == refused.source && answer.error().upstream->code >= 400 &&
                          answer.error().upstream->code != 416;
        return fail(says ? answer.error() : refused);
    }
    bool sized = false;
    const QByteArray range = answer->headers.value("content-range");
    const quint64 size = range.mid(range.indexOf('/') + 1).toULongLong(&sized);
    return sized ? Result<ObjectHead>(headOf(*answer, size)) : fail(refused);
}

Result<QByteArray> Client::getRange(const QString& bucket, const QString& key, quint64 offset, quint64 length,
                                    const QString& etag, ObjectExtras* extras)
{
    if (length == 0) {
        return QByteArray();
    }
    Call call{.method = "GET", .bucket = bucket, .key = key, .maxAnswerBytes = static_cast<qint64>(length)};
    call.headers.emplaceBack(
        "Range", "bytes=" + QByteArray::number(offset) + '-' + QByteArray::number(offset + length - 1));
    if (!etag.isEmpty()) {
        call.headers.emplaceBack("If-Match", '"' + etag.toUtf8() + '"');
    }
    return object(call).map([extras](HttpAnswer&& answer) {
        if (extras != nullptr) {
            *extras = extrasOf(answer);
        }
        return std::move(answer.body);
    });
}

Result<ListPage> Client::listObjects(const QString& bucket, const QString& prefix, const QString& next,
                                     int limit)
{
    Call call{.method = "GET", .bucket = bucket};
    call.query = {{"list-type", "2"},
                  {"encoding-type", "url"},
                  {"prefix", prefix.toUtf8()},
                  {"max-keys", QByteArray::number(limit)}};
    if (!next.isEmpty()) {
        call.query.emplaceBack("continuation-token", next.toUtf8());
    }
    return ofBucket(call).and_then([](const HttpAnswer& answer) { return parseList(answer.body); });
}

Result<QString> Client::bucketVersioning(const QString& bucket, qint64 withinMs)
{
    Call call{.method = "GET", .bucket = bucket, .withinMs = withinMs};
    call.query = {{"versioning", ""}};
    return ofBucket(call).and_then([](const HttpAnswer& answer) { return parseVersioning(answer.body); });
}

Result<VersionPage> Client::listVersions(const QString& bucket, const QString& prefix,
                                         const PageMarkers& after, qint64 withinMs)
{
    return markedPage(bucket, "versions", "version-id-marker", prefix, after, withinMs)
        .and_then([](const HttpAnswer& answer) { return parseVersions(answer.body); });
}

Result<void> Client::deleteObject(const QString& bucket, const QString& key)
{
    return object(Call{.method = "DELETE", .bucket = bucket, .key = key}).map([](const HttpAnswer&) {});
}

Result<void> Client::createBucket(const QString& bucket)
{
    return ofBucket(Call{.method = "PUT", .bucket = bucket}).map([](const HttpAnswer&) {});
}

Result<void> Client::probe()
{
    return perform(Call{.method = "GET"}, "/", m_gateway.name).map([](const HttpAnswer&) {});
}

Result<bool> Client::hasPolicy(const QString& bucket)
{
    const auto answer = ofBucket(Call{.method = "GET", .bucket = bucket, .query = {{"policy", ""}}});
    if (!answer && answer.error().upstream &&
        answer.error().upstream->text.startsWith(QLatin1String("NoSuchBucketPolicy"))) {
        return false;
    }
    return answer.map([](const HttpAnswer&) { return true; });
}

Result<void> Client::ping()
{
    const HttpRequest request{
        .method = "GET", .origin = m_origin, .path = "/swift/healthcheck", .headers = {{"Host", m_host}}};
    return m_transport.send(request).map([](const HttpAnswer&) {});
}

Result<QByteArray> Client::admin(const QByteArray& method, const QByteArray& path, const Query& query,
                                 const QString& what)
{
    return perform(Call{.method = method, .query = query}, path, what).map([](HttpAnswer&& answer) {
        return std::move(answer.body);
    });
}

}  // namespace sluice::s3
