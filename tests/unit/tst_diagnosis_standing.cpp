#include "patience.h"

#include "tests/unit/diagnosis_scene.h"

using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

namespace {

const QString kPgs = QStringLiteral("vega/pg-summary/vega");
const QString kGateway = QStringLiteral("rgw.vega/gateway/rgw.vega");

FakeFacts healthy()
{
    FakeFacts facts = healthyVega();
    facts.put("rgw.vega", "gateway", "rgw.vega",
              {{"answers", true},
               {"alive", true},
               {"status", 0},
               {"cluster", "vega"},
               {"endpoint", "http://10.0.0.9:8000"}});
    return facts;
}

QList<Standing> standing(const FakeFacts& facts)
{
    return ruleBook().standing(facts, kNow);
}

Standing about(const FakeFacts& facts, const QString& subject)
{
    for (const Standing& one : standing(facts)) {
        if (one.finding.broken.value(0) == subject) {
            return one;
        }
    }
    return {};
}

QStringList brokenIn(const FakeFacts& facts)
{
    QStringList subjects;
    for (const Standing& one : standing(facts)) {
        if (one.finding.verdict == Verdict::Confirmed) {
            subjects.append(one.finding.broken.first());
        }
    }
    return subjects;
}

void loseMonitors(FakeFacts& facts, const QStringList& silent,
                  const QString& fault = QStringLiteral("refused"))
{
    facts.change(
        kQuorum,
        {{"quorate", false}, {"inQuorum", QJsonArray{}}, {"lostSince", sluice::toRfc3339(kNow - 60'000)}});
    for (const QString& mon : silent) {
        facts.change("vega/mon/" + mon,
                     {{"answers", false}, {"fault", fault}, {"addrV2", "v2:10.0.0.7:3300"}});
    }
}

}  // namespace

/// What is broken is seen without a task, from fresh facts alone.
class TestDiagnosisStanding : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aHealthyClusterHasNothing()
    {
        const QList<Standing> all = standing(healthy());
        QCOMPARE(brokenIn(healthy()), QStringList());
        QStringList subjects;
        for (const Standing& one : all) {
            QVERIFY2(one.finding.verdict == Verdict::Refuted, qPrintable(one.finding.broken.value(0)));
            QVERIFY(!one.finding.evidence.isEmpty());
            subjects.append(one.finding.broken.first());
        }
        subjects.sort();
        QCOMPARE(subjects,
                 (QStringList{kGateway, "vega/ceph-pool/landing", "vega/ceph-pool/train", "vega/cluster/vega",
                              "vega/mgr/vega", kQuorum, "vega/osds-full", kPgs}));
    }

    void oldFactsSayNothing()
    {
        FakeFacts facts = healthy();
        loseMonitors(facts, {"b", "c"});
        facts.change("vega/cluster/vega", {{"mgrAvailable", false}, {"flags", QJsonArray{"pauserd"}}});
        facts.change(kPool, {{"full", true}});
        facts.change(kPgs, {{"inactive", 3}});
        facts.change(kGateway, {{"answers", false}, {"alive", false}});
        QVERIFY(!brokenIn(facts).isEmpty());
        facts.ageAll(kFreshMs + 1);
        for (const Standing& one : standing(facts)) {
            QVERIFY(one.finding.verdict == Verdict::Unknown);
        }
        QVERIFY(standing(FakeFacts()).isEmpty());
    }

    void howManyMonitorsAreEnough_data()
    {
        QTest::addColumn<QStringList>("silent");
        QTest::addColumn<QString>("what");
        QTest::addColumn<QStringList>("commands");
        QTest::newRow("two of three") << QStringList{"b", "c"} << "Start mon.b or mon.c: one is enough"
                                      << QStringList{"systemctl start ceph-mon@b"};
        QTest::newRow("all") << QStringList{"a", "b", "c"} << "Start 2 of mon.a, mon.b and mon.c"
                             << QStringList{"systemctl start ceph-mon@a", "systemctl start ceph-mon@b"};
    }
    void howManyMonitorsAreEnough()
    {
        QFETCH(QStringList, silent);
        QFETCH(QString, what);
        QFETCH(QStringList, commands);
        FakeFacts facts = healthy();
        loseMonitors(facts, silent);
        const Standing one = about(facts, kQuorum);
        QVERIFY(one.finding.verdict == Verdict::Confirmed);
        QCOMPARE(one.finding.title, "No monitor quorum on vega");
        QVERIFY2(one.finding.correction.startsWith(what), qPrintable(one.finding.correction));
        QCOMPARE(one.finding.remedy->commands, commands);
        QVERIFY(one.finding.remedy->steps.join('\n').contains("on 10.0.0.7"));
        QVERIFY(one.afterMs <= 5'000);
        QCOMPARE(one.finding.broken, QStringList{kQuorum});
        QCOMPARE(one.chain.size(), 2);
        // A run that waits for the same suffers from the same outage.
        QCOMPARE(brokenIn(facts), QStringList{kQuorum});
    }

    void aMonitorThatHangsIsRestartedAndOneThatIsGoneFirst()
    {
        FakeFacts facts = healthy();
        loseMonitors(facts, {"b", "c"});
        facts.change("vega/mon/b", {{"fault", "timeout"}});
        QCOMPARE(about(facts, kQuorum).finding.remedy->commands, QStringList{"systemctl start ceph-mon@c"});
        facts.change("vega/mon/c", {{"fault", "timeout"}});
        QCOMPARE(about(facts, kQuorum).finding.remedy->commands, QStringList{"systemctl restart ceph-mon@b"});
    }

    /// An election passes by itself.
    void monitorsThatAnswerMayBeElecting()
    {
        FakeFacts facts = healthy();
        loseMonitors(facts, {"c"});
        const Standing one = about(facts, kQuorum);
        QVERIFY(one.finding.verdict == Verdict::Confirmed);
        QVERIFY(one.afterMs >= 20'000);
        QVERIFY(one.finding.remedy->commands.isEmpty());
        QVERIFY2(one.finding.correction.contains("clocks"), qPrintable(one.finding.correction));
        facts.change(kQuorum, {{"total", 0}});
        QVERIFY(about(facts, kQuorum).finding.verdict == Verdict::Unknown);
    }

    void whatIsBroken_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QJsonObject>("change");
        QTest::addColumn<QString>("subject");
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("command");
        QTest::newRow("full OSDs") << kPool << QJsonObject{{"full", true}} << "vega/osds-full"
                                   << "R9"
                                   << "ceph osd df tree";
        QTest::newRow("a Ceph pool at its quota")
            << kPool << QJsonObject{{"full", true}, {"fullQuota", true}, {"quotaBytes", 600}} << kPool
            << "R10"
            << "ceph osd pool set-quota train max_bytes <more>";
        QTest::newRow("reads paused")
            << "vega/cluster/vega" << QJsonObject{{"flags", QJsonArray{"noout", "pauserd"}}}
            << "vega/cluster/vega"
            << "R16"
            << "ceph osd unset pause";
        QTest::newRow("writes paused")
            << "vega/cluster/vega" << QJsonObject{{"flags", QJsonArray{"pausewr"}}} << "vega/cluster/vega"
            << "R16"
            << "ceph osd unset pause";
        QTest::newRow("no manager") << "vega/cluster/vega"
                                    << QJsonObject{{"mgrAvailable", false}, {"mgrName", "x"}}
                                    << "vega/mgr/vega"
                                    << "R63"
                                    << "systemctl restart ceph-mgr@x";
        QTest::newRow("inactive PGs") << kPgs << QJsonObject{{"inactive", 5}} << kPgs << "R5"
                                      << "ceph pg dump_stuck inactive";
        QTest::newRow("stale PGs") << kPgs
                                   << QJsonObject{{"byState", QJsonObject{{"stale+active+clean", 64}}}}
                                   << kPgs << "R5"
                                   << "ceph osd tree";
        QTest::newRow("a dead gateway")
            << kGateway
            << QJsonObject{{"answers", false},
                           {"alive", false},
                           {"error", QJsonObject{{"upstream", QJsonObject{{"system", "http"}, {"code", 7}}}}}}
            << kGateway << "R59"
            << "systemctl start ceph-radosgw.target";
        QTest::newRow("a gateway that hangs")
            << kGateway << QJsonObject{{"answers", false}, {"alive", false}} << kGateway << "R59"
            << "systemctl restart ceph-radosgw.target";
        QTest::newRow("a gateway that fails")
            << kGateway << QJsonObject{{"answers", false}, {"status", 503}} << kGateway << "R59"
            << "systemctl restart ceph-radosgw.target";
    }
    void whatIsBroken()
    {
        QFETCH(QString, id);
        QFETCH(QJsonObject, change);
        QFETCH(QString, subject);
        QFETCH(QString, rule);
        QFETCH(QString, command);
        FakeFacts facts = healthy();
        facts.change(id, change);
        QCOMPARE(brokenIn(facts), QStringList{subject});
        const Standing one = about(facts, subject);
        QCOMPARE(one.finding.rule, rule);
        QVERIFY2(one.finding.remedy->commands.contains(command),
                 qPrintable(one.finding.remedy->commands.join('\n')));
        QVERIFY(!one.finding.evidence.isEmpty());
        QVERIFY(!one.finding.correction.isEmpty());
    }

    void flagsReadBeforeTheQuorumWasLostProveNothing()
    {
        FakeFacts facts = healthy();
        for (const QJsonArray& flags : {QJsonArray{"pausewr"}, QJsonArray{}}) {
            facts.change("vega/cluster/vega", {{"flags", flags}});
            QVERIFY(about(facts, "vega/cluster/vega").finding.verdict != Verdict::Unknown);
            facts.change(kQuorum, {{"quorate", false}});
            QVERIFY(about(facts, "vega/cluster/vega").finding.verdict == Verdict::Unknown);
            facts.change(kQuorum, {{"quorate", true}});
        }
    }

    void flagsThatAreNotKnownProveNothing()
    {
        FakeFacts facts = healthy();
        facts.change("vega/cluster/vega", {{"flags", QJsonValue()}});
        QVERIFY(about(facts, "vega/cluster/vega").finding.verdict == Verdict::Unknown);
    }

    /// It refuses Sluice; whether it serves others is seen by them.
    void aRefusalIsAnAnswer_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("verdict");
        QTest::newRow("ok to others") << 403 << int(Verdict::Refuted);
        QTest::newRow("a redirect") << 301 << int(Verdict::Refuted);
        QTest::newRow("the last") << 499 << int(Verdict::Refuted);
        QTest::newRow("an error of its own") << 500 << int(Verdict::Confirmed);
        QTest::newRow("it only runs") << 0 << int(Verdict::Unknown);
    }
    void aRefusalIsAnAnswer()
    {
        QFETCH(int, status);
        QFETCH(int, verdict);
        FakeFacts facts = healthy();
        facts.change(kGateway, {{"answers", false}, {"status", status}});
        const Standing one = about(facts, kGateway);
        QCOMPARE(int(one.finding.verdict), verdict);
        if (status == 403) {
            QVERIFY(one.finding.evidence.value(0).text.contains("with a refusal: 403"));
        }
    }

    void aGatewayIsGivenTimeToStart()
    {
        FakeFacts facts = healthy();
        facts.change(kGateway, {{"answers", false}, {"alive", false}});
        QVERIFY(about(facts, kGateway).afterMs >= 12'000);
    }

    void oneGatewayOfTwoClustersIsOneOutage()
    {
        FakeFacts facts = healthy();
        const QJsonObject dead{
            {"answers", false}, {"alive", false}, {"endpoint", "http://10.0.0.9:8000"}, {"cluster", "lyra"}};
        facts.put("rgw.lyra", "gateway", "rgw.lyra", dead);
        facts.put("rgw.far", "gateway", "rgw.far",
                  {{"answers", true}, {"endpoint", "http://10.0.0.8:8000"}, {"cluster", "lyra"}});
        // One name answers, so the gateway does.
        QCOMPARE(brokenIn(facts), QStringList());
        facts.change(kGateway, {{"answers", false}, {"alive", false}});
        QCOMPARE(brokenIn(facts), QStringList{"rgw.lyra/gateway/rgw.lyra"});
        const Standing one = about(facts, "rgw.lyra/gateway/rgw.lyra");
        QCOMPARE(one.finding.broken, (QStringList{"rgw.lyra/gateway/rgw.lyra", kGateway}));
        QCOMPARE(one.finding.title, "No service from the gateway rgw.lyra and rgw.vega");
        QVERIFY(one.finding.evidence.last().text.contains("listed by lyra and vega"));
        // Or under one name.
        facts.change(kGateway,
                     {{"endpoint", "http://10.0.0.7:8000"}, {"listedBy", QJsonArray{"vega", "lyra"}}});
        QVERIFY(about(facts, kGateway).finding.evidence.last().text.contains("listed by vega and lyra"));
        QCOMPARE(brokenIn(facts), (QStringList{"rgw.lyra/gateway/rgw.lyra", kGateway}));
    }

    /// A Ceph pool at its quota is no reason for a gateway to fail altogether.
    void onlyWhatTheWholeClusterSuffersFromExcusesAGateway()
    {
        FakeFacts facts = healthy();
        facts.change(kGateway, {{"answers", false}, {"status", 503}});
        facts.change(kPool, {{"full", true}, {"fullQuota", true}});
        QCOMPARE(brokenIn(facts), (QStringList{kPool, kGateway}));
        facts.change("vega/cluster/vega", {{"flags", QJsonArray{"pauserd"}}});
        QVERIFY(about(facts, kGateway).finding.verdict == Verdict::Unknown);
    }

    void downOsdsAreNamedWithWhatTheyHoldUp()
    {
        FakeFacts facts = healthy();
        facts.change("vega/osd/1", {{"up", false}});
        QCOMPARE(brokenIn(facts), QStringList());
        facts.change(kPgs, {{"inactive", 5}});
        const Standing one = about(facts, kPgs);
        QCOMPARE(one.finding.broken, (QStringList{kPgs, "vega/osd/1"}));
        QCOMPARE(one.finding.remedy->commands, QStringList{"systemctl start ceph-osd@1"});
        QVERIFY(one.afterMs > 10'000);
        // Started alone it would not be let in.
        facts.change("vega/cluster/vega", {{"flags", QJsonArray{"noup"}}});
        QCOMPARE(about(facts, kPgs).finding.remedy->commands,
                 (QStringList{"ceph osd unset noup", "systemctl start ceph-osd@1"}));
        facts.change("vega/osd/1", {{"up", true}});
        QVERIFY(!about(facts, kPgs).finding.remedy->commands.contains("ceph osd unset noup"));
    }

    /// A run that waits there tells of one of these.
    void whereNoOsdIsDownThoseThatAreOutOrTheCephPoolsAreBroken()
    {
        FakeFacts facts = healthy();
        facts.change(kPgs, {{"inactive", 5}});
        QCOMPARE(about(facts, kPgs).finding.broken,
                 (QStringList{kPgs, "vega/pool-pgs/landing", "vega/pool-pgs/train"}));
        facts.change("vega/osd/1", {{"in", false}});
        const Standing one = about(facts, kPgs);
        QCOMPARE(one.finding.broken,
                 (QStringList{kPgs, "vega/osd/1", "vega/pool-pgs/landing", "vega/pool-pgs/train"}));
        QVERIFY(one.finding.remedy->commands.contains("ceph osd in 1"));
        QVERIFY(one.finding.evidence.value(1).text.contains("osd.1 of vega is up, but out"));
    }

    /// What a gateway waits for is not its own outage, and what counts the PGs has to be there.
    void whoOnlySuffersIsNotBroken()
    {
        FakeFacts facts = healthy();
        facts.change(kGateway, {{"answers", false}});
        QVERIFY(about(facts, kGateway).finding.verdict == Verdict::Unknown);
        facts.change(kGateway, {{"status", 503}});
        loseMonitors(facts, {"b", "c"});
        facts.change(kPgs, {{"inactive", 5}});
        facts.change("vega/cluster/vega", {{"mgrAvailable", false}});
        QCOMPARE(brokenIn(facts), QStringList{kQuorum});
        facts.change(kQuorum, {{"quorate", true}});
        QVERIFY(about(facts, kPgs).finding.verdict == Verdict::Unknown);
        QVERIFY(about(facts, "vega/mgr/vega").finding.verdict == Verdict::Confirmed);
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisStanding)
#include "tst_diagnosis_standing.moc"
