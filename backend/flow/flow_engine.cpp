#include "flow/flow_engine.h"

#include <QtCore/QJsonDocument>
#include <algorithm>
#include <set>

#include "core/log.h"
#include "store/database.h"

namespace sluice::flow {

using model::TaskState;

namespace {

constexpr int kWatchMs = 500;
constexpr int kFlushMs = 50;
constexpr int kRetryStoreMs = 1000;

Error hasEnded(const Run& run)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("Run %1 has ended").arg(run.id),
                 .cause = QStringLiteral("it is %1").arg(model::toString(run.state())),
                 .correction = QStringLiteral("There is nothing to cancel."),
                 .source = QStringLiteral("flow")};
}

}  // namespace

FlowEngine::FlowEngine(Options options, store::Database& database, Fencer& fencer, TaskKinds kinds,
                       const Clock& clock, QObject* parent)
    : QObject(parent),
      m_options(std::move(options)),
      m_kinds(std::move(kinds)),
      m_store(database, m_kinds),
      m_fencer(fencer),
      m_clock(clock),
      m_manifests(m_options.manifestFolder),
      m_log(m_options.logFolder)
{
    m_manifests.setKnown([this](qint64 run) { return holdingsOf(run); });
    m_watch.setInterval(kWatchMs);
    connect(&m_watch, &QTimer::timeout, this, &FlowEngine::watch);
    m_flush.setInterval(kFlushMs);
    m_flush.setSingleShot(true);
    connect(&m_flush, &QTimer::timeout, this, &FlowEngine::flushChanges);
}

void FlowEngine::addExecutor(const QString& kind, Executor& executor)
{
    m_executors.insert(kind, &executor);
}

Result<void> FlowEngine::load()
{
    auto loaded = m_store.load();
    if (!loaded) {
        return fail(loaded.error());
    }
    m_runs = std::move(loaded->runs);
    m_lastStored = loaded->lastNumber;
    m_lastLeft = m_manifests.highest(m_options.logFolder);
    m_lastNumber = qMax(m_lastStored, m_lastLeft);
    m_toRecover = loaded->openAttempts;
    return {};
}

void FlowEngine::start()
{
    if (m_running) {
        return;
    }
    m_running = true;
    m_watch.start();
    std::set<TaskRef> recovering;
    for (const AttemptRecord& record : std::exchange(m_toRecover, {})) {
        if (recover(record)) {
            recovering.insert({record.run, record.task});
        }
    }
    for (auto& [number, run] : m_runs) {
        if (run->endedAtMs > 0) {
            continue;
        }
        for (int i = 0; i < static_cast<int>(run->tasks.size()); ++i) {
            Task& task = run->tasks[static_cast<size_t>(i)];
            if (recovering.contains({number, i})) {
                continue;
            }
            if (run->cancelled && !isFinal(task.state)) {
                transition(*run, i, TaskEvent::Cancel, {}, {});
            } else if (task.state == TaskState::Waiting && task.needsLeft == 0) {
                becomeReady(*run, i);
            } else if (task.state == TaskState::Ready) {
                m_ready.push_back({number, i});
            } else if (isActive(task.state) && !task.resetting) {
                transition(*run, i, TaskEvent::Reset, {}, {});
            }
        }
        endRunIfDone(*run);
    }
    pump();
}

void FlowEngine::stop()
{
    m_running = false;
    m_watch.stop();
}

void FlowEngine::submit(const model::Flow& flow, const QString& text, const QString& principal,
                        RunCallback done)
{
    for (const model::TaskSpec& spec : flow.tasks) {
        if (!m_kinds.find(spec.kind)) {
            done(fail(
                Error{.code = ErrorCode::InvalidArgument,
                      .message = QStringLiteral("Task %1 is of kind '%2', which is not known here")
                                     .arg(spec.name, spec.kind),
                      .correction =
                          QStringLiteral("Use one of %1.").arg(m_kinds.names().join(QStringLiteral(", "))),
                      .source = QStringLiteral("flow")}));
            return;
        }
    }
    auto run = std::make_unique<Run>();
    run->number = ++m_lastNumber;
    run->id = QStringLiteral("R-%1").arg(run->number);
    run->flow = flow.name;
    run->submittedBy = principal;
    run->submittedAtMs = m_clock.nowMs();
    run->startedAtMs = run->submittedAtMs;
    QHash<QString, int> index;
    QSet<QString> connections;
    for (const model::TaskSpec& spec : flow.tasks) {
        index.insert(spec.name, static_cast<int>(index.size()));
        for (const QString& connection : m_kinds.find(spec.kind)->touches(spec, {}).connections()) {
            connections.insert(connection);
        }
    }
    run->connections = QStringList(connections.begin(), connections.end());
    run->connections.sort();
    run->tasks.reserve(static_cast<size_t>(flow.tasks.size()));
    for (const model::TaskSpec& spec : flow.tasks) {
        Task task;
        task.name = spec.name;
        task.kind = m_kinds.find(spec.kind);
        task.stallAfterMs = spec.stallAfterMs;
        task.stateSinceMs = run->submittedAtMs;
        task.spec = QJsonDocument(spec.toJson()).toJson(QJsonDocument::Compact);
        task.spec.squeeze();
        for (const QString& need : spec.needs) {
            task.needs.append(index.value(need));
        }
        run->tasks.push_back(std::move(task));
    }
    run->connectTasks();
    Run* raw = run.get();
    auto held = std::make_shared<std::unique_ptr<Run>>(std::move(run));
    m_store.addRun(*raw, text, this, [this, held, done = std::move(done)](const Result<void>& saved) {
        if (!saved) {
            done(fail(saved.error()));
            return;
        }
        Run& added = **held;
        m_runs.emplace(added.number, std::move(*held));
        QStringList ids;
        for (int i = 0; i < static_cast<int>(added.tasks.size()); ++i) {
            changed(added, i);
        }
        if (m_running) {
            for (int i = 0; i < static_cast<int>(added.tasks.size()); ++i) {
                if (added.tasks[static_cast<size_t>(i)].needsLeft == 0) {
                    becomeReady(added, i);
                }
            }
        }
        done(added.id);
        pump();
    });
}

void FlowEngine::approve(const QString& runId, const QString& taskName, const QString& principal,
                         Acknowledge done)
{
    Run* run = find(runId);
    if (!run) {
        done(fail(noSuchRun(runId)));
        return;
    }
    const int index = run->index.value(taskName, -1);
    if (index < 0) {
        done(fail(noSuchTask(runId, taskName)));
        return;
    }
    const Task& task = run->tasks[static_cast<size_t>(index)];
    if (!task.traits().asksAPerson || task.state != TaskState::Ready || task.committing) {
        done(fail(Error{.code = ErrorCode::FailedPrecondition,
                        .message = QStringLiteral("Task %1 cannot be approved").arg(run->taskId(index)),
                        .cause = !task.traits().asksAPerson
                                     ? QStringLiteral("it is a %1 task").arg(task.kind->name())
                                     : QStringLiteral("it is %1").arg(model::toString(task.state)),
                        .correction = QStringLiteral("Approve an approve task once its needs are done."),
                        .source = QStringLiteral("flow")}));
        return;
    }
    transition(
        *run, index, TaskEvent::Finish, [principal](Task& t, AttemptRecord*) { t.approvedBy = principal; },
        [done] { done({}); });
}

void FlowEngine::cancel(const QString& runId, Acknowledge done)
{
    Run* run = find(runId);
    if (!run || run->endedAtMs > 0) {
        done(fail(run ? hasEnded(*run) : noSuchRun(runId)));
        return;
    }
    m_store.saveCancelled(
        run->number, this, [this, number = run->number, done = std::move(done)](const Result<void>& saved) {
            Run* run = find(number);
            if (!saved || run->endedAtMs > 0) {
                done(fail(saved ? hasEnded(*run) : saved.error()));
                return;
            }
            run->cancelled = true;
            for (int i = 0; i < static_cast<int>(run->tasks.size()); ++i) {
                const TaskRef ref{number, i};
                const auto attempt = m_attempts.find(ref);
                if (attempt == m_attempts.end()) {
                    transition(*run, i, TaskEvent::Cancel, {}, {});
                    continue;
                }
                killAttempt(run->id, i, this,
                            [this, ref](const Result<ProcessEnd>&) { fenceAndRequeue(ref); });
            }
            endRunIfDone(*run);
            done({});
        });
}

const Run* FlowEngine::run(const QString& id) const
{
    return const_cast<FlowEngine*>(this)->find(id);
}

QList<AttemptRecord> FlowEngine::openAttempts(const QString& runId) const
{
    const Run* found = run(runId);
    QList<AttemptRecord> open;
    if (!found) {
        return open;
    }
    const TaskRef from{found->number, 0};
    const TaskRef to{found->number + 1, 0};
    for (auto it = m_attempts.lower_bound(from); it != m_attempts.lower_bound(to); ++it) {
        open.append(it->second);
    }
    for (auto it = m_orphans.lower_bound(from); it != m_orphans.lower_bound(to); ++it) {
        open.append(it->second);
    }
    return open;
}

bool FlowEngine::hasWork() const
{
    return std::any_of(m_runs.begin(), m_runs.end(),
                       [](const auto& item) { return item.second->endedAtMs == 0; });
}

void FlowEngine::setCase(const QString& runId, const QString& caseId)
{
    if (Run* run = find(runId); run && run->caseId != caseId) {
        run->caseId = caseId;
        m_changedRuns.insert(run->id);
        m_flush.start();
    }
}

Run* FlowEngine::find(qint64 run)
{
    const auto it = m_runs.find(run);
    return it == m_runs.end() ? nullptr : it->second.get();
}

Run* FlowEngine::find(const QString& id)
{
    return id.startsWith(QLatin1String("R-")) ? find(id.mid(2).toLongLong()) : nullptr;
}

bool FlowEngine::transition(Run& run, int index, TaskEvent event,
                            std::function<void(Task&, AttemptRecord*)> prepare, Then then)
{
    Task& task = run.tasks[static_cast<size_t>(index)];
    const TaskRef ref{run.number, index};
    if (task.committing) {
        m_queued[ref].push_back(
            [this, number = run.number, index, event, prepare = std::move(prepare), then = std::move(then)] {
                if (Run* again = find(number)) {
                    transition(*again, index, event, prepare, then);
                }
            });
        return true;
    }
    const auto to = next(task.state, event);
    if (!to) {
        return false;
    }
    task.committing = true;
    task.stateSinceMs = m_clock.nowMs();
    const auto attempt = m_attempts.find(ref);
    if (prepare) {
        prepare(task, attempt == m_attempts.end() ? nullptr : &attempt->second);
    }
    persist(run.number, index, *to, m_attempts.contains(ref), std::move(then));
    return true;
}

void FlowEngine::persist(qint64 number, int index, TaskState to, bool withAttempt, Then then)
{
    Run* run = find(number);
    const TaskRef ref{number, index};
    const auto attempt = m_attempts.find(ref);
    const AttemptRecord* record = withAttempt && attempt != m_attempts.end() ? &attempt->second : nullptr;
    const bool released = record && !record->open && (to == TaskState::Done || to == TaskState::Failed);
    m_store.saveTask(
        *run, index, to, record, released ? m_fencer.noteRelease(*record) : RunStore::Write(), this,
        [this, number, index, to, withAttempt, then = std::move(then)](const Result<void>& saved) {
            if (!saved) {
                log::error("flow",
                           QStringLiteral("transition waits for the store: %1").arg(saved.error().toLine()));
                QTimer::singleShot(kRetryStoreMs, this, [this, number, index, to, withAttempt, then] {
                    persist(number, index, to, withAttempt, then);
                });
                return;
            }
            Run& run = *find(number);
            run.tasks[static_cast<size_t>(index)].committing = false;
            applied(run, index, to);
            if (then) {
                then();
            }
            drainQueue({number, index});
        });
}

void FlowEngine::becomeReady(Run& run, int index)
{
    // Readiness is not stored, it follows from the needs; so does its time, also after a restart.
    Task& task = run.tasks[static_cast<size_t>(index)];
    task.stateSinceMs = run.submittedAtMs;
    for (const int need : task.needs) {
        task.stateSinceMs = std::max(task.stateSinceMs, run.tasks[static_cast<size_t>(need)].stateSinceMs);
    }
    applied(run, index, TaskState::Ready);
}

void FlowEngine::applied(Run& run, int index, TaskState to)
{
    run.setState(index, to);
    changed(run, index);
    Q_EMIT taskStateChanged(run.id, index);
    afterState(run, index);
}

void FlowEngine::afterState(Run& run, int index)
{
    Task& task = run.tasks[static_cast<size_t>(index)];
    const TaskRef ref{run.number, index};
    switch (task.state) {
        case TaskState::Ready:
            task.live.reset();
            m_attempts.erase(ref);
            if (run.cancelled) {
                transition(run, index, TaskEvent::Cancel, {}, {});
            } else if (!task.traits().asksAPerson) {
                m_ready.push_back(ref);
            }
            break;
        case TaskState::Done:
            for (const int dependent : task.dependents) {
                Task& next = run.tasks[static_cast<size_t>(dependent)];
                if (--next.needsLeft == 0 && next.state == TaskState::Waiting && !next.committing) {
                    becomeReady(run, dependent);
                }
            }
            [[fallthrough]];
        case TaskState::Failed:
        case TaskState::Cancelled:
            forgetLive(task);
            task.waitsFor.clear();
            if (const auto attempt = m_attempts.find(ref); attempt != m_attempts.end()) {
                // A cancelled attempt was fenced: that took everything back.
                if (attempt->second.open) {
                    orphanAttempt(attempt->second);
                } else if (task.state != TaskState::Cancelled) {
                    m_fencer.release(attempt->second);
                }
                m_attempts.erase(attempt);
            }
            m_losses.erase(ref);
            endRunIfDone(run);
            break;
        case TaskState::Stalled:
            Q_EMIT taskStalled(run.id, index);
            break;
        default:
            break;
    }
    if (!m_pumpPlanned && m_running) {
        m_pumpPlanned = true;
        QMetaObject::invokeMethod(this, &FlowEngine::pump, Qt::QueuedConnection);
    }
}

void FlowEngine::drainQueue(TaskRef ref)
{
    auto it = m_queued.find(ref);
    if (it == m_queued.end()) {
        return;
    }
    auto waiting = std::move(it->second);
    m_queued.erase(it);
    for (const Then& again : waiting) {
        again();
    }
}

void FlowEngine::endRunIfDone(Run& run)
{
    // A failed task may still be reset, unless the run was cancelled.
    const int ended = run.count(TaskState::Done) + run.count(TaskState::Cancelled) +
                      (run.cancelled ? run.count(TaskState::Failed) : 0);
    const int open = static_cast<int>(run.tasks.size()) - ended;
    if (open == 0 && run.endedAtMs == 0) {
        run.endedAtMs = m_clock.nowMs();
        saveRun(run);
        m_manifests.close(run.number);
    }
    m_changedRuns.insert(run.id);
    m_flush.start();
}

void FlowEngine::saveRun(Run& run)
{
    m_store.saveRun(run, this, [this, number = run.number](const Result<void>& saved) {
        if (!saved) {
            QTimer::singleShot(kRetryStoreMs, this, [this, number] { saveRun(*find(number)); });
        }
    });
}

void FlowEngine::changed(const Run& run, int task)
{
    m_changedTasks.insert(run.taskId(task));
    m_changedRuns.insert(run.id);
    if (!m_flush.isActive()) {
        m_flush.start();
    }
}

void FlowEngine::flushChanges()
{
    const auto tasks = std::exchange(m_changedTasks, {});
    const auto runs = std::exchange(m_changedRuns, {});
    if (!tasks.isEmpty()) {
        Q_EMIT tasksChanged(QStringList(tasks.begin(), tasks.end()));
    }
    if (!runs.isEmpty()) {
        Q_EMIT runsChanged(QStringList(runs.begin(), runs.end()));
    }
}

Figures FlowEngine::figuresOf(const Live& live)
{
    return {.objects = live.objectsTotal,
            .bytes = live.bytesTotal,
            .objectsDone = live.objectsDone,
            .objectsKept = live.objectsKept,
            .bytesDone = live.bytesDone,
            .objectsNot = live.objectsNot,
            .leftOut = live.leftOut};
}

void FlowEngine::forgetLive(Task& task)
{
    if (!task.live) {
        return;
    }
    task.figures = figuresOf(*task.live);
    task.live.reset();
}

}  // namespace sluice::flow
