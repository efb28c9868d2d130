#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>

#include "diagnosis/outage.h"
#include "engine/case_book.h"
#include "patience.h"
#include "store/database.h"
#include "tests/unit/engine_fakes.h"

using namespace sluice;
using diagnosis::Diagnosis;
using diagnosis::Evidence;
using diagnosis::Finding;
using diagnosis::Verdict;

/// Which runs stand in which case, and whose evidence stands there.
class TestCaseBook : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    test::SetClock m_clock;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<engine::CaseBook> m_cases;

    static Diagnosis caused(const QString& rule, const QStringList& entities, const QString& told,
                            const QStringList& broken = {})
    {
        Finding finding{.rule = rule, .title = told, .verdict = Verdict::Confirmed, .broken = broken};
        for (const QString& entity : entities) {
            finding.evidence.append({.text = told, .source = "test", .entity = entity, .observedAtMs = 1});
        }
        Diagnosis diagnosis{.summary = told, .rule = rule, .verdict = Verdict::Confirmed};
        diagnosis.findings = {finding,
                              {.rule = "R13", .title = "Monitor quorum", .verdict = Verdict::Refuted}};
        return diagnosis;
    }
    static Diagnosis quota(const QString& cephPool, const QString& told)
    {
        return caused("R10", {"vega/ceph-pool/" + cephPool}, told);
    }
    static Diagnosis osdsDown(const QString& object, const QStringList& osds)
    {
        QStringList broken;
        for (const QString& osd : osds) {
            broken.append("vega/osd/" + osd);
        }
        return caused("R5", {"vega/object-pg/train/" + object}, "too few copies of " + object, broken);
    }
    static Diagnosis locked(const QString& object, const QString& client)
    {
        return caused("R18", {"vega/lock/train/" + object}, client + " holds " + object,
                      {"vega/client/" + client});
    }
    static Diagnosis unknown()
    {
        return {.findings = {{.rule = "R5", .title = "Ceph pool health"}}, .summary = "Unknown"};
    }

    QString stalled(const QString& run) { return m_cases->openOrJoin(run, run + "/copy", "copy"); }
    QString stalled(const QString& run, const Diagnosis& diagnosis)
    {
        return m_cases->diagnosed(stalled(run), run, diagnosis, true);
    }
    QString caseOf(const QString& run) const
    {
        const engine::Case* open = m_cases->openCaseOf(run);
        return open ? open->id : QString();
    }
    QString summaryOf(const QString& run) const
    {
        return m_cases->rowOf(caseOf(run), run)["summary"].toString();
    }

    void makeBook()
    {
        m_cases = std::make_unique<engine::CaseBook>(*m_database, m_clock);
        QVERIFY(m_cases->load().has_value());
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_database = std::move(
            *store::Database::open({.file = m_dir->filePath("s.db"), .parts = {engine::CaseBook::schema()}}));
        makeBook();
    }
    void cleanup()
    {
        m_cases.reset();
        m_database.reset();
    }

    void oneOutageIsOneCase_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("one Ceph pool at its quota") << 0;
        QTest::newRow("two objects, the same OSDs") << 1;
        QTest::newRow("two objects, one OSD in common") << 2;
        QTest::newRow("a gateway that is gone") << 3;
        QTest::newRow("no monitor quorum") << 4;
        QTest::newRow("two full Ceph pools of one cluster") << 5;
        QTest::newRow("two objects, one holder") << 6;
    }
    void oneOutageIsOneCase()
    {
        QFETCH(int, kind);
        const QList<QPair<Diagnosis, Diagnosis>> pairs{
            {quota("train", "first"), quota("train", "second")},
            {osdsDown("a", {"1", "2"}), osdsDown("b", {"1", "2"})},
            {osdsDown("a", {"1", "2"}), osdsDown("b", {"2", "3"})},
            {caused("R59", {"rgw.vega/gateway/rgw.vega"}, "first"),
             caused("R59", {"rgw.vega/gateway/rgw.vega"}, "second")},
            {caused("R13", {"vega/mon-quorum/vega"}, "first"),
             caused("R13", {"vega/mon-quorum/vega"}, "second")},
            {caused("R9", {"vega/ceph-pool/a"}, "first", {"vega/osds-full"}),
             caused("R9", {"vega/ceph-pool/b"}, "second", {"vega/osds-full"})},
            {locked("a", "client.7"), locked("b", "client.7")}};
        const auto [first, second] = pairs[kind];
        const QString id = stalled("R-1", first);
        QCOMPARE(stalled("R-2", second), id);
        QCOMPARE(m_cases->openCount(), 1);
        QCOMPARE(caseOf("R-2"), id);
        QCOMPARE(summaryOf("R-1"), first.summary);
        QCOMPARE(summaryOf("R-2"), second.summary);
        QCOMPARE(m_cases->row(id)["summary"].toString(), first.summary);
        QCOMPARE(m_cases->row(id)["tasks"].toArray(), (QJsonArray{"R-1/copy", "R-2/copy"}));
    }

    void twoOutagesAreTwoCases_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("two Ceph pools at their quota") << 0;
        QTest::newRow("other OSDs") << 1;
        QTest::newRow("failed by themselves") << 2;
        QTest::newRow("not known why") << 3;
        QTest::newRow("one cause is about the task only") << 4;
        QTest::newRow("two clusters without a quorum") << 5;
        QTest::newRow("two holders") << 6;
        QTest::newRow("two holders on one object") << 7;
    }
    void twoOutagesAreTwoCases()
    {
        QFETCH(int, kind);
        const QList<QPair<Diagnosis, Diagnosis>> pairs{
            {quota("train", "first"), quota("landing", "second")},
            {osdsDown("a", {"1"}), osdsDown("b", {"2"})},
            {caused("R1", {"vega/ceph-pool/train"}, "x"), caused("R1", {"vega/ceph-pool/train"}, "x")},
            {unknown(), unknown()},
            {caused("R21", {"R-1/copy"}, "x"), caused("R21", {"R-1/copy"}, "x")},
            {caused("R13", {"vega/mon-quorum/vega"}, "x"), caused("R13", {"atlas/mon-quorum/atlas"}, "x")},
            {locked("a", "client.7"), locked("b", "client.8")},
            {locked("a", "client.7"), locked("a", "client.8")}};
        const auto [first, second] = pairs[kind];
        const QString id = stalled("R-1", first);
        QVERIFY(stalled("R-2", second) != id);
        QCOMPARE(m_cases->openCount(), 2);
    }

    void aRunWhoseCauseBecomesAnotherLeavesTheCase()
    {
        const QString shared = stalled("R-1", quota("train", "R-1 at the quota"));
        stalled("R-2", quota("train", "R-2 at the quota"));
        stalled("R-3", quota("train", "R-3 at the quota"));
        const QString apart = m_cases->diagnosed(shared, "R-2", osdsDown("a", {"1", "2"}), false);
        QVERIFY(apart != shared);
        QCOMPARE(caseOf("R-2"), apart);
        QCOMPARE(m_cases->row(apart)["rule"].toString(), "R5");
        QCOMPARE(m_cases->row(apart)["tasks"].toArray(), QJsonArray{"R-2/copy"});
        QCOMPARE(m_cases->row(apart)["title"].toString(), "copy does not move");
        QCOMPARE(m_cases->row(shared)["runs"].toArray(), (QJsonArray{"R-1", "R-3"}));
        QCOMPARE(m_cases->row(shared)["tasks"].toArray(), (QJsonArray{"R-1/copy", "R-3/copy"}));
        // The next one of the same outage finds it there.
        QCOMPARE(m_cases->diagnosed(shared, "R-3", osdsDown("b", {"1"}), false), apart);
        QCOMPARE(m_cases->row(shared)["runs"].toArray(), QJsonArray{"R-1"});
        QCOMPARE(m_cases->openCount(), 2);
    }

    void theCaseIsToldByWhoIsLeft()
    {
        const QString shared = stalled("R-1", quota("train", "R-1 at the quota"));
        stalled("R-2", quota("train", "R-2 at the quota"));
        const QString apart = m_cases->diagnosed(shared, "R-1", osdsDown("a", {"1"}), true);
        QCOMPARE(m_cases->row(apart)["summary"].toString(), "too few copies of a");
        QCOMPARE(m_cases->row(shared)["run"].toString(), "R-2");
        QCOMPARE(m_cases->row(shared)["summary"].toString(), "R-2 at the quota");
        QCOMPARE(m_cases->row(shared)["phase"].toString(), "cause named");
    }

    void whoIsNotKnownWhyStaysWhereItIs()
    {
        const QString shared = stalled("R-1", quota("train", "first"));
        stalled("R-2", quota("train", "second"));
        QCOMPARE(m_cases->diagnosed(shared, "R-2", unknown(), false), shared);
        QCOMPARE(m_cases->row(shared)["summary"].toString(), "first");
        QCOMPARE(summaryOf("R-2"), "Unknown");
    }

    void theOlderCaseGoesOnWhicheverIsUnderstoodFirst()
    {
        const QString older = stalled("R-1", unknown());
        const QString newer = stalled("R-2", quota("train", "second"));
        QCOMPARE(m_cases->diagnosed(older, "R-1", quota("train", "first"), true), older);
        QCOMPARE(caseOf("R-2"), older);
        QVERIFY(!m_cases->openCase(newer));
        QCOMPARE(m_cases->row(newer)["timeline"].toArray().last()["text"].toString(), "part of " + older);
        QCOMPARE(summaryOf("R-2"), "second");
        const QJsonArray told = m_cases->row(older)["timeline"].toArray();
        QStringList codes;
        for (const QJsonValue& line : told) {
            codes.append(line["code"].toString() + line["rule"].toString());
        }
        QCOMPARE(codes, QStringList({"found", "", "cause namedR10"}));
        m_cases->diagnosed(older, "R-1", unknown(), true);
        QCOMPARE(m_cases->row(older)["timeline"].toArray().last()["code"].toString(), "cause unknown");
    }

    void whatIsBeingMendedIsNotTornApart()
    {
        const QString shared = stalled("R-1", quota("train", "first"));
        stalled("R-2", quota("train", "second"));
        m_cases->setPhase(shared, "carry out", "reset");
        QCOMPARE(m_cases->diagnosed(shared, "R-2", osdsDown("a", {"1"}), false), shared);
        // Nor does a new one join it.
        QVERIFY(stalled("R-3", quota("train", "third")) != shared);
    }

    void everyRunsEvidenceStandsInTheRow()
    {
        const QString id = stalled("R-1", osdsDown("a", {"1"}));
        stalled("R-2", osdsDown("b", {"1"}));
        const QJsonArray byRun = m_cases->row(id)["byRun"].toArray();
        QCOMPARE(byRun.size(), 2);
        QCOMPARE(byRun[1]["run"].toString(), "R-2");
        QCOMPARE(byRun[1]["tasks"].toArray(), QJsonArray{"R-2/copy"});
        QCOMPARE(byRun[1]["rule"].toString(), "R5");
        QCOMPARE(byRun[1]["findings"].toArray().size(), 1);
        QCOMPARE(byRun[1]["findings"][0]["evidence"][0]["entity"].toString(), "vega/object-pg/train/b");
        QCOMPARE(m_cases->rowOf(id, "R-2")["findings"].toArray().size(), 2);
        QCOMPARE(m_cases->rowOf(id, "R-2")["run"].toString(), "R-2");
        QCOMPARE(m_cases->rowOf(id, "R-2")["id"].toString(), id);
        m_cases->detachRun(id, "R-2", "R-2 is done");
        QCOMPARE(m_cases->row(id)["byRun"].toArray().size(), 1);
    }

    void aRowStaysSmallWhateverTheOutageStalls()
    {
        QString id;
        for (int i = 1; i <= 60; ++i) {
            id = stalled(QStringLiteral("R-%1").arg(i), quota("train", "full"));
        }
        QCOMPARE(m_cases->openCount(), 1);
        QCOMPARE(m_cases->row(id)["runs"].toArray().size(), 60);
        QCOMPARE(m_cases->row(id)["byRun"].toArray().size(), 50);
        QCOMPARE(m_cases->rowOf(id, "R-60")["findings"].toArray().size(), 2);
    }

    void anEngineThatStartsAgainKnowsWhichOutageItWas()
    {
        const QString id = stalled("R-1", quota("train", "first"));
        stalled("R-2", quota("train", "second"));
        bool written = false;
        m_database->write([](store::Tx&) { return Result<void>(); }, this,
                          [&written](const Result<void>&) { written = true; });
        QTRY_VERIFY(written);
        makeBook();
        QCOMPARE(summaryOf("R-2"), "second");
        QCOMPARE(stalled("R-3", quota("train", "third")), id);
        QVERIFY(m_cases->diagnosed(id, "R-2", osdsDown("a", {"1"}), false) != id);
    }

    void aLongCaseKeepsHowItBeganAndWhatCameLast()
    {
        QString id;
        for (int i = 0; i < 150; ++i) {
            const QString task = QStringLiteral("t%1").arg(i);
            id = m_cases->openOrJoin("R-1", "R-1/" + task, task);
        }
        const QJsonArray timeline = m_cases->row(id)["timeline"].toArray();
        QCOMPARE(timeline.size(), 100);
        QCOMPARE(timeline.first().toObject()["text"].toString(),
                 "found: t0 made no progress for its deadline");
        QCOMPARE(timeline.last().toObject()["text"].toString(), "t149 does not move either");
        QCOMPARE(timeline[1].toObject()["text"].toString(), "t51 does not move either");
    }

    void aClosedCaseIsNobodys()
    {
        const QString id = stalled("R-1", quota("train", "first"));
        m_cases->close(id, "it moves again");
        QCOMPARE(caseOf("R-1"), QString());
        QVERIFY(!m_cases->openCase(id));
        QCOMPARE(m_cases->openCount(), 0);
        const QString next = stalled("R-1", quota("train", "again"));
        QVERIFY(next != id);
        QVERIFY(stalled("R-2", quota("train", "too")) == next);
        bool written = false;
        m_database->write([](store::Tx&) { return Result<void>(); }, this,
                          [&written](const Result<void>&) { written = true; });
        QTRY_VERIFY(written);
        makeBook();
        QCOMPARE(caseOf("R-1"), next);
    }

    void outageIds()
    {
        QCOMPARE(diagnosis::outageOf(osdsDown("a", {"1", "2"}).toJson()),
                 (QStringList{"vega/osd/1", "vega/osd/2"}));
        QCOMPARE(diagnosis::outageOf(osdsDown("a", {}).toJson()), QStringList{"vega/object-pg/train/a"});
        QCOMPARE(diagnosis::outageOf(caused("R1", {"vega/ceph-pool/train"}, "x").toJson()), QStringList());
        QCOMPARE(diagnosis::outageOf(
                     caused("R1", {"vega/ceph-pool/train"}, "x", {"vega/no-ceph-pool/a"}).toJson()),
                 QStringList{"vega/no-ceph-pool/a"});
        QCOMPARE(diagnosis::outageOf(unknown().toJson()), QStringList());
        QCOMPARE(diagnosis::outageOf({}), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestCaseBook)
#include "tst_case_book.moc"
