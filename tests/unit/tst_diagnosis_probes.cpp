
#include "diagnosis/probed_facts.h"
#include "patience.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

class TestDiagnosisProbes : public QObject {
    Q_OBJECT

private:
    static QStringList methods(const QList<Probe>& probes)
    {
        QStringList names;
        for (const Probe& probe : probes) {
            names.append(probe.connection + ':' + probe.method);
        }
        names.sort();
        return names;
    }

private Q_SLOTS:
    void whatIsAskedFirst()
    {
        QCOMPARE(methods(probesFor(copyTask("lock", "x"), FakeFacts())),
                 (QStringList{"vega:lock.list", "vega:object.pg", "vega:observe.now", "vega:sessions"}));
        QCOMPARE(methods(probesFor(copyTask("permission", "x"), FakeFacts())),
                 (QStringList{"vega:auth.get", "vega:lock.list", "vega:object.pg", "vega:observe.now"}));
        QCOMPARE(methods(probesFor(copyTask("connect", "x"), FakeFacts())),
                 (QStringList{"vega:observe.now"}));
        QCOMPARE(methods(probesFor(copyTask(), FakeFacts())),
                 (QStringList{"vega:auth.get", "vega:observe.now"}));
        TaskView refused = copyTask("connect", "refuses the key");
        refused.blocked["error"] = QJsonObject{{"code", "Unauthenticated"}};
        QCOMPARE(methods(probesFor(refused, FakeFacts())),
                 (QStringList{"vega:auth.get", "vega:key.probe", "vega:observe.now"}));
        TaskView listing = copyTask("timeout", "hangs");
        listing.blocked["op"] = "list";
        QCOMPARE(methods(probesFor(listing, FakeFacts())),
                 (QStringList{"vega:observe.now", "vega:pool.pgs"}));
        TaskView luigi{.id = "R-1/f", .kind = "luigi", .connections = {"luigid"}};
        QVERIFY(probesFor(luigi, FakeFacts()).isEmpty());
    }
    void gatewaysAreNotAskedLikeClusters()
    {
        TaskView task = copyTask("gateway", "502");
        task.blocked["connection"] = "rgw.vega";
        task.blocked.remove("cephPool");
        task.connections.append("rgw.vega");
        QCOMPARE(methods(probesFor(task, FakeFacts())), (QStringList{"vega:observe.now"}));
    }
    void everyClusterIsAsked()
    {
        TaskView task = copyTask("lock", "x");
        task.touched.append({"ceph-pool", "atlas", "archive", true});
        QVERIFY(methods(probesFor(task, FakeFacts())).contains("atlas:observe.now"));
    }
    void followUp()
    {
        FakeFacts empty = healthyVega();
        const TaskView task = copyTask("timeout", "x");
        QCOMPARE(methods(followUpProbes(task, empty)), (QStringList{"vega:osd.answers"}));
        QCOMPARE(followUpProbes(task, empty).first().params["osds"].toArray(), (QJsonArray{1, 2}));
        empty.drop(kPgId);
        QVERIFY(followUpProbes(task, empty).isEmpty());
        QVERIFY(followUpProbes(copyTask("lock", "x"), healthyVega()).isEmpty());
        TaskView listing = task;
        listing.blocked["op"] = "list";
        empty.put("vega", "pool-pgs", "train", {{"osds", QJsonArray{0, 2}}});
        QCOMPARE(followUpProbes(listing, empty).first().params["osds"].toArray(), (QJsonArray{0, 2}));
        FakeFacts facts = healthyVega();
        facts.change(kLockList, {{"locks", QJsonArray{lockFact()}}});
        facts.drop(kPgId);
        QCOMPARE(methods(followUpProbes(task, facts)), (QStringList{"vega:blocklist.has"}));
        facts.drop(kSessionsId);
        QCOMPARE(methods(followUpProbes(task, facts)), (QStringList{"vega:blocklist.has", "vega:sessions"}));
        QVERIFY(followUpProbes(copyTask(), facts).isEmpty());
    }
    void repliesBecomeEvidence()
    {
        FakeFacts base = healthyVega();
        for (const QString& id : {kLockList, kSessionsId, kPgId, kAuth}) {
            base.drop(id);
        }
        const TaskView task = copyTask("lock", "locked");
        const Finding unread = findingOf(diagnose(task, base, kNow), "R18");
        QVERIFY(unread.verdict == Verdict::Unknown);

        ProbedFacts facts(base, ruleBook());
        const QJsonObject object{{"cephPool", "train"}, {"object", kObject}};
        facts.addReply({"lock.list", "vega", object}, {{"locks", QJsonArray{lockFact()}}}, kNow - 100);
        facts.addReply({"sessions", "vega", {}},
                       {{"mons", monsAnswered({"a", "b", "c"})}, {"sessions", QJsonArray{}}}, kNow - 100);
        facts.addReply({"object.pg", "vega", object},
                       {{"pgId", "7.1c"},
                        {"state", "active+clean"},
                        {"acting", QJsonArray{1, 2}},
                        {"size", 2},
                        {"minSize", 2}},
                       kNow - 100);
        facts.addReply({"blocklist.has", "vega", {{"address", kAddress}}}, {{"listed", false}}, kNow - 100);
        facts.addReply({"auth.get", "vega", {{"entity", "client.ingest.g1"}}},
                       {{"caps", QJsonObject{{"mon", "allow r"}}}}, kNow - 100);
        const Diagnosis d = diagnose(task, facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R18"));
        QCOMPARE(d.findings.first().evidence.first().observedAtMs, kNow - 100);
        QVERIFY(textOf(d.findings.first()).contains("is not blocklisted"));
        QVERIFY(findingOf(d, "R5").verdict == Verdict::Refuted);
        QCOMPARE(facts.ofKind("vega", "lock").size(), 1);
        QCOMPARE(facts.ofKind("", "auth-entity").size(), 1);
        QVERIFY(facts.fact(kPool));
    }
    void laidOverNotBeside()
    {
        FakeFacts base = healthyVega();
        ProbedFacts facts(base, ruleBook());
        facts.addReply({"auth.get", "vega", {{"entity", "client.ingest.g1"}}}, {{"caps", QJsonObject{}}},
                       kNow);
        QCOMPARE(facts.ofKind("vega", "auth-entity").size(), 1);
        QCOMPARE(facts.fact(kAuth)->facts["caps"].toObject(), QJsonObject());
    }
    void notFoundOfAnEntityIsAFact()
    {
        FakeFacts base = healthyVega();
        ProbedFacts facts(base, ruleBook());
        facts.addError({"auth.get", "vega", {{"entity", "client.ingest.g1"}}},
                       Error{.code = ErrorCode::NotFound}, kNow);
        QVERIFY(facts.fact(kAuth)->facts["missing"].toBool());
    }
    void errorsSayWhyItIsUnknown()
    {
        FakeFacts base = healthyVega();
        base.drop(kSessionsId);
        base.change(kLockList, {{"locks", QJsonArray{lockFact()}}});
        ProbedFacts facts(base, ruleBook());
        facts.addError({"sessions", "vega", {}},
                       Error{.code = ErrorCode::DeadlineExceeded, .message = "no answer in 3 s"}, kNow);
        const Diagnosis d = diagnose(copyTask("lock", "locked"), facts, kNow);
        QVERIFY(!d.remedy);
        QVERIFY2(textOf(findingOf(d, "R18")).contains("no answer in 3 s"),
                 qPrintable(textOf(findingOf(d, "R18"))));
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisProbes)
#include "tst_diagnosis_probes.moc"
