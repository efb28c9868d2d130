#include <QtCore/QJsonArray>
#include <QtCore/QRandomGenerator>

#include "patience.h"
#include "rpc/row_mirror.h"
#include "rpc/subscription.h"
#include "support/raw_client.h"
#include "support/test_engine.h"
#include "support/wait.h"

using namespace sluice;
using namespace sluice::rpc;
using namespace sluice::test;

namespace {

QJsonObject makeRow(const QString& id, const QString& state, int n)
{
    return {{"id", id}, {"state", state}, {"n", n}, {"text", "row " + id}};
}

/// What a subscription must show of a topic, worked out the plain way.
QList<QJsonObject> expectedRows(const RowsTopic& topic, const Subscribe& what, int* total)
{
    QList<QJsonObject> matching;
    const QStringList ids = topic.ids();
    for (const QString& id : ids) {
        const QJsonObject row = topic.row(id);
        bool matches = true;
        for (auto it = what.filter.begin(); it != what.filter.end(); ++it) {
            matches =
                matches && (it->isArray() ? it->toArray().contains(row[it.key()]) : row[it.key()] == *it);
        }
        if (matches) {
            matching.append(row);
        }
    }
    *total = static_cast<int>(matching.size());
    QList<QJsonObject> window = matching.mid(what.offset, what.limit == 0 ? -1 : what.limit);
    if (!what.fields.isEmpty()) {
        for (QJsonObject& row : window) {
            const QStringList names = row.keys();
            for (const QString& name : names) {
                if (name != "id" && !what.fields.contains(name)) {
                    row.remove(name);
                }
            }
        }
    }
    return window;
}

}  // namespace

class TestRpcSubscription : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void windowThenDelta();
    void changesOutsideTheWindow();
    void filterEntersAndLeaves();
    void fieldsAreProjected();
    void coalescing();
    void whatNobodyTakesIsKeptOnce();
    void revisionsFormAChain();
    void orderAlone();
    void movedWindow();
    void unsubscribed();
    void deltasRestOnTheWire();
    void whatIsNotForAClientHoldsNothingUp();
    void rowsOfOneWindowAreBounded();
    void modelUnderRandomChanges_data();
    void modelUnderRandomChanges();
};

void TestRpcSubscription::windowThenDelta()
{
    RowsTopic topic("rows");
    topic.set({makeRow("a", "up", 1), makeRow("b", "up", 2)});
    Subscription subscription(topic, {.id = "s1", .epoch = "e", .limit = 100});
    QJsonObject window = subscription.open();
    QCOMPARE(window["subscription"].toString(), QStringLiteral("s1"));
    QCOMPARE(window["epoch"].toString(), QStringLiteral("e"));
    QCOMPARE(window["revision"].toInt(), 1);
    QCOMPARE(window["total"].toInt(), 2);
    QCOMPARE(window["rows"].toArray(), (QJsonArray{makeRow("a", "up", 1), makeRow("b", "up", 2)}));
    QVERIFY(!subscription.isDirty());
    QVERIFY(!subscription.takeDelta());

    topic.set({makeRow("b", "down", 3)});
    auto delta = subscription.takeDelta();
    QVERIFY(delta);
    QCOMPARE((*delta)["baseRevision"].toInt(), 1);
    QCOMPARE((*delta)["revision"].toInt(), 2);
    QCOMPARE((*delta)["upserts"].toArray(), (QJsonArray{makeRow("b", "down", 3)}));
    QCOMPARE((*delta)["removed"].toArray(), QJsonArray());
    QVERIFY(!delta->contains("order"));

    topic.set({makeRow("c", "up", 4)}, 0);
    topic.remove({"a"});
    delta = subscription.takeDelta();
    QCOMPARE((*delta)["baseRevision"].toInt(), 2);
    QCOMPARE((*delta)["revision"].toInt(), 4);
    QCOMPARE((*delta)["upserts"].toArray(), (QJsonArray{makeRow("c", "up", 4)}));
    QCOMPARE((*delta)["removed"].toArray(), (QJsonArray{"a"}));
    QCOMPARE((*delta)["order"].toArray(), (QJsonArray{"c", "b"}));
    QCOMPARE((*delta)["total"].toInt(), 2);
}

void TestRpcSubscription::changesOutsideTheWindow()
{
    RowsTopic topic("rows");
    for (int i = 0; i < 10; ++i) {
        topic.set({makeRow(QString::number(i), "up", i)});
    }
    Subscription subscription(topic, {.id = "s1", .offset = 2, .limit = 3});
    subscription.open();
    const int encoded = topic.encoded();
    topic.set({makeRow("7", "down", 0)});
    QVERIFY(!subscription.takeDelta());
    QCOMPARE(topic.encoded(), encoded);

    // The next delta is still based on what the client holds.
    topic.set({makeRow("3", "down", 0)});
    auto delta = subscription.takeDelta();
    QCOMPARE((*delta)["baseRevision"].toInt(), 10);
    QCOMPARE((*delta)["revision"].toInt(), 12);

    // A row before the window goes: all move up, one enters at the end.
    topic.remove({"0"});
    delta = subscription.takeDelta();
    QCOMPARE((*delta)["removed"].toArray(), (QJsonArray{"2"}));
    QCOMPARE((*delta)["upserts"].toArray(), (QJsonArray{makeRow("5", "up", 5)}));
    QCOMPARE((*delta)["order"].toArray(), (QJsonArray{"3", "4", "5"}));

    // One behind it comes: only the total changes.
    topic.set({makeRow("10", "up", 10)});
    delta = subscription.takeDelta();
    QCOMPARE((*delta)["total"].toInt(), 10);
    QVERIFY((*delta)["upserts"].toArray().isEmpty() && !delta->contains("order"));
}

void TestRpcSubscription::filterEntersAndLeaves()
{
    RowsTopic topic("rows");
    topic.set({makeRow("a", "up", 1), makeRow("b", "down", 2), makeRow("c", "up", 3)});
    Subscription subscription(topic,
                              {.id = "s1", .filter = {{"state", QJsonArray{"down", "lost"}}}, .limit = 100});
    QCOMPARE(subscription.open()["rows"].toArray(), (QJsonArray{makeRow("b", "down", 2)}));
    topic.set({makeRow("a", "lost", 1)});
    auto delta = subscription.takeDelta();
    QCOMPARE((*delta)["order"].toArray(), (QJsonArray{"a", "b"}));
    topic.set({makeRow("b", "up", 2)});
    delta = subscription.takeDelta();
    QCOMPARE((*delta)["removed"].toArray(), (QJsonArray{"b"}));
    QCOMPARE((*delta)["total"].toInt(), 1);
    topic.set({makeRow("b", "up", 9), makeRow("c", "up", 9)});
    QVERIFY(!subscription.takeDelta());
    topic.remove({"a"});
    delta = subscription.takeDelta();
    QCOMPARE((*delta)["total"].toInt(), 0);
    QCOMPARE((*delta)["order"].toArray(), QJsonArray());
}

void TestRpcSubscription::fieldsAreProjected()
{
    RowsTopic topic("rows");
    topic.set({makeRow("a", "up", 1)});
    Subscription subscription(topic, {.id = "s1", .fields = {"state", "none"}, .limit = 100});
    QCOMPARE(subscription.open()["rows"].toArray(), (QJsonArray{QJsonObject{{"id", "a"}, {"state", "up"}}}));
    topic.set({makeRow("a", "down", 2)});
    QCOMPARE((*subscription.takeDelta())["upserts"].toArray(),
             (QJsonArray{QJsonObject{{"id", "a"}, {"state", "down"}}}));
}

void TestRpcSubscription::coalescing()
{
    RowsTopic topic("rows");
    topic.set({makeRow("a", "up", 0)});
    Subscription subscription(topic, {.id = "s1", .limit = 100});
    subscription.open();
    const int encoded = topic.encoded();
    for (int i = 1; i <= 10'000; ++i) {
        topic.set({makeRow("a", "up", i)});
        topic.set({makeRow("x", "up", i)});
        topic.remove({"x"});
    }
    QCOMPARE(topic.encoded(), encoded);
    const auto delta = subscription.takeDelta();
    QCOMPARE((*delta)["upserts"].toArray(), (QJsonArray{makeRow("a", "up", 10'000)}));
    QCOMPARE((*delta)["removed"].toArray(), QJsonArray());
    QVERIFY(!delta->contains("order"));
    QCOMPARE(topic.encoded(), encoded + 1);

    topic.remove({"a"});
    topic.set({makeRow("a", "new", 1)});
    QCOMPARE((*subscription.takeDelta())["upserts"].toArray(), (QJsonArray{makeRow("a", "new", 1)}));
}

void TestRpcSubscription::orderAlone()
{
    RowsTopic topic("rows");
    topic.set({makeRow("a", "up", 1), makeRow("b", "up", 2), makeRow("c", "up", 3)});
    Subscription subscription(topic, {.id = "s1", .limit = 2});
    subscription.open();
    topic.move(2, 0);
    const auto delta = subscription.takeDelta();
    QCOMPARE((*delta)["order"].toArray(), (QJsonArray{"c", "a"}));
    QCOMPARE((*delta)["removed"].toArray(), (QJsonArray{"b"}));
}

/// However much is announced before a delta is due, the last that was said of a row counts.
void TestRpcSubscription::whatNobodyTakesIsKeptOnce()
{
    RowsTopic topic("rows");
    QList<QJsonObject> rows;
    for (int i = 0; i < 2000; ++i) {
        rows.append(makeRow(QString::number(i), "up", i));
    }
    topic.set(rows);
    Subscription subscription(topic, {.id = "s1", .limit = 3});
    subscription.open();
    for (int round = 0; round < 60; ++round) {
        topic.set({makeRow("0", "up", round)});
        topic.set(rows);
        topic.remove({"1"});
    }
    topic.set({makeRow("1", "back", 1)}, 1);
    topic.remove({"0"});
    QVERIFY(subscription.isDirty());
    const auto delta = subscription.takeDelta();
    QVERIFY(delta);
    QCOMPARE((*delta)["total"].toInt(), 1999);
    QCOMPARE((*delta)["removed"].toArray(), (QJsonArray{"0"}));
    QCOMPARE((*delta)["order"].toArray(), (QJsonArray{"1", "2", "3"}));
    QCOMPARE((*delta)["upserts"].toArray().first().toObject(), makeRow("1", "back", 1));
    QVERIFY(!subscription.isDirty());
    QVERIFY(!subscription.takeDelta());
}

void TestRpcSubscription::revisionsFormAChain()
{
    TestEngine engine(Limits{.flushIntervalMs = 1});
    RowsTopic& topic = engine.addTopic("rows");
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token()));
    const QJsonObject window =
        client.answer(client.call("topic.subscribe", {{"topic", "rows"}}))["result"].toObject();
    for (int i = 0; i < 50; ++i) {
        topic.set({makeRow(QString::number(i % 7), "up", i)});
        QCoreApplication::processEvents();
    }
    const auto caughtUp = [&] {
        const auto deltas = client.deltas();
        return !deltas.isEmpty() &&
               deltas.last()["revision"].toInteger() == static_cast<qint64>(topic.revision());
    };
    QTRY_VERIFY(caughtUp());
    qint64 held = window["revision"].toInteger();
    for (const QJsonObject& delta : client.deltas()) {
        QCOMPARE(delta["baseRevision"].toInteger(), held);
        QVERIFY(delta["revision"].toInteger() > held);
        QCOMPARE(delta["epoch"].toString(), engine.server().epoch());
        held = delta["revision"].toInteger();
    }
    QCOMPARE(held, static_cast<qint64>(topic.revision()));
}

void TestRpcSubscription::movedWindow()
{
    TestEngine engine;
    RowsTopic& topic = engine.addTopic("rows");
    for (int i = 0; i < 20; ++i) {
        topic.set({makeRow(QString::number(i), "up", i)});
    }
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token()));
    const QJsonObject first =
        client.answer(client.call("topic.subscribe", {{"topic", "rows"}, {"limit", 2}}))["result"].toObject();
    const QString name = first["subscription"].toString();
    QCOMPARE(first["rows"].toArray().size(), 2);
    QCOMPARE(first["total"].toInt(), 20);
    const QJsonObject moved =
        client
            .answer(
                client.call("topic.window", {{"subscription", name}, {"offset", 18}, {"limit", 5}}))["result"]
            .toObject();
    QCOMPARE(moved["rows"].toArray().size(), 2);
    QCOMPARE(moved["rows"].toArray().first().toObject()["id"].toString(), QStringLiteral("18"));
    const QJsonObject beyond =
        client
            .answer(client.call("topic.window",
                                {{"subscription", name}, {"offset", 500}, {"limit", 5}}))["result"]
            .toObject();
    QCOMPARE(beyond["rows"].toArray().size(), 0);
    QCOMPARE(beyond["total"].toInt(), 20);
    const QJsonObject negative =
        client
            .answer(client.call("topic.window",
                                {{"subscription", name}, {"offset", -3}, {"limit", -1}}))["result"]
            .toObject();
    QCOMPARE(negative["rows"].toArray().size(), 20);
}

void TestRpcSubscription::unsubscribed()
{
    TestEngine engine(Limits{.flushIntervalMs = 1});
    RowsTopic& topic = engine.addTopic("rows");
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token()));
    const QString name = client.answer(client.call("topic.subscribe", {{"topic", "rows"}}))["result"]
                             .toObject()["subscription"]
                             .toString();
    topic.set({makeRow("a", "up", 1)});
    QTRY_COMPARE(client.deltas().size(), 1);
    QVERIFY(client.answer(client.call("topic.unsubscribe", {{"subscription", name}})).contains("result"));
    topic.set({makeRow("a", "up", 2)});
    const QString other = client.answer(client.call("topic.subscribe", {{"topic", "rows"}}))["result"]
                              .toObject()["subscription"]
                              .toString();
    QVERIFY(other != name);
    topic.set({makeRow("a", "up", 3)});
    QTRY_COMPARE(client.deltas().size(), 2);
    QCOMPARE(client.deltas().last()["subscription"].toString(), other);
}

void TestRpcSubscription::deltasRestOnTheWire()
{
    // With time standing still no second delta of a subscription is due, however often it changes.
    ManualClock clock;
    TestEngine engine(Limits{.flushIntervalMs = 5}, &clock);
    RowsTopic& topic = engine.addTopic("rows");
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token()));
    QVERIFY(client.answer(client.call("topic.subscribe", {{"topic", "rows"}})).contains("result"));
    topic.set({makeRow("a", "up", 1)});
    QTRY_COMPARE(client.deltas().size(), 1);
    topic.set({makeRow("a", "up", 2)});
    QVERIFY(sluice::test::staysAway([&] { return client.deltas().size() > 1; }));
    topic.set({makeRow("a", "up", 3)});
    clock.advance(1000);
    QTRY_COMPARE(client.deltas().size(), 2);
    QCOMPARE(client.deltas().last()["upserts"].toArray(), (QJsonArray{makeRow("a", "up", 3)}));
}

void TestRpcSubscription::whatIsNotForAClientHoldsNothingUp()
{
    ManualClock clock;
    TestEngine engine(Limits{.flushIntervalMs = 5}, &clock);
    RowsTopic& topic = engine.addTopic("rows");
    topic.set({makeRow("a", "up", 1), makeRow("b", "up", 1)});
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token()));
    const auto subscribe = [&client](const QJsonObject& more) {
        QJsonObject params = more;
        params["topic"] = "rows";
        return client.answer(client.call("topic.subscribe", params))["result"]
            .toObject()["subscription"]
            .toString();
    };
    const QString first = subscribe({{"limit", 1}});
    const QString whole = subscribe({});
    topic.set({makeRow("b", "up", 2)});
    QTRY_COMPARE(client.deltas().size(), 1);
    QCOMPARE(client.deltas().last()["subscription"].toString(), whole);
    // Time stands still: only what has had no delta yet may have one.
    topic.set({makeRow("a", "up", 2)});
    QTRY_COMPARE(client.deltas().size(), 2);
    QCOMPARE(client.deltas().last()["subscription"].toString(), first);
}

void TestRpcSubscription::rowsOfOneWindowAreBounded()
{
    TestEngine engine(Limits{.windowRows = 10});
    RowsTopic& topic = engine.addTopic("rows");
    for (int i = 0; i < 30; ++i) {
        topic.set({makeRow(QString::number(i), "up", i)});
    }
    QVERIFY(engine.start());
    RawClient client(engine.url());
    QVERIFY(client.identify(engine.token()));
    for (const QJsonObject& params :
         {QJsonObject{{"topic", "rows"}}, QJsonObject{{"topic", "rows"}, {"limit", 1'000'000}},
          QJsonObject{{"topic", "rows"}, {"limit", 0}}, QJsonObject{{"topic", "rows"}, {"limit", 9e15}}}) {
        const QJsonObject window = client.answer(client.call("topic.subscribe", params))["result"].toObject();
        QCOMPARE(window["rows"].toArray().size(), 10);
        QCOMPARE(window["total"].toInt(), 30);
    }
}

void TestRpcSubscription::modelUnderRandomChanges_data()
{
    QTest::addColumn<quint32>("seed");
    QTest::addColumn<bool>("cbor");
    for (quint32 seed = 1; seed <= 3; ++seed) {
        QTest::addRow("JSON %u", seed) << seed << false;
        QTest::addRow("CBOR %u", seed) << seed + 100 << true;
    }
}

void TestRpcSubscription::modelUnderRandomChanges()
{
    QFETCH(quint32, seed);
    QFETCH(bool, cbor);
    QRandomGenerator random(seed);
    TestEngine engine(Limits{.messagesPerSecond = 1e6, .messageBurst = 1e6, .flushIntervalMs = 1});
    RowsTopic& topic = engine.addTopic("rows");
    QVERIFY(engine.start());
    Client client;
    client.setEncoding(cbor ? Encoding::Cbor : Encoding::Json);
    QVERIFY(connected(client, engine));

    struct View {
        Subscribe what;
        RowMirror mirror;
        int handle{};
        int resets{};
    };
    std::array<View, 6> views{{
        {.what = {.topic = "rows"}, .mirror = {}},
        {.what = {.topic = "rows", .offset = 3, .limit = 7}, .mirror = {}},
        {.what = {.topic = "rows", .filter = {{"state", "up"}}}, .mirror = {}},
        {.what =
             {.topic = "rows", .filter = {{"state", QJsonArray{"down", "lost"}}}, .offset = 2, .limit = 4},
         .mirror = {}},
        {.what = {.topic = "rows", .filter = {{"state", "up"}, {"n", 1}}, .fields = {"n"}}, .mirror = {}},
        {.what = {.topic = "rows", .fields = {"state"}, .offset = 1, .limit = 1}, .mirror = {}},
    }};
    for (View& view : views) {
        view.handle = client.subscribe(view.what, this, [&view](const TopicChange& change) {
            view.resets += change.reset ? 1 : 0;
            view.mirror.apply(change);
        });
    }
    static const QStringList kStates{"up", "down", "lost"};
    const auto randomRow = [&] {
        return makeRow(QString::number(random.bounded(40)), kStates.at(random.bounded(3)), random.bounded(3));
    };
    for (int round = 0; round < 30; ++round) {
        const int changes = random.bounded(1, 30);
        for (int i = 0; i < changes; ++i) {
            const int what = random.bounded(10);
            const QStringList ids = topic.ids();
            if (what < 6 || ids.isEmpty()) {
                topic.set({randomRow(), randomRow()}, random.bounded(-1, 20));
            } else if (what < 8) {
                topic.remove({ids.at(random.bounded(ids.size())), "none"});
            } else if (what < 9) {
                topic.move(random.bounded(ids.size()), random.bounded(ids.size()));
            } else {
                QCoreApplication::processEvents();
            }
            if (random.bounded(15) == 0) {
                View& view = views.at(static_cast<size_t>(random.bounded(static_cast<int>(views.size()))));
                view.what.offset = random.bounded(10);
                view.what.limit = random.bounded(12);
                client.setWindow(view.handle, view.what.offset, view.what.limit);
            }
        }
        for (View& view : views) {
            const auto agrees = [&] {
                int total = 0;
                const QList<QJsonObject> rows = expectedRows(topic, view.what, &total);
                return view.mirror.rows() == rows && view.mirror.total() == total;
            };
            QVERIFY(waitFor(agrees));
        }
    }
    for (const View& view : views) {
        QVERIFY(view.resets >= 1);
    }
}

QTEST_GUILESS_MAIN(TestRpcSubscription)
#include "tst_rpc_subscription.moc"
