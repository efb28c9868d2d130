#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QThread>
#include <QtTest/QSignalSpy>

#include "fake_luigid.h"
#include "luigi/connector.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::luigi;

Q_DECLARE_METATYPE(QList<QJsonObject>)

class TestLuigiConnector : public QObject {
    Q_OBJECT

private:
    SystemClock m_clock;

    static ConnectorConfig configFor(const FakeLuigid& luigid)
    {
        return {
            .connection = QStringLiteral("luigid"), .url = luigid.url(), .pollMs = 20, .deadlineMs = 2'000};
    }
    static QByteArray usual(const QString& method, const QJsonObject& arguments)
    {
        if (method == "worker_list") {
            return R"({"response": [{"name": "w1", "state": "active", "last_active": 1795258592.6}]})";
        }
        if (method == "task_list" && arguments["status"] == "RUNNING") {
            return R"({"response": {"A_1_0123456789": {"name": "A", "status": "RUNNING", "params": {"token": "t0psecret"}}}})";
        }
        if (method == "graph") {
            return R"({"response": {"A_1_0123456789": {"name": "A", "status": "RUNNING", "deps": []}}})";
        }
        return R"({"response": {}})";
    }
    static QJsonObject connectionOf(const QList<QJsonObject>& entities)
    {
        for (const QJsonObject& entity : entities) {
            if (entity["kind"] == "connection") {
                return entity["facts"].toObject();
            }
        }
        return {};
    }
    static QString stateOf(const QSignalSpy& spy)
    {
        return spy.isEmpty() ? QString()
                             : connectionOf(spy.last().at(0).value<QList<QJsonObject>>())["state"].toString();
    }

private Q_SLOTS:
    void initTestCase() { qRegisterMetaType<QList<QJsonObject>>(); }

    void factsOfOneRound()
    {
        FakeLuigid luigid;
        luigid.answer = usual;
        LuigiConnector connector(configFor(luigid), m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QCOMPARE(stateOf(spy), QStringLiteral("starting"));
        QTRY_COMPARE(stateOf(spy), QStringLiteral("up"));
        const auto entities = spy.at(1).at(0).value<QList<QJsonObject>>();
        QCOMPARE(spy.at(1).at(1).toStringList(), (QStringList{"luigi-task", "luigi-worker"}));
        QStringList ids;
        for (const QJsonObject& entity : entities) {
            ids.append(entity["id"].toString());
        }
        QCOMPARE(ids, (QStringList{"luigid/luigi-worker/w1", "luigid/luigi-task/A_0123456789",
                                   "luigid/connection/luigid"}));
        QVERIFY2(luigid.lastRequest.contains("gzip"), luigid.lastRequest);
        QCOMPARE(connectionOf(entities)["counts"].toObject()["RUNNING"].toInt(), 1);
        QCOMPARE(luigid.asked.mid(0, 6), (QStringList{"worker_list", "is_paused", "task_list", "task_list",
                                                      "task_list", "task_list"}));
        QTRY_VERIFY(luigid.asked.size() >= 10);  // it goes on by itself
        connector.stop();
    }
    void saysWhetherItIsPaused()
    {
        FakeLuigid luigid;
        QByteArray paused = "true";
        luigid.answer = [&](const QString& method, const QJsonObject& arguments) {
            return method == "is_paused" ? "{\"response\": {\"paused\": " + paused + "}}"
                                         : usual(method, arguments);
        };
        LuigiConnector connector(configFor(luigid), m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        const auto facts = [&spy] { return connectionOf(spy.last().at(0).value<QList<QJsonObject>>()); };
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("up"));
        QCOMPARE(facts()["paused"], QJsonValue(true));
        paused = "false";
        QTRY_COMPARE(facts()["paused"], QJsonValue(false));
        // One that does not know the question says nothing of it, and is well.
        luigid.missing = "is_paused";
        QTRY_VERIFY(!facts().contains("paused"));
        QCOMPARE(stateOf(spy), QStringLiteral("up"));
        connector.stop();
    }
    void longListsAreCountedNotShown()
    {
        FakeLuigid luigid;
        QJsonObject asked;
        luigid.answer = [&](const QString& method, const QJsonObject& arguments) {
            if (method == "task_list" && arguments["status"] == "PENDING") {
                asked = arguments;
                return QByteArray(R"({"response": {"num_tasks": 12345}})");
            }
            return usual(method, arguments);
        };
        LuigiConnector connector(configFor(luigid), m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("up"));
        const QJsonObject facts = connectionOf(spy.last().at(0).value<QList<QJsonObject>>());
        QCOMPARE(facts["notListed"].toObject()["PENDING"].toInt(), 12345);
        QCOMPARE(facts["counts"].toObject()["PENDING"].toInt(), 12345);
        QVERIFY(!facts["notListed"].toObject().contains("RUNNING"));
        QCOMPARE(asked["limit"].toBool(), true);
        QCOMPARE(asked["max_shown_tasks"].toInt(), 2'000);
        connector.stop();
    }
    void downThenUpThenDegraded()
    {
        FakeLuigid luigid;
        luigid.answer = usual;
        luigid.status = "500 Internal Server Error";
        LuigiConnector connector(configFor(luigid), m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("down"));
        QVERIFY(spy.last().at(1).toStringList().isEmpty());  // nothing is removed because luigid is away
        QCOMPARE(spy.last().at(0).value<QList<QJsonObject>>().size(), 1);
        const QJsonObject error =
            connectionOf(spy.last().at(0).value<QList<QJsonObject>>())["error"].toObject();
        QCOMPARE(error["code"].toString(), QStringLiteral("Unavailable"));
        QVERIFY(error["cause"].toString().contains("HTTP 500"));
        QVERIFY(!error["correction"].toString().isEmpty());
        luigid.status = "200 OK";
        QTRY_COMPARE(stateOf(spy), QStringLiteral("up"));
        luigid.status = "500 Internal Server Error";
        QTRY_COMPARE(stateOf(spy), QStringLiteral("degraded"));
        connector.stop();
    }
    void nobodyThere()
    {
        FakeLuigid luigid;
        const ConnectorConfig config = configFor(luigid);
        luigid.close();
        LuigiConnector connector(config, m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("down"));
        const QJsonObject error =
            connectionOf(spy.last().at(0).value<QList<QJsonObject>>())["error"].toObject();
        QVERIFY2(error["cause"].toString().contains("no connection to http://127.0.0.1:"),
                 qPrintable(error["cause"].toString()));
        connector.stop();
    }
    void aHungLuigidMeetsItsDeadline()
    {
        FakeLuigid luigid;
        luigid.silent = true;
        ConnectorConfig config = configFor(luigid);
        config.deadlineMs = 50;
        LuigiConnector connector(config, m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("down"));
        QCOMPARE(
            connectionOf(spy.last().at(0).value<QList<QJsonObject>>())["error"].toObject()["code"].toString(),
            QStringLiteral("DeadlineExceeded"));
        connector.stop();
    }
    void tooLargeIsCutOff()
    {
        FakeLuigid luigid;
        luigid.answer = [](const QString&, const QJsonObject&) { return QByteArray(300'000, ' '); };
        ConnectorConfig config = configFor(luigid);
        config.maxBytes = 100'000;
        LuigiConnector connector(config, m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("down"));
        QCOMPARE(
            connectionOf(spy.last().at(0).value<QList<QJsonObject>>())["error"].toObject()["code"].toString(),
            QStringLiteral("ResourceExhausted"));
        connector.stop();
    }
    void compressedAnswers()
    {
        FakeLuigid luigid;
        luigid.answer = [](const QString& method, const QJsonObject& arguments) {
            return qCompress(usual(method, arguments)).mid(4);
        };
        luigid.headers = "Content-Encoding: deflate\r\n";
        LuigiConnector connector(configFor(luigid), m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("up"));
        connector.stop();
    }
    void garbage_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("html") << QByteArray("<html>404</html>");
        QTest::newRow("array") << QByteArray("[1,2]");
        QTest::newRow("no response") << QByteArray("{\"x\":1}");
        QTest::newRow("cut") << QByteArray("{\"response\": {\"A\": ");
    }
    void garbage()
    {
        QFETCH(QByteArray, body);
        FakeLuigid luigid;
        luigid.answer = [&](const QString&, const QJsonObject&) { return body; };
        LuigiConnector connector(configFor(luigid), m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("down"));
        QCOMPARE(
            connectionOf(spy.last().at(0).value<QList<QJsonObject>>())["error"].toObject()["code"].toString(),
            QStringLiteral("Internal"));
        connector.stop();
    }
    void oddShapesDoNoHarm()
    {
        FakeLuigid luigid;
        luigid.answer = [](const QString& method, const QJsonObject&) {
            return method == "worker_list" ? QByteArray(R"({"response": {"a": 1}})")
                                           : QByteArray(R"({"response": {"A": 5, "B": null, "C": [1]}})");
        };
        LuigiConnector connector(configFor(luigid), m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("up"));
        connector.stop();
    }
    void onlyHttp()
    {
        ConnectorConfig config{.connection = "luigid", .url = QUrl("file:///etc/passwd"), .pollMs = 20};
        LuigiConnector connector(config, m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("down"));
        QCOMPARE(
            connectionOf(spy.last().at(0).value<QList<QJsonObject>>())["error"].toObject()["code"].toString(),
            QStringLiteral("InvalidArgument"));
        connector.stop();
    }
    void passwordOfTheUrlIsNotShown()
    {
        FakeLuigid luigid;
        ConnectorConfig config = configFor(luigid);
        config.url.setUserName("lab");
        config.url.setPassword("hunter2");
        luigid.close();
        LuigiConnector connector(config, m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("down"));
        for (const QJsonObject& entity : spy.last().at(0).value<QList<QJsonObject>>()) {
            QVERIFY(!QJsonDocument(entity).toJson().contains("hunter2"));
        }
        connector.stop();
    }
    void theGraphIsAmongTheFacts()
    {
        FakeLuigid luigid;
        luigid.answer = [](const QString& method, const QJsonObject& arguments) {
            if (method != "graph") {
                return usual(method, arguments);
            }
            QJsonObject tasks{
                {"A_1_0123456789",
                 QJsonObject{{"name", "A"}, {"status", "RUNNING"}, {"deps", QJsonArray{"D7_1111111117"}}}},
                {"P_1_2222222222", QJsonObject{{"name", "P"}, {"status", "PENDING"}}}};
            for (int i = 0; i < 8; ++i) {
                tasks[QStringLiteral("D%1_111111111%1").arg(i)] =
                    QJsonObject{{"status", "DONE"},
                                {"last_updated", 1795258592.0 + i},
                                {"params", QJsonObject{{"token", "t0psecret"}}}};
            }
            return QJsonDocument(QJsonObject{{"response", tasks}}).toJson(QJsonDocument::Compact);
        };
        ConnectorConfig config = configFor(luigid);
        config.maxDone = 2;
        LuigiConnector connector(config, m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_VERIFY(spy.size() >= 3);
        QCOMPARE(luigid.asked.count("graph"), 1);  // less often than the lists
        for (int poll = 1; poll < 3; ++poll) {
            QMap<QString, QJsonObject> tasks;
            for (const QJsonObject& row : spy.at(poll).at(0).value<QList<QJsonObject>>()) {
                QVERIFY(!QJsonDocument(row).toJson().contains("t0psecret"));
                if (row["kind"] == "luigi-task") {
                    tasks.insert(row["name"].toString(), row["facts"].toObject());
                }
            }
            // what is not done comes from the lists alone, of what is done the newest
            QCOMPARE(tasks.keys(), (QStringList{"A_0123456789", "D6_1111111116", "D7_1111111117"}));
            QCOMPARE(tasks["A_0123456789"]["dependsOn"].toArray(), QJsonArray{"D7_1111111117"});
            QCOMPARE(tasks["D7_1111111117"]["status"].toString(), QStringLiteral("DONE"));
        }
        connector.stop();
    }
    void aGraphThatIsTooLargeIsLeftOut()
    {
        FakeLuigid luigid;
        luigid.answer = [](const QString& method, const QJsonObject& arguments) {
            return method == "graph" ? QByteArray(300'000, ' ') : usual(method, arguments);
        };
        ConnectorConfig config = configFor(luigid);
        config.maxBytes = 100'000;
        LuigiConnector connector(config, m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("up"));
        const QJsonObject error =
            connectionOf(spy.last().at(0).value<QList<QJsonObject>>())["graphError"].toObject();
        QCOMPARE(error["code"].toString(), QStringLiteral("ResourceExhausted"));
        QVERIFY(!error["correction"].toString().isEmpty());
        connector.stop();
    }
    void aGraphThatIsLateLeavesTheLists()
    {
        FakeLuigid luigid;
        luigid.answer = usual;
        luigid.silentOn = "graph";
        ConnectorConfig config = configFor(luigid);
        config.deadlineMs = 500;
        config.graphEveryMs = 600'000;
        LuigiConnector connector(config, m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_VERIFY(spy.size() >= 4);
        for (int poll = 1; poll < 4; ++poll) {
            const auto entities = spy.at(poll).at(0).value<QList<QJsonObject>>();
            QCOMPARE(connectionOf(entities)["state"].toString(), QStringLiteral("up"));
            QCOMPARE(connectionOf(entities)["graphError"].toObject()["code"].toString(),
                     QStringLiteral("DeadlineExceeded"));
            QCOMPARE(entities.size(), 3);
            QCOMPARE(spy.at(poll).at(1).toStringList(), (QStringList{"luigi-task", "luigi-worker"}));
        }
        QCOMPARE(luigid.asked.count("graph"), 1);  // not at once again
        connector.stop();
    }
    void theGraphOfBeforeStays()
    {
        FakeLuigid luigid;
        bool broken = false;
        luigid.answer = [&](const QString& method, const QJsonObject& arguments) -> QByteArray {
            if (method != "graph") {
                return usual(method, arguments);
            }
            return broken ? "<html>502</html>"
                          : "{\"response\": {\"A_1_0123456789\": {\"status\": \"RUNNING\", \"deps\": "
                            "[\"D_1111111111\"]}, "
                            "\"D_1111111111\": {\"status\": \"DONE\"}}}";
        };
        ConnectorConfig config = configFor(luigid);
        config.graphEveryMs = 0;
        LuigiConnector connector(config, m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        const auto graphError = [&] {
            return connectionOf(spy.last().at(0).value<QList<QJsonObject>>())["graphError"]
                .toObject()["code"]
                .toString();
        };
        connector.start();
        QTRY_COMPARE(stateOf(spy), QStringLiteral("up"));
        broken = true;
        QTRY_COMPARE(graphError(), QStringLiteral("Internal"));
        QCOMPARE(stateOf(spy), QStringLiteral("up"));
        QMap<QString, QJsonObject> tasks;
        for (const QJsonObject& row : spy.last().at(0).value<QList<QJsonObject>>()) {
            if (row["kind"] == "luigi-task") {
                tasks.insert(row["name"].toString(), row["facts"].toObject());
            }
        }
        QCOMPARE(tasks.keys(), (QStringList{"A_0123456789", "D_1111111111"}));
        QCOMPARE(tasks["A_0123456789"]["dependsOn"].toArray(), QJsonArray{"D_1111111111"});
        broken = false;
        QTRY_COMPARE(graphError(), QString());
        connector.stop();
    }
    void livesInAThreadOfItsOwn()
    {
        FakeLuigid luigid;
        luigid.answer = usual;
        QThread thread;
        auto* connector = new LuigiConnector(configFor(luigid), m_clock);
        connector->moveToThread(&thread);
        connect(&thread, &QThread::finished, connector, &QObject::deleteLater);
        QSignalSpy spy(connector, &LuigiConnector::facts);
        thread.start();
        QMetaObject::invokeMethod(connector, "start", Qt::QueuedConnection);
        QTRY_COMPARE(stateOf(spy), QStringLiteral("up"));
        thread.quit();
        QVERIFY(thread.wait(5'000));
    }
    void stopMeansSilence()
    {
        FakeLuigid luigid;
        luigid.answer = usual;
        LuigiConnector connector(configFor(luigid), m_clock);
        QSignalSpy spy(&connector, &LuigiConnector::facts);
        connector.start();
        connector.stop();
        QTRY_VERIFY(luigid.asked.contains("worker_list"));
        QTRY_VERIFY(luigid.asked.size() >= 5);
        QCOMPARE(spy.size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestLuigiConnector)
#include "tst_luigi_connector.moc"
