#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtTest/QSignalSpy>

#include "patience.h"
#include "rpc/endpoint.h"
#include "support/test_engine.h"
#include "ui/session/engine_launcher.h"
#include "ui/session/live_rows.h"
#include "ui/session/rpc_engine_client.h"

using namespace sluice;
using session::LinkState;
using session::RpcEngineClient;

namespace {

/// Starts nothing; counts, and does what the test says.
class CountingLauncher final : public session::EngineLauncher {
public:
    Result<qint64> launch(const QString& stateDir, const QString& configFile) override
    {
        ++count;
        lastStateDir = stateDir;
        lastConfig = configFile;
        if (!error.message.isEmpty()) {
            return fail(error);
        }
        if (act) {
            act();
        }
        return 4711;
    }
    int count{0};
    QString lastStateDir{};
    QString lastConfig{};
    Error error{};
    std::function<void()> act{};
};

}  // namespace

class TestRpcEngineClient : public QObject {
    Q_OBJECT

private:
    SystemClock m_clock;

private Q_SLOTS:
    void findsTheEngineAndFollowsItsTopics()
    {
        test::TestEngine engine;
        test::RowsTopic& topic = engine.addTopic("runs");
        topic.set({QJsonObject{{"id", "R-1"}, {"state", "running"}}});
        QVERIFY(engine.start());
        RpcEngineClient client({.stateDir = engine.stateDir(), .clientName = "sluice/test"}, m_clock,
                               nullptr);
        session::LiveRows rows(client, "runs", {});
        QCOMPARE(client.link().state, LinkState::Connecting);
        client.start();
        QTRY_COMPARE(client.link().state, LinkState::Connected);
        QVERIFY(!client.link().principal.isEmpty());
        QTRY_COMPARE(rows.ids(), QStringList{"R-1"});
        topic.set({QJsonObject{{"id", "R-2"}, {"state", "done"}}});
        QTRY_COMPARE(rows.ids(), QStringList({"R-1", "R-2"}));
        topic.remove({"R-1"});
        QTRY_COMPARE(rows.ids(), QStringList{"R-2"});

        QJsonObject answer;
        client.call("test.echo", {{"text", "hello"}}, this,
                    [&](const Result<QJsonObject>& result) { answer = result.value_or(QJsonObject()); });
        QTRY_COMPARE(answer["text"].toString(), QString("hello"));
        client.change("test.change", {}, this,
                      [&](const Result<QJsonObject>& result) { answer = result.value_or(QJsonObject()); });
        QTRY_COMPARE(engine.changes(), 1);
    }

    void aLostEngineIsSaidAndFoundAgain()
    {
        auto engine = std::make_unique<test::TestEngine>();
        engine->addTopic("runs").set({QJsonObject{{"id", "R-1"}}});
        QVERIFY(engine->start());
        const QString stateDir = engine->stateDir();
        RpcEngineClient client({.stateDir = stateDir, .clientName = "sluice/test"}, m_clock, nullptr);
        session::LiveRows rows(client, "runs", {});
        client.start();
        QTRY_COMPARE(rows.size(), 1);

        engine->server().stop();
        QTRY_COMPARE(client.link().state, LinkState::Lost);
        QVERIFY(client.link().sinceMs > 0);
        QVERIFY(!client.link().error.message.isEmpty());
        QCOMPARE(rows.size(), 1);  // what was known stays

        ErrorCode code{};
        client.call("test.echo", {}, this, [&](const Result<QJsonObject>& result) {
            code = result ? ErrorCode::Internal : result.error().code;
        });
        QTRY_VERIFY(code == ErrorCode::Unavailable);

        QVERIFY(engine->start());
        QTRY_COMPARE(client.link().state, LinkState::Connected);
    }

    void startsAPrivateEngineIfNoneIsThere()
    {
        QTemporaryDir dir;
        CountingLauncher launcher;
        RpcEngineClient client(
            {.stateDir = dir.path(), .configFile = "/etc/sluice.yaml", .clientName = "sluice/test"}, m_clock,
            &launcher);
        client.start();
        QCOMPARE(launcher.count, 1);
        QCOMPARE(launcher.lastStateDir, dir.path());
        QCOMPARE(launcher.lastConfig, QString("/etc/sluice.yaml"));
        QCOMPARE(client.link().state, LinkState::Connecting);  // it is on its way: nothing to complain about
        test::TestEngine engine;
        QVERIFY(engine.start());
        for (const char* name : {"endpoint.json", "token"}) {
            QVERIFY(QFile::copy(engine.stateDir() + '/' + name, dir.filePath(name)));
        }
        QTRY_COMPARE(client.link().state, LinkState::Connected);
        QCOMPARE(launcher.count, 1);
    }

    void aLauncherThatFailsIsSaid()
    {
        QTemporaryDir dir;
        CountingLauncher launcher;
        launcher.error = Error{.code = ErrorCode::NotFound, .message = "No engine could be started"};
        RpcEngineClient client({.stateDir = dir.path(), .clientName = "sluice/test"}, m_clock, &launcher);
        client.start();
        QCOMPARE(client.link().state, LinkState::Lost);
        QCOMPARE(client.link().error.message, QString("No engine could be started"));
    }

    void anEngineThatRefusesUsIsNotReplaced()
    {
        test::TestEngine engine;
        QVERIFY(engine.start());
        QFile token(rpc::tokenPath(engine.stateDir()));
        QVERIFY(token.open(QIODevice::WriteOnly | QIODevice::Truncate));
        token.write(QByteArray(64, '0'));
        token.close();
        CountingLauncher launcher;
        RpcEngineClient client({.stateDir = engine.stateDir(), .clientName = "sluice/test"}, m_clock,
                               &launcher);
        client.start();
        QTRY_COMPARE(client.link().state, LinkState::Lost);
        QCOMPARE(launcher.count, 0);
    }

    void theTokenGoesOnlyToTheEngineOfTheFile()
    {
        // The file is of an engine that is gone; another one listens on its port, and would take this token.
        test::TestEngine engine;
        QVERIFY(engine.start());
        QFile file(rpc::endpointPath(engine.stateDir()));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QJsonObject named = QJsonDocument::fromJson(file.readAll()).object();
        QVERIFY(named.contains("engineId"));
        named["engineId"] = "an-engine-that-is-gone";
        QVERIFY(file.resize(0) && file.seek(0));
        file.write(QJsonDocument(named).toJson());
        file.close();
        CountingLauncher launcher;
        RpcEngineClient client({.stateDir = engine.stateDir(), .clientName = "sluice/test"}, m_clock,
                               &launcher);
        client.start();
        // No engine of ours is there: one is started.
        QTRY_COMPARE(launcher.count, 1);
        QVERIFY(client.link().state != LinkState::Connected);
        QVERIFY(client.link().principal.isEmpty());
    }

    void theRealLauncherNamesWhatIsMissing()
    {
        QTemporaryDir dir;
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", dir.path().toLocal8Bit());
        session::ProcessEngineLauncher launcher(dir.path());
        const Result<qint64> none = launcher.launch(dir.filePath("state"), {});
        QVERIFY(!none);
        QVERIFY(none.error().code == ErrorCode::NotFound);
        QVERIFY(!none.error().correction.isEmpty());

        QFile fake(dir.filePath("sluiced"));
        QVERIFY(fake.open(QIODevice::WriteOnly));
        fake.write("#!/bin/sh\necho \"$@\" > \"$2/args\"\n");
        fake.close();
        QVERIFY(fake.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        const QString stateDir = dir.filePath("state");
        QVERIFY(launcher.launch(stateDir, "/c.yaml"));
        qputenv("PATH", path);
        const auto args = [&] {
            QFile file(stateDir + "/args");
            return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()).trimmed() : QString();
        };
        QTRY_COMPARE(args(), QStringLiteral("--state-dir %1 --private --config /c.yaml").arg(stateDir));
    }
};

QTEST_GUILESS_MAIN(TestRpcEngineClient)
#include "tst_rpc_engine_client.moc"
