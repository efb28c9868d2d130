#include <QtCore/QJsonArray>

#include "patience.h"
#include "rpc/endpoint.h"
#include "support/raw_client.h"
#include "support/test_engine.h"

using namespace sluice;
using namespace sluice::rpc;
using namespace sluice::test;

class TestRpcCalls : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void echo();
    void errorsOfTheEngine();
    void refusals_data();
    void refusals();
    void mutationNeedsRequestId();
    void answersOnceAndForSure();
    void lateAnswerToAGoneClientIsDropped();
    void outstandingCallsAreBounded();
    void subscriptionsAreBounded();
    void rateIsBounded();
    void largeMessage();
    void cbor();
    void unknownMembersSurvive();

private:
    std::unique_ptr<TestEngine> m_engine;
    std::unique_ptr<RawClient> m_client;
};

void TestRpcCalls::init()
{
    m_engine = std::make_unique<TestEngine>(
        Limits{.subscriptionsPerSession = 3, .callsPerSession = 4, .messageBytes = 1024 * 1024});
    m_engine->addTopic("rows");
    QVERIFY(m_engine->start());
    m_client = std::make_unique<RawClient>(m_engine->url());
    QVERIFY(m_client->identify(m_engine->token()));
}

void TestRpcCalls::cleanup()
{
    m_client.reset();
    m_engine.reset();
}

void TestRpcCalls::echo()
{
    const QJsonObject params{{"text", "ß€𝄞\"\\\n"},
                             {"n", qint64{9007199254740991}},
                             {"deep", QJsonObject{{"a", QJsonArray{1, 2}}}}};
    const QJsonObject answer = m_client->answer(m_client->call("test.echo", params));
    QCOMPARE(answer["jsonrpc"].toString(), QStringLiteral("2.0"));
    QCOMPARE(answer["result"].toObject(), params);
    QVERIFY(!answer.contains("error"));
}

void TestRpcCalls::errorsOfTheEngine()
{
    const QJsonObject error = m_client->answer(m_client->call("test.fail", {}))["error"].toObject();
    QCOMPARE(error["code"].toInt(), -32000);
    QCOMPARE(error["message"].toString(), QStringLiteral("It cannot be"));
    const Error data = Error::fromJson(error["data"].toObject());
    QCOMPARE(toString(data.code), QStringLiteral("FailedPrecondition"));
    QCOMPARE(data.cause, QStringLiteral("because"));
    QCOMPARE(data.correction, QStringLiteral("Do otherwise."));
    QVERIFY(data.upstream);
    QCOMPARE(data.upstream->code, -16);
}

void TestRpcCalls::refusals_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("kind");
    QTest::newRow("no such method") << QByteArray(
                                           R"({"jsonrpc":"2.0","id":77,"method":"no.such","params":{}})")
                                    << -32601 << "NotFound";
    QTest::newRow("role too low") << QByteArray(
                                         R"({"jsonrpc":"2.0","id":77,"method":"test.admin","params":{}})")
                                  << -32000 << "PermissionDenied";
    QTest::newRow("wrong type")
        << QByteArray(R"({"jsonrpc":"2.0","id":77,"method":"test.echo","params":{"text":1}})") << -32602
        << "InvalidArgument";
    QTest::newRow("missing") << QByteArray(
                                    R"({"jsonrpc":"2.0","id":77,"method":"topic.subscribe","params":{}})")
                             << -32602 << "InvalidArgument";
    QTest::newRow("offset is a fraction")
        << QByteArray(
               R"({"jsonrpc":"2.0","id":77,"method":"topic.subscribe","params":{"topic":"rows","offset":0.5}})")
        << -32602 << "InvalidArgument";
    QTest::newRow("fields are no texts")
        << QByteArray(
               R"({"jsonrpc":"2.0","id":77,"method":"topic.subscribe","params":{"topic":"rows","fields":[1]}})")
        << -32602 << "InvalidArgument";
    QTest::newRow("no such topic")
        << QByteArray(R"({"jsonrpc":"2.0","id":77,"method":"topic.subscribe","params":{"topic":"none"}})")
        << -32000 << "NotFound";
    QTest::newRow("no such subscription")
        << QByteArray(
               R"({"jsonrpc":"2.0","id":77,"method":"topic.window","params":{"subscription":"s9","offset":0,"limit":1}})")
        << -32000 << "NotFound";
    QTest::newRow("params no object")
        << QByteArray(R"({"jsonrpc":"2.0","id":77,"method":"test.echo","params":[1]})") << -32600
        << "InvalidArgument";
    QTest::newRow("method no text") << QByteArray(R"({"jsonrpc":"2.0","id":77,"method":7})") << -32600
                                    << "InvalidArgument";
    QTest::newRow("old JSON-RPC") << QByteArray(R"({"jsonrpc":"1.0","id":77,"method":"test.echo"})") << -32600
                                  << "InvalidArgument";
}

void TestRpcCalls::refusals()
{
    QFETCH(QByteArray, message);
    QFETCH(int, code);
    QFETCH(QString, kind);
    m_client->sendText(message);
    const QJsonObject answer = m_client->answer(77);
    QCOMPARE(answer["error"].toObject()["code"].toInt(), code);
    const QJsonObject data = answer["error"].toObject()["data"].toObject();
    QCOMPARE(data["code"].toString(), kind);
    QVERIFY(!data["message"].toString().isEmpty());
    QVERIFY(!data["cause"].toString().isEmpty());
    QVERIFY(!data["correction"].toString().isEmpty());
    QVERIFY(m_client->answer(m_client->call("test.echo", {})).contains("result"));
}

void TestRpcCalls::mutationNeedsRequestId()
{
    const QList<QJsonObject> wrong{
        {}, {{"requestId", ""}}, {{"requestId", 7}}, {{"requestId", QString(129, 'x')}}};
    for (const QJsonObject& params : wrong) {
        const QJsonObject answer = m_client->answer(m_client->call("test.change", params));
        QCOMPARE(answer["error"].toObject()["code"].toInt(), -32602);
    }
    QCOMPARE(m_engine->changes(), 0);
    const QJsonObject answer = m_client->answer(m_client->call("test.change", {{"requestId", "r-1"}}));
    QCOMPARE(answer["result"].toObject()["n"].toInt(), 1);
}

void TestRpcCalls::answersOnceAndForSure()
{
    QCOMPARE(m_client->answer(m_client->call("test.twice", {}))["result"].toObject()["n"].toInt(), 1);
    const QJsonObject dropped = m_client->answer(m_client->call("test.drop", {}));
    QCOMPARE(dropped["error"].toObject()["data"].toObject()["code"].toString(), QStringLiteral("Internal"));

    const int late = m_client->call("test.never", {});
    QVERIFY(m_client->answer(m_client->call("test.echo", {})).contains("result"));
    m_engine->answerLater();
    QCOMPARE(m_client->answer(late)["result"].toObject()["late"].toBool(), true);
    int answers = 0;
    for (const QJsonObject& message : m_client->messages()) {
        answers += message.contains("id") ? 1 : 0;
    }
    QCOMPARE(answers, 5);  // identify, twice, drop, echo, late
}

void TestRpcCalls::lateAnswerToAGoneClientIsDropped()
{
    m_client->call("test.never", {});
    QVERIFY(m_client->answer(m_client->call("test.echo", {})).contains("result"));
    m_client.reset();
    QTRY_COMPARE(m_engine->server().sessionCount(), 0);
    m_engine->answerLater();
    m_client = std::make_unique<RawClient>(m_engine->url());
    QVERIFY(m_client->identify(m_engine->token()));
}

void TestRpcCalls::outstandingCallsAreBounded()
{
    for (int i = 0; i < 4; ++i) {
        m_client->call("test.never", {});
    }
    const QJsonObject answer = m_client->answer(m_client->call("test.echo", {}));
    const QJsonObject data = answer["error"].toObject()["data"].toObject();
    QCOMPARE(data["code"].toString(), QStringLiteral("ResourceExhausted"));
    QCOMPARE(data["retryable"].toBool(), true);
    m_engine->answerLater();
    QVERIFY(m_client->answer(m_client->call("test.echo", {})).contains("result"));
}

void TestRpcCalls::subscriptionsAreBounded()
{
    QString last;
    for (int i = 0; i < 3; ++i) {
        const QJsonObject answer = m_client->answer(m_client->call("topic.subscribe", {{"topic", "rows"}}));
        last = answer["result"].toObject()["subscription"].toString();
        QVERIFY(!last.isEmpty());
    }
    const QJsonObject answer = m_client->answer(m_client->call("topic.subscribe", {{"topic", "rows"}}));
    QCOMPARE(answer["error"].toObject()["data"].toObject()["code"].toString(),
             QStringLiteral("ResourceExhausted"));
    QVERIFY(
        m_client->answer(m_client->call("topic.unsubscribe", {{"subscription", last}})).contains("result"));
    QVERIFY(m_client->answer(m_client->call("topic.subscribe", {{"topic", "rows"}})).contains("result"));
}

void TestRpcCalls::rateIsBounded()
{
    ManualClock clock;
    TestEngine engine(Limits{.messagesPerSecond = 10, .messageBurst = 20}, &clock);
    QVERIFY(engine.start());
    RawClient steady(engine.url());
    QVERIFY(steady.identify(engine.token()));
    for (int i = 0; i < 60; ++i) {
        clock.advance(100);
        QVERIFY(steady.answer(steady.call("test.echo", {})).contains("result"));
    }
    RawClient greedy(engine.url());
    QVERIFY(greedy.identify(engine.token()));
    for (int i = 0; i < 20; ++i) {
        greedy.call("test.echo", {});
    }
    QCOMPARE(greedy.waitClose(), 4005);
    QVERIFY(steady.isOpen());
}

void TestRpcCalls::largeMessage()
{
    const QString large(1000 * 1000, 'x');
    QCOMPARE(m_client->answer(m_client->call("test.echo", {{"text", large}}))["result"]
                 .toObject()["text"]
                 .toString(),
             large);
    m_client->call("test.echo", {{"text", QString(1024 * 1024, 'x')}});
    QCOMPARE(m_client->waitClose(), 4004);

    RawClient huge(m_engine->url());
    QVERIFY(huge.identify(m_engine->token()));
    huge.call("test.echo", {{"text", QString(8 * 1024 * 1024, 'x')}});
    QCOMPARE(huge.waitClose(), 1009);
    RawClient next(m_engine->url());
    QVERIFY(next.identify(m_engine->token()));
}

void TestRpcCalls::cbor()
{
    RawClient client(m_engine->url());
    QVERIFY(client.identify(m_engine->token(), {{"encoding", "cbor"}}));
    const QJsonObject params{
        {"text", "ß"}, {"n", qint64{9007199254740991}}, {"x", 0.5}, {"list", QJsonArray{true, QJsonValue()}}};
    QCOMPARE(client.answer(client.call("test.echo", params))["result"].toObject(), params);
    client.sendText(R"({"jsonrpc":"2.0","id":500,"method":"test.echo","params":{"text":"as text"}})");
    QCOMPARE(client.answer(500)["result"].toObject()["text"].toString(), QStringLiteral("as text"));

    m_client->sendBinary(encode(makeCall(7, "test.echo", {}), Encoding::Cbor));
    QCOMPARE(m_client->waitClose(), 4000);
}

void TestRpcCalls::unknownMembersSurvive()
{
    m_client->sendText(
        R"({"jsonrpc":"2.0","id":9,"method":"test.echo","trace":{"x":1},"params":{"state":"a state of tomorrow"}})");
    QCOMPARE(m_client->answer(9)["result"].toObject()["state"].toString(),
             QStringLiteral("a state of tomorrow"));
}

QTEST_GUILESS_MAIN(TestRpcCalls)
#include "tst_rpc_calls.moc"
