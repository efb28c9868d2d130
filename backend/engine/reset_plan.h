#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <functional>
#include <memory>

#include "connect/remains.h"
#include "flow/flow_engine.h"

namespace sluice::engine {

/// What a reset of a run would do: for each task that does not move or has failed, what is kept, dropped,
/// unlocked and fenced. Reads the manifest's totals and the few objects that were being written; never the
/// whole manifest. Shape of the result: {plan: {action, class, run, tasks, touches, cannotUndo},
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

    explicit ResetPlanner(flow::FlowEngine& flow, QObject* parent = nullptr);
    void setObstacle(Obstacle obstacle) { m_obstacle = std::move(obstacle); }
    /// Who looks at what attempts left half written.
    void setRemains(connect::RemainsFinders finders) { m_remains = std::move(finders); }
    /// Of the system that has this place; null if none of them looks for remains there.
    const connect::RemainsFinder* finderFor(const model::Location& place) const;
    void plan(const QString& run, Done done);

private:
    struct Planning;
    struct TaskPlan;
    QSet<QString> connectionsOf(const flow::Run& run, int task) const;
    void findObjects(const flow::Task& task, TaskPlan& plan) const;
    void planTask(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task);
    void readTotals(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task);
    void readKnown(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task);
    void readRemains(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task,
                     const QSet<QString>& known);
    void failed(std::shared_ptr<Planning> planning, const Error& error);
    void taskDone(std::shared_ptr<Planning> planning);
    static QJsonObject compose(const Planning& planning);

    flow::FlowEngine& m_flow;
    connect::RemainsFinders m_remains{};
    Obstacle m_obstacle{};
};

}  // namespace sluice::engine
