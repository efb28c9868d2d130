#include "worker/supervisor.h"

#include <algorithm>
#include <utility>

namespace sluice::worker {

Supervisor::Supervisor(WorkerOptions options, StartParams startParams, const Clock& clock, QObject* parent)
    : Supervisor(std::move(options), std::move(startParams), clock, Pace{}, parent)
{
}

Supervisor::Supervisor(WorkerOptions options, StartParams startParams, const Clock& clock, Pace pace,
                       QObject* parent)
    : QObject(parent),
      m_options(std::move(options)),
      m_startParams(std::move(startParams)),
      m_clock(clock),
      m_pace(pace),
      m_delayMs(pace.firstDelayMs)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Supervisor::launch);
}

Supervisor::~Supervisor()
{
    if (m_process) {
        m_process->disconnect(this);
        delete m_process;
    }
}

void Supervisor::start()
{
    if (!m_wanted) {
        m_wanted = true;
        if (!m_process) {
            launch();
        }
    }
}

void Supervisor::stop()
{
    m_wanted = false;
    m_timer.stop();
    if (m_process) {
        m_process->kill();
    } else {
        QMetaObject::invokeMethod(this, &Supervisor::stopped, Qt::QueuedConnection);
    }
}

void Supervisor::restart()
{
    if (m_process) {
        m_process->kill();
    }
}

void Supervisor::launch()
{
    m_up = false;
    m_launchedAtMs = m_clock.monotonicMs();
    m_lastError = Error{};
    auto* const process = new WorkerProcess(m_options, m_clock, this);
    m_process = process;
    connect(process, &WorkerProcess::event, this, &Supervisor::event);
    connect(process, &WorkerProcess::asked, this, &Supervisor::asked);
    connect(process, &WorkerProcess::logLine, this, &Supervisor::logLine);
    connect(process, &WorkerProcess::exited, this, &Supervisor::ended);
    process->start();
    process->call(QStringLiteral("start"), m_startParams(), m_pace.startDeadlineMs, process,
                  [this, process](const Result<QJsonObject>& result) {
                      if (!process->isRunning()) {
                          return;
                      }
                      if (result) {
                          m_up = true;
                          Q_EMIT up(process->pid());
                      } else {
                          m_lastError = result.error();
                          process->kill();
                      }
                  });
}

void Supervisor::ended(int exitCode, bool crashed)
{
    m_up = false;
    Error error = m_lastError;
    if (error.message.isEmpty()) {
        error = Error{.code = ErrorCode::Unavailable,
                      .message = QStringLiteral("The worker %1 ended").arg(m_options.label),
                      .cause = crashed ? QStringLiteral("by a signal, or it could not be started")
                                       : QStringLiteral("with exit code %1").arg(exitCode),
                      .correction = QStringLiteral("It is started again by itself; its log says more"),
                      .retryable = true,
                      .source = QStringLiteral("worker")};
    }
    m_process->deleteLater();
    m_process.clear();
    if (!m_wanted) {
        Q_EMIT down(error, -1);
        Q_EMIT stopped();
        return;
    }
    if (m_clock.monotonicMs() - m_launchedAtMs >= m_pace.stableAfterMs) {
        m_delayMs = m_pace.firstDelayMs;
    }
    const qint64 delay = m_delayMs;
    m_delayMs = std::min(m_delayMs * 2, m_pace.longestDelayMs);
    m_timer.start(int(delay));
    Q_EMIT down(error, delay);
}

void Supervisor::call(const QString& method, const QJsonObject& params, qint64 deadlineMs, QObject* context,
                      CallResult callback, Effect effect)
{
    if (m_process && m_up) {
        m_process->call(method, params, deadlineMs, context, std::move(callback), effect);
        return;
    }
    const Error error{
        .code = ErrorCode::Unavailable,
        .message = QStringLiteral("The worker %1 does not run").arg(m_options.label),
        .cause = m_lastError.message,
        .correction = QStringLiteral("It is started again by itself; try again in some seconds"),
        .retryable = true,
        .source = QStringLiteral("worker")};
    QMetaObject::invokeMethod(
        this,
        [context = QPointer<QObject>(context), callback = std::move(callback), error] {
            if (context) {
                callback(fail(error));
            }
        },
        Qt::QueuedConnection);
}

void Supervisor::cast(const QString& method, const QJsonObject& params)
{
    if (m_process) {
        m_process->cast(method, params);
    }
}

void Supervisor::answer(quint64 id, const Result<QJsonObject>& result)
{
    if (m_process) {
        m_process->answer(id, result);
    }
}

}  // namespace sluice::worker
