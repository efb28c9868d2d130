#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <functional>
#include <memory>

#include "connect/link.h"
#include "flow/flow_engine.h"

namespace sluice::engine {

/// Why a reset of `task` of `run` drops a destination object that no manifest names; empty: it keeps it.
/// Dropped are what an attempt of this task left half written, and a shell that only a lock made.
/// @param stat as object.stat answers
QString whyDropped(const QJsonObject& stat, const QString& run, const QString& task);

/// What a reset of a run would do: for each task that does not move or has failed, what is kept, dropped,
/// unlocked and fenced. Reads the manifest's totals and the few objects that were being written; never the
/// whole manifest. Shape of the result: {plan: {action, class, run, tasks, steps, touches, cannotUndo},
/// planHash, stateHash}.
/// @error NotFound: no such run. FailedPrecondition: nothing to reset, or a cluster that it needs stands in
/// the way.
/// @thread main loop only
class ResetPlanner final : public QObject {
    Q_OBJECT

public:
    using Done = std::function<void(const Result<QJsonObject>&)>;

    /// Whether a cluster that a reset needs stands in its way: then the plan fails with that error.
    using Obstacle = std::function<Result<void>(const QString& connection)>;

    ResetPlanner(flow::FlowEngine& flow, connect::Link& link, QObject* parent = nullptr);
    void setObstacle(Obstacle obstacle) { m_obstacle = std::move(obstacle); }
    void plan(const QString& run, Done done);

private:
    struct Planning;
    struct TaskPlan;
    void planTask(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task);
    void readTotals(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task);
    void readObjects(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task);
    void readKnown(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task);
    static void keepLocked(TaskPlan& task);
    void taskDone(std::shared_ptr<Planning> planning);
    static QJsonObject compose(const Planning& planning);

    flow::FlowEngine& m_flow;
    connect::Link& m_link;
    Obstacle m_obstacle{};
};

}  // namespace sluice::engine
