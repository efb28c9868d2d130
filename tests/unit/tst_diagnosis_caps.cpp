
#include "patience.h"
#include "systems/ceph/rules/caps.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::systems::ceph;
using namespace sluice::diagnosis::test;

class TestDiagnosisCaps : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void osdCaps_data()
    {
        QTest::addColumn<QString>("caps");
        QTest::addColumn<QString>("cephPool");
        QTest::addColumn<QString>("letters");
        QTest::addColumn<QString>("missing");
        QTest::addColumn<bool>("conditional");
        QTest::newRow("empty") << ""
                               << "train"
                               << "rw"
                               << "rw" << false;
        QTest::newRow("all") << "allow *"
                             << "train"
                             << "rwx"
                             << "" << false;
        QTest::newRow("everywhere") << "allow rw"
                                    << "train"
                                    << "rw"
                                    << "" << false;
        QTest::newRow("this one") << "allow rwx pool=train"
                                  << "train"
                                  << "rw"
                                  << "" << false;
        QTest::newRow("blank for equals") << "allow rwx pool train"
                                          << "train"
                                          << "rw"
                                          << "" << false;
        QTest::newRow("quoted") << "allow rwx pool=\"train\""
                                << "train"
                                << "rw"
                                << "" << false;
        QTest::newRow("another") << "allow rwx pool=landing"
                                 << "train"
                                 << "rw"
                                 << "rw" << false;
        QTest::newRow("second grant") << "allow r pool=landing, allow rw pool=train"
                                      << "train"
                                      << "rw"
                                      << "" << false;
        QTest::newRow("semicolon") << "allow r pool=landing; allow rw pool=train"
                                   << "train"
                                   << "rw"
                                   << "" << false;
        QTest::newRow("letters add up") << "allow r pool=train, allow w pool=train"
                                        << "train"
                                        << "rw"
                                        << "" << false;
        QTest::newRow("read only") << "allow r pool=train"
                                   << "train"
                                   << "rw"
                                   << "w" << false;
        QTest::newRow("locks need x") << "allow rw pool=train"
                                      << "train"
                                      << "rwx"
                                      << "x" << false;
        QTest::newRow("prefix that fits") << "allow rw pool=train object_prefix part-"
                                          << "train"
                                          << "rw"
                                          << "" << false;
        QTest::newRow("prefix that does not") << "allow rw object_prefix rbd_"
                                              << "train"
                                              << "rw"
                                              << "rw" << false;
        QTest::newRow("default namespace") << "allow rw pool=train namespace="
                                           << "train"
                                           << "rw"
                                           << "" << false;
        QTest::newRow("other namespace") << "allow rw pool=train namespace=x"
                                         << "train"
                                         << "rw"
                                         << "rw" << false;
        QTest::newRow("profile") << "profile rbd pool=train"
                                 << "train"
                                 << "rw"
                                 << "rw" << true;
        QTest::newRow("tag") << "allow rw tag cephfs data=x"
                             << "train"
                             << "rw"
                             << "rw" << true;
        QTest::newRow("network") << "allow rw network 10.0.0.0/8"
                                 << "train"
                                 << "rw"
                                 << "rw" << true;
        QTest::newRow("profile, but plainly allowed too") << "profile rbd, allow rw"
                                                          << "train"
                                                          << "rw"
                                                          << "" << false;
        QTest::newRow("garbage") << "=,;allow ,allow ="
                                 << "train"
                                 << "r"
                                 << "r" << true;
    }
    void osdCaps()
    {
        QFETCH(QString, caps);
        QFETCH(QString, cephPool);
        QFETCH(QString, letters);
        QFETCH(QString, missing);
        QFETCH(bool, conditional);
        const CapsAnswer answer = judgeOsdCaps(caps, {cephPool, kObject, letters});
        QCOMPARE(answer.missing, missing);
        QCOMPARE(answer.conditional, conditional);
    }
    void prefixWithoutKnownObjectCannotBeJudged()
    {
        QVERIFY(judgeOsdCaps("allow rw object_prefix rbd_", {"train", {}, "rw"}).conditional);
    }
    void monCaps()
    {
        QVERIFY(judgeMonCaps("allow r").allowed());
        QVERIFY(judgeMonCaps("allow *").allowed());
        QVERIFY(!judgeMonCaps("").allowed());
        QVERIFY(!judgeMonCaps("").conditional);
        QVERIFY(judgeMonCaps("profile rbd").conditional);
        QVERIFY(judgeMonCaps("allow command \"osd blocklist\"").conditional);
    }
    void extending()
    {
        QCOMPARE(extendedOsdCaps("allow rwx  pool=landing", {{"train", {}, "rw"}}),
                 QStringLiteral("allow rwx pool=landing, allow rw pool=train"));
        QCOMPARE(extendedOsdCaps("", {{"train", {}, "rw"}}), QStringLiteral("allow rw pool=train"));
    }

    void lackIsShownAsDiff()
    {
        FakeFacts facts = healthyVega();
        facts.change(
            kAuth,
            {{"caps",
              QJsonObject{{"mon", "allow r"}, {"osd", "allow rwx pool=landing"}, {"mgr", "allow r"}}}});
        const Diagnosis d = diagnose(copyTask("permission", "write not permitted"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R21"));
        const QString text = textOf(d.findings.first());
        QVERIFY2(text.contains("has    osd: allow rwx pool=landing\n"), qPrintable(text));
        QVERIFY2(text.contains("needs  osd: allow rwx pool=landing, allow rw pool=train\n"),
                 qPrintable(text));
        QVERIFY2(text.contains("missing “rw” on Ceph pool train"), qPrintable(text));
        QVERIFY2(text.contains(
                     "ceph auth caps client.ingest.g1 mon 'allow r' osd 'allow rwx pool=landing, allow rw "
                     "pool=train' mgr 'allow r'"),
                 qPrintable(text));
        QCOMPARE(d.chain.last().kind, QStringLiteral("auth-entity"));
    }
    void missingMonCaps()
    {
        FakeFacts facts = healthyVega();
        facts.change(kAuth, {{"caps", QJsonObject{{"osd", "allow rwx"}}}});
        const Diagnosis d = diagnose(copyTask("permission", "access denied"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R21"));
        QVERIFY(textOf(d.findings.first()).contains("has    mon: nothing"));
        QVERIFY(textOf(d.findings.first()).contains("needs  mon: allow r"));
    }
    void verifyOnlyReads()
    {
        FakeFacts facts = healthyVega();
        facts.change(kAuth, {{"caps", QJsonObject{{"mon", "allow r"}, {"osd", "allow r"}}}});
        TaskView task = copyTask("permission", "denied");
        QCOMPARE(diagnose(task, facts, kNow).rule, QStringLiteral("R21"));
        task.kind = "verify";
        task.onlyReads = true;
        QVERIFY(diagnose(task, facts, kNow).rule.isEmpty());
    }
    void sourceNeedsOnlyRead()
    {
        FakeFacts facts = healthyVega();
        facts.change(kAuth, {{"caps", QJsonObject{{"mon", "allow r"},
                                                  {"osd", "allow r pool=landing, allow rw pool=train"}}}});
        QVERIFY(findingOf(diagnose(copyTask("permission", "denied"), facts, kNow), "R21").verdict ==
                Verdict::Unknown);
    }
    void enoughCapsButRefusedIsUnknown()
    {
        const Diagnosis d = diagnose(copyTask("permission", "denied"), healthyVega(), kNow);
        QVERIFY(d.verdict == Verdict::Unknown);
        QVERIFY(findingOf(d, "R21").verdict == Verdict::Unknown);
        QVERIFY(textOf(findingOf(d, "R21")).contains("allow all this task does"));
    }
    void entityGone()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "auth-entity", "client.ingest.g1",
                  {{"entity", "client.ingest.g1"}, {"missing", true}});
        const Diagnosis d = diagnose(copyTask("permission", "denied"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R21"));
        QCOMPARE(d.remedy->method, QStringLiteral("keys.renew"));
        facts.age(kAuth, kFreshMs + 1);
        QVERIFY(diagnose(copyTask("permission", "denied"), facts, kNow).verdict == Verdict::Unknown);
    }
    void oldOrMissingCapsAreUnknown()
    {
        FakeFacts facts = healthyVega();
        facts.change(kAuth, {{"caps", QJsonObject{}}});
        facts.age(kAuth, kFreshMs + 1);
        QVERIFY(findingOf(diagnose(copyTask("permission", "denied"), facts, kNow), "R21").verdict ==
                Verdict::Unknown);
        facts.drop(kAuth);
        QVERIFY(findingOf(diagnose(copyTask("permission", "denied"), facts, kNow), "R21").verdict ==
                Verdict::Unknown);
        facts.put("vega", "auth-entity", "client.ingest.g1", {});
        QVERIFY(findingOf(diagnose(copyTask("permission", "denied"), facts, kNow), "R21").verdict ==
                Verdict::Unknown);
        TaskView task = copyTask("permission", "denied");
        task.entity.clear();
        QVERIFY(findingOf(diagnose(task, healthyVega(), kNow), "R21").verdict == Verdict::Unknown);
    }
    void profilesAreNotJudged()
    {
        FakeFacts facts = healthyVega();
        facts.change(kAuth,
                     {{"caps", QJsonObject{{"mon", "profile rbd"}, {"osd", "profile rbd pool=train"}}}});
        QVERIFY(findingOf(diagnose(copyTask("permission", "denied"), facts, kNow), "R21").verdict ==
                Verdict::Unknown);
    }
    void aGatewaysRefusalIsNotCephx()
    {
        TaskView task = copyTask("permission", "403 AccessDenied");
        task.blocked["connection"] = "rgw.vega";
        task.blocked.remove("cephPool");
        task.blocked.remove("object");
        const Finding r21 = findingOf(diagnose(task, healthyVega(), kNow), "R21");
        QVERIFY(r21.verdict == Verdict::Unknown);
        QVERIFY(textOf(r21).contains("not cephx caps"));
    }
    void otherRefusalsRefuteIt()
    {
        const Finding r21 = findingOf(diagnose(copyTask("lock", "locked"), FakeFacts(), kNow), "R21");
        QVERIFY(r21.verdict == Verdict::Refuted);
    }
    void silentWorkerWithNarrowCapsIsUnknown()
    {
        FakeFacts facts = healthyVega();
        facts.change(kAuth, {{"caps", QJsonObject{{"mon", "allow r"}}}});
        QVERIFY(findingOf(diagnose(copyTask(), facts, kNow), "R21").verdict == Verdict::Unknown);
        QVERIFY(findingOf(diagnose(copyTask(), healthyVega(), kNow), "R21").verdict == Verdict::Refuted);
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisCaps)
#include "tst_diagnosis_caps.moc"
