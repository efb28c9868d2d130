#include "engine/reset_plan.h"

#include <QtCore/QJsonArray>
#include <QtCore/QSet>
#include <algorithm>

#include "core/canonical_json.h"
#include "core/units.h"
#include "model/object_name.h"
#include "store/manifest.h"

namespace sluice::engine {

using model::TaskState;

namespace {

constexpr int kCallMs = 4000;
/// As many as a task keeps of what is unfinished, and as many as a worker says it has in flight.
constexpr qsizetype kObjectsLookedAt = 64 + 32;

/// Answers come in any order; the same state makes the same plan.
QJsonArray inOrder(const QJsonArray& objects)
{
    QList<std::pair<QByteArray, QJsonObject>> sorted;
    for (const QJsonValue& value : objects) {
        sorted.append({canonicalJson(value.toObject()), value.toObject()});
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    QJsonArray result;
    for (const auto& item : sorted) {
        result.append(item.second);
    }
    return result;
}

/// What blocks a task may as well lie at its source: another object, be it of the same name.
bool isInDestination(const QJsonObject& blocked, const model::Location& to)
{
    return blocked["connection"].toString(to.connection) == to.connection &&
           blocked["cephPool"].toString(to.cephPool) == to.cephPool &&
           model::nameFromWire(blocked["object"].toString()).startsWith(to.prefix);
}

bool resettable(const flow::Task& task)
{
    return task.state == TaskState::Stalled || task.state == TaskState::Failed;
}

/// Of a task that stores objects: the clusters of the Ceph pools at its ends.
QSet<QString> clustersOf(const flow::Run& run, int task)
{
    QSet<QString> clusters;
    if (!run.tasks[static_cast<size_t>(task)].traits().keepsManifest) {
        return clusters;
    }
    for (const flow::TaskPlace& place : run.touchesOf(task).places) {
        if (place.location.type == model::Location::Type::Rados) {
            clusters.insert(place.location.connection);
        }
    }
    return clusters;
}

}  // namespace

QString whyDropped(const QJsonObject& stat, const QString& run, const QString& task)
{
    const QString mark = stat["partialOf"].toString();
    if (mark.startsWith(run + '/' + task + '/')) {
        return QStringLiteral("an earlier attempt left it half written");
    }
    // As the mover's own rule for a shell: an attribute or an omap that is no lock's is somebody's data.
    const QJsonArray xattrs = stat["xattrs"].toArray();
    const bool onlyLocks = std::all_of(xattrs.begin(), xattrs.end(), [](const QJsonValue& name) {
        return name.toString().startsWith(QLatin1String("lock."));
    });
    const bool shell = mark.isEmpty() && !xattrs.isEmpty() && onlyLocks &&
                       stat["sizeBytes"].toInteger(-1) == 0 && stat["omapKeys"].toInteger(-1) == 0;
    return shell ? QStringLiteral("it is empty, only a lock made it, and no manifest names it") : QString();
}

struct ResetPlanner::TaskPlan {
    int index{};
    QString name{};
    QString state{};
    int attempt{};
    qint64 fence{};
    bool keepsManifest{false};
    model::Location to{};
    QSet<QString> clusters{};  // of the Ceph pools it works on
    QStringList objects{};     // full names in the destination
    store::ManifestTotals kept{};
    QSet<QString> known{};
    QJsonArray dropped{};
    QJsonArray locks{};
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

ResetPlanner::ResetPlanner(flow::FlowEngine& flow, connect::Link& link, QObject* parent)
    : QObject(parent), m_flow(flow), m_link(link)
{
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
        if (!resettable(task) || run->cancelled) {
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
        item->clusters = clustersOf(*run, i);
        if (item->to.type == model::Location::Type::Rados) {
            QSet<QString> names;
            if (task.live && isInDestination(task.live->blocked, item->to)) {
                names.insert(model::nameFromWire(task.live->blocked["object"].toString()));
            }
            for (const QJsonObject& object : task.live ? task.live->inFlight : QList<QJsonObject>()) {
                names.insert(item->to.prefix + model::nameFromWire(object["name"].toString()));
            }
            for (const QString& object : task.unfinished) {
                names.insert(item->to.prefix + model::nameFromWire(object));
            }
            names.remove(QString());
            names.remove(item->to.prefix);
            item->objects = QStringList(names.begin(), names.end());
            item->objects.sort();
            item->objects = item->objects.mid(0, kObjectsLookedAt);
        }
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

void ResetPlanner::planTask(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task)
{
    m_flow.lastAttempt(planning->run, task->index,
                       [this, planning, task](const Result<flow::AttemptRecord>& attempt) {
                           QSet<QString> clusters = task->clusters;
                           if (attempt) {
                               const flow::FenceWords words = m_flow.fenceOf(*attempt);
                               task->fenced = QJsonArray::fromStringList(words.holders);
                               task->proof = words.proof;
                               clusters += QSet<QString>(words.connections.begin(), words.connections.end());
                           } else if (attempt.error().code != ErrorCode::NotFound) {
                               planning->error = attempt.error();
                           }
                           for (const QString& cluster : std::as_const(clusters)) {
                               if (auto free = m_obstacle ? m_obstacle(cluster) : Result<void>(); !free) {
                                   planning->error = free.error();
                                   taskDone(planning);
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
            planning->error = manifest.error();
            taskDone(planning);
            return;
        }
        (*manifest)->totals(task->name, this, [this, planning, task](Result<store::ManifestTotals> totals) {
            if (!totals) {
                planning->error = totals.error();
                taskDone(planning);
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
    m_flow.manifests().with(
        m_flow.run(planning->run)->number, [this, planning, task, names](Result<store::Manifest*> manifest) {
            if (!manifest) {
                planning->error = manifest.error();
                taskDone(planning);
                return;
            }
            (*manifest)->lookup(task->name, names, this,
                                [this, planning, task](Result<QList<store::ManifestEntry>> found) {
                                    if (!found) {
                                        planning->error = found.error();
                                        taskDone(planning);
                                        return;
                                    }
                                    for (const store::ManifestEntry& entry : *found) {
                                        task->known.insert(task->to.prefix + model::nameFromWire(entry.name));
                                    }
                                    readObjects(planning, task);
                                });
        });
}

void ResetPlanner::readObjects(std::shared_ptr<Planning> planning, std::shared_ptr<TaskPlan> task)
{
    auto open = std::make_shared<qsizetype>(task->objects.size() * 2);
    const auto finish = [this, planning, task, open] {
        if (--*open == 0) {
            keepLocked(*task);
            taskDone(planning);
        }
    };
    const model::Location& to = task->to;
    for (const QString& object : task->objects) {
        const QString onWire = model::nameOnWire(object);
        const QJsonObject params{{"cephPool", to.cephPool}, {"object", onWire}};
        m_link.call(to.connection, QStringLiteral("object.stat"), params, kCallMs, false,
                    [planning, task, object, onWire, finish](const Result<QJsonObject>& stat) {
                        if (!stat) {
                            // Without its Ceph pool there is nothing of it either.
                            if (stat.error().code != ErrorCode::NotFound) {
                                planning->error = stat.error();
                            }
                        } else if ((*stat)["exists"].toBool() && !task->known.contains(object)) {
                            const QString why = whyDropped(*stat, planning->run, task->name);
                            if (!why.isEmpty()) {
                                task->dropped.append(QJsonObject{
                                    {"object", onWire}, {"sizeBytes", (*stat)["sizeBytes"]}, {"why", why}});
                            }
                        }
                        finish();
                    });
        m_link.call(
            to.connection, QStringLiteral("lock.list"), params, kCallMs, false,
            [planning, task, onWire, finish](const Result<QJsonObject>& locks) {
                if (!locks) {
                    if (locks.error().code != ErrorCode::NotFound) {
                        planning->error = locks.error();
                    }
                    finish();
                    return;
                }
                for (const QJsonValue& lock : (*locks)["locks"].toArray()) {
                    for (const QJsonValue& holder : lock["holders"].toArray()) {
                        const QJsonValue seen = holder["sessionSeen"];
                        task->locks.append(QJsonObject{{"cephPool", task->to.cephPool},
                                                       {"connection", task->to.connection},
                                                       {"object", onWire},
                                                       {"lock", lock["lock"]},
                                                       {"client", holder["client"]},
                                                       {"cookie", holder["cookie"]},
                                                       {"address", holder["address"]},
                                                       {"alive", seen.isBool() ? seen : QJsonValue()}});
                    }
                }
                finish();
            });
    }
}

/// What somebody holds who is not known to be dead is not dropped under them.
void ResetPlanner::keepLocked(TaskPlan& task)
{
    QSet<QString> held;
    for (const QJsonValue& lock : std::as_const(task.locks)) {
        if (lock["alive"].toBool(true)) {
            held.insert(lock["object"].toString());
        }
    }
    QJsonArray dropped;
    for (const QJsonValue& object : std::as_const(task.dropped)) {
        if (!held.contains(object["object"].toString())) {
            dropped.append(object);
        }
    }
    task.dropped = inOrder(dropped);
    task.locks = inOrder(task.locks);
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
                                  {"locks", task->locks},
                                  {"dropped", task->dropped}});
    }
    planning->done(
        QJsonObject{{"plan", plan},
                    {"planHash", sha256Of(plan)},
                    {"stateHash", sha256Of(QJsonObject{{"run", planning->run}, {"tasks", states}})}});
}

QJsonObject ResetPlanner::compose(const Planning& planning)
{
    QJsonArray tasks, steps, touches, cannotUndo;
    qint64 dropped = 0;
    for (const auto& task : planning.tasks) {
        tasks.append(
            QJsonObject{{"task", task->name},
                        {"index", task->index},
                        {"attempt", task->attempt},
                        {"fence", task->fence},
                        {"kept", QJsonObject{{"objects", task->kept.objects}, {"bytes", task->kept.bytes}}},
                        {"dropped", task->dropped},
                        {"locks", task->locks},
                        {"fenced", task->fenced},
                        {"to", task->to.toJson()}});
        const auto step = [&](const QString& id, const QString& title, const QString& check) {
            steps.append(QJsonObject{{"id", task->name + '.' + id}, {"title", title}, {"checkedBy", check}});
        };
        step(QStringLiteral("fence"),
             QStringLiteral("Fence attempt %1 of %2, fence %3 becomes %4")
                 .arg(task->attempt)
                 .arg(task->name)
                 .arg(task->fence)
                 .arg(task->fence + 1),
             task->proof.isEmpty() ? QStringLiteral("it had nothing to write with yet") : task->proof);
        step(QStringLiteral("dead"), QStringLiteral("Prove attempt %1 dead").arg(task->attempt),
             QStringLiteral("its process is reaped"));
        int locks = 0;
        for (const QJsonValue& value : task->locks) {
            const QJsonObject lock = value.toObject();
            if (lock["alive"].toBool(true)) {
                touches.append(
                    QStringLiteral("Lock %1 on %2 is left alone: %3")
                        .arg(lock["lock"].toString(), lock["object"].toString(),
                             lock["alive"].isBool()
                                 ? QStringLiteral("its holder %1 is alive").arg(lock["client"].toString())
                                 : QStringLiteral("it is not known whether its holder %1 lives")
                                       .arg(lock["client"].toString())));
                continue;
            }
            step(QStringLiteral("lock.%1").arg(++locks),
                 QStringLiteral("Blocklist %1 and break lock %2 on %3")
                     .arg(lock["client"].toString(), lock["lock"].toString(), lock["object"].toString()),
                 QStringLiteral("%1 does not hold it any more").arg(lock["client"].toString()));
            cannotUndo.append(QStringLiteral("The session of %1 (%2) ends for an hour; if that client comes "
                                             "back, its writes are refused until it connects anew.")
                                  .arg(lock["client"].toString(), lock["address"].toString()));
        }
        int drops = 0;
        for (const QJsonValue& object : task->dropped) {
            ++dropped;
            step(QStringLiteral("drop.%1").arg(++drops),
                 QStringLiteral("Remove %1: %2").arg(object["object"].toString(), object["why"].toString()),
                 QStringLiteral("it is not there any more"));
            cannotUndo.append(QStringLiteral("%1 (%2) is removed and written again: %3.")
                                  .arg(object["object"].toString(),
                                       formatBytes(object["sizeBytes"].toDouble()),
                                       object["why"].toString()));
        }
        step(QStringLiteral("start"),
             QStringLiteral("Start attempt %1 of %2").arg(task->attempt + 1).arg(task->name),
             task->keepsManifest
                 ? QStringLiteral("%1 stored objects are compared with the manifest and kept if equal; first "
                                  "progress within 60 s")
                       .arg(formatCount(task->kept.objects))
                 : QStringLiteral("first progress within 60 s"));
    }
    touches.prepend(QStringLiteral("Tasks of %1 that start again: %2; objects that are dropped: %3")
                        .arg(planning.run)
                        .arg(planning.tasks.size())
                        .arg(dropped));
    return {{"action", "flow.reset"}, {"class", 2},         {"run", planning.run},     {"tasks", tasks},
            {"steps", steps},         {"touches", touches}, {"cannotUndo", cannotUndo}};
}

}  // namespace sluice::engine
