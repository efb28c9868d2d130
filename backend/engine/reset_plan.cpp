#include "engine/reset_plan.h"

#include <QtCore/QJsonArray>
#include <QtCore/QSet>

#include "core/canonical_json.h"
#include "core/units.h"
#include "engine/troubled.h"
#include "model/object_name.h"
#include "store/manifest.h"

namespace sluice::engine {

namespace {

/// As many as a task keeps of what is unfinished, and as many as a worker says it has in flight.
constexpr qsizetype kUnfinishedKept = 64;
constexpr qsizetype kInFlightTold = 32;
constexpr qsizetype kObjectsLookedAt = kUnfinishedKept + kInFlightTold;

}  // namespace

struct ResetPlanner::TaskPlan {
    int index{};
    QString name{};
    QString state{};
    int attempt{};
    qint64 fence{};
    bool keepsManifest{false};
    model::Location to{};
    QSet<QString> connections{};  // where its reset looks at objects
    QStringList objects{};        // full names in the destination
    bool maybeMore{false};        // than those
    store::ManifestTotals kept{};
    connect::Remains remains{};
    QJsonArray fenced{};
    QString proof{};  // of its fence
};

struct ResetPlanner::Planning {
    QString run{};
    Done done{};
    QList<std::shared_ptr<TaskPlan>> tasks{};
    qsizetype open{};
    std::optional<Error> error{};
};

ResetPlanner::ResetPlanner(flow::FlowEngine& flow, QObject* parent) : QObject(parent), m_flow(flow) {}

const connect::RemainsFinder* ResetPlanner::finderFor(const model::Location& place) const
{
    const auto it =
        std::find_if(m_remains.cbegin(), m_remains.cend(),
                     [&place](const connect::RemainsFinder& finder) { return finder.covers(place); });
    return it == m_remains.cend() ? nullptr : &*it;
}

/// Of a task that stores objects: those at its ends that can be looked at.
QSet<QString> ResetPlanner::connectionsOf(const flow::Run& run, int task) const
{
    QSet<QString> connections;
    if (!run.tasks[static_cast<size_t>(task)].traits().keepsManifest) {
        return connections;
    }
    for (const flow::TaskPlace& place : run.touchesOf(task).places) {
        if (finderFor(place.location)) {
            connections.insert(place.location.connection);
        }
    }
    return connections;
}

void ResetPlanner::findObjects(const flow::Task& task, TaskPlan& plan) const
{
    const connect::RemainsFinder* finder = finderFor(plan.to);
    if (!finder) {
        return;
    }
    const QList<QJsonObject> inFlight = task.live ? task.live->inFlight : QList<QJsonObject>();
    QSet<QString> names;
    if (task.live) {
        names.insert(finder->blockedObject(task.live->blocked, plan.to));
    }
    for (const QJsonObject& object : inFlight) {
        names.insert(plan.to.prefix + model::nameFromWire(object["name"].toString()));
    }
    for (const QString& object : task.unfinished) {
        names.insert(plan.to.prefix + model::nameFromWire(object));
    }
    names.remove(QString());
    names.remove(plan.to.prefix);
    plan.objects = QStringList(names.begin(), names.end());
    plan.objects.sort();
    plan.maybeMore = inFlight.size() >= kInFlightTold || task.unfinished.size() >= kUnfinishedKept;
    plan.objects = plan.objects.mid(0, kObjectsLookedAt);
}

void ResetPlanner::plan(const QString& runId, Done done)
{
    const flow::Run* run = m_flow.run(runId);
    if (!run) {
        done(fail(flow::noSuchRun(runId)));
        return;
    }
    auto planning = std::make_shared<Planning>();
    planning->run = runId;
    planning->done = std::move(done);
    for (int i = 0; i < static_cast<int>(run->tasks.size()); ++i) {
        const flow::Task& task = run->tasks[static_cast<size_t>(i)];
        if (!inTrouble(task.state) || run->cancelled) {
            continue;
        }
        auto item = std::make_shared<TaskPlan>();
        item->index = i;
        item->name = task.name;
        item->state = model::toString(task.state);
        item->attempt = task.attempt;
        item->fence = task.fence;
        item->keepsManifest = task.traits().keepsManifest;
        item->to = task.destination().value_or(model::Location());
        item->connections = connectionsOf(*run, i);
        findObjects(task, *item);
        planning->tasks.append(item);
    }
    if (planning->tasks.isEmpty()) {
        planning->done(
            fail(Error{.code = ErrorCode::FailedPrecondition,
                       .message = QStringLiteral("Run %1 has nothing to reset").arg(runId),
                       .cause = QStringLiteral("it is %1, and no task is stalled or failed")
                                    .arg(model::toString(run->state())),
                       .correction = QStringLiteral("Ask why it waits with: sluicectl doctor %1.").arg(runId),
                       .source = QStringLiteral("reset")}));
        return;
    }
    planning->open = planning->tasks.size();
    for (const auto& task : planning->tasks) {
        planTask(planning, task);
    }
}

void ResetPlanner::failed(std::shared_ptr<Planning> planning, const Error& error)
{
    planning->error = error;
    taskDone(planning);
}

void ResetPlanner::planTask(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task)
{
    m_flow.lastAttempt(planning->run, task->index,
                       [this, planning, task](const Result<flow::AttemptRecord>& attempt) {
                           QSet<QString> asked = task->connections;
                           if (attempt) {
                               const flow::FenceWords words = m_flow.fenceOf(*attempt);
                               task->fenced = QJsonArray::fromStringList(words.holders);
                               task->proof = words.proof;
                               asked += QSet<QString>(words.connections.begin(), words.connections.end());
                           } else if (attempt.error().code != ErrorCode::NotFound) {
                               planning->error = attempt.error();
                           }
                           for (const QString& connection : std::as_const(asked)) {
                               if (auto free = m_obstacle ? m_obstacle(connection) : Result<void>(); !free) {
                                   failed(planning, free.error());
                                   return;
                               }
                           }
                           readTotals(planning, task);
                       });
}

void ResetPlanner::readTotals(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task)
{
    if (!task->keepsManifest) {
        taskDone(planning);
        return;
    }
    m_flow.manifests().with(m_flow.run(planning->run)->number, [this, planning,
                                                                task](Result<store::Manifest*> manifest) {
        if (!manifest) {
            failed(planning, manifest.error());
            return;
        }
        (*manifest)->totals(task->name, this, [this, planning, task](Result<store::ManifestTotals> totals) {
            if (!totals) {
                failed(planning, totals.error());
                return;
            }
            task->kept = *totals;
            readKnown(planning, task);
        });
    });
}

void ResetPlanner::readKnown(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task)
{
    if (task->objects.isEmpty()) {
        taskDone(planning);
        return;
    }
    const qsizetype prefix = task->to.prefix.size();
    QStringList names;
    for (const QString& object : task->objects) {
        names.append(model::nameOnWire(object.mid(prefix)));
    }
    const auto found = [this, planning, task](const Result<QList<store::ManifestEntry>>& entries) {
        if (!entries) {
            failed(planning, entries.error());
            return;
        }
        QSet<QString> known;
        for (const store::ManifestEntry& entry : *entries) {
            known.insert(task->to.prefix + model::nameFromWire(entry.name));
        }
        readRemains(planning, task, known);
    };
    m_flow.manifests().with(m_flow.run(planning->run)->number,
                            [this, planning, task, names, found](Result<store::Manifest*> manifest) {
                                if (manifest) {
                                    (*manifest)->lookup(task->name, names, this, found);
                                } else {
                                    failed(planning, manifest.error());
                                }
                            });
}

void ResetPlanner::readRemains(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task,
                               const QSet<QString>& known)
{
    finderFor(task->to)->look(
        {.run = planning->run, .task = task->name, .to = task->to, .objects = task->objects, .known = known},
        [this, planning, task](const Result<connect::Remains>& remains) {
            if (remains) {
                task->remains = *remains;
                taskDone(planning);
            } else {
                failed(planning, remains.error());
            }
        });
}

void ResetPlanner::taskDone(std::shared_ptr<Planning> planning)
{
    if (--planning->open > 0) {
        return;
    }
    if (planning->error) {
        Error error = *planning->error;
        error.message =
            QStringLiteral("The reset of %1 cannot be planned: %2").arg(planning->run, error.message);
        planning->done(fail(error));
        return;
    }
    const QJsonObject plan = compose(*planning);
    // What is kept may grow while other tasks go on; it never makes the plan wrong.
    QJsonArray states;
    for (const auto& task : planning->tasks) {
        states.append(QJsonObject{{"task", task->name},
                                  {"state", task->state},
                                  {"attempt", task->attempt},
                                  {"fence", task->fence},
                                  {"locks", task->remains.locks},
                                  {"dropped", task->remains.dropped}});
    }
    planning->done(
        QJsonObject{{"plan", plan},
                    {"planHash", sha256Of(plan)},
                    {"stateHash", sha256Of(QJsonObject{{"run", planning->run}, {"tasks", states}})}});
}

QJsonObject ResetPlanner::compose(const Planning& planning)
{
    QJsonArray tasks, touches, cannotUndo;
    qint64 dropped = 0;
    for (const auto& task : planning.tasks) {
        const connect::Remains& remains = task->remains;
        dropped += remains.dropped.size();
        tasks.append(
            QJsonObject{{"task", task->name},
                        {"index", task->index},
                        {"attempt", task->attempt},
                        {"fence", task->fence},
                        {"kept", QJsonObject{{"objects", task->kept.objects}, {"bytes", task->kept.bytes}}},
                        {"dropped", remains.dropped},
                        {"locks", remains.locks},
                        {"steps", remains.steps},
                        {"fenced", task->fenced},
                        {"proof", task->proof},
                        {"to", task->to.toJson()}});
        for (const QString& line : remains.touches) {
            touches.append(line);
        }
        for (const QString& line : remains.cannotUndo) {
            cannotUndo.append(line);
        }
        if (task->maybeMore) {
            touches.append(
                QStringLiteral("Of what %1 was writing, at most %2 objects are looked at. What else is half "
                               "written stays so until attempt %3 writes it again.")
                    .arg(task->name)
                    .arg(kObjectsLookedAt)
                    .arg(task->attempt + 1));
        }
    }
    touches.prepend(QStringLiteral("Tasks of %1 that start again: %2; objects that are dropped: %3")
                        .arg(planning.run)
                        .arg(planning.tasks.size())
                        .arg(dropped));
    return {{"action", "flow.reset"}, {"class", 2},         {"run", planning.run},
            {"tasks", tasks},         {"touches", touches}, {"cannotUndo", cannotUndo}};
}

}  // namespace sluice::engine
