#include "core/units.h"
#include "diagnosis/rules.h"

namespace sluice::diagnosis {
namespace {

/// The fullest OSD of the cluster as evidence, if any OSD was read.
QList<Evidence> fullestOsd(const Scene& scene, const QString& connection)
{
    double highest = -1;
    Fact fullest;
    for (const Fact& osd : scene.facts().ofKind(connection, QStringLiteral("osd"))) {
        const double total = osd.facts["totalBytes"].toDouble();
        const double ratio = total > 0 ? osd.facts["usedBytes"].toDouble() / total : -1;
        if (scene.fresh(osd) && ratio > highest) {
            highest = ratio;
            fullest = osd;
        }
    }
    if (highest < 0) {
        return {};
    }
    return {evidenceOf(fullest, QStringLiteral("The fullest is osd.%1: %2 % of %3")
                                    .arg(fullest.name)
                                    .arg(qRound(highest * 100))
                                    .arg(formatBytes(fullest.facts["totalBytes"].toDouble())))};
}

}  // namespace

QList<Finding> ruleOsdsFull(const Scene& scene)
{
    const Blocked& blocked = scene.blocked();
    QList<Finding> findings;
    QStringList said;
    const auto look = [&](const QString& connection, const QString& cephPool) {
        const auto fact = scene.freshFact(idOf(connection, QStringLiteral("ceph-pool"), cephPool));
        const bool full = fact && fact->facts["full"].toBool() && !fact->facts["fullQuota"].toBool();
        if (!full || said.contains(connection)) {
            return;
        }
        said.append(connection);
        Finding finding{
            .rule = QStringLiteral("R9"),
            .title = QStringLiteral("The OSDs of %1 are full").arg(connection),
            .verdict = Verdict::Confirmed,
            .distance = 2,
            .evidence = {evidenceOf(
                *fact, QStringLiteral("Ceph pool %1 has the flag full without full_quota").arg(cephPool))}};
        finding.evidence += fullestOsd(scene, connection);
        finding.evidence.append(scene.report());
        finding.correction = QStringLiteral(
            "Delete data that is not needed or add OSDs. Writes go on by themselves once there is space.");
        finding.remedy = Remedy{.title = QStringLiteral("Free space on %1").arg(connection),
                                .actionClass = 2,
                                .steps = {QStringLiteral("Find what may be deleted, or add OSDs"),
                                          QStringLiteral("Check that the flag full is gone")}};
        findings.append(finding);
    };
    if (!blocked.cephPool.isEmpty()) {
        look(blocked.connection, blocked.cephPool);
    }
    for (const TouchedPool& touched : scene.task().cephPools) {
        if (touched.destination) {
            look(touched.connection, touched.cephPool);
        }
    }
    return findings;
}

}  // namespace sluice::diagnosis
