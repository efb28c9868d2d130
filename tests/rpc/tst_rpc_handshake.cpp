#include <QtCore/QJsonArray>
#include <QtNetwork/QNetworkInterface>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QSignalSpy>
#include <QtWebSockets/QWebSocket>

#include "patience.h"
#include "rpc/close_code.h"
#include "rpc/proof.h"
#include "support/handshake.h"
#include "support/raw_client.h"
#include "support/test_engine.h"

using namespace sluice;
using namespace sluice::rpc;
using namespace sluice::test;

class TestRpcHandshake : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void helloComesFirst();
    void identifyTellsWhoAndWhere();
    void firstMessageMustBeIdentify_data();
    void firstMessageMustBeIdentify();
    void silentClientIsClosed();
    void identifyTwiceIsRefused();
    void origins_data();
    void origins();
    void tooManyClients();
    void stopClosesAndFlushes();
    void listensOnLoopbackOnly();
    void withoutATokenNobodyListens();
    void aNewTokenTakesThePlaceOfTheOlder();
};

void TestRpcHandshake::helloComesFirst()
{
    TestEngine engine;
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.waitHello());
    const QJsonObject hello = client.messages().first();
    QJsonObject params = hello["params"].toObject();
    QVERIFY(isNonce(params.take("nonce").toString().toLatin1()));
    QCOMPARE(params, (QJsonObject{{"protocol", 2}, {"engine", "0.1.0-test"}, {"engineId", "e-test"}}));
    QVERIFY(!hello.contains("id"));
}

void TestRpcHandshake::identifyTellsWhoAndWhere()
{
    TestEngine engine;
    QVERIFY(engine.start());
    QSignalSpy known(&engine.server(), &Server::sessionIdentified);
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token()));
    const QJsonObject result = client.answer(1)["result"].toObject();
    QCOMPARE(result["principal"].toObject(), (QJsonObject{{"name", "ada"}, {"role", "operator"}}));
    QCOMPARE(result["profile"].toObject()["name"].toString(), QStringLiteral("lab"));
    QCOMPARE(result["singlePerson"].toBool(), true);
    QCOMPARE(known.size(), 1);
    QCOMPARE(known.first().at(1).toString(), QStringLiteral("raw/1"));
}

void TestRpcHandshake::firstMessageMustBeIdentify_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<int>("code");
    const auto identify = [](const QByteArray& params) {
        return R"({"jsonrpc":"2.0","id":1,"method":"identify","params":)" + params + "}";
    };
    QTest::newRow("another call") << QByteArray(
                                         R"({"jsonrpc":"2.0","id":1,"method":"test.echo","params":{}})")
                                  << 4001;
    QTest::newRow("a subscription")
        << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":"topic.subscribe","params":{"topic":"rows"}})")
        << 4001;
    QTest::newRow("identify without id")
        << QByteArray(R"({"jsonrpc":"2.0","method":"identify","params":{}})") << 4001;
    QTest::newRow("no JSON-RPC") << QByteArray(R"({"id":1,"method":"identify","params":{}})") << 4001;
    QTest::newRow("no JSON") << QByteArray("hello") << 4000;
    QTest::newRow("no object") << QByteArray("[1]") << 4000;
    QTest::newRow("no proof") << identify(R"({"protocol":2,"client":"x"})") << 4002;
    QTest::newRow("a token of protocol 1")
        << identify(R"({"protocol":1,"token":")" + QByteArray(64, '0') + R"(","client":"x"})") << 4010;
    QTest::newRow("an empty token") << identify(R"({"protocol":2,"token":"","client":"x"})") << 4010;
    QTest::newRow("older protocol") << identify(R"({"protocol":1,"client":"x"})") << 4003;
    QTest::newRow("newer protocol") << identify(R"({"protocol":3,"client":"x"})") << 4003;
    QTest::newRow("no protocol") << identify(R"({"client":"x"})") << 4003;
    QTest::newRow("protocol as text") << identify(R"({"protocol":"2","client":"x"})") << 4003;
    QTest::newRow("large before identify") << identify("{\"x\":\"" + QByteArray(24'000, 'x') + "\"}") << 4004;
}

void TestRpcHandshake::firstMessageMustBeIdentify()
{
    QFETCH(QByteArray, message);
    QFETCH(int, code);
    TestEngine engine;
    engine.addTopic("rows");
    QVERIFY(engine.start());
    QSignalSpy closed(&engine.server(), &Server::sessionClosed);
    RawClient client(engine.url());
    QVERIFY(client.waitHello());
    client.sendText(message);
    QCOMPARE(client.waitClose(), code);
    QCOMPARE(client.deltas().size(), 0);
    for (const QJsonObject& sent : client.messages()) {
        QVERIFY2(!sent.contains("result"), "an unknown client was answered");
    }
    QTRY_COMPARE(closed.size(), 1);
    QCOMPARE(closed.first().at(1).toInt(), code);
    QCOMPARE(engine.server().sessionCount(), 0);

    RawClient next(engine.url());
    QVERIFY(next.identify(engine.token()));
}

void TestRpcHandshake::silentClientIsClosed()
{
    ManualClock clock;
    TestEngine engine({}, &clock);
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.waitHello());
    RawClient good(engine.url());
    QVERIFY(good.identify(engine.token()));
    clock.advance(10'001);
    QCOMPARE(client.waitClose(), 4001);
    QVERIFY(good.isOpen());
}

void TestRpcHandshake::identifyTwiceIsRefused()
{
    TestEngine engine;
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token()));
    const int id = client.call("identify", proofFor(engine.token(), client.hello()));
    QCOMPARE(client.answer(id)["error"].toObject()["code"].toInt(), -32600);
    QVERIFY(client.isOpen());
}

void TestRpcHandshake::origins_data()
{
    QTest::addColumn<QString>("origin");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("none") << QString() << true;
    QTest::newRow("localhost") << "http://localhost:8080" << true;
    QTest::newRow("127.0.0.1") << "http://127.0.0.1:23000" << true;
    QTest::newRow("::1") << "https://[::1]:23000" << true;
    QTest::newRow("other site") << "https://example.org" << false;
    QTest::newRow("name that begins like ours") << "http://localhost.example.org" << false;
    QTest::newRow("address in a name") << "http://127.0.0.1.example.org" << false;
    QTest::newRow("user part") << "http://localhost@example.org" << false;
    QTest::newRow("null") << "null" << false;
    QTest::newRow("file") << "file://" << false;
    QTest::newRow("other machine") << "http://192.168.1.7" << false;
}

void TestRpcHandshake::origins()
{
    QFETCH(QString, origin);
    QFETCH(bool, allowed);
    TestEngine engine;
    QVERIFY(engine.start());
    RawClient client(engine.url(), origin);
    if (allowed) {
        QVERIFY(client.identify(engine.token()));
    } else {
        QCOMPARE(client.waitClose(), 4006);
        QCOMPARE(client.messages().size(), 0);
    }
}

void TestRpcHandshake::tooManyClients()
{
    TestEngine engine(Limits{.sessions = 2});
    QVERIFY(engine.start());
    RawClient one(engine.url());
    RawClient two(engine.url());
    QVERIFY(one.identify(engine.token()));
    QVERIFY(two.identify(engine.token()));
    RawClient three(engine.url());
    QCOMPARE(three.waitClose(), 4007);
    QVERIFY(one.isOpen() && two.isOpen());
    one.socket().close();
    QTRY_COMPARE(engine.server().sessionCount(), 1);
    RawClient four(engine.url());
    QVERIFY(four.identify(engine.token()));
}

void TestRpcHandshake::stopClosesAndFlushes()
{
    TestEngine engine(Limits{.flushIntervalMs = 60'000});
    RowsTopic& rows = engine.addTopic("rows");
    QVERIFY(engine.start());
    RawClient client(engine.url());
    RawClient stranger(engine.url());
    QVERIFY(client.identify(engine.token()));
    QVERIFY(stranger.waitHello());
    QVERIFY(client.answer(client.call("topic.subscribe", {{"topic", "rows"}})).contains("result"));
    rows.set({{{"id", "a"}, {"last", "words"}}});

    QSignalSpy stopped(&engine.server(), &Server::stopped);
    engine.server().stop();
    engine.server().stop();
    QCOMPARE(client.waitClose(), 4009);
    QCOMPARE(stranger.waitClose(), 4009);
    QTRY_COMPARE(stopped.size(), 1);
    QCOMPARE(client.deltas().size(), 1);
    QCOMPARE(client.deltas().first()["upserts"].toArray().size(), 1);

    // Nobody listens there any more.
    QTcpSocket late;
    late.connectToHost(engine.url().host(), static_cast<quint16>(engine.url().port()));
    QTRY_COMPARE(late.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(late.error(), QAbstractSocket::ConnectionRefusedError);
}

void TestRpcHandshake::listensOnLoopbackOnly()
{
    TestEngine engine;
    QVERIFY(engine.start());
    const auto port = static_cast<quint16>(engine.url().port());
    QList<QHostAddress> addresses = QNetworkInterface::allAddresses();
    addresses.removeIf([](const QHostAddress& address) {
        return address.isLoopback() || address.protocol() != QAbstractSocket::IPv4Protocol;
    });
    // Every machine has this one, and a socket that listens on all addresses answers there.
    addresses.append(QHostAddress(QStringLiteral("127.0.0.2")));
    for (const QHostAddress& address : std::as_const(addresses)) {
        QTcpSocket socket;
        socket.connectToHost(address, port);
        QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(socket.error(), QAbstractSocket::ConnectionRefusedError);
    }
    QTcpSocket socket;
    socket.connectToHost(QHostAddress(QHostAddress::LocalHost), port);
    QTRY_COMPARE(socket.state(), QAbstractSocket::ConnectedState);
}

void TestRpcHandshake::withoutATokenNobodyListens()
{
    MethodTable table;
    SystemClock clock;
    Server open({}, table, {}, clock);
    const auto refused = open.listen();
    QVERIFY(!refused);
    QCOMPARE(toString(refused.error().code), QStringLiteral("FailedPrecondition"));
    QVERIFY(!refused.error().correction.isEmpty());

    TestEngine engine;
    QVERIFY(engine.start());
    Server second({.port = static_cast<quint16>(engine.url().port()), .ownerToken = "t"}, table, {}, clock);
    QCOMPARE(toString(second.listen().error().code), QStringLiteral("Unavailable"));
}

void TestRpcHandshake::aNewTokenTakesThePlaceOfTheOlder()
{
    TestEngine engine;
    QVERIFY(engine.start());
    RawClient known(engine.url());
    QVERIFY(known.identify(engine.token()));
    RawClient between(engine.url());
    QVERIFY(between.waitHello());
    const QString renewed = QString::fromLatin1(newNonce());
    engine.server().setOwnerToken(renewed.toLatin1());
    engine.server().setOwnerToken({});
    QVERIFY(!between.identify(engine.token()));
    QCOMPARE(between.waitClose(), 4002);
    RawClient late(engine.url());
    QVERIFY(late.identify(renewed));
    QVERIFY(known.answer(known.call("test.echo", {{"text", "x"}})).contains("result"));
}

QTEST_GUILESS_MAIN(TestRpcHandshake)
#include "tst_rpc_handshake.moc"
