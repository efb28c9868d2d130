#include <limits>

#include "core/units.h"
#include "systems/ceph/rules/gateway_view.h"
#include "systems/ceph/rules/rules.h"

namespace sluice::systems::ceph {
namespace {

QString title()
{
    return QStringLiteral("Quota at the gateway");
}

/// One quota that counts for writing to the bucket, with what is used of it.
struct Limit {
    QString whose{};   ///< "bucket catalog", "user lab"
    QString entity{};  ///< id of the bucket or the user
    QString id{};      ///< of the quota itself
    QString command{};
    double usedBytes{};
    double maxBytes{};
    double usedObjects{};
    double maxObjects{};

    bool reached() const
    {
        return (maxBytes >= 0 && usedBytes >= maxBytes) || (maxObjects >= 0 && usedObjects >= maxObjects);
    }
    double roomBytes() const
    {
        return maxBytes >= 0 ? maxBytes - usedBytes : std::numeric_limits<double>::infinity();
    }
    QString usage() const
    {
        QStringList parts;
        if (maxBytes >= 0) {
            parts.append(QStringLiteral("%1 of %2").arg(formatBytes(usedBytes), formatBytes(maxBytes)));
        }
        if (maxObjects >= 0) {
            parts.append(QStringLiteral("%1 of %2 objects")
                             .arg(formatCount(qint64(usedObjects)), formatCount(qint64(maxObjects))));
        }
        return QStringLiteral("The quota of %1: %2 used").arg(whose, parts.join(QStringLiteral(", ")));
    }
};

std::optional<Limit> limitOf(const QJsonValue& quota, const QJsonValue& used)
{
    if (!quota["enabled"].toBool()) {
        return std::nullopt;
    }
    return Limit{.usedBytes = used["usedBytes"].toDouble(),
                 .maxBytes = quota["maxBytes"].toDouble(-1),
                 .usedObjects = used["usedObjects"].toDouble(),
                 .maxObjects = quota["maxObjects"].toDouble(-1)};
}

QString quotaOfBucket(const GatewayBucket& bucket)
{
    return idOf(bucket.touched.gateway, QStringLiteral("bucket-quota"), bucket.touched.bucket);
}

/// The bucket's own quota or, without one, what its owner's buckets have each; and that of the owner.
QList<Limit> limitsOf(const GatewayBucket& bucket)
{
    QList<Limit> limits;
    if (!bucket.bucket) {
        return limits;
    }
    const QJsonObject& facts = bucket.bucket->facts;
    const QString name = bucket.touched.bucket;
    const QString owner = facts["owner"]["uid"].toString(facts["bucket"]["owner"].toString());
    auto ofBucket = limitOf(facts["bucket"]["quota"], facts["bucket"]);
    const bool own = ofBucket.has_value();
    ofBucket = own ? ofBucket : limitOf(facts["owner"]["bucketQuota"], facts["bucket"]);
    if (ofBucket) {
        ofBucket->whose = QStringLiteral("bucket %1").arg(name);
        ofBucket->entity = bucket.bucketId();
        ofBucket->id = quotaOfBucket(bucket);
        ofBucket->command =
            own ? QStringLiteral("radosgw-admin quota set --bucket=%1 --max-size=<more> --max-objects=<more>")
                      .arg(name)
                : QStringLiteral(
                      "radosgw-admin quota set --quota-scope=bucket --uid=%1 --max-size=<more> "
                      "--max-objects=<more>")
                      .arg(owner);
        limits.append(*ofBucket);
    }
    if (auto ofUser = limitOf(facts["owner"]["quota"], facts["owner"])) {
        ofUser->whose = QStringLiteral("user %1").arg(owner);
        ofUser->entity = idOf(bucket.touched.gateway, QStringLiteral("user"), owner);
        ofUser->id = idOf(bucket.touched.gateway, QStringLiteral("user-quota"), owner);
        ofUser->command =
            QStringLiteral(
                "radosgw-admin quota set --quota-scope=user --uid=%1 --max-size=<more> --max-objects=<more>")
                .arg(owner);
        limits.append(*ofUser);
    }
    return limits;
}

/// Of reached ones all; of others the one that has least room left refuses first.
QStringList idsOf(const QList<Limit>& guilty)
{
    QStringList ids;
    const Limit* tightest = nullptr;
    for (const Limit& limit : guilty) {
        if (limit.reached()) {
            ids.append(limit.id);
        }
        tightest = !tightest || limit.roomBytes() < tightest->roomBytes() ? &limit : tightest;
    }
    return ids.isEmpty() && tightest ? QStringList{tightest->id} : ids;
}

void confirm(const CephScene& scene, const GatewayBucket& bucket, const QList<Limit>& limits,
             Finding& finding)
{
    finding.verdict = Verdict::Confirmed;
    // The next object may be the one too many, so a quota need not be reached to the last byte.
    QList<Limit> guilty;
    for (const Limit& limit : limits) {
        if (limit.reached()) {
            guilty.append(limit);
        }
    }
    guilty = guilty.isEmpty() ? limits : guilty;
    QStringList whose;
    QStringList steps;
    for (const Limit& limit : guilty) {
        whose.append(limit.whose);
        steps.append(limit.command);
        finding.evidence.append(evidenceOf(*bucket.bucket, limit.usage()));
        finding.evidence.last().entity = limit.entity;
    }
    finding.broken = guilty.isEmpty() ? QStringList{quotaOfBucket(bucket)} : idsOf(guilty);
    const QString gateway = bucket.touched.gateway;
    const QString subject = whose.isEmpty()
                                ? QStringLiteral("bucket %1 or of its owner").arg(bucket.touched.bucket)
                                : whose.join(QStringLiteral(" or of "));
    if (whose.isEmpty()) {
        finding.evidence.append(scene.missing(
            bucket.bucketId(), QStringLiteral("The quotas of bucket %1").arg(bucket.touched.bucket),
            bucket.touched.cluster, QStringLiteral("s3.look")));
        finding.evidence.last().entity = bucket.bucketId();
    }
    finding.title = QStringLiteral("A quota at %1 is used up: that of %2").arg(gateway, subject);
    finding.evidence.append(scene.report());
    finding.correction =
        QStringLiteral("Raise the quota of %1 at %2, or remove objects there. The task goes on by itself.")
            .arg(subject, gateway);
    finding.remedy = Remedy{
        .title = QStringLiteral("Raise the quota of %1").arg(subject), .actionClass = 1, .steps = steps};
    finding.remedy->steps.append(QStringLiteral("Check that the task writes again"));
}

Finding ofBucket(const CephScene& scene, const GatewayBucket& bucket)
{
    Finding finding{.rule = QStringLiteral("R32"), .title = title(), .scope = Scope::Carrier};
    const QList<Limit> limits = limitsOf(bucket);
    if (bucket.refusedForQuota(scene)) {
        confirm(scene, bucket, limits, finding);
        return finding;
    }
    if (!bucket.bucket || !bucket.bucket->facts.contains(QStringLiteral("bucket"))) {
        finding.evidence = {scene.missing(
            bucket.bucketId(), QStringLiteral("The quotas of bucket %1").arg(bucket.touched.bucket),
            bucket.touched.cluster, QStringLiteral("s3.look"))};
        return finding;
    }
    bool reached = false;
    for (const Limit& limit : limits) {
        reached = reached || limit.reached();
        finding.evidence.append(evidenceOf(*bucket.bucket, limit.usage()));
    }
    if (limits.isEmpty()) {
        finding.evidence = {evidenceOf(
            *bucket.bucket,
            QStringLiteral("Neither bucket %1 nor its owner has a quota").arg(bucket.touched.bucket))};
    }
    if (reached) {
        finding.evidence.append(scene.report());
        return finding;
    }
    finding.verdict = Verdict::Refuted;
    return finding;
}

}  // namespace

QList<Finding> ruleGatewayQuota(const CephScene& scene)
{
    QList<Finding> findings;
    for (const GatewayBucket& bucket : bucketsOf(scene)) {
        if (bucket.writes(scene)) {
            findings.append(ofBucket(scene, bucket));
        }
    }
    return findings;
}

}  // namespace sluice::systems::ceph
