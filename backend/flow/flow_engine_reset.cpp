// The part of FlowEngine that a reset uses, step by step.
#include "flow/flow_engine.h"

namespace sluice::flow {

using model::TaskKind;
using model::TaskState;

void FlowEngine::beginReset(const QString& runId, int index, Acknowledge done)
{
    Run* run = find(runId);
    Task& task = run->tasks[static_cast<size_t>(index)];
    const TaskRef ref{run->number, index};
    if (task.committing) {
        m_queued[ref].push_back([this, runId, index, done] { beginReset(runId, index, done); });
        return;
    }
    if (!task.resetting) {
        task.resetting = true;
        ++task.fence;
    }
    task.committing = true;
    m_store.saveTask(*run, index, task.state, nullptr, this, [this, ref, done](const Result<void>& saved) {
        Run& run = *find(ref.first);
        Task& task = run.tasks[static_cast<size_t>(ref.second)];
        task.committing = false;
        if (!saved) {
            task.resetting = false;
        }
        changed(run, ref.second);
        if (!saved || task.kind != TaskKind::Move) {
            done(saved);
            drainQueue(ref);
            return;
        }
        m_manifests.with(ref.first, [this, name = task.name, fence = task.fence, done](Result<store::Manifest*> manifest) {
            if (manifest) {
                (*manifest)->raiseFence(name, fence, this, done);
            } else {
                done(fail(manifest.error()));
            }
        });
        drainQueue(ref);
    });
}

void FlowEngine::killAttempt(const QString& runId, int index, Acknowledge done)
{
    Run* run = find(runId);
    const Task& task = run->tasks[static_cast<size_t>(index)];
    const auto attempt = m_attempts.find({run->number, index});
    Executor* executor = m_executors.value(static_cast<int>(task.kind));
    if (attempt == m_attempts.end() || !executor) {
        done({});
        return;
    }
    executor->kill(keyOf(attempt->second), std::move(done));
}

void FlowEngine::lastAttempt(const QString& runId, int index, std::function<void(Result<AttemptRecord>)> done)
{
    Run* run = find(runId);
    const auto attempt = m_attempts.find({run->number, index});
    if (attempt != m_attempts.end()) {
        done(attempt->second);
        return;
    }
    m_store.loadAttempt(run->number, index, run->tasks[static_cast<size_t>(index)].attempt, this, std::move(done));
}

void FlowEngine::finishReset(const QString& runId, int index, Acknowledge done)
{
    Run* run = find(runId);
    const bool begun = transition(*run, index, TaskEvent::Reset,
                                  [this](Task& task, AttemptRecord* record) {
                                      task.resetting = false;
                                      task.error.reset();
                                      forgetLive(task);
                                      if (record) {
                                          record->open = false;
                                          record->endedAtMs = m_clock.nowMs();
                                          record->outcome = QStringLiteral("reset");
                                      }
                                  },
                                  [done] { done({}); });
    if (!begun) {
        done({});
    }
}

void FlowEngine::abortReset(const QString& runId, int index, const Error& error, Acknowledge done)
{
    Run* run = find(runId);
    Task& task = run->tasks[static_cast<size_t>(index)];
    if (task.state == TaskState::Failed) {
        task.resetting = false;
        task.error = std::make_unique<Error>(error);
        m_store.saveTask(*run, index, task.state, nullptr, this, std::move(done));
        changed(*run, index);
        return;
    }
    const bool begun = transition(*run, index, TaskEvent::Fail,
                                  [this, error](Task& t, AttemptRecord* record) {
                                      t.resetting = false;
                                      t.error = std::make_unique<Error>(error);
                                      if (record) {
                                          // Kept open: it was not proved dead, so a later start must fence it first.
                                          record->outcome = QStringLiteral("reset failed");
                                      }
                                  },
                                  [done] { done({}); });
    if (!begun) {
        done({});
    }
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
