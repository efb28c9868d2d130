#include <optional>

#include "core/units.h"
#include "systems/ceph/rules/rules.h"
#include "systems/ceph/rules/standing.h"

namespace sluice::systems::ceph {
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
                                    .arg(fullest.name, QString::number(qRound(highest * 100)),
                                         formatBytes(fullest.facts["totalBytes"].toDouble())))};
}

/// Whether the cluster raises an alert about full OSDs now.
bool alerted(const CephScene& scene, const QString& connection)
{
    return scene.freshFact(idOf(connection, QStringLiteral("health-check"), QStringLiteral("OSD_FULL")))
        .has_value();
}

void confirm(const CephScene& scene, const QString& connection, Finding& finding)
{
    finding.verdict = Verdict::Confirmed;
    finding.title = QStringLiteral("The OSDs of %1 are full").arg(connection);
    finding.broken = {osdsFull(connection)};
    finding.evidence += fullestOsd(scene, connection);
    finding.evidence.append(scene.report());
    finding.correction = QStringLiteral(
        "Delete data that is not needed or add OSDs. Writes go on by themselves once there is space.");
    finding.remedy = Remedy{.title = QStringLiteral("Free space on %1").arg(connection),
                            .actionClass = 2,
                            .steps = {QStringLiteral("Find what may be deleted, or add OSDs"),
                                      QStringLiteral("Check that the flag full is gone")}};
}

std::optional<Finding> ofCephPool(const CephScene& scene, const QString& connection, const QString& cephPool)
{
    const QString id = idOf(connection, QStringLiteral("ceph-pool"), cephPool);
    const bool refusedHere =
        scene.blocked().at(connection, cephPool) && scene.blocked().what == QLatin1String("full");
    Finding finding{.rule = QStringLiteral("R9"),
                    .title = QStringLiteral("Space on the OSDs of %1").arg(connection),
                    .scope = Scope::Container};
    const auto fact = scene.freshFact(id);
    const bool full = fact && fact->facts["full"].toBool() && !fact->facts["fullQuota"].toBool();
    if (!refusedHere && !full && !alerted(scene, connection)) {
        return std::nullopt;
    }
    if (scene.onlyReads()) {
        finding.verdict = Verdict::Refuted;
        finding.evidence = {
            {.text = QStringLiteral("This task only reads from Ceph pool %1; full OSDs stop writing only")
                         .arg(cephPool),
             .source = QStringLiteral("flow"),
             .entity = id,
             .observedAtMs = scene.nowMs()}};
        return finding;
    }
    if (!fact) {
        finding.evidence = {
            scene.missing(id, QStringLiteral("The flags of Ceph pool %1").arg(cephPool), connection),
            scene.report()};
        return finding;
    }
    // Room for what is staged is asked for before anything is written: nothing need be full yet.
    if (!full && refusedHere && scene.blocked().op == QLatin1String("reserve")) {
        finding.evidence = {
            evidenceOf(*fact, QStringLiteral("Ceph pool %1 has room for %2")
                                  .arg(cephPool, formatBytes(fact->facts["maxAvailBytes"].toDouble())))};
        confirm(scene, connection, finding);
        finding.title =
            QStringLiteral("The OSDs of %1 have no room for a copy beside its object").arg(connection);
        return finding;
    }
    if (!full) {
        finding.verdict = refusedHere ? Verdict::Unknown : Verdict::Refuted;
        finding.evidence = {
            evidenceOf(*fact, fact->facts["fullQuota"].toBool()
                                  ? QStringLiteral("Ceph pool %1 is full by its quota").arg(cephPool)
                                  : QStringLiteral("Ceph pool %1 has no flag full").arg(cephPool))};
        if (refusedHere) {
            finding.evidence.append(scene.report());
        }
        return finding;
    }
    finding.evidence = {
        evidenceOf(*fact, QStringLiteral("Ceph pool %1 has the flag full without full_quota").arg(cephPool))};
    if (refusedHere) {
        confirm(scene, connection, finding);
        return finding;
    }
    finding.evidence.append(evidenceOf(*fact, QStringLiteral("No write of this task was refused for it")));
    finding.evidence.append(scene.report());
    return finding;
}

}  // namespace

QList<Finding> ruleOsdsFull(const CephScene& scene)
{
    const CephBlocked& blocked = scene.blocked();
    QList<Finding> findings;
    QStringList seen;
    const auto look = [&](const QString& connection, const QString& cephPool) {
        const QString id = idOf(connection, QStringLiteral("ceph-pool"), cephPool);
        if (seen.contains(id)) {
            return;
        }
        seen.append(id);
        if (const auto finding = ofCephPool(scene, connection, cephPool)) {
            findings.append(*finding);
        }
    };
    if (blocked.what == QLatin1String("full") && blocked.hasCephPool()) {
        look(blocked.connection, blocked.cephPool);
    }
    for (const TouchedPool& touched : scene.cephPools()) {
        if (touched.destination) {
            look(touched.connection, touched.cephPool);
        }
    }
    return findings;
}

QList<Standing> osdsFullStanding(const Scene& scene, const QList<Standing>&)
{
    QList<Standing> told;
    for (const Fact& cluster : scene.facts().ofKind({}, QStringLiteral("cluster"))) {
        const QString connection = cluster.connection;
        Standing one = standing(QStringLiteral("R9"), osdsFull(connection),
                                QStringLiteral("OSDs of %1 full").arg(connection));
        std::optional<Fact> roomy;
        for (const Fact& cephPool : scene.facts().ofKind(connection, kCephPoolKind)) {
            if (!scene.fresh(cephPool) || !cephPool.facts.contains(QStringLiteral("fullQuota"))) {
                continue;
            }
            if (!cephPool.facts["full"].toBool() || cephPool.facts["fullQuota"].toBool()) {
                roomy = cephPool;
            } else if (one.finding.evidence.size() < 3) {
                one.finding.evidence.append(evidenceOf(
                    cephPool,
                    QStringLiteral("Ceph pool %1 has the flag full without full_quota: it takes no writes")
                        .arg(cephPool.name)));
            }
        }
        if (!one.finding.evidence.isEmpty()) {
            one.finding.evidence += fullestOsd(scene, connection);
            broken(one,
                   {.title = QStringLiteral("Free space on %1").arg(connection),
                    .actionClass = 2,
                    .steps = {QStringLiteral(
                                  "See which OSDs are full, and who stores how much: ceph osd df tree, "
                                  "ceph df detail"),
                              QStringLiteral("Delete what is not needed, or add OSDs"),
                              QStringLiteral("Check that the flag full is gone")},
                    .commands = {QStringLiteral("ceph osd df tree"), QStringLiteral("ceph df detail")}},
                   QStringLiteral(
                       "Delete data that is not needed or add OSDs. Nothing can be written until there "
                       "is space; then writes go on by themselves."));
        } else if (roomy) {
            well(one, *roomy, QStringLiteral("the OSDs of %1 have room").arg(connection));
        }
        told.append(one);
    }
    return told;
}

}  // namespace sluice::systems::ceph
