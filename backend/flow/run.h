#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <array>
#include <memory>
#include <optional>

#include "core/error.h"
#include "flow/rate.h"
#include "flow/task_kind.h"
#include "model/flow.h"
#include "model/task_state.h"

namespace sluice {
class Clock;
}

namespace sluice::flow {

/// Where a task puts its objects.
struct Destination {
    QString task{};
    model::Location to{};
};

/// What is known of an attempt while it is at work; gone with the process, rebuilt by the next attempt.
struct Live {
    QString phase{};
    qint64 objectsTotal{-1};
    qint64 bytesTotal{-1};
    qint64 objectsDone{};
    qint64 objectsKept{};
    /// Came to their end without being there.
    qint64 objectsNot{};
    qint64 bytesDone{};
    /// Shape: [{what, count, example}]
    QJsonArray leftOut{};
    qint64 lastProgressMonoMs{};
    qint64 lastProgressAtMs{};
    QJsonObject blocked{};
    QJsonObject hops{};
    QList<QJsonObject> inFlight{};
    qint64 pid{};
    bool alive{false};
    Rate rate{};
    /// Verify: the moves of its run that put something where it looks.
    QList<Destination> destinations{};
};

/// Figures that outlive the attempt.
struct Figures {
    qint64 objects{-1};
    qint64 bytes{-1};
    qint64 objectsDone{};
    qint64 objectsKept{};
    qint64 bytesDone{};
    qint64 objectsNot{};
    QJsonArray leftOut{};
};

/// One node of a run. Kept small: a run may have 100,000 of them.
struct Task {
    QString name{};
    const TaskKind* kind{};  // of the flow engine's kinds; never null
    model::TaskState state{model::TaskState::Waiting};
    int attempt{};
    qint64 fence{};
    qint64 stateSinceMs{};
    qint64 stallAfterMs{};
    QList<int> needs{};
    QList<int> dependents{};
    int needsLeft{};
    QByteArray spec{};  // model::TaskSpec as compact JSON
    Figures figures{};
    QString approvedBy{};
    std::unique_ptr<Error> error{};
    std::unique_ptr<Live> live{};
    /// Objects, by their names in the source, that attempts without a good end may have left half written; at
    /// most 64, the newest first.
    QStringList unfinished{};
    bool committing{false};  // a transition is on its way to the disk
    bool resetting{false};   // a reset has fenced it and not yet let it start again
    QString waitsFor{};      // why a ready task does not start

    model::TaskSpec readSpec() const;
    const TaskTraits& traits() const { return kind->traits(); }
    /// Where it puts objects; nothing for a task that keeps no manifest.
    std::optional<model::Location> destination() const;
    void addUnfinished(const QStringList& objects);
    /// What is in flight counts as unfinished: for an attempt that ends now, and not well.
    void keepInFlight();
};

/// One execution of a flow.
struct Run {
    QString id{};
    qint64 number{};
    QString flow{};
    QString submittedBy{};
    qint64 submittedAtMs{};
    qint64 startedAtMs{};
    qint64 endedAtMs{};
    bool cancelled{false};
    QString caseId{};
    /// Names of the connections its tasks touch, sorted.
    QStringList connections{};
    std::vector<Task> tasks{};
    QHash<QString, int> index{};
    std::array<int, 8> counts{};  // by model::TaskState

    model::TaskState state() const;
    int count(model::TaskState state) const { return counts[static_cast<size_t>(state)]; }
    void setState(int task, model::TaskState state);
    /// Fills dependents, needsLeft, index and counts from the tasks' needs and states.
    void connectTasks();
    QString taskId(int task) const;
    /// The task that `spec`, a task of this run, is about; without a name if there is none.
    model::TaskSpec subjectOf(const model::TaskSpec& spec) const;
    Touches touchesOf(int task) const;
};

/// @return NotFound, for what was asked about a run that is not there
Error noSuchRun(const QString& run);
/// @return NotFound, for what was asked about a task that `run` does not have
Error noSuchTask(const QString& run, const QString& task);
/// Row of topic `runs`.
QJsonObject runRow(const Run& run, const Clock& clock);
/// Row of topic `tasks`.
QJsonObject taskRow(const Run& run, int task, const Clock& clock);

}  // namespace sluice::flow
