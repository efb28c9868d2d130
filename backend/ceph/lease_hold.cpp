#include "ceph/lease_hold.h"

#include <unistd.h>

namespace sluice::ceph {

LeaseTerms LeaseTerms::fromJson(const QJsonObject& json)
{
    return {.cephPool = json["cephPool"].toString(),
            .object = json["object"].toString(),
            .cookie = json["cookie"].toString(),
            .engineId = json["engineId"].toString(),
            .durationMs = json["durationMs"].toInteger()};
}

QString LeaseTerms::description() const
{
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    return QStringLiteral("Sluice engine %1 on %2").arg(engineId, QString::fromLocal8Bit(host));
}

LeaseOutcome ledByAnother(const QString& owner, const QString& holder, qint64 untilMs)
{
    return {
        .owner = owner,
        .untilMs = untilMs,
        .error = {.code = ErrorCode::FailedPrecondition,
                  .message = QStringLiteral("Another engine leads this cluster"),
                  .cause = holder,
                  .correction = QStringLiteral("Use that engine, or stop it; its lease runs out by itself"),
                  .source = QStringLiteral("ceph")}};
}

}  // namespace sluice::ceph
