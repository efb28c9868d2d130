#include <QtCore/QJsonArray>

#include "ceph/quorum.h"
#include "ceph_fixtures.h"
#include "patience.h"

using namespace sluice::ceph;

namespace {

QuorumEvidence labEvidence(const QString& state)
{
    const QJsonObject status = cephJson(QStringLiteral("quorum_status.") + state);
    QuorumEvidence evidence{.monmap = monmapFromJson(status["monmap"].toObject()), .quorumStatus = status};
    for (const MonEntry& mon : evidence.monmap) {
        evidence.answers.insert(mon.name, {.answers = true, .probeMs = 1});
    }
    return evidence;
}

MonAnswer refused()
{
    return {.refused = true, .error = QStringLiteral("Connection refused")};
}

Fact factOf(const QList<Fact>& facts, const QString& kind, const QString& name)
{
    for (const Fact& fact : facts) {
        if (fact.kind == kind && fact.name == name) {
            return fact;
        }
    }
    return {};
}

}  // namespace

class TestCephQuorum : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void healthy();
    void oneDown();
    void majorityRefusesWhileSurvivorStillBelieves();
    void silenceIsNotRefusal();
    void statusWithoutQuorum();
    void pingsWithoutSession();
    void pingsWithoutQuorum();
    void halfOfAnEvenNumberIsNoMajority();
    void whoElectsIsInNoQuorum();
    void theLatestElectionCounts_data();
    void theLatestElectionCounts();
    void nobodyAnswers();
    void nothingKnown();
};

void TestCephQuorum::healthy()
{
    const QuorumEvidence evidence = labEvidence(QStringLiteral("healthy"));
    const QuorumView view = judgeQuorum(evidence);
    QVERIFY(view.quorate);
    QCOMPARE(view.total, 3);
    QCOMPARE(view.needed, 2);
    QCOMPARE(view.leader, QStringLiteral("a"));
    QVERIFY(view.outside.isEmpty());
    const QList<Fact> facts =
        quorumFacts(QStringLiteral("vega"), evidence, view, QStringLiteral("2026-01-01T00:00:00.000Z"));
    QCOMPARE(facts.size(), 4);
    const Fact quorum = factOf(facts, QStringLiteral("mon-quorum"), QStringLiteral("vega"));
    QCOMPARE(quorum.facts["quorate"].toBool(), true);
    QVERIFY(!quorum.facts.contains("lostSince"));
    QVERIFY(quorum.facts["quorumAgeS"].toInt() > 0);
    const Fact leader = factOf(facts, QStringLiteral("mon"), QStringLiteral("a"));
    QCOMPARE(leader.facts["state"].toString(), QStringLiteral("leader"));
    QCOMPARE(leader.facts["addrV1"].toString(), QStringLiteral("127.0.0.1:31283"));
    QCOMPARE(factOf(facts, QStringLiteral("mon"), QStringLiteral("c")).facts["state"].toString(),
             QStringLiteral("peon"));
}

void TestCephQuorum::oneDown()
{
    QuorumEvidence evidence = labEvidence(QStringLiteral("degraded"));
    evidence.answers[QStringLiteral("c")] = refused();
    const QuorumView view = judgeQuorum(evidence);
    QVERIFY(view.quorate);
    QCOMPARE(view.inQuorum, (QStringList{"a", "b"}));
    QCOMPARE(view.outside, QStringList{"c"});
    QCOMPARE(view.absent, QStringList{"c"});
    const Fact gone = factOf(quorumFacts(QStringLiteral("vega"), evidence, view, {}), QStringLiteral("mon"),
                             QStringLiteral("c"));
    QCOMPARE(gone.facts["state"].toString(), QStringLiteral("no answer"));
    QCOMPARE(gone.facts["inQuorum"].toBool(), false);
    QCOMPARE(gone.facts["error"].toString(), QStringLiteral("Connection refused"));
}

void TestCephQuorum::majorityRefusesWhileSurvivorStillBelieves()
{
    // In the first seconds the survivor answers as if nothing had happened.
    QuorumEvidence evidence = labEvidence(QStringLiteral("healthy"));
    evidence.answers[QStringLiteral("b")] = refused();
    evidence.answers[QStringLiteral("c")] = refused();
    const QuorumView view = judgeQuorum(evidence);
    QVERIFY(!view.quorate);
    QVERIFY(view.inQuorum.isEmpty());
    QCOMPARE(view.absent, (QStringList{"b", "c"}));
    QVERIFY(view.why.contains(QLatin1String("b, c")));
    const QList<Fact> facts =
        quorumFacts(QStringLiteral("vega"), evidence, view, QStringLiteral("2026-01-01T00:00:00.000Z"));
    const Fact quorum = factOf(facts, QStringLiteral("mon-quorum"), QStringLiteral("vega"));
    QCOMPARE(quorum.facts["lostSince"].toString(), QStringLiteral("2026-01-01T00:00:00.000Z"));
    QCOMPARE(quorum.facts["leader"].toString(), QString());
    QCOMPARE(factOf(facts, QStringLiteral("mon"), QStringLiteral("a")).facts["answers"].toBool(), true);
    QCOMPARE(factOf(facts, QStringLiteral("mon"), QStringLiteral("a")).facts["inQuorum"].toBool(), false);
}

void TestCephQuorum::silenceIsNotRefusal()
{
    QuorumEvidence evidence = labEvidence(QStringLiteral("healthy"));
    evidence.answers[QStringLiteral("b")] = {.error = QStringLiteral("no answer in time")};
    evidence.answers[QStringLiteral("c")] = {.error = QStringLiteral("no answer in time")};
    const QuorumView view = judgeQuorum(evidence);
    QVERIFY2(view.quorate, "our network may be at fault; the monitors' own word counts");
    QCOMPARE(view.absent, (QStringList{"b", "c"}));
}

void TestCephQuorum::statusWithoutQuorum()
{
    QuorumEvidence evidence = labEvidence(QStringLiteral("healthy"));
    evidence.quorumStatus = cephJson(QStringLiteral("status.noquorum"));
    const QuorumView view = judgeQuorum(evidence);
    QVERIFY(!view.quorate);
    QCOMPARE(view.outside, (QStringList{"a", "b", "c"}));
    QCOMPARE(view.ageS, 0);
}

void TestCephQuorum::pingsWithoutSession()
{
    QuorumEvidence evidence = labEvidence(QStringLiteral("healthy"));
    evidence.quorumStatus.reset();
    QJsonObject status = cephJson(QStringLiteral("ping.noquorum"))["mon_status"].toObject();
    status["state"] = QStringLiteral("peon");
    status["quorum"] = QJsonArray{0, 2};
    evidence.answers[QStringLiteral("a")].monStatus = status;
    const QuorumView view = judgeQuorum(evidence);
    QVERIFY(view.quorate);
    QCOMPARE(view.inQuorum, (QStringList{"a", "c"}));
    QCOMPARE(view.outside, QStringList{"b"});
}

void TestCephQuorum::pingsWithoutQuorum()
{
    QuorumEvidence evidence = labEvidence(QStringLiteral("healthy"));
    evidence.quorumStatus.reset();
    const QJsonObject status = cephJson(QStringLiteral("ping.noquorum"))["mon_status"].toObject();
    evidence.answers[QStringLiteral("a")].monStatus = status;
    const QuorumView view = judgeQuorum(evidence);
    QVERIFY(!view.quorate);
    const QList<Fact> facts = quorumFacts(QStringLiteral("vega"), evidence, view, {});
    QCOMPARE(factOf(facts, QStringLiteral("mon"), QStringLiteral("a")).facts["state"].toString(),
             QStringLiteral("probing"));
    QCOMPARE(factOf(facts, QStringLiteral("mon"), QStringLiteral("b")).facts["state"].toString(),
             QStringLiteral("unknown"));
    QCOMPARE(factOf(facts, QStringLiteral("mon-quorum"), QStringLiteral("vega")).source,
             QStringLiteral("monitor probes"));
}

namespace {

/// Monitors that only answer pings; what they answer is set by inQuorum().
QuorumEvidence pinged(int mons)
{
    QuorumEvidence evidence;
    for (int rank = 0; rank < mons; ++rank) {
        const QString name(QChar('a' + rank));
        evidence.monmap.append({.name = name, .rank = rank});
        evidence.answers.insert(name, {.answers = true});
    }
    return evidence;
}

/// Monitor `name` says that these ranks are in quorum with it since that election.
void inQuorum(QuorumEvidence& evidence, const QString& name, const QJsonArray& ranks, qint64 epoch)
{
    QJsonArray mons;
    for (const MonEntry& mon : evidence.monmap) {
        mons.append(QJsonObject{{"name", mon.name}, {"rank", mon.rank}});
    }
    evidence.answers[name].monStatus = {{"state", "peon"},
                                        {"election_epoch", epoch},
                                        {"quorum", ranks},
                                        {"monmap", QJsonObject{{"mons", mons}}}};
}

}  // namespace

void TestCephQuorum::halfOfAnEvenNumberIsNoMajority()
{
    QuorumEvidence evidence = pinged(4);
    inQuorum(evidence, "a", {0, 1}, 8);
    inQuorum(evidence, "b", {0, 1}, 8);
    QuorumView view = judgeQuorum(evidence);
    QCOMPARE(view.needed, 3);
    QVERIFY(!view.quorate);
    QVERIFY(view.inQuorum.isEmpty());
    inQuorum(evidence, "a", {0, 1, 2}, 8);
    view = judgeQuorum(evidence);
    QVERIFY(view.quorate);
    QCOMPARE(view.outside, QStringList{"d"});
    // Two that refuse leave too few, whatever one that is left believes.
    evidence.answers["c"] = refused();
    QVERIFY(judgeQuorum(evidence).quorate);
    evidence.answers["d"] = refused();
    QVERIFY(!judgeQuorum(evidence).quorate);
}

void TestCephQuorum::whoElectsIsInNoQuorum()
{
    QuorumEvidence evidence = pinged(3);
    inQuorum(evidence, "a", {0, 1, 2}, 8);
    for (const char* state : {"probing", "synchronizing", "electing", "shutdown"}) {
        evidence.answers["a"].monStatus["state"] = state;
        QVERIFY2(!judgeQuorum(evidence).quorate, state);
    }
    for (const char* state : {"leader", "peon"}) {
        evidence.answers["a"].monStatus["state"] = state;
        QVERIFY2(judgeQuorum(evidence).quorate, state);
    }
}

void TestCephQuorum::theLatestElectionCounts_data()
{
    QTest::addColumn<QString>("late");
    QTest::addColumn<QString>("early");
    QTest::newRow("the first of them knows it") << "a"
                                                << "c";
    QTest::newRow("the last of them knows it") << "c"
                                               << "a";
}

void TestCephQuorum::theLatestElectionCounts()
{
    QFETCH(QString, late);
    QFETCH(QString, early);
    QuorumEvidence evidence = pinged(3);
    inQuorum(evidence, early, {0, 1, 2}, 10);
    inQuorum(evidence, late, {0, 2}, 12);
    const QuorumView view = judgeQuorum(evidence);
    QVERIFY(view.quorate);
    QCOMPARE(view.electionEpoch, 12);
    QCOMPARE(view.inQuorum, (QStringList{"a", "c"}));
    QCOMPARE(view.outside, QStringList{"b"});
}

void TestCephQuorum::nobodyAnswers()
{
    QuorumEvidence evidence = labEvidence(QStringLiteral("healthy"));
    evidence.quorumStatus.reset();
    evidence.answers.clear();
    const QuorumView view = judgeQuorum(evidence);
    QVERIFY(!view.quorate);
    QCOMPARE(view.absent.size(), 3);
    QCOMPARE(view.why, QStringLiteral("no monitor answers"));
}

void TestCephQuorum::nothingKnown()
{
    const QuorumView view = judgeQuorum({});
    QVERIFY(!view.quorate);
    QCOMPARE(view.total, 0);
    QCOMPARE(quorumFacts(QStringLiteral("vega"), {}, view, {}).size(), 1);
}

QTEST_GUILESS_MAIN(TestCephQuorum)
#include "tst_ceph_quorum.moc"
