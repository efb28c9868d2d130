#include <QtTest/QTest>

#include "diagnosis/caps.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

/// A rule confirms only what can hold up the present operation of this task on its own objects, and refutes only with
/// fresh evidence about the same thing.
class TestDiagnosisCause : public QObject {
    Q_OBJECT

private:
    static TaskView verifyTask(const QString& what, const QString& op)
    {
        TaskView task = copyTask(what, "waits");
        task.kind = "verify";
        task.blocked["op"] = op;
        return task;
    }
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
    static TaskView failedTask(const QString& kind, const Error& error)
    {
        TaskView task = copyTask();
        task.kind = kind;
        task.state = "failed";
        task.blocked = {{"what", "failed"}, {"error", error.toJson()}};
        return task;
    }
    static FakeFacts atQuota(const QJsonObject& more = {})
    {
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"fullQuota", true}, {"full", true}, {"quotaBytes", 600.0}});
        facts.change(kPool, more);
        return facts;
    }
    static FakeFacts withoutQuorum()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "mon-quorum", "vega", {{"quorate", false}, {"needed", 2}, {"total", 3}});
        for (const char* mon : {"b", "c"}) {
            facts.put("vega", "mon", mon, {{"name", mon}, {"answers", false}, {"error", "connection refused"}});
        }
        return facts;
    }
    static QJsonObject caps(const QString& osd, const QString& mon = "allow r")
    {
        return {{"caps", QJsonObject{{"mon", mon}, {"osd", osd}}}};
    }

private Q_SLOTS:
    // Quota and space
    void fullStopsOnlyARefusedWrite_data()
    {
        QTest::addColumn<TaskView>("task");
        QTest::addColumn<Verdict>("verdict");
        QTest::newRow("refused") << copyTask("quota", "EDQUOT") << Verdict::Confirmed;
        QTest::newRow("waits for a lock") << copyTask("lock", "locked") << Verdict::Unknown;
        QTest::newRow("write without an answer") << copyTask("timeout", "hangs") << Verdict::Unknown;
        QTest::newRow("too few copies") << copyTask("min_size", "hangs") << Verdict::Unknown;
        QTest::newRow("not permitted") << copyTask("permission", "denied") << Verdict::Unknown;
        QTest::newRow("says nothing") << copyTask() << Verdict::Unknown;
        QTest::newRow("connects") << copyTask("connect", "no monitor answers") << Verdict::Unknown;
        QTest::newRow("verify that hangs") << verifyTask("timeout", "verify") << Verdict::Refuted;
        QTest::newRow("verify that looks") << verifyTask("min_size", "look") << Verdict::Refuted;
        QTest::newRow("verify of a locked object") << verifyTask("lock", "write") << Verdict::Refuted;
        TaskView other = copyTask("quota", "EDQUOT");
        other.blocked["cephPool"] = "landing";
        QTest::newRow("refused on another Ceph pool") << other << Verdict::Unknown;
        TaskView far = copyTask("quota", "EDQUOT");
        far.blocked["connection"] = "atlas";
        QTest::newRow("refused on another cluster") << far << Verdict::Unknown;
    }
    void fullStopsOnlyARefusedWrite()
    {
        QFETCH(TaskView, task);
        QFETCH(Verdict, verdict);
        for (const bool quota : {true, false}) {
            FakeFacts facts = quota ? atQuota() : healthyVega();
            facts.change(kPool, {{"full", true}});
            if (!quota && task.blocked["what"] == "quota") {
                task.blocked["what"] = "full";
            }
            Verdict found = Verdict::Refuted;
            for (const Finding& finding : diagnose(task, facts, kNow).findings) {
                const bool here = finding.evidence.first().entity == kPool;
                if (finding.rule == QLatin1String(quota ? "R10" : "R9") && here) {
                    found = finding.verdict;
                }
            }
            QVERIFY2(found == verdict, quota ? "R10" : "R9");
        }
    }
    void theStepRaisesTheLimitThatIsReached_data()
    {
        QTest::addColumn<QJsonObject>("facts");
        QTest::addColumn<QStringList>("limits");
        const QJsonObject both{{"quotaBytes", 1000.0}, {"quotaObjects", 100}, {"storedBytes", 610.0}, {"objects", 10}};
        const auto with = [&both](const QJsonObject& more) {
            QJsonObject facts = both;
            for (auto it = more.begin(); it != more.end(); ++it) {
                facts[it.key()] = it.value();
            }
            return facts;
        };
        QTest::newRow("bytes") << with({{"quotaObjects", 0}, {"storedBytes", 1000.0}}) << QStringList{"max_bytes"};
        QTest::newRow("objects") << with({{"quotaBytes", 0}, {"objects", 100}}) << QStringList{"max_objects"};
        QTest::newRow("objects of both") << with({{"objects", 101}}) << QStringList{"max_objects"};
        QTest::newRow("bytes of both") << with({{"storedBytes", 1001.0}}) << QStringList{"max_bytes"};
        QTest::newRow("both") << with({{"storedBytes", 1001.0}, {"objects", 101}}) << QStringList{"max_bytes", "max_objects"};
        QTest::newRow("counted late, one is set") << with({{"quotaBytes", 0}}) << QStringList{"max_objects"};
        QTest::newRow("counted late, both are set") << both << QStringList{"max_bytes", "max_objects"};
    }
    void theStepRaisesTheLimitThatIsReached()
    {
        QFETCH(QJsonObject, facts);
        QFETCH(QStringList, limits);
        const Diagnosis d = diagnose(copyTask("quota", "EDQUOT"), atQuota(facts), kNow);
        QCOMPARE(d.rule, QStringLiteral("R10"));
        QStringList steps;
        for (const QString& limit : limits) {
            steps.append(QStringLiteral("ceph osd pool set-quota train %1 <more>").arg(limit));
        }
        QCOMPARE(d.remedy->steps.mid(0, d.remedy->steps.size() - 1), steps);
    }
    void anAlertDoesNotContradictTheRule_data()
    {
        QTest::addColumn<QString>("check");
        QTest::newRow("OSDs") << "OSD_FULL";
        QTest::newRow("Ceph pools") << "POOL_FULL";
    }
    void anAlertDoesNotContradictTheRule()
    {
        QFETCH(QString, check);
        FakeFacts facts = healthyVega();
        facts.put("vega", "health-check", check, {{"check", check}, {"summary", "full"}});
        facts.change(kPool, {{"full", true}});
        const Diagnosis confirmed = diagnose(copyTask("full", "ENOSPC"), facts, kNow);
        QCOMPARE(confirmed.rule, QStringLiteral("R9"));
        QVERIFY(findingOf(confirmed, "R0").rule.isEmpty());
        const Diagnosis waits = diagnose(copyTask("lock", "locked"), facts, kNow);
        QVERIFY(findingOf(waits, "R9").verdict == Verdict::Unknown);
        QVERIFY(findingOf(waits, "R0").verdict == Verdict::Unknown);
        const Diagnosis reads = diagnose(verifyTask("timeout", "verify"), facts, kNow);
        QVERIFY(findingOf(reads, "R9").verdict == Verdict::Refuted);
        QVERIFY(findingOf(reads, "R0").verdict == Verdict::Refuted);
        QVERIFY(textOf(findingOf(reads, "R0")).contains("R9"));
        facts.change(kPool, {{"full", false}});
        const Diagnosis elsewhere = diagnose(copyTask("lock", "locked"), facts, kNow);
        QVERIFY(findingOf(elsewhere, "R0").verdict == Verdict::Refuted);
    }
    void fullReportedButNotSeenIsUnknown()
    {
        FakeFacts facts = healthyVega();
        QVERIFY(findingOf(diagnose(copyTask("full", "ENOSPC"), facts, kNow), "R9").verdict == Verdict::Unknown);
        facts.age(kPool, kFreshMs + 1);
        facts.change(kPool, {{"full", true}});
        QVERIFY(findingOf(diagnose(copyTask("full", "ENOSPC"), facts, kNow), "R9").verdict == Verdict::Unknown);
    }

    // A listing
    void aPrefixIsNoObject()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "object-pg", "landing/day-1/",
                  {{"pgId", "3.1"}, {"state", "active+clean"}, {"acting", QJsonArray{1, 2}}, {"size", 2}, {"minSize", 2}});
        facts.put("vega", "pool-pgs", "landing",
                  {{"pgNum", 8}, {"read", 8}, {"size", 2}, {"minSize", 2}, {"belowMinSize", 3}, {"inactive", 3}, {"example", "3.4"}});
        facts.change("vega/osd/2", {{"up", false}});
        const Diagnosis d = diagnose(listingTask("timeout", "day-1/"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R5"));
        QVERIFY2(d.summary.contains("Too few copies of Ceph pool landing are up"), qPrintable(d.summary));
        QVERIFY2(d.summary.contains("Start osd.2"), qPrintable(d.summary));
        QVERIFY(!textOf(d.findings.first()).contains("active+clean"));
        QVERIFY(d.remedy->steps.last().contains("3.4"));
        QStringList kinds;
        for (const ChainLink& link : d.chain) {
            kinds.append(link.kind);
        }
        QCOMPARE(kinds, (QStringList{"task", "ceph-pool", "osd"}));
    }
    void aListingIsHeldUpByNothingElse_data()
    {
        QTest::addColumn<QJsonObject>("pgs");
        QTest::addColumn<QString>("what");
        QTest::addColumn<Verdict>("verdict");
        const QJsonObject good{{"pgNum", 8}, {"read", 8}, {"minSize", 2}, {"belowMinSize", 0}, {"inactive", 0}};
        const auto with = [&good](const char* key, const QJsonValue& value) {
            QJsonObject pgs = good;
            pgs[QLatin1String(key)] = value;
            return pgs;
        };
        QTest::newRow("all serve") << good << "permission" << Verdict::Refuted;
        QTest::newRow("all serve, and it hangs") << good << "timeout" << Verdict::Unknown;
        QTest::newRow("one too few") << with("belowMinSize", 1) << "timeout" << Verdict::Confirmed;
        QTest::newRow("not all were read") << with("read", 7) << "permission" << Verdict::Unknown;
        QTest::newRow("one inactive") << with("inactive", 1) << "permission" << Verdict::Unknown;
        QTest::newRow("states not known") << with("inactive", QJsonValue()) << "permission" << Verdict::Unknown;
        QTest::newRow("copies not known") << with("belowMinSize", QJsonValue()) << "permission" << Verdict::Unknown;
    }
    void aListingIsHeldUpByNothingElse()
    {
        QFETCH(QJsonObject, pgs);
        QFETCH(QString, what);
        QFETCH(Verdict, verdict);
        FakeFacts facts = healthyVega();
        facts.put("vega", "pool-pgs", "landing", pgs);
        QVERIFY(findingOf(diagnose(listingTask(what, "p/"), facts, kNow), "R5").verdict == verdict);
        facts.age("vega/pool-pgs/landing", kFreshMs + 1);
        QVERIFY(findingOf(diagnose(listingTask(what, "p/"), facts, kNow), "R5").verdict != Verdict::Confirmed);
    }

    // Monitors
    void withoutQuorumTheFenceWaits_data()
    {
        QTest::addColumn<QString>("phase");
        QTest::addColumn<QString>("what");
        QTest::newRow("it said so") << "copying" << "fence";
        QTest::newRow("it only began") << "fencing the attempt of the engine before" << "";
    }
    void withoutQuorumTheFenceWaits()
    {
        QFETCH(QString, phase);
        QFETCH(QString, what);
        TaskView task = copyTask();
        task.phase = phase;
        if (!what.isEmpty()) {
            task.blocked = {{"what", what}, {"op", "fence"}, {"connection", "flow"}, {"error", QJsonObject{{"code", "Unavailable"}}}};
        }
        const Diagnosis d = diagnose(task, withoutQuorum(), kNow);
        QCOMPARE(d.rule, QStringLiteral("R13"));
        QVERIFY2(d.summary.contains("the old attempt cannot be fenced"), qPrintable(d.summary));
        QVERIFY(findingOf(diagnose(task, healthyVega(), kNow), "R13").verdict == Verdict::Refuted);
    }
    void withoutQuorumNothingIsRuledOut_data()
    {
        QTest::addColumn<TaskView>("task");
        QTest::newRow("lock") << copyTask("lock", "locked");
        QTest::newRow("quota") << copyTask("quota", "EDQUOT");
        QTest::newRow("permission") << copyTask("permission", "denied");
        QTest::newRow("hangs") << copyTask("timeout", "hangs");
        QTest::newRow("verify") << verifyTask("timeout", "verify");
        QTest::newRow("listing") << listingTask("timeout", "p/");
    }
    void withoutQuorumNothingIsRuledOut()
    {
        QFETCH(TaskView, task);
        QVERIFY(findingOf(diagnose(task, withoutQuorum(), kNow), "R13").verdict == Verdict::Unknown);
    }
    void aLockStaysTheCauseWithoutQuorum()
    {
        FakeFacts facts = withoutQuorum();
        facts.change(kLockList, {{"locks", QJsonArray{lockFact()}}});
        facts.change(kSessionsId, {{"mons", monsAnswered({}, {"a", "b", "c"})}});
        const Diagnosis d = diagnose(copyTask("lock", "locked"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R18"));
        QVERIFY(!d.remedy);
    }

    // The key
    void aRemovedEntityIsNamedAndCanBeReplaced_data()
    {
        QTest::addColumn<QString>("roleEntity");
        QTest::addColumn<QString>("method");
        QTest::newRow("it is the role's own") << "client.ingest.g1" << "keys.renew";
        QTest::newRow("not known what the role has") << "" << "keys.renew";
        QTest::newRow("the role has a newer one") << "client.ingest.g2" << "flow.reset";
    }
    void aRemovedEntityIsNamedAndCanBeReplaced()
    {
        QFETCH(QString, roleEntity);
        QFETCH(QString, method);
        FakeFacts facts = healthyVega();
        facts.put("vega", "auth-entity", "client.ingest.g1", {{"entity", "client.ingest.g1"}, {"missing", true}});
        TaskView task = refusedKey();
        task.roleEntity = roleEntity;
        const Diagnosis d = diagnose(task, facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R21"));
        QCOMPARE(d.remedy->method, method);
        if (method == "keys.renew") {
            QCOMPARE(d.remedy->steps, (QStringList{"Make a new first key for the role: sluicectl keys renew ingest",
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
        QVERIFY(d.remedy->steps.first().startsWith("ceph auth caps client.ingest.g1 mon 'allow r' osd 'allow r pool=landing'"));
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
    void anotherKeyThatWasRefusedIsNotTheRoles()
    {
        TaskView task = copyTask();
        task.blocked = {{"what", "fence"}, {"op", "fence"}, {"error", QJsonObject{{"code", "PermissionDenied"}, {"message", "may not blocklist"}}}};
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
        QTest::newRow("rw, look") << "allow rw" << "look" << true << Verdict::Confirmed;
        QTest::newRow("rw, write") << "allow rw" << "write" << true << Verdict::Confirmed;
        QTest::newRow("rwx") << "allow rwx" << "look" << true << Verdict::Unknown;
        QTest::newRow("class-read is enough") << "allow rw class-read" << "look" << true << Verdict::Unknown;
        QTest::newRow("class-write is not") << "allow rw class-write" << "look" << true << Verdict::Confirmed;
        QTest::newRow("no lock there") << "allow rw" << "look" << false << Verdict::Unknown;
        QTest::newRow("reading asks for none") << "allow rw" << "read" << true << Verdict::Unknown;
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
            QVERIFY2(r21.remedy->steps.first().contains("allow rwx pool=train"), qPrintable(r21.remedy->steps.first()));
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
        QTest::newRow("namespace") << "allow rw pool=train namespace=team" << any
                                   << "allow rw pool=train namespace=team, allow rw pool=train namespace=\"\"";
        QTest::newRow("namespace of all Ceph pools") << "allow rw namespace=team" << any
                                                     << "allow rw namespace=team, allow rw pool=train namespace=\"\"";
        QTest::newRow("namespace elsewhere") << "allow rw pool=landing namespace=team" << any
                                             << "allow rw pool=landing namespace=team, allow rw pool=train namespace=\"\"";
        QTest::newRow("every namespace") << "allow r pool=train namespace=*" << any
                                         << "allow r pool=train namespace=*, allow rw pool=train";
        QTest::newRow("prefix") << "allow rw pool=train object_prefix day-1/" << below
                                << "allow rw pool=train object_prefix day-1/, allow rw pool=train object_prefix \"day 2/\"";
        QTest::newRow("prefix and namespace") << "allow rw pool=train namespace=team object_prefix a" << below
                                              << "allow rw pool=train namespace=team object_prefix a, allow rw pool=train namespace=\"\" object_prefix \"day 2/\"";
        QTest::newRow("prefix, names without one") << "allow rw pool=train object_prefix day-1/" << any << QString();
        QTest::newRow("prefix, listing") << "allow r pool=train object_prefix day-1/" << lists << QString();
        QTest::newRow("network") << "allow r pool=train network 10.0.0.0/8" << any
                                 << "allow r pool=train network 10.0.0.0/8, allow rw pool=train network 10.0.0.0/8";
        QTest::newRow("one grant without limit") << "allow rw pool=train namespace=team, allow r pool=train" << any
                                                 << "allow rw pool=train namespace=team, allow r pool=train, allow rw pool=train";
        QTest::newRow("name that wants quotes") << "allow r" << NeededRight{.cephPool = "a b", .letters = "rw"}
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
        facts.change(kAuth, caps("allow rwx pool=train object_prefix day-1/, allow rwx pool=landing object_prefix day-1/"));
        const Diagnosis d = diagnose(lists ? listingTask("permission", "day-1/") : copyTask("permission", "refused"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R21"));
        QVERIFY(!d.remedy->steps.join(' ').contains("ceph auth caps"));
        QVERIFY2(d.summary.contains("The key's limit stays as it is"), qPrintable(d.summary));
        QVERIFY2(textOf(d.findings.first()).contains("to names that begin with day-1/"), qPrintable(textOf(d.findings.first())));
        QVERIFY(d.remedy->steps.last().startsWith("sluicectl flow cancel R-1 --yes"));
    }

    // What failed
    void blocklistedByAStranger()
    {
        const Diagnosis d = diagnose(
            failedTask("move", {.code = ErrorCode::Aborted,
                                .message = "fenced: the cluster refuses this attempt's client",
                                .cause = "its client instance is on the blocklist",
                                .correction = "Nothing if a newer attempt does the work",
                                .source = "ceph",
                                .upstream = Upstream{"vega", -108, "write: Cannot send after transport endpoint shutdown"}}),
            healthyVega(), kNow);
        QCOMPARE(d.rule, QStringLiteral("R19"));
        QCOMPARE(d.remedy->method, QStringLiteral("flow.reset"));
        QVERIFY2(!d.findings.first().correction.contains("Nothing"), qPrintable(d.summary));
        QVERIFY(d.remedy->steps.first().contains("audit log"));
        QCOMPARE(d.chain.last().kind, QStringLiteral("report"));
    }
    void aFailedVerifyIsNotAnsweredWithAReset()
    {
        const Error different{.code = ErrorCode::Aborted,
                              .message = "1 objects of 9 are not as they were put there",
                              .cause = "'a': its checksum is another",
                              .correction = "Find who writes there and stop it.",
                              .source = "mover"};
        const Diagnosis d = diagnose(failedTask("verify", different), healthyVega(), kNow);
        QCOMPARE(d.rule, QStringLiteral("R1"));
        QVERIFY(d.remedy->method.isEmpty());
        QCOMPARE(d.remedy->steps.first(), QStringLiteral("Find who writes there and stop it"));
        QVERIFY2(d.remedy->steps.at(1).contains("onExisting: replace"), qPrintable(d.remedy->steps.at(1)));
        // A move starts anew from what is there, and another failure of a verify may pass.
        QCOMPARE(diagnose(failedTask("move", different), healthyVega(), kNow).remedy->method, QStringLiteral("flow.reset"));
        Error passing = different;
        passing.code = ErrorCode::NotFound;
        QCOMPARE(diagnose(failedTask("verify", passing), healthyVega(), kNow).remedy->method, QStringLiteral("flow.reset"));
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisCause)
#include "tst_diagnosis_cause.moc"
