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

void touch(diagnosis::TaskView& view, const model::Location& location, bool destination)
{
    if (location.type == model::Location::Type::File) {
        return;
    }
    if (!view.connections.contains(location.connection)) {
        view.connections.append(location.connection);
    }
    if (location.type == model::Location::Type::S3) {
        view.touched.append(
            {QStringLiteral("bucket"), location.connection, location.bucket, destination, {}, {}});
    }
    if (location.type == model::Location::Type::Rados) {
        view.touched.append({QStringLiteral("ceph-pool"),
                             location.connection,
                             location.cephPool,
                             destination,
                             location.prefix,
                             {}});
    }
}

}  // namespace

diagnosis::TaskView taskView(const flow::Run& run, int index, const KeyService& keys, const Clock& clock)
{
    const flow::Task& task = run.tasks[static_cast<size_t>(index)];
    model::TaskSpec spec = task.readSpec();
    diagnosis::TaskView view{.id = run.taskId(index),
                             .run = run.id,
                             .task = task.name,
                             .kind = model::toString(task.kind),
                             .state = model::toString(task.state),
                             .role = spec.role,
                             .lastProgressAtMs = task.stateSinceMs,
                             .stallAfterMs = task.stallAfterMs,
                             .tasksBehind = countBehind(run, index)};
    if (auto current = keys.currentOf(spec.role)) {
        view.entity = view.roleEntity = current->entity;
    }
    if (task.kind == model::TaskKind::Verify) {
        const int subject = run.index.value(spec.verifyOf, -1);
        if (subject >= 0) {
            const model::TaskSpec move = run.tasks[static_cast<size_t>(subject)].readSpec();
            touch(view, move.to, true);
        }
    } else if (task.kind == model::TaskKind::Move) {
        touch(view, spec.from, false);
        touch(view, spec.to, true);
    } else if (task.kind == model::TaskKind::Luigi) {
        view.connections.append(spec.luigiConnection);
        view.reporter = QStringLiteral("luigi");
    }
    // What the last attempt waited for is still there when its failure is told, and explains it no more.
    if (task.state == model::TaskState::Failed && task.error) {
        view.blocked =
            QJsonObject{{"what", "failed"}, {"error", task.error->toJson()}, {"observedAtMs", clock.nowMs()}};
    } else if (task.live) {
        view.phase = task.live->phase;
        view.lastProgressAtMs = task.live->lastProgressAtMs;
        view.blocked = task.live->blocked;
        view.stoppedPid = isStopped(task.live->pid) ? task.live->pid : 0;
        // The attempt has the key of when it began, which a rotation may have replaced meanwhile.
        if (const QString held = view.blocked["entity"].toString(); !held.isEmpty()) {
            view.entity = held;
        }
    }
    return view;
}

}  // namespace sluice::engine
