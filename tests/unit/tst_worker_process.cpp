#include <errno.h>
#include <signal.h>

#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtTest/QSignalSpy>

#include "core/descriptors.h"
#include "descriptor_famine.h"
#include "patience.h"
#include "worker/supervisor.h"
#include "worker/worker_process.h"

using namespace sluice;
using namespace sluice::worker;

namespace {

/// The machine may be busy, and sanitizers make starting a program slow.

WorkerOptions fakeOptions(const QStringList& arguments = {})
{
    return {.program = QStringLiteral(WORKER_FAKE),
            .arguments = arguments,
            .label = QStringLiteral("observe vega"),
            .beatTimeoutMs = 20'000,
            .graceMs = 300};
}

bool exists(qint64 pid)
{
    return ::kill(pid_t(pid), 0) == 0 || errno != ESRCH;
}

}  // namespace

class TestWorkerProcess : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void callsAndReplies();
    void inheritsNothingElse();
    void environmentIsSmall();
    void missedDeadline();
    void overdueCallEndsTheWorker();
    void changingCallOfACrashedWorkerIsUnknown();
    void noHeartbeatEndsTheWorker();
    void garbageEndsTheWorker();
    void exitedMeansReaped();
    void lastFramesArriveBeforeExited();
    void asksAreAnswered();
    void castsArrive();
    void logLinesComeWhole();
    void secretsAreInNoLine();
    void noSuchProgram();
    void withoutADescriptorItIsNotStarted();
    void theDescriptorLimitIsTheOldOne();
    void fullQueueRefuses();
    void contextGone();
    void destructorLeavesNoProcess();

    void supervisorStartsAgain();
    void supervisorBacksOff();
    void supervisorTellsWhenStartIsRefused();
    void supervisorStops();
    void supervisorCallsFailWhileDown();

private:
    Result<QJsonObject> callOn(WorkerProcess& worker, const QString& method, const QJsonObject& params = {},
                               qint64 deadlineMs = 20'000, Effect effect = Effect::Reads);

    SystemClock m_clock{};
};

Result<QJsonObject> TestWorkerProcess::callOn(WorkerProcess& worker, const QString& method,
                                              const QJsonObject& params, qint64 deadlineMs, Effect effect)
{
    std::optional<Result<QJsonObject>> got;
    worker.call(
        method, params, deadlineMs, this, [&got](const Result<QJsonObject>& result) { got = result; },
        effect);
    if (!sluice::test::waitUntil([&got] { return got.has_value(); })) {
        return fail(Error{.code = ErrorCode::Internal, .message = QStringLiteral("the callback never came")});
    }
    return *got;
}

void TestWorkerProcess::callsAndReplies()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    worker.start();
    QVERIFY(worker.pid() > 0);
    QVERIFY(callOn(worker, QStringLiteral("start"), {{"pollMs", 1000}}));
    const auto echo = callOn(worker, QStringLiteral("echo"), {{"text", "Grüße"}});
    QVERIFY(echo);
    QCOMPARE(echo->value("text").toString(), QStringLiteral("Grüße"));
    const auto nothing = callOn(worker, QStringLiteral("nothing"));
    QVERIFY(!nothing);
    QCOMPARE(toString(nothing.error().code), toString(ErrorCode::FailedPrecondition));
}

void TestWorkerProcess::inheritsNothingElse()
{
    QFile open(QStringLiteral("/dev/zero"));
    QVERIFY(open.open(QIODevice::ReadOnly));
    const int leaky = ::dup(open.handle());
    sigset_t term, before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
    WorkerProcess worker(fakeOptions(), m_clock);
    worker.start();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    QVERIFY(callOn(worker, QStringLiteral("start")));
    const auto about = callOn(worker, QStringLiteral("about"));
    ::close(leaky);
    QVERIFY(about);
    QCOMPARE(about->value("descriptors").toArray(), (QJsonArray{0, 1, 2, 3}));
    QCOMPARE(about->value("blocksTerm"), QJsonValue(false));
}

void TestWorkerProcess::environmentIsSmall()
{
    qputenv("SLUICE_TEST_SECRET", "hunter2");
    qputenv("CEPH_ARGS", "--name client.evil");
    WorkerProcess worker(fakeOptions(), m_clock);
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    const QString environment = callOn(worker, QStringLiteral("about"))->value("environment").toString();
    qunsetenv("SLUICE_TEST_SECRET");
    qunsetenv("CEPH_ARGS");
    QVERIFY(environment.contains(QLatin1String("PATH=")));
    QVERIFY(!environment.contains(QLatin1String("hunter2")));
    QVERIFY(!environment.contains(QLatin1String("CEPH_ARGS")));
}

void TestWorkerProcess::withoutADescriptorItIsNotStarted()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    QSignalSpy exited(&worker, &WorkerProcess::exited);
    {
        const test::DescriptorFamine famine;
        worker.start();
        QTRY_COMPARE(exited.size(), 1);
    }
    QCOMPARE(worker.pid(), 0);
    WorkerProcess next(fakeOptions(), m_clock);
    next.start();
    QVERIFY(callOn(next, QStringLiteral("start")));
}

void TestWorkerProcess::theDescriptorLimitIsTheOldOne()
{
    struct rlimit before {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit small {
        200, before.rlim_max
    };
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &small), 0);
    const int raised = raiseDescriptorLimit();
    WorkerProcess worker(fakeOptions(), m_clock);
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    QFile limits(QStringLiteral("/proc/%1/limits").arg(worker.pid()));
    const bool read = limits.open(QIODevice::ReadOnly);
    const QByteArray text = limits.readAll();
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
    QVERIFY(read && raised > 200);
    QVERIFY2(text.simplified().contains("Max open files 200 "), text.constData());
}

void TestWorkerProcess::missedDeadline()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    const auto late = callOn(worker, QStringLiteral("sleep"), {{"ms", 250}}, 50);
    QVERIFY(!late);
    QCOMPARE(toString(late.error().code), toString(ErrorCode::DeadlineExceeded));
    const auto changed = callOn(worker, QStringLiteral("sleep"), {{"ms", 250}}, 50, Effect::Mutates);
    QVERIFY(!changed);
    QCOMPARE(toString(changed.error().code), toString(ErrorCode::OutcomeUnknown));
    QVERIFY2(callOn(worker, QStringLiteral("echo")), "within the grace the worker lives on");
}

void TestWorkerProcess::overdueCallEndsTheWorker()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    QSignalSpy exited(&worker, &WorkerProcess::exited);
    QSignalSpy lines(&worker, &WorkerProcess::logLine);
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    QVERIFY(!callOn(worker, QStringLiteral("sleep"), {{"ms", 60000}}, 50));
    QTRY_COMPARE(exited.size(), 1);
    QCOMPARE(exited[0][1].toBool(), true);
    QVERIFY(lines.last()[0].toString().contains(QLatin1String("sleep")));
}

void TestWorkerProcess::changingCallOfACrashedWorkerIsUnknown()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    std::optional<Result<QJsonObject>> reading;
    worker.call(QStringLiteral("sleep"), {{"ms", 60000}}, 50000, this,
                [&reading](const Result<QJsonObject>& result) { reading = result; });
    const auto changed = callOn(worker, QStringLiteral("abort"), {}, 5000, Effect::Mutates);
    QVERIFY(!changed);
    QCOMPARE(toString(changed.error().code), toString(ErrorCode::OutcomeUnknown));
    QVERIFY(reading.has_value());
    QCOMPARE(toString(reading->error().code), toString(ErrorCode::Unavailable));
    const auto after = callOn(worker, QStringLiteral("echo"), {}, 5000, Effect::Mutates);
    QVERIFY(!after);
    QCOMPARE(toString(after.error().code), toString(ErrorCode::Unavailable));
}

void TestWorkerProcess::noHeartbeatEndsTheWorker()
{
    WorkerOptions options = fakeOptions();
    options.beatTimeoutMs = 2000;
    WorkerProcess worker(options, m_clock);
    QSignalSpy exited(&worker, &WorkerProcess::exited);
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    QVERIFY2(!exited.wait(3000), "a beating worker lives on");
    const auto frozen = callOn(worker, QStringLiteral("freeze"), {}, 60000);
    QVERIFY(!frozen);
    QVERIFY(frozen.error().cause.contains(QLatin1String("heartbeat")));
    QCOMPARE(exited.size(), 1);
}

void TestWorkerProcess::garbageEndsTheWorker()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    QSignalSpy exited(&worker, &WorkerProcess::exited);
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    QVERIFY(!callOn(worker, QStringLiteral("garbage"), {}, 60000));
    QTRY_COMPARE(exited.size(), 1);
}

void TestWorkerProcess::exitedMeansReaped()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    qint64 pid = 0;
    bool existed = true;
    connect(&worker, &WorkerProcess::started, this, [&pid](qint64 started) { pid = started; });
    connect(&worker, &WorkerProcess::exited, this, [&] { existed = exists(pid); });
    QSignalSpy exited(&worker, &WorkerProcess::exited);
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    QVERIFY(pid > 0);
    QVERIFY(exists(pid));
    worker.kill();
    QTRY_COMPARE(exited.size(), 1);
    QVERIFY(!existed);
    QCOMPARE(worker.pid(), 0);
    QCOMPARE(exited.size(), 1);
}

void TestWorkerProcess::lastFramesArriveBeforeExited()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    QStringList order;
    connect(&worker, &WorkerProcess::event, this, [&order](const QString& name) { order << name; });
    connect(&worker, &WorkerProcess::exited, this, [&order](int code, bool crashed) {
        order << QStringLiteral("exited %1 %2").arg(code).arg(crashed);
    });
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    worker.call(QStringLiteral("finish"), {}, 5000, this, [](const Result<QJsonObject>&) {});
    QTRY_VERIFY(!order.isEmpty() && order.last().startsWith(QLatin1String("exited")));
    QCOMPARE(order.size(), 102);
    QCOMPARE(order[100], QStringLiteral("done"));
    QCOMPARE(order[101], QStringLiteral("exited 1 0"));
}

void TestWorkerProcess::asksAreAnswered()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    connect(&worker, &WorkerProcess::asked, this,
            [&worker](quint64 id, const QString& method, const QJsonObject& p) {
                if (method != QLatin1String("commit") || p["n"].toInt() == 0) {
                    worker.answer(id,
                                  fail(Error{.code = ErrorCode::DataLoss, .message = QStringLiteral("no")}));
                } else {
                    worker.answer(id, QJsonObject{{"stored", p["n"]}});
                }
            });
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    QCOMPARE(callOn(worker, QStringLiteral("asks"), {{"n", 3}})->value("stored").toInt(), 3);
    const auto refused = callOn(worker, QStringLiteral("asks"), {{"n", 0}});
    QVERIFY(!refused);
    QCOMPARE(toString(refused.error().code), toString(ErrorCode::DataLoss));
}

void TestWorkerProcess::castsArrive()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    QSignalSpy events(&worker, &WorkerProcess::event);
    worker.start();
    worker.cast(QStringLiteral("shout"), {{"n", 4}});
    QVERIFY(events.wait(sluice::test::kPatienceMs));
    QCOMPARE(events[0][1].toJsonObject()["n"].toInt(), 4);
}

void TestWorkerProcess::logLinesComeWhole()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    QSignalSpy lines(&worker, &WorkerProcess::logLine);
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start")));
    QVERIFY(callOn(worker, QStringLiteral("log"), {{"text", "first line"}}));
    QTRY_COMPARE(lines.size(), 2);
    QCOMPARE(lines[0][0].toString(), QStringLiteral("first line"));
    QCOMPARE(lines[1][0].toString(), QStringLiteral("second line"));
    worker.kill();
    QTRY_COMPARE(lines.size(), 3);
    QCOMPARE(lines[2][0].toString(), QStringLiteral("rest"));
}

void TestWorkerProcess::secretsAreInNoLine()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    QString all;
    connect(&worker, &WorkerProcess::logLine, this, [&all](const QString& line) { all += line; });
    QSignalSpy exited(&worker, &WorkerProcess::exited);
    worker.start();
    QVERIFY(callOn(worker, QStringLiteral("start"), {{"key", "AQDsecretkey=="}}));
    const auto failed = callOn(worker, QStringLiteral("sleep"), {{"ms", 60000}, {"secretKey", "s3cr3t"}}, 50);
    QVERIFY(!failed);
    QTRY_COMPARE(exited.size(), 1);
    QVERIFY(!all.isEmpty());
    all += failed.error().toLine();
    QVERIFY(!all.contains(QLatin1String("AQDsecretkey")));
    QVERIFY(!all.contains(QLatin1String("s3cr3t")));
}

void TestWorkerProcess::noSuchProgram()
{
    WorkerOptions options = fakeOptions();
    options.program = QStringLiteral("/nowhere/sluice-worker");
    WorkerProcess worker(options, m_clock);
    QSignalSpy exited(&worker, &WorkerProcess::exited);
    worker.start();
    const auto result = callOn(worker, QStringLiteral("start"));
    QVERIFY(!result);
    QCOMPARE(toString(result.error().code), toString(ErrorCode::Unavailable));
    QTRY_COMPARE(exited.size(), 1);
    QCOMPARE(exited[0][0].toInt(), -1);
    QCOMPARE(exited[0][1].toBool(), true);
}

void TestWorkerProcess::fullQueueRefuses()
{
    WorkerOptions options = fakeOptions();
    options.maxQueuedBytes = 1000;
    WorkerProcess worker(options, m_clock);
    worker.start();
    const auto result = callOn(worker, QStringLiteral("start"), {{"pad", QString(2000, QLatin1Char('x'))}});
    QVERIFY(!result);
    QCOMPARE(toString(result.error().code), toString(ErrorCode::ResourceExhausted));
    QVERIFY2(callOn(worker, QStringLiteral("start")), "smaller calls still go through");
}

void TestWorkerProcess::contextGone()
{
    WorkerProcess worker(fakeOptions(), m_clock);
    worker.start();
    bool called = false;
    auto context = std::make_unique<QObject>();
    worker.call(QStringLiteral("start"), {}, 5000, context.get(),
                [&called](const Result<QJsonObject>&) { called = true; });
    context.reset();
    QVERIFY(callOn(worker, QStringLiteral("echo")));
    QVERIFY(!called);
}

void TestWorkerProcess::destructorLeavesNoProcess()
{
    qint64 pid = 0;
    {
        WorkerProcess worker(fakeOptions(), m_clock);
        worker.start();
        QVERIFY(callOn(worker, QStringLiteral("start")));
        pid = worker.pid();
        QVERIFY(exists(pid));
    }
    QVERIFY(!exists(pid));
}

void TestWorkerProcess::supervisorStartsAgain()
{
    int asked = 0;
    Supervisor supervisor(
        fakeOptions(),
        [&asked] {
            return QJsonObject{{"life", ++asked}};
        },
        m_clock);
    QSignalSpy up(&supervisor, &Supervisor::up);
    QSignalSpy down(&supervisor, &Supervisor::down);
    supervisor.start();
    QVERIFY(up.wait(sluice::test::kPatienceMs));
    const qint64 first = supervisor.pid();
    QVERIFY(::kill(pid_t(first), SIGKILL) == 0);
    QVERIFY(up.wait(sluice::test::kPatienceMs));
    QCOMPARE(down.size(), 1);
    QCOMPARE(down[0][1].toLongLong(), 200);
    QVERIFY(supervisor.pid() != first);
    std::optional<int> life;
    supervisor.call(QStringLiteral("about"), {}, 5000, this, [&life](const Result<QJsonObject>& result) {
        life = result->value("started").toObject()["life"].toInt();
    });
    QTRY_VERIFY(life.has_value());
    QCOMPARE(*life, 2);
}

void TestWorkerProcess::supervisorBacksOff()
{
    Supervisor supervisor(
        fakeOptions({QStringLiteral("leaves")}), [] { return QJsonObject(); }, m_clock,
        Supervisor::Pace{.firstDelayMs = 10, .longestDelayMs = 50});
    QSignalSpy down(&supervisor, &Supervisor::down);
    supervisor.start();
    QTRY_VERIFY(down.size() >= 5);
    QList<qint64> delays;
    for (int i = 0; i < 5; ++i) {
        delays << down[i][1].toLongLong();
    }
    QCOMPARE(delays, (QList<qint64>{10, 20, 40, 50, 50}));
    QVERIFY(qvariant_cast<Error>(down[0][0]).cause.contains(QLatin1String("7")));
}

void TestWorkerProcess::supervisorTellsWhenStartIsRefused()
{
    Supervisor supervisor(
        fakeOptions(),
        [] {
            return QJsonObject{{"refuse", true}};
        },
        m_clock);
    QSignalSpy up(&supervisor, &Supervisor::up);
    QSignalSpy down(&supervisor, &Supervisor::down);
    supervisor.start();
    QVERIFY(down.wait(sluice::test::kPatienceMs));
    QCOMPARE(up.size(), 0);
    QCOMPARE(qvariant_cast<Error>(down[0][0]).message, QStringLiteral("not with these"));
}

void TestWorkerProcess::supervisorStops()
{
    Supervisor supervisor(
        fakeOptions(), [] { return QJsonObject(); }, m_clock, Supervisor::Pace{.firstDelayMs = 10});
    QSignalSpy up(&supervisor, &Supervisor::up);
    QSignalSpy stopped(&supervisor, &Supervisor::stopped);
    supervisor.start();
    QVERIFY(up.wait(sluice::test::kPatienceMs));
    const qint64 pid = supervisor.pid();
    supervisor.stop();
    QVERIFY(stopped.wait(sluice::test::kPatienceMs));
    QVERIFY(!exists(pid));
    QVERIFY2(!up.wait(200), "no other is started");
}

void TestWorkerProcess::supervisorCallsFailWhileDown()
{
    Supervisor supervisor(
        fakeOptions(), [] { return QJsonObject(); }, m_clock);
    std::optional<Error> error;
    bool within = true;
    supervisor.call(QStringLiteral("echo"), {}, 5000, this, [&](const Result<QJsonObject>& result) {
        QVERIFY(!within);
        error = result.error();
    });
    within = false;
    QTRY_VERIFY(error.has_value());
    QCOMPARE(toString(error->code), toString(ErrorCode::Unavailable));
    QVERIFY(!error->correction.isEmpty());
}

QTEST_GUILESS_MAIN(TestWorkerProcess)
#include "tst_worker_process.moc"
