#include <QtTest/QtTest>

#include "diagnosis/outage.h"
#include "tests/unit/diagnosis_gateway_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

/// A gateway that is gone, or fails at what the task asks for.
class TestDiagnosisGatewayTrouble : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aGatewayThatIsGone()
    {
        FakeFacts facts = healthyGateway();
        facts.change(
            kGateway,
            {{"answers", false}, {"alive", false}, {"error", QJsonObject{{"cause", "connection refused"}}}});
        for (const char* what : {"gateway", "timeout"}) {
            const Diagnosis d = diagnose(publish(QLatin1String(what)), facts, kNow);
            QCOMPARE(d.rule, QStringLiteral("R59"));
            QVERIFY(textOf(d.findings.first()).contains("connection refused"));
            QCOMPARE(outageOf(d.toJson()), QStringList{kGateway});
        }
        // It refused this one, so it was there: something else is the cause.
        QVERIFY(findingOf(diagnose(publish("permission", "AccessDenied"), facts, kNow), "R59").verdict ==
                Verdict::Unknown);
        QVERIFY(findingOf(diagnose(publish(), facts, kNow), "R59").verdict == Verdict::Unknown);
        facts.age(kGateway, kFreshMs);
        QVERIFY(diagnose(publish("gateway"), facts, kNow).verdict == Verdict::Unknown);
    }
    void aGatewayThatWaitsForItsClusterIsNotTheCause()
    {
        FakeFacts facts = healthyGateway();
        facts.change(kGateway, {{"answers", false}, {"alive", true}, {"status", 0}});
        QVERIFY(findingOf(diagnose(publish("timeout"), facts, kNow), "R59").verdict == Verdict::Unknown);
        facts.change(kGateway, {{"status", 503}});
        QVERIFY(findingOf(diagnose(publish("gateway"), facts, kNow), "R59").verdict == Verdict::Unknown);
        facts.change(kGateway, {{"status", 403}});
        QVERIFY(findingOf(diagnose(publish("gateway"), facts, kNow), "R59").verdict == Verdict::Unknown);
    }
    static FakeFacts allOsdsAnswer()
    {
        FakeFacts facts = healthyGateway();
        facts.change(kPgs, {{"osds", QJsonArray{0, 1}}});
        facts.change("vega/pool-pgs/eu.rgw.buckets.index", {{"osds", QJsonArray{1, 2}}});
        for (const char* osd : {"0", "1", "2"}) {
            facts.put("vega", "osd-answer", QLatin1String(osd), {{"answers", true}});
        }
        return facts;
    }
    void anAnswerToSomethingElseRulesNothingOut_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("code");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("title");
        QTest::newRow("slow down") << "gateway"
                                   << "SlowDown: later" << 503
                                   << "The gateway rgw.vega answers with 503 SlowDown";
        QTest::newRow("internal") << "gateway"
                                  << "InternalError" << 500
                                  << "The gateway rgw.vega answers with 500 InternalError";
        QTest::newRow("no words") << "gateway"
                                  << " " << 500 << "The gateway rgw.vega answers with 500";
        QTest::newRow("too many") << "gateway"
                                  << "TooMany" << 429 << "The gateway rgw.vega answers with 429 TooMany";
        QTest::newRow("hangs")
            << "timeout"
            << "Timeout was reached" << 28
            << "The gateway rgw.vega does not answer what the task asks for, and answers others";
        QTest::newRow("the connection breaks") << "gateway"
                                               << "Failure when receiving data" << 56 << "";
    }
    void anAnswerToSomethingElseRulesNothingOut()
    {
        QFETCH(QString, what);
        QFETCH(QString, code);
        QFETCH(int, status);
        QFETCH(QString, title);
        for (const char* op : {"read", "write", "list"}) {
            TaskView task = publish(what, code, status);
            task.blocked["op"] = QLatin1String(op);
            const Diagnosis d = diagnose(task, allOsdsAnswer(), kNow);
            const Finding finding = findingOf(d, "R59");
            QCOMPARE(toString(finding.verdict),
                     title.isEmpty() ? QStringLiteral("unknown") : QStringLiteral("confirmed"));
            QVERIFY(textOf(finding).contains("answers a simple question in 7 ms"));
            QVERIFY2(textOf(finding).contains("The worker reports"), qPrintable(textOf(finding)));
            QVERIFY2(textOf(finding).contains(code.trimmed()), qPrintable(textOf(finding)));
            QVERIFY2(!d.summary.contains("ruled out: The gateway"), qPrintable(d.summary));
            if (!title.isEmpty()) {
                QCOMPARE(finding.title, title);
                QCOMPARE(d.rule, QStringLiteral("R59"));
                QCOMPARE(outageOf(d.toJson()), QStringList{kGateway});
                QVERIFY(d.summary.contains("goes on by itself") && d.remedy && d.remedy->method.isEmpty());
            }
        }
    }
    void whatItMeansIsTold()
    {
        TaskView task = publish("gateway", "SlowDown", 503);
        QJsonObject error = task.blocked["error"].toObject();
        error["cause"] = "the gateway is overloaded; it asks to be left alone for 5 s";
        task.blocked["error"] = error;
        const Diagnosis d = diagnose(task, healthyGateway(), kNow);
        QVERIFY2(d.summary.contains("overloaded; it asks to be left alone for 5 s"), qPrintable(d.summary));
    }
    void itsOwnWordNeedsNoOtherFact()
    {
        FakeFacts facts = healthyGateway();
        facts.drop(kGateway);
        QCOMPARE(diagnose(publish("gateway", "SlowDown", 503), facts, kNow).rule, QStringLiteral("R59"));
        QVERIFY(diagnose(publish("timeout", "hangs", 28), facts, kNow).verdict == Verdict::Unknown);
    }
    void whatItSaidToAnotherTaskIsNotOfThisOne()
    {
        TaskView task = publish("gateway", "SlowDown", 503);
        task.blocked["connection"] = "rgw.orion";
        QVERIFY(findingOf(diagnose(task, allOsdsAnswer(), kNow), "R59").verdict == Verdict::Refuted);
        // Nothing is known of what it waits for: that may be the gateway.
        QVERIFY(findingOf(diagnose(publish(), allOsdsAnswer(), kNow), "R59").verdict == Verdict::Unknown);
        QVERIFY(findingOf(diagnose(publish("permission", "AccessDenied"), allOsdsAnswer(), kNow), "R59")
                    .verdict == Verdict::Refuted);
    }
    void aHangIsTheGatewaysOnlyIfAllBehindItAnswer()
    {
        const TaskView task = publish("timeout", "Timeout was reached", 28);
        FakeFacts facts = allOsdsAnswer();
        TaskView late = task;
        late.blocked["sinceMs"] = 1'000;
        QVERIFY2(findingOf(diagnose(late, facts, kNow), "R59").verdict == Verdict::Unknown,
                 "seen before it hung");
        facts.change("vega/osd/2", {{"up", false}});
        QVERIFY(findingOf(diagnose(task, facts, kNow), "R59").verdict == Verdict::Unknown);
        facts = allOsdsAnswer();
        facts.drop("vega/osd-answer/2");
        QVERIFY(findingOf(diagnose(task, facts, kNow), "R59").verdict == Verdict::Unknown);
        QVERIFY(findingOf(diagnose(task, healthyGateway(), kNow), "R59").verdict == Verdict::Unknown);
        // An OSD behind it that hangs is nearer.
        facts = allOsdsAnswer();
        facts.change("vega/osd-answer/2", {{"answers", false}});
        for (const TaskView& hangs : {task, publish("gateway", "InternalError", 500)}) {
            const Diagnosis d = diagnose(hangs, facts, kNow);
            QCOMPARE(d.rule, QStringLiteral("R2"));
            QCOMPARE(outageOf(d.toJson()), QStringList{"vega/osd/2"});
            QVERIFY(findingOf(d, "R59").verdict == Verdict::Unknown && !findingOf(d, "R59").remedy);
        }
        // Nobody knows what stands behind it, or nothing does.
        TaskView elsewhere = task;
        elsewhere.touched[0].behind.clear();
        QCOMPARE(diagnose(elsewhere, facts, kNow).rule, QStringLiteral("R59"));
    }
    void nearerCausesComeFirst()
    {
        FakeFacts facts = allOsdsAnswer();
        facts.change(kData, {{"full", true}, {"fullQuota", true}, {"quotaObjects", 10}});
        for (const TaskView& task :
             {publish("timeout", "hangs", 28), publish("gateway", "InternalError", 500)}) {
            const Diagnosis d = diagnose(task, facts, kNow);
            QCOMPARE(d.rule, QStringLiteral("R10"));
            QVERIFY2(!verdicts(d).contains("R59 confirmed") && !verdicts(d).contains("R59 refuted"),
                     qPrintable(verdicts(d).join(',')));
        }
    }
    void whatStandsBehindAGatewayHoldsUpOnlyWhatReachedIt_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<ErrorCode>("code");
        QTest::addColumn<bool>("reached");
        QTest::newRow("nobody listens") << 7 << ErrorCode::Unavailable << false;
        QTest::newRow("no such host") << 6 << ErrorCode::Unavailable << false;
        QTest::newRow("its certificate is not trusted") << 60 << ErrorCode::Unauthenticated << false;
        QTest::newRow("the key is refused") << 403 << ErrorCode::Unauthenticated << false;
        QTest::newRow("the user is refused") << 403 << ErrorCode::PermissionDenied << false;
        QTest::newRow("no answer in time") << 28 << ErrorCode::DeadlineExceeded << true;
        QTest::newRow("it fails") << 500 << ErrorCode::Unavailable << true;
        QTest::newRow("the connection breaks") << 56 << ErrorCode::Unavailable << true;
    }
    void whatStandsBehindAGatewayHoldsUpOnlyWhatReachedIt()
    {
        QFETCH(int, status);
        QFETCH(ErrorCode, code);
        QFETCH(bool, reached);
        TaskView task = publish("gateway");
        task.blocked["error"] =
            Error{.code = code, .message = "x", .upstream = Upstream{"rgw.vega", status, "y"}}.toJson();
        const auto bend = [](FakeFacts& facts, const QString& rule) {
            if (rule == "R2") {
                facts.change("vega/osd-answer/2", {{"answers", false}});
            } else if (rule == "R5") {
                facts.change(kPgs, {{"belowMinSize", 3}});
                facts.change("vega/osd/2", {{"up", false}});
            } else if (rule == "R9") {
                facts.change(kData, {{"full", true}});
            } else {
                facts.change(kData, {{"full", true}, {"fullQuota", true}});
            }
        };
        for (const QString& rule : {QString("R2"), QString("R5"), QString("R9"), QString("R10")}) {
            FakeFacts facts = allOsdsAnswer();
            facts.change(kGateway, {{"answers", false},
                                    {"alive", false},
                                    {"error", QJsonObject{{"cause", "connection refused"}}}});
            bend(facts, rule);
            const Diagnosis d = diagnose(task, facts, kNow);
            QCOMPARE(d.rule, reached ? rule : QStringLiteral("R59"));
            QVERIFY2(!verdicts(d).contains(rule + " refuted"), qPrintable(verdicts(d).join(',')));
        }
    }
    void aFlagPausesWhatIsBehindAGateway()
    {
        FakeFacts facts = allOsdsAnswer();
        facts.change("vega/cluster/vega", {{"flags", QJsonArray{"pauserd", "pausewr"}}});
        const Diagnosis d = diagnose(publish("timeout", "hangs", 28), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R16"));
        QVERIFY(!verdicts(d).contains("R59 confirmed") && !verdicts(d).contains("R59 refuted"));
        QVERIFY(findingOf(diagnose(publish("permission", "AccessDenied"), facts, kNow), "R16").verdict ==
                Verdict::Unknown);
    }
    void noRoomBehindAGatewayIsNoQuotaOfItsOwn()
    {
        FakeFacts facts = allOsdsAnswer();
        const TaskView noRoom = publish("quota", "InsufficientCapacity", 507);
        QVERIFY(diagnose(noRoom, facts, kNow).verdict == Verdict::Unknown);
        QVERIFY(findingOf(diagnose(noRoom, facts, kNow), "R32").verdict == Verdict::Refuted);
        facts.change(kData, {{"full", true}, {"fullQuota", true}});
        QCOMPARE(diagnose(noRoom, facts, kNow).rule, QStringLiteral("R10"));
        // The gateway's own quota refuses before anything is written to a Ceph pool.
        const Diagnosis d = diagnose(publish("quota", "QuotaExceeded: x", 403), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R32"));
        QVERIFY(findingOf(d, "R10").verdict == Verdict::Unknown);
    }
    void anObjectOfABucketHasNoAdvisoryLock()
    {
        TaskView task = publish("gateway", "SlowDown", 503);
        task.touched.append({"ceph-pool", "vega", "train", true});
        for (const char* op : {"read", "list"}) {
            task.blocked["op"] = QLatin1String(op);
            const Diagnosis d = diagnose(task, allOsdsAnswer(), kNow);
            QVERIFY2(findingOf(d, "R18").rule.isEmpty(), qPrintable(textOf(findingOf(d, "R18"))));
            QVERIFY2(!d.summary.contains("lock"), qPrintable(d.summary));
        }
        // Nor has a file.
        task.blocked["connection"] = "";
        task.blocked["object"] = "/past/day/a049";
        task.blocked["op"] = "read";
        QVERIFY(findingOf(diagnose(task, allOsdsAnswer(), kNow), "R18").verdict == Verdict::Refuted);
    }
    void whatWasReadWithoutAnAnswerIsNotTooOld()
    {
        FakeFacts facts = healthyGateway();
        const Error denied{.code = ErrorCode::PermissionDenied,
                           .message = "rgw.vega refused the request for its administration",
                           .upstream = Upstream{"rgw.vega", 403, "AccessDenied"}};
        facts.put("rgw.vega", "bucket", "catalog", {{"errors", QJsonArray{denied.toJson()}}});
        const QString told = textOf(findingOf(diagnose(publish("timeout", "hangs", 28), facts, kNow), "R32"));
        QVERIFY2(told.contains("could not be read: rgw.vega refused the request for its administration "
                               "(rgw.vega answered 403"),
                 qPrintable(told));
        QVERIFY2(!told.contains("too old"), qPrintable(told));
        facts.put("rgw.vega", "bucket", "catalog", {});
        const QString silent =
            textOf(findingOf(diagnose(publish("timeout", "hangs", 28), facts, kNow), "R32"));
        QVERIFY2(silent.contains("The quotas of bucket catalog: not told") && !silent.contains("too old"),
                 qPrintable(silent));
        facts.age(kBucket, kFreshMs);
        QVERIFY(textOf(findingOf(diagnose(publish("timeout", "hangs", 28), facts, kNow), "R32"))
                    .contains("too old to judge by"));
    }
    void osdsBehindAreAsked()
    {
        const auto asked = [](const TaskView& task) {
            QStringList all;
            for (const Probe& probe : followUpProbes(task, allOsdsAnswer())) {
                all.append(probe.connection + ' ' + probe.method + ' ' +
                           QString::number(probe.params["osds"].toArray().size()));
            }
            return all;
        };
        QCOMPARE(asked(publish("timeout")), QStringList{"vega osd.answers 3"});
        QCOMPARE(asked(publish("gateway")), QStringList{"vega osd.answers 3"});
        QCOMPARE(asked(publish("permission")), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisGatewayTrouble)
#include "tst_diagnosis_gateway_trouble.moc"
