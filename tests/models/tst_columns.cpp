#include <QtTest/QAbstractItemModelTester>

#include "fake_engine_rows.h"
#include "patience.h"
#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/roles.h"
#include "ui/models/words.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/systems/ceph/columns.h"

using namespace sluice;
using session::LiveTable;

/// Every column spec over realistic rows, under the model tester.
class TestColumns : public QObject {
    Q_OBJECT

private:
    test::FakeClock m_clock{test::kSceneMs};

    static QString cell(const LiveTable& table, const QString& id, const QString& column)
    {
        for (int i = 0; i < table.columns().size(); ++i) {
            if (table.columns()[i].id == column) {
                return table.index(table.rowOf(id), i).data().toString();
            }
        }
        return QStringLiteral("no such column");
    }

    static style::StateWord state(const LiveTable& table, const QString& id, const QString& column)
    {
        for (int i = 0; i < table.columns().size(); ++i) {
            if (table.columns()[i].id == column) {
                return table.index(table.rowOf(id), i).data(session::StateRole).value<style::StateWord>();
            }
        }
        return {};
    }

    static LiveTable::Filter kind(const QString& kind)
    {
        return [kind](const QJsonObject& row) { return session::str(row, u"kind") == kind; };
    }

private Q_SLOTS:
    void roomThatIsMissingIsNoQuotaThatIsUsedUp()
    {
        QJsonObject blocked{{"what", "quota"},
                            {"op", "write"},
                            {"cephPool", "train"},
                            {"connection", "vega"},
                            {"error", QJsonObject{{"message", "There is no room for both copies"}}}};
        QCOMPARE(models::blockedText({{"blocked", blocked}}),
                 QString("The quota of train on vega is used up"));
        blocked["op"] = "reserve";
        QCOMPARE(models::blockedText({{"blocked", blocked}}), QString("There is no room for both copies"));
    }

    void runsAndTasks()
    {
        test::FakeEngine engine(m_clock);
        test::sceneStalled(engine, test::kSceneMs);
        engine.connectAs("a", "operator");
        session::Session session(engine, m_clock);
        LiveTable runs(&session.runs(), session.ticker(), models::runColumns());
        QAbstractItemModelTester runTester(&runs, QAbstractItemModelTester::FailureReportingMode::QtTest);
        runs.setFilter(models::runInProgress);
        runs.setOrder(models::runBefore);
        QTRY_COMPARE(runs.shownIds(), QStringList({"R-4", "R-5"}));
        QCOMPARE(cell(runs, "R-5", "tasks"), QString("5 of 7"));
        QCOMPARE(cell(runs, "R-5", "throughput"), QString("188 MiB/s"));
        QCOMPARE(cell(runs, "R-5", "ends"), QString("03:21"));
        QCOMPARE(cell(runs, "R-4", "ends"), QString("not known"));
        QCOMPARE(state(runs, "R-4", "state").tone, style::Tone::Warn);
        QCOMPARE(state(runs, "R-4", "state").word, QString("stalled"));

        LiveTable tasks(&session.tasks("R-4"), session.ticker(), models::taskColumns());
        QAbstractItemModelTester taskTester(&tasks, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QTRY_COMPARE(tasks.rowCount(), 6);
        QCOMPARE(cell(tasks, "R-4/copy-train", "objects"), QString("7,439 of 7,440"));
        QCOMPARE(cell(tasks, "R-4/copy-train", "says"),
                 QString("part-05120 refused 147 times: lock compact is held by client.48213"));
        QCOMPARE(cell(tasks, "R-4/features", "says"), QString("waiting, Luigi task"));
        QCOMPARE(models::taskLine(session.tasks("R-4").row("R-4/copy-train"), test::kSceneMs),
                 QString("no progress for 6 min 12 s"));
        QCOMPARE(models::taskLine(session.tasks("R-4").row("R-4/gate"), test::kSceneMs),
                 QString("waiting, then a person"));
        // never all while an object is left, however small that is
        QJsonObject task{{"state", "running"},
                         {"bytesDone", 29},
                         {"bytesTotal", 100},
                         {"objectsDone", 333},
                         {"objectsTotal", 600}};
        QCOMPARE(models::taskLine(task, test::kSceneMs), QString("running, 29 %"));
        task["bytesDone"] = 100;
        QCOMPARE(models::taskLine(task, test::kSceneMs), QString("running, 99 %"));
        QVERIFY(models::bytesFraction(task) < 1);
        task["objectsDone"] = 600;
        QCOMPARE(models::taskLine(task, test::kSceneMs), QString("running, 100 %"));
        QCOMPARE(models::bytesFraction(task), 1.0);
        QCOMPARE(models::bytesFraction({{"bytesTotal", 0}}), -1.0);
    }

    void estate()
    {
        test::FakeEngine engine(m_clock);
        test::sceneQuorumLost(engine, test::kSceneMs);
        engine.connectAs("a", "operator");
        session::Session session(engine, m_clock);
        LiveTable health(&session.estate(), session.ticker(), models::healthColumns(session),
                         models::estateTraits(session));
        QAbstractItemModelTester healthTester(&health,
                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        health.setFilter(kind("connection"));
        health.setRelated(models::connectionOfHealth);
        QTRY_COMPARE(health.rowCount(), 3);
        const QString vega = "vega/connection/vega";
        QCOMPARE(cell(health, vega, "availability"), QString("partly"));
        QCOMPARE(state(health, vega, "redundancy").tone, style::Tone::Neutral);
        QCOMPARE(cell(health, vega, "redundancy"), QString("unknown"));
        QCOMPARE(cell(health, vega, "age"), QString("2 min 17 s"));
        QCOMPARE(state(health, "rgw.vega/connection/rgw.vega", "availability").tone, style::Tone::Ok);

        LiveTable osds(&session.estate(), session.ticker(), systems::ceph::osdColumns(session),
                       models::estateTraits(session));
        QAbstractItemModelTester osdTester(&osds, QAbstractItemModelTester::FailureReportingMode::QtTest);
        osds.setFilter(kind("osd"));
        QCOMPARE(osds.rowCount(), 3);
        QVERIFY(osds.index(0, 0).data(session::StaleRole).toBool());
        QVERIFY(state(osds, "vega/osd/0", "state").tone != style::Tone::Ok);  // never a false green

        LiveTable mons(&session.estate(), session.ticker(), systems::ceph::monColumns(session),
                       models::estateTraits(session));
        QAbstractItemModelTester monTester(&mons, QAbstractItemModelTester::FailureReportingMode::QtTest);
        mons.setFilter(kind("mon"));
        QCOMPARE(state(mons, "vega/mon/b", "state").tone, style::Tone::Crit);
        QCOMPARE(cell(mons, "vega/mon/b", "state"), QString("no answer"));
        QCOMPARE(cell(mons, "vega/mon/b", "probe"), QString("refused"));
        QCOMPARE(cell(mons, "vega/mon/a", "probe"), QString("0.4 ms"));

        LiveTable cephPools(&session.estate(), session.ticker(), systems::ceph::cephPoolColumns(session),
                            models::estateTraits(session));
        QAbstractItemModelTester poolTester(&cephPools,
                                            QAbstractItemModelTester::FailureReportingMode::QtTest);
        cephPools.setFilter(kind("ceph-pool"));
        QCOMPARE(cell(cephPools, "vega/ceph-pool/train", "copies"), QString("3 / 2"));
        QCOMPARE(cell(cephPools, "vega/ceph-pool/train", "quota"), QString("60 %"));
        QCOMPARE(cell(cephPools, "vega/ceph-pool/.mgr", "quota"), QString("no quota"));
        QVERIFY(state(cephPools, "vega/ceph-pool/train", "writes").tone != style::Tone::Ok);
        engine.change(
            "estate", "vega/ceph-pool/train",
            {{"observedAt", toRfc3339(test::kSceneMs)},
             {"facts",
              QJsonObject{{"fullQuota", true}, {"full", true}, {"quotaBytes", 100}, {"storedBytes", 100}}}});
        QTRY_COMPARE(cell(cephPools, "vega/ceph-pool/train", "writes"), QString("no, quota used up"));
        QCOMPARE(state(cephPools, "vega/ceph-pool/train", "writes").tone, style::Tone::Crit);

        QCOMPARE(cell(cephPools, "vega/ceph-pool/train", "objects"), QString("not known"));
        // The flags are of now; what the manager counted before it died is not.
        engine.change("estate", "vega/ceph-pool/train",
                      {{"observedAt", toRfc3339(test::kSceneMs)},
                       {"facts", QJsonObject{{"objects", 600},
                                             {"storedBytes", 100},
                                             {"figuresAt", toRfc3339(test::kSceneMs - 14'000)}}}});
        QTRY_COMPARE(cell(cephPools, "vega/ceph-pool/train", "objects"), QString("600"));
        engine.change("estate", "vega/ceph-pool/train",
                      {{"observedAt", toRfc3339(test::kSceneMs)},
                       {"facts", QJsonObject{{"objects", 600},
                                             {"storedBytes", 100},
                                             {"figuresAt", toRfc3339(test::kSceneMs - 40'000)}}}});
        QTRY_VERIFY(cell(cephPools, "vega/ceph-pool/train", "objects").startsWith("600, "));
        QVERIFY(cell(cephPools, "vega/ceph-pool/train", "objects").endsWith(" old"));
        QVERIFY(cell(cephPools, "vega/ceph-pool/train", "stored").endsWith(" old"));

        LiveTable checks(&session.estate(), session.ticker(), systems::ceph::checkColumns(session),
                         models::estateTraits(session));
        QAbstractItemModelTester checkTester(&checks, QAbstractItemModelTester::FailureReportingMode::QtTest);
        checks.setFilter(kind("health-check"));
        QCOMPARE(checks.rowCount(), 1);
    }

    void rolesAndGenerations()
    {
        test::FakeEngine engine(m_clock);
        test::sceneRotation(engine, test::kSceneMs);
        engine.connectAs("a", "operator");
        session::Session session(engine, m_clock);
        LiveTable roles(&session.roles(), session.ticker(), models::roleColumns());
        QAbstractItemModelTester tester(&roles, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QTRY_COMPARE(roles.rowCount(), 2);
        QCOMPARE(cell(roles, "vega/role/ingest", "current"), QString("g2"));
        QCOMPARE(cell(roles, "vega/role/ingest", "older"), QString("g1 previous"));
        QCOMPARE(cell(roles, "vega/role/ingest", "rotation"), QString("step 4 of 8"));
        QCOMPARE(cell(roles, "vega/role/train", "rotation"), QString("none"));
        QCOMPARE(cell(roles, "vega/role/train", "age"), QString("9 d 0 h"));

        session::LiveRows generations;
        generations.replace(models::generationRows(session.roles().row("vega/role/train")));
        LiveTable table(&generations, session.ticker(), models::generationColumns());
        QAbstractItemModelTester tableTester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(table.shownIds(), QStringList({"5", "4"}));
        QCOMPARE(cell(table, "5", "revoked"), QString("no"));
    }

    void actionsAndAudit()
    {
        test::FakeEngine engine(m_clock);
        test::sceneStalled(engine, test::kSceneMs);
        engine.connectAs("a", "operator");
        session::Session session(engine, m_clock);
        LiveTable actions(&session.actions(), session.ticker(), models::actionColumns());
        QAbstractItemModelTester actionTester(&actions,
                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        actions.setOrder(models::newerAction);
        QTRY_COMPARE(actions.shownIds(), QStringList({"A-4", "A-3", "A-2", "A-1"}));
        QCOMPARE(state(actions, "A-1", "state").tone, style::Tone::Crit);
        QCOMPARE(cell(actions, "A-4", "action"), QString("Approve approve-copy of R-5"));

        LiveTable audit(&session.audit(), session.ticker(), models::auditColumns());
        QAbstractItemModelTester auditTester(&audit, QAbstractItemModelTester::FailureReportingMode::QtTest);
        audit.setOrder(models::newerRecord);
        QTRY_COMPARE(audit.rowCount(), 16);
        QCOMPARE(audit.shownIds().first(), QString("16"));
        QCOMPARE(cell(audit, "7", "outcome"), QString("not verified"));
        audit.setSearch("operator B cancel");
        QCOMPARE(audit.shownIds(), QStringList({"7", "6"}));
    }

    void aNameKeepsItsCase()
    {
        for (const char* name :
             {"day-2/part-90.bin refused", "client.4491 holds it", "rados://vega/x is gone",
              "vega refuses: the key may not do this", "ingest has no key yet"}) {
            QCOMPARE(models::sentence({name}), QString(name) + '.');
        }
        QCOMPARE(models::sentence({"it timed out", "the key is old.", "Start mon b"}),
                 QString("It timed out. The key is old. Start mon b."));
    }

    void sentences()
    {
        test::FakeEngine engine(m_clock);
        test::sceneStalled(engine, test::kSceneMs);
        const QJsonObject item = engine.row("cases", "C-1");
        QCOMPARE(models::causeText(item), QString("A client that is gone still holds a lock on part-05120"));
        QCOMPARE(models::ruleText(models::leadingFinding(item)), QString("R18 version 3"));
        QCOMPARE(models::oldestEvidence(models::leadingFinding(item)), test::kSceneMs - 4000);
        QCOMPARE(models::causeText({}), QString("not looked for yet"));
        const QString text =
            models::handOverText(item, engine.row("runs", "R-4"), engine.rows("actions").mid(0, 1));
        QVERIFY(text.contains("C-1: copy-train does not move (nightly-train R-4), opened 03:08:06 UTC."));
        QVERIFY(text.contains("Ruled out: Ceph pool health, Ceph pool quota, Monitor quorum"));
        QVERIFY(text.contains("record 14"));
        QVERIFY(text.contains("Still open"));
        QCOMPARE(models::asOfText(test::kSceneMs - 134'000, test::kSceneMs),
                 QString("as of 03:11:54, 2 min 14 s old"));
        QCOMPARE(models::classWord(2), QString("class 2 disruptive"));
    }
};

QTEST_GUILESS_MAIN(TestColumns)
#include "tst_columns.moc"
