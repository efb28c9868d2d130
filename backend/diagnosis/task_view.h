#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::diagnosis {

/// A Ceph pool the task reads from or writes to.
struct TouchedPool {
    QString connection{};
    QString cephPool{};
    bool destination{};
    QString prefix{};  ///< names there begin with it; empty: any name
};

/// A bucket the task reads from or writes to.
struct TouchedBucket {
    QString gateway{};
    QString bucket{};
    bool destination{};
    QString cluster{};  ///< the connection of the cluster behind the gateway; empty: not known
};

/// What the stalled task is and touches. Times are wall clock in milliseconds since the epoch.
struct TaskView {
    QString id{};
    QString run{};
    QString task{};
    QString kind{};  ///< move, verify, luigi, approve
    QString state{};
    QString phase{};  ///< connecting, listing, copying, verifying, committing
    QString role{};
    QString entity{};  ///< the cephx entity of the attempt's key generation, e.g. client.ingest.g2
    QString
        roleEntity{};  ///< that of the role's current generation, which a new attempt gets; empty: not known
    QList<TouchedPool> cephPools{};
    QList<TouchedBucket> buckets{};
    QStringList connections{};
    qint64 lastProgressAtMs{};
    qint64 stallAfterMs{};
    /// The worker's last `blocked` event, empty if there is none: {what, connection, cephPool?, object?, op,
    /// entity?, tries, sinceMs, error, lock?: {name, client, cookie, address}}. The engine may add
    /// observedAtMs, when it arrived; without it the report counts as made now. For a task that failed:
    /// {what: "failed", error}, and lastProgressAtMs is when it failed.
    QJsonObject blocked{};
    int tasksBehind{};
    qint64 stoppedPid{};  ///< of its worker, if that does not run although it is there; else 0
};

}  // namespace sluice::diagnosis
