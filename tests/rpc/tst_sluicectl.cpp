#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <cstdlib>

#include "audit/audit_log.h"
#include "patience.h"
#include "rpc/endpoint.h"
#include "support/canned_engine.h"
#include "support/ctl.h"
#include "support/schema.h"
#include "support/wait.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// As Ctl, on a terminal of so many columns.
class TerminalCtl {
public:
    TerminalCtl(const QStringList& arguments, int columns)
        : m_master(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK))
    {
        ::grantpt(m_master);
        ::unlockpt(m_master);
        // Held open, or reading fails while the program has not opened it yet.
        m_slave = ::open(::ptsname(m_master), O_RDWR | O_NOCTTY);
        const winsize size{
            .ws_row = 24, .ws_col = static_cast<unsigned short>(columns), .ws_xpixel = 0, .ws_ypixel = 0};
        ::ioctl(m_slave, TIOCSWINSZ, &size);
        m_process.setStandardOutputFile(QString::fromLocal8Bit(::ptsname(m_master)));
        m_process.start(QStringLiteral(SLUICE_BIN_DIR "/sluicectl"), arguments);
    }
    ~TerminalCtl()
    {
        m_process.kill();
        m_process.waitForFinished();
        ::close(m_slave);
        ::close(m_master);
    }

    /// All that was written to it so far.
    const QByteArray& screen()
    {
        char buffer[4096];
        for (ssize_t n = 0; (n = ::read(m_master, buffer, sizeof(buffer))) > 0;) {
            m_screen.append(buffer, n);
        }
        return m_screen;
    }
    bool hasEnded() const { return m_process.state() == QProcess::NotRunning; }
    int code() const { return m_process.exitCode(); }

private:
    int m_master;
    int m_slave{-1};
    QProcess m_process;
    QByteArray m_screen;
};

Error refused()
{
    return {.code = ErrorCode::FailedPrecondition,
            .message = "The plan is void",
            .cause = "the state changed",
            .correction = "Look again.",
            .source = "actions"};
}

}  // namespace

class TestSluicectl : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cannedRowsFollowTheSchema();
    void usage_data();
    void usage();
    void help_data();
    void help();
    void noEngine();
    void deadEngine();
    void aConnectionThatIsCutBeforeItIsServedIsMadeAgain();
    void endpointOfAProcessThatHasEnded();
    void whatIsNoFlowFileIsRefusedAtOnce();
    void wrongToken();
    void errorsOfTheEngine();
    void estate();
    void estateOfSome();
    void flowCheck();
    void aFlowFileInAnotherEncoding();
    void whatIsLeftOutIsShown();
    void flowSubmit();
    void flowListShowLog();
    void timesOfTasks();
    void flowApprove();
    void flowShowWatched();
    void theLastPictureIsOfOneMoment();
    void aCancelledRunIsWatchedToItsEnd();
    void watchOnATerminal();
    void theReasonIsNeverCutOff_data();
    void theReasonIsNeverCutOff();
    void watchEndsWithTheEngine();
    void resetShowsItsPlan();
    void onesAndMany();
    void resetCarriesOut_data();
    void resetCarriesOut();
    void resetThenWatch();
    void resetRefused();
    void cancelShowsItsPlan();
    void cancelCarriesOut();
    void theEngineGoesInTheMiddle_data();
    void theEngineGoesInTheMiddle();
    void theEngineNoLongerKnowsWhatIsFollowed();
    void doctor();
    void keysList();
    void keysRotate();
    void keysRenew();
    void auditOfTheEngine();
    void auditOfAFile();
    void engineInfo();
    void watchTopic();

private:
    QStringList on(const QStringList& words) const
    {
        return words + QStringList{"--state-dir", m_engine->stateDir()};
    }

    std::unique_ptr<CannedEngine> m_engine;
};

void TestSluicectl::init()
{
    m_engine = std::make_unique<CannedEngine>();
    QVERIFY(m_engine->start());
}

void TestSluicectl::cannedRowsFollowTheSchema()
{
    const Schema schema("rows.schema.json");
    QCOMPARE(schema.problems("runs", CannedEngine::run("running", 1)), QStringList());
    QCOMPARE(schema.problems("tasks", CannedEngine::task("land", "stalled")), QStringList());
    QCOMPARE(schema.problems("cases", CannedEngine::caseRow()), QStringList());
    QCOMPARE(schema.problems("roles", CannedEngine::role()), QStringList());
    QCOMPARE(schema.problems("actions", CannedEngine::action("verified")), QStringList());
    QCOMPARE(schema.problems("engine", CannedEngine::engineRow()), QStringList());
    for (const QJsonValue& entity : CannedEngine::entities()) {
        QCOMPARE(schema.problems("estate", entity), QStringList());
    }
}

void TestSluicectl::usage_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("said");
    QTest::newRow("nothing") << QStringList{} << "no command";
    QTest::newRow("unknown") << QStringList{"fly"} << "there is no command 'fly'";
    QTest::newRow("half a command") << QStringList{"flow"} << "there is no command 'flow'";
    QTest::newRow("unknown second word") << QStringList{"flow", "fly"} << "there is no command 'flow fly'";
    QTest::newRow("unknown option") << QStringList{"estate", "--fast"} << "there is no option --fast";
    QTest::newRow("option of another command")
        << QStringList{"estate", "--yes"} << "'estate' has no option --yes";
    QTest::newRow("cannot be watched")
        << QStringList{"doctor", "R-1", "--watch"} << "'doctor' has no option --watch";
    QTest::newRow("argument missing") << QStringList{"flow", "log", "R-1"} << "TASK is missing";
    QTest::newRow("argument too many") << QStringList{"flow", "show", "R-1", "R-2"} << "'R-2' is too much";
    QTest::newRow("value missing") << QStringList{"estate", "--kind"} << "--kind wants KIND";
    QTest::newRow("value too many") << QStringList{"estate", "--json=yes"} << "--json takes no value";
    QTest::newRow("short option") << QStringList{"estate", "-x"} << "there is no option -x";
    QTest::newRow("no number") << QStringList{"flow", "log", "R-1", "t", "--lines", "many"}
                               << "--lines is no positive number";
    QTest::newRow("no filter") << QStringList{"watch", "runs", "--filter", "x"}
                               << "--filter is not NAME=VALUE";
    QTest::newRow("help on nothing") << QStringList{"help", "fly"} << "there is no command 'fly'";
}

void TestSluicectl::usage()
{
    QFETCH(QStringList, words);
    QFETCH(QString, said);
    Ctl ctl(words.isEmpty() ? words : on(words));
    QCOMPARE(ctl.code(), 2);
    QVERIFY2(ctl.err().contains(said), qPrintable(ctl.err()));
    QCOMPARE(ctl.out(), QString());
    Ctl json((words.isEmpty() ? words : on(words)) + QStringList{"--json"});
    QCOMPARE(json.code(), 2);
    const QJsonObject error = json.json()["error"].toObject();
    QCOMPARE(error["code"].toString(), QStringLiteral("InvalidArgument"));
    QVERIFY2(error["message"].toString().contains(said), qPrintable(json.out()));
}

void TestSluicectl::help_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("said");
    QTest::newRow("all") << QStringList{"--help"} << "flow submit FILE";
    QTest::newRow("all, short") << QStringList{"-h"} << "exit";
    QTest::newRow("help") << QStringList{"help"} << "audit verify";
    QTest::newRow("group") << QStringList{"flow", "--help"} << "flow cancel RUN";
    QTest::newRow("version") << QStringList{"--version"} << "sluicectl 0.";
    for (const char* command :
         {"estate", "flow check", "flow submit", "flow list", "flow show", "flow log", "flow approve",
          "flow cancel", "flow reset", "doctor", "keys list", "keys rotate", "keys renew", "audit verify",
          "audit list", "audit export", "engine", "watch"}) {
        QTest::newRow(command) << QString(command).split(' ') + QStringList{"--help"}
                               << QStringLiteral("Usage: sluicectl ") + command;
    }
}

void TestSluicectl::help()
{
    QFETCH(QStringList, words);
    QFETCH(QString, said);
    Ctl ctl(words);
    QCOMPARE(ctl.code(), 0);
    QVERIFY2(ctl.out().contains(said == "exit" ? "3 no engine" : said), qPrintable(ctl.out()));
    QCOMPARE(ctl.err(), QString());
}

void TestSluicectl::noEngine()
{
    QTemporaryDir dir;
    for (const QStringList& words :
         {QStringList{"estate"}, QStringList{"flow", "list", "--watch"}, QStringList{"audit", "verify"}}) {
        Ctl ctl(words + QStringList{"--state-dir", dir.path()});
        QCOMPARE(ctl.code(), 3);
        QVERIFY(ctl.err().contains("sluiced --state-dir " + dir.path()));
    }
    Ctl ctl({"estate", "--json", "--state-dir", dir.path()});
    QCOMPARE(ctl.code(), 3);
    QCOMPARE(ctl.json()["error"].toObject()["code"].toString(), QStringLiteral("Unavailable"));
}

void TestSluicectl::deadEngine()
{
    QTemporaryDir dir;
    QVERIFY(rpc::renewToken(dir.path()));
    QVERIFY(rpc::writeEndpoint(
        dir.path(), {QUrl("ws://127.0.0.1:1"), QCoreApplication::applicationPid(), "e-gone", "0.1", {}}));
    Ctl ctl({"estate", "--state-dir", dir.path()});
    QCOMPARE(ctl.code(), 3);
    QVERIFY2(ctl.err().contains("No engine answers at ws://127.0.0.1:1"), qPrintable(ctl.err()));
}

void TestSluicectl::aConnectionThatIsCutBeforeItIsServedIsMadeAgain()
{
    // As in a flood of this user's own connections: the first two are not the newest.
    QTcpServer relay;
    QVERIFY(relay.listen(QHostAddress::LocalHost));
    int came = 0;
    connect(&relay, &QTcpServer::newConnection, this, [&] {
        QTcpSocket* client = relay.nextPendingConnection();
        if (++came <= 2) {
            client->disconnectFromHost();
            return;
        }
        auto* engine = new QTcpSocket(client);
        connect(client, &QTcpSocket::readyRead, engine,
                [client, engine] { engine->write(client->readAll()); });
        connect(engine, &QTcpSocket::readyRead, client,
                [client, engine] { client->write(engine->readAll()); });
        connect(client, &QTcpSocket::disconnected, engine, &QTcpSocket::disconnectFromHost);
        engine->connectToHost(QHostAddress(QHostAddress::LocalHost),
                              static_cast<quint16>(m_engine->engine().url().port()));
        engine->write(client->readAll());
    });
    const QUrl url(QStringLiteral("ws://127.0.0.1:%1").arg(relay.serverPort()));
    QVERIFY(rpc::writeEndpoint(m_engine->stateDir(),
                               {url, QCoreApplication::applicationPid(), "e-test", "0.1", {}}));
    Ctl ctl(on({"estate"}));
    QCOMPARE(ctl.code(), 0);
    QCOMPARE(came, 3);
    // One that is cut again and again is said.
    came = -100;
    Ctl cut(on({"estate"}));
    QCOMPARE(cut.code(), 3);
    QCOMPARE(came, -96);
    QVERIFY2(cut.err().contains("No engine answers at " + url.toString()), qPrintable(cut.err()));
}

void TestSluicectl::endpointOfAProcessThatHasEnded()
{
    QProcess ended;
    ended.start("sleep", {"1000"});
    QVERIFY(ended.waitForStarted());
    QTemporaryDir dir;
    QVERIFY(rpc::renewToken(dir.path()));
    QVERIFY(
        rpc::writeEndpoint(dir.path(), {m_engine->engine().url(), ended.processId(), "e-test", "0.1", {}}));
    ended.kill();
    QVERIFY(ended.waitForFinished());
    Ctl ctl({"estate", "--state-dir", dir.path()});
    QCOMPARE(ctl.code(), 3);
    QVERIFY2(ctl.err().contains("has ended"), qPrintable(ctl.err()));
    QVERIFY(ctl.err().contains("sluiced --state-dir"));
}

void TestSluicectl::whatIsNoFlowFileIsRefusedAtOnce()
{
    QTemporaryDir dir;
    QCOMPARE(::mkfifo(qPrintable(dir.filePath("fifo")), 0600), 0);
    QFile large(dir.filePath("large"));
    QVERIFY(large.open(QIODevice::WriteOnly) && large.resize(qint64(5) << 30));
    for (const QString& path : {dir.filePath("fifo"), dir.path(), QString("/dev/zero"), large.fileName()}) {
        for (const char* command : {"check", "submit"}) {
            Ctl ctl(on({"flow", command, path}));
            QCOMPARE(ctl.code(), 4);
            QVERIFY2(ctl.err().contains(path + " cannot be read"), qPrintable(ctl.err()));
        }
    }
}

void TestSluicectl::wrongToken()
{
    QVERIFY(rpc::renewToken(m_engine->stateDir()));
    Ctl ctl(on({"estate"}));
    QCOMPARE(ctl.code(), 4);
    QVERIFY(ctl.err().contains("refused the token"));
}

void TestSluicectl::errorsOfTheEngine()
{
    const QList<QPair<ErrorCode, int>> codes{
        {ErrorCode::NotFound, 4},        {ErrorCode::PermissionDenied, 4}, {ErrorCode::FailedPrecondition, 4},
        {ErrorCode::InvalidArgument, 4}, {ErrorCode::Aborted, 4},          {ErrorCode::OutcomeUnknown, 5},
        {ErrorCode::Internal, 1},        {ErrorCode::DeadlineExceeded, 1}, {ErrorCode::Unavailable, 1}};
    for (const auto& [code, exit] : codes) {
        m_engine->answer("doctor.run", fail(Error{.code = code,
                                                  .message = "No luck",
                                                  .cause = "bad\x1b]0;x\x07 weather",
                                                  .correction = "Wait.",
                                                  .upstream = Upstream{"ceph", -2, "ENOENT"}}));
        Ctl ctl(on({"doctor", "R-1"}));
        QCOMPARE(ctl.code(), exit);
        QCOMPARE(ctl.err(), QStringLiteral("sluicectl: No luck\n  why: bad\\u001b]0;x\\u0007 weather\n   do: "
                                           "Wait.\n  ceph: -2 ENOENT\n"));
        Ctl json(on({"doctor", "R-1", "--json"}));
        QCOMPARE(json.code(), exit);
        QCOMPARE(json.json()["error"].toObject()["code"].toString(), toString(code));
    }
}

void TestSluicectl::estate()
{
    Ctl ctl(on({"estate"}));
    QCOMPARE(ctl.code(), 0);
    const QString out = ctl.out();
    for (const char* text :
         {"vega  ceph 16.2.15  degraded  read-only: engine e-2 holds the lease",
          "\n  The lease is a config-key. Make a pool.\n", "availability  partly", "no monitor quorum",
          "QUORUM LOST, in: a, out: b c, needs 2 of 3", "no answer: connection refused",
          "up in on h1, 1 MiB of 10 MiB, 33 PGs", "6 min 12 s, old", "12,345 objects, 1 MiB stored, size 3/2",
          "600 objects, 1 KiB stored, size 3/2, counted 6 min 40 s ago, old", "not counted yet, size 3/2",
          "x\\u001b[31my", "answer=42 word=yes"}) {
        QVERIFY2(out.contains(text), qPrintable(QStringLiteral("no '%1' in\n%2").arg(text, out)));
    }
    QCOMPARE(m_engine->calls("estate.list").last(), QJsonObject());

    Ctl json(on({"estate", "--json", "--kind", "osd", "--connection=vega"}));
    QCOMPARE(json.code(), 0);
    QCOMPARE(json.json()["entities"].toArray().size(), 1);
    QCOMPARE(m_engine->calls("estate.list").last(), (QJsonObject{{"kind", "osd"}, {"connection", "vega"}}));

    for (const QJsonValue& entity : CannedEngine::entities()) {
        m_engine->topic("estate").set({entity.toObject()});
    }
    Ctl watched(on({"estate", "--watch", "--kind", "mon"}));
    QVERIFY(watched.waitOut("no answer"));
    QVERIFY(!watched.out().contains("OSD"));
    QVERIFY2(watched.out().startsWith("vega  ceph 16.2.15  degraded"), qPrintable(watched.out()));
    Ctl watchedRows(on({"estate", "--watch", "--kind", "mon", "--json"}));
    QVERIFY(watchedRows.waitOut("no answer"));
    QVERIFY(!watchedRows.out().contains("vega/connection/vega"));
    QJsonObject mon = CannedEngine::entities().at(3).toObject();
    mon["facts"] = QJsonObject{{"state", "peon"}, {"answers", true}, {"probeMs", 2}};
    m_engine->topic("estate").set({mon});
    QVERIFY(watched.waitOut("peon, answers in 2 ms"));
}

void TestSluicectl::estateOfSome()
{
    Ctl osds(on({"estate", "--kind", "osd"}));
    QCOMPARE(osds.code(), 0);
    QVERIFY2(osds.out().startsWith("vega  ceph 16.2.15  degraded"), qPrintable(osds.out()));
    QVERIFY(osds.out().contains("up in on h1"));
    QVERIFY(!osds.out().contains("landing"));
    Ctl none(on({"estate", "--kind", "lock", "--connection", "vega"}));
    QCOMPARE(none.code(), 0);
    QCOMPARE(none.out(), QStringLiteral("Nothing of kind 'lock' is known of vega.\n"));

    for (const QStringList& more : {QStringList(), QStringList{"--json"}, QStringList{"--watch"}}) {
        Ctl connection(on({"estate", "--connection", "nosuch"}) + more);
        QCOMPARE(connection.code(), 4);
        QVERIFY2(connection.err().contains("No connection 'nosuch' is known\n  why: known are: vega\n"),
                 qPrintable(connection.err()));
        Ctl kind(on({"estate", "--kind", "nosuch"}) + more);
        QCOMPARE(kind.code(), 4);
        QVERIFY2(kind.err().contains("No kind 'nosuch' is known\n  why: known are: auth-entity, ceph-pool, "),
                 qPrintable(kind.err()));
    }

    // What is not known of a connection is not said of it.
    QJsonArray rows = CannedEngine::entities();
    rows.removeFirst();
    m_engine->answer("estate.list", QJsonObject{{"entities", rows}});
    Ctl headless(on({"estate"}));
    QCOMPARE(headless.code(), 0);
    QVERIFY2(headless.out().startsWith("vega\n"), qPrintable(headless.out()));
}

void TestSluicectl::flowCheck()
{
    QTemporaryDir dir;
    const QString file = dir.filePath("flow.yaml");
    QFile out(file);
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("flow: näh\n");
    out.close();
    Ctl good(on({"flow", "check", file}));
    QCOMPARE(good.code(), 0);
    QCOMPARE(good.out(), file + " is right: flow nightly-train, 6 tasks\n");
    QCOMPARE(m_engine->calls("flow.check").last(), (QJsonObject{{"text", "flow: näh\n"}, {"file", file}}));

    m_engine->answer("flow.check",
                     QJsonObject{{"ok", false},
                                 {"errors", QJsonArray{QJsonObject{{"file", file},
                                                                   {"line", 3},
                                                                   {"column", 7},
                                                                   {"message", "no such task 'lnad'"},
                                                                   {"expected", "land"}},
                                                       QJsonObject{{"file", file},
                                                                   {"line", 9},
                                                                   {"column", 1},
                                                                   {"message", "tasks form a ring"},
                                                                   {"expected", ""}}}}});
    Ctl bad(on({"flow", "check", file}));
    QCOMPARE(bad.code(), 4);
    QCOMPARE(
        bad.out(),
        QStringLiteral("%1:3:7: no such task 'lnad' (expected land)\n%1:9:1: tasks form a ring\n").arg(file));
    Ctl json(on({"flow", "check", "--json", file}));
    QCOMPARE(json.code(), 4);
    QCOMPARE(json.json()["errors"].toArray().size(), 2);

    Ctl piped(on({"flow", "check", "-"}), "flow: from a pipe\n");
    QCOMPARE(piped.code(), 4);
    QCOMPARE(m_engine->calls("flow.check").last(),
             (QJsonObject{{"text", "flow: from a pipe\n"}, {"file", "<stdin>"}}));

    Ctl missing(on({"flow", "check", dir.filePath("none.yaml")}));
    QCOMPARE(missing.code(), 4);
    QVERIFY(missing.err().contains("none.yaml cannot be read"));
    Ctl folder(on({"flow", "check", dir.path()}));
    QCOMPARE(folder.code(), 4);
}

void TestSluicectl::aFlowFileInAnotherEncoding()
{
    const qsizetype calls = m_engine->calls("flow.check").size();
    for (const char* command : {"check", "submit"}) {
        Ctl latin(on({"flow", command, "-"}),
                  "flow: x\ntasks:\n  a: { move: { from: \"file:/gr\xFC"
                  "n\", to: \"file:/b\" } }\n");
        QCOMPARE(latin.code(), 4);
        QVERIFY2(latin.err().contains("<stdin>:3:31: not UTF-8: byte 0xFC in line 3"),
                 qPrintable(latin.err()));
    }
    QCOMPARE(m_engine->calls("flow.check").size(), calls);
}

void TestSluicectl::whatIsLeftOutIsShown()
{
    QJsonObject task = CannedEngine::task("land", "done");
    task["leftOut"] = QJsonArray{
        QJsonObject{{"what", "link"}, {"count", 3}, {"example", "/data/in/x"}},
        QJsonObject{{"what", "omap"}, {"count", 1}, {"example", "a"}},
        QJsonObject{{"what", "others"}, {"count", 2}, {"example", "b"}},
        QJsonObject{{"what", "tides"}, {"count", 4}, {"example", ""}},
        QJsonObject{
            {"what", "versions"}, {"count", 2}, {"example", "c"}, {"atLeast", true}, {"why", "too many"}},
        QJsonObject{{"what", "versions"},
                    {"count", 0},
                    {"example", ""},
                    {"atLeast", true},
                    {"why", "403 AccessDenied"}}};
    task["bytesDone"] = task["bytesTotal"];
    task["objectsDone"] = 9;
    m_engine->answer("flow.show", CannedEngine::shown(CannedEngine::run("running", 1), {task}));
    Ctl almost(on({"flow", "show", "R-1"}));
    QCOMPARE(almost.code(), 0);
    QVERIFY2(almost.out().contains("99 %, 1 MiB of 1 MiB"), qPrintable(almost.out()));
    task["objectsDone"] = 10;
    m_engine->answer("flow.show", CannedEngine::shown(CannedEngine::run("done", 1), {task}));
    Ctl show(on({"flow", "show", "R-1"}));
    QCOMPARE(show.code(), 0);
    QVERIFY2(show.out().contains("100 %, 1 MiB of 1 MiB"), qPrintable(show.out()));
    task["kind"] = "verify";
    task["onlyReads"] = true;
    m_engine->answer("flow.show", CannedEngine::shown(CannedEngine::run("done", 1), {task}));
    Ctl compared(on({"flow", "show", "R-1"}));
    QCOMPARE(compared.code(), 0);
    QVERIFY2(compared.out().contains("land did not compare 3 symbolic links, such as /data/in/x\n"),
             qPrintable(compared.out()));
    for (const char* line :
         {"land left out 3 symbolic links, such as /data/in/x\n", "land left out 1 object's omap: a\n",
          "land found 2 objects that are not of this run, such as b\n", "land left out 4 tides\n",
          "land left out at least 2 older versions, such as c; not all are counted: too many\n",
          "land: not known whether older versions are left out: 403 AccessDenied\n"}) {
        QVERIFY2(show.out().contains(line), qPrintable(show.out()));
    }
}

void TestSluicectl::flowSubmit()
{
    Ctl good(on({"flow", "submit", "-", "--request-id", "mine"}), "flow: x\n");
    QCOMPARE(good.code(), 0);
    QCOMPARE(good.out(), QStringLiteral("R-1\n"));
    QCOMPARE(m_engine->calls("flow.submit").last()["requestId"].toString(), QStringLiteral("mine"));
    Ctl again(on({"flow", "submit", "-", "--reason", "every night"}), "flow: x\n");
    QCOMPARE(again.code(), 0);
    QCOMPARE(m_engine->calls("flow.submit").last()["reason"].toString(), QStringLiteral("every night"));
    Ctl third(on({"flow", "submit", "-"}), "flow: x\n");
    QCOMPARE(third.code(), 0);
    QVERIFY(m_engine->calls("flow.submit").at(1)["requestId"] !=
            m_engine->calls("flow.submit").at(2)["requestId"]);

    m_engine->answer(
        "flow.check",
        QJsonObject{
            {"ok", false},
            {"errors",
             QJsonArray{QJsonObject{
                 {"file", "f"}, {"line", 1}, {"column", 2}, {"message", "bad"}, {"expected", "good"}}}}});
    Ctl bad(on({"flow", "submit", "-"}), "flow: x\n");
    QCOMPARE(bad.code(), 4);
    QVERIFY(bad.err().contains("f:1:2: bad (expected good)\n"));
    QVERIFY(bad.err().contains("nothing was stored"));
    QCOMPARE(m_engine->calls("flow.submit").size(), 3);
}

void TestSluicectl::flowListShowLog()
{
    Ctl list(on({"flow", "list"}));
    QCOMPARE(list.code(), 0);
    QVERIFY(list.out().contains("R-1  nightly-train  running  2/3    50 %, 512 KiB of 1 MiB  64 KiB/s  8 s"));
    m_engine->answer("flow.list", QJsonObject{{"runs", QJsonArray()}});
    Ctl none(on({"flow", "list"}));
    QCOMPARE(none.code(), 0);
    QVERIFY(none.out().contains("sluicectl flow submit"));

    Ctl show(on({"flow", "show", "R-1"}));
    QCOMPARE(show.code(), 0);
    for (const char* text :
         {"R-1  nightly-train  stalled  1/3 tasks", "Case C-1 is open: sluicectl doctor R-1",
          "blocked (lock): train/7 is locked by client.4711", "sluicectl flow approve R-1 gate",
          "Publish?"}) {
        QVERIFY2(show.out().contains(text), qPrintable(show.out()));
    }
    QVERIFY2(show.out().contains("land        move     done     -   "),
             qPrintable(show.out()));  // over, and not told when begun
    Ctl json(on({"flow", "show", "R-1", "--json"}));
    QCOMPARE(json.code(), 0);
    QCOMPARE(json.json()["tasks"].toArray().size(), 3);

    Ctl log(on({"flow", "log", "R-1", "land", "--lines", "7"}));
    QCOMPARE(log.code(), 0);
    QVERIFY(log.out().contains("info   listed 12 objects"));
    QCOMPARE(m_engine->calls("flow.log").last(),
             (QJsonObject{{"run", "R-1"}, {"task", "land"}, {"lines", 7}}));
}

void TestSluicectl::timesOfTasks()
{
    QJsonObject done = CannedEngine::task("land", "done");
    done["startedAt"] = "2026-01-01T00:00:00Z";
    done["endedAt"] = "2026-01-01T00:01:05Z";
    QJsonObject blocked = CannedEngine::task("copy", "running");
    blocked["blocked"] = CannedEngine::task("copy", "stalled")["blocked"];
    QJsonObject stalled = CannedEngine::task("publish", "stalled");
    for (QJsonObject* task : {&blocked, &stalled}) {
        (*task)["throughputBps"] = 65536;
        (*task)["etaSeconds"] = 1;
    }
    const QJsonObject moving = CannedEngine::task("other", "running");
    m_engine->answer("flow.show",
                     CannedEngine::shown(CannedEngine::run("running", 1), {done, blocked, stalled, moving}));
    Ctl ctl(on({"flow", "show", "R-1"}));
    QCOMPARE(ctl.code(), 0);
    const QStringList lines = ctl.out().split('\n');
    QVERIFY2(lines.at(0).endsWith("64 KiB/s  left -"), qPrintable(ctl.out()));
    QVERIFY2(lines.at(4).contains("done     1 min 5 s"), qPrintable(ctl.out()));
    QVERIFY2(lines.at(5).contains("64 KiB/s  -     blocked (lock)"), qPrintable(ctl.out()));
    QVERIFY2(lines.at(6).contains("1 MiB  -         -     blocked (lock)"), qPrintable(ctl.out()));
    QVERIFY(!ctl.out().contains("1 s  blocked"));
}

void TestSluicectl::flowApprove()
{
    Ctl approve(on({"flow", "approve", "R-1", "gate", "--reason", "looks right"}));
    QCOMPARE(approve.code(), 0);
    QCOMPARE(approve.out(), QStringLiteral("gate of R-1 is approved\n"));
    const QJsonObject sent = m_engine->calls("flow.approve").last();
    QCOMPARE(sent["reason"].toString(), QStringLiteral("looks right"));
    QVERIFY(!sent["requestId"].toString().isEmpty());
}

void TestSluicectl::flowShowWatched()
{
    for (const auto& [state, code] : {std::pair{"done", 0}, {"failed", 1}, {"cancelled", 1}}) {
        m_engine->topic("runs").set({CannedEngine::run("running", 0)});
        m_engine->topic("tasks").set({CannedEngine::task("land", "running")});
        Ctl ctl(on({"flow", "show", "R-1", "--watch"}));
        QVERIFY(ctl.waitOut("land  move  running"));
        m_engine->topic("tasks").set({CannedEngine::task("land", "done")});
        QVERIFY(ctl.waitOut("land  move  done"));
        m_engine->answer("flow.show", CannedEngine::shown(CannedEngine::run(state, 1),
                                                          {CannedEngine::task("land", "done")}));
        m_engine->topic("runs").set({CannedEngine::run(state, 1)});
        QCOMPARE(ctl.code(), code);
        QVERIFY(ctl.out().contains(QStringLiteral("R-1  nightly-train  %1  1/3 tasks").arg(state)));
        QCOMPARE(ctl.out().count("land  move  running"), 1);  // printed when new, not again
        QVERIFY(!ctl.out().contains('\x1b'));
    }
    m_engine->topic("runs").set({CannedEngine::run("done", 3)});
    m_engine->answer("flow.show",
                     CannedEngine::shown(CannedEngine::run("done", 3), {CannedEngine::task("land", "done")}));
    Ctl json(on({"flow", "show", "R-1", "--watch", "--json"}));
    QCOMPARE(json.code(), 0);
    const QStringList lines = json.out().split('\n', Qt::SkipEmptyParts);
    QVERIFY(!lines.isEmpty());
    for (const QString& line : lines) {
        QVERIFY(QJsonDocument::fromJson(line.toUtf8()).object().contains("topic"));
    }
    m_engine->answer("flow.show",
                     fail(Error{.code = ErrorCode::NotFound, .message = "There is no run 'R-9'"}));
    Ctl unknown(on({"flow", "show", "R-9", "--watch"}));
    QCOMPARE(unknown.code(), 4);
}

void TestSluicectl::theLastPictureIsOfOneMoment()
{
    // Topics come each by itself: here the end of the task never does.
    for (const bool json : {false, true}) {
        m_engine->answer("flow.show", CannedEngine::shown(CannedEngine::run("running", 2),
                                                          {CannedEngine::task("publish", "running")}));
        m_engine->topic("tasks").set({CannedEngine::task("publish", "running")});
        m_engine->topic("runs").set({CannedEngine::run("running", 2)});
        Ctl ctl(on({"flow", "show", "R-1", "--watch"}) + (json ? QStringList{"--json"} : QStringList()));
        QVERIFY(ctl.waitOut(json ? "\"state\":\"running\"" : "publish  move  running"));
        m_engine->answer("flow.show", CannedEngine::shown(CannedEngine::run("done", 3),
                                                          {CannedEngine::task("publish", "done")}));
        m_engine->topic("runs").set({CannedEngine::run("done", 3)});
        QCOMPARE(ctl.code(), 0);
        const QString last = ctl.out().trimmed().section('\n', -1);
        QVERIFY2(last.contains(json ? "\"state\":\"done\"" : "publish  move  done"), qPrintable(ctl.out()));
        QVERIFY2(last.contains("publish"), qPrintable(ctl.out()));
    }
}

void TestSluicectl::aCancelledRunIsWatchedToItsEnd()
{
    QJsonObject run = CannedEngine::run("cancelled", 1);
    run["endedAt"] = QJsonValue();
    m_engine->topic("runs").set({run});
    m_engine->topic("tasks").set({CannedEngine::task("land", "running")});
    Ctl ctl(on({"flow", "show", "R-1", "--watch"}));
    QVERIFY(ctl.waitOut("R-1  nightly-train  cancelled"));
    QVERIFY(ctl.waitOut("land  move  running"));
    m_engine->answer("flow.show", CannedEngine::shown(CannedEngine::run("cancelled", 1),
                                                      {CannedEngine::task("land", "cancelled")}));
    m_engine->topic("runs").set({CannedEngine::run("cancelled", 1)});
    QCOMPARE(ctl.code(), 1);
    QVERIFY2(ctl.out().contains("land  move  cancelled"), qPrintable(ctl.out()));
}

void TestSluicectl::watchOnATerminal()
{
    m_engine->topic("runs").set({CannedEngine::run("running", 0)});
    TerminalCtl ctl(on({"flow", "show", "R-1", "--watch"}), 120);
    QTRY_VERIFY(ctl.screen().contains("running"));
    QVERIFY(ctl.screen().startsWith("\x1b[2J\x1b[H"));
    QTRY_VERIFY(ctl.screen().count("\x1b[H") > 1);  // ages go on, so it is drawn again without any change
    m_engine->answer("flow.show", CannedEngine::shown(CannedEngine::run("done", 3), {}));
    m_engine->topic("runs").set({CannedEngine::run("done", 3)});
    QTRY_VERIFY(ctl.hasEnded());
    QCOMPARE(ctl.code(), 0);
    QVERIFY(ctl.screen().contains("3/3 tasks"));
}

void TestSluicectl::theReasonIsNeverCutOff_data()
{
    QTest::addColumn<int>("columns");
    QTest::addColumn<QString>("shown");
    const QString why =
        "blocked (lock): landing/a-long-name/of-an-object/0007 is locked by client.4711 at 127.0.0.1:0/42";
    QTest::newRow("wide: in its column") << 220 << "1 MiB  -     -     " + why + "\x1b[K\r\n";
    QTest::newRow("under the task") << 120 << "\r\n    " + why + "\x1b[K\r\n";
    QTest::newRow("folded") << 80
                            << "\r\n    blocked (lock): landing/a-long-name/of-an-object/0007 is locked "
                               "by\x1b[K\r\n    client.4711 at 127.0.0.1:0/42\x1b[K\r\n";
    QTest::newRow("what is cut off shows it")
        << 60 << QStringLiteral("…\x1b[K\r\n    blocked (lock): landing");
}

void TestSluicectl::theReasonIsNeverCutOff()
{
    QFETCH(int, columns);
    QFETCH(QString, shown);
    QJsonObject task = CannedEngine::task("copy-train", "stalled");
    task["blocked"] = QJsonObject{
        {"what", "lock"},
        {"error",
         QJsonObject{{"message",
                      "landing/a-long-name/of-an-object/0007 is locked by client.4711 at 127.0.0.1:0/42"}}}};
    m_engine->topic("runs").set({CannedEngine::run("stalled", 0)});
    m_engine->topic("tasks").set({task});
    TerminalCtl ctl(on({"flow", "show", "R-1", "--watch"}), columns);
    QTRY_VERIFY2(QString::fromUtf8(ctl.screen()).contains(shown), ctl.screen().constData());
}

void TestSluicectl::watchEndsWithTheEngine()
{
    m_engine->topic("runs").set({CannedEngine::run("running", 0)});
    Ctl ctl(on({"flow", "list", "--watch"}));
    QVERIFY(ctl.waitOut("R-1"));
    m_engine->engine().server().stop();
    QCOMPARE(ctl.code(), 3);
    QVERIFY(ctl.err().contains("The engine stops"));
}

void TestSluicectl::resetShowsItsPlan()
{
    Ctl ctl(on({"flow", "reset", "R-1"}));
    QCOMPARE(ctl.code(), 0);
    for (const char* text :
         {"Plan: flow.reset R-1 (class 2, disruptive)", "keeps   6 objects, 6 MiB",
          "drops   train/8, 4 MiB: half written",
          "lock    sluice on train/7, held by client.4711 at 127.0.0.1:0/42 (gone: broken)",
          "fences  127.0.0.1:0/99", "1.  Fence attempt 1  checked by: blocklist",
          "Cannot be undone\n  - train/8 is removed", "Plan hash p1"}) {
        QVERIFY2(ctl.out().contains(text), qPrintable(ctl.out()));
    }
    QVERIFY(ctl.err().contains("Nothing was done. To do it: sluicectl flow reset R-1 --yes"));
    QVERIFY(ctl.err().contains("To do exactly this plan or nothing: sluicectl flow reset R-1 --expect p1"));
    QCOMPARE(m_engine->calls("flow.reset").size(), 0);
}

void TestSluicectl::onesAndMany()
{
    QJsonObject answer = CannedEngine::resetPlan();
    QJsonObject plan = answer["plan"].toObject();
    QJsonObject task = plan["tasks"].toArray().at(0).toObject();
    task["kept"] = QJsonObject{{"objects", 1}, {"bytes", 1048576}};
    plan["tasks"] = QJsonArray{task};
    answer["plan"] = plan;
    m_engine->answer("flow.plan_reset", answer);
    Ctl ctl(on({"flow", "reset", "R-1"}));
    QCOMPARE(ctl.code(), 0);
    QVERIFY2(ctl.out().contains("keeps   1 object, 1 MiB"), qPrintable(ctl.out()));
    m_engine->answer("flow.check",
                     QJsonObject{{"ok", true}, {"flow", "one"}, {"tasks", 1}, {"errors", QJsonArray()}});
    Ctl check(on({"flow", "check", "-"}), "flow: one\n");
    QCOMPARE(check.code(), 0);
    QVERIFY2(check.out().endsWith(": flow one, 1 task\n"), qPrintable(check.out()));
}

void TestSluicectl::resetCarriesOut_data()
{
    QTest::addColumn<QString>("state");
    QTest::addColumn<int>("code");
    QTest::newRow("verified") << "verified" << 0;
    QTest::newRow("done") << "done" << 0;
    QTest::newRow("already so") << "already so" << 0;
    QTest::newRow("not needed") << "not needed" << 0;
    QTest::newRow("failed") << "failed" << 1;
    QTest::newRow("not verified") << "not verified" << 5;
    QTest::newRow("outcome unknown") << "outcome unknown" << 5;
}

void TestSluicectl::resetCarriesOut()
{
    QFETCH(QString, state);
    QFETCH(int, code);
    m_engine->topic("actions").set({CannedEngine::action("executing", "fencing attempt 1")});
    Ctl ctl(on({"flow", "reset", "R-1", "--yes", "--reason", "stuck"}));
    QVERIFY(ctl.waitOut("A-7 executing: fencing attempt 1"));
    const QJsonObject sent = m_engine->calls("flow.reset").first();
    QCOMPARE(sent["planHash"].toString(), QStringLiteral("p1"));
    QCOMPARE(sent["reason"].toString(), QStringLiteral("stuck"));
    QVERIFY(!sent["requestId"].toString().isEmpty());
    m_engine->topic("actions").set({CannedEngine::action(state, "that was it")});
    QCOMPARE(ctl.code(), code);
    QVERIFY(ctl.out().contains("A-7 " + state + ": that was it"));
    QVERIFY(ctl.out().startsWith("Plan: "));
}

void TestSluicectl::resetThenWatch()
{
    m_engine->topic("actions").set({CannedEngine::action("verified")});
    m_engine->topic("runs").set({CannedEngine::run("running", 1)});
    Ctl ctl(on({"flow", "reset", "R-1", "--yes", "--watch"}));
    QVERIFY(ctl.waitOut("R-1  nightly-train  running"));
    m_engine->answer("flow.show", CannedEngine::shown(CannedEngine::run("done", 3), {}));
    m_engine->topic("runs").set({CannedEngine::run("done", 3)});
    QCOMPARE(ctl.code(), 0);
}

void TestSluicectl::resetRefused()
{
    Ctl other(on({"flow", "reset", "R-1", "--expect", "p0"}));
    QCOMPARE(other.code(), 4);
    QCOMPARE(m_engine->calls("flow.reset").size(), 0);
    m_engine->answer("flow.reset", fail(refused()));
    Ctl ctl(on({"flow", "reset", "R-1", "--expect", "p1"}));
    QCOMPARE(ctl.code(), 4);
    QVERIFY(ctl.err().contains("The plan is void"));
    QCOMPARE(m_engine->calls("flow.reset").size(), 1);
}

void TestSluicectl::cancelShowsItsPlan()
{
    Ctl ctl(on({"flow", "cancel", "R-1"}));
    QCOMPARE(ctl.code(), 0);
    for (const char* text :
         {"Plan: flow.cancel R-1 (class 2, disruptive)", "copy-train, attempt 1\n  fences  127.0.0.1:0/99",
          "1.  Kill and fence attempt 1 of copy-train  checked by: its process is reaped, its client fenced",
          "Cannot be undone\n  - R-1 cannot go on afterwards", "Plan hash p3"}) {
        QVERIFY2(ctl.out().contains(text), qPrintable(ctl.out()));
    }
    QVERIFY(!ctl.out().contains("keeps"));
    QVERIFY(ctl.err().contains("Nothing was done. To do it: sluicectl flow cancel R-1 --yes"));
    QCOMPARE(m_engine->calls("flow.cancel").size(), 0);
}

void TestSluicectl::cancelCarriesOut()
{
    m_engine->topic("actions").set({CannedEngine::action("executing")});
    Ctl ctl(on({"flow", "cancel", "R-1", "--yes", "--reason", "wrong day"}));
    QVERIFY(ctl.waitOut("A-7 executing"));
    const QJsonObject sent = m_engine->calls("flow.cancel").first();
    QCOMPARE(sent["planHash"].toString(), QStringLiteral("p3"));
    QCOMPARE(sent["reason"].toString(), QStringLiteral("wrong day"));
    m_engine->topic("actions").set({CannedEngine::action("not verified", "attempt 1 is not proved dead")});
    QCOMPARE(ctl.code(), 5);
}

void TestSluicectl::theEngineGoesInTheMiddle_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::newRow("reset") << QStringList{"flow", "reset", "R-1", "--yes"};
    QTest::newRow("cancel") << QStringList{"flow", "cancel", "R-1", "--yes"};
    QTest::newRow("rotate") << QStringList{"keys", "rotate", "ingest", "--yes"};
}

void TestSluicectl::theEngineGoesInTheMiddle()
{
    QFETCH(QStringList, words);
    m_engine->topic("actions").set({CannedEngine::action("executing")});
    Ctl ctl(on(words));
    QVERIFY(ctl.waitOut("A-7 executing"));
    m_engine->engine().server().stop();
    QCOMPARE(ctl.code(), 5);
    QVERIFY2(ctl.err().contains("What became of A-7 is not known"), qPrintable(ctl.err()));
}

void TestSluicectl::theEngineNoLongerKnowsWhatIsFollowed()
{
    m_engine->topic("actions").set({CannedEngine::action("executing")});
    Ctl ctl(on({"flow", "cancel", "R-1", "--yes"}));
    QVERIFY(ctl.waitOut("A-7 executing"));
    m_engine->topic("actions").remove({"A-7"});
    QCOMPARE(ctl.code(), 5);
    QVERIFY2(ctl.err().contains("the engine does not show this action"), qPrintable(ctl.err()));
}

void TestSluicectl::doctor()
{
    Ctl ctl(on({"doctor", "R-1"}));
    QCOMPARE(ctl.code(), 0);
    for (const char* text :
         {"C-1  copy-train does not move  (decide, opened 3 min ago)", "A dead client holds a lock.",
          "● confirmed  R18  train/7 is locked by a client that is gone",
          "no monitor has a session of client.4711  [ceph sessions, 2 s ago]", "do: Break the lock.",
          "○ refuted    R5  Monitor quorum is lost", "3 of 3 monitors in quorum",
          "Remedy: Reset the run (class 2)", "See its plan: sluicectl flow reset R-1",
          "In the same case\n  R-2  R18  It holds another one.\n"}) {
        QVERIFY2(ctl.out().contains(text), qPrintable(ctl.out()));
    }
    QVERIFY2(!ctl.out().contains("R-1  R18"), qPrintable(ctl.out()));
    Ctl json(on({"doctor", "R-1", "--json"}));
    QCOMPARE(json.code(), 0);
    QCOMPARE(json.json()["case"].toObject()["findings"].toArray().size(), 2);

    // What was to be done is told while it is to be done.
    QJsonObject row = CannedEngine::caseRow();
    QJsonObject remedy = row["remedy"].toObject();
    remedy["commands"] = QJsonArray{"systemctl start ceph-mon@b"};
    row["remedy"] = remedy;
    for (const char* phase : {"decide", "verify", "closed"}) {
        row["phase"] = QLatin1String(phase);
        m_engine->answer("doctor.run", QJsonObject{{"case", row}});
        m_engine->answer("cases.list", QJsonObject{{"cases", QJsonArray{row}}, {"total", 1}});
        for (const QStringList& command : {QStringList{"doctor", "R-1"}, QStringList{"cases", "--all"}}) {
            Ctl said(on(command));
            QCOMPARE(said.code(), 0);
            QCOMPARE(said.out().contains("systemctl start"), phase == QLatin1String("decide"));
            QVERIFY(said.out().contains("A dead client holds a lock."));
        }
    }
}

void TestSluicectl::keysList()
{
    Ctl ctl(on({"keys", "list"}));
    QCOMPARE(ctl.code(), 0);
    QVERIFY2(ctl.out().contains("ingest  vega        1           client.ingest.g1  current  2 h 0 min"),
             qPrintable(ctl.out()));
    for (const auto& [from, said] : {std::pair{0, "\nFirst key of ingest, generation 1: done\n"},
                                     {1, "\nRotation of ingest, generation 1 to 2: done\n"}}) {
        const QJsonObject rotation{
            {"id", "K-1"}, {"state", "done"}, {"from", from}, {"to", from + 1}, {"steps", QJsonArray()}};
        m_engine->answer("keys.list", QJsonObject{{"roles", QJsonArray{CannedEngine::role(rotation)}}});
        Ctl rotated(on({"keys", "list"}));
        QCOMPARE(rotated.code(), 0);
        QVERIFY2(rotated.out().contains(said), qPrintable(rotated.out()));
    }
}

void TestSluicectl::keysRenew()
{
    Ctl plan(on({"keys", "renew", "ingest"}));
    QCOMPARE(plan.code(), 0);
    QVERIFY2(
        plan.out().contains("Plan: keys.renew ingest, from client.ingest.g1 to client.ingest.g2 (class 2"),
        qPrintable(plan.out()));
    QVERIFY(plan.out().contains("does not exist on vega any more"));
    QVERIFY(plan.err().contains("sluicectl keys renew ingest --yes"));
    QCOMPARE(m_engine->calls("keys.renew").size(), 0);

    Ctl begun(on({"keys", "renew", "ingest", "--yes", "--no-wait"}));
    QCOMPARE(begun.code(), 0);
    QVERIFY(begun.out().contains("A-7 has begun"));
    QCOMPARE(m_engine->calls("keys.renew").first()["planHash"].toString(), QStringLiteral("p4"));
    QCOMPARE(m_engine->calls("keys.rotate").size(), 0);
}

void TestSluicectl::keysRotate()
{
    Ctl plan(on({"keys", "rotate", "ingest"}));
    QCOMPARE(plan.code(), 0);
    QVERIFY2(
        plan.out().contains("Plan: keys.rotate ingest, from client.ingest.g1 to client.ingest.g2 (class 2"),
        qPrintable(plan.out()));
    QVERIFY(plan.err().contains("sluicectl keys rotate ingest --yes"));
    QCOMPARE(m_engine->calls("keys.rotate").size(), 0);

    const auto steps = [](const QString& create, const QString& revoke) {
        return QJsonArray{
            QJsonObject{{"id", "create"},
                        {"title", "Make client.ingest.g2"},
                        {"state", create},
                        {"detail", "caps are equal"}},
            QJsonObject{
                {"id", "revoke"}, {"title", "Revoke client.ingest.g1"}, {"state", revoke}, {"detail", ""}}};
    };
    m_engine->topic("actions").set({CannedEngine::action("executing", {}, steps("running", "waiting"))});
    Ctl ctl(on({"keys", "rotate", "ingest", "--yes"}));
    QVERIFY(ctl.waitOut("running   Make client.ingest.g2: caps are equal"));
    m_engine->topic("actions").set({CannedEngine::action("executing", {}, steps("verified", "waiting"))});
    QVERIFY(ctl.waitOut("verified  Make client.ingest.g2: caps are equal"));
    m_engine->topic("actions").set({CannedEngine::action("verified", {}, steps("verified", "done"))});
    QCOMPARE(ctl.code(), 0);
    QVERIFY2(ctl.out().endsWith("  done      Revoke client.ingest.g1\nA-7 verified\n"),
             qPrintable(ctl.out()));
    QVERIFY(!ctl.out().contains("waiting"));
    QCOMPARE(m_engine->calls("keys.rotate").first()["planHash"].toString(), QStringLiteral("p2"));

    Ctl begun(on({"keys", "rotate", "ingest", "--yes", "--no-wait"}));
    QCOMPARE(begun.code(), 0);
    QVERIFY(begun.out().contains("A-7 has begun"));
}

void TestSluicectl::auditOfTheEngine()
{
    Ctl list(on({"audit", "list", "--limit", "5", "--before", "42"}));
    QCOMPARE(list.code(), 0);
    QVERIFY2(list.out().contains("ada  flow.reset  2      verified  R-1 R-1/copy-train"),
             qPrintable(list.out()));
    QCOMPARE(m_engine->calls("audit.list").last(), (QJsonObject{{"limit", 5}, {"before", 42}}));
    Ctl good(on({"audit", "verify"}));
    QCOMPARE(good.code(), 0);
    QCOMPARE(good.out(), QStringLiteral("The chain holds: 41 records, head ab12\n"));
    m_engine->answer("audit.verify",
                     QJsonObject{{"ok", false},
                                 {"records", 41},
                                 {"head", "ab12"},
                                 {"firstBad", QJsonObject{{"seq", 7}, {"why", "the hash is wrong"}}}});
    Ctl bad(on({"audit", "verify"}));
    QCOMPARE(bad.code(), 5);
    QCOMPARE(bad.out(), QStringLiteral("The chain does NOT hold. Record 7: the hash is wrong\n"));
}

void TestSluicectl::auditOfAFile()
{
    QTemporaryDir dir;
    const QString file = dir.filePath("audit.db");
    {
        const SystemClock clock;
        auto log = audit::AuditLog::open(file, clock);
        QVERIFY2(log, log ? "" : qPrintable(log.error().toLine()));
        int written = 0;
        for (int i = 0; i < 3; ++i) {
            (*log)->append({.principal = "ada-the-first", .action = "flow.submit", .outcome = "verified"},
                           this, [&](const Result<audit::Record>& record) { written += record ? 1 : 0; });
        }
        QTRY_COMPARE(written, 3);
    }
    Ctl good({"audit", "verify", "--file", file});
    QCOMPARE(good.code(), 0);
    QVERIFY2(good.out().contains("The chain holds: 3 records"), qPrintable(good.out()));

    QFile bytes(file);
    QVERIFY(bytes.open(QIODevice::ReadWrite));
    QByteArray text = bytes.readAll();
    QVERIFY(text.contains("ada-the-first"));
    text.replace("ada-the-first", "eve-the-first");
    bytes.seek(0);
    bytes.write(text);
    bytes.close();
    Ctl bad({"audit", "verify", "--file", file, "--json"});
    QCOMPARE(bad.code(), 5);
    QCOMPARE(bad.json()["firstBad"].toObject()["seq"].toInt(), 1);

    Ctl missing({"audit", "verify", "--file", dir.filePath("none.db")});
    QCOMPARE(missing.code(), 4);
    QVERIFY(!QFile::exists(dir.filePath("none.db")));
}

void TestSluicectl::engineInfo()
{
    Ctl ctl(on({"engine"}));
    QCOMPARE(ctl.code(), 0);
    for (const char* text : {"e-test", "0.1.0", "1 h 0 min ago", "lab", "there is no second person",
                             "NO: the disk is full", "1.5 ms (p99)", "41 records, head ab12"}) {
        QVERIFY2(ctl.out().contains(text), qPrintable(ctl.out()));
    }
}

void TestSluicectl::watchTopic()
{
    RowsTopic& tasks = m_engine->topic("tasks");
    tasks.set({CannedEngine::task("land", "running"), CannedEngine::task("copy-train", "waiting")});
    Ctl once(on({"watch", "tasks", "--once", "--filter", "state=running", "--fields", "task,state"}));
    QCOMPARE(once.code(), 0);
    QCOMPARE(once.out(),
             QStringLiteral("R-1/land {\"id\":\"R-1/land\",\"state\":\"running\",\"task\":\"land\"}\n"));
    Ctl number(on({"watch", "tasks", "--once", "--filter", "attempt=1", "--fields", "task", "--json"}));
    QCOMPARE(number.code(), 0);
    QCOMPARE(number.out().count('\n'), 2);

    Ctl ctl(on({"watch", "tasks", "--filter", "state=running"}));
    QVERIFY(ctl.waitOut("R-1/land "));
    tasks.set({CannedEngine::task("copy-train", "running")});
    QVERIFY(ctl.waitOut("R-1/copy-train "));
    tasks.set({CannedEngine::task("land", "done")});
    QVERIFY(ctl.waitOut("-R-1/land\n"));
    Ctl unknown(on({"watch", "none"}));
    QCOMPARE(unknown.code(), 4);
    QVERIFY(unknown.err().contains("this engine has: actions, audit,"));
}

QTEST_GUILESS_MAIN(TestSluicectl)
#include "tst_sluicectl.moc"
