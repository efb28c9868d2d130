#include "mover/s3_place.h"

namespace sluice::mover {
namespace {

constexpr quint64 kReadBytes = 8 * 1024 * 1024;

/// One word for all of its objects: none of them is what is wrong.
Error noBucket(const OpPlace& place, Error error)
{
    error.message = QStringLiteral("There is no bucket '%1' at %2")
                        .arg(place.object.section('/', 0, 0), place.connection);
    error.cause = QStringLiteral("it was never made, or it was removed with all that was in it");
    error.correction = QStringLiteral(
        "Make the bucket, and what has to be in it, or correct its name in the flow; then reset the run");
    return error;
}

}  // namespace

S3Place::S3Place(const GatewayAccess& access, const model::Location& location,
                 std::function<void(s3::EtagStyle)> learned)
    : m_connection(access.connection),
      m_bucket(location.bucket),
      m_prefix(location.prefix),
      m_transport(access.connection, {}),
      m_client(s3::Gateway{.name = access.connection,
                           .endpoint = access.endpoint,
                           .region = access.region,
                           .credentials = {.accessKey = access.accessKey.toUtf8(),
                                           .secretKey = access.secretKey.toUtf8()}},
               m_transport, m_clock),
      m_replacing(m_client, s3::etagStyleFromString(access.etagMatch), std::move(learned))
{
}

Hindrance s3Hindrance(const Error& error, const OpPlace& place, const QString& op)
{
    const auto blocked = [&](Obstacle what) {
        return Blockage{
            .what = what, .connection = place.connection, .object = place.object, .op = op, .error = error};
    };
    switch (error.code) {
        case ErrorCode::Unavailable:
            return blocked(Obstacle::Gateway);
        case ErrorCode::DataLoss:  // the gateway saw other bytes than were sent, and stored nothing
            return error.retryable ? Hindrance(blocked(Obstacle::Gateway)) : Hindrance(error);
        case ErrorCode::DeadlineExceeded:
        case ErrorCode::OutcomeUnknown:
            return blocked(Obstacle::Timeout);
        case ErrorCode::ResourceExhausted:
            return error.retryable ? Hindrance(blocked(Obstacle::Quota)) : Hindrance(error);
        case ErrorCode::PermissionDenied:
        case ErrorCode::Unauthenticated:
            return blocked(Obstacle::Permission);
        default:
            return isBucketGone(error) ? Hindrance(noBucket(place, error)) : Hindrance(error);
    }
}

quint64 versionOfEtag(const QString& etag)
{
    return etag.left(15).toULongLong(nullptr, 16);
}

Result<quint32> checksumOfS3(S3Place& place, const QString& name, quint64 sizeBytes, const QString& etag,
                             ObjectContext& context)
{
    const QString op = QStringLiteral("verify");
    quint32 crc = kCrc32cStart;
    for (quint64 at = 0; at < sizeBytes; at += kReadBytes) {
        const auto bytes = persist(context, op, [&]() -> Try<QByteArray> {
            const ObjectContext::Step step(context, op, place.at(name, kReadBytes));
            auto part = place.client().getRange(place.bucket(), place.key(name), at,
                                                std::min(kReadBytes, sizeBytes - at), etag);
            const bool gone = !part && isBucketGone(part.error());
            if (!part && !gone &&
                (part.error().code == ErrorCode::FailedPrecondition ||
                 part.error().code == ErrorCode::NotFound ||
                 part.error().code == ErrorCode::InvalidArgument)) {
                return hinder(moved(place.text(name)));
            }
            if (!part) {
                return hinder(s3Hindrance(part.error(), place.at(name), op));
            }
            return std::move(*part);
        });
        if (!bytes) {
            return fail(bytes.error());
        }
        crc = crc32c(crc, *bytes);
    }
    return crc;
}

}  // namespace sluice::mover
