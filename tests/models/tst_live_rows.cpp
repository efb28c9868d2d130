#include <QtTest/QSignalSpy>

#include "fake_engine_rows.h"
#include "patience.h"
#include "ui/session/live_rows.h"
#include "ui/session/row.h"
#include "ui/session/session.h"

using namespace sluice;
using session::LiveRows;

namespace {

QJsonObject row(const QString& id, int n)
{
    return {{"id", id}, {"n", n}};
}

}  // namespace

class TestLiveRows : public QObject {
    Q_OBJECT

private:
    test::FakeClock m_clock{test::kSceneMs};

private Q_SLOTS:
    void takesTheSnapshotAndDeltas()
    {
        test::FakeEngine engine(m_clock);
        engine.connectAs("a", "operator");
        engine.setRows("runs", {row("R-1", 1), row("R-2", 2)});
        LiveRows rows(engine, "runs", {});
        QVERIFY(!rows.isLoaded());
        QTRY_VERIFY(rows.isLoaded());
        QCOMPARE(rows.ids(), QStringList({"R-1", "R-2"}));

        QSignalSpy changed(&rows, &LiveRows::changed);
        engine.put("runs", row("R-2", 5));
        engine.put("runs", row("R-3", 3));
        engine.remove("runs", "R-1");
        QTRY_COMPARE(rows.ids(), QStringList({"R-2", "R-3"}));
        QCOMPARE(rows.row("R-2")["n"].toInt(), 5);
        QVERIFY(!rows.contains("R-1"));
        QCOMPARE(changed.size(), 3);
    }

    void namesCannotForge()
    {
        const QString forged = QStringLiteral("part\nstate\u202efdp");
        const QString shown = QStringLiteral("part\\nstate\\u202efdp");
        test::FakeEngine engine(m_clock);
        engine.connectAs("a", "operator");
        engine.setRows("estate",
                       {QJsonObject{{"id", "vega/lock/" + forged},
                                    {"name", forged},
                                    {"detail", QJsonArray{forged}},
                                    {"error", QJsonObject{{"message", forged}, {"cause", forged}}}}});
        LiveRows rows(engine, "estate", {});
        QTRY_VERIFY(rows.isLoaded());
        QCOMPARE(rows.ids(), QStringList{"vega/lock/" + shown});
        const QJsonObject row = rows.row("vega/lock/" + shown);
        QCOMPARE(session::str(row, u"name"), shown);
        QCOMPARE(session::strings(row, u"detail"), QStringList{shown});
        QCOMPARE(session::errorOf(row["error"].toObject()).message, shown);
        QCOMPARE(session::errorOf(row["error"].toObject()).cause, shown);
        QCOMPARE(row["name"].toString(), forged);  // as it came: hashes are over that
        engine.put("estate", QJsonObject{{"id", "vega/lock/" + forged}, {"name", "b"}});
        QTRY_COMPARE(session::str(rows.row("vega/lock/" + shown), u"name"), QString("b"));
        QCOMPARE(rows.size(), 1);
        engine.remove("estate", "vega/lock/" + forged);
        QTRY_COMPARE(rows.size(), 0);
    }

    void aFreshSnapshotIsTheSmallestChange()
    {
        test::FakeEngine engine(m_clock);
        engine.setRows("runs", {row("R-1", 1), row("R-2", 2)});
        engine.connectAs("a", "operator");
        LiveRows rows(engine, "runs", {});
        QTRY_COMPARE(rows.size(), 2);

        engine.lose(Error{.code = ErrorCode::Unavailable});
        engine.setRows("runs", {row("R-2", 9), row("R-4", 4)});
        QCOMPARE(rows.size(), 2);  // Nothing is forgotten while the engine is gone.
        QSignalSpy changed(&rows, &LiveRows::changed);
        engine.connectAs("a", "operator");
        QTRY_COMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].toStringList(), QStringList({"R-2", "R-4"}));
        QCOMPARE(changed[0][1].toStringList(), QStringList({"R-1"}));
        QCOMPARE(rows.ids(), QStringList({"R-2", "R-4"}));

        engine.connectAs("a", "operator");
        QTRY_COMPARE(changed.size(), 2);
        QVERIFY(changed[1][0].toStringList().isEmpty());
        QVERIFY(changed[1][1].toStringList().isEmpty());
    }

    void theOrderOfTheTopicIsKept()
    {
        test::FakeEngine engine(m_clock);
        engine.connectAs("a", "operator");
        LiveRows rows(engine, "runs", {});
        QTRY_VERIFY(rows.isLoaded());
        auto* feed = rows.findChild<session::Subscription*>();
        QVERIFY(feed);
        Q_EMIT feed->delta({row("a", 1), row("b", 1), row("c", 1)}, {}, {}, 3);
        Q_EMIT feed->delta({row("d", 1)}, {}, {"d", "b", "a", "c"}, 4);
        QCOMPARE(rows.ids(), QStringList({"d", "b", "a", "c"}));
        // A row that the order does not name stays at the end; an id without a row is ignored.
        Q_EMIT feed->delta({row("e", 1)}, {"b"}, {"x", "a", "d", "c"}, 4);
        QCOMPARE(rows.ids(), QStringList({"a", "d", "c", "e"}));
    }

    void windowsSideBySideCutEachOtherNever()
    {
        test::FakeEngine engine(m_clock);
        const auto of = [](const char* kind, const QString& name) {
            return QJsonObject{{"id", name}, {"kind", kind}};
        };
        QList<QJsonObject> all{of("connection", "zeta")};
        for (int i = 0; i < 5; ++i) {
            all.append(of("task", QStringLiteral("t%1").arg(i)));
        }
        engine.setRows("estate", all);
        LiveRows rows(engine, {session::Wanted{.topic = "estate", .filter = {{"kind", "connection"}}},
                               session::Wanted{.topic = "estate", .filter = {{"kind", "task"}}, .limit = 2}});
        QVERIFY(!rows.isLoaded());
        engine.connectAs("a", "operator");
        QTRY_VERIFY(rows.isLoaded());
        QCOMPARE(rows.ids(), (QStringList{"zeta", "t0", "t1"}));
        QCOMPARE(rows.total(), 6);
        QCOMPARE(rows.size(), 3);
        // Outside of the window only the total changes.
        engine.put("estate", of("task", "t9"));
        QTRY_COMPARE(rows.total(), 7);
        QCOMPARE(rows.ids(), (QStringList{"zeta", "t0", "t1"}));
        engine.remove("estate", "t0");
        QTRY_COMPARE(rows.ids(), (QStringList{"zeta", "t1", "t2"}));
        QVERIFY(!rows.contains("t0"));
        engine.remove("estate", "zeta");
        QTRY_COMPARE(rows.ids(), (QStringList{"t1", "t2"}));
        QCOMPARE(rows.total(), 5);
    }

    void aWindowIsMoved()
    {
        test::FakeEngine engine(m_clock);
        engine.connectAs("a", "operator");
        engine.setRows("runs", {row("a", 1), row("b", 1), row("c", 1)});
        LiveRows rows(engine, {session::Wanted{.topic = "runs", .limit = 2}});
        QTRY_COMPARE(rows.ids(), (QStringList{"a", "b"}));
        rows.moveTo(2, 2);
        QTRY_COMPARE(rows.ids(), QStringList{"c"});
        QCOMPARE(rows.total(), 3);
        QVERIFY(!rows.contains("a"));
    }

    void aRefusedSubscriptionSaysWhy()
    {
        test::FakeEngine engine(m_clock);
        LiveRows rows(engine, "runs", {});
        QSignalSpy failed(&rows, &LiveRows::failed);
        Q_EMIT rows.findChild<session::Subscription*>()->failed(Error{.message = "no such topic"});
        QCOMPARE(failed.size(), 1);
        QCOMPARE(rows.error()->message, QString("no such topic"));
        engine.connectAs("a", "operator");
        QTRY_VERIFY(!rows.error().has_value());
    }

    void theSessionAnswersForAllTopics()
    {
        test::FakeEngine engine(m_clock);
        test::sceneQuorumLost(engine, test::kSceneMs);
        session::Session session(engine, m_clock);
        QVERIFY(session.whyNoChanges().contains("does not answer yet"));
        engine.connectAs("operator A", "operator");
        QTRY_COMPARE(session.connections(), QStringList({"vega", "rgw.vega", "luigid"}));
        QCOMPARE(session.estateOf("mon", "vega").size(), 3);
        QCOMPARE(session.openCaseOf("R-6")["id"].toString(), QString("C-2"));
        QVERIFY(session.openCaseOf("R-5").isEmpty());
        QCOMPARE(session.whyNoChanges(), QString());
        QVERIFY(session.whyNoChanges("vega").contains("lease of vega ended"));
        LiveRows& tasks = session.tasks("R-5");
        QTRY_COMPARE(tasks.size(), 7);
        QCOMPARE(&session.tasks("R-5"), &tasks);

        engine.lose(Error{.code = ErrorCode::Unavailable});
        QVERIFY(session.whyNoChanges().contains("03:14:08"));
        engine.connectAs("guest", "viewer");
        QVERIFY(session.whyNoChanges().contains("viewer"));
        engine.change("engine", "engine", {{"acting", false}, {"notActingWhy", "the disk is full"}});
        engine.connectAs("operator A", "operator");
        QTRY_COMPARE(session.whyNoChanges(), QString("the disk is full"));
    }

    void onlyTheLastUsedRunsAreKept()
    {
        test::FakeEngine engine(m_clock);
        engine.connectAs("a", "operator");
        session::Session session(engine, m_clock);
        QPointer<LiveRows> first = &session.tasks("R-1");
        for (int run = 2; run <= 9; ++run) {
            session.tasks(QStringLiteral("R-%1").arg(run));
        }
        QTRY_VERIFY(first.isNull());
    }
};

QTEST_GUILESS_MAIN(TestLiveRows)
#include "tst_live_rows.moc"
