#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtCore/QTimer>
#include <functional>

#include "core/clock.h"
#include "worker/worker_process.h"

namespace sluice::worker {

/// Keeps one worker alive: whenever it ends, it is started again, after 0.2 s at first, twice as long after
/// every further failure, 10 s at most. A life of 30 s makes the delay short again.
/// @thread main loop only
class Supervisor final : public QObject {
    Q_OBJECT

public:
    struct Pace {
        qint64 firstDelayMs{200};
        qint64 longestDelayMs{10'000};
        qint64 stableAfterMs{30'000};
        qint64 startDeadlineMs{5'000};
    };
    /// Makes the parameters of "start" anew for every life, so that no secret is kept here.
    using StartParams = std::function<QJsonObject()>;

    Supervisor(WorkerOptions options, StartParams startParams, const Clock& clock, QObject* parent = nullptr);
    Supervisor(WorkerOptions options, StartParams startParams, const Clock& clock, Pace pace,
               QObject* parent = nullptr);
    ~Supervisor() override;

    void start();
    /// Kills the worker and starts no other. stopped() says when it is proved dead.
    void stop();
    /// Kills the worker; another one is started as after any end.
    void restart();

    /// As WorkerProcess::call. @error also Unavailable while no worker runs or it was not started yet.
    void call(const QString& method, const QJsonObject& params, qint64 deadlineMs, QObject* context,
              CallResult callback, Effect effect = Effect::Reads);
    void cast(const QString& method, const QJsonObject& params);
    void answer(quint64 id, const Result<QJsonObject>& result);

    qint64 pid() const { return m_process ? m_process->pid() : 0; }
    /// The worker runs and took its "start".
    bool isUp() const { return m_up; }

Q_SIGNALS:
    void event(const QString& name, const QJsonObject& params);
    void asked(quint64 id, const QString& method, const QJsonObject& params);
    void logLine(const QString& line);
    /// "start" was answered.
    void up(qint64 pid);
    /// The worker ended, or refused "start"; the next one comes in `nextTryMs` (-1: none).
    void down(const sluice::Error& error, qint64 nextTryMs);
    void stopped();

private:
    void launch();
    void ended(int exitCode, bool crashed);

    WorkerOptions m_options;
    StartParams m_startParams;
    const Clock& m_clock;
    Pace m_pace;
    bool m_wanted{false};
    bool m_up{false};
    qint64 m_delayMs;
    qint64 m_launchedAtMs{0};
    Error m_lastError{};
    QTimer m_timer{};
    QPointer<WorkerProcess> m_process{};
};

}  // namespace sluice::worker
