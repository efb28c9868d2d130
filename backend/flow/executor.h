#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>

#include "core/callback.h"
#include "core/error.h"
#include "flow/run_store.h"
#include "model/flow.h"
#include "store/manifest.h"

namespace sluice::flow {

using Acknowledge = std::function<void(const Result<void>&)>;

/// Names one attempt; a call with the key of an attempt that was fenced since is refused.
struct AttemptKey {
    qint64 run{};
    int task{};
    int attempt{};
    qint64 fence{};
};

/// What an executor tells the flow engine about an attempt.
/// @thread main loop only
class AttemptSink {
public:
    virtual ~AttemptSink() = default;
    virtual void started(const AttemptKey& key, qint64 pid, qint64 pidStartedAt) = 0;
    virtual void phase(const AttemptKey& key, const QString& phase) = 0;
    virtual void listed(const AttemptKey& key, qint64 objects, qint64 bytes) = 0;
    /// Shape as the worker's `progress` event: {objectsDone, bytesDone, objectsKept, objectsNot, inFlight,
    /// hops}
    virtual void progress(const AttemptKey& key, const QJsonObject& figures) = 0;
    virtual void blocked(const AttemptKey& key, const QJsonObject& what) = 0;
    virtual void unblocked(const AttemptKey& key) = 0;
    /// What the source has and the move cannot carry. Shape: [{what, count, example}]
    virtual void leftOut(const AttemptKey& key, const QJsonArray& kinds) = 0;
    virtual void logLine(const AttemptKey& key, const QString& level, const QString& text) = 0;
    /// Durable before `done`: only then may the attempt use what it claims. @error Aborted: the attempt was
    /// fenced, or has ended. FailedPrecondition: nobody could take back a claim of that kind.
    virtual void claim(const AttemptKey& key, const Claim& claim, Acknowledge done) = 0;
    /// Durable before `done`: of these kinds the attempt has these claims and no others. @error as claim
    virtual void claimsOf(const AttemptKey& key, const QStringList& kinds, const QList<Claim>& claims,
                          Acknowledge done) = 0;
    /// Durable before `done`. @error Aborted: the attempt was fenced.
    virtual void commit(const AttemptKey& key, QList<store::ManifestEntry> entries, Acknowledge done) = 0;
    using Entries = std::function<void(Result<QList<store::ManifestEntry>>)>;
    virtual void lookup(const AttemptKey& key, const QStringList& names, Entries done) = 0;
    /// Entries of another task of the run (for verify), by name after `after`.
    virtual void page(const AttemptKey& key, const QString& ofTask, const QString& after, int limit,
                      Entries done) = 0;
    using Names = std::function<void(Result<QStringList>)>;
    /// Those of `names`, below the destination of that task, that no task of the run put there (for verify).
    virtual void strangers(const AttemptKey& key, const QString& ofTask, const QStringList& names,
                           Names done) = 0;
    virtual void finished(const AttemptKey& key, const QJsonObject& result) = 0;
    /// Objects, by their names in the source, that the attempt may leave half written; said before `failed`.
    virtual void unfinished(const AttemptKey& key, const QStringList& objects) = 0;
    virtual void failed(const AttemptKey& key, const Error& error) = 0;
    /// The process is reaped. Without finished or failed before it, the attempt is lost.
    virtual void gone(const AttemptKey& key, const QString& how) = 0;
};

struct StartOrder {
    AttemptKey key{};
    QString run{};
    model::TaskSpec spec{};
    /// verify: the move task whose destination is compared
    model::TaskSpec subject{};
    bool resume{false};
    qint64 submittedAtMs{0};
};

/// What became of the process of an attempt that was to be ended.
enum class ProcessEnd {
    Reaped,    ///< it was there, and its end was seen
    NotThere,  ///< there was none: it had ended before, or was never begun
};

/// Runs attempts of one kind of task. Its callbacks never come at once, and not once `context` is gone.
/// @thread main loop only
class Executor {
public:
    virtual ~Executor() = default;
    /// May it start now? The error says what it waits for; asked again every second.
    virtual Result<void> admit(const model::TaskSpec& spec, const model::TaskSpec& subject) = 0;
    virtual void start(const StartOrder& order, AttemptSink& sink) = 0;
    using Killed = std::function<void(const Result<ProcessEnd>&)>;
    /// Ends the process of an attempt; `done` comes after it was reaped. May be asked by several at the same
    /// time: each is answered. @error DeadlineExceeded: it was killed and is still there; ask again
    virtual void kill(const AttemptKey& key, QObject* context, Killed done) = 0;
    /// Orderly end: its attempts stay open, for the next engine to fence. `done` comes when none of them is
    /// at work any more, or after some seconds.
    virtual void stop(QObject* context, std::function<void()> done) { callLater(context, std::move(done)); }
    /// How many attempts hold the key of that generation of a role.
    virtual int holders(const QString& role, int generation) const
    {
        Q_UNUSED(role)
        Q_UNUSED(generation)
        return 0;
    }
};

/// Makes sure that nothing an attempt left behind can still write.
class Fencer {
public:
    virtual ~Fencer() = default;
    /// Takes back all that the attempt claims, and ends a process that outlived its engine. Idempotent.
    /// @error Unavailable: what is asked does not answer, so the fence is not proved. FailedPrecondition: it
    /// has a claim of a kind that nobody can take back.
    virtual void fence(const AttemptRecord& attempt, Acknowledge done) = 0;
    /// @error FailedPrecondition: nobody could take it back
    virtual Result<void> mayClaim(const Claim& claim) const = 0;
    virtual FenceWords describe(const AttemptRecord& attempt) const = 0;
    /// What is written in the transaction that keeps the end of an attempt: without it, an engine that dies
    /// between that end and its release() leaves behind what was made for the attempt.
    virtual RunStore::Write noteRelease(const AttemptRecord& attempt) const = 0;
    /// After an end that was kept: only takes back what was made for the attempt.
    virtual void release(const AttemptRecord& attempt) = 0;
};

}  // namespace sluice::flow
