#include <QtCore/QJsonArray>

#include "systems/ceph/rules/gateway_view.h"
#include "systems/ceph/rules/rules.h"
#include "systems/ceph/rules/standing.h"

namespace sluice::systems::ceph {
namespace {

const QString kReads = QStringLiteral("pauserd");
const QString kWrites = QStringLiteral("pausewr");

/// What the task waits for at this cluster, as far as it says.
enum class Waits { NotHere, Reads, Writes, Either };

Waits waitsAt(const CephScene& scene, const QString& connection)
{
    const CephBlocked& blocked = scene.blocked();
    if (blocked.hangs() && blocked.connection == connection && blocked.hasCephPool()) {
        switch (blocked.access()) {
            case Access::List:
            case Access::Read:
                return Waits::Reads;
            case Access::Write:
                return Waits::Writes;
            default:
                return Waits::Either;
        }
    }
    // A gateway reads for a write, and writes for a read.
    for (const GatewayBucket& bucket : bucketsOf(scene)) {
        if (bucket.touched.cluster == connection && bucket.mayWaitForStorage(scene)) {
            return Waits::Either;
        }
    }
    return Waits::NotHere;
}

bool stops(const QStringList& flags, Waits waits)
{
    switch (waits) {
        case Waits::Reads:
            return flags.contains(kReads);
        case Waits::Writes:
            return flags.contains(kWrites);
        case Waits::Either:
            return flags.contains(kReads) && flags.contains(kWrites);
        case Waits::NotHere:
            break;
    }
    return false;
}

/// Those of the flags that pause something.
QStringList pausesOf(const Fact& cluster)
{
    QStringList flags;
    for (const QJsonValue& flag : cluster.facts["flags"].toArray()) {
        if (flag == kReads || flag == kWrites) {
            flags.append(flag.toString());
        }
    }
    return flags;
}

Evidence flagged(const Fact& cluster, const QStringList& flags)
{
    return evidenceOf(cluster, QStringLiteral("%1 has the flag %2: its OSDs are asked for nothing of that "
                                              "kind, although they could do it")
                                   .arg(cluster.connection, joined(flags)));
}

Remedy unpause(const QString& connection)
{
    const QString command = QStringLiteral("ceph osd unset pause");
    return {
        .title = QStringLiteral("Let %1 go on").arg(connection),
        .actionClass = 2,
        .steps = {QStringLiteral(
                      "Find who set the flag and why: the cluster's own audit log names the command "
                      "and its sender (ceph log last 100 info audit)"),
                  command,
                  QStringLiteral("Check that the flags of %1 are gone and the task goes on").arg(connection)},
        .commands = {command}};
}

std::optional<Finding> ofCluster(const CephScene& scene, const QString& connection)
{
    const auto cluster = scene.freshFact(idOf(connection, QStringLiteral("cluster"), connection));
    const QStringList flags = cluster ? pausesOf(*cluster) : QStringList();
    if (flags.isEmpty()) {
        return std::nullopt;
    }
    Finding finding{.rule = QStringLiteral("R16"),
                    .title = QStringLiteral("Flags that pause %1").arg(connection),
                    .scope = Scope::System,
                    .evidence = {flagged(*cluster, flags), scene.report()}};
    const Waits waits = waitsAt(scene, connection);
    if (!stops(flags, waits)) {
        const bool otherKind = (waits == Waits::Reads && !flags.contains(kReads)) ||
                               (waits == Waits::Writes && !flags.contains(kWrites));
        finding.verdict =
            otherKind || (scene.onlyReads() && !flags.contains(kReads)) ? Verdict::Refuted : Verdict::Unknown;
        return finding;
    }
    finding.verdict = Verdict::Confirmed;
    finding.title = QStringLiteral("%1 is paused by a flag that somebody set").arg(connection);
    finding.correction = QStringLiteral(
        "If the maintenance it was set for is over: ceph osd unset pause. Reads and writes go on by "
        "themselves.");
    finding.remedy = unpause(connection);
    return finding;
}

}  // namespace

QList<Finding> rulePaused(const CephScene& scene)
{
    QStringList connections = scene.clusters();
    for (const TouchedBucket& bucket : scene.buckets()) {
        if (!bucket.cluster.isEmpty() && !connections.contains(bucket.cluster)) {
            connections.append(bucket.cluster);
        }
    }
    QList<Finding> findings;
    for (const QString& connection : connections) {
        if (const auto finding = ofCluster(scene, connection)) {
            findings.append(*finding);
        }
    }
    return findings;
}

QList<Standing> pausesStanding(const Scene& scene, const QList<Standing>&)
{
    QList<Standing> told;
    for (const Fact& cluster : scene.facts().ofKind({}, QStringLiteral("cluster"))) {
        Standing one = standing(QStringLiteral("R16"), cluster.id,
                                QStringLiteral("%1 paused by a flag").arg(cluster.connection));
        // Without a quorum the flags are those of the last map that was read.
        const bool read = scene.fresh(cluster) && cluster.facts["flags"].isArray() &&
                          monitorsAgree(scene, cluster.connection);
        if (read) {
            const QStringList flags = pausesOf(cluster);
            if (flags.isEmpty()) {
                well(one, cluster, QStringLiteral("%1 has no flag that pauses it").arg(cluster.connection));
            } else {
                one.finding.evidence = {flagged(cluster, flags)};
                Remedy remedy = unpause(cluster.connection);
                remedy.steps.last() =
                    QStringLiteral("Check that the flags of %1 are gone").arg(cluster.connection);
                broken(one, remedy,
                       QStringLiteral(
                           "If the maintenance it was set for is over: ceph osd unset pause. Until then "
                           "%1 there wait.")
                           .arg(flags.size() == 2         ? QStringLiteral("reads and writes")
                                : flags.first() == kReads ? QStringLiteral("reads")
                                                          : QStringLiteral("writes")));
            }
        }
        told.append(one);
    }
    return told;
}

}  // namespace sluice::systems::ceph
