#include <QtCore/QJsonDocument>

#include "patience.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

class TestDiagnosisRules : public QObject {
    Q_OBJECT

private:
    static FakeFacts quorumLost()
    {
        FakeFacts facts = healthyVega();
        facts.ageAll(60'000);
        facts.put("vega", "mon-quorum", "vega",
                  {{"quorate", false}, {"needed", 2}, {"total", 3}, {"lostSince", toRfc3339(kNow - 40'000)}});
        facts.put("vega", "mon", "a", {{"name", "a"}, {"answers", true}, {"state", "probing"}});
        facts.put("vega", "mon", "b", {{"name", "b"}, {"answers", false}, {"error", "connection refused"}});
        facts.put(
            "vega", "mon", "c",
            {{"name", "c"}, {"answers", false}, {"error", QJsonObject{{"message", "connection refused"}}}});
        return facts;
    }

private Q_SLOTS:
    // R5
    void tooFewCopiesIsConfirmed_data()
    {
        QTest::addColumn<QJsonArray>("acting");
        QTest::newRow("one of two") << QJsonArray{1};
        QTest::newRow("none") << QJsonArray{};
        QTest::newRow("hole as CRUSH writes it") << QJsonArray{1, 2147483647};
        QTest::newRow("hole as -1") << QJsonArray{1, -1};
    }
    void tooFewCopiesIsConfirmed()
    {
        QFETCH(QJsonArray, acting);
        FakeFacts facts = healthyVega();
        facts.change(kPgId, {{"state", "undersized+degraded+peered"}, {"acting", acting}});
        facts.change("vega/osd/2", {{"up", false}});
        const Diagnosis d = diagnose(copyTask("min_size", "the write hangs"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R5"));
        QVERIFY(d.remedy);
        QVERIFY(d.remedy->method.isEmpty());
        const QString text = textOf(d.findings.first());
        QVERIFY2(text.contains("osd.2 of vega is down"), qPrintable(text));
        QVERIFY2(text.contains("Start osd.2"), qPrintable(text));
        QVERIFY2(text.contains("min_size 2"), qPrintable(text));
        QStringList kinds;
        for (const ChainLink& link : d.chain) {
            kinds.append(link.kind);
        }
        QCOMPARE(kinds, (QStringList{"task", "object", "pg", "osd"}));
    }
    void oldPgIsUnknown()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPgId, {{"acting", QJsonArray{1}}});
        facts.age(kPgId, kFreshMs + 1);
        facts.change("vega/pg-summary/vega", {{"inactive", 3}});
        const Diagnosis d = diagnose(copyTask("min_size", "hangs"), facts, kNow);
        QVERIFY(d.verdict == Verdict::Unknown);
        QVERIFY(findingOf(d, "R5").verdict == Verdict::Unknown);
        QVERIFY(textOf(findingOf(d, "R5")).contains("3 of 64 PGs of vega do not serve"));
        QVERIFY(textOf(findingOf(d, "R5")).contains("too old to judge by"));
    }
    void withoutPgAllActiveStillRefutes()
    {
        FakeFacts facts = healthyVega();
        facts.drop(kPgId);
        const Finding r5 = findingOf(diagnose(copyTask("lock", "locked"), facts, kNow), "R5");
        QVERIFY(r5.verdict == Verdict::Refuted);
        QVERIFY(textOf(r5).contains("All 64 PGs of vega are active"));
    }
    void activeRefutesNothingWhileTheOperationHangs_data()
    {
        QTest::addColumn<bool>("pgKnown");
        QTest::newRow("its PG") << true;
        QTest::newRow("all PGs") << false;
    }
    void activeRefutesNothingWhileTheOperationHangs()
    {
        QFETCH(bool, pgKnown);
        FakeFacts facts = healthyVega();
        if (!pgKnown) {
            facts.drop(kPgId);
        }
        const Finding r5 = findingOf(diagnose(copyTask("timeout", "hangs"), facts, kNow), "R5");
        QVERIFY(r5.verdict == Verdict::Unknown);
        QVERIFY2(textOf(r5).contains("an operation there has no answer for 6 min 12 s"),
                 qPrintable(textOf(r5)));
    }
    void minSizeFromTheCephPool()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPgId, {{"minSize", 0}, {"acting", QJsonArray{1}}, {"state", "peered"}});
        QCOMPARE(diagnose(copyTask("min_size", "hangs"), facts, kNow).rule, QStringLiteral("R5"));
        facts.drop(kPool);
        QVERIFY(findingOf(diagnose(copyTask("min_size", "hangs"), facts, kNow), "R5").verdict ==
                Verdict::Unknown);
    }
    void inactiveWithEnoughCopiesIsAnotherCause()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPgId, {{"state", "incomplete"}});
        const Finding r5 = findingOf(diagnose(copyTask("timeout", "hangs"), facts, kNow), "R5");
        QVERIFY(r5.verdict == Verdict::Unknown);
        QVERIFY(textOf(r5).contains("not this cause"));
    }
    void actingMissingIsUnknown()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPgId, {{"acting", QJsonValue()}});
        QVERIFY(findingOf(diagnose(copyTask("timeout", "hangs"), facts, kNow), "R5").verdict ==
                Verdict::Unknown);
    }

    // R10 and R9
    void quotaIsConfirmed_data()
    {
        QTest::addColumn<QJsonObject>("changes");
        QTest::newRow("flag") << QJsonObject{{"fullQuota", true}, {"full", true}, {"quotaBytes", 1000.0}};
        QTest::newRow("flag still late, bytes") << QJsonObject{{"quotaBytes", 600.0}};
        QTest::newRow("flag still late, objects") << QJsonObject{{"quotaObjects", 10}};
    }
    void quotaIsConfirmed()
    {
        QFETCH(QJsonObject, changes);
        FakeFacts facts = healthyVega();
        facts.change(kPool, changes);
        const Diagnosis d = diagnose(copyTask("quota", "EDQUOT"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R10"));
        const QString text = textOf(d.findings.first());
        QVERIFY2(text.contains("It is not the space"), qPrintable(text));
        QVERIFY2(text.contains("Raise the quota of Ceph pool train"), qPrintable(text));
        QVERIFY2(d.summary.contains("is at its quota"), qPrintable(d.summary));
    }
    void quotaWithOldFactsIsUnknown()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"fullQuota", true}});
        facts.age(kPool, kFreshMs + 1);
        const Diagnosis d = diagnose(copyTask("quota", "EDQUOT"), facts, kNow);
        QVERIFY(d.verdict == Verdict::Unknown);
        QVERIFY(findingOf(d, "R10").verdict == Verdict::Unknown);
    }
    void quotaReportedButNotSeenIsUnknown()
    {
        const Diagnosis d = diagnose(copyTask("quota", "EDQUOT"), healthyVega(), kNow);
        QVERIFY(findingOf(d, "R10").verdict == Verdict::Unknown);
    }
    void quotaOfASourceStopsNoCopy()
    {
        FakeFacts facts = healthyVega();
        facts.change("vega/ceph-pool/landing", {{"fullQuota", true}, {"full", true}});
        const Diagnosis d = diagnose(copyTask("timeout", "hangs"), facts, kNow);
        QVERIFY(findingOf(d, "R10").verdict == Verdict::Refuted);
    }
    void usageIsSaidWhenRefuted()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"quotaBytes", 1000.0}});
        const Finding r10 = findingOf(diagnose(copyTask("lock", "locked"), facts, kNow), "R10");
        QVERIFY(r10.verdict == Verdict::Refuted);
        QVERIFY2(textOf(r10).contains("61 % of 1000 B, no full flag"), qPrintable(textOf(r10)));
    }
    void usageOfAManagerThatIsGoneIsOld()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"quotaBytes", 1000.0}, {"figuresAt", toRfc3339(kNow - 14'000)}});
        QVERIFY(
            !textOf(findingOf(diagnose(copyTask("lock", "locked"), facts, kNow), "R10")).contains("counted"));
        facts.change(kPool, {{"figuresAt", toRfc3339(kNow - 60'000)}});
        const QString old = textOf(findingOf(diagnose(copyTask("lock", "locked"), facts, kNow), "R10"));
        QVERIFY2(old.contains("61 % of 1000 B, counted 1 min ago"), qPrintable(old));
    }
    void whatWasSeenBeforeTheStallRulesNothingOut()
    {
        // A dead manager's sum may be fresh and yet older than the fault.
        FakeFacts facts = healthyVega();
        facts.drop(kPgId);
        TaskView task = copyTask("lock", "locked");
        QVERIFY(findingOf(diagnose(task, facts, kNow), "R5").verdict == Verdict::Refuted);
        task.blocked["sinceMs"] = 1'000;
        QVERIFY(findingOf(diagnose(task, facts, kNow), "R5").verdict == Verdict::Unknown);
    }
    void fullWithoutQuotaIsTheSpace()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"full", true}});
        const Diagnosis d = diagnose(copyTask("full", "no space left"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R9"));
        QVERIFY(findingOf(d, "R10").verdict == Verdict::Refuted);
        QVERIFY2(textOf(d.findings.first()).contains("The fullest is osd.2: 30 % of 1000 B"),
                 qPrintable(textOf(d.findings.first())));
        facts.age(kPool, kFreshMs + 1);
        QVERIFY(diagnose(copyTask("full", "no space left"), facts, kNow).verdict == Verdict::Unknown);
    }

    // R13
    void quorumLostStopsOnlyWhoConnects()
    {
        const FakeFacts facts = quorumLost();
        TaskView connecting = copyTask("connect", "no monitor answers");
        connecting.phase = "connecting";
        const Diagnosis d = diagnose(connecting, facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R13"));
        const QString text = textOf(d.findings.first());
        QVERIFY2(text.contains("1 of 3 monitors answer, 2 are needed, for 40 s"), qPrintable(text));
        QVERIFY2(text.contains("Monitor b does not answer: connection refused"), qPrintable(text));
        QVERIFY2(text.contains("Monitor c does not answer: connection refused"), qPrintable(text));
        QVERIFY2(text.contains("Start mon.b or mon.c: one is enough"), qPrintable(text));
        QVERIFY(d.remedy && d.remedy->method.isEmpty());
        QCOMPARE(d.chain.at(1).kind, QStringLiteral("mon-quorum"));
        QCOMPARE(d.chain.at(2).title, QStringLiteral("mon.b and mon.c"));

        const Diagnosis copying = diagnose(copyTask("lock", "locked"), facts, kNow);
        QVERIFY(findingOf(copying, "R13").verdict == Verdict::Unknown);
        QVERIFY(textOf(findingOf(copying, "R13")).contains("nothing can be fenced or reset"));
    }
    void quorumLostLeavesTheRestUnknown()
    {
        TaskView connecting = copyTask("connect", "no monitor answers");
        const Diagnosis d = diagnose(connecting, quorumLost(), kNow);
        QVERIFY(findingOf(d, "R5").verdict == Verdict::Unknown);
        QVERIFY(findingOf(d, "R10").verdict == Verdict::Unknown);
        QVERIFY(textOf(findingOf(d, "R5")).contains("last read 1 min ago"));
    }
    void phaseConnectingIsEnough()
    {
        TaskView task = copyTask();
        task.phase = "connecting";
        QCOMPARE(diagnose(task, quorumLost(), kNow).rule, QStringLiteral("R13"));
    }
    void oldQuorumFactIsUnknown()
    {
        FakeFacts facts = quorumLost();
        facts.age(kQuorum, kFreshMs + 1);
        const Diagnosis d = diagnose(copyTask("connect", "no monitor answers"), facts, kNow);
        QVERIFY(findingOf(d, "R13").verdict == Verdict::Unknown);
        QVERIFY(d.verdict == Verdict::Unknown);
    }
    void nothingKnownIsUnknown()
    {
        const Diagnosis d = diagnose(copyTask("connect", "no monitor answers"), FakeFacts(), kNow);
        QVERIFY(d.verdict == Verdict::Unknown);
        QVERIFY2(d.summary.contains("The monitor quorum of vega: not read yet"), qPrintable(d.summary));
    }
    void timeoutWithoutQuorumIsUnknown()
    {
        const Diagnosis d = diagnose(copyTask("timeout", "hangs"), quorumLost(), kNow);
        QVERIFY(findingOf(d, "R13").verdict == Verdict::Unknown);
    }
    void silentTaskOfUnknownPhaseIsUnknown()
    {
        TaskView task = copyTask();
        task.phase.clear();
        QVERIFY(findingOf(diagnose(task, quorumLost(), kNow), "R13").verdict == Verdict::Unknown);
    }
    void connectingElsewhereIsNotThisCluster()
    {
        TaskView task = copyTask("connect", "no answer");
        task.blocked["connection"] = "atlas";
        task.touched.append({"ceph-pool", "atlas", "train", true});
        const Diagnosis d = diagnose(task, quorumLost(), kNow);
        for (const Finding& finding : d.findings) {
            QVERIFY(finding.rule != QLatin1String("R13") || finding.verdict != Verdict::Confirmed);
        }
    }

    // No rule
    void aSilentWorkerIsUnknown()
    {
        const Diagnosis d = diagnose(copyTask(), healthyVega(), kNow);
        QVERIFY(d.verdict == Verdict::Unknown);
        QVERIFY(d.rule.isEmpty());
        QVERIFY(!d.remedy);
        QVERIFY2(d.summary.startsWith("Unknown: no rule explains why copy-train does not move."),
                 qPrintable(d.summary));
        QVERIFY2(d.summary.contains("Checked and ruled out"), qPrintable(d.summary));
        QVERIFY2(d.summary.contains("The worker does not say what it waits for"), qPrintable(d.summary));
        QVERIFY2(findingOf(d, "R5").verdict == Verdict::Unknown, "an OSD may hang unnoticed");
        QCOMPARE(d.chain.last().kind, QStringLiteral("unknown"));
    }
    void aFailedTaskSaysItself()
    {
        TaskView task = copyTask();
        task.state = "failed";
        task.blocked = {{"what", "failed"},
                        {"error", Error{.code = ErrorCode::Aborted,
                                        .message = "part-1 changed during the copy",
                                        .cause = "somebody wrote it",
                                        .correction = "Reset the run"}
                                      .toJson()}};
        const Diagnosis d = diagnose(task, healthyVega(), kNow);
        QVERIFY(d.verdict == Verdict::Confirmed);
        QCOMPARE(d.rule, QStringLiteral("R1"));
        const Finding& first = d.findings.first();
        QCOMPARE(first.rule, QStringLiteral("R1"));
        QCOMPARE(first.title, QStringLiteral("part-1 changed during the copy"));
        QCOMPARE(first.evidence.first().text, QStringLiteral("somebody wrote it"));
        QCOMPARE(first.evidence.first().source, QStringLiteral("worker"));
        QCOMPARE(first.evidence.first().observedAtMs, task.lastProgressAtMs);
        QCOMPARE(d.remedy->method, QStringLiteral("flow.reset"));
        QCOMPARE(d.remedy->steps, QStringList({"Reset the run", "Reset it: sluicectl flow reset R-1"}));
        QCOMPARE(d.chain.last().kind, QStringLiteral("report"));
        QCOMPARE(d.summary,
                 QStringLiteral(
                     "copy-train failed. part-1 changed during the copy: somebody wrote it. Reset the run"));
    }
    void aFlowFileThatMayBeWrongCanBeCancelled()
    {
        TaskView task = copyTask();
        task.state = "failed";
        task.blocked = {{"what", "failed"},
                        {"error", Error{.code = ErrorCode::NotFound,
                                        .message = "vega has no Ceph pool 'trian'",
                                        .cause = "no Ceph pool has that name",
                                        .correction = "Make it, or name another one.",
                                        .source = "ceph",
                                        .upstream = Upstream{"rados", -2, "ENOENT"}}
                                      .toJson()}};
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"fullQuota", true}});
        const Diagnosis d = diagnose(task, facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R1"));
        QCOMPARE(d.findings.first().evidence.first().source, QStringLiteral("ceph"));
        QCOMPARE(d.findings.first().evidence.last().text, QStringLiteral("rados answered -2 ENOENT"));
        QCOMPARE(d.remedy->steps.size(), 3);
        QCOMPARE(d.remedy->steps[0], QStringLiteral("Make it, or name another one"));
        QVERIFY(d.remedy->steps[1].contains("sluicectl flow reset R-1"));
        QVERIFY(d.remedy->steps[2].contains("sluicectl flow cancel R-1 --yes"));
    }
    void aLuigiTaskTouchesNoCluster()
    {
        TaskView task{.id = "R-1/features",
                      .run = "R-1",
                      .task = "features",
                      .kind = "luigi",
                      .state = "stalled",
                      .connections = {"luigid"}};
        const Diagnosis d = diagnose(task, healthyVega(), kNow);
        QVERIFY(d.verdict == Verdict::Unknown);
        QVERIFY(d.findings.isEmpty());
        QVERIFY(!d.summary.contains("ruled out"));
        QCOMPARE(d.chain.last().lines, (QStringList{"no rule is about a task like this"}));
        // An alert of a cluster it does not use is none of its business either.
        FakeFacts facts = healthyVega();
        facts.put("vega", "health-check", "OSD_DOWN", {{"check", "OSD_DOWN"}, {"summary", "1 osds down"}});
        QVERIFY(diagnose(task, facts, kNow).findings.isEmpty());
        QVERIFY(probesFor(task, facts).isEmpty());
    }

    // R0
    void alertsElsewhereAreRefuted()
    {
        FakeFacts facts = healthyVega();
        facts.put("atlas", "health-check", "OSD_DOWN",
                  {{"check", "OSD_DOWN"}, {"severity", "HEALTH_WARN"}, {"summary", "1 osds down"}});
        const Finding r0 = findingOf(diagnose(copyTask("lock", "locked"), facts, kNow), "R0");
        QVERIFY(r0.verdict == Verdict::Refuted);
        QVERIFY(r0.scope == Scope::Elsewhere);
        QCOMPARE(r0.toJson()["distance"].toInt(), 9);
        QCOMPARE(r0.toJson()["scope"].toString(), QStringLiteral("elsewhere"));
        QVERIFY(textOf(r0).contains("This task does not touch atlas"));
    }
    void alertsOnTheSameCluster_data()
    {
        QTest::addColumn<QString>("check");
        QTest::addColumn<int>("verdict");
        QTest::newRow("explained by a refuted rule") << "OSD_DOWN" << int(Verdict::Refuted);
        QTest::newRow("one monitor of three") << "MON_DOWN" << int(Verdict::Refuted);
        QTest::newRow("posture") << "AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED" << int(Verdict::Refuted);
        QTest::newRow("no rule for it") << "OSDMAP_FLAGS" << int(Verdict::Unknown);
    }
    void alertsOnTheSameCluster()
    {
        QFETCH(QString, check);
        QFETCH(int, verdict);
        FakeFacts facts = healthyVega();
        facts.put("vega", "health-check", check, {{"check", check}, {"summary", "something"}});
        const Finding r0 = findingOf(diagnose(copyTask("lock", "locked"), facts, kNow), "R0");
        QCOMPARE(r0.rule, QStringLiteral("R0"));
        QCOMPARE(int(r0.verdict), verdict);
        QVERIFY(textOf(r0).contains(check));
    }
    void alertOfTheNamedCauseIsNotListedAgain()
    {
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"fullQuota", true}, {"full", true}});
        facts.put("vega", "health-check", "POOL_FULL",
                  {{"check", "POOL_FULL"}, {"summary", "1 pool(s) full"}});
        const Diagnosis d = diagnose(copyTask("quota", "EDQUOT"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R10"));
        QVERIFY(findingOf(d, "R0").rule.isEmpty());
    }
    void oldAlertOnTheSameClusterIsUnknown()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "health-check", "OSD_DOWN", {{"check", "OSD_DOWN"}}, kNow - 60'000);
        QVERIFY(findingOf(diagnose(copyTask("lock", "locked"), facts, kNow), "R0").verdict ==
                Verdict::Unknown);
    }

    // Order
    void nearestConfirmedFirstAndRefutedLast()
    {
        FakeFacts facts = healthyVega();
        facts.change(kLockList, {{"locks", QJsonArray{lockFact()}}});
        facts.change(kPool, {{"fullQuota", true}, {"full", true}});
        facts.put("atlas", "health-check", "OSD_DOWN", {{"check", "OSD_DOWN"}});
        const Diagnosis d = diagnose(copyTask("lock", "locked"), facts, kNow);
        QCOMPARE(d.findings.at(0).rule, QStringLiteral("R18"));
        QVERIFY(d.findings.at(0).verdict == Verdict::Confirmed);
        QCOMPARE(d.findings.at(1).rule, QStringLiteral("R10"));
        QVERIFY(d.findings.at(1).verdict == Verdict::Unknown);
        QCOMPARE(d.findings.last().rule, QStringLiteral("R0"));
        QVERIFY(d.findings.last().verdict == Verdict::Refuted);
    }
    void amongEqualsTheNearerFirst()
    {
        FakeFacts facts = healthyVega();
        facts.put("atlas", "health-check", "OSD_DOWN", {{"check", "OSD_DOWN"}});
        facts.put("vega", "health-check", "RECENT_CRASH", {{"check", "RECENT_CRASH"}});
        QStringList alerts;
        for (const Finding& finding : diagnose(copyTask("lock", "locked"), facts, kNow).findings) {
            if (finding.rule == QLatin1String("R0")) {
                alerts.append(finding.title);
            }
        }
        QCOMPARE(alerts, (QStringList{"vega: RECENT_CRASH", "atlas: OSD_DOWN"}));
    }
    void causesOfSeveralTasksStandTogether()
    {
        FakeFacts facts = healthyVega();
        const Diagnosis unknown = diagnose(copyTask(), facts, kNow);
        facts.change(kPool, {{"fullQuota", true}, {"full", true}});
        const Diagnosis full = diagnose(copyTask("quota", "EDQUOT"), facts, kNow);
        TaskView other = copyTask();
        other.state = "failed";
        other.blocked = {{"what", "failed"}, {"error", Error{.message = "it broke"}.toJson()}};
        const Diagnosis broken = diagnose(other, healthyVega(), kNow);
        const Diagnosis whole = together({unknown, full, broken, full});
        QCOMPARE(whole.rule, QStringLiteral("R10"));
        QCOMPARE(whole.summary, full.summary);
        QCOMPARE(whole.findings.size(), full.findings.size() + 1);
        QCOMPARE(whole.findings[1].title, QStringLiteral("it broke"));
        QVERIFY(together({unknown}).rule.isEmpty());
    }
    void jsonShape()
    {
        FakeFacts facts = healthyVega();
        facts.change(kLockList, {{"locks", QJsonArray{lockFact()}}});
        const QJsonObject json = diagnose(copyTask("lock", "locked"), facts, kNow).toJson();
        QCOMPARE(json.keys(), (QStringList{"chain", "findings", "remedy", "rule", "summary", "verdict"}));
        const QJsonObject finding = json["findings"].toArray().first().toObject();
        QCOMPARE(finding["verdict"].toString(), QStringLiteral("confirmed"));
        QCOMPARE(finding["evidence"].toArray().first().toObject()["observedAt"].toString(),
                 toRfc3339(kNow - 2'000));
        QCOMPARE(json["remedy"].toObject()["class"].toInt(), 2);
        const QJsonObject unknown = diagnose(copyTask(), facts, kNow).toJson();
        QVERIFY(unknown["remedy"].isNull());
    }
    void sinceAsTimeOfDayOrAsDuration()
    {
        TaskView task = copyTask("timeout", "hangs");
        task.blocked["sinceMs"] = kNow - 60'000;
        const auto report = [&] { return Scene(task, healthyVega(), kNow).report().text; };
        QVERIFY2(report().contains("for 1 min"), qPrintable(report()));
        task.blocked["sinceMs"] = 61'000;
        QVERIFY2(report().contains("for 1 min 1 s"), qPrintable(report()));
        task.blocked.remove("sinceMs");
        task.blocked["since"] = toRfc3339(kNow - 120'000);
        QVERIFY2(report().contains("for 2 min"), qPrintable(report()));
    }
    void freshness()
    {
        QVERIFY(isFresh(kNow, kNow));
        QVERIFY(isFresh(kNow - kFreshMs + 1, kNow));
        QVERIFY(!isFresh(kNow - kFreshMs, kNow));
        QVERIFY(isFresh(kNow + 4'000, kNow));
        QVERIFY(!isFresh(kNow + 6'000, kNow));
        QVERIFY(!isFresh(0, kNow));
        QVERIFY(!isFresh(0, 1));
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisRules)
#include "tst_diagnosis_rules.moc"
