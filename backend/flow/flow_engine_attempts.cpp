// The part of FlowEngine that deals with attempts under way: following, losing, fencing.
#include <QtCore/QJsonArray>

#include "core/log.h"
#include "core/units.h"
#include "flow/flow_engine.h"

namespace sluice::flow {

using model::TaskState;

namespace {

constexpr int kMaxLosses = 5;
/// One outage may stop a thousand tasks at the same moment: so many are marked at a time, and the main loop
/// is free in between.
constexpr int kMostStalling = 50;
constexpr int kStallAgainMs = 5;

}  // namespace

Error FlowEngine::fencedOff()
{
    return Error{.code = ErrorCode::Aborted,
                 .message = QStringLiteral("This attempt was fenced"),
                 .cause = QStringLiteral("a reset or a newer attempt took its place"),
                 .correction = QStringLiteral("Nothing; the newer attempt carries on."),
                 .source = QStringLiteral("flow")};
}

AttemptKey FlowEngine::keyOf(const AttemptRecord& record)
{
    return {record.run, record.task, record.attempt, record.fence};
}

Task* FlowEngine::current(const AttemptKey& key)
{
    Run* run = find(key.run);
    if (!run || key.task < 0 || key.task >= static_cast<int>(run->tasks.size())) {
        return nullptr;
    }
    Task& task = run->tasks[static_cast<size_t>(key.task)];
    return task.attempt == key.attempt && task.fence == key.fence && m_attempts.contains({key.run, key.task})
               ? &task
               : nullptr;
}

bool FlowEngine::recover(const AttemptRecord& record)
{
    Run* run = find(record.run);
    const TaskRef ref{record.run, record.task};
    Task* present = run ? &run->tasks[static_cast<size_t>(record.task)] : nullptr;
    if (!present || !isActive(present->state) || present->attempt != record.attempt) {
        orphanAttempt(record);
        return false;
    }
    Task& task = *present;
    m_attempts[ref] = record;
    task.live = std::make_unique<Live>();
    task.live->phase = QStringLiteral("fencing the attempt of the engine before");
    task.live->lastProgressMonoMs = m_clock.monotonicMs();
    task.live->lastProgressAtMs = m_clock.nowMs();
    task.live->pid = record.pid;
    log::info("flow", QStringLiteral("%1: attempt %2 is left over, fencing it")
                          .arg(run->taskId(record.task))
                          .arg(record.attempt));
    if (!task.resetting) {
        fenceAndRequeue(ref);
    }
    return true;
}

void FlowEngine::orphanAttempt(const AttemptRecord& record)
{
    m_orphans[{record.run, record.task}].append(record);
    fenceLeftover(record);
}

void FlowEngine::fenceLeftover(const AttemptRecord& record)
{
    if (!m_running) {
        return;
    }
    m_fencer.fence(record, [this, record](const Result<void>& done) {
        if (!done) {
            m_whyOrphaned[{record.run, record.task}] = done.error().toLine();
            QTimer::singleShot(m_options.fenceRetryMs, this, [this, record] { fenceLeftover(record); });
            return;
        }
        AttemptRecord ended = record;
        ended.open = false;
        ended.endedAtMs = m_clock.nowMs();
        ended.outcome = record.outcome.isEmpty() ? QStringLiteral("fenced") : record.outcome;
        // Should it not be kept, the next engine fences it once more.
        m_store.saveAttempt(ended, this, [](const Result<void>&) {});
        const auto it = m_orphans.find({record.run, record.task});
        if (it == m_orphans.end()) {
            return;
        }
        it->second.removeIf(
            [&record](const AttemptRecord& other) { return other.attempt == record.attempt; });
        if (it->second.isEmpty()) {
            m_orphans.erase(it);
            m_whyOrphaned.erase({record.run, record.task});
        }
    });
}

void FlowEngine::fenceAndRequeue(TaskRef ref)
{
    const auto it = m_attempts.find(ref);
    if (it == m_attempts.end() || !m_running) {
        return;
    }
    const AttemptKey key = keyOf(it->second);
    m_fencer.fence(it->second, [this, ref, key](const Result<void>& done) {
        Run* run = find(ref.first);
        const auto again = m_attempts.find(ref);
        if (!run || again == m_attempts.end() || again->second.attempt != key.attempt) {
            return;
        }
        Task& task = run->tasks[static_cast<size_t>(ref.second)];
        if (task.resetting) {
            return;
        }
        if (!done) {
            if (task.live) {
                task.live->blocked = QJsonObject{{"what", "fence"},
                                                 {"op", "fence"},
                                                 {"connection", done.error().source},
                                                 {"error", done.error().toJson()}};
                changed(*run, ref.second);
            }
            QTimer::singleShot(m_options.fenceRetryMs, this, [this, ref, attempt = key.attempt] {
                // A reset may have put another attempt there meanwhile.
                if (const auto now = m_attempts.find(ref);
                    now != m_attempts.end() && now->second.attempt == attempt) {
                    fenceAndRequeue(ref);
                }
            });
            return;
        }
        const TaskEvent event = run->cancelled ? TaskEvent::Cancel : TaskEvent::Reset;
        transition(*run, ref.second, event,
                   [this](Task& t, AttemptRecord* record) {
                       t.keepInFlight();
                       forgetLive(t);
                       if (record) {
                           record->open = false;
                           record->endedAtMs = m_clock.nowMs();
                           record->outcome = QStringLiteral("fenced");
                       }
                   },
                   {});
    });
}

void FlowEngine::stallOverdue()
{
    const qint64 now = m_clock.monotonicMs();
    int underWay = 0;
    for (const auto& [ref, record] : m_attempts) {
        Run& run = *find(ref.first);
        Task& task = run.tasks[static_cast<size_t>(ref.second)];
        if (!task.live || task.state == TaskState::Stalled || !isActive(task.state) || task.resetting ||
            now - task.live->lastProgressMonoMs < task.stallAfterMs) {
            continue;
        }
        if (underWay++ == kMostStalling) {
            QTimer::singleShot(kStallAgainMs, this, &FlowEngine::stallOverdue);
            return;
        }
        if (!task.committing) {
            appendLog(run, ref.second, QStringLiteral("warn"),
                      QStringLiteral("stalled: no progress for %1").arg(formatDuration(task.stallAfterMs)));
            transition(run, ref.second, TaskEvent::Deadline, {}, {});
        }
    }
}

void FlowEngine::watch()
{
    stallOverdue();
    for (; !m_notAdmitted.empty(); m_notAdmitted.pop_front()) {
        m_ready.push_back(m_notAdmitted.front());
    }
    pump();
    updateWaitReasons();
    m_manifests.closeIdle([this](qint64 run) {
        const auto attempt = m_attempts.lower_bound({run, 0});
        return attempt != m_attempts.end() && attempt->first.first == run;
    });
}

void FlowEngine::markProgress(Run& run, int index)
{
    Task& task = run.tasks[static_cast<size_t>(index)];
    task.live->lastProgressMonoMs = m_clock.monotonicMs();
    task.live->lastProgressAtMs = m_clock.nowMs();
    if (task.state == TaskState::Stalled && !task.resetting) {
        transition(run, index, TaskEvent::Progress, {}, {});
    }
}

void FlowEngine::started(const AttemptKey& key, qint64 pid, qint64 pidStartedAt)
{
    Task* task = current(key);
    if (task && task->live) {
        task->live->pid = pid;
        task->live->alive = true;
        AttemptRecord& record = m_attempts[{key.run, key.task}];
        record.pid = pid;
        record.pidStartedAt = pidStartedAt;
        m_store.saveAttempt(record, this, [](const Result<void>&) {});
        changed(*find(key.run), key.task);
    }
}

void FlowEngine::phase(const AttemptKey& key, const QString& phase)
{
    Task* task = current(key);
    if (!task || !task->live || task->live->phase == phase) {
        return;
    }
    task->live->phase = phase;
    Run& run = *find(key.run);
    if (phase != QLatin1String("connecting")) {
        markProgress(run, key.task);
    }
    if (phase == QLatin1String("verifying")) {
        transition(run, key.task, TaskEvent::Verify, {}, {});
    }
    changed(run, key.task);
}

void FlowEngine::listed(const AttemptKey& key, qint64 objects, qint64 bytes)
{
    Task* task = current(key);
    if (!task || !task->live) {
        return;
    }
    if (objects != task->live->objectsTotal || bytes != task->live->bytesTotal) {
        task->live->objectsTotal = objects;
        task->live->bytesTotal = bytes;
        markProgress(*find(key.run), key.task);
        changed(*find(key.run), key.task);
    }
}

void FlowEngine::progress(const AttemptKey& key, const QJsonObject& figures)
{
    Task* task = current(key);
    if (!task || !task->live) {
        return;
    }
    Live& live = *task->live;
    const qint64 objects = figures["objectsDone"].toInteger();
    const qint64 bytes = figures["bytesDone"].toInteger();
    const bool didMove = objects > live.objectsDone || bytes > live.bytesDone;
    live.objectsDone = objects;
    live.bytesDone = bytes;
    live.objectsKept = figures["objectsKept"].toInteger();
    const qint64 objectsNot = figures["objectsNot"].toInteger();
    const bool another = std::exchange(live.objectsNot, objectsNot) < objectsNot;
    live.hops = figures["hops"].toObject();
    live.inFlight.clear();
    for (const QJsonValue& object : figures["inFlight"].toArray()) {
        live.inFlight.append(object.toObject());
    }
    live.rate.sample(m_clock.monotonicMs(), bytes);
    if (didMove) {
        // Only what no lost attempt had reached is new: each one counts again what it finds stored.
        const auto losses = m_losses.find({key.run, key.task});
        if (losses != m_losses.end() && (objects > losses->second.objects || bytes > losses->second.bytes)) {
            m_losses.erase(losses);
        }
    }
    if (didMove || another) {
        markProgress(*find(key.run), key.task);
    }
    changed(*find(key.run), key.task);
}

void FlowEngine::leftOut(const AttemptKey& key, const QJsonArray& kinds)
{
    Task* task = current(key);
    if (task && task->live) {
        task->live->leftOut = kinds;
        changed(*find(key.run), key.task);
    }
}

void FlowEngine::blocked(const AttemptKey& key, const QJsonObject& what)
{
    Task* task = current(key);
    if (!task || !task->live) {
        return;
    }
    QJsonObject value = what;
    const bool same =
        task->live->blocked["object"] == what["object"] && task->live->blocked["what"] == what["what"];
    if (!same) {
        appendLog(*find(key.run), key.task, QStringLiteral("warn"),
                  Error::fromJson(what["error"].toObject()).toLine());
    }
    value["since"] = same ? task->live->blocked["since"]
                          : QJsonValue(toRfc3339(m_clock.nowMs() - what["sinceMs"].toInteger()));
    task->live->blocked = value;
    changed(*find(key.run), key.task);
}

void FlowEngine::unblocked(const AttemptKey& key)
{
    Task* task = current(key);
    if (task && task->live && !task->live->blocked.isEmpty()) {
        task->live->blocked = {};
        appendLog(*find(key.run), key.task, QStringLiteral("info"), QStringLiteral("it goes on"));
        changed(*find(key.run), key.task);
    }
}

void FlowEngine::appendLog(const Run& run, int task, const QString& level, const QString& text)
{
    m_log.append(run.taskId(task), toRfc3339(m_clock.nowMs()), level, text);
}

void FlowEngine::logLine(const AttemptKey& key, const QString& level, const QString& text)
{
    const Run* run = find(key.run);
    if (run && key.task >= 0 && key.task < static_cast<int>(run->tasks.size())) {
        appendLog(*run, key.task, level, text);
        Task* task = current(key);
        // One that says what it waits for says it again and again.
        if (task && task->traits().logIsProgress && task->live && task->live->blocked.isEmpty()) {
            markProgress(*find(key.run), key.task);
        }
    }
}

void FlowEngine::claim(const AttemptKey& key, const Claim& claim, Acknowledge done)
{
    AttemptRecord* record = claimant(key, {claim}, done);
    if (!record) {
        return;
    }
    if (!record->claims.contains(claim)) {
        record->claims.append(claim);
    }
    m_store.saveAttempt(*record, this, std::move(done));
}

void FlowEngine::claimsOf(const AttemptKey& key, const QStringList& kinds, const QList<Claim>& claims,
                          Acknowledge done)
{
    AttemptRecord* record = claimant(key, claims, done);
    if (!record) {
        return;
    }
    record->claims.removeIf([&kinds](const Claim& claim) { return kinds.contains(claim.kind); });
    record->claims += claims;
    m_store.saveAttempt(*record, this, std::move(done));
}

/// The attempt, if it may have these claims; else `refused` is told why not.
AttemptRecord* FlowEngine::claimant(const AttemptKey& key, const QList<Claim>& claims,
                                    const Acknowledge& refused)
{
    AttemptRecord* record = current(key) ? &m_attempts[{key.run, key.task}] : nullptr;
    Result<void> may = record && record->open ? Result<void>() : Result<void>(fail(fencedOff()));
    for (qsizetype i = 0; may && i < claims.size(); ++i) {
        may = m_fencer.mayClaim(claims[i]);
    }
    if (!may) {
        refused(may);
        return nullptr;
    }
    return record;
}

void FlowEngine::finished(const AttemptKey& key, const QJsonObject& result)
{
    if (!current(key)) {
        return;
    }
    transition(*find(key.run), key.task, TaskEvent::Finish,
               [this, result](Task& task, AttemptRecord* record) {
                   task.unfinished.clear();
                   if (task.live) {
                       Live& live = *task.live;
                       live.objectsDone = result["objects"].toInteger(live.objectsDone);
                       live.bytesDone = result["bytes"].toInteger(live.bytesDone);
                       live.objectsKept = result["kept"].toInteger(live.objectsKept);
                       live.objectsTotal =
                           result.contains(QLatin1String("objects")) ? live.objectsDone : live.objectsTotal;
                       live.bytesTotal =
                           result.contains(QLatin1String("bytes")) ? live.bytesDone : live.bytesTotal;
                       task.figures = figuresOf(live);
                   }
                   if (record) {
                       record->open = false;
                       record->endedAtMs = m_clock.nowMs();
                       record->outcome = QStringLiteral("done");
                   }
               },
               {});
}

void FlowEngine::unfinished(const AttemptKey& key, const QStringList& objects)
{
    if (Task* task = current(key)) {
        task->addUnfinished(objects);
    }
}

void FlowEngine::failed(const AttemptKey& key, const Error& error)
{
    if (!current(key)) {
        return;
    }
    logLine(key, QStringLiteral("error"), error.toLine());
    transition(*find(key.run), key.task, TaskEvent::Fail,
               [this, error](Task& task, AttemptRecord* record) {
                   task.error = std::make_unique<Error>(error);
                   task.keepInFlight();
                   if (task.live) {
                       const Live& live = *task.live;
                       task.figures = figuresOf(live);
                   }
                   if (record) {
                       record->open = false;
                       record->endedAtMs = m_clock.nowMs();
                       record->outcome = QStringLiteral("failed");
                   }
               },
               {});
}

void FlowEngine::gone(const AttemptKey& key, const QString& how)
{
    Task* task = current(key);
    if (!task || task->resetting) {
        return;
    }
    if (task->committing) {
        m_queued[{key.run, key.task}].push_back([this, key, how] { gone(key, how); });
        return;
    }
    if (!isActive(task->state)) {
        return;
    }
    const TaskRef ref{key.run, key.task};
    Losses& lost = m_losses[ref];
    const int losses = ++lost.count;
    if (task->live) {
        task->live->alive = false;
        task->live->phase = QStringLiteral("lost");
        lost.objects = qMax(lost.objects, task->live->objectsDone);
        lost.bytes = qMax(lost.bytes, task->live->bytesDone);
        // It waits for nothing that it said before.
        task->live->blocked = QJsonObject{
            {"what", "worker"},
            {"op", "run"},
            {"since", toRfc3339(m_clock.nowMs())},
            {"error",
             Error{.code = ErrorCode::Unavailable,
                   .message = QStringLiteral("The worker of %1 ended in the middle of its work: %2")
                                  .arg(task->name, how),
                   .cause = QStringLiteral("%1 of its attempts ended so without progress").arg(losses),
                   .correction = QStringLiteral(
                       "See who or what ends it: the log of the task, and the kernel's log, for "
                       "want of memory"),
                   .retryable = true,
                   .source = QStringLiteral("sluiced")}
                 .toJson()}};
    }
    logLine(key, QStringLiteral("error"), QStringLiteral("the worker is gone: %1").arg(how));
    if (losses > kMaxLosses) {
        failed(key, Error{.code = ErrorCode::Internal,
                          .message = QStringLiteral("The worker ended %1 times without progress").arg(losses),
                          .cause = how,
                          .correction = QStringLiteral("Read the task's log; then reset the run."),
                          .source = QStringLiteral("worker")});
        return;
    }
    changed(*find(key.run), key.task);
    QTimer::singleShot(m_options.lossBackoffMs << losses, this, [this, ref, key] {
        if (current(key)) {
            fenceAndRequeue(ref);
        }
    });
}

}  // namespace sluice::flow
