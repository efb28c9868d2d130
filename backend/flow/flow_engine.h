#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <deque>
#include <map>
#include <memory>

#include "core/clock.h"
#include "flow/executor.h"
#include "flow/manifests.h"
#include "flow/run.h"
#include "flow/run_store.h"
#include "flow/task_log.h"
#include "flow/transition.h"

namespace sluice::flow {

/// Runs flows. Every transition is acted on only after its commit was acknowledged; a store that cannot write
/// holds everything where it is. Finds stalls by itself; picks up attempts a killed engine left behind.
/// @thread main loop only
class FlowEngine final : public QObject, public AttemptSink {
    Q_OBJECT

public:
    struct Options {
        int maxAttempts{8};
        QString manifestFolder{};
        QString logFolder{};
        /// Pause before a lost attempt is fenced and started again; doubles with every loss without progress.
        int lossBackoffMs{500};
        int fenceRetryMs{2000};
    };

    FlowEngine(Options options, store::Database& database, Fencer& fencer, TaskKinds kinds,
               const Clock& clock, QObject* parent = nullptr);

    /// What runs the tasks of the kind of that name.
    void addExecutor(const QString& kind, Executor& executor);
    /// Blocking; at start only. Starts nothing yet.
    Result<void> load();
    /// After load(): the highest number that a run has in the store, and that one has left in the folders.
    /// New runs are numbered above both.
    qint64 lastStored() const { return m_lastStored; }
    qint64 lastLeft() const { return m_lastLeft; }
    /// Runs at work that have begun to copy and whose manifest is not there.
    QStringList lostManifests() const;
    /// Begins to act: recovers open attempts, starts what is ready.
    void start();
    /// Orderly end: no new attempts; workers end with their engine.
    void stop();

    using RunCallback = std::function<void(Result<QString>)>;
    void submit(const model::Flow& flow, const QString& text, const QString& principal, RunCallback done);
    void approve(const QString& run, const QString& task, const QString& principal, Acknowledge done);
    void cancel(const QString& run, Acknowledge done);

    const Run* run(const QString& id) const;
    /// Attempts of a run that are not proved to have ended.
    QList<AttemptRecord> openAttempts(const QString& run) const;
    const std::map<qint64, std::unique_ptr<Run>>& runs() const { return m_runs; }
    /// What the fence of one of its attempts is about.
    FenceWords fenceOf(const AttemptRecord& attempt) const { return m_fencer.describe(attempt); }
    bool hasWork() const;
    void setCase(const QString& run, const QString& caseId);
    Manifests& manifests() { return m_manifests; }
    TaskLog& taskLog() { return m_log; }

    // Steps of a reset, each idempotent; see backend/engine/reset_service.h for the order.
    /// Before start(): a reset that was promised and had not begun claims its task, so that nothing else
    /// starts it.
    void claimForReset(const QString& run, int task, int attempt, qint64 fence);
    /// Durable: the task's fence is raised, so that nothing the old attempt sends is taken any more.
    /// @error FailedPrecondition: the task is not stalled or failed any more, or not in the planned attempt.
    void beginReset(const QString& run, int task, int attempt, qint64 fence, Acknowledge done);
    /// @error as Executor::kill. FailedPrecondition: nothing here runs tasks of its kind
    void killAttempt(const QString& run, int task, QObject* context, Executor::Killed done);
    void lastAttempt(const QString& run, int task, std::function<void(Result<AttemptRecord>)> done);
    /// Durable: the task may start again.
    void finishReset(const QString& run, int task, Acknowledge done);
    /// Durable: the reset could not be carried out; the task has failed and may be reset again.
    void abortReset(const QString& run, int task, const Error& error, Acknowledge done);
    /// Tasks a reset has fenced and not let go, e.g. because the engine was killed in the middle.
    QList<std::pair<QString, int>> resetting() const;

    // AttemptSink
    void started(const AttemptKey& key, qint64 pid, qint64 pidStartedAt) override;
    void phase(const AttemptKey& key, const QString& phase) override;
    void listed(const AttemptKey& key, qint64 objects, qint64 bytes) override;
    void progress(const AttemptKey& key, const QJsonObject& figures) override;
    void blocked(const AttemptKey& key, const QJsonObject& what) override;
    void unblocked(const AttemptKey& key) override;
    void leftOut(const AttemptKey& key, const QJsonArray& kinds) override;
    void logLine(const AttemptKey& key, const QString& level, const QString& text) override;
    void claim(const AttemptKey& key, const Claim& claim, Acknowledge done) override;
    void claimsOf(const AttemptKey& key, const QStringList& kinds, const QList<Claim>& claims,
                  Acknowledge done) override;
    void commit(const AttemptKey& key, QList<store::ManifestEntry> entries, Acknowledge done) override;
    void lookup(const AttemptKey& key, const QStringList& names, Entries done) override;
    void page(const AttemptKey& key, const QString& ofTask, const QString& after, int limit,
              Entries done) override;
    void strangers(const AttemptKey& key, const QString& ofTask, const QStringList& names,
                   Names done) override;
    void finished(const AttemptKey& key, const QJsonObject& result) override;
    void unfinished(const AttemptKey& key, const QStringList& objects) override;
    void failed(const AttemptKey& key, const Error& error) override;
    void gone(const AttemptKey& key, const QString& how) override;

Q_SIGNALS:
    /// Coalesced, at most 20 times a second.
    void tasksChanged(const QStringList& ids);
    void runsChanged(const QStringList& ids);
    void taskStalled(const QString& run, int task);
    void taskStateChanged(const QString& run, int task);

private:
    using TaskRef = std::pair<qint64, int>;
    using Then = std::function<void()>;

    Run* find(qint64 run);
    Run* find(const QString& id);
    /// The task a key speaks for, or null if that attempt was fenced or ended.
    Task* current(const AttemptKey& key);
    AttemptRecord* claimant(const AttemptKey& key, const QList<Claim>& claims, const Acknowledge& refused);
    bool transition(Run& run, int task, TaskEvent event, std::function<void(Task&, AttemptRecord*)> prepare,
                    Then then);
    void persist(qint64 run, int task, model::TaskState to, bool withAttempt, Then then);
    void applied(Run& run, int task, model::TaskState to);
    /// Everything that the task needs is done.
    void becomeReady(Run& run, int task);
    void afterState(Run& run, int task);
    Executor* executorOf(const Task& task) const { return m_executors.value(task.kind->name()); }
    void drainQueue(TaskRef ref);
    void endRunIfDone(Run& run);
    void saveRun(Run& run);
    /// What the manifest of a run must hold.
    QList<store::ManifestHolding> holdingsOf(qint64 number) const;
    void pump();
    bool tryStart(Run& run, int task);
    void launch(Run& run, int task);
    /// The manifest learns the new fence before the attempt exists, so that an older one cannot commit.
    void launchUnderFence(const StartOrder& order);
    /// Hands the attempt to its executor, unless it was ended while its start was being written.
    void dispatch(const StartOrder& order);
    bool hasPlace() const;
    QString whyOrphaned(TaskRef ref) const;
    QString placesTaken() const;
    void updateWaitReasons();
    /// @return whether the task's present attempt is taken up again
    bool recover(const AttemptRecord& record);
    void fenceAndRequeue(TaskRef ref);
    /// Its task goes on without it, and it was not proved dead.
    void orphanAttempt(const AttemptRecord& record);
    /// An attempt that is not its task's present one: only fenced and closed, it holds no place.
    void fenceLeftover(const AttemptRecord& record);
    void releaseFromReset(Run& run, int task, Acknowledge done);
    void watch();
    /// Marks those that have not moved for their deadline, a slice at a time.
    void stallOverdue();
    void markProgress(Run& run, int task);
    void changed(const Run& run, int task);
    /// A line of the task's log.
    void appendLog(const Run& run, int task, const QString& level, const QString& text);
    void flushChanges();
    void forgetLive(Task& task);
    /// Counts that outlive the attempt.
    static Figures figuresOf(const Live& live);
    static AttemptKey keyOf(const AttemptRecord& record);
    static Error fencedOff();

    Options m_options;
    TaskKinds m_kinds;
    RunStore m_store;
    Fencer& m_fencer;
    const Clock& m_clock;
    Manifests m_manifests;
    TaskLog m_log;
    QHash<QString, Executor*> m_executors{};
    std::map<qint64, std::unique_ptr<Run>> m_runs{};
    qint64 m_lastNumber{};
    qint64 m_lastStored{};
    qint64 m_lastLeft{};
    QList<AttemptRecord> m_toRecover{};
    std::map<TaskRef, AttemptRecord> m_attempts{};
    /// Workers lost one after the other, and how far the best of them came.
    struct Losses {
        int count{};
        qint64 objects{};
        qint64 bytes{};
    };
    std::map<TaskRef, Losses> m_losses{};
    std::map<TaskRef, QList<AttemptRecord>> m_orphans{};
    /// Why one of them is not fenced yet.
    std::map<TaskRef, QString> m_whyOrphaned{};
    std::map<TaskRef, std::deque<Then>> m_queued{};
    std::deque<TaskRef> m_ready{};
    std::deque<TaskRef> m_notAdmitted{};
    bool m_running{false};
    bool m_pumpPlanned{false};
    QTimer m_watch{};
    QTimer m_flush{};
    QSet<QString> m_changedTasks{};
    QSet<QString> m_changedRuns{};
};

}  // namespace sluice::flow
