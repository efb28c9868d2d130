#include "worker/worker_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QtCore/QJsonObject>
#include <QtCore/QProcessEnvironment>
#include <algorithm>
#include <utility>

#include "core/descriptors.h"
#include "worker/frame_socket.h"

namespace sluice::worker {
namespace {

constexpr int kWorkerFd = 3;
constexpr int kReapMs = 1000;
constexpr qsizetype kMaxLogLine = 8 * 1024;

Error notRunning(const QString& label, const QString& cause)
{
    return Error{.code = ErrorCode::Unavailable,
                 .message = QStringLiteral("The worker %1 does not run").arg(label),
                 .cause = cause,
                 .correction = QStringLiteral("Wait until it is started again, or look at its log"),
                 .retryable = true,
                 .source = QStringLiteral("worker")};
}

/// What a worker may know of the engine's environment: no CEPH_ARGS, no credentials, no state folder.
QProcessEnvironment workerEnvironment()
{
    const QProcessEnvironment all = QProcessEnvironment::systemEnvironment();
    QProcessEnvironment some;
    for (const char* name : {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
                             "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
        const QString key = QString::fromLatin1(name);
        if (all.contains(key)) {
            some.insert(key, all.value(key));
        }
    }
    return some;
}

/// Between fork and exec: only async-signal-safe calls.
void becomeWorker(int socketFd)
{
    if (socketFd == kWorkerFd) {
        ::fcntl(kWorkerFd, F_SETFD, 0);
    } else {
        ::dup2(socketFd, kWorkerFd);
    }
    ::close_range(kWorkerFd + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    // The engine blocks the signals it waits for, and exec hands the mask on.
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    giveBackDescriptorLimit();
}

/// Its own destructor would wait half a minute for a process that hangs in the kernel. It stays reachable:
/// this is no leak.
void leaveBehind(QProcess* process)
{
    static auto* const left = new QList<QProcess*>();
    left->append(process);
}

}  // namespace

WorkerProcess::WorkerProcess(WorkerOptions options, const Clock& clock, QObject* parent)
    : QObject(parent), m_options(std::move(options)), m_clock(clock), m_calls(m_options.graceMs)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &WorkerProcess::check);
}

WorkerProcess::~WorkerProcess()
{
    if (m_process) {
        m_process->disconnect(this);
        m_process->kill();
        if (m_process->state() != QProcess::NotRunning && !m_process->waitForFinished(kReapMs)) {
            leaveBehind(m_process.release());
        }
    }
    if (m_childFd >= 0) {
        ::close(m_childFd);
    }
}

bool WorkerProcess::openSocket()
{
    int fds[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        return false;
    }
    m_childFd = fds[1];
    m_socket = std::make_unique<FrameSocket>(fds[0], m_options.maxQueuedBytes);
    connect(m_socket.get(), &FrameSocket::frameReceived, this, &WorkerProcess::receive);
    connect(m_socket.get(), &FrameSocket::ended, this, [this](const Error& error) {
        // A worker that leaves closes its end too: then there is nothing to kill, and exited() comes by
        // itself.
        killFor(error.code == ErrorCode::Unavailable ? QString() : error.toLine());
    });
    return true;
}

void WorkerProcess::start()
{
    if (m_state != State::New) {
        return;
    }
    m_state = State::Running;
    m_lastBeatMs = m_clock.monotonicMs();
    if (!openSocket()) {
        QMetaObject::invokeMethod(
            this, [this] { finish(-1, true); }, Qt::QueuedConnection);
        return;
    }
    m_process = std::make_unique<QProcess>();
    m_process->setProgram(m_options.program);
    m_process->setArguments(m_options.arguments);
    m_process->setProcessEnvironment(workerEnvironment());
    m_process->setStandardInputFile(QProcess::nullDevice());
    m_process->setStandardOutputFile(QProcess::nullDevice());
    m_process->setChildProcessModifier([fd = m_childFd] { becomeWorker(fd); });
    connect(m_process.get(), &QProcess::readyReadStandardError, this, [this] { readLog(false); });
    connect(m_process.get(), &QProcess::finished, this,
            [this](int code, QProcess::ExitStatus status) { finish(code, status == QProcess::CrashExit); });
    connect(
        m_process.get(), &QProcess::errorOccurred, this,
        [this](QProcess::ProcessError problem) {
            if (problem == QProcess::FailedToStart) {
                m_killReason = m_process->errorString();
                finish(-1, true);
            }
        },
        Qt::QueuedConnection);
    connect(m_process.get(), &QProcess::started, this, [this] {
        m_pid = m_process->processId();
        Q_EMIT started(m_pid);
    });
    m_process->start();
    m_pid = m_process->processId();
    ::close(std::exchange(m_childFd, -1));
    scheduleCheck();
}

void WorkerProcess::call(const QString& method, const QJsonObject& params, qint64 deadlineMs,
                         QObject* context, CallResult callback, Effect effect)
{
    const auto refuse = [this, context, callback](const Error& error) {
        QMetaObject::invokeMethod(
            this,
            [context = QPointer<QObject>(context), callback, error] {
                if (context) {
                    callback(fail(error));
                }
            },
            Qt::QueuedConnection);
    };
    if (m_state != State::Running) {
        refuse(notRunning(m_options.label, m_killReason));
        return;
    }
    const quint64 id = m_calls.add(PendingCalls::Call{.method = method,
                                                      .dueMs = m_clock.monotonicMs() + deadlineMs,
                                                      .effect = effect,
                                                      .context = context,
                                                      .callback = callback});
    const Result<void> sent = m_socket->send(
        Frame{.type = FrameType::Call, .id = id, .method = method, .body = params, .deadlineMs = deadlineMs});
    if (!sent) {
        m_calls.drop(id);
        refuse(sent.error());
        return;
    }
    scheduleCheck();
}

void WorkerProcess::answer(quint64 id, const Result<QJsonObject>& result)
{
    send(replyFrame(FrameType::Answer, id, result));
}

void WorkerProcess::cast(const QString& method, const QJsonObject& params)
{
    send(Frame{.type = FrameType::Cast, .method = method, .body = params});
}

void WorkerProcess::send(const Frame& frame)
{
    if (m_state != State::Running || !m_socket->isOpen()) {
        return;
    }
    if (const Result<void> sent = m_socket->send(frame); !sent) {
        killFor(sent.error().toLine());
    }
}

void WorkerProcess::receive(const Frame& frame)
{
    m_lastBeatMs = m_clock.monotonicMs();
    switch (frame.type) {
        case FrameType::Beat:
            break;
        case FrameType::Event:
            Q_EMIT event(frame.method, frame.body);
            break;
        case FrameType::Ask:
            Q_EMIT asked(frame.id, frame.method, frame.body);
            break;
        case FrameType::Reply:
            m_calls.settle(frame.id, resultOf(frame));
            break;
        case FrameType::Call:
        case FrameType::Answer:
        case FrameType::Cast:
            killFor(QStringLiteral("it sent what only an engine may send"));
            break;
    }
}

void WorkerProcess::readLog(bool atEnd)
{
    m_logRest += m_process->readAllStandardError();
    qsizetype begin = 0;
    for (qsizetype end = m_logRest.indexOf('\n'); end >= 0; end = m_logRest.indexOf('\n', begin)) {
        const QByteArray line = m_logRest.mid(begin, std::min(end - begin, kMaxLogLine));
        begin = end + 1;
        Q_EMIT logLine(m_logLines.feed(QString::fromUtf8(line)));
    }
    m_logRest.remove(0, begin);
    if ((atEnd && !m_logRest.isEmpty()) || m_logRest.size() > kMaxLogLine) {
        Q_EMIT logLine(m_logLines.feed(QString::fromUtf8(m_logRest.left(kMaxLogLine))));
        m_logRest.clear();
    }
}

void WorkerProcess::check()
{
    if (m_state != State::Running) {
        return;
    }
    // Whatever came in while this loop was busy or the machine slept counts before anybody is called late.
    if (m_socket->isOpen()) {
        m_socket->readAvailable();
    }
    if (m_state != State::Running) {
        return;
    }
    const qint64 now = m_clock.monotonicMs();
    if (const QString overdue = m_calls.expire(now); !overdue.isEmpty()) {
        killFor(QStringLiteral("\"%1\" is overdue").arg(overdue));
    } else if (now - m_lastBeatMs >= m_options.beatTimeoutMs) {
        killFor(QStringLiteral("no heartbeat for %1 s").arg((now - m_lastBeatMs) / 1000));
    }
    scheduleCheck();
}

void WorkerProcess::scheduleCheck()
{
    qint64 due = m_lastBeatMs + m_options.beatTimeoutMs;
    if (!m_killReason.isEmpty()) {
        due = m_clock.monotonicMs() + m_options.graceMs;
    } else if (const auto next = m_calls.nextDueMs()) {
        due = std::min(due, *next);
    }
    m_timer.start(int(std::clamp<qint64>(due - m_clock.monotonicMs(), 0, 60'000)));
}

void WorkerProcess::killFor(const QString& reason)
{
    if (m_state == State::Running && m_killReason.isEmpty() && !reason.isEmpty()) {
        m_killReason = reason;
        Q_EMIT logLine(QStringLiteral("the engine ends this worker: ") + reason);
        kill();
    }
}

void WorkerProcess::kill()
{
    if (m_process && m_state == State::Running) {
        m_process->kill();
    }
}

qint64 WorkerProcess::pid() const
{
    return m_state == State::Running ? m_pid : 0;
}

void WorkerProcess::finish(int exitCode, bool crashed)
{
    if (m_state == State::Ended) {
        return;
    }
    if (m_process) {
        readLog(true);
    }
    // Its last frames, a "done" among them, may still be in the socket.
    if (m_socket && m_socket->isOpen()) {
        m_socket->readAvailable();
        m_socket->close();
    }
    m_state = State::Ended;
    m_timer.stop();
    const QString cause = !m_killReason.isEmpty() ? m_killReason
                          : crashed               ? QStringLiteral("it was ended by a signal")
                                                  : QStringLiteral("it left with code %1").arg(exitCode);
    m_killReason = cause;
    m_calls.failAll(notRunning(m_options.label, cause));
    Q_EMIT exited(exitCode, crashed);
}

}  // namespace sluice::worker
