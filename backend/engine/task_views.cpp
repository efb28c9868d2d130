#include "engine/task_views.h"

#include <QtCore/QSet>

#include "core/clock.h"
#include "core/process_identity.h"
#include "engine/key_service.h"

namespace sluice::engine {
namespace {

int countBehind(const flow::Run& run, int task)
{
    QSet<int> seen;
    QList<int> open{task};
    while (!open.isEmpty()) {
        for (const int next : run.tasks[static_cast<size_t>(open.takeLast())].dependents) {
            if (!seen.contains(next)) {
                seen.insert(next);
                open.append(next);
            }
        }
    }
    return static_cast<int>(seen.size());
}

}  // namespace

diagnosis::TaskView taskView(const flow::Run& run, int index, const KeyService& keys, const Clock& clock)
{
    const flow::Task& task = run.tasks[static_cast<size_t>(index)];
    const QString role = task.readSpec().role;
    diagnosis::TaskView view{.id = run.taskId(index),
                             .run = run.id,
                             .task = task.name,
                             .kind = task.kind->name(),
                             .state = model::toString(task.state),
                             .role = role,
                             .lastProgressAtMs = task.stateSinceMs,
                             .stallAfterMs = task.stallAfterMs,
                             .tasksBehind = countBehind(run, index)};
    if (auto current = keys.currentOf(role)) {
        view.entity = view.roleEntity = current->entity;
    }
    const flow::Touches touches = run.touchesOf(index);
    for (const flow::TouchedEntity& one : touches.entities) {
        view.touched.append({one.kind, one.connection, one.name, one.destination, one.prefix, {}});
    }
    view.connections = touches.connections();
    view.onlyReads = task.traits().onlyReads;
    if (const QString reporter = task.traits().reporter; !reporter.isEmpty()) {
        view.reporter = reporter;
    }
    // What the last attempt waited for is still there when its failure is told, and explains it no more.
    if (task.state == model::TaskState::Failed && task.error) {
        view.blocked =
            QJsonObject{{"what", "failed"}, {"error", task.error->toJson()}, {"observedAtMs", clock.nowMs()}};
    } else if (task.live) {
        view.phase = task.live->phase;
        view.lastProgressAtMs = task.live->lastProgressAtMs;
        view.blocked = task.live->blocked;
        view.pid = task.live->pid;
        view.stoppedPid = isStopped(task.live->pid) ? task.live->pid : 0;
        // The attempt has the key of when it began, which a rotation may have replaced meanwhile.
        if (const QString held = view.blocked["entity"].toString(); !held.isEmpty()) {
            view.entity = held;
        }
    }
    return view;
}

}  // namespace sluice::engine
