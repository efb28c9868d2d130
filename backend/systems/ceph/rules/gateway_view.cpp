#include "systems/ceph/rules/gateway_view.h"

#include <QtCore/QSet>

namespace sluice::systems::ceph {
namespace {

void addName(QStringList& names, const QString& name)
{
    if (!name.isEmpty() && !names.contains(name)) {
        names.append(name);
    }
}

/// Names RGW gives to the Ceph pools of a zone that nobody has set up otherwise.
QStringList usualPools(const FactSource& facts, const QString& cluster)
{
    QStringList names;
    for (const Fact& cephPool : facts.ofKind(cluster, QStringLiteral("ceph-pool"))) {
        const bool ofRgw =
            cephPool.facts["application"].toString().split(',').contains(QStringLiteral("rgw"));
        if (ofRgw && (cephPool.name.endsWith(QLatin1String(".rgw.buckets.data")) ||
                      cephPool.name.endsWith(QLatin1String(".rgw.buckets.index")))) {
            names.append(cephPool.name);
        }
    }
    names.sort();
    return names;
}

}  // namespace

QString GatewayBucket::gatewayId() const
{
    return idOf(touched.gateway, QStringLiteral("gateway"), touched.gateway);
}

QString GatewayBucket::bucketId() const
{
    return idOf(touched.gateway, QStringLiteral("bucket"), touched.bucket);
}

bool GatewayBucket::blockedHere(const CephScene& scene) const
{
    const CephBlocked& blocked = scene.blocked();
    return blocked.any() && blocked.connection == touched.gateway &&
           (blocked.object.isEmpty() || blocked.object.section('/', 0, 0) == touched.bucket);
}

bool GatewayBucket::hangsHere(const CephScene& scene) const
{
    const QString& what = scene.blocked().what;
    return blockedHere(scene) && (what == QLatin1String("timeout") || what == QLatin1String("gateway"));
}

bool GatewayBucket::mayWaitForStorage(const CephScene& scene) const
{
    // As libcurl numbers them: no proxy, no host, no connection, no TLS. And as HTTP does: the key, the
    // right, the name.
    static const QSet<int> kNotPassedOn{5, 6, 7, 35, 60, 77, 401, 403, 404};
    const Error& error = scene.blocked().error;
    return hangsHere(scene) && !(error.upstream && kNotPassedOn.contains(error.upstream->code));
}

bool GatewayBucket::refusedForQuota(const CephScene& scene) const
{
    return blockedHere(scene) && gatewayCode(scene.blocked().error).contains(QLatin1String("Quota"));
}

bool GatewayBucket::refusedForRoom(const CephScene& scene) const
{
    return blockedHere(scene) && scene.blocked().what == QLatin1String("quota") && !refusedForQuota(scene);
}

QList<GatewayBucket> bucketsOf(const CephScene& scene)
{
    QList<GatewayBucket> buckets;
    for (const TouchedBucket& touched : scene.buckets()) {
        GatewayBucket bucket{.touched = touched};
        bucket.gateway = scene.freshFact(bucket.gatewayId());
        bucket.bucket = scene.freshFact(bucket.bucketId());
        buckets.append(bucket);
    }
    return buckets;
}

QStringList poolsBehind(const FactSource& facts, const TouchedBucket& bucket)
{
    const auto gateway = facts.fact(idOf(bucket.gateway, QStringLiteral("gateway"), bucket.gateway));
    const auto told = facts.fact(idOf(bucket.gateway, QStringLiteral("bucket"), bucket.bucket));
    // "default-placement/STANDARD_IA": a placement, and perhaps a storage class in it.
    const QString placement =
        told ? told->facts["bucket"]["placement"].toString().section('/', 0, 0) : QString();
    QStringList names;
    for (const QJsonValue& one : gateway ? gateway->facts["placements"].toArray() : QJsonArray()) {
        if (!placement.isEmpty() && one["name"].toString() != placement) {
            continue;
        }
        for (const QJsonValue& cephPool : one["dataPools"].toArray()) {
            addName(names, cephPool.toString());
        }
        addName(names, one["indexPool"].toString());
    }
    return names.isEmpty() ? usualPools(facts, bucket.cluster) : names;
}

QJsonArray osdsBehind(const FactSource& facts, const TouchedBucket& bucket)
{
    QJsonArray osds;
    for (const QString& cephPool : poolsBehind(facts, bucket)) {
        const auto pgs = facts.fact(idOf(bucket.cluster, QStringLiteral("pool-pgs"), cephPool));
        for (const QJsonValue& osd : pgs ? pgs->facts["osds"].toArray() : QJsonArray()) {
            if (!osds.contains(osd)) {
                osds.append(osd);
            }
        }
    }
    return osds;
}

std::optional<bool> osdsBehindAnswer(const CephScene& scene, const TouchedBucket& bucket)
{
    if (bucket.cluster.isEmpty()) {
        return true;
    }
    const QJsonArray osds = osdsBehind(scene.facts(), bucket);
    if (osds.isEmpty()) {
        return std::nullopt;
    }
    for (const QJsonValue& value : osds) {
        const QString name = QString::number(value.toInt());
        const auto osd = scene.freshFact(idOf(bucket.cluster, QStringLiteral("osd"), name));
        const auto answer = scene.freshFact(idOf(bucket.cluster, QStringLiteral("osd-answer"), name));
        if (!osd || !answer) {
            return std::nullopt;
        }
        if (!osd->facts["up"].toBool() || !answer->facts["answers"].toBool()) {
            return false;
        }
    }
    return true;
}

QString gatewayCode(const Error& error)
{
    return error.upstream ? error.upstream->text.section(':', 0, 0).trimmed() : QString();
}

}  // namespace sluice::systems::ceph
