#include "diagnosis/outage.h"
#include "patience.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

/// What keeps OSDs away, or idle, and that the remedy is the one that helps.
class TestDiagnosisOsds : public QObject {
    Q_OBJECT

    static Diagnosis tooFew(FakeFacts facts)
    {
        facts.change(kPgId, {{"state", "undersized+peered"}, {"acting", QJsonArray{1}}});
        return diagnose(copyTask("min_size", "hangs"), facts, kNow);
    }

private Q_SLOTS:
    // Too few copies: what helps is what keeps the OSDs away
    void aStartedOsdStaysAwayWhileNoneMayComeUp()
    {
        FakeFacts facts = healthyVega();
        facts.change("vega/osd/2", {{"up", false}, {"in", false}});
        QCOMPARE(tooFew(facts).remedy->steps.size(), 2);
        facts.change("vega/cluster/vega", {{"flags", QJsonArray{"noout", "noup"}}});
        const Diagnosis d = tooFew(facts);
        QCOMPARE(d.remedy->steps.size(), 3);
        QVERIFY2(d.remedy->steps[0].contains("ceph osd unset noup"), qPrintable(d.remedy->steps.join('|')));
        QVERIFY(textOf(d.findings.first()).contains("has the flag noup"));
        facts.age("vega/cluster/vega", kFreshMs + 1);
        QCOMPARE(tooFew(facts).remedy->steps.size(), 2);
    }
    void aRunAndWhatIsSeenWithoutOneAreOneOutage_data()
    {
        QTest::addColumn<QJsonObject>("osd");
        QTest::newRow("down") << QJsonObject{{"up", false}, {"in", false}};
        QTest::newRow("out") << QJsonObject{{"in", false}};
        QTest::newRow("too few for its rule") << QJsonObject();
    }
    void aRunAndWhatIsSeenWithoutOneAreOneOutage()
    {
        QFETCH(QJsonObject, osd);
        FakeFacts facts = healthyVega();
        facts.change("vega/osd/2", osd);
        facts.change("vega/pg-summary/vega", {{"inactive", 5}});
        const Diagnosis run = tooFew(facts);
        QCOMPARE(run.rule, "R5");
        for (const Standing& one : ruleBook().standing(facts, kNow)) {
            if (one.finding.rule == QLatin1String("R5")) {
                QVERIFY(one.finding.verdict == Verdict::Confirmed);
                QVERIFY(sameOutage(outageOf(run.toJson()), outageOf(diagnosisOf(one).toJson())));
                return;
            }
        }
        QFAIL("R5 tells nothing without a run");
    }
    void anOsdThatIsOutIsTakenInAgainAndNotStarted()
    {
        FakeFacts facts = healthyVega();
        facts.change("vega/osd/0", {{"in", false}});
        facts.change("vega/osd/2", {{"in", false}});
        const Diagnosis d = tooFew(facts);
        QCOMPARE(d.rule, QStringLiteral("R5"));
        QVERIFY2(d.summary.contains("Take osd.0 and osd.2 in again"), qPrintable(d.summary));
        QCOMPARE(d.remedy->steps.mid(1, 2), (QStringList{"ceph osd in 0", "ceph osd in 2"}));
        QVERIFY(!d.summary.contains("Start"));
        QCOMPARE(outageOf(d.toJson()), (QStringList{"vega/osd/0", "vega/osd/2"}));
        facts.age("vega/osd/0", kFreshMs + 1);
        QVERIFY(tooFew(facts).summary.contains("Take osd.2 in again"));
    }
    void noOsdIsStartedWhereNoneIsAway()
    {
        const Diagnosis d = tooFew(healthyVega());
        QCOMPARE(d.rule, QStringLiteral("R5"));
        QVERIFY2(!d.summary.contains("Start"), qPrintable(d.summary));
        QVERIFY2(d.remedy->steps.first().contains("ceph osd pool get train crush_rule"),
                 qPrintable(d.remedy->steps.join('|')));
        QVERIFY(textOf(d.findings.first()).contains("No OSD of vega is down or out"));
    }

    // R3
    void aPgThatWaitsForNewerData()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPgId, {{"state", "down"}, {"acting", QJsonArray{0, 1}}, {"minSize", 1}});
        QVERIFY2(diagnose(copyTask("timeout", "hangs"), facts, kNow).verdict == Verdict::Unknown,
                 "no OSD is known to be down");
        facts.change("vega/osd/2", {{"up", false}});
        facts.put("vega", "health-check", "PG_AVAILABILITY", {{"check", "PG_AVAILABILITY"}});
        const Diagnosis d = diagnose(copyTask("timeout", "hangs"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R3"));
        QVERIFY2(d.summary.contains("Start osd.2"), qPrintable(d.summary));
        QCOMPARE(outageOf(d.toJson()), QStringList{"vega/osd/2"});
        QCOMPARE(d.chain.at(2).kind, QStringLiteral("pg"));
        QVERIFY2(findingOf(d, "R0").rule.isEmpty(), "the alert is part of the cause");
        QVERIFY2(findingOf(diagnose(copyTask("lock", "locked"), facts, kNow), "R3").rule.isEmpty(),
                 "it does not hang");
        facts.change(kPgId, {{"state", "incomplete"}});
        QVERIFY(diagnose(copyTask("timeout", "hangs"), facts, kNow).verdict == Verdict::Unknown);
        // Too few copies is what can be told first.
        facts.change(kPgId, {{"state", "down"}, {"acting", QJsonArray{0}}, {"minSize", 2}});
        QCOMPARE(diagnose(copyTask("timeout", "hangs"), facts, kNow).rule, QStringLiteral("R5"));
    }

    // A flag that pauses
    void aFlagPausesWhatItStops_data()
    {
        QTest::addColumn<QStringList>("flags");
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("op");
        QTest::addColumn<QString>("verdict");
        const QStringList both{"pauserd", "pausewr"};
        QTest::newRow("a write") << both << "timeout"
                                 << "write"
                                 << "confirmed";
        QTest::newRow("a read") << both << "timeout"
                                << "read"
                                << "confirmed";
        QTest::newRow("a listing") << both << "timeout"
                                   << "list"
                                   << "confirmed";
        QTest::newRow("something else") << both << "timeout"
                                        << "commit"
                                        << "confirmed";
        QTest::newRow("writes, a write") << QStringList{"pausewr"} << "timeout"
                                         << "write"
                                         << "confirmed";
        QTest::newRow("writes, a read") << QStringList{"pausewr"} << "timeout"
                                        << "read"
                                        << "refuted";
        QTest::newRow("reads, a write") << QStringList{"pauserd"} << "timeout"
                                        << "write"
                                        << "refuted";
        QTest::newRow("reads, a read") << QStringList{"noup", "pauserd"} << "timeout"
                                       << "look"
                                       << "confirmed";
        QTest::newRow("one, something else") << QStringList{"pauserd"} << "timeout"
                                             << "commit"
                                             << "unknown";
        QTest::newRow("it waits for a lock") << both << "lock"
                                             << "look"
                                             << "unknown";
        QTest::newRow("nothing is said") << both << ""
                                         << ""
                                         << "unknown";
        QTest::newRow("another flag") << QStringList{"noup", "noout"} << "timeout"
                                      << "write"
                                      << "";
    }
    void aFlagPausesWhatItStops()
    {
        QFETCH(QStringList, flags);
        QFETCH(QString, what);
        QFETCH(QString, op);
        QFETCH(QString, verdict);
        FakeFacts facts = healthyVega();
        facts.change("vega/cluster/vega", {{"flags", QJsonArray::fromStringList(flags)}});
        TaskView task = copyTask(what, "hangs");
        if (!what.isEmpty()) {
            task.blocked["op"] = op;
        }
        const Diagnosis d = diagnose(task, facts, kNow);
        const Finding finding = findingOf(d, "R16");
        QCOMPARE(finding.rule.isEmpty() ? QString() : toString(finding.verdict), verdict);
        QCOMPARE(d.rule, verdict == "confirmed" ? QStringLiteral("R16") : QString());
        QCOMPARE(outageOf(d.toJson()),
                 verdict == "confirmed" ? QStringList{"vega/cluster/vega"} : QStringList());
        facts.age("vega/cluster/vega", kFreshMs + 1);
        QVERIFY(findingOf(diagnose(task, facts, kNow), "R16").rule.isEmpty());
    }
    void aFlagOfAnotherClusterPausesNothingHere()
    {
        FakeFacts facts = healthyVega();
        facts.put("atlas", "cluster", "atlas", {{"flags", QJsonArray{"pauserd", "pausewr"}}});
        QVERIFY(findingOf(diagnose(copyTask("timeout", "hangs"), facts, kNow), "R16").rule.isEmpty());
        TaskView reads = copyTask("connect", "");
        reads.kind = "verify";
        reads.onlyReads = true;
        facts.change("vega/cluster/vega", {{"flags", QJsonArray{"pausewr"}}});
        QVERIFY(findingOf(diagnose(reads, facts, kNow), "R16").verdict == Verdict::Refuted);
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisOsds)
#include "tst_diagnosis_osds.moc"
