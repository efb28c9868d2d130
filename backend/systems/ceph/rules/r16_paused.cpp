#include <QtCore/QJsonArray>

#include "systems/ceph/rules/gateway_view.h"
#include "systems/ceph/rules/rules.h"

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

std::optional<Finding> ofCluster(const CephScene& scene, const QString& connection)
{
    const auto cluster = scene.freshFact(idOf(connection, QStringLiteral("cluster"), connection));
    QStringList flags;
    for (const QJsonValue& flag : cluster ? cluster->facts["flags"].toArray() : QJsonArray()) {
        if (flag == kReads || flag == kWrites) {
            flags.append(flag.toString());
        }
    }
    if (flags.isEmpty()) {
        return std::nullopt;
    }
    Finding finding{
        .rule = QStringLiteral("R16"),
        .title = QStringLiteral("Flags that pause %1").arg(connection),
        .scope = Scope::System,
        .evidence = {
            evidenceOf(*cluster, QStringLiteral("%1 has the flag %2: its OSDs are asked for nothing of that "
                                                "kind, although they could do it")
                                     .arg(connection, joined(flags))),
            scene.report()}};
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
    finding.remedy = Remedy{
        .title = QStringLiteral("Let %1 go on").arg(connection),
        .actionClass = 2,
        .steps = {
            QStringLiteral("Find who set the flag and why: the cluster's own audit log names the command "
                           "and its sender (ceph log last 100 info audit)"),
            QStringLiteral("ceph osd unset pause"),
            QStringLiteral("Check that the flags of %1 are gone and the task goes on").arg(connection)}};
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

}  // namespace sluice::systems::ceph
