#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QObject>
#include <QtCore/QProcess>
#include <QtCore/QStringList>
#include <QtCore/QTimer>
#include <memory>

#include "core/clock.h"
#include "core/redact.h"
#include "worker/pending_calls.h"

namespace sluice::worker {

class FrameSocket;
struct Frame;

struct WorkerOptions {
    /// Absolute path of sluice-worker.
    QString program{};
    /// "observe" or "move".
    QStringList arguments{};
    /// For the engine's log: "observe vega", "R-1/copy-train".
    QString label{};
    qint64 beatTimeoutMs{10'000};
    /// A call this much over its deadline ends the worker.
    qint64 graceMs{2'000};
    qint64 maxQueuedBytes{32LL * 1024 * 1024};
};

/// One worker process, from its start to the proof of its end. Calls, events and asks go over a socket the
/// worker has as fd 3; what it writes to stderr comes out as log lines. The worker inherits no other
/// descriptor and only the environment that says where programs, time zone and language are. It is ended by
/// SIGKILL when a call is overdue, when its heartbeat stays away, or when it writes what is no frame.
/// @thread main loop only; one object is one process, it is not started twice. From a slot of its signals or
/// a
///         callback use deleteLater(), not delete.
class WorkerProcess final : public QObject {
    Q_OBJECT

public:
    WorkerProcess(WorkerOptions options, const Clock& clock, QObject* parent = nullptr);
    /// Kills the process if it still runs, and waits up to a second until it is reaped.
    ~WorkerProcess() override;

    void start();
    /// `callback` is called once, never within call(), and not at all if `context` is destroyed first. Calls
    /// may be made as soon as start() returned. What `params` holds is never logged; its bytes are wiped
    /// after sending.
    /// @error of the callback: what the worker replied; Unavailable: the process is not there (any more);
    ///        DeadlineExceeded; OutcomeUnknown instead of both if `effect` is Mutates and the call had been
    ///        sent.
    void call(const QString& method, const QJsonObject& params, qint64 deadlineMs, QObject* context,
              CallResult callback, Effect effect = Effect::Reads);
    void answer(quint64 id, const Result<QJsonObject>& result);
    void cast(const QString& method, const QJsonObject& params);

    /// SIGKILL. The end is told by exited(), not before.
    void kill();
    /// 0 before the start and after the end.
    qint64 pid() const;
    bool isRunning() const { return m_state == State::Running; }
    const QString& label() const { return m_options.label; }

Q_SIGNALS:
    void started(qint64 pid);
    void event(const QString& name, const QJsonObject& params);
    /// The worker waits for answer(id, …).
    void asked(quint64 id, const QString& method, const QJsonObject& params);
    void logLine(const QString& line);
    /// The process is reaped: nothing of it can act any more. `crashed`: it was ended by a signal, or could
    /// not be started (exitCode -1). Emitted once, after pending calls were failed.
    void exited(int exitCode, bool crashed);

private:
    enum class State { New, Running, Ended };

    bool openSocket();
    void receive(const Frame& frame);
    void send(const Frame& frame);
    void readLog(bool atEnd);
    void check();
    void scheduleCheck();
    void killFor(const QString& reason);
    void finish(int exitCode, bool crashed);

    WorkerOptions m_options;
    const Clock& m_clock;
    State m_state{State::New};
    qint64 m_pid{0};
    qint64 m_lastBeatMs{0};
    int m_childFd{-1};
    QByteArray m_logRest{};
    LineRedactor m_logLines{};
    QString m_killReason{};
    QTimer m_timer{};
    PendingCalls m_calls;
    std::unique_ptr<FrameSocket> m_socket{};
    std::unique_ptr<QProcess> m_process{};
};

}  // namespace sluice::worker
