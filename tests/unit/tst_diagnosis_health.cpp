
#include "patience.h"
#include "systems/ceph/rules/health_words.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::systems::ceph;
using namespace sluice::diagnosis::test;

class TestDiagnosisHealth : public QObject {
    Q_OBJECT

private:
    static QStringList words(const FakeFacts& facts)
    {
        const HealthWords health = healthWords(facts, "vega", kNow);
        return {health.availability.word, health.redundancy.word, health.posture.word};
    }
    static QString whys(const FakeFacts& facts)
    {
        const HealthWords health = healthWords(facts, "vega", kNow);
        return health.availability.why + '\n' + health.redundancy.why + '\n' + health.posture.why;
    }

private Q_SLOTS:
    void atRest() { QCOMPARE(words(healthyVega()), (QStringList{"available", "full", "in order"})); }

    void nothingKnown()
    {
        QCOMPARE(words(FakeFacts()), (QStringList{"unknown", "unknown", "unknown"}));
        QVERIFY(whys(FakeFacts()).contains("not read yet"));
    }
    void oldFactsGiveNoGoodWord()
    {
        FakeFacts facts = healthyVega();
        facts.ageAll(kFreshMs);
        QCOMPARE(words(facts), (QStringList{"unknown", "unknown", "unknown"}));
        QVERIFY(whys(facts).contains("last read 15 s ago"));
    }
    void quorumLost()
    {
        FakeFacts facts = healthyVega();
        facts.ageAll(40'000);
        facts.put("vega", "mon-quorum", "vega", {{"quorate", false}});
        facts.put("vega", "cluster", "vega", {{"health", "HEALTH_OK"}, {"healthBelieved", false}});
        QCOMPARE(words(facts), (QStringList{"partly", "unknown", "unknown"}));
        QVERIFY(whys(facts).contains("sessions that exist go on"));
        QVERIFY(whys(facts).contains("last read 40 s ago"));
    }
    void inactivePgs()
    {
        FakeFacts facts = healthyVega();
        facts.change("vega/pg-summary/vega", {{"inactive", 3}, {"undersized", 20}});
        QCOMPARE(words(facts).at(0), QStringLiteral("partly"));
        QVERIFY(whys(facts).contains("3 of 64 PGs are not active"));
        facts.change("vega/pg-summary/vega", {{"inactive", 64}});
        QCOMPARE(words(facts).at(0), QStringLiteral("unavailable"));
    }
    void noOsdUp()
    {
        FakeFacts facts = healthyVega();
        facts.change("vega/cluster/vega", {{"osdsUp", 0}});
        QCOMPARE(words(facts).at(0), QStringLiteral("unavailable"));
    }
    void pausedByFlag()
    {
        FakeFacts facts = healthyVega();
        facts.change("vega/cluster/vega", {{"flags", QJsonArray{"noout", "pausewr"}}});
        QCOMPARE(words(facts).at(0), QStringLiteral("partly"));
        QVERIFY(whys(facts).contains("flag pausewr is set"));
    }
    void fullCephPool()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"full", true}, {"fullQuota", true}});
        QCOMPARE(words(facts).at(0), QStringLiteral("partly"));
        QVERIFY(whys(facts).contains("Ceph pool train is at its quota"));
    }
    void redundancyWords_data()
    {
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("osdsDown");
        QTest::addColumn<int>("undersized");
        QTest::addColumn<int>("degraded");
        QTest::addColumn<int>("unfound");
        QTest::addColumn<QString>("word");
        QTest::newRow("three, one down") << 3 << 1 << 10 << 100 << 0 << "reduced";
        QTest::newRow("three, two down") << 3 << 2 << 10 << 100 << 0 << "none left";
        QTest::newRow("two, one down") << 2 << 1 << 10 << 100 << 0 << "none left";
        QTest::newRow("three, catching up") << 3 << 0 << 0 << 5 << 0 << "reduced";
        QTest::newRow("two, catching up") << 2 << 0 << 0 << 5 << 0 << "none left";
        QTest::newRow("unfound") << 3 << 0 << 0 << 5 << 1 << "lost";
        QTest::newRow("one copy by design") << 1 << 0 << 0 << 0 << 0 << "single";
        QTest::newRow("osd down, nothing on it") << 2 << 1 << 0 << 0 << 0 << "full";
    }
    void redundancyWords()
    {
        QFETCH(int, size);
        QFETCH(int, osdsDown);
        QFETCH(int, undersized);
        QFETCH(int, degraded);
        QFETCH(int, unfound);
        QFETCH(QString, word);
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"size", size}});
        facts.change("vega/ceph-pool/landing", {{"size", size}});
        for (int osd = 0; osd < osdsDown; ++osd) {
            facts.change(QStringLiteral("vega/osd/%1").arg(osd), {{"up", false}});
        }
        facts.change(
            "vega/pg-summary/vega",
            {{"undersized", undersized}, {"degradedObjects", degraded}, {"unfoundObjects", unfound}});
        QCOMPARE(words(facts).at(1), word);
    }
    void internalCephPoolsDoNotCount()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "ceph-pool", ".mgr", {{"size", 1}, {"internal", true}});
        QCOMPARE(words(facts).at(1), QStringLiteral("full"));
    }
    void stalePgsAreNotAvailable()
    {
        FakeFacts facts = healthyVega();
        facts.change("vega/pg-summary/vega", {{"byState", QJsonObject{{"stale+active+clean", 64}}}});
        QCOMPARE(words(facts), (QStringList{"unavailable", "none left", "urgent"}));
        QVERIFY2(whys(facts).contains("64 stale: every OSD that held them is gone"), qPrintable(whys(facts)));
        facts.change(
            "vega/pg-summary/vega",
            {{"byState", QJsonObject{{"active+clean", 56}, {"stale+active+undersized+degraded", 8}}}});
        QCOMPARE(words(facts), (QStringList{"partly", "none left", "to fix"}));
        QVERIFY2(whys(facts).contains("8 of 64 PGs are not active"), qPrintable(whys(facts)));
    }
    void erasureCodesEndureTheirCodingChunks_data()
    {
        QTest::addColumn<int>("k");
        QTest::addColumn<int>("m");
        QTest::addColumn<int>("osdsDown");
        QTest::addColumn<QString>("word");
        QTest::newRow("2+1 at rest") << 2 << 1 << 0 << "full";
        QTest::newRow("2+1, one down") << 2 << 1 << 1 << "none left";
        QTest::newRow("2+2, one down") << 2 << 2 << 1 << "reduced";
        QTest::newRow("2+2, two down") << 2 << 2 << 2 << "none left";
        QTest::newRow("4+2, one down") << 4 << 2 << 1 << "reduced";
        QTest::newRow("8+3, two down") << 8 << 3 << 2 << "reduced";
        QTest::newRow("no coding at all") << 2 << 0 << 0 << "single";
    }
    void erasureCodesEndureTheirCodingChunks()
    {
        QFETCH(int, k);
        QFETCH(int, m);
        QFETCH(int, osdsDown);
        QFETCH(QString, word);
        FakeFacts facts = healthyVega();
        facts.drop("vega/ceph-pool/landing");
        facts.change(kPool, {{"size", k + m}, {"dataChunks", k}});
        for (int osd = 0; osd < osdsDown; ++osd) {
            facts.change(QStringLiteral("vega/osd/%1").arg(osd), {{"up", false}});
        }
        facts.change("vega/pg-summary/vega", {{"undersized", osdsDown > 0 ? 8 : 0}});
        QCOMPARE(words(facts).at(1), word);
    }
    void theCephPoolThatEnduresLeastCounts()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"size", 3}, {"dataChunks", 2}});
        facts.change("vega/ceph-pool/landing", {{"size", 4}});
        facts.change("vega/osd/0", {{"up", false}});
        facts.change("vega/pg-summary/vega", {{"undersized", 8}});
        QCOMPARE(words(facts).at(1), QStringLiteral("none left"));
        facts.change(kPool, {{"size", 1}, {"dataChunks", 1}});
        QCOMPARE(words(facts).at(1), QStringLiteral("none left"));
        facts.change(kPool, {{"size", 3}});
        QCOMPARE(words(facts).at(1), QStringLiteral("reduced"));
    }
    void aSingleCopyThatIsGoneIsUnavailable()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"size", 1}, {"pgNum", 2}, {"poolId", 5}});
        facts.change("vega/osd/1", {{"up", false}});
        facts.change("vega/pg-summary/vega",
                     {{"byState", QJsonObject{{"active+clean", 62}, {"stale+active+clean", 2}}}});
        facts.put("vega", "health-check", "PG_AVAILABILITY",
                  {{"check", "PG_AVAILABILITY"},
                   {"severity", "HEALTH_WARN"},
                   {"detail",
                    QJsonArray{
                        "pg 5.0 is stuck stale for 9s, current state stale+active+clean, last acting [1]",
                        "pg 5.1 is stuck stale for 9s, current state stale+active+clean, last acting [1]"}}});
        QCOMPARE(words(facts), (QStringList{"partly", "none left", "to fix"}));
        QVERIFY2(whys(facts).contains("Ceph pool train is unavailable"), qPrintable(whys(facts)));
        facts.change(kPool, {{"pgNum", 3}});
        QVERIFY2(!whys(facts).contains("Ceph pool train is unavailable"), qPrintable(whys(facts)));
    }
    void unavailableIsNeverInOrder_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QJsonObject>("changes");
        QTest::addColumn<QString>("availability");
        QTest::addColumn<QString>("posture");
        const QString pgs = QStringLiteral("vega/pg-summary/vega");
        QTest::newRow("all inactive") << pgs << QJsonObject{{"inactive", 64}} << "unavailable"
                                      << "urgent";
        QTest::newRow("some inactive") << pgs << QJsonObject{{"inactive", 3}} << "partly"
                                       << "to fix";
        QTest::newRow("no OSD up") << "vega/cluster/vega" << QJsonObject{{"osdsUp", 0}} << "unavailable"
                                   << "urgent";
        QTest::newRow("no OSD up and no manager")
            << "vega/cluster/vega" << QJsonObject{{"osdsUp", 0}, {"mgrAvailable", false}} << "unavailable"
            << "urgent";
        QTest::newRow("at its quota") << kPool << QJsonObject{{"fullQuota", true}} << "partly"
                                      << "to fix";
    }
    void unavailableIsNeverInOrder()
    {
        QFETCH(QString, id);
        QFETCH(QJsonObject, changes);
        QFETCH(QString, availability);
        QFETCH(QString, posture);
        FakeFacts facts = healthyVega();
        facts.change(id, changes);
        const HealthWords health = healthWords(facts, "vega", kNow);
        QCOMPARE(health.availability.word, availability);
        QCOMPARE(health.posture.word, posture);
        QCOMPARE(health.posture.count, 1);
        QCOMPARE(health.posture.why, health.availability.why);
    }
    void whatTheChecksSayStandsBesideIt()
    {
        FakeFacts facts = healthyVega();
        facts.change("vega/pg-summary/vega", {{"inactive", 64}});
        facts.put("vega", "health-check", "A", {{"check", "A"}, {"severity", "HEALTH_WARN"}});
        const HealthWord posture = healthWords(facts, "vega", kNow).posture;
        QCOMPARE(posture.word, QStringLiteral("urgent"));
        QVERIFY2(posture.why.endsWith("; A"), qPrintable(posture.why));
    }
    void noManagerMeansOldFigures()
    {
        FakeFacts facts = healthyVega();
        facts.change("vega/cluster/vega", {{"mgrAvailable", false}});
        facts.put("vega", "health-check", "MGR_DOWN", {{"check", "MGR_DOWN"}, {"severity", "HEALTH_WARN"}});
        QCOMPARE(words(facts), (QStringList{"unknown", "unknown", "to fix"}));
        QVERIFY(whys(facts).contains("No active manager"));
    }
    void oldPgSummaryAlone()
    {
        FakeFacts facts = healthyVega();
        facts.age("vega/pg-summary/vega", kFreshMs);
        QCOMPARE(words(facts), (QStringList{"unknown", "unknown", "in order"}));
    }
    void postureCountsAndNames()
    {
        FakeFacts facts = healthyVega();
        for (const QString& check : QStringList{"A", "B", "C", "D"}) {
            facts.put("vega", "health-check", check, {{"check", check}, {"severity", "HEALTH_WARN"}});
        }
        facts.put("atlas", "health-check", "E", {{"check", "E"}, {"severity", "HEALTH_ERR"}});
        const HealthWord posture = healthWords(facts, "vega", kNow).posture;
        QCOMPARE(posture.word, QStringLiteral("to fix"));
        QCOMPARE(posture.count, 4);
        QCOMPARE(posture.why, QStringLiteral("A, B, C and 1 more"));
        facts.change("vega/health-check/A", {{"severity", "HEALTH_ERR"}});
        QCOMPARE(healthWords(facts, "vega", kNow).posture.word, QStringLiteral("urgent"));
        facts.change("vega/health-check/A", {{"muted", true}});
        QCOMPARE(healthWords(facts, "vega", kNow).posture.word, QStringLiteral("to fix"));
        QCOMPARE(healthWords(facts, "vega", kNow).posture.count, 3);
    }
    void twoOfThreeMonitorsIsUrgent()
    {
        FakeFacts facts = healthyVega();
        facts.change(kQuorum, {{"inQuorum", QJsonArray{"a", "b"}}});
        const HealthWord posture = healthWords(facts, "vega", kNow).posture;
        QCOMPARE(posture.word, QStringLiteral("urgent"));
        QCOMPARE(posture.count, 1);
        QVERIFY(posture.why.contains("one more lost monitor ends the quorum"));
    }
    void json()
    {
        const QJsonObject json = healthWords(healthyVega(), "vega", kNow).toJson();
        QCOMPARE(json.keys(), (QStringList{"availability", "posture", "redundancy"}));
        QCOMPARE(json["posture"].toObject().keys(), (QStringList{"count", "why", "word"}));
        QCOMPARE(json["availability"].toObject().keys(), (QStringList{"why", "word"}));
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisHealth)
#include "tst_diagnosis_health.moc"
