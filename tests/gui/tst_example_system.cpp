#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>

#include "engine/engine.h"
#include "engine/systems.h"
#include "patience.h"
#include "tests/support/example_system/example_system.h"
#include "tests/support/example_system/waterworks.h"

using namespace sluice;

namespace {

constexpr auto kConfig =
    "profile: { name: example, colour: plum }\n"
    "connections:\n"
    "  works: { type: waterworks, url: \"%1\" }\n";

/// An engine that knows the system, added by one line.
Result<std::unique_ptr<engine::Engine>> startEngine(const QString& state, const QString& url,
                                                    const Clock& clock)
{
    connect::Systems systems = engine::systems();
    systems.push_back(example::system());  // the one line

    const QString text = QString::fromLatin1(kConfig).arg(url);
    const auto config = config::parse(text, "example.yaml", connect::connectionTypesOf(systems));
    if (!config) {
        return fail(config.error());
    }
    auto engine = engine::Engine::create({.stateDir = state,
                                          .config = *config,
                                          .systems = systems,
                                          .workerProgram = SLUICE_BIN_DIR "/sluice-worker"},
                                         clock);
    if (!engine) {
        return engine;
    }
    if (const auto started = (*engine)->start(); !started) {
        return fail(started.error());
    }
    return engine;
}

constexpr auto kAsEngine = "--engine";

/// This program as an engine of its own process, so that it can be killed.
int runEngine(const QString& state, const QString& url)
{
    SystemClock clock;
    const auto engine = startEngine(state, url, clock);
    return engine ? QCoreApplication::exec() : 1;
}

}  // namespace

/// A system that nobody else knows, added by one line (see startEngine), in a real engine with its real
/// clients.
class TestExampleSystem : public QObject {
    Q_OBJECT

private:
    SystemClock m_clock;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<example::Waterworks> m_works;
    std::unique_ptr<engine::Engine> m_engine;

    QString state() const { return m_dir->filePath(QStringLiteral("state")); }

    /// What `sluicectl` prints. The engine answers in this process, so that nothing may block here.
    QByteArray ctl(const QStringList& arguments, int* code = nullptr)
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QStringLiteral(SLUICE_BIN_DIR "/sluicectl"),
                      arguments + QStringList{"--state-dir", state()});
        const bool ended =
            sluice::test::waitUntil([&process] { return process.state() == QProcess::NotRunning; });
        if (code) {
            *code = ended ? process.exitCode() : -1;
        }
        return process.readAll();
    }

    QString flow(const QString& connection, const QString& valve)
    {
        const QString path = m_dir->filePath(QStringLiteral("flow.yaml"));
        QFile file(path);
        if (file.open(QIODevice::WriteOnly | QIODevice::Truncate)) {
            file.write(QStringLiteral("flow: water\ntasks:\n  open: { valve: { connection: %1, name: %2 }, "
                                      "stallAfter: 1s }\n")
                           .arg(connection, valve)
                           .toUtf8());
        }
        return path;
    }

    void start()
    {
        auto engine = startEngine(state(), m_works->url().toString(), m_clock);
        QVERIFY2(engine.has_value(), engine ? "" : qPrintable(engine.error().toLine()));
        m_engine = std::move(*engine);
    }

    /// A run whose task holds valve south and waits for it in vain.
    QString holding()
    {
        m_works->valves["south"].stuck = true;
        const QByteArray said = ctl({"flow", "submit", flow("works", "south"), "--json"});
        const QString run = QJsonDocument::fromJson(said.trimmed())["run"].toString();
        const bool held =
            sluice::test::waitUntil([this, &run] { return m_works->valves["south"].holder == run + ".1"; });
        return held ? run : QString();
    }
    /// What was changed there: "verb WHO".
    QStringList changes() const
    {
        QStringList all;
        for (const QString& line : m_works->asked.filter("POST /valves/south/")) {
            all.append(line.section('/', 3).replace("?by=", " "));
        }
        return all;
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        QVERIFY(QFile::setPermissions(m_dir->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        m_works = std::make_unique<example::Waterworks>();
        m_works->valves = {{"north", {.open = true}}, {"south", {.open = false, .holder = "somebody"}}};
        start();
    }

    void cleanup()
    {
        bool ended = false;
        connect(m_engine.get(), &engine::Engine::finished, this, [&ended] { ended = true; });
        m_engine->stop();
        QTRY_VERIFY(ended);
        m_engine.reset();
    }

    void itsConnectionAndItsEntitiesAreInTheEstate()
    {
        const auto estate = [this](const QStringList& more) { return ctl(QStringList{"estate"} + more); };
        QTRY_VERIFY2(estate({"--kind", "valve"}).contains("south"), estate({}).constData());
        const QByteArray valves = estate({"--kind", "valve"});
        QVERIFY2(valves.contains("north") && valves.contains("somebody"), valves.constData());
        QVERIFY2(valves.contains("HOLDER"), valves.constData());
        QVERIFY2(estate({}).contains("works"), estate({}).constData());
        m_works->valves.remove("south");
        QTRY_VERIFY(!estate({"--kind", "valve"}).contains("south"));
    }

    void itsKindsStandInTheDocument()
    {
        connect::Systems systems = engine::systems();
        QVERIFY(!engine::Engine::protocolMarkdown(systems).contains("### valve"));
        systems.push_back(example::system());
        const QString document = engine::Engine::protocolMarkdown(systems);
        QVERIFY(document.contains("### valve\n\nValves: A valve of a waterworks.\n"));
        QVERIFY(document.contains("| holder | text | who holds it |"));
        for (const char* text : {"valve.plan_flush", "valve.flush", "Shuts a valve and opens it again."}) {
            QVERIFY2(document.contains(text), text);
            QVERIFY(!engine::Engine::protocolMarkdown(engine::systems()).contains(text));
        }
    }

    void aWorksThatHangsIsToldAsOneThatDoesNotAnswer()
    {
        const auto row = [this] {
            const auto lines = ctl({"estate", "--kind", "connection", "--json"});
            return lines;
        };
        QTRY_VERIFY2(row().contains("\"up\""), row().constData());
        m_works->hang(true);
        QTRY_VERIFY2(row().contains("\"down\""), row().constData());
    }

    void itsTaskIsCheckedAndRuns()
    {
        QTRY_VERIFY(ctl({"estate", "--kind", "valve"}).contains("south"));
        int code = 0;
        QByteArray said = ctl({"flow", "check", flow("lake", "south")}, &code);
        QCOMPARE(code, 4);
        QVERIFY2(said.contains("there is no waterworks 'lake'") && said.contains(":3:"), said.constData());
        said = ctl({"flow", "submit", flow("works", "south")}, &code);
        QVERIFY2(code == 0, said.constData());
        const QString run = QString::fromUtf8(said).section(' ', 1, 1).trimmed();
        QTRY_VERIFY2(ctl({"flow", "list"}).contains("done"), ctl({"flow", "list"}).constData());
        QVERIFY(m_works->valves["south"].open);
        QVERIFY(m_works->valves["south"].holder.endsWith(".1"));
        const QByteArray record = ctl({"audit", "list", "--json"});
        QVERIFY2(record.contains("valve.hold"), record.constData());
    }

    void itsStallIsExplainedAndReset()
    {
        m_works->valves["south"].stuck = true;
        int code = 0;
        const QByteArray said = ctl({"flow", "submit", flow("works", "south"), "--json"}, &code);
        QCOMPARE(code, 0);
        const QString run = QJsonDocument::fromJson(said.trimmed())["run"].toString();
        QTRY_VERIFY2(ctl({"flow", "show", run}).contains("stalled"), ctl({"flow", "show", run}).constData());
        const QByteArray why = ctl({"doctor", run, "--json"});
        QVERIFY2(why.contains("\"rule\":\"W1\"") && why.contains("Valve south is stuck"), why.constData());
        QVERIFY2(!why.contains("Ceph") && !why.contains("quorum"), why.constData());
        m_works->valves["south"].stuck = false;
        const QByteArray reset = ctl({"flow", "reset", run, "--yes"}, &code);
        QVERIFY2(code == 0, reset.constData());
        QTRY_VERIFY2(ctl({"flow", "list"}).contains("done"), ctl({"flow", "list"}).constData());
        QVERIFY(m_works->valves["south"].holder.endsWith(".2"));
    }

    void whatItsTaskClaimsIsTakenBackByAReset()
    {
        const QString run = holding();
        QVERIFY(!run.isEmpty());
        QTRY_VERIFY2(ctl({"flow", "show", run}).contains("stalled"), ctl({"flow", "show", run}).constData());
        QCOMPARE(m_works->valves["south"].tags, QStringList{run + ".1"});
        const QByteArray plan = ctl({"flow", "reset", run, "--json"});
        QVERIFY2(plan.contains("its valve has no holder") && plan.contains("at valve south"),
                 plan.constData());
        m_works->valves["south"].stuck = false;
        int code = 0;
        const QByteArray reset = ctl({"flow", "reset", run, "--yes"}, &code);
        QVERIFY2(code == 0, reset.constData());
        QTRY_VERIFY2(ctl({"flow", "list"}).contains("done"), ctl({"flow", "list"}).constData());
        const QStringList made = changes();
        QVERIFY2(made.contains("free " + run + ".1"), qPrintable(made.join('\n')));
        QVERIFY(made.indexOf("free " + run + ".1") < made.indexOf("hold " + run + ".2"));
        // The attempt that ended well keeps the valve, and leaves nothing behind.
        QVERIFY(!made.contains("free " + run + ".2"));
        QTRY_COMPARE(m_works->valves["south"].tags, QStringList());
        const QByteArray record = ctl({"audit", "list", "--json"});
        QVERIFY2(record.contains("valve.free") && record.contains("attempt 1: fenced"), record.constData());
    }

    void whatItsTaskClaimsIsTakenBackByACancel()
    {
        const QString run = holding();
        QVERIFY(!run.isEmpty());
        const QByteArray plan = ctl({"flow", "cancel", run, "--json"});
        QVERIFY2(plan.contains("its process is reaped, its valve has no holder"), plan.constData());
        int code = 0;
        const QByteArray cancelled = ctl({"flow", "cancel", run, "--yes"}, &code);
        QVERIFY2(code == 0, cancelled.constData());
        QTRY_VERIFY2(ctl({"flow", "list"}).contains("cancelled"), ctl({"flow", "list"}).constData());
        QCOMPARE(m_works->valves["south"].holder, QString());
        QTRY_COMPARE(m_works->valves["south"].tags, QStringList());
    }

    void whatItsTaskClaimsIsTakenBackAfterTheEngineWasKilled()
    {
        cleanup();
        QProcess other;
        other.start(QCoreApplication::applicationFilePath(), {kAsEngine, state(), m_works->url().toString()});
        QTRY_VERIFY(ctl({"estate", "--kind", "valve"}).contains("south"));
        const QString run = holding();
        QVERIFY(!run.isEmpty());
        other.kill();
        QTRY_COMPARE(other.state(), QProcess::NotRunning);
        QCOMPARE(other.exitStatus(), QProcess::CrashExit);
        QCOMPARE(m_works->valves["south"].tags, QStringList{run + ".1"});
        m_works->valves["south"].stuck = false;
        m_works->asked.clear();
        start();
        QTRY_VERIFY2(ctl({"flow", "list"}).contains("done"), ctl({"flow", "list"}).constData());
        const QStringList made = changes();
        QVERIFY2(made.value(0) == "free " + run + ".1", qPrintable(made.join('\n')));
        QVERIFY(made.contains("hold " + run + ".2"));
        QTRY_COMPARE(m_works->valves["south"].tags, QStringList());
    }

    void itsActionIsPlannedDoneAndRecordedStepByStep()
    {
        m_works->valves["north"].holder = "R-7.1";
        const QStringList flush{"action",           "valve.flush", "--param",
                                "connection=works", "--param",     "valve=north"};
        int code = 0;
        QByteArray said = ctl(flush, &code);
        QVERIFY2(code == 0, said.constData());
        QVERIFY2(
            said.contains("Nothing was done. To do it: sluicectl action valve.flush --param connection=works "
                          "--param valve=north --yes"),
            said.constData());
        QVERIFY2(m_works->asked.filter("POST").isEmpty(), qPrintable(m_works->asked.join('\n')));
        said = ctl(flush + QStringList{"--expect", "another"}, &code);
        QCOMPARE(code, 4);
        QVERIFY(m_works->asked.filter("POST").isEmpty());

        said = ctl(flush + QStringList{"--yes", "--reason", "sand in it"}, &code);
        QVERIFY2(code == 0, said.constData());
        const QStringList posted = m_works->asked.filter("POST");
        QCOMPARE(posted.size(), 2);
        QVERIFY(posted[0].contains("/north/shut") && posted[1].contains("/north/open"));
        QVERIFY(m_works->valves["north"].open);
        const QByteArray record = ctl({"audit", "list", "--action", "valve", "--json"});
        QCOMPARE(record.count("\"sand in it\""), record.count("\"seq\""));
        QVERIFY2(record.count("\"intent\"") >= 2 && record.contains("verified"), record.constData());

        said = ctl({"action", "valve.paint", "--param", "valve=north"}, &code);
        QVERIFY2(code != 0 && said.contains("valve.plan_paint"), said.constData());
        said = ctl({"action", "valve.flush", "--param", "north"}, &code);
        QCOMPARE(code, 2);
    }

    void itsTablesAreMadeOnceAndKept()
    {
        cleanup();
        start();
        QTRY_VERIFY(ctl({"estate", "--kind", "valve"}).contains("north"));
    }
};

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == QLatin1String(kAsEngine)) {
        return runEngine(arguments.value(2), arguments.value(3));
    }
    TestExampleSystem test;
    return QTest::qExec(&test, arguments);
}

#include "tst_example_system.moc"
