#include <QtCore/QJsonArray>
#include <QtCore/QSemaphore>
#include <QtCore/QThread>
#include <QtCore/QTimer>
#include <QtNetwork/QTcpServer>
#include <QtTest/QSignalSpy>
#include <QtWebSockets/QWebSocket>

#include "patience.h"
#include "rpc/close_code.h"
#include "rpc/endpoint.h"
#include "rpc/pulse.h"
#include "rpc/row_mirror.h"
#include "support/scripted_engine.h"
#include "support/test_engine.h"

using namespace sluice;
using namespace sluice::rpc;
using namespace sluice::test;

namespace {

/// A scripted engine on a thread of its own, which can stand still as a stopped process does: its sockets
/// stay.
class HangingEngine {
public:
    HangingEngine()
    {
        m_thread.start();
        m_there.moveToThread(&m_thread);
        onItsThread([this] { m_engine = new ScriptedEngine; });
    }
    ~HangingEngine()
    {
        goOn();
        onItsThread([this] { delete m_engine; });
        m_thread.quit();
        m_thread.wait(sluice::test::kPatienceMs);
    }

    QUrl url() const { return m_engine->url(); }
    void answerFirst()
    {
        onItsThread([this] { m_engine->answerIdentify("secret"); });
    }
    bool wasAsked()
    {
        bool asked = false;
        onItsThread([&] { asked = m_engine->count() > 0; });
        return asked;
    }
    void hang()
    {
        QMetaObject::invokeMethod(
            &m_there, [this] { m_awake.acquire(); }, Qt::QueuedConnection);
    }
    void goOn() { m_awake.release(); }

private:
    void onItsThread(const std::function<void()>& what)
    {
        QMetaObject::invokeMethod(&m_there, what, Qt::BlockingQueuedConnection);
    }

    QThread m_thread;
    QObject m_there;
    QSemaphore m_awake;
    ScriptedEngine* m_engine{};
};

QJsonObject windowOf(const QString& epoch, int revision, const QJsonArray& rows)
{
    return {{"subscription", "s1"},
            {"epoch", epoch},
            {"revision", revision},
            {"total", rows.size()},
            {"rows", rows}};
}

QJsonObject deltaOf(const QString& epoch, int base, int revision, const QJsonArray& upserts)
{
    return makeNotification("topic.delta", {{"subscription", "s1"},
                                            {"epoch", epoch},
                                            {"baseRevision", base},
                                            {"revision", revision},
                                            {"total", 1},
                                            {"upserts", upserts},
                                            {"removed", QJsonArray()}});
}

Error lastError(const QSignalSpy& spy)
{
    return spy.isEmpty() ? Error{} : spy.last().first().value<Error>();
}

}  // namespace

class TestRpcClient : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void callsAndErrors();
    void notConnected();
    void callbackEndsWithItsContext();
    void late();
    void lostConnection();
    void refusedToken();
    void refusedProtocol();
    void nobodyThere();
    void notAnEngine();
    void silentEngine();
    void hangingEngine();
    void hangingEngineOfAProcessThatLives();
    void otherEngineOnThePort();
    void engineStops();
    void gapMeansFetchingAgain();
    void garbageFromTheEngine();
    void subscriptionOutlivesTheConnection();
    void subscriptionRefused();
    void unsubscribeBeforeTheAnswer();
    void subscriptionEndsWithItsContext();
};

void TestRpcClient::callsAndErrors()
{
    TestEngine engine;
    QVERIFY(engine.start());
    Client client;
    QSignalSpy identified(&client, &Client::identified);
    QVERIFY(connected(client, engine));
    QCOMPARE(identified.size(), 1);
    QCOMPARE(client.identity()["engineId"].toString(), QStringLiteral("e-test"));
    QCOMPARE(client.identity()["principal"].toObject()["name"].toString(), QStringLiteral("ada"));

    Result<QJsonObject> answer = fail({});
    int answers = 0;
    const auto keep = [&](const Result<QJsonObject>& result) {
        answer = result;
        ++answers;
    };
    client.call("test.echo", {{"text", "hi"}}, this, keep);
    QCOMPARE(answers, 0);
    QTRY_COMPARE(answers, 1);
    QCOMPARE((*answer)["text"].toString(), QStringLiteral("hi"));
    client.call("test.fail", {}, this, keep);
    QTRY_COMPARE(answers, 2);
    QCOMPARE(toString(answer.error().code), QStringLiteral("FailedPrecondition"));
    QCOMPARE(answer.error().upstream->code, -16);
    client.call("no.such", {}, this, keep);
    QTRY_COMPARE(answers, 3);
    QCOMPARE(toString(answer.error().code), QStringLiteral("NotFound"));
}

void TestRpcClient::notConnected()
{
    Client client;
    Result<QJsonObject> answer;
    int answers = 0;
    client.call("test.echo", {}, this, [&](const Result<QJsonObject>& result) {
        answer = result;
        ++answers;
    });
    QCOMPARE(answers, 0);
    QTRY_COMPARE(answers, 1);
    QCOMPARE(toString(answer.error().code), QStringLiteral("Unavailable"));
}

void TestRpcClient::callbackEndsWithItsContext()
{
    TestEngine engine;
    QVERIFY(engine.start());
    Client client;
    QVERIFY(connected(client, engine));
    auto context = std::make_unique<QObject>();
    bool called = false;
    client.call("test.echo", {}, context.get(), [&](const Result<QJsonObject>&) { called = true; });
    context.reset();
    bool second = false;
    client.call("test.echo", {}, this, [&](const Result<QJsonObject>&) { second = true; });
    QTRY_VERIFY(second);
    QVERIFY(!called);
}

void TestRpcClient::late()
{
    TestEngine engine;
    QVERIFY(engine.start());
    Client client;
    QVERIFY(connected(client, engine));
    QStringList codes;
    const auto keep = [&](const Result<QJsonObject>& result) { codes.append(toString(result.error().code)); };
    client.call("test.never", {}, this, keep, 30);
    QTRY_COMPARE(codes, QStringList{"DeadlineExceeded"});
    client.call("test.never_change", {{"requestId", Client::newRequestId()}}, this, keep, 30);
    QTRY_COMPARE(codes, (QStringList{"DeadlineExceeded", "OutcomeUnknown"}));
    engine.answerLater();
    bool echoed = false;
    client.call("test.echo", {}, this, [&](const Result<QJsonObject>&) { echoed = true; });
    QTRY_VERIFY(echoed);
    QCOMPARE(codes.size(), 2);
}

void TestRpcClient::lostConnection()
{
    TestEngine engine;
    QVERIFY(engine.start());
    Client client;
    QVERIFY(connected(client, engine));
    QSignalSpy gone(&client, &Client::disconnected);
    QStringList codes;
    const auto keep = [&](const Result<QJsonObject>& result) { codes.append(toString(result.error().code)); };
    client.call("test.never", {}, this, keep);
    client.call("test.never_change", {{"requestId", "r"}}, this, keep);
    bool echoed = false;
    client.call("test.echo", {}, this, [&](const Result<QJsonObject>&) { echoed = true; });
    QTRY_VERIFY(echoed);
    client.disconnectFromEngine();
    codes.sort();
    QCOMPARE(codes, (QStringList{"OutcomeUnknown", "Unavailable"}));
    QCOMPARE(gone.size(), 1);
    QCOMPARE(toString(lastError(gone).code), QStringLiteral("Cancelled"));
    QVERIFY(!client.isIdentified());
    QTRY_COMPARE(engine.server().sessionCount(), 0);
}

void TestRpcClient::refusedToken()
{
    TestEngine engine;
    QVERIFY(engine.start());
    Client client;
    QSignalSpy gone(&client, &Client::disconnected);
    client.connectTo(engine.url(), "wrong", "test/1");
    QTRY_COMPARE(gone.size(), 1);
    QCOMPARE(toString(lastError(gone).code), QStringLiteral("Unauthenticated"));
    QVERIFY(lastError(gone).correction.contains("--state-dir"));
    QCOMPARE(lastError(gone).upstream->code, 4002);
    QVERIFY(connected(client, engine));
}

void TestRpcClient::refusedProtocol()
{
    ScriptedEngine engine;
    engine.protocol = 7;
    Client client;
    QSignalSpy gone(&client, &Client::disconnected);
    client.connectTo(engine.url(), "secret", "test/1");
    QTRY_COMPARE(gone.size(), 1);
    QCOMPARE(toString(lastError(gone).code), QStringLiteral("FailedPrecondition"));
    QCOMPARE(engine.count(), 0);
}

void TestRpcClient::nobodyThere()
{
    QTcpServer taken;
    QVERIFY(taken.listen(QHostAddress::LocalHost));
    const QUrl url(QStringLiteral("ws://127.0.0.1:%1").arg(taken.serverPort()));
    taken.close();
    Client client;
    QSignalSpy gone(&client, &Client::disconnected);
    client.connectTo(url, "secret", "test/1");
    QTRY_COMPARE(gone.size(), 1);
    const Error error = lastError(gone);
    QCOMPARE(toString(error.code), QStringLiteral("Unavailable"));
    QVERIFY(error.message.contains(url.toString()));
    QVERIFY(!error.cause.isEmpty() && !error.correction.isEmpty());
    client.connectTo(QUrl("not an address"), "secret", "test/1");
    QTRY_COMPARE(gone.size(), 2);
}

void TestRpcClient::notAnEngine()
{
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost));
    connect(&other, &QTcpServer::newConnection, this, [&] {
        QTcpSocket* socket = other.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] {
            socket->write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            socket->disconnectFromHost();
        });
    });
    Client client;
    QSignalSpy gone(&client, &Client::disconnected);
    client.connectTo(QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(other.serverPort())), "secret", "test/1");
    QTRY_COMPARE(gone.size(), 1);
    QCOMPARE(toString(lastError(gone).code), QStringLiteral("Unavailable"));
}

void TestRpcClient::silentEngine()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    Client client;
    QSignalSpy gone(&client, &Client::disconnected);
    client.connectTo(QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(silent.serverPort())), "secret", "test/1");
    QTRY_COMPARE_WITH_TIMEOUT(gone.size(), 1, Client::kConnectTimeoutMs + 3000);
    QCOMPARE(toString(lastError(gone).code), QStringLiteral("Unavailable"));
}

void TestRpcClient::hangingEngine()
{
    HangingEngine engine;
    Client client;
    client.setPulse(40);
    QSignalSpy identified(&client, &Client::identified);
    QSignalSpy gone(&client, &Client::disconnected);
    client.connectTo(engine.url(), "secret", "test/1");
    QTRY_VERIFY(engine.wasAsked());
    engine.answerFirst();
    QTRY_COMPARE(identified.size(), 1);
    // Nothing is said and nothing asked, and it answers every ping: that goes on for ever.
    QTimer beats;
    QSignalSpy beaten(&beats, &QTimer::timeout);
    beats.start(40);
    QTRY_VERIFY(beaten.size() > 3 * Pulse::kUnanswered || gone.size() > 0);
    QCOMPARE(gone.size(), 0);

    engine.hang();
    QStringList codes;
    client.call("test.echo", {}, this, [&](const auto& answer) { codes << toString(answer.error().code); });
    client.call("test.change", {{"requestId", "q"}}, this,
                [&](const auto& answer) { codes << toString(answer.error().code); });
    QTRY_COMPARE(gone.size(), 1);
    QCOMPARE(toString(lastError(gone).code), QStringLiteral("DeadlineExceeded"));
    QVERIFY(!lastError(gone).cause.isEmpty() && !lastError(gone).correction.isEmpty());
    codes.sort();
    QCOMPARE(codes, (QStringList{"OutcomeUnknown", "Unavailable"}));
    QVERIFY(!client.isIdentified());
    // With the usual interval a person knows within ten seconds.
    QVERIFY(Pulse().patienceMs() < 10'000);
}

void TestRpcClient::hangingEngineOfAProcessThatLives()
{
    // It takes connections, for that needs no living program, and says nothing.
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    Client client;
    QSignalSpy gone(&client, &Client::disconnected);
    const QUrl url(QStringLiteral("ws://127.0.0.1:%1").arg(silent.serverPort()));
    client.connectTo(Endpoint{url, QCoreApplication::applicationPid(), "e-1", "0", "secret"}, "test/1");
    QTRY_COMPARE_WITH_TIMEOUT(gone.size(), 1, Client::kConnectTimeoutMs + 3000);
    QCOMPARE(toString(lastError(gone).code), QStringLiteral("DeadlineExceeded"));
    QVERIFY(lastError(gone).cause.contains(QString::number(QCoreApplication::applicationPid())));
}

void TestRpcClient::otherEngineOnThePort()
{
    ScriptedEngine other;
    Client client;
    QSignalSpy gone(&client, &Client::disconnected);
    client.connectTo(Endpoint{other.url(), 1, "e-mine", "0", "secret"}, "test/1");
    QTRY_COMPARE(gone.size(), 1);
    QCOMPARE(toString(lastError(gone).code), QStringLiteral("Unavailable"));
    QCOMPARE(other.count(), 0);
    client.connectTo(Endpoint{other.url(), 1, "e-scripted", "0", "secret"}, "test/1");
    QTRY_COMPARE(other.count(), 1);
    other.answerIdentify("secret");
    QTRY_VERIFY(client.isIdentified());
}

void TestRpcClient::engineStops()
{
    TestEngine engine;
    QVERIFY(engine.start());
    Client client;
    QVERIFY(connected(client, engine));
    QSignalSpy gone(&client, &Client::disconnected);
    engine.server().stop();
    QTRY_COMPARE(gone.size(), 1);
    QCOMPARE(toString(lastError(gone).code), QStringLiteral("Unavailable"));
    QCOMPARE(lastError(gone).upstream->code, 4009);
}

void TestRpcClient::gapMeansFetchingAgain()
{
    ScriptedEngine engine;
    Client client;
    RowMirror mirror;
    int resets = 0;
    int changes = 0;
    client.subscribe({.topic = "rows"}, this, [&](const TopicChange& change) {
        resets += change.reset ? 1 : 0;
        ++changes;
        mirror.apply(change);
    });
    client.connectTo(engine.url(), "t", "test/1");
    QTRY_COMPARE(engine.count(), 1);
    engine.answerIdentify("t");
    QTRY_COMPARE(engine.count(), 2);
    QCOMPARE(engine.received(1)["method"].toString(), QStringLiteral("topic.subscribe"));
    const auto row = [](int n) { return QJsonObject{{"id", "a"}, {"n", n}}; };
    engine.answer(1, windowOf("e1", 5, {row(1)}));
    engine.send(deltaOf("e1", 5, 6, {row(2)}));
    QTRY_COMPARE(changes, 2);
    QCOMPARE(mirror.row("a")["n"].toInt(), 2);

    // One is missing: the delta is not taken, the window is asked for, what comes meanwhile is not taken
    // either.
    engine.send(deltaOf("e1", 7, 8, {row(3)}));
    QTRY_COMPARE(engine.count(), 3);
    QCOMPARE(engine.received(2)["method"].toString(), QStringLiteral("topic.window"));
    QCOMPARE(engine.received(2)["params"].toObject()["subscription"].toString(), QStringLiteral("s1"));
    engine.send(deltaOf("e1", 8, 9, {row(4)}));
    engine.answer(2, windowOf("e1", 9, {row(4)}));
    engine.send(deltaOf("e1", 9, 10, {row(5)}));
    QTRY_COMPARE(changes, 4);
    QCOMPARE(resets, 2);
    QCOMPARE(mirror.row("a")["n"].toInt(), 5);

    // Another epoch is a gap, whatever the numbers say.
    engine.send(deltaOf("e2", 10, 11, {row(6)}));
    QTRY_COMPARE(engine.count(), 4);
    engine.answer(3, windowOf("e2", 11, {}));
    QTRY_COMPARE(resets, 3);
    QVERIFY(mirror.ids().isEmpty());
}

void TestRpcClient::garbageFromTheEngine()
{
    ScriptedEngine engine;
    Client client;
    QSignalSpy gone(&client, &Client::disconnected);
    client.connectTo(engine.url(), "t", "test/1");
    QTRY_COMPARE(engine.count(), 1);
    engine.send({{"jsonrpc", "2.0"}, {"method", "news.of.tomorrow"}, {"params", 7}});
    engine.send({{"id", "unknown"}, {"result", 1}});
    engine.send({{"x", 1}});
    engine.send(makeNotification("topic.delta", {}));
    engine.answerIdentify("t");
    QTRY_VERIFY(client.isIdentified());
    QCOMPARE(gone.size(), 0);
    engine.sendText("{");
    QTRY_COMPARE(gone.size(), 1);
    QVERIFY(!client.isIdentified());
}

void TestRpcClient::subscriptionOutlivesTheConnection()
{
    Client client;
    RowMirror mirror;
    QStringList epochs;
    client.subscribe({.topic = "rows"}, this, [&](const TopicChange& change) {
        if (change.reset) {
            epochs.append(change.epoch);
        }
        mirror.apply(change);
    });
    for (int start = 0; start < 3; ++start) {
        TestEngine engine;
        RowsTopic& rows = engine.addTopic("rows");
        rows.set({{{"id", "a"}, {"start", start}}});
        QVERIFY(engine.start());
        QVERIFY(connected(client, engine));
        QTRY_COMPARE(epochs.size(), start + 1);
        QCOMPARE(mirror.row("a")["start"].toInt(), start);
        rows.set({{{"id", "b"}}});
        QTRY_COMPARE(mirror.ids(), (QStringList{"a", "b"}));
        QSignalSpy gone(&client, &Client::disconnected);
        engine.server().stop();
        QTRY_COMPARE(gone.size(), 1);
        QCOMPARE(mirror.ids(), (QStringList{"a", "b"}));  // old rows stay until there are new ones
    }
    QCOMPARE(QSet<QString>(epochs.begin(), epochs.end()).size(), 3);
}

void TestRpcClient::subscriptionRefused()
{
    TestEngine engine;
    QVERIFY(engine.start());
    Client client;
    QVERIFY(connected(client, engine));
    Error error;
    int errors = 0;
    client.subscribe(
        {.topic = "none"}, this, [](const TopicChange&) { QFAIL("there is no such topic"); },
        [&](const Error& e) {
            error = e;
            ++errors;
        });
    QTRY_COMPARE(errors, 1);
    QCOMPARE(toString(error.code), QStringLiteral("NotFound"));
}

void TestRpcClient::unsubscribeBeforeTheAnswer()
{
    ScriptedEngine engine;
    Client client;
    client.connectTo(engine.url(), "t", "test/1");
    QTRY_COMPARE(engine.count(), 1);
    engine.answerIdentify("t");
    QTRY_VERIFY(client.isIdentified());
    bool changed = false;
    const int feed = client.subscribe({.topic = "rows"}, this, [&](const TopicChange&) { changed = true; });
    QTRY_COMPARE(engine.count(), 2);
    client.unsubscribe(feed);
    engine.answer(1, windowOf("e", 1, {}));
    QTRY_COMPARE(engine.count(), 3);
    QCOMPARE(engine.received(2)["method"].toString(), QStringLiteral("topic.unsubscribe"));
    QCOMPARE(engine.received(2)["params"].toObject()["subscription"].toString(), QStringLiteral("s1"));
    QVERIFY(!changed);
}

void TestRpcClient::subscriptionEndsWithItsContext()
{
    ScriptedEngine engine;
    Client client;
    client.connectTo(engine.url(), "t", "test/1");
    QTRY_COMPARE(engine.count(), 1);
    engine.answerIdentify("t");
    QTRY_VERIFY(client.isIdentified());
    auto context = std::make_unique<QObject>();
    int changes = 0;
    client.subscribe({.topic = "rows"}, context.get(), [&](const TopicChange&) { ++changes; });
    QTRY_COMPARE(engine.count(), 2);
    engine.answer(1, windowOf("e", 1, {}));
    QTRY_COMPARE(changes, 1);
    context.reset();
    QTRY_COMPARE(engine.count(), 3);
    QCOMPARE(engine.received(2)["method"].toString(), QStringLiteral("topic.unsubscribe"));
}

QTEST_GUILESS_MAIN(TestRpcClient)
#include "tst_rpc_client.moc"
