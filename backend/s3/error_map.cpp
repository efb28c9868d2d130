#include "s3/error_map.h"

#include <QtCore/QDateTime>
#include <QtCore/QLocale>
#include <algorithm>
#include <array>
#include <string_view>

#include "s3/xml.h"

namespace sluice::s3 {
namespace {

constexpr qint64 kLongestWaitSeconds = 600;

struct Known {
    std::string_view s3Code;
    ErrorCode code;
    bool retryable;
    const char* cause;
    const char* correction;
};

constexpr std::array kKnown{
    Known{"NoSuchBucket", ErrorCode::NotFound, false, "the bucket does not exist",
          "Make the bucket, or correct its name in the location"},
    Known{"NoSuchKey", ErrorCode::NotFound, false, "there is no object of that name",
          "See whether it was removed, or correct the name"},
    Known{"NoSuchUpload", ErrorCode::NotFound, false, "the multipart upload was completed or aborted",
          "Start the upload again"},
    Known{"AccessDenied", ErrorCode::PermissionDenied, false, "the key may not do this here",
          "Give the key's user the right on this bucket, or use another key"},
    Known{"InvalidAccessKeyId", ErrorCode::Unauthenticated, false, "the gateway does not know the access key",
          "The key was removed or never made: renew it"},
    Known{"SignatureDoesNotMatch", ErrorCode::Unauthenticated, false,
          "the secret key does not belong to the access key",
          "Store the right secret key for this connection"},
    Known{"RequestTimeTooSkewed", ErrorCode::Unauthenticated, false,
          "the clocks of this machine and the gateway differ", "Set the clocks; 15 minutes are allowed"},
    Known{"UserSuspended", ErrorCode::PermissionDenied, false, "the key's user is suspended",
          "Enable the user at the gateway"},
    Known{"QuotaExceeded", ErrorCode::ResourceExhausted, true,
          "the quota of the user or the bucket is used up", "Raise the quota or remove objects"},
    Known{"TooManyBuckets", ErrorCode::ResourceExhausted, false, "the user may own no more buckets",
          "Raise the user's bucket limit"},
    Known{"BucketAlreadyExists", ErrorCode::AlreadyExists, false, "somebody owns a bucket of that name",
          "Choose another name"},
    Known{"KeyExists", ErrorCode::AlreadyExists, false, "there is a key of that name", "Choose another name"},
    Known{"BucketNotEmpty", ErrorCode::FailedPrecondition, false, "there are objects in the bucket",
          "Remove the objects first"},
    Known{"PreconditionFailed", ErrorCode::FailedPrecondition, false,
          "somebody else changed the object meanwhile", "Read the object again before writing it"},
    Known{"InvalidRange", ErrorCode::InvalidArgument, false, "the object is shorter than the range asked for",
          "The object was changed: read it again"},
    Known{"BadDigest", ErrorCode::DataLoss, true, "the bytes that arrived are not those that were sent",
          "Send again; if it comes back, look at the network between here and the gateway"},
    Known{"XAmzContentSHA256Mismatch", ErrorCode::DataLoss, true,
          "the bytes that arrived are not those that were sent",
          "Send again; if it comes back, look at the network between here and the gateway"},
    Known{"EntityTooLarge", ErrorCode::InvalidArgument, false, "the object is larger than the gateway takes",
          "Raise rgw_max_put_size, or make the object smaller"},
    Known{"SlowDown", ErrorCode::Unavailable, true, "the gateway is overloaded", "Wait, or reduce the load"},
    Known{"ServiceUnavailable", ErrorCode::Unavailable, true, "the gateway is overloaded or being restarted",
          "Wait, or look at the gateway's log"},
    Known{"RequestTimeout", ErrorCode::Unavailable, true,
          "the gateway waited too long for the bytes of the request",
          "Look at the network between here and the gateway"},
    Known{"OperationAborted", ErrorCode::Unavailable, true,
          "another request for the same thing was being carried out", "It is tried again"},
    Known{"ConditionalRequestConflict", ErrorCode::Unavailable, true,
          "another request for the same thing was being carried out", "It is tried again"},
    Known{"ExpiredToken", ErrorCode::Unauthenticated, false, "the session of the key is over",
          "Renew the key"},
    Known{"InvalidToken", ErrorCode::Unauthenticated, false,
          "the gateway does not know the session of the key", "Renew the key"},
    Known{"NotImplemented", ErrorCode::InvalidArgument, false, "the gateway cannot do this at all",
          "Use another gateway, or another kind of destination"},
    Known{"MethodNotAllowed", ErrorCode::InvalidArgument, false, "the gateway does not allow this here",
          "Use another gateway, or another kind of destination"},
};

Known byStatus(int status)
{
    switch (status) {
        case 401:
            return {"", ErrorCode::Unauthenticated, false, "the gateway did not accept the key",
                    "Renew the key"};
        case 403:
            return {"", ErrorCode::PermissionDenied, false, "the key may not do this here",
                    "Give the key's user the right on this bucket, or use another key"};
        case 404:
            return {"", ErrorCode::NotFound, false, "it does not exist", "See whether it was removed"};
        case 409:
            return {"", ErrorCode::FailedPrecondition, false, "it conflicts with what is there",
                    "Look at what is there"};
        case 412:
            return {"", ErrorCode::FailedPrecondition, false, "somebody else changed the object meanwhile",
                    "Read the object again before writing it"};
        case 416:
            return {"", ErrorCode::InvalidArgument, false, "the object is shorter than the range asked for",
                    "The object was changed: read it again"};
        case 405:
        case 501:
        case 505:
            return {"", ErrorCode::InvalidArgument, false, "the gateway cannot do this at all",
                    "Use another gateway, or another kind of destination"};
        case 507:
            return {"", ErrorCode::ResourceExhausted, true, "the gateway has no room left",
                    "Look at the Ceph pools behind the gateway, and at its quotas"};
        default:
            break;
    }
    if (status >= 500 || status == 408 || status == 429) {
        return {"", ErrorCode::Unavailable, true, "the gateway could not carry it out now",
                "Look at the gateway's log and the health of the cluster behind it"};
    }
    return {"", ErrorCode::InvalidArgument, false, "the gateway refused the request",
            "See the gateway's own words"};
}

}  // namespace

qint64 retryAfterMs(const HttpAnswer& answer)
{
    const QByteArray text = answer.headers.value("retry-after");
    bool isNumber = false;
    const qint64 seconds = text.toLongLong(&isNumber);
    if (isNumber) {
        return std::clamp<qint64>(seconds, 0, kLongestWaitSeconds) * 1000;
    }
    const auto time = [](const QByteArray& date) {
        return QLocale::c().toDateTime(QString::fromLatin1(date),
                                       QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'"));
    };
    const QDateTime until = time(text);
    const QDateTime now = time(answer.headers.value("date"));
    return until.isValid() && now.isValid()
               ? std::clamp<qint64>(now.secsTo(until), 0, kLongestWaitSeconds) * 1000
               : 0;
}

Error errorOf(const HttpAnswer& answer, const QString& system, const QString& what)
{
    const XmlError xml = parseError(answer.body);
    Known known = byStatus(answer.status);
    for (const Known& row : kKnown) {
        if (!xml.code.isEmpty() &&
            xml.code == QLatin1String(row.s3Code.data(), static_cast<int>(row.s3Code.size()))) {
            known = row;
        }
    }
    QString text = xml.code;
    if (!xml.message.isEmpty()) {
        text += (text.isEmpty() ? QString() : QStringLiteral(": ")) + xml.message;
    }
    QString cause = QString::fromUtf8(known.cause);
    const qint64 waitMs = known.retryable ? retryAfterMs(answer) : 0;
    if (waitMs > 0) {
        cause += QStringLiteral("; it asks to be left alone for %1 s").arg(waitMs / 1000);
    }
    return Error{.code = known.code,
                 .message = QStringLiteral("%1 refused the request for %2").arg(system, what),
                 .cause = cause,
                 .correction = QString::fromUtf8(known.correction),
                 .retryable = known.retryable,
                 .source = QStringLiteral("s3"),
                 .upstream = Upstream{.system = system, .code = answer.status, .text = text}};
}

}  // namespace sluice::s3
