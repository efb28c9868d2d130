#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::diagnosis {

/// Something of a system that the task reads from or writes to.
struct Touched {
    QString kind{};  ///< of entity, as in the estate
    QString connection{};
    QString name{};
    bool destination{};
    QString prefix{};  ///< names there begin with it; empty: any name
    QString behind{};  ///< the connection of the system that stands behind this one; empty: none known
};

/// What the stalled task is and touches. Times are wall clock in milliseconds since the epoch.
struct TaskView {
    QString id{};
    QString run{};
    QString task{};
    QString kind{};  ///< of task, as in the flow file
    bool onlyReads{false};
    QString state{};
    QString phase{};  ///< connecting, listing, copying, verifying, committing
    QString role{};
    QString entity{};  ///< whose key the attempt works with: that of one generation of the role
    QString
        roleEntity{};  ///< that of the role's current generation, which a new attempt gets; empty: not known
    QList<Touched> touched{};
    QStringList connections{};
    qint64 lastProgressAtMs{};
    qint64 stallAfterMs{};
    /// The worker's last `blocked` event, empty if there is none: {what, connection, object?, op, entity?,
    /// tries, sinceMs, error} and what its system adds. The engine may add observedAtMs, when it arrived;
    /// without it the report counts as made now. For a task that failed: {what: "failed", error}, and
    /// lastProgressAtMs is when it failed.
    QJsonObject blocked{};
    int tasksBehind{};
    qint64 pid{};         ///< of its worker; 0: there is none
    qint64 stoppedPid{};  ///< of its worker, if that does not run although it is there; else 0
    QString reporter{QStringLiteral("move worker")};  ///< who tells what the task waits for
};

}  // namespace sluice::diagnosis
