
#include "diagnosis/health_words.h"
#include "patience.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
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
