#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonArray>
#include <QtTest/QSignalSpy>

#include "patience.h"
#include "rpc/codec.h"
#include "rpc/row_mirror.h"
#include "support/bare_socket.h"
#include "support/test_engine.h"

using namespace sluice;
using namespace sluice::rpc;
using namespace sluice::test;

namespace {

constexpr int kLargeRows = 100;

/// About a megabyte in all, all rows new.
QList<QJsonObject> largeRows(int n)
{
    QList<QJsonObject> rows;
    for (int i = 0; i < kLargeRows; ++i) {
        rows.append({{"id", QString::number(i)}, {"n", n}, {"text", QString(10'000, 'x')}});
    }
    return rows;
}

void logIn(BareSocket& client, const TestEngine& engine)
{
    client.identify(engine.token(), "slow");
    client.sendText(encode(makeCall(2, "topic.subscribe", {{"topic", "rows"}}), Encoding::Json));
}

/// Changes all rows until a change is no longer written to the client. @return whether that happened.
bool fillUp(RowsTopic& rows, ManualClock& clock)
{
    for (int n = 1; n < 200; ++n) {
        const int encoded = rows.encoded();
        rows.set(largeRows(n));
        clock.advance(1000);
        if (sluice::test::staysAway([&] { return rows.encoded() > encoded; }, 100)) {
            return true;
        }
    }
    return false;
}

}  // namespace

class TestRpcLoad : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void slowClientCostsNothingMore();
    void slowClientThatReadsAgain();
    void answersOfAClientThatDoesNotReadAreBounded();
    void aCostlyTopicRestsInProportion();
    void fiftyClients();
};

void TestRpcLoad::slowClientCostsNothingMore()
{
    ManualClock clock;
    TestEngine engine(Limits{.flushIntervalMs = 5, .slowMs = 10'000'000}, &clock);
    RowsTopic& rows = engine.addTopic("rows");
    rows.set(largeRows(0));
    QVERIFY(engine.start());
    QSignalSpy closed(&engine.server(), &Server::sessionClosed);
    BareSocket slow(engine.url());
    QVERIFY(slow.upgrade(16));
    logIn(slow, engine);
    Client good;
    RowMirror mirror;
    QVERIFY(connected(good, engine));
    QTRY_VERIFY(rows.encoded() >= kLargeRows);
    QVERIFY(fillUp(rows, clock));

    // From here on a thousand changes of every row are neither encoded nor kept for it.
    const int encoded = rows.encoded();
    for (int n = 0; n < 1000; ++n) {
        rows.set({{{"id", "0"}, {"n", n}}});
        clock.advance(10);
        if (n % 100 == 0) {
            QCoreApplication::processEvents();
        }
    }
    QCOMPARE(rows.encoded(), encoded);
    QCOMPARE(closed.size(), 0);

    // Others are served as ever.
    good.subscribe({.topic = "rows", .limit = 1}, this,
                   [&](const TopicChange& change) { mirror.apply(change); });
    QTRY_COMPARE(mirror.row("0")["n"].toInt(), 999);

    clock.advance(10'000'001);
    QTRY_COMPARE(closed.size(), 1);
    QCOMPARE(closed.first().at(1).toInt(), 4008);
    QVERIFY(good.isIdentified());
}

void TestRpcLoad::slowClientThatReadsAgain()
{
    ManualClock clock;
    TestEngine engine(Limits{.flushIntervalMs = 5}, &clock);
    RowsTopic& rows = engine.addTopic("rows");
    rows.set(largeRows(0));
    QVERIFY(engine.start());
    QSignalSpy closed(&engine.server(), &Server::sessionClosed);
    BareSocket slow(engine.url());
    QVERIFY(slow.upgrade(16));
    logIn(slow, engine);
    QTRY_VERIFY(rows.encoded() >= kLargeRows);
    QVERIFY(fillUp(rows, clock));
    clock.advance(29'000);
    rows.set({{{"id", "0"}, {"n", 4711}, {"text", "the last word"}}});
    QByteArray tail;
    slow.tcp().setReadBufferSize(0);
    const auto read = [&] {
        tail = (tail + slow.tcp().readAll()).right(1024 * 1024 * 2);
        clock.advance(1);
        return tail.contains("the last word");
    };
    QTRY_VERIFY(read());
    clock.advance(29'000);
    QVERIFY(sluice::test::staysAway([&] { return !closed.isEmpty(); }));
    // It was behind for 29 s twice, with a rest between: that is not 30 s at a time.
    QCOMPARE(closed.size(), 0);
}

void TestRpcLoad::answersOfAClientThatDoesNotReadAreBounded()
{
    // What waits to be decoded is bounded too; here it never is the first bound to be met.
    TestEngine engine(Limits{.messageBytes = 64 * 1024 * 1024,
                             .messagesPerSecond = 1e9,
                             .messageBurst = 1e9,
                             .fullBytes = 8 * 1024 * 1024});
    QVERIFY(engine.start());
    QSignalSpy closed(&engine.server(), &Server::sessionClosed);
    QSignalSpy known(&engine.server(), &Server::sessionIdentified);
    BareSocket client(engine.url());
    QVERIFY(client.upgrade(16));
    logIn(client, engine);
    QTRY_COMPARE(known.size(), 1);
    const QByteArray call =
        encode(makeCall(9, "test.echo", {{"text", QString(1024 * 1024, 'x')}}), Encoding::Json);
    for (int i = 0; i < 100 && closed.isEmpty(); ++i) {
        client.sendText(call);
        QVERIFY(
            sluice::test::waitUntil([&] { return !closed.isEmpty() || client.tcp().bytesToWrite() == 0; }));
    }
    QTRY_COMPARE(closed.size(), 1);
    QCOMPARE(closed.first().at(1).toInt(), 4008);
}

void TestRpcLoad::aCostlyTopicRestsInProportion()
{
    ManualClock clock;
    TestEngine engine(Limits{.flushIntervalMs = 5}, &clock);
    RowsTopic& rows = engine.addTopic("rows");
    rows.set({{{"id", "a"}, {"n", 0}}});
    QVERIFY(engine.start());
    Client client;
    RowMirror mirror;
    client.subscribe({.topic = "rows"}, this, [&mirror](const TopicChange& change) { mirror.apply(change); });
    client.connectTo(engine.url(), engine.token(), "console");
    const auto seen = [&mirror] { return mirror.row("a")["n"].toInt(); };
    QTRY_COMPARE(mirror.total(), 1);
    rows.busyMs = 30;
    rows.set({{{"id", "a"}, {"n", 1}}});
    clock.advance(100);
    QTRY_COMPARE(seen(), 1);
    // Long after the interval, but not as long as twenty times what the last one took.
    rows.set({{{"id", "a"}, {"n", 2}}});
    clock.advance(500);
    QVERIFY(sluice::test::staysAway([&] { return seen() == 2; }));
    clock.advance(3'600'000);
    QTRY_COMPARE(seen(), 2);
}

void TestRpcLoad::fiftyClients()
{
    constexpr int kClients = 50;
    constexpr int kRows = 200;
    TestEngine engine(Limits{.flushIntervalMs = 20});
    RowsTopic& rows = engine.addTopic("rows");
    for (int i = 0; i < kRows; ++i) {
        rows.set({{{"id", QString::number(i)}, {"n", 0}}});
    }
    QVERIFY(engine.start());
    std::vector<std::unique_ptr<Client>> clients;
    std::array<RowMirror, kClients> mirrors;
    int changes = 0;
    for (int c = 0; c < kClients; ++c) {
        clients.push_back(std::make_unique<Client>());
        Client& client = *clients.back();
        client.setEncoding(c % 2 == 0 ? Encoding::Json : Encoding::Cbor);
        client.subscribe({.topic = "rows", .offset = c, .limit = 100}, this,
                         [&mirrors, &changes, c](const TopicChange& change) {
                             mirrors.at(static_cast<size_t>(c)).apply(change);
                             ++changes;
                         });
        client.connectTo(engine.url(), engine.token(), QStringLiteral("client %1").arg(c));
    }
    QTRY_COMPARE(changes, kClients);
    int answers = 0;
    QElapsedTimer time;
    time.start();
    for (int n = 1; n <= 100; ++n) {
        for (int i = n % 10; i < kRows; i += 10) {
            rows.set({{{"id", QString::number(i)}, {"n", n}}});
        }
        clients.at(static_cast<size_t>(n % kClients))
            ->call("test.echo", {}, this,
                   [&](const Result<QJsonObject>& answer) { answers += answer ? 1 : 0; });
        QCoreApplication::processEvents();
    }
    const auto allAgree = [&] {
        for (size_t c = 0; c < kClients; ++c) {
            const QList<QJsonObject> held = mirrors.at(c).rows();
            if (held.size() != 100) {
                return false;
            }
            for (int i = 0; i < 100; ++i) {
                if (held.at(i) != rows.row(QString::number(i + static_cast<int>(c)))) {
                    return false;
                }
            }
        }
        return true;
    };
    QTRY_VERIFY(allAgree());
    QTRY_COMPARE(answers, 100);
    QCOMPARE(engine.server().sessionCount(), kClients);
    qInfo("2,000 changes to 50 clients in %lld ms", time.elapsed());
    // Far fewer deltas than changes: they were collected.
    QVERIFY2(changes < kClients + kClients * 100, qPrintable(QString::number(changes)));
}

QTEST_GUILESS_MAIN(TestRpcLoad)
#include "tst_rpc_load.moc"
