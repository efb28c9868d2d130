// The part of FlowEngine that starts attempts: who may, who waits for what, and the way to the executor.
#include <algorithm>

#include "flow/flow_engine.h"

namespace sluice::flow {

using model::TaskState;

namespace {

/// Stalled attempts hold no place, but each is a process: so many attempts there may be for each place.
constexpr int kMostPerPlace = 4;
constexpr qsizetype kRunsNamed = 3;

}  // namespace

void FlowEngine::pump()
{
    m_pumpPlanned = false;
    if (!m_running) {
        return;
    }
    while (!m_ready.empty() && hasPlace()) {
        const TaskRef ref = m_ready.front();
        m_ready.pop_front();
        Run* run = find(ref.first);
        if (run && !tryStart(*run, ref.second)) {
            m_notAdmitted.push_back(ref);
        }
    }
}

bool FlowEngine::hasPlace() const
{
    const auto moving = std::count_if(m_attempts.begin(), m_attempts.end(), [this](const auto& item) {
        return m_runs.at(item.first.first)->tasks[static_cast<size_t>(item.first.second)].state !=
               TaskState::Stalled;
    });
    return moving < m_options.maxAttempts &&
           static_cast<int>(m_attempts.size()) < m_options.maxAttempts * kMostPerPlace;
}

QString FlowEngine::placesTaken() const
{
    QStringList runs;
    for (const auto& [ref, record] : m_attempts) {
        const QString id = m_runs.at(ref.first)->id;
        if (runs.isEmpty() || runs.last() != id) {
            runs.append(id);
        }
    }
    const qsizetype more = runs.size() - kRunsNamed;
    return QStringLiteral("all %1 places are taken by %2%3")
        .arg(m_options.maxAttempts)
        .arg(runs.mid(0, kRunsNamed).join(QStringLiteral(", ")),
             more > 0 ? QStringLiteral(" and %1 more").arg(more) : QString());
}

/// Names runs and not tasks, so that the text of 100,000 waiting rows does not change with every task that
/// ends.
void FlowEngine::updateWaitReasons()
{
    if (m_ready.empty() || hasPlace()) {
        return;
    }
    const QString waitsFor = placesTaken();
    for (const TaskRef& ref : m_ready) {
        Run* run = find(ref.first);
        Task* task = run ? &run->tasks[static_cast<size_t>(ref.second)] : nullptr;
        if (task && task->state == TaskState::Ready && task->waitsFor != waitsFor) {
            task->waitsFor = waitsFor;
            changed(*run, ref.second);
        }
    }
}

QString FlowEngine::whyOrphaned(TaskRef ref) const
{
    const QString general = QStringLiteral("an earlier attempt is still being fenced");
    const auto why = m_whyOrphaned.find(ref);
    return why == m_whyOrphaned.end() ? general : general + QStringLiteral(": ") + why->second;
}

bool FlowEngine::tryStart(Run& run, int index)
{
    Task& task = run.tasks[static_cast<size_t>(index)];
    if (task.state != TaskState::Ready || task.committing || run.cancelled) {
        return true;
    }
    Executor* executor = executorOf(task);
    const model::TaskSpec spec = task.readSpec();
    const auto waits = [](const QString& why) {
        return Result<void>(fail(Error{.code = ErrorCode::FailedPrecondition, .message = why}));
    };
    const auto admitted =
        !executor ? waits(QStringLiteral("nothing here runs %1 tasks").arg(task.kind->name()))
        : m_orphans.contains({run.number, index}) ? waits(whyOrphaned({run.number, index}))
                                                  : executor->admit(spec, run.subjectOf(spec));
    const QString waitsFor = admitted ? QString() : admitted.error().message;
    if (waitsFor != task.waitsFor) {
        task.waitsFor = waitsFor;
        changed(run, index);
    }
    if (!admitted) {
        return false;
    }
    launch(run, index);
    return true;
}

void FlowEngine::launch(Run& run, int index)
{
    const TaskRef ref{run.number, index};
    m_attempts[ref] = AttemptRecord{.run = run.number, .task = index, .startedAtMs = m_clock.nowMs()};
    const bool begun = transition(
        run, index, TaskEvent::Start,
        [this](Task& task, AttemptRecord* record) {
            ++task.attempt;
            ++task.fence;
            task.error.reset();
            record->attempt = task.attempt;
            record->fence = task.fence;
            task.live = std::make_unique<Live>();
            task.live->lastProgressMonoMs = m_clock.monotonicMs();
            task.live->lastProgressAtMs = m_clock.nowMs();
            task.live->phase = QStringLiteral("starting");
        },
        [this, ref] {
            Run& run = *find(ref.first);
            Task& task = run.tasks[static_cast<size_t>(ref.second)];
            if (run.cancelled) {
                fenceAndRequeue(ref);
                return;
            }
            const model::TaskSpec spec = task.readSpec();
            StartOrder order{.key = {ref.first, ref.second, task.attempt, task.fence},
                             .run = run.id,
                             .spec = spec,
                             .subject = run.subjectOf(spec),
                             .resume = task.attempt > 1,
                             .submittedAtMs = run.submittedAtMs};
            if (!task.traits().keepsManifest) {
                dispatch(order);
                return;
            }
            launchUnderFence(order);
        });
    if (!begun) {
        m_attempts.erase(ref);
    }
}

void FlowEngine::launchUnderFence(const StartOrder& order)
{
    const auto started = [this, order](const Result<void>& raised) {
        if (!current(order.key)) {
            return;
        }
        if (raised) {
            dispatch(order);
        } else if (raised.error().retryable) {
            QTimer::singleShot(m_options.fenceRetryMs, this, [this, order] {
                if (current(order.key)) {
                    launchUnderFence(order);
                }
            });
        } else {
            failed(order.key, raised.error());
        }
    };
    m_manifests.with(order.key.run, [this, order, started](Result<store::Manifest*> manifest) {
        if (!manifest) {
            started(fail(manifest.error()));
            return;
        }
        (*manifest)->raiseFence(order.spec.name, order.key.fence, this, started);
    });
}

void FlowEngine::dispatch(const StartOrder& order)
{
    const Task* task = current(order.key);
    if (!m_running || !task || !isActive(task->state) || find(order.key.run)->cancelled) {
        return;
    }
    if (task->committing) {
        m_queued[{order.key.run, order.key.task}].push_back([this, order] { dispatch(order); });
        return;
    }
    executorOf(*task)->start(order, *this);
}

}  // namespace sluice::flow
