// The part of FlowEngine that a reset uses, step by step.
#include <QtCore/QTimer>

#include "flow/flow_engine.h"

namespace sluice::flow {

using model::TaskState;

namespace {

constexpr int kLetGoRetryMs = 1000;

bool asPlanned(const Task& task, int attempt, qint64 fence)
{
    return (task.state == TaskState::Stalled || task.state == TaskState::Failed) && task.attempt == attempt &&
           task.fence == fence;
}

Error nothingRuns(const Task& task)
{
    return Error{
        .code = ErrorCode::FailedPrecondition,
        .message = QStringLiteral("It is not known whether the process of %1 has ended").arg(task.name),
        .cause = QStringLiteral("nothing in this engine runs tasks of kind %1").arg(task.kind->name()),
        .correction = QStringLiteral("Start the version of the engine that runs them; then reset the "
                                     "run."),
        .source = QStringLiteral("flow")};
}

}  // namespace

void FlowEngine::claimForReset(const QString& runId, int index, int attempt, qint64 fence)
{
    Run* run = find(runId);
    if (!run || index < 0 || index >= static_cast<int>(run->tasks.size())) {
        return;
    }
    Task& task = run->tasks[static_cast<size_t>(index)];
    if (!task.resetting && asPlanned(task, attempt, fence)) {
        task.resetting = true;
        ++task.fence;
    }
}

void FlowEngine::beginReset(const QString& runId, int index, int attempt, qint64 fence, Acknowledge done)
{
    Run* run = find(runId);
    Task& task = run->tasks[static_cast<size_t>(index)];
    const TaskRef ref{run->number, index};
    if (task.committing) {
        // What is on its way to the disk may end the task, so the plan is compared with what comes out.
        m_queued[ref].push_back(
            [this, runId, index, attempt, fence, done] { beginReset(runId, index, attempt, fence, done); });
        return;
    }
    const bool begun = task.resetting && task.attempt == attempt && task.fence == fence + 1;
    if (!begun && (task.resetting || !asPlanned(task, attempt, fence))) {
        done(fail(Error{.code = ErrorCode::FailedPrecondition,
                        .message = QStringLiteral("The plan is void"),
                        .cause = QStringLiteral("%1 is %2 in attempt %3 by now")
                                     .arg(run->taskId(index), model::toString(task.state))
                                     .arg(task.attempt),
                        .correction = QStringLiteral("Look at the new plan and decide again."),
                        .source = QStringLiteral("flow")}));
        return;
    }
    if (!begun) {
        task.resetting = true;
        ++task.fence;
    }
    task.committing = true;
    m_store.saveTask(*run, index, task.state, nullptr, {}, this,
                     [this, ref, begun, done](const Result<void>& saved) {
                         Run& run = *find(ref.first);
                         Task& task = run.tasks[static_cast<size_t>(ref.second)];
                         task.committing = false;
                         if (!saved && !begun) {
                             task.resetting = false;
                             --task.fence;
                         }
                         changed(run, ref.second);
                         if (!saved || !task.traits().keepsManifest) {
                             done(saved);
                             drainQueue(ref);
                             return;
                         }
                         m_manifests.with(ref.first, [this, name = task.name, fence = task.fence,
                                                      done](Result<store::Manifest*> manifest) {
                             if (manifest) {
                                 (*manifest)->raiseFence(name, fence, this, done);
                             } else {
                                 done(fail(manifest.error()));
                             }
                         });
                         drainQueue(ref);
                     });
}

void FlowEngine::killAttempt(const QString& runId, int index, QObject* context, Executor::Killed done)
{
    Run* run = find(runId);
    const Task& task = run->tasks[static_cast<size_t>(index)];
    const auto attempt = m_attempts.find({run->number, index});
    Executor* executor = executorOf(task);
    if (attempt == m_attempts.end()) {
        callLater(context, [done = std::move(done)] { done(ProcessEnd::NotThere); });
    } else if (!executor) {
        callLater(context, [done = std::move(done), error = nothingRuns(task)] { done(fail(error)); });
    } else {
        executor->kill(keyOf(attempt->second), context, std::move(done));
    }
}

void FlowEngine::lastAttempt(const QString& runId, int index, std::function<void(Result<AttemptRecord>)> done)
{
    Run* run = find(runId);
    const auto attempt = m_attempts.find({run->number, index});
    if (attempt != m_attempts.end()) {
        done(attempt->second);
        return;
    }
    const TaskRef ref{run->number, index};
    const auto loaded = [this, ref, done = std::move(done)](const Result<AttemptRecord>& found) {
        // A reset that was given up left it open: the reset that comes after ends and closes it.
        if (found && found->open && find(ref.first)->tasks[static_cast<size_t>(ref.second)].resetting) {
            m_attempts.emplace(ref, *found);
        }
        done(found);
    };
    m_store.loadAttempt(run->number, index, run->tasks[static_cast<size_t>(index)].attempt, this, loaded);
}

void FlowEngine::finishReset(const QString& runId, int index, Acknowledge done)
{
    Run* run = find(runId);
    const Task& task = run->tasks[static_cast<size_t>(index)];
    if (task.committing) {
        m_queued[{run->number, index}].push_back(
            [this, runId, index, done] { finishReset(runId, index, done); });
        return;
    }
    if (!task.resetting) {
        done({});
        return;
    }
    const bool begun = transition(
        *run, index, TaskEvent::Reset,
        [this](Task& t, AttemptRecord* record) {
            t.resetting = false;
            t.error.reset();
            t.keepInFlight();
            forgetLive(t);
            if (record) {
                record->open = false;
                record->endedAtMs = m_clock.nowMs();
                record->outcome = QStringLiteral("reset");
            }
        },
        [done] { done({}); });
    if (!begun) {
        releaseFromReset(*run, index, std::move(done));
    }
}

void FlowEngine::abortReset(const QString& runId, int index, const Error& error, Acknowledge done)
{
    Run* run = find(runId);
    Task& task = run->tasks[static_cast<size_t>(index)];
    if (task.committing) {
        m_queued[{run->number, index}].push_back(
            [this, runId, index, error, done] { abortReset(runId, index, error, done); });
        return;
    }
    if (!task.resetting) {
        done({});
        return;
    }
    if (task.state == TaskState::Failed) {
        task.error = std::make_unique<Error>(error);
    }
    const bool begun = transition(
        *run, index, TaskEvent::Fail,
        [this, error](Task& t, AttemptRecord* record) {
            t.resetting = false;
            t.error = std::make_unique<Error>(error);
            t.keepInFlight();
            if (record) {
                // Kept open: it was not proved dead, so it is fenced as a leftover.
                record->outcome = QStringLiteral("reset failed");
            }
        },
        [done] { done({}); });
    if (!begun) {
        releaseFromReset(*run, index, [this, runId, index, error, done](const Result<void>& saved) {
            if (saved) {
                done(saved);
            } else {
                QTimer::singleShot(kLetGoRetryMs, this, [=, this] { abortReset(runId, index, error, done); });
            }
        });
    }
}

/// A task that is where it shall stay: the reset no longer holds it.
void FlowEngine::releaseFromReset(Run& run, int index, Acknowledge done)
{
    const TaskRef ref{run.number, index};
    Task& task = run.tasks[static_cast<size_t>(index)];
    task.resetting = false;
    task.committing = true;
    const auto written = [this, ref, done = std::move(done)](const Result<void>& saved) {
        Run& run = *find(ref.first);
        Task& task = run.tasks[static_cast<size_t>(ref.second)];
        task.committing = false;
        task.resetting = !saved;
        if (saved) {
            if (const auto attempt = m_attempts.find(ref); attempt != m_attempts.end()) {
                if (attempt->second.open) {
                    orphanAttempt(attempt->second);
                }
                m_attempts.erase(attempt);
            }
            task.live.reset();
        }
        changed(run, ref.second);
        done(saved);
        drainQueue(ref);
    };
    m_store.saveTask(run, index, task.state, nullptr, {}, this, written);
}

QList<std::pair<QString, int>> FlowEngine::resetting() const
{
    QList<std::pair<QString, int>> result;
    for (const auto& [number, run] : m_runs) {
        for (int i = 0; run->endedAtMs == 0 && i < static_cast<int>(run->tasks.size()); ++i) {
            if (run->tasks[static_cast<size_t>(i)].resetting) {
                result.append({run->id, i});
            }
        }
    }
    return result;
}

}  // namespace sluice::flow
