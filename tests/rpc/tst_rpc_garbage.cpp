#include <QtCore/QCborArray>
#include <QtCore/QCborMap>
#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonArray>
#include <QtCore/QRandomGenerator>
#include <QtTest/QSignalSpy>
#include <QtWebSockets/QWebSocket>

#include "patience.h"
#include "rpc/endpoint.h"
#include "support/bare_socket.h"
#include "support/raw_client.h"
#include "support/test_engine.h"

using namespace sluice;
using namespace sluice::rpc;
using namespace sluice::test;

class TestRpcGarbage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void malformed_data();
    void malformed();
    void malformedCbor_data();
    void malformedCbor();
    void randomMessages();
    void randomMutations();
    void randomBytesOnTcp();
    void brokenFrames_data();
    void brokenFrames();
    void pingsOfAClientThatDoesNotRead();
    void framesThatAreNoMessages_data();
    void framesThatAreNoMessages();

private:
    bool engineAnswers();

    std::unique_ptr<TestEngine> m_engine;
    std::unique_ptr<RawClient> m_witness;
    QRandomGenerator m_random{20260101};
};

void TestRpcGarbage::init()
{
    m_engine = std::make_unique<TestEngine>(Limits{.sessions = 64, .fullBytes = 1024 * 1024});
    m_engine->addTopic("rows");
    QVERIFY(m_engine->start());
    m_witness = std::make_unique<RawClient>(m_engine->url());
    QVERIFY(m_witness->identify(m_engine->token()));
}

void TestRpcGarbage::cleanup()
{
    QVERIFY(engineAnswers());
    m_witness.reset();
    m_engine.reset();
}

/// A client that was there all the time is still served, and so is a new one.
bool TestRpcGarbage::engineAnswers()
{
    RawClient fresh(m_engine->url());
    return m_witness->answer(m_witness->call("test.echo", {{"text", "still"}})).contains("result") &&
           fresh.identify(m_engine->token());
}

void TestRpcGarbage::malformed_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("text") << QByteArray("GET / HTTP/1.1");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("number") << QByteArray("42");
    QTest::newRow("null") << QByteArray("null");
    QTest::newRow("batch") << QByteArray(R"([{"jsonrpc":"2.0","id":1,"method":"test.echo"}])");
    QTest::newRow("cut off") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":"test.ec)");
    QTest::newRow("more after it") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":"test.echo"}{})");
    QTest::newRow("comment") << QByteArray(R"({"jsonrpc":"2.0"/*,*/})");
    QTest::newRow("deep array") << R"({"jsonrpc":"2.0","id":1,"method":"test.echo","params":{"a":)" +
                                       QByteArray(100'000, '[') + QByteArray(100'000, ']') + "}}";
    QTest::newRow("deep and never closed") << QByteArray(1'000'000, '[');
    QByteArray deep;
    for (int i = 0; i < 20'000; ++i) {
        deep += R"({"a":)";
    }
    QTest::newRow("deep objects") << deep + "1" + QByteArray(20'000, '}');
    QTest::newRow("deep behind a string")
        << R"({"a":"\"]}","b":)" + QByteArray(70, '[') + QByteArray(70, ']') + "}";
    QTest::newRow("zero bytes") << QByteArray(1000, '\0');
}

void TestRpcGarbage::malformed()
{
    QFETCH(QByteArray, message);
    for (const bool identified : {false, true}) {
        RawClient client(m_engine->url());
        QVERIFY(identified ? client.identify(m_engine->token()) : client.waitHello());
        if (!identified && message.size() > 60'000) {
            continue;  // too large for a stranger; the handshake's test has that
        }
        client.sendText(message);
        QCOMPARE(client.waitClose(), 4000);
        const QJsonObject last = client.messages().last();
        QCOMPARE(last["error"].toObject()["code"].toInt(), -32700);
        QVERIFY(last["id"].isNull());
    }
}

void TestRpcGarbage::malformedCbor_data()
{
    QTest::addColumn<QByteArray>("message");
    const QByteArray good = encode(makeCall(1, "test.echo", {{"text", "abc"}}), Encoding::Cbor);
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("JSON in a binary frame") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":"test.echo"})");
    QTest::newRow("cut off") << good.chopped(3);
    QTest::newRow("more after it") << good + '\0';
    QTest::newRow("an array") << QCborValue(QCborArray{1, 2}).toCbor();
    QTest::newRow("claims 4 GiB of text")
        << QByteArray::fromHex("a16161") + QByteArray::fromHex("7affffffff");
    QTest::newRow("claims 2^63 items") << QByteArray::fromHex("9b7fffffffffffffff");
    QTest::newRow("claims 2^64-1 pairs") << QByteArray::fromHex("bbffffffffffffffff");
    QTest::newRow("deep") << QByteArray::fromHex("a16161") + QByteArray(5000, '\x81') + QByteArray("\x01");
    QTest::newRow("deep and never closed") << QByteArray(100'000, '\x9f');
    QTest::newRow("byte string") << QCborValue(QCborMap{{"a", QByteArray("x")}}).toCbor();
    QTest::newRow("tag") << QCborValue(QCborMap{{"a", QCborValue(QCborTag(99), 1)}}).toCbor();
    QTest::newRow("key is no text") << QCborValue(QCborMap{{1, 2}}).toCbor();
    QTest::newRow("text is not UTF-8") << QByteArray::fromHex("a1616163fffefd");
}

void TestRpcGarbage::malformedCbor()
{
    QFETCH(QByteArray, message);
    RawClient client(m_engine->url());
    QVERIFY(client.identify(m_engine->token(), {{"encoding", "cbor"}}));
    client.sendBinary(message);
    QCOMPARE(client.waitClose(), 4000);
}

void TestRpcGarbage::randomMessages()
{
    // Each client sends random bytes until it is closed, which must be at the first frame.
    for (int i = 0; i < 500; ++i) {
        QByteArray bytes(m_random.bounded(1, 400), '\0');
        for (char& c : bytes) {
            c = static_cast<char>(m_random.bounded(256));
        }
        bytes[0] = static_cast<char>(bytes[0] | 1);  // never an empty CBOR map
        const bool text = i % 2 == 0;
        const bool identified = i % 4 < 2;
        RawClient client(m_engine->url());
        QVERIFY(identified ? client.identify(m_engine->token()) : client.waitHello());
        if (text) {
            client.sendText(QString::fromLatin1(bytes).toUtf8());
        } else {
            client.sendBinary(bytes);
        }
        QCOMPARE(client.waitClose(), 4000);
    }
}

void TestRpcGarbage::randomMutations()
{
    // Valid calls with a few bytes changed: some still are calls. The engine answers or closes, and nothing
    // else.
    const QByteArray good = encode(makeCall(1, "topic.subscribe",
                                            {{"topic", "rows"},
                                             {"filter", QJsonObject{{"a", 1}}},
                                             {"fields", QJsonArray{"a"}},
                                             {"offset", 3}}),
                                   Encoding::Cbor);
    int answered = 0;
    int closed = 0;
    for (int i = 0; i < 500; ++i) {
        QByteArray bytes = good;
        const int changes = m_random.bounded(1, 4);
        for (int k = 0; k < changes; ++k) {
            bytes[m_random.bounded(static_cast<int>(bytes.size()))] =
                static_cast<char>(m_random.bounded(256));
        }
        RawClient client(m_engine->url());
        QVERIFY(client.identify(m_engine->token(), {{"encoding", "cbor"}}));
        const auto before = client.messages().size();
        client.sendBinary(bytes);
        QVERIFY(
            sluice::test::waitUntil([&] { return client.messages().size() > before || !client.isOpen(); }));
        const QJsonObject last = client.messages().last();
        QVERIFY(last.contains("result") || last.contains("error"));
        if (last["error"].toObject()["code"].toInt() == -32700) {
            QCOMPARE(client.waitClose(), 4000);
            ++closed;
        } else {
            QVERIFY(client.isOpen());
            ++answered;
        }
    }
    QVERIFY(answered > 0);
    QVERIFY(closed > 0);
}

void TestRpcGarbage::randomBytesOnTcp()
{
    for (int i = 0; i < 100; ++i) {
        QTcpSocket socket;
        socket.connectToHost(m_engine->url().host(), static_cast<quint16>(m_engine->url().port()));
        QVERIFY(sluice::test::waitUntil([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
        QByteArray bytes(m_random.bounded(1, 2000), '\0');
        for (char& c : bytes) {
            c = static_cast<char>(m_random.bounded(256));
        }
        socket.write(bytes + "\r\n\r\n");
        socket.flush();
        QCoreApplication::processEvents();
        socket.abort();
    }
    QCOMPARE(m_engine->server().sessionCount(), 1);
}

void TestRpcGarbage::brokenFrames_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("unmasked") << QByteArray("\x81\x02{}", 4);
    QTest::newRow("reserved bits") << QByteArray("\xf1\x82\0\0\0\0{}", 8);
    QTest::newRow("unknown opcode") << QByteArray("\x83\x82\0\0\0\0{}", 8);
    QTest::newRow("continues nothing") << QByteArray("\x80\x82\0\0\0\0{}", 8);
    QTest::newRow("control frame in pieces") << QByteArray("\x09\x80\0\0\0\0", 6);
    QTest::newRow("not UTF-8") << BareSocket::frame(1, QByteArray::fromHex("fffefd"));
    QTest::newRow("length of 2^63") << QByteArray::fromHex("81ff8000000000000000") + QByteArray(4, '\0');
    QTest::newRow("length of 1 GiB") << QByteArray::fromHex("81ff0000000040000000") + QByteArray(4, '\0');
}

void TestRpcGarbage::brokenFrames()
{
    QFETCH(QByteArray, bytes);
    QSignalSpy closed(&m_engine->server(), &Server::sessionClosed);
    BareSocket client(m_engine->url());
    QVERIFY(client.upgrade(0));
    client.sendRaw(bytes);
    QTRY_COMPARE(closed.size(), 1);
    QVERIFY(closed.first().at(1).toInt() >= 1002);
}

void TestRpcGarbage::pingsOfAClientThatDoesNotRead()
{
    QSignalSpy closed(&m_engine->server(), &Server::sessionClosed);
    BareSocket client(m_engine->url());
    QVERIFY(client.upgrade(16));
    QSignalSpy known(&m_engine->server(), &Server::sessionIdentified);
    client.identify(m_engine->token(), "pings");
    QTRY_COMPARE(known.size(), 1);
    QByteArray pings;
    for (int i = 0; i < 1000; ++i) {
        pings += BareSocket::frame(9, QByteArray(125, 'p'));
    }
    QElapsedTimer time;
    time.start();
    while (closed.isEmpty() && time.elapsed() < sluice::test::kPatienceMs) {
        if (client.tcp().bytesToWrite() < 1024 * 1024) {
            client.sendRaw(pings);
        }
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
    }
    QCOMPARE(closed.size(), 1);
    QCOMPARE(closed.first().at(1).toInt(), 4008);
}

void TestRpcGarbage::framesThatAreNoMessages_data()
{
    QTest::addColumn<QByteArray>("first");
    QTest::addColumn<QByteArray>("frame");
    QTest::newRow("pings") << QByteArray() << BareSocket::frame(9, "");
    QTest::newRow("long pings") << QByteArray() << BareSocket::frame(9, QByteArray(125, 'p'));
    QTest::newRow("pongs") << QByteArray() << BareSocket::frame(10, "");
    QByteArray piece = BareSocket::frame(0, "");
    piece[0] = '\0';
    QByteArray begin = BareSocket::frame(1, "");
    begin[0] = '\1';
    QTest::newRow("pieces of nothing") << begin << piece;
    QTest::newRow("pings after a close") << BareSocket::frame(1, "no JSON") << BareSocket::frame(9, "");
}

/// Qt takes such frames by itself, as many as there are: who is not identified is cut off long before the
/// time to identify is over, and keeps the engine from nothing meanwhile.
void TestRpcGarbage::framesThatAreNoMessages()
{
    QFETCH(QByteArray, first);
    QFETCH(QByteArray, frame);
    TestEngine engine(Limits{.identifyTimeoutMs = 3'600'000, .closeTimeoutMs = 3'600'000});
    QVERIFY(engine.start());
    QSignalSpy closed(&engine.server(), &Server::sessionClosed);
    BareSocket stranger(engine.url());
    QVERIFY(stranger.upgrade(0));
    stranger.sendRaw(first + frame.repeated(16 * 1024 * 1024 / frame.size()));
    QTRY_COMPARE(closed.size(), 1);
    QTRY_COMPARE(engine.server().sessionCount(), 0);
    QTRY_COMPARE(stranger.tcp().state(), QAbstractSocket::UnconnectedState);
    RawClient owner(engine.url());
    QVERIFY(owner.identify(engine.token()));
    // Who is identified may say more than that.
    const int id = owner.call("test.echo", {{"text", QString(100 * 1024, 'x')}});
    QVERIFY(!owner.answer(id).isEmpty());
}

QTEST_GUILESS_MAIN(TestRpcGarbage)
#include "tst_rpc_garbage.moc"
