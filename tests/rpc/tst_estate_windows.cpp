#include <QtCore/QJsonArray>

#include "engine/methods_estate.h"
#include "estate/estate.h"
#include "patience.h"
#include "rpc/row_mirror.h"
#include "support/test_engine.h"
#include "support/wait.h"

using namespace sluice;
using estate::Entity;
using rpc::RowMirror;
using rpc::TopicChange;

namespace {

constexpr int kTasks = 12'000;

Entity make(const QString& connection, const QString& kind, const QString& name, qint64 at = 1000)
{
    return {.id = estate::entityId(connection, kind, name),
            .connection = connection,
            .kind = kind,
            .name = name,
            .observedAtMs = at,
            .facts = {{"n", at}}};
}

QString number(int n)
{
    return QStringLiteral("%1").arg(n, 5, 10, QLatin1Char('0'));
}

}  // namespace

/// Windows on an estate that is larger than any of them, over a real socket.
class TestEstateWindows : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_estate = std::make_unique<estate::Estate>();
        m_engine = std::make_unique<test::TestEngine>();
        m_engine->serve(*m_estate);
        estate::EntityKinds kinds;
        kinds.add(estate::generalKinds());
        engine::addEstateMethods(m_engine->table(), m_estate.get(), kinds);
        QVERIFY(m_engine->start());
        QList<Entity> tasks;
        for (int i = 0; i < kTasks; ++i) {
            tasks.append(make("big", "luigi-task", number(i)));
        }
        m_estate->apply("big", tasks, {});
        m_estate->upsert(make("big", "connection", "big"));
        m_estate->upsert(make("zeta", "connection", "zeta"));
        m_estate->upsert(make("zeta", "health", "zeta"));
        m_client = std::make_unique<rpc::Client>();
        m_context = std::make_unique<QObject>();
        QVERIFY(test::connected(*m_client, *m_engine));
    }
    void cleanup()
    {
        m_context.reset();
        m_client.reset();
        m_engine.reset();
        m_estate.reset();
    }

    void theConnectionThatSortsLastIsThere()
    {
        const RowMirror& whole = open({});
        QTRY_COMPARE(whole.ids().size(), 10'000);
        QCOMPARE(whole.total(), kTasks + 3);
        QVERIFY(!whole.ids().contains("zeta/connection/zeta"));

        const RowMirror& heads = open({.filter = {{"kind", QJsonArray{"connection", "health"}}}});
        QTRY_COMPARE(heads.ids(),
                     (QStringList{"big/connection/big", "zeta/connection/zeta", "zeta/health/zeta"}));
        QCOMPARE(heads.total(), 3);
        m_estate->upsert(make("zeta", "connection", "zeta", 2000));
        QTRY_COMPARE(heads.row("zeta/connection/zeta")["facts"].toObject()["n"].toInt(), 2000);
        QCOMPARE(heads.total(), 3);
    }

    void aWindowMoves()
    {
        const rpc::Subscribe tasks{.filter = {{"connection", "big"}, {"kind", "luigi-task"}}, .limit = 200};
        const RowMirror& rows = open(tasks);
        QTRY_COMPARE(rows.ids().size(), 200);
        QCOMPARE(rows.total(), kTasks);
        QCOMPARE(rows.ids().first(), QStringLiteral("big/luigi-task/00000"));
        m_client->setWindow(m_last, 11'900, 200);
        QTRY_COMPARE(rows.ids().size(), 100);
        QCOMPARE(rows.total(), kTasks);
        QCOMPARE(rows.ids().last(), QStringLiteral("big/luigi-task/11999"));
    }

    void whatIsOutsideChangesOnlyTheTotal()
    {
        RowMirror rows;
        QList<TopicChange> changes;
        m_client->subscribe(
            {.topic = "estate", .filter = {{"kind", "luigi-task"}}, .offset = 100, .limit = 10}, this,
            [&](const TopicChange& change) {
                rows.apply(change);
                changes.append(change);
            });
        QTRY_COMPARE(rows.total(), kTasks);
        QCOMPARE(rows.ids().first(), QStringLiteral("big/luigi-task/00100"));
        changes.clear();

        m_estate->upsert(make("big", "luigi-task", "99999"));
        QTRY_COMPARE(rows.total(), kTasks + 1);
        QCOMPARE(changes.size(), 1);
        QVERIFY(changes.last().upserts.isEmpty() && changes.last().removed.isEmpty());
        QVERIFY(!changes.last().order);

        // One that is changed outside is not told at all; one inside is.
        m_estate->upsert(make("big", "luigi-task", "99999", 2000));
        m_estate->upsert(make("big", "luigi-task", "00105", 2000));
        QTRY_COMPARE(changes.size(), 2);
        QCOMPARE(changes.last().upserts.size(), 1);
        QCOMPARE(changes.last().upserts.first()["id"].toString(), QStringLiteral("big/luigi-task/00105"));

        // One that comes before the window pushes it on by one.
        m_estate->upsert(make("big", "luigi-task", "00000a"));
        QTRY_COMPARE(rows.total(), kTasks + 2);
        QCOMPARE(rows.ids().first(), QStringLiteral("big/luigi-task/00099"));
        QCOMPARE(rows.ids().size(), 10);
        QVERIFY(!rows.ids().contains("big/luigi-task/00109"));

        m_estate->removeKind("big", "luigi-task");
        QTRY_COMPARE(rows.total(), 0);
        QVERIFY(rows.ids().isEmpty());
    }

    /// A poll of a whole connection, in which some go and some come: every window has what belongs to it.
    void aPollOfEverythingReachesEveryWindow()
    {
        for (const QString& connection : {QStringLiteral("a"), QStringLiteral("a-b")}) {
            m_estate->apply(connection, polled(connection, 0, 2000, 1000), {"luigi-task"});
        }
        const RowMirror& ofOne = open({.filter = {{"connection", "a"}}, .offset = 1900, .limit = 10'000});
        const RowMirror& ofBoth =
            open({.filter = {{"connection", QJsonArray{"a", "a-b"}}, {"kind", "luigi-task"}}, .limit = 4});
        const RowMirror& whole = open({.limit = 5});
        QTRY_COMPARE(ofOne.ids().size(), 100);
        QTRY_COMPARE(ofBoth.total(), 4000);
        QTRY_COMPARE(whole.total(), kTasks + 4003);
        m_estate->apply("a", polled("a", 5, 2600, 2000), {"luigi-task"});
        m_estate->apply("a-b", polled("a-b", 1, 1500, 2000), {"luigi-task"});
        QTRY_COMPARE(whole.total(), kTasks + 2595 + 1499 + 3);
        QTRY_COMPARE(ofBoth.total(), 2595 + 1499);
        QTRY_COMPARE(ofOne.total(), 2595);
        QCOMPARE(ofOne.ids().size(), 695);
        QCOMPARE(ofOne.ids().first(), QStringLiteral("a/luigi-task/01905"));
        QCOMPARE(ofOne.row("a/luigi-task/01905")["facts"].toObject()["n"].toInt(), 2000);
        QCOMPARE(ofBoth.ids(), (QStringList{"a-b/luigi-task/00001", "a-b/luigi-task/00002",
                                            "a-b/luigi-task/00003", "a-b/luigi-task/00004"}));
        QCOMPARE(whole.ids().last(), QStringLiteral("a-b/luigi-task/00005"));
    }

    void aListIsReadPageByPage()
    {
        QJsonArray all;
        QList<qint64> totals;
        bool ended = false;
        std::function<void()> next = [&] {
            m_client->call("estate.list", {{"kind", "luigi-task"}, {"offset", all.size()}}, this,
                           [&](const Result<QJsonObject>& page) {
                               QVERIFY(page.has_value());
                               const QJsonArray rows = (*page)["entities"].toArray();
                               totals.append((*page)["total"].toInteger());
                               for (const QJsonValue& row : rows) {
                                   all.append(row);
                               }
                               ended = rows.isEmpty();
                               if (!ended) {
                                   next();
                               }
                           });
        };
        next();
        QTRY_VERIFY(ended);
        QCOMPARE(totals, (QList<qint64>{kTasks, kTasks, kTasks}));
        QCOMPARE(all.size(), kTasks);
        QCOMPARE(all.first()["name"].toString(), QStringLiteral("00000"));
        QCOMPARE(all.last()["name"].toString(), QStringLiteral("11999"));

        const QJsonObject few = list({{"connection", "zeta"}, {"limit", 1}});
        QCOMPARE(few["entities"].toArray().size(), 1);
        QCOMPARE(few["total"].toInt(), 2);
        QCOMPARE(list({})["total"].toInt(), kTasks + 3);
        QCOMPARE(list({{"offset", kTasks + 2}})["entities"].toArray().first()["id"].toString(),
                 QStringLiteral("zeta/health/zeta"));
        QCOMPARE(list({{"kind", "nothing"}})["total"].toInt(), 0);
    }

    void theKindsAreRead()
    {
        QJsonObject answer;
        m_client->call("estate.kinds", {}, this,
                       [&](const Result<QJsonObject>& kinds) { answer = kinds.value_or(QJsonObject()); });
        QTRY_COMPARE(answer["kinds"].toArray().size(), 2);
        QCOMPARE(answer["kinds"].toArray().first()["kind"].toString(), QStringLiteral("connection"));
    }

private:
    static QList<Entity> polled(const QString& connection, int from, int to, qint64 at)
    {
        QList<Entity> tasks;
        for (int i = from; i < to; ++i) {
            tasks.append(make(connection, "luigi-task", number(i), at));
        }
        return tasks;
    }

    const RowMirror& open(rpc::Subscribe what)
    {
        what.topic = "estate";
        auto mirror = std::make_shared<RowMirror>();
        m_mirrors.append(mirror);
        m_last = m_client->subscribe(what, m_context.get(),
                                     [mirror](const TopicChange& change) { mirror->apply(change); });
        return *mirror;
    }

    QJsonObject list(const QJsonObject& params)
    {
        std::optional<QJsonObject> found;
        m_client->call("estate.list", params, this,
                       [&](const Result<QJsonObject>& page) { found = page.value_or(QJsonObject()); });
        return test::waitFor([&] { return found.has_value(); }) ? *found : QJsonObject();
    }

    std::unique_ptr<estate::Estate> m_estate;
    std::unique_ptr<test::TestEngine> m_engine;
    std::unique_ptr<rpc::Client> m_client;
    std::unique_ptr<QObject> m_context;
    QList<std::shared_ptr<RowMirror>> m_mirrors;
    int m_last{};
};

QTEST_GUILESS_MAIN(TestEstateWindows)
#include "tst_estate_windows.moc"
