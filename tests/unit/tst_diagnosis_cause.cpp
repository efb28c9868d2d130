
#include "patience.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

/// A rule confirms only what can hold up the present operation of this task on its own objects, and refutes
/// only with fresh evidence about the same thing.
class TestDiagnosisCause : public QObject {
    Q_OBJECT

private:
    static TaskView verifyTask(const QString& what, const QString& op)
    {
        TaskView task = copyTask(what, "waits");
        task.kind = "verify";
        task.onlyReads = true;
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
    static TaskView failedTask(const QString& kind, const Error& error)
    {
        TaskView task = copyTask();
        task.kind = kind;
        task.onlyReads = kind == QLatin1String("verify");
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
            facts.put("vega", "mon", mon,
                      {{"name", mon}, {"answers", false}, {"error", "connection refused"}});
        }
        return facts;
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
        const QJsonObject both{
            {"quotaBytes", 1000.0}, {"quotaObjects", 100}, {"storedBytes", 610.0}, {"objects", 10}};
        const auto with = [&both](const QJsonObject& more) {
            QJsonObject facts = both;
            for (auto it = more.begin(); it != more.end(); ++it) {
                facts[it.key()] = it.value();
            }
            return facts;
        };
        QTest::newRow("bytes") << with({{"quotaObjects", 0}, {"storedBytes", 1000.0}})
                               << QStringList{"max_bytes"};
        QTest::newRow("objects") << with({{"quotaBytes", 0}, {"objects", 100}}) << QStringList{"max_objects"};
        QTest::newRow("objects of both") << with({{"objects", 101}}) << QStringList{"max_objects"};
        QTest::newRow("bytes of both") << with({{"storedBytes", 1001.0}}) << QStringList{"max_bytes"};
        QTest::newRow("both") << with({{"storedBytes", 1001.0}, {"objects", 101}})
                              << QStringList{"max_bytes", "max_objects"};
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
    /// Asked for before the first byte is staged: neither the quota nor the space need be used up.
    void roomForACopyBesideIsMissing_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("rule");
        QTest::newRow("under its quota") << "quota"
                                         << "R10";
        QTest::newRow("on its OSDs") << "full"
                                     << "R9";
    }
    void roomForACopyBesideIsMissing()
    {
        QFETCH(QString, what);
        QFETCH(QString, rule);
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"quotaBytes", 100'000.0}, {"storedBytes", 60'000.0}});
        TaskView task = copyTask(what, "no room for both copies");
        task.blocked["op"] = "reserve";
        const Diagnosis d = diagnose(task, facts, kNow);
        QVERIFY(d.verdict == Verdict::Confirmed);
        QCOMPARE(d.rule, rule);
        QVERIFY2(d.summary.contains("no room for a copy beside its object"), qPrintable(d.summary));
        QVERIFY(textOf(d.findings.first()).contains("no room for both copies"));
        task.blocked["op"] = "write";
        QVERIFY(diagnose(task, facts, kNow).verdict != Verdict::Confirmed);
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
        QVERIFY(findingOf(diagnose(copyTask("full", "ENOSPC"), facts, kNow), "R9").verdict ==
                Verdict::Unknown);
        facts.age(kPool, kFreshMs + 1);
        facts.change(kPool, {{"full", true}});
        QVERIFY(findingOf(diagnose(copyTask("full", "ENOSPC"), facts, kNow), "R9").verdict ==
                Verdict::Unknown);
    }

    // Several tasks of a run
    void whatIsRuledOutForOneTaskIsNotForTheRun()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "pool-pgs", "landing",
                  {{"pgNum", 8}, {"read", 8}, {"minSize", 2}, {"belowMinSize", 3}, {"inactive", 3}});
        facts.put("vega", "health-check", "PG_DEGRADED", {{"check", "PG_DEGRADED"}});
        facts.put("vega", "health-check", "RECENT_CRASH", {{"check", "RECENT_CRASH"}});
        const Diagnosis serves = diagnose(copyTask("permission", "not permitted"), facts, kNow);
        QVERIFY(findingOf(serves, "R5").verdict == Verdict::Refuted);
        const Diagnosis few = diagnose(listingTask("timeout", "p/"), facts, kNow);
        QCOMPARE(few.rule, QStringLiteral("R5"));
        facts.change("vega/pool-pgs/landing", {{"belowMinSize", 0}});
        const Diagnosis unknown = diagnose(listingTask("timeout", "p/"), facts, kNow);
        QVERIFY(findingOf(unknown, "R5").verdict == Verdict::Unknown);
        const auto words = [](const Diagnosis& whole, const QString& rule) {
            QStringList all;
            for (const Finding& finding : whole.findings) {
                all += finding.rule == rule ? QStringList{toString(finding.verdict)} : QStringList();
            }
            return all;
        };
        QCOMPARE(words(together({serves, few}), "R5"), QStringList{"confirmed"});
        QCOMPARE(words(together({few, serves}), "R5"), QStringList{"confirmed"});
        QCOMPARE(words(together({serves, unknown}), "R5"), QStringList{"unknown"});
        QCOMPARE(words(together({serves, serves}), "R5"), QStringList{"refuted"});
        QCOMPARE(words(together({serves, unknown}), "R0"), (QStringList{"unknown", "refuted"}));
        QVERIFY(words(together({serves, few}), "R13").contains("refuted"));
        const QList<Finding> findings = together({serves, few, unknown}).findings;
        QVERIFY(std::is_sorted(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
            const auto rank = [](Verdict verdict) {
                return verdict == Verdict::Confirmed ? 0 : verdict == Verdict::Unknown ? 1 : 2;
            };
            return rank(a.verdict) < rank(b.verdict);
        }));
    }
    void whatEachTaskSaidIsInTheCase()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"fullQuota", true}, {"quotaObjects", 10}});
        TaskView file = copyTask("permission", "'/mnt/in/a' may not be opened");
        file.blocked["connection"] = "file";
        file.blocked["cephPool"] = "";
        file.blocked["object"] = "/mnt/in/a";
        const Diagnosis whole =
            together({diagnose(copyTask("quota", "EDQUOT"), facts, kNow), diagnose(file, facts, kNow)});
        QCOMPARE(whole.rule, QStringLiteral("R10"));
        QVERIFY2(std::any_of(
                     whole.findings.begin(), whole.findings.end(),
                     [](const Finding& one) { return one.rule == "R62" && one.title.contains("/mnt/in/a"); }),
                 "the cause of the other task");
        file.blocked["what"] = "unreadable";
        const Diagnosis unknown =
            together({diagnose(copyTask("quota", "EDQUOT"), facts, kNow), diagnose(file, facts, kNow)});
        QVERIFY2(std::any_of(
                     unknown.findings.begin(), unknown.findings.end(),
                     [](const Finding& one) { return one.rule == "R1" && one.title.contains("/mnt/in/a"); }),
                 "what the other task said");
    }

    // A listing
    void aPrefixIsNoObject()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "object-pg", "landing/day-1/",
                  {{"pgId", "3.1"},
                   {"state", "active+clean"},
                   {"acting", QJsonArray{1, 2}},
                   {"size", 2},
                   {"minSize", 2}});
        facts.put("vega", "pool-pgs", "landing",
                  {{"pgNum", 8},
                   {"read", 8},
                   {"size", 2},
                   {"minSize", 2},
                   {"belowMinSize", 3},
                   {"inactive", 3},
                   {"example", "3.4"}});
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
        const QJsonObject good{
            {"pgNum", 8}, {"read", 8}, {"minSize", 2}, {"belowMinSize", 0}, {"inactive", 0}};
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
        QTest::newRow("states not known")
            << with("inactive", QJsonValue()) << "permission" << Verdict::Unknown;
        QTest::newRow("copies not known")
            << with("belowMinSize", QJsonValue()) << "permission" << Verdict::Unknown;
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
        QVERIFY(findingOf(diagnose(listingTask(what, "p/"), facts, kNow), "R5").verdict !=
                Verdict::Confirmed);
    }

    // OSDs
    void anOsdThatDoesNotAnswer_data()
    {
        QTest::addColumn<QJsonValue>("first");
        QTest::addColumn<QJsonValue>("second");
        QTest::addColumn<QString>("named");
        QTest::newRow("one") << QJsonValue(false) << QJsonValue(true)
                             << "osd.1 does not answer, although it is up";
        QTest::newRow("both") << QJsonValue(false) << QJsonValue(false)
                              << "osd.1 and osd.2 do not answer, although they are up";
        QTest::newRow("none") << QJsonValue(true) << QJsonValue(true) << "";
        QTest::newRow("not known") << QJsonValue() << QJsonValue() << "";
    }
    void anOsdThatDoesNotAnswer()
    {
        QFETCH(QJsonValue, first);
        QFETCH(QJsonValue, second);
        QFETCH(QString, named);
        for (const TaskView& task :
             {copyTask("timeout", "hangs"), verifyTask("timeout", "verify"), listingTask("timeout", "p/")}) {
            FakeFacts facts = healthyVega();
            facts.put("vega", "osd-answer", "1", {{"answers", first}});
            facts.put("vega", "osd-answer", "2", {{"answers", second}});
            const Diagnosis d = diagnose(task, facts, kNow);
            QCOMPARE(d.rule, named.isEmpty() ? QString() : QStringLiteral("R2"));
            QVERIFY2(d.summary.contains(named), qPrintable(d.summary));
            QVERIFY(findingOf(d, "R2").verdict != Verdict::Refuted);
            QVERIFY(findingOf(d, "R5").verdict == Verdict::Unknown);
            if (!named.isEmpty()) {
                QCOMPARE(d.findings.first().evidence.first().entity, QStringLiteral("vega/osd/1"));
                QVERIFY(d.remedy->steps.first().contains("osd.1 on host host-1"));
                facts.age("vega/osd-answer/1", kFreshMs + 1);
                facts.age("vega/osd-answer/2", kFreshMs + 1);
                QVERIFY(diagnose(task, facts, kNow).verdict == Verdict::Unknown);
            }
        }
    }
    /// An OSD that hangs reports nothing; Ceph's alert names those that wait for it.
    void whomSlowOpsNamesIsNotWhatHangs()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "osd-answer", "1", {{"answers", false}});
        facts.put("vega", "osd-answer", "2", {{"answers", true}});
        facts.put("vega", "health-check", "SLOW_OPS",
                  {{"check", "SLOW_OPS"},
                   {"summary",
                    "12 slow ops, oldest one blocked for 31 sec, daemons [osd.0,osd.2] have slow ops."}});
        Diagnosis d = diagnose(copyTask("timeout", "hangs"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R2"));
        QCOMPARE(d.findings.first().title, "osd.1 does not answer, although it is up");
        QCOMPARE(d.findings.first().broken, QStringList{"vega/osd/1"});
        QVERIFY2(textOf(d.findings.first())
                     .contains("SLOW_OPS names osd.0 and osd.2: operations there wait for osd.1"),
                 qPrintable(textOf(d.findings.first())));
        QVERIFY2(findingOf(d, "R0").rule.isEmpty(), "the alert is part of the cause");
        // Who answers may still hang for its disk: that is not known.
        facts.change("vega/osd-answer/1", {{"answers", true}});
        d = diagnose(copyTask("timeout", "hangs"), facts, kNow);
        QVERIFY(findingOf(d, "R2").verdict == Verdict::Unknown);
        QVERIFY(textOf(findingOf(d, "R2")).contains("may wait for another OSD"));
        facts.age("vega/health-check/SLOW_OPS", kFreshMs + 1);
        d = diagnose(copyTask("timeout", "hangs"), facts, kNow);
        QVERIFY(!textOf(findingOf(d, "R2")).contains("SLOW_OPS"));
    }
    void anOsdThatIsDownIsNotCalledSilent()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "osd-answer", "1", {{"answers", false}});
        facts.change("vega/osd/1", {{"up", false}});
        QVERIFY(findingOf(diagnose(copyTask("timeout", "hangs"), facts, kNow), "R2").verdict ==
                Verdict::Unknown);
        QVERIFY(findingOf(diagnose(copyTask("lock", "locked"), facts, kNow), "R2").rule.isEmpty());
    }

    // Monitors
    void withoutQuorumTheFenceWaits_data()
    {
        QTest::addColumn<QString>("phase");
        QTest::addColumn<QString>("what");
        QTest::newRow("it said so") << "copying"
                                    << "fence";
        QTest::newRow("it only began") << "fencing the attempt of the engine before"
                                       << "";
    }
    void withoutQuorumTheFenceWaits()
    {
        QFETCH(QString, phase);
        QFETCH(QString, what);
        TaskView task = copyTask();
        task.phase = phase;
        if (!what.isEmpty()) {
            task.blocked = {{"what", what},
                            {"op", "fence"},
                            {"connection", "flow"},
                            {"error", QJsonObject{{"code", "Unavailable"}}}};
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

    // What failed
    void blocklistedByAStranger()
    {
        const Diagnosis d = diagnose(
            failedTask(
                "move",
                {.code = ErrorCode::Aborted,
                 .message = "fenced: the cluster refuses this attempt's client",
                 .cause = "its client instance is on the blocklist",
                 .correction = "Nothing if a newer attempt does the work",
                 .source = "ceph",
                 .upstream = Upstream{"vega", -108, "write: Cannot send after transport endpoint shutdown"}}),
            healthyVega(), kNow);
        QCOMPARE(d.rule, QStringLiteral("R19"));
        QCOMPARE(d.findings.first().broken, QStringList{"vega/blocklist/clients of this engine"});
        QCOMPARE(d.remedy->method, QStringLiteral("flow.reset"));
        QVERIFY2(!d.findings.first().correction.contains("Nothing"), qPrintable(d.summary));
        QVERIFY2(!d.summary.contains("Nothing") && d.summary.contains("Find who fenced it"),
                 qPrintable(d.summary));
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
        QCOMPARE(diagnose(failedTask("move", different), healthyVega(), kNow).remedy->method,
                 QStringLiteral("flow.reset"));
        Error passing = different;
        passing.code = ErrorCode::NotFound;
        QCOMPARE(diagnose(failedTask("verify", passing), healthyVega(), kNow).remedy->method,
                 QStringLiteral("flow.reset"));
    }
    // R61
    void aWorkerThatIsStoppedIsNamed()
    {
        for (TaskView task : {copyTask(), copyTask("timeout", "hangs")}) {
            QVERIFY(findingOf(diagnose(task, healthyVega(), kNow), "R61").rule.isEmpty());
            task.stoppedPid = 4711;
            const Diagnosis d = diagnose(task, healthyVega(), kNow);
            QCOMPARE(d.rule, QStringLiteral("R61"));
            QVERIFY2(d.summary.contains("kill -CONT 4711") && d.summary.contains("reset"),
                     qPrintable(d.summary));
            QCOMPARE(d.findings.first().evidence.first().source, QStringLiteral("/proc/4711/stat"));
            QVERIFY(d.remedy->method.isEmpty() && d.remedy->steps.last().endsWith("flow reset R-1"));
        }
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisCause)
#include "tst_diagnosis_cause.moc"
