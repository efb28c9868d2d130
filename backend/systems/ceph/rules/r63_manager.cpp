#include "systems/ceph/rules/standing.h"

namespace sluice::systems::ceph {
namespace {

/// Another one takes over by itself within this time, if there is another one.
constexpr qint64 kFailoverMs = 12'000;

}  // namespace

QList<Standing> managersStanding(const Scene& scene, const QList<Standing>&)
{
    QList<Standing> told;
    for (const Fact& cluster : scene.facts().ofKind({}, QStringLiteral("cluster"))) {
        const QString connection = cluster.connection;
        Standing one = standing(QStringLiteral("R63"), idOf(connection, QStringLiteral("mgr"), connection),
                                QStringLiteral("No manager on %1").arg(connection));
        const bool seen = scene.fresh(cluster) && cluster.facts["mgrAvailable"].isBool() &&
                          monitorsAgree(scene, connection);
        if (seen && cluster.facts["mgrAvailable"].toBool()) {
            well(one, cluster, QStringLiteral("a manager of %1 is active").arg(connection));
        } else if (seen) {
            const QString last = cluster.facts["mgrName"].toString();
            const QString unit =
                last.isEmpty() ? QStringLiteral("ceph-mgr.target") : QStringLiteral("ceph-mgr@%1").arg(last);
            const QString command = QStringLiteral("systemctl restart %1").arg(unit);
            one.finding.evidence = {evidenceOf(
                cluster, QStringLiteral("No manager of %1 is active, and none stands by").arg(connection))};
            one.afterMs = kFailoverMs;
            broken(one,
                   {.title = QStringLiteral("Start a manager of %1").arg(connection),
                    .actionClass = 1,
                    .steps = {QStringLiteral("On the host of the manager: %1").arg(command),
                              QStringLiteral("Check that the cluster has an active manager")},
                    .commands = {command}},
                   QStringLiteral(
                       "Start a manager; one is enough. Data is served without one, but usage and "
                       "placement groups are counted no more, so quotas are noticed late or not at all."));
        }
        told.append(one);
    }
    return told;
}

}  // namespace sluice::systems::ceph
