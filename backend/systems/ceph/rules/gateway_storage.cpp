#include <QtCore/QJsonArray>

#include "systems/ceph/rules/gateway_view.h"
#include "systems/ceph/rules/rules.h"

/// The cluster behind a gateway: a task that writes to a bucket writes to the Ceph pools the gateway keeps it
/// in.
namespace sluice::systems::ceph {
namespace {

QString placeOf(const GatewayBucket& bucket, const QString& cephPool)
{
    return QStringLiteral("Ceph pool %1, where %2 keeps bucket %3")
        .arg(cephPool, bucket.touched.gateway, bucket.touched.bucket);
}

/// One Ceph pool, both of its limits: the quota, which is R10, and the space, which is R9.
Finding spaceOf(const CephScene& scene, const GatewayBucket& bucket, const QString& cephPool)
{
    Finding finding{
        .rule = QStringLiteral("R10"), .title = QStringLiteral("Ceph pool quota"), .scope = Scope::Container};
    const QString id = idOf(bucket.touched.cluster, QStringLiteral("ceph-pool"), cephPool);
    const auto fact = scene.freshFact(id);
    if (!fact) {
        finding.evidence = {scene.missing(id, placeOf(bucket, cephPool), bucket.touched.cluster)};
        return finding;
    }
    const bool quota = fact->facts["fullQuota"].toBool();
    const bool full = fact->facts["full"].toBool() || quota;
    const QString flag = quota ? QStringLiteral("flag full_quota") : QStringLiteral("flag full");
    finding.evidence = {
        evidenceOf(*fact, QStringLiteral("%1: %2").arg(placeOf(bucket, cephPool),
                                                       full ? flag : QStringLiteral("no full flag")))};
    if (!full) {
        finding.verdict = Verdict::Refuted;
        return finding;
    }
    finding.rule = quota ? QStringLiteral("R10") : QStringLiteral("R9");
    finding.evidence.append(scene.report());
    // A gateway waits with a write for which there is no room, and does not say why.
    if (!bucket.mayWaitForStorage(scene) && !bucket.refusedForRoom(scene)) {
        return finding;
    }
    finding.verdict = Verdict::Confirmed;
    finding.title =
        QStringLiteral("%1, is %2")
            .arg(placeOf(bucket, cephPool), quota ? QStringLiteral("at its quota") : QStringLiteral("full"));
    if (!quota) {
        finding.broken = {osdsFull(bucket.touched.cluster)};
    }
    finding.correction =
        quota
            ? QStringLiteral(
                  "Raise the quota of Ceph pool %1 on %2, or remove what is no longer needed there. Writes "
                  "go on by themselves.")
                  .arg(cephPool, bucket.touched.cluster)
            : QStringLiteral("Delete data that is not needed or add OSDs to %1. Writes go on by themselves.")
                  .arg(bucket.touched.cluster);
    finding.remedy = Remedy{.title = quota ? QStringLiteral("Raise the quota of Ceph pool %1").arg(cephPool)
                                           : QStringLiteral("Free space on %1").arg(bucket.touched.cluster),
                            .actionClass = quota ? 1 : 2};
    if (quota) {
        const bool bytes = fact->facts["quotaBytes"].toDouble() > 0;
        const bool objects = fact->facts["quotaObjects"].toDouble() > 0;
        for (const auto& [set, limit] : {std::pair{bytes, "max_bytes"}, std::pair{objects, "max_objects"}}) {
            if (set) {
                finding.remedy->steps.append(QStringLiteral("ceph osd pool set-quota %1 %2 <more>")
                                                 .arg(cephPool, QLatin1String(limit)));
            }
        }
    }
    finding.remedy->steps.append(
        QStringLiteral("Check that the %1 of Ceph pool %2 is gone").arg(flag, cephPool));
    return finding;
}

QList<Evidence> downOsds(const CephScene& scene, const QString& cluster, QStringList& names, QStringList& ids)
{
    QList<Evidence> down;
    for (const Fact& osd : scene.facts().ofKind(cluster, QStringLiteral("osd"))) {
        if (scene.fresh(osd) && !osd.facts["up"].toBool(true)) {
            names.append(QStringLiteral("osd.%1").arg(osd.name));
            ids.append(osd.id);
            down.append(evidenceOf(osd, QStringLiteral("osd.%1 of %2 is down").arg(osd.name, cluster)));
        }
    }
    return down;
}

/// Whether the PGs of one Ceph pool serve.
Finding copiesOf(const CephScene& scene, const GatewayBucket& bucket, const QString& cephPool)
{
    const QString cluster = bucket.touched.cluster;
    Finding finding{
        .rule = QStringLiteral("R5"), .title = QStringLiteral("Ceph pool health"), .scope = Scope::Container};
    const QString id = idOf(cluster, QStringLiteral("pool-pgs"), cephPool);
    const auto pgs = scene.freshFact(id);
    if (!pgs) {
        finding.evidence = {scene.missing(id, QStringLiteral("The PGs of %1").arg(placeOf(bucket, cephPool)),
                                          cluster, QStringLiteral("pool.pgs"))};
        return finding;
    }
    const int total = pgs->facts["pgNum"].toInt();
    const int tooFew = pgs->facts["belowMinSize"].toInt(-1);
    const int minSize = pgs->facts["minSize"].toInt();
    finding.evidence = {
        evidenceOf(*pgs, QStringLiteral("%1: %2 of %3 PGs have fewer than %4 copies up (min_size)")
                             .arg(placeOf(bucket, cephPool),
                                  tooFew < 0 ? QStringLiteral("not known how many") : QString::number(tooFew),
                                  QString::number(total), QString::number(minSize)))};
    if (tooFew > 0 && bucket.mayWaitForStorage(scene)) {
        QStringList names;
        const QList<Evidence> down = downOsds(scene, cluster, names, finding.broken);
        names.sort();
        const QString whom = names.isEmpty() ? QStringLiteral("the OSDs that hold them") : joined(names);
        finding.verdict = Verdict::Confirmed;
        finding.title = QStringLiteral("Too few copies of %1, are up").arg(placeOf(bucket, cephPool));
        finding.evidence += down.mid(0, 4);
        finding.evidence.append(scene.report());
        finding.correction = QStringLiteral("Start %1 of %2. The gateway and the task go on by themselves.")
                                 .arg(whom, cluster);
        finding.remedy =
            Remedy{.title = QStringLiteral("Start %1 of %2").arg(whom, cluster), .actionClass = 1};
        for (const QString& name : names) {
            finding.remedy->steps.append(QStringLiteral("Start the daemon of %1").arg(name));
        }
        finding.remedy->steps.append(
            QStringLiteral("Check that the PGs of Ceph pool %1 are active").arg(cephPool));
        return finding;
    }
    // An OSD that hangs is up until somebody misses it: where a request hangs, the maps alone rule nothing
    // out.
    const bool serves = total > 0 && pgs->facts["read"].toInt() >= total && tooFew == 0 &&
                        pgs->facts["inactive"].toInt(-1) == 0;
    if (serves && scene.blocked().any() && !bucket.hangsHere(scene)) {
        finding.verdict = Verdict::Refuted;
    }
    return finding;
}

/// A gateway keeps its sessions when the monitors lose their quorum, but cannot hear of an OSD that went
/// away.
Finding quorumBehind(const CephScene& scene, const GatewayBucket& bucket)
{
    const QString cluster = bucket.touched.cluster;
    Finding finding{
        .rule = QStringLiteral("R13"), .title = QStringLiteral("Monitor quorum"), .scope = Scope::System};
    const QString id = idOf(cluster, QStringLiteral("mon-quorum"), cluster);
    const auto quorum = scene.freshFact(id);
    if (!quorum || !quorum->facts["quorate"].isBool()) {
        finding.evidence = {
            scene.missing(id, QStringLiteral("The monitor quorum of %1").arg(cluster), cluster)};
        return finding;
    }
    const bool quorate = quorum->facts["quorate"].toBool();
    finding.evidence = {evidenceOf(
        *quorum,
        quorate ? QStringLiteral("The monitors of %1, behind %2, have a quorum")
                      .arg(cluster, bucket.touched.gateway)
                : QStringLiteral("%1, behind %2, has no monitor quorum: whether the gateway needs one at "
                                 "this moment is not known")
                      .arg(cluster, bucket.touched.gateway))};
    finding.verdict = quorate ? Verdict::Refuted : Verdict::Unknown;
    return finding;
}

/// Of the Ceph pools of a bucket the finding that says most: a confirmed one, else one that is not known.
void addWorst(QList<Finding>& findings, const QList<Finding>& ofPools)
{
    if (ofPools.isEmpty()) {
        return;
    }
    Finding worst = ofPools.first();
    for (const Finding& finding : ofPools) {
        if (finding.verdict == Verdict::Confirmed ||
            (finding.verdict == Verdict::Unknown && worst.verdict == Verdict::Refuted)) {
            worst = finding;
            if (finding.verdict == Verdict::Confirmed) {
                break;
            }
        }
    }
    findings.append(worst);
}

}  // namespace

QList<Finding> ruleGatewayStorage(const CephScene& scene)
{
    QList<Finding> findings;
    for (const GatewayBucket& bucket : bucketsOf(scene)) {
        if (bucket.touched.cluster.isEmpty()) {
            continue;
        }
        QList<Finding> space;
        QList<Finding> copies;
        for (const QString& cephPool : poolsBehind(scene.facts(), bucket.touched)) {
            if (bucket.writes(scene)) {
                space.append(spaceOf(scene, bucket, cephPool));
            }
            copies.append(copiesOf(scene, bucket, cephPool));
        }
        addWorst(findings, space);
        addWorst(findings, copies);
        findings.append(quorumBehind(scene, bucket));
    }
    return findings;
}

}  // namespace sluice::systems::ceph
