#include <fcntl.h>
#include <unistd.h>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include <QtTest/QSignalSpy>
#include <atomic>
#include <csignal>

#include "luigi/luigi_run.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::luigi;

namespace {

/// Goes on when it is told to.
class HeldClock final : public Clock {
public:
    qint64 nowMs() const override { return at; }
    qint64 monotonicMs() const override { return at; }
    std::atomic<qint64> at{0};
};

}  // namespace

/// Runs shell scripts in the place of `luigi`: the contract is exit codes, output and processes.
class TestLuigiRun : public QObject {
    Q_OBJECT

private:
    SystemClock m_clock;
    std::unique_ptr<QTemporaryDir> m_dir;

    LuigiJob jobOf(const QByteArray& script, const QByteArray& shebang = "#!/bin/sh\n")
    {
        const QString program = m_dir->filePath("luigi");
        QFile file(program);
        if (!file.open(QIODevice::WriteOnly) || file.write(shebang + script) < 0 ||
            !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner)) {
            qFatal("no script");
        }
        return {.program = program,
                .module = "lab",
                .family = "Features",
                .params = {{"date", "2026-01-01"}},
                .schedulerUrl = QUrl("http://127.0.0.1:1"),
                .pythonPath = "/opt/dags",
                .workDir = m_dir->filePath("work"),
                .marker = "test-" + QString::number(QCoreApplication::applicationPid()) + '-' + m_dir->path(),
                .heldRetryMs = 10};
    }
    /// A script that writes a recording and ends with a code.
    LuigiJob jobOf(const QString& recording, int code)
    {
        return jobOf("cat " SLUICE_SOURCE_DIR "/tests/unit/luigi_recordings/" + recording.toUtf8() +
                     ".txt >&2\nexit " + QByteArray::number(code) + "\n");
    }
    QString read(const QString& name)
    {
        QFile file(m_dir->filePath(name));
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }
    static Error errorOf(const QSignalSpy& spy) { return spy.value(0).value(0).value<Error>(); }

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void cleanup() { m_dir.reset(); }

    void argumentsNameTheTask()
    {
        LuigiJob job = jobOf("exit 0\n");
        job.family = "My_Task";
        job.params = {{"start_date", "2026-01-01"}, {"verbose", ""}, {"n", "-1"}};
        job.schedulerUrl = QUrl("http://lab:hunter2@127.0.0.1:1");
        QCOMPARE(luigiArguments(job), (QStringList{"--module", "lab", "My_Task", "--My-Task-n=-1",
                                                   "--My-Task-start-date=2026-01-01", "--My-Task-verbose",
                                                   "--scheduler-url", "http://127.0.0.1:1"}));
    }
    void badJobs_data()
    {
        QTest::addColumn<QString>("module");
        QTest::addColumn<QString>("family");
        QTest::addColumn<QString>("param");
        QTest::addColumn<QString>("value");
        QTest::newRow("module") << "os; rm"
                                << "T"
                                << "a"
                                << "";
        QTest::newRow("module as option") << "--help"
                                          << "T"
                                          << "a"
                                          << "";
        QTest::newRow("module with line end") << "lab\n"
                                              << "T"
                                              << "a"
                                              << "";
        QTest::newRow("task") << "lab"
                              << "T T"
                              << "a"
                              << "";
        QTest::newRow("param") << "lab"
                               << "T"
                               << "a=b"
                               << "";
        QTest::newRow("secret") << "lab"
                                << "T"
                                << "db_password"
                                << "x";
        QTest::newRow("access key") << "lab"
                                    << "T"
                                    << "access_key"
                                    << "x";
        QTest::newRow("zero") << "lab"
                              << "T"
                              << "a" << QString(QChar::Null);
    }
    void badJobs()
    {
        QFETCH(QString, module);
        QFETCH(QString, family);
        QFETCH(QString, param);
        QFETCH(QString, value);
        LuigiJob job = jobOf("touch started\n");
        job.module = module;
        job.family = family;
        job.params = {{param, value}};
        const Result<void> checked = checkJob(job);
        QVERIFY(!checked);
        QCOMPARE(int(checked.error().code), int(ErrorCode::InvalidArgument));
        QVERIFY(!checked.error().correction.isEmpty());
        LuigiRun run(job, m_clock);
        QSignalSpy failed(&run, &LuigiRun::failed);
        QSignalSpy started(&run, &LuigiRun::started);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        QCOMPARE(started.size(), 0);
    }
    void objectKeyIsNoSecret()
    {
        LuigiJob job = jobOf("exit 0\n");
        job.params = {{"key", "raw/part-1"}};
        QVERIFY(checkJob(job).has_value());
    }

    void doneWithProgressAndLog()
    {
        LuigiRun run(jobOf("done", 0), m_clock);
        QSignalSpy done(&run, &LuigiRun::done);
        QSignalSpy failed(&run, &LuigiRun::failed);
        QSignalSpy started(&run, &LuigiRun::started);
        QSignalSpy log(&run, &LuigiRun::logLine);
        QSignalSpy progressed(&run, &LuigiRun::progressed);
        run.start();
        QTRY_COMPARE(done.size(), 1);
        QCOMPARE(failed.size(), 0);
        QCOMPARE(started.size(), 1);
        QCOMPARE(done.at(0).at(0).value<ExecutionSummary>().ran, 3);
        QCOMPARE(run.progress().tasksDone, 3);
        QVERIFY(progressed.size() >= 6);
        bool noise = false;
        for (const auto& line : log) {
            noise = noise || line.at(1).toString().contains("UnconsumedParameterWarning");
        }
        QVERIFY(!noise);
        QVERIFY(log.size() > 10);
    }
    void theLogHidesSecrets()
    {
        LuigiRun run(jobOf("missing_data", 20), m_clock);
        QSignalSpy failed(&run, &LuigiRun::failed);
        QSignalSpy log(&run, &LuigiRun::logLine);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        for (const auto& line : log) {
            QVERIFY2(!line.at(1).toString().contains("hunter2"), qPrintable(line.at(1).toString()));
        }
        QVERIFY(!errorOf(failed).toLine().contains("hunter2"));
    }
    void whatTheChildGets()
    {
        qputenv("SLUICE_TEST_SECRET", "hunter2");
        LuigiJob job = jobOf(
            "env > env.txt\ntr '\\0' '\\n' < /proc/$$/cmdline > argv.txt\npwd > pwd.txt\n"
            "cut -d' ' -f5,6 /proc/$$/stat > group.txt\necho $$ > pid.txt\nexit 0\n");
        job.environment = {{"LAB_OUT", "/tmp/x"}};
        LuigiRun run(job, m_clock);
        QSignalSpy done(&run, &LuigiRun::done);
        run.start();
        QTRY_COMPARE(done.size(), 1);
        qunsetenv("SLUICE_TEST_SECRET");
        const QString env = read("work/env.txt");
        QVERIFY(!env.contains("hunter2"));
        QVERIFY(env.contains("PYTHONPATH=/opt/dags\n"));
        QVERIFY(env.contains("LAB_OUT=/tmp/x\n"));
        QVERIFY(env.contains("LUIGI_CONFIG_PATH=" + m_dir->filePath("work/luigi.cfg")));
        QVERIFY(env.contains("SLUICE_ATTEMPT=" + job.marker));
        const QString pid = read("work/pid.txt").trimmed();
        QCOMPARE(read("work/group.txt").trimmed(), pid + ' ' + pid);  // leads its own group and session
        QVERIFY(read("work/luigi.cfg").contains("task_failed = 30"));
        QVERIFY(read("work/luigi.cfg").contains("no_lock = true"));
        const auto permissions = QFileInfo(m_dir->filePath("work")).permissions();
        QVERIFY(!(permissions & (QFile::ReadGroup | QFile::ReadOther | QFile::ExeOther)));
    }
    void aTaskGetsNoDescriptorOfTheEngine()
    {
        // As the log's: opened by somebody who did not think of children.
        const int open = ::open("/dev/null", O_WRONLY);
        QVERIFY(open > 2);
        LuigiRun run(
            jobOf("for f in /proc/$$/fd/*; do echo \"${f##*/} $(readlink $f)\"; done > fds.txt\nexit 0\n"),
            m_clock);
        QSignalSpy done(&run, &LuigiRun::done);
        run.start();
        const bool ended = done.wait(sluice::test::kPatienceMs);
        ::close(open);
        QVERIFY(ended);
        const QStringList lines = read("work/fds.txt").split('\n', Qt::SkipEmptyParts);
        QVERIFY(lines.size() >= 3);
        for (const QString& line : lines) {
            // Of its own the shell has the script, and where it writes.
            QVERIFY2(line.section(' ', 0, 0).toInt() <= 2 || !line.endsWith("/dev/null"), qPrintable(line));
        }
    }
    void aTaskCanEndItsOwnChildren()
    {
        sigset_t term, before;
        sigemptyset(&term);
        sigaddset(&term, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &term, &before);
        // By the shell alone: while it starts a program, dash blocks all signals for a moment.
        LuigiRun run(jobOf("while read -r name mask; do [ $name = SigBlk: ] && echo $mask; done"
                           " < /proc/$$/status > blocked.txt\nexit 0\n"),
                     m_clock);
        QSignalSpy done(&run, &LuigiRun::done);
        run.start();
        const bool ended = done.wait(sluice::test::kPatienceMs);  // it forks later than start()
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        QVERIFY(ended);
        QCOMPARE(read("work/blocked.txt"), QString("0000000000000000\n"));
    }
    void failures_data()
    {
        QTest::addColumn<QString>("recording");
        QTest::addColumn<int>("code");
        QTest::addColumn<int>("expected");
        QTest::addColumn<bool>("retryable");
        QTest::addColumn<QString>("said");
        QTest::newRow("task") << "task_failed" << 30 << int(ErrorCode::Aborted) << false
                              << "column 'price' is missing";
        QTest::newRow("task, exit codes not honoured")
            << "task_failed" << 0 << int(ErrorCode::Aborted) << false << "price";
        QTest::newRow("input") << "missing_data" << 20 << int(ErrorCode::FailedPrecondition) << false
                               << "1 external";
        QTest::newRow("scheduling") << "scheduling_error" << 35 << int(ErrorCode::Aborted) << false
                                    << "cannot stat";
        QTest::newRow("luigid away") << "scheduler_unreachable" << 40 << int(ErrorCode::Unavailable) << true
                                     << "no connection";
        QTest::newRow("module") << "no_module" << 1 << int(ErrorCode::InvalidArgument) << false
                                << "No module named 'nope'";
        QTest::newRow("parameter") << "unknown_parameter" << 2 << int(ErrorCode::InvalidArgument) << false
                                   << "unrecognized arguments: --Features-nope=1";
        QTest::newRow("anything") << "already_complete" << 77 << int(ErrorCode::Aborted) << false << "";
    }
    void failures()
    {
        QFETCH(QString, recording);
        QFETCH(int, code);
        QFETCH(int, expected);
        QFETCH(bool, retryable);
        QFETCH(QString, said);
        LuigiRun run(jobOf(recording, code), m_clock);
        QSignalSpy failed(&run, &LuigiRun::failed);
        QSignalSpy done(&run, &LuigiRun::done);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        QCOMPARE(done.size(), 0);
        const Error error = errorOf(failed);
        QCOMPARE(int(error.code), expected);
        QCOMPARE(error.retryable, retryable);
        QVERIFY2(error.cause.contains(said), qPrintable(error.cause));
        QVERIFY(!error.message.isEmpty() && !error.correction.isEmpty());
        QVERIFY(error.upstream && error.upstream->code == code);
    }
    void noProgram()
    {
        LuigiJob job = jobOf("exit 0\n");
        job.program = m_dir->filePath("absent");
        LuigiRun run(job, m_clock);
        QSignalSpy failed(&run, &LuigiRun::failed);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        QCOMPARE(int(errorOf(failed).code), int(ErrorCode::FailedPrecondition));
        QVERIFY(errorOf(failed).correction.contains("program"));
    }
    void noFolder()
    {
        LuigiJob job = jobOf("exit 0\n");
        job.workDir = "/proc/nowhere/work";
        LuigiRun run(job, m_clock);
        QSignalSpy failed(&run, &LuigiRun::failed);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        QVERIFY(errorOf(failed).message.contains("folder"));
    }
    void endedBySignal()
    {
        LuigiRun run(jobOf("kill -9 $$\n"), m_clock);
        QSignalSpy failed(&run, &LuigiRun::failed);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        QVERIFY(errorOf(failed).retryable);
        QCOMPARE(errorOf(failed).message, QStringLiteral("Luigi ended by signal 9"));
    }
    void heldByAnotherWorkerWaitsAndGoesOn()
    {
        const QByteArray recordings = SLUICE_SOURCE_DIR "/tests/unit/luigi_recordings/";
        LuigiRun run(jobOf("echo x >> tries\nif [ $(wc -l < tries) -lt 3 ]; then cat " + recordings +
                           "held_by_other_worker.txt; exit 10; fi\ncat " + recordings + "done.txt; exit 0\n"),
                     m_clock);
        QSignalSpy done(&run, &LuigiRun::done);
        QSignalSpy failed(&run, &LuigiRun::failed);
        QSignalSpy held(&run, &LuigiRun::held);
        QSignalSpy started(&run, &LuigiRun::started);
        run.start();
        QTRY_COMPARE(done.size(), 1);
        QCOMPARE(failed.size(), 0);
        QCOMPARE(held.size(), 2);
        QCOMPARE(started.size(), 3);
        QVERIFY(held.at(0).at(0).toString().contains("another Luigi worker"));
    }
    void neverGrantedEndsInAnError()
    {
        LuigiJob job = jobOf("not_granted", 25);
        job.heldRetryMs = 0;
        LuigiRun run(job, m_clock);
        QSignalSpy failed(&run, &LuigiRun::failed);
        QSignalSpy held(&run, &LuigiRun::held);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        QCOMPARE(held.size(), 30);
        QCOMPARE(int(errorOf(failed).code), int(ErrorCode::ResourceExhausted));
    }
    void longAndBrokenLines()
    {
        LuigiRun run(
            jobOf("head -c 3000000 /dev/zero | tr '\\0' 'x'; printf '\\377\\376\\n\\n\\nlast'; exit 0\n"),
            m_clock);
        QSignalSpy done(&run, &LuigiRun::done);
        QSignalSpy log(&run, &LuigiRun::logLine);
        run.start();
        QTRY_COMPARE(done.size(), 1);
        QVERIFY(log.size() >= 2 && log.size() < 20);
        for (const auto& line : log) {
            QVERIFY(line.at(1).toString().size() <= 4'096);
        }
        QCOMPARE(log.last().at(1).toString(), QStringLiteral("last"));
    }

    void killTakesTheWholeGroupAndProvesIt()
    {
        LuigiRun run(jobOf("sleep 300 &\nsetsid sleep 301 &\necho ready\nwait\n"), m_clock);
        QSignalSpy log(&run, &LuigiRun::logLine);
        QSignalSpy started(&run, &LuigiRun::started);
        QSignalSpy failed(&run, &LuigiRun::failed);
        QSignalSpy done(&run, &LuigiRun::done);
        run.start();
        QTRY_COMPARE(log.size(), 1);
        const auto mark = started.at(0).at(0).value<ProcessMark>();
        QTRY_COMPARE(membersOf(mark).size(), 3);
        std::optional<Result<DeathProof>> proof;
        run.kill([&](Result<DeathProof> result) { proof = std::move(result); });
        QTRY_VERIFY(proof.has_value());
        QVERIFY(proof->has_value());
        QCOMPARE((*proof)->killed.size(), 3);  // also the one that left the group
        QVERIFY((*proof)->goneAtMs > 0);
        QCOMPARE(membersOf(mark), QList<qint64>());
        QVERIFY(!QFile::exists(QStringLiteral("/proc/%1").arg(mark.pid)));  // reaped, not only dead
        QCOMPARE(failed.size() + done.size(), 0);
        // Once more: the same end, nothing to kill.
        proof.reset();
        run.kill([&](Result<DeathProof> result) { proof = std::move(result); });
        QTRY_VERIFY(proof.has_value());
        QVERIFY((*proof)->killed.isEmpty());
    }
    void killBeforeAndRightAfterStart()
    {
        for (int turns = 0; turns < 8; ++turns) {
            LuigiJob job = jobOf("touch lived\nsleep 300\n");
            LuigiRun run(job, m_clock);
            run.start();
            for (int i = 0; i < turns; ++i) {
                QCoreApplication::processEvents();
            }
            std::optional<Result<DeathProof>> proof;
            run.kill([&](Result<DeathProof> result) { proof = std::move(result); });
            QTRY_VERIFY(proof.has_value());
            QVERIFY(proof->has_value());
            QCOMPARE(membersOf({.marker = job.marker}), QList<qint64>());
        }
    }
    void whatLuigiLeavesBehindIsEndedBeforeDone()
    {
        LuigiJob job = jobOf("setsid sleep 300 >/dev/null 2>&1 &\nexit 0\n");
        LuigiRun run(job, m_clock);
        QSignalSpy done(&run, &LuigiRun::done);
        run.start();
        QTRY_COMPARE(done.size(), 1);
        QCOMPARE(membersOf({.marker = job.marker}), QList<qint64>());
    }
    void aProcessBetweenTwoProgramsIsAwaited()
    {
        // Such a process shows no environment for a moment; here the moment lasts until it reads a line.
        HeldClock clock;
        const QString marker = "test-between-" + m_dir->path();
        const auto own = markOf(QCoreApplication::applicationPid(), marker);
        QVERIFY(own.has_value());
        QProcess between;
        between.setProcessEnvironment(QProcessEnvironment(QProcessEnvironment::InheritFromParent));
        between.start("/usr/bin/env",
                      {"-i", "/bin/sh", "-c",
                       "echo here; read line; exec /usr/bin/env SLUICE_ATTEMPT=" + marker + " sleep 300"});
        QTRY_VERIFY(between.bytesAvailable() > 0);
        const ProcessMark gone{
            .pid = 0, .startTicks = own->startTicks, .bootId = own->bootId, .marker = marker};
        std::optional<Result<DeathProof>> proof;
        killGroup(gone, clock, 1000, this, [&](Result<DeathProof> result) { proof = std::move(result); });
        QVERIFY(sluice::test::staysAway([&] { return proof.has_value(); }));
        between.write("\n");
        QTRY_COMPARE(between.state(), QProcess::NotRunning);
        QCOMPARE(between.exitStatus(), QProcess::CrashExit);
        clock.at = 60'000;  // something else without an environment is not waited for any longer
        QTRY_VERIFY(proof.has_value());
        QVERIFY(proof->has_value());
    }
    void oneEmptyLookIsNoProof()
    {
        QProcess children[2];
        QList<qint64> pids;
        for (QProcess& child : children) {
            child.start("/bin/sleep", {"300"});
            QVERIFY(child.waitForStarted());
            pids.append(child.processId());
        }
        // The second was missed by a look: its parent ended while the list was read.
        QList<GroupLook> looks{{.members = {pids[0]}}, {}, {.members = {pids[1]}}, {}, {}};
        const auto proof = killUntilGone(
            {}, [&looks] { return looks.takeFirst(); }, m_clock, 60'000);
        QVERIFY(proof.has_value());
        QVERIFY(looks.isEmpty());
        QCOMPARE(proof->killed, pids);
        for (QProcess& child : children) {
            QTRY_COMPARE(child.exitStatus(), QProcess::CrashExit);
        }
    }
    void destroyedMeansKilled()
    {
        LuigiJob job = jobOf("echo ready\nsleep 300\n");
        {
            LuigiRun run(job, m_clock);
            QSignalSpy log(&run, &LuigiRun::logLine);
            run.start();
            QTRY_COMPARE(log.size(), 1);
        }
        QTRY_COMPARE(membersOf({.marker = job.marker}), QList<qint64>());
        QTRY_VERIFY(QCoreApplication::instance()->findChildren<QProcess*>().isEmpty());  // reaped
    }

    void marksSurviveJson()
    {
        const auto mark = markOf(QCoreApplication::applicationPid(), "m");
        QVERIFY(mark.has_value());
        QVERIFY(mark->startTicks > 0);
        QVERIFY(!mark->bootId.isEmpty());
        const ProcessMark back = ProcessMark::fromJson(mark->toJson());
        QCOMPARE(back.pid, mark->pid);
        QCOMPARE(back.startTicks, mark->startTicks);
        QCOMPARE(back.bootId, mark->bootId);
        QCOMPARE(back.marker, mark->marker);
        QVERIFY(!markOf(4'000'000, "m").has_value());
    }
    void aReusedPidIsNotOurs()
    {
        QProcess other;
        other.start("sleep", {"300"});
        QVERIFY(other.waitForStarted());
        ProcessMark mark = markOf(other.processId(), "somebody-else").value();
        QCOMPARE(membersOf(mark).size(), 1);
        ProcessMark older = mark;
        older.startTicks -= 1;
        QVERIFY(membersOf(older).isEmpty());
        ProcessMark otherBoot = mark;
        otherBoot.bootId = "before";
        QVERIFY(membersOf(otherBoot).isEmpty());
        QVERIFY(membersOf({}).isEmpty());
        other.kill();
        other.waitForFinished();
    }
};

QTEST_GUILESS_MAIN(TestLuigiRun)
#include "tst_luigi_run.moc"
