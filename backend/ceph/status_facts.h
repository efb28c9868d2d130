#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QStringList>
#include <optional>

#include "ceph/facts.h"

namespace sluice::ceph {

/// Only with a monitor quorum is anything else in `status` believed: without one, the answer is the last
/// state the answering monitor knew, health included.
bool hasMonQuorum(const QJsonObject& status);

/// What `status` does not say about the cluster.
struct ClusterExtras {
    QString version{};
    QString mgrName{};
    std::optional<QStringList> flags{};  ///< of the OSD map; nothing: not known
    QString sessionState{};
};

/// The `cluster` fact named `connection`.
/// @param believed there is a quorum, so that health and counts are of now
Fact clusterFact(const QString& connection, const QJsonObject& status, bool believed,
                 const ClusterExtras& extras);

/// The `pg-summary` fact: counts of PGs by state, of objects by trouble. `inactive` counts PGs that serve no
/// I/O, those that nobody reports any more included. All of it was made by the manager.
Fact pgSummary(const QString& connection, const QJsonObject& status);

/// One `health-check` per check of `health detail`, muted ones too (with muted: true). At most 50 lines of
/// detail each; `detailTotal` counts all.
QList<Fact> healthChecks(const QJsonObject& health);

/// Whether the manager finds it, so that it is as old as the manager's last figures; the others are the
/// monitors' own.
bool isOfManager(const QString& check);

/// "16.2.15", or "16.2.15, 18.2.7" while daemons of several versions run.
/// @source `ceph versions`
QString clusterVersion(const QJsonObject& versions);

}  // namespace sluice::ceph
