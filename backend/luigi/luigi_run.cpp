#include "luigi/luigi_run.h"

#include <linux/close_range.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QProcessEnvironment>
#include <QtCore/QTimer>
#include <algorithm>
#include <csignal>

#include "core/descriptors.h"
#include "core/redact.h"
#include "luigi/facts.h"

namespace sluice::luigi {
namespace {

constexpr int kKillDeadlineMs = 10'000;
constexpr int kMostHeldMs = 15'000;
/// Without permission to run this often, it is not a task that just ends elsewhere: a person should look.
constexpr int kMostNotGranted = 30;
constexpr int kMostLine = 4'096;
constexpr int kMostBuffer = 1 << 20;

/// Exit codes of the generated configuration. Luigi exits with the highest that applies, so the one that only
/// asks for patience is the lowest.
enum LuigiExit {
    kDone = 0,
    kArgparse = 2,
    kAlreadyRunning = 10,
    kMissingData = 20,
    kNotRun = 25,
    kTaskFailed = 30,
    kSchedulingError = 35,
    kUnhandled = 40,
};

QString levelOf(const QString& line)
{
    if (line.startsWith(QLatin1String("ERROR")) || line.startsWith(QLatin1String("CRITICAL"))) {
        return QStringLiteral("error");
    }
    return line.startsWith(QLatin1String("WARNING")) ? QStringLiteral("warn") : QStringLiteral("info");
}

QProcessEnvironment environmentFor(const LuigiJob& job, const QString& config)
{
    const QProcessEnvironment whole = QProcessEnvironment::systemEnvironment();
    QProcessEnvironment reduced;
    for (const char* name :
         {"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "USER", "LOGNAME"}) {
        const QString key = QLatin1String(name);
        if (whole.contains(key)) {
            reduced.insert(key, whole.value(key));
        }
    }
    for (auto it = job.environment.begin(); it != job.environment.end(); ++it) {
        reduced.insert(it.key(), it.value());
    }
    if (!job.pythonPath.isEmpty()) {
        reduced.insert(QStringLiteral("PYTHONPATH"), job.pythonPath);
    }
    reduced.insert(QStringLiteral("PYTHONUNBUFFERED"), QStringLiteral("1"));
    reduced.insert(QStringLiteral("LUIGI_CONFIG_PATH"), config);
    reduced.insert(QStringLiteral("SLUICE_ATTEMPT"), job.marker);
    return reduced;
}

/// Makes the private folder and puts the configuration there.
Result<QString> prepare(const LuigiJob& job)
{
    const QString path = QDir(job.workDir).filePath(QStringLiteral("luigi.cfg"));
    QFile file(path);
    if (!QDir().mkpath(job.workDir) ||
        !QFile::setPermissions(job.workDir, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner) ||
        !file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(luigiConfig()) < 0) {
        return fail(
            {.code = ErrorCode::Unavailable,
             .message = QStringLiteral("The folder of the Luigi attempt cannot be made"),
             .cause = QStringLiteral("%1: %2").arg(job.workDir, file.errorString()),
             .correction = QStringLiteral("Free space in the state folder and see that it can be written."),
             .retryable = true,
             .source = QStringLiteral("luigi")});
    }
    return path;
}

}  // namespace

LuigiRun::LuigiRun(LuigiJob job, const Clock& clock, QObject* parent)
    : QObject(parent),
      m_job(std::move(job)),
      m_clock(clock),
      m_parser(std::make_unique<OutputParser>(m_job.family, m_job.params))
{
}

LuigiRun::~LuigiRun()
{
    if (m_process && m_process->state() != QProcess::NotRunning) {
        m_process->disconnect(this);
        if (m_process->processId() > 1) {
            ::kill(-pid_t(m_process->processId()), SIGKILL);
            ::kill(pid_t(m_process->processId()), SIGKILL);
        }
        // Reaped when it is dead, without waiting for that here.
        QProcess* process = m_process.release();
        process->setParent(QCoreApplication::instance());
        connect(process, &QProcess::finished, process, &QObject::deleteLater);
    }
}

const LuigiProgress& LuigiRun::progress() const
{
    return m_parser->progress();
}

void LuigiRun::start()
{
    Result<void> checked = checkJob(m_job);
    if (!checked) {
        QMetaObject::invokeMethod(
            this, [this, error = checked.error()] { conclude(fail(error)); }, Qt::QueuedConnection);
        return;
    }
    QMetaObject::invokeMethod(this, &LuigiRun::spawn, Qt::QueuedConnection);
}

void LuigiRun::spawn()
{
    if (m_killed || m_over) {
        return;
    }
    const Result<QString> config = prepare(m_job);
    if (!config) {
        conclude(fail(config.error()));
        return;
    }
    m_parser = std::make_unique<OutputParser>(m_job.family, m_job.params);
    m_buffer.clear();
    m_process = std::make_unique<QProcess>();
    m_process->setProcessChannelMode(QProcess::MergedChannels);
    m_process->setWorkingDirectory(m_job.workDir);
    m_process->setProcessEnvironment(environmentFor(m_job, *config));
    m_process->setProgram(m_job.program);
    m_process->setArguments(luigiArguments(m_job));
    m_process->setStandardInputFile(QProcess::nullDevice());
    const pid_t engine = getpid();
    m_process->setChildProcessModifier([engine] {
        // Between fork and exec: system calls only.
        ::setsid();
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != engine) {
            ::_exit(127);
        }
        // The engine's log and whatever else a library opened without saying so: a task has its own three
        // only.
        ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        ::signal(SIGPIPE, SIG_DFL);
        // The engine blocks the signals it waits for; a task must be able to end its own children with them.
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        giveBackDescriptorLimit();
    });
    connect(m_process.get(), &QProcess::started, this, [this] { Q_EMIT started(m_mark); });
    connect(m_process.get(), &QProcess::readyRead, this, [this] { readLines(false); });
    connect(m_process.get(), &QProcess::finished, this, &LuigiRun::ended);
    connect(m_process.get(), &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error != QProcess::FailedToStart) {
            return;
        }
        conclude(
            fail(Error{.code = ErrorCode::FailedPrecondition,
                       .message = QStringLiteral("Luigi cannot be started"),
                       .cause = QStringLiteral("%1: %2").arg(m_job.program, m_process->errorString()),
                       .correction = QStringLiteral("Install Luigi, or correct program of the connection."),
                       .source = QStringLiteral("luigi")}));
    });
    m_process->start();
    // Known from the fork on: a kill() before the exec must find it, and its environment is not there yet.
    const auto mark = markOf(m_process->processId(), m_job.marker);
    m_mark = mark ? *mark : ProcessMark{.marker = m_job.marker};
}

void LuigiRun::readLines(bool last)
{
    m_buffer += m_process->readAll();
    qsizetype from = 0;
    for (;;) {
        qsizetype end = m_buffer.indexOf('\n', from);
        if (end < 0) {
            if ((!last && m_buffer.size() - from < kMostBuffer) || from >= m_buffer.size()) {
                break;
            }
            end = m_buffer.size();
        }
        const QString line =
            QString::fromUtf8(m_buffer.constData() + from, std::min<qsizetype>(end - from, kMostLine));
        from = std::min<qsizetype>(end + 1, m_buffer.size());
        const bool moved = m_parser->feed(line);
        if (!line.trimmed().isEmpty() && !line.contains(QLatin1String("UnconsumedParameterWarning")) &&
            line != QLatin1String("  warnings.warn(")) {
            Q_EMIT logLine(levelOf(line), m_parser->publicLine());
        }
        if (moved) {
            Q_EMIT progressed(m_parser->progress());
        }
    }
    m_buffer.remove(0, from);
}

void LuigiRun::ended(int exitCode, QProcess::ExitStatus status)
{
    readLines(true);
    if (m_killed) {
        return;
    }
    const int code = status == QProcess::CrashExit ? -exitCode : exitCode;
    // What Luigi started may outlive it; only an empty group is the end of an attempt.
    killGroup(m_mark, m_clock, kKillDeadlineMs, this, [this, code](Result<DeathProof> proof) {
        if (m_killed) {
            return;
        }
        if (!proof) {
            conclude(fail(proof.error()));
            return;
        }
        const ExecutionSummary& summary = m_parser->summary();
        if (code == kDone && (!summary.seen || summary.smiles)) {
            conclude(summary);
            return;
        }
        if (code == kAlreadyRunning || (code == kNotRun && m_heldTries < kMostNotGranted)) {
            ++m_heldTries;
            Q_EMIT held(
                code == kAlreadyRunning
                    ? QStringLiteral("another Luigi worker runs this task, or died a moment ago")
                    : QStringLiteral("luigid does not let it run: what it needs is in use, or it is disabled "
                                     "after too many failures"));
            const int pause = std::min(kMostHeldMs, m_job.heldRetryMs * std::min(m_heldTries, 5));
            QTimer::singleShot(pause, this, &LuigiRun::spawn);
            return;
        }
        conclude(fail(errorFor(code)));
    });
}

Error LuigiRun::errorFor(int code) const
{
    const ExecutionSummary& summary = m_parser->summary();
    const QString exception = m_parser->lastException();
    Error error{.code = ErrorCode::Aborted,
                .message = QStringLiteral("Luigi task %1 failed").arg(m_job.family),
                .cause = exception.isEmpty() ? summary.verdict : exception,
                .correction =
                    QStringLiteral("See the log of the task, correct the cause, then reset the run: what is "
                                   "complete is not done again."),
                .source = QStringLiteral("luigi"),
                .upstream = Upstream{QStringLiteral("luigi"), code, summary.verdict}};
    if (code < 0) {
        error.message = QStringLiteral("Luigi ended by signal %1").arg(-code);
        error.cause = QStringLiteral("the process was killed from outside, or ran out of memory");
        error.retryable = true;
        return error;
    }
    switch (code) {
        case kMissingData:
            error.code = ErrorCode::FailedPrecondition;
            error.message = QStringLiteral("Luigi task %1 lacks its input").arg(m_job.family);
            error.cause = QStringLiteral("%1 external dependencies are missing").arg(summary.missingData);
            error.correction = QStringLiteral("Provide the input named in the log, then reset the run.");
            break;
        case kNotRun:
            error.code = ErrorCode::ResourceExhausted;
            error.message = QStringLiteral("luigid does not let %1 run").arg(m_job.family);
            error.cause =
                QStringLiteral("what it needs is in use, or the task is disabled after too many failures");
            error.correction = QStringLiteral(
                "See the task in the list of luigid: free what it needs or enable it again, "
                "then reset the run.");
            error.retryable = true;
            break;
        case kSchedulingError:
            error.message = QStringLiteral("Luigi could not schedule %1").arg(m_job.family);
            break;
        case kUnhandled:
            if (m_parser->schedulerUnreachable()) {
                error.code = ErrorCode::Unavailable;
                error.message = QStringLiteral("Luigi does not reach its scheduler");
                error.cause = QStringLiteral("no connection to %1").arg(publicUrl(m_job.schedulerUrl));
                error.correction = QStringLiteral("Start luigid, then reset the run.");
                error.retryable = true;
            }
            break;
        case kArgparse:
        case 1:
            // Both end before the task is known: a wrong parameter, or a module or task that is not there.
            error.code = ErrorCode::InvalidArgument;
            error.message =
                QStringLiteral("Luigi does not take %1 of module %2").arg(m_job.family, m_job.module);
            error.cause = !m_parser->usageError().isEmpty() ? m_parser->usageError()
                          : !exception.isEmpty()            ? exception
                                                            : QStringLiteral("see the last line of its log");
            error.correction = QStringLiteral(
                "Correct module, task and params in the flow file, or pythonPath of the "
                "connection. A switch is written with an empty value.");
            break;
        default:
            break;
    }
    return error;
}

void LuigiRun::conclude(Result<ExecutionSummary> result)
{
    if (m_over || m_killed) {
        return;
    }
    m_over = true;
    if (result) {
        Q_EMIT done(*result);
    } else {
        Q_EMIT failed(result.error());
    }
}

void LuigiRun::kill(std::function<void(Result<DeathProof>)> callback)
{
    m_killed = true;
    const ProcessMark mark = m_mark.marker.isEmpty() ? ProcessMark{.marker = m_job.marker} : m_mark;
    killGroup(mark, m_clock, kKillDeadlineMs, this, [this, callback](Result<DeathProof> proof) {
        if (!m_process || m_process->state() == QProcess::NotRunning || !proof) {
            callback(std::move(proof));
            return;
        }
        // Dead, but not yet reaped: the proof is whole when the parent has seen its end.
        connect(m_process.get(), &QProcess::stateChanged, this,
                [callback, proof = std::move(proof)](QProcess::ProcessState state) {
                    if (state == QProcess::NotRunning) {
                        callback(proof);
                    }
                });
    });
}

}  // namespace sluice::luigi
