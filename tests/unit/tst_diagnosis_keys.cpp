
#include "patience.h"
#include "systems/ceph/rules/caps.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::systems::ceph;
using namespace sluice::diagnosis::test;

/// The key that is refused, the right that is missing, and the limit that stays.
class TestDiagnosisKeys : public QObject {
    Q_OBJECT

private:
    static TaskView listingTask(const QString& what, const QString& prefix)
    {
        TaskView task = copyTask(what, "gives no answer");
        task.phase = "listing";
        task.blocked["op"] = "list";
        task.blocked["cephPool"] = "landing";
        task.blocked["object"] = prefix;
        return task;
    }
    static TaskView refusedKey()
    {
        TaskView task = copyTask("connect", "The cluster vega refuses the key of client.ingest.g1");
        task.phase = "connecting";
        task.blocked["error"] = QJsonObject{{"code", "Unauthenticated"}, {"message", "refuses the key"}};
        return task;
    }
    static QJsonObject caps(const QString& osd, const QString& mon = "allow r")
    {
        return {{"caps", QJsonObject{{"mon", mon}, {"osd", osd}}}};
    }

private Q_SLOTS:
    // The key
    void aRemovedEntityIsNamedAndCanBeReplaced_data()
    {
        QTest::addColumn<QString>("roleEntity");
        QTest::addColumn<QString>("method");
        QTest::newRow("it is the role's own") << "client.ingest.g1"
                                              << "keys.renew";
        QTest::newRow("not known what the role has") << ""
                                                     << "keys.renew";
        QTest::newRow("the role has a newer one") << "client.ingest.g2"
                                                  << "flow.reset";
    }
    void aRemovedEntityIsNamedAndCanBeReplaced()
    {
        QFETCH(QString, roleEntity);
        QFETCH(QString, method);
        FakeFacts facts = healthyVega();
        facts.put("vega", "auth-entity", "client.ingest.g1",
                  {{"entity", "client.ingest.g1"}, {"missing", true}});
        TaskView task = refusedKey();
        task.roleEntity = roleEntity;
        const Diagnosis d = diagnose(task, facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R21"));
        QCOMPARE(d.remedy->method, method);
        QCOMPARE(d.remedy->toJson()["params"].toObject(),
                 method == "keys.renew" ? (QJsonObject{{"role", "ingest"}}) : (QJsonObject{{"run", "R-1"}}));
        if (method == "keys.renew") {
            QCOMPARE(d.remedy->steps,
                     (QStringList{"Make a new first key for the role: sluicectl keys renew ingest",
                                  "Reset the task, so that it takes that key: sluicectl flow reset R-1"}));
        }
        facts.age(kAuth, kFreshMs + 1);
        QVERIFY(diagnose(task, facts, kNow).verdict == Verdict::Unknown);
    }
    void aRefusedKeyWithoutMonCaps()
    {
        FakeFacts facts = healthyVega();
        facts.change(kAuth, caps("allow r pool=landing", ""));
        const Diagnosis d = diagnose(refusedKey(), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R21"));
        QVERIFY(d.remedy->steps.first().startsWith(
            "ceph auth caps client.ingest.g1 mon 'allow r' osd 'allow r pool=landing'"));
        QVERIFY2(!textOf(d.findings.first()).contains("train"), "a connection asks for nothing of the OSDs");
    }
    void aKeyThatWasReplaced_data()
    {
        QTest::addColumn<QJsonValue>("accepted");
        QTest::addColumn<Verdict>("verdict");
        QTest::newRow("tried and refused") << QJsonValue(false) << Verdict::Confirmed;
        QTest::newRow("tried and accepted") << QJsonValue(true) << Verdict::Unknown;
        QTest::newRow("not tried") << QJsonValue() << Verdict::Unknown;
    }
    void aKeyThatWasReplaced()
    {
        QFETCH(QJsonValue, accepted);
        QFETCH(Verdict, verdict);
        FakeFacts facts = healthyVega();
        if (accepted.isBool()) {
            facts.put("vega", "key-probe", "client.ingest.g1", {{"ok", accepted}});
        }
        const Diagnosis d = diagnose(refusedKey(), facts, kNow);
        const Finding r21 = findingOf(d, "R21");
        QVERIFY(r21.verdict == verdict);
        if (verdict == Verdict::Confirmed) {
            QCOMPARE(d.remedy->method, QStringLiteral("keys.renew"));
            facts.age("vega/key-probe/client.ingest.g1", kFreshMs + 1);
            QVERIFY(findingOf(diagnose(refusedKey(), facts, kNow), "R21").verdict == Verdict::Unknown);
        }
    }
    void anAttemptWithAnOlderKeyIsReset()
    {
        FakeFacts facts = healthyVega();
        TaskView task = refusedKey();
        task.roleEntity = "client.ingest.g2";
        const Diagnosis d = diagnose(task, facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R21"));
        QCOMPARE(d.remedy->method, QStringLiteral("flow.reset"));
        QVERIFY2(d.summary.contains("client.ingest.g2"), qPrintable(d.summary));
        facts.put("vega", "key-probe", "client.ingest.g1", {{"ok", true}});
        QVERIFY(diagnose(task, facts, kNow).verdict == Verdict::Unknown);
    }
    void anotherKeyThatWasRefusedIsNotTheRoles()
    {
        TaskView task = copyTask();
        task.blocked = {
            {"what", "fence"},
            {"op", "fence"},
            {"error", QJsonObject{{"code", "PermissionDenied"}, {"message", "may not blocklist"}}}};
        const Finding r21 = findingOf(diagnose(task, healthyVega(), kNow), "R21");
        QVERIFY(r21.verdict == Verdict::Unknown);
        QVERIFY(textOf(r21).contains("may not blocklist"));
    }

    // Rights
    void askingWhoHoldsALockNeedsX_data()
    {
        QTest::addColumn<QString>("osd");
        QTest::addColumn<QString>("op");
        QTest::addColumn<bool>("locked");
        QTest::addColumn<Verdict>("verdict");
        QTest::newRow("rw, look") << "allow rw"
                                  << "look" << true << Verdict::Confirmed;
        QTest::newRow("rw, write") << "allow rw"
                                   << "write" << true << Verdict::Confirmed;
        QTest::newRow("rwx") << "allow rwx"
                             << "look" << true << Verdict::Unknown;
        QTest::newRow("class-read is enough") << "allow rw class-read"
                                              << "look" << true << Verdict::Unknown;
        QTest::newRow("class-write is not") << "allow rw class-write"
                                            << "look" << true << Verdict::Confirmed;
        QTest::newRow("no lock there") << "allow rw"
                                       << "look" << false << Verdict::Unknown;
        QTest::newRow("reading asks for none") << "allow rw"
                                               << "read" << true << Verdict::Unknown;
    }
    void askingWhoHoldsALockNeedsX()
    {
        QFETCH(QString, osd);
        QFETCH(QString, op);
        QFETCH(bool, locked);
        QFETCH(Verdict, verdict);
        FakeFacts facts = healthyVega();
        facts.change(kAuth, caps(osd));
        facts.change(kLockList, {{"locks", locked ? QJsonArray{lockFact()} : QJsonArray{}}});
        TaskView task = copyTask("permission", "refused");
        task.blocked["op"] = op;
        const Diagnosis d = diagnose(task, facts, kNow);
        const Finding r21 = findingOf(d, "R21");
        QVERIFY2(r21.verdict == verdict, qPrintable(textOf(r21)));
        if (verdict == Verdict::Confirmed) {
            QVERIFY2(textOf(r21).contains("missing “x” on Ceph pool train"), qPrintable(textOf(r21)));
            QVERIFY2(textOf(r21).contains("asking who holds it needs “x”"), qPrintable(textOf(r21)));
            QVERIFY2(r21.remedy->steps.first().contains("allow rwx pool=train"),
                     qPrintable(r21.remedy->steps.first()));
        }
    }
    void theLimitOfAKeyStays_data()
    {
        QTest::addColumn<QString>("has");
        QTest::addColumn<NeededRight>("right");
        QTest::addColumn<QString>("needs");
        const NeededRight any{.cephPool = "train", .letters = "rw"};
        NeededRight below = any;
        below.prefix = "day 2/";
        NeededRight lists{.cephPool = "train", .letters = "r", .lists = true};
        QTest::newRow("namespace")
            << "allow rw pool=train namespace=team" << any
            << "allow rw pool=train namespace=team, allow rw pool=train namespace=\"\"";
        QTest::newRow("namespace of all Ceph pools")
            << "allow rw namespace=team" << any
            << "allow rw namespace=team, allow rw pool=train namespace=\"\"";
        QTest::newRow("namespace elsewhere")
            << "allow rw pool=landing namespace=team" << any
            << "allow rw pool=landing namespace=team, allow rw pool=train namespace=\"\"";
        QTest::newRow("every namespace") << "allow r pool=train namespace=*" << any
                                         << "allow r pool=train namespace=*, allow rw pool=train";
        QTest::newRow("prefix")
            << "allow rw pool=train object_prefix day-1/" << below
            << "allow rw pool=train object_prefix day-1/, allow rw pool=train object_prefix \"day 2/\"";
        QTest::newRow("prefix and namespace") << "allow rw pool=train namespace=team object_prefix a" << below
                                              << "allow rw pool=train namespace=team object_prefix a, allow "
                                                 "rw pool=train namespace=\"\" object_prefix \"day 2/\"";
        QTest::newRow("prefix, names without one")
            << "allow rw pool=train object_prefix day-1/" << any << QString();
        QTest::newRow("prefix, listing") << "allow r pool=train object_prefix day-1/" << lists << QString();
        QTest::newRow("network")
            << "allow r pool=train network 10.0.0.0/8" << any
            << "allow r pool=train network 10.0.0.0/8, allow rw pool=train network 10.0.0.0/8";
        QTest::newRow("one grant without limit")
            << "allow rw pool=train namespace=team, allow r pool=train" << any
            << "allow rw pool=train namespace=team, allow r pool=train, allow rw pool=train";
        QTest::newRow("name that wants quotes")
            << "allow r" << NeededRight{.cephPool = "a b", .letters = "rw"}
            << "allow r, allow rw pool=\"a b\"";
    }
    void theLimitOfAKeyStays()
    {
        QFETCH(QString, has);
        QFETCH(NeededRight, right);
        QFETCH(QString, needs);
        const auto extended = extendedOsdCaps(has, {right});
        QCOMPARE(extended.value_or(QString()), needs);
        QCOMPARE(extended.has_value(), !needs.isEmpty());
        // What is proposed grants what is needed, and nothing else did before.
        if (extended && !has.contains("network")) {
            NeededRight asked = right;
            asked.object = right.prefix + "x";
            QVERIFY(judgeOsdCaps(*extended, asked).allowed());
            QVERIFY(!judgeOsdCaps(has, asked).allowed());
        }
    }
    void aLimitThatCannotStayChangesTheFlow_data()
    {
        QTest::addColumn<bool>("lists");
        QTest::newRow("writes without a prefix") << false;
        QTest::newRow("lists the source") << true;
    }
    void aLimitThatCannotStayChangesTheFlow()
    {
        QFETCH(bool, lists);
        FakeFacts facts = healthyVega();
        facts.change(
            kAuth,
            caps("allow rwx pool=train object_prefix day-1/, allow rwx pool=landing object_prefix day-1/"));
        const Diagnosis d = diagnose(
            lists ? listingTask("permission", "day-1/") : copyTask("permission", "refused"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R21"));
        QVERIFY(!d.remedy->steps.join(' ').contains("ceph auth caps"));
        QVERIFY2(d.summary.contains("The key's limit stays as it is"), qPrintable(d.summary));
        QVERIFY2(textOf(d.findings.first()).contains("to names that begin with day-1/"),
                 qPrintable(textOf(d.findings.first())));
        QVERIFY(d.remedy->steps.last().startsWith("sluicectl flow cancel R-1 --yes"));
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisKeys)
#include "tst_diagnosis_keys.moc"
