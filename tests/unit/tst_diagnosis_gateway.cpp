
#include "diagnosis/outage.h"
#include "patience.h"
#include "systems/ceph/rules/gateway_view.h"
#include "tests/unit/diagnosis_gateway_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::systems::ceph;
using namespace sluice::diagnosis::test;

/// What holds up a task that writes to a bucket: the gateway, its quotas and rights, and the cluster behind
/// it.
class TestDiagnosisGateway : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // R32
    void quotas_data()
    {
        QTest::addColumn<QString>("part");
        QTest::addColumn<QString>("member");
        QTest::addColumn<QJsonObject>("limit");
        QTest::addColumn<QString>("title");
        QTest::addColumn<QString>("step");
        QTest::newRow("objects of the bucket") << "bucket"
                                               << "quota" << quota(-1, 10) << "that of bucket catalog"
                                               << "radosgw-admin quota set --bucket=catalog";
        QTest::newRow("bytes of the bucket") << "bucket"
                                             << "quota" << quota(1'000, -1) << "that of bucket catalog"
                                             << "radosgw-admin quota set --bucket=catalog";
        QTest::newRow("the next object is too large")
            << "bucket"
            << "quota" << quota(1'001, -1) << "that of bucket catalog"
            << "radosgw-admin quota set --bucket=catalog";
        QTest::newRow("objects of the user") << "owner"
                                             << "quota" << quota(-1, 50) << "that of user lab"
                                             << "radosgw-admin quota set --quota-scope=user --uid=lab";
        QTest::newRow("what each bucket has") << "owner"
                                              << "bucketQuota" << quota(-1, 10) << "that of bucket catalog"
                                              << "radosgw-admin quota set --quota-scope=bucket --uid=lab";
    }
    void quotas()
    {
        QFETCH(QString, part);
        QFETCH(QString, member);
        QFETCH(QJsonObject, limit);
        QFETCH(QString, title);
        QFETCH(QString, step);
        QJsonObject all = bucketFacts();
        QJsonObject changed = all[part].toObject();
        changed[member] = limit;
        all[part] = changed;
        FakeFacts facts = healthyGateway();
        facts.change(kBucket, all);
        const Diagnosis d = diagnose(publish("quota", "QuotaExceeded"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R32"));
        QVERIFY2(d.findings.first().title.endsWith(title), qPrintable(d.findings.first().title));
        QVERIFY2(d.remedy->steps.first().startsWith(step), qPrintable(d.remedy->steps.first()));
        QVERIFY(textOf(d.findings.first()).contains("QuotaExceeded"));
        // Nobody was refused: then a quota is no cause, and one that is reached is not ruled out.
        const Finding silent = findingOf(diagnose(publish("gateway", "SlowDown", 503), facts, kNow), "R32");
        const bool reached = limit["maxBytes"].toInt() != 1'001;
        QCOMPARE(toString(silent.verdict), reached ? QStringLiteral("unknown") : QStringLiteral("refuted"));
    }
    void theReachedQuotaIsNamedAlone()
    {
        FakeFacts facts = healthyGateway();
        QJsonObject all = bucketFacts();
        QJsonObject owner = all["owner"].toObject();
        owner["quota"] = quota(-1, 50);
        QJsonObject bucket = all["bucket"].toObject();
        bucket["quota"] = quota(-1, 1'000);
        facts.change(kBucket, {{"owner", owner}, {"bucket", bucket}});
        const Diagnosis d = diagnose(publish("quota", "QuotaExceeded"), facts, kNow);
        QVERIFY2(d.findings.first().title.endsWith("that of user lab"), qPrintable(d.findings.first().title));
        QCOMPARE(outageOf(d.toJson()), QStringList{"rgw.vega/user-quota/lab"});
    }
    void whichQuotaIsTheOutage_data()
    {
        QTest::addColumn<QJsonObject>("ofBucket");
        QTest::addColumn<QJsonObject>("ofUser");
        QTest::addColumn<QStringList>("outage");
        const QString bucket = "rgw.vega/bucket-quota/catalog";
        const QString owner = "rgw.vega/user-quota/lab";
        QTest::newRow("both are reached") << quota(1'000, -1) << quota(-1, 50) << QStringList{bucket, owner};
        QTest::newRow("the bucket has less room")
            << quota(1'100, -1) << quota(5'200, -1) << QStringList{bucket};
        QTest::newRow("the user has less room") << quota(1'200, -1) << quota(5'100, -1) << QStringList{owner};
        QTest::newRow("only the user's may lack room")
            << quota(-1, 1'000) << quota(9'000, -1) << QStringList{owner};
    }
    void whichQuotaIsTheOutage()
    {
        QFETCH(QJsonObject, ofBucket);
        QFETCH(QJsonObject, ofUser);
        QFETCH(QStringList, outage);
        FakeFacts facts = healthyGateway();
        QJsonObject owner = bucketFacts()["owner"].toObject();
        owner["quota"] = ofUser;
        QJsonObject bucket = bucketFacts()["bucket"].toObject();
        bucket["quota"] = ofBucket;
        facts.change(kBucket, {{"owner", owner}, {"bucket", bucket}});
        QCOMPARE(outageOf(diagnose(publish("quota", "QuotaExceeded"), facts, kNow).toJson()), outage);
    }
    void quotaThatCannotBeReadIsStillAQuota()
    {
        FakeFacts facts = healthyGateway();
        facts.drop(kBucket);
        const Diagnosis d = diagnose(publish("quota", "QuotaExceeded"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R32"));
        QVERIFY(textOf(d.findings.first()).contains("not read yet"));
        QCOMPARE(outageOf(d.toJson()), QStringList{"rgw.vega/bucket-quota/catalog"});
    }
    void whoOnlyReadsHasNoQuota()
    {
        TaskView task = publish("timeout", "hangs");
        task.kind = "verify";
        task.onlyReads = true;
        QVERIFY(findingOf(diagnose(task, healthyGateway(), kNow), "R32").rule.isEmpty());
        QVERIFY(findingOf(diagnose(task, healthyGateway(), kNow), "R10").rule.isEmpty());
        task = publish("timeout", "hangs");
        task.touched[0].destination = false;
        QVERIFY(findingOf(diagnose(task, healthyGateway(), kNow), "R32").rule.isEmpty());
    }

    // R25, R27, R28, R60
    void refusals_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("outage");
        QTest::newRow("suspended") << "UserSuspended"
                                   << "R60"
                                   << "rgw.vega/refusal/UserSuspended";
        QTest::newRow("with words") << "UserSuspended: the user is suspended"
                                    << "R60"
                                    << "rgw.vega/refusal/UserSuspended";
        QTest::newRow("denied") << "AccessDenied"
                                << "R60"
                                << "rgw.vega/refusal/AccessDenied catalog";
        QTest::newRow("key gone") << "InvalidAccessKeyId"
                                  << "R25"
                                  << "rgw.vega/refusal/InvalidAccessKeyId";
        QTest::newRow("clock") << "RequestTimeTooSkewed"
                               << "R27"
                               << "rgw.vega/refusal/RequestTimeTooSkewed";
        QTest::newRow("signature") << "SignatureDoesNotMatch"
                                   << "R28"
                                   << "rgw.vega/refusal/SignatureDoesNotMatch";
        QTest::newRow("no rule knows it") << "InvalidObjectState"
                                          << "R60"
                                          << "rgw.vega/refusal/InvalidObjectState catalog";
    }
    void refusals()
    {
        QFETCH(QString, code);
        QFETCH(QString, rule);
        QFETCH(QString, outage);
        const Diagnosis d = diagnose(publish("permission", code), healthyGateway(), kNow);
        QCOMPARE(d.rule, rule);
        QVERIFY(textOf(d.findings.first()).contains(code));
        QVERIFY(!d.findings.first().correction.contains('%'));
        QVERIFY(!d.remedy->steps.first().contains('%'));
        QCOMPARE(outageOf(d.toJson()), QStringList{outage});
        QVERIFY2(findingOf(d, "R21").rule.isEmpty(), "cephx knows nothing of it");
    }
    void whoseFaultARefusalIs_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("entity");
        QTest::newRow("the user's") << "UserSuspended"
                                    << "rgw.vega/user/lab";
        QTest::newRow("the bucket's") << "AccessDenied" << kBucket;
        QTest::newRow("the clock's") << "RequestTimeTooSkewed" << kGateway;
    }
    void whoseFaultARefusalIs()
    {
        QFETCH(QString, code);
        QFETCH(QString, entity);
        const Diagnosis d = diagnose(publish("permission", code), healthyGateway(), kNow);
        QCOMPARE(d.findings.first().evidence.first().entity, entity);
        // The outage is the same for a run whose administrator could not be asked for the user's name.
        FakeFacts facts = healthyGateway();
        facts.drop(kBucket);
        QCOMPARE(outageOf(diagnose(publish("permission", code), facts, kNow).toJson()), outageOf(d.toJson()));
    }
    void withoutAWordNothingIsNamed()
    {
        const Diagnosis d = diagnose(publish("permission"), healthyGateway(), kNow);
        QVERIFY(d.verdict == Verdict::Unknown);
        QVERIFY(findingOf(d, "R60").verdict == Verdict::Unknown);
        // That the administrator may not look either says nothing about the task's own key.
        FakeFacts facts = healthyGateway();
        const Error error{.upstream = Upstream{"rgw.vega", 403, "AccessDenied"}};
        facts.put("rgw.vega", "bucket", "catalog", {{"errors", QJsonArray{error.toJson()}}});
        QVERIFY(diagnose(publish("permission"), facts, kNow).verdict == Verdict::Unknown);
    }
    void anOwnerIsDeniedByAPolicyOnly()
    {
        FakeFacts facts = healthyGateway();
        facts.change(kBucket, {{"policy", false}});
        const Diagnosis d = diagnose(publish("permission", "AccessDenied"), facts, kNow);
        QVERIFY(d.verdict == Verdict::Unknown);
        QVERIFY2(textOf(findingOf(d, "R60")).contains("the key of this attempt may be gone"),
                 qPrintable(textOf(findingOf(d, "R60"))));
        QJsonObject foreign = bucketFacts()["bucket"].toObject();
        foreign["owner"] = "other";
        facts.change(kBucket, {{"bucket", foreign}});
        QCOMPARE(diagnose(publish("permission", "AccessDenied"), facts, kNow).rule, QStringLiteral("R60"));
        QCOMPARE(diagnose(publish("permission", "UserSuspended"), facts, kNow).rule, QStringLiteral("R60"));
    }
    void aHeadHasNoWordsButTheUserIsKnown()
    {
        FakeFacts facts = healthyGateway();
        QJsonObject suspended = user("lab");
        suspended["suspended"] = true;
        facts.change(kBucket, {{"user", suspended}});
        QVERIFY(diagnose(publish("permission"), facts, kNow).summary.contains("suspended"));
        // The administrator is the same user: then the gateway tells him so.
        facts = healthyGateway();
        const Error error{.upstream = Upstream{"rgw.vega", 403, "UserSuspended"}};
        facts.put("rgw.vega", "bucket", "catalog", {{"uid", "lab"}, {"errors", QJsonArray{error.toJson()}}});
        QVERIFY(diagnose(publish("permission"), facts, kNow)
                    .summary.contains("The user lab of rgw.vega is suspended"));
    }

    // R5, R9, R10, R13 behind the gateway
    void cephPoolBehindIsAtItsLimit_data()
    {
        QTest::addColumn<QString>("cephPool");
        QTest::addColumn<bool>("byQuota");
        QTest::addColumn<QString>("rule");
        QTest::newRow("data, quota") << "eu.rgw.buckets.data" << true << "R10";
        QTest::newRow("index, quota") << "eu.rgw.buckets.index" << true << "R10";
        QTest::newRow("data, space") << "eu.rgw.buckets.data" << false << "R9";
        QTest::newRow("of another placement") << "cold" << true << "";
    }
    void cephPoolBehindIsAtItsLimit()
    {
        QFETCH(QString, cephPool);
        QFETCH(bool, byQuota);
        QFETCH(QString, rule);
        FakeFacts facts = healthyGateway();
        facts.change("vega/ceph-pool/" + cephPool,
                     {{"full", true}, {"fullQuota", byQuota}, {"quotaObjects", 10}});
        const Diagnosis d = diagnose(publish("timeout"), facts, kNow);
        QCOMPARE(d.rule, rule);
        QVERIFY(!textOf(findingOf(d, "R10")).contains("writes to no Ceph pool"));
        if (!rule.isEmpty()) {
            QVERIFY(textOf(d.findings.first()).contains(cephPool));
            QVERIFY(!d.remedy->steps.join('|').contains("max_bytes"));
            QCOMPARE(d.remedy->steps.join('|').contains("max_objects"), byQuota);
            QCOMPARE(outageOf(d.toJson()),
                     QStringList{byQuota ? "vega/ceph-pool/" + cephPool : QStringLiteral("vega/osds-full")});
            // Whoever is refused for something else is not held up by it.
            const Diagnosis denied = diagnose(publish("permission", "AccessDenied"), facts, kNow);
            QCOMPARE(denied.rule, QStringLiteral("R60"));
            QVERIFY2(!verdicts(denied).contains(rule + " confirmed"), qPrintable(verdicts(denied).join(',')));
        }
    }
    void copiesBehindAreTooFew()
    {
        FakeFacts facts = healthyGateway();
        facts.change(kPgs, {{"belowMinSize", 8}, {"inactive", 8}});
        facts.change("vega/osd/1", {{"up", false}});
        facts.change(kGateway, {{"answers", false}, {"alive", true}});
        const Diagnosis d = diagnose(publish("timeout"), facts, kNow);
        QCOMPARE(d.rule, QStringLiteral("R5"));
        QVERIFY(textOf(d.findings.first()).contains("osd.1"));
        QCOMPARE(outageOf(d.toJson()), QStringList{"vega/osd/1"});
        QVERIFY(!verdicts(d).contains("R59 confirmed"));
        QVERIFY(!verdicts(d).contains("R59 refuted"));
        // Whoever is refused was answered: the OSDs are not what he waits for.
        const Diagnosis denied = diagnose(publish("permission", "AccessDenied"), facts, kNow);
        QVERIFY2(denied.rule != QLatin1String("R5") && !verdicts(denied).contains("R5 confirmed"),
                 qPrintable(verdicts(denied).join(',')));
    }
    void whatHangsIsNotRuledOutByTheMaps()
    {
        QVERIFY(findingOf(diagnose(publish("timeout"), healthyGateway(), kNow), "R5").verdict ==
                Verdict::Unknown);
        QVERIFY(findingOf(diagnose(publish("permission", "AccessDenied"), healthyGateway(), kNow), "R5")
                    .verdict == Verdict::Refuted);
        FakeFacts facts = healthyGateway();
        facts.change(kPgs, {{"inactive", -1}});
        QVERIFY(findingOf(diagnose(publish("permission", "AccessDenied"), facts, kNow), "R5").verdict ==
                Verdict::Unknown);
    }
    void quorumBehind()
    {
        FakeFacts facts = healthyGateway();
        QVERIFY(findingOf(diagnose(publish("timeout"), facts, kNow), "R13").verdict == Verdict::Refuted);
        facts.change(kQuorum, {{"quorate", false}});
        QVERIFY(findingOf(diagnose(publish("timeout"), facts, kNow), "R13").verdict == Verdict::Unknown);
        facts.age(kQuorum, kFreshMs);
        QVERIFY(findingOf(diagnose(publish("timeout"), facts, kNow), "R13").verdict == Verdict::Unknown);
    }
    void poolsOfAGatewayThatNeverTold()
    {
        FakeFacts facts = healthyGateway();
        const TouchedBucket bucket{"rgw.vega", "catalog", true, "vega"};
        QCOMPARE(poolsBehind(facts, bucket), (QStringList{"eu.rgw.buckets.data", "eu.rgw.buckets.index"}));
        facts.drop(kBucket);
        QCOMPARE(poolsBehind(facts, bucket),
                 (QStringList{"eu.rgw.buckets.data", "eu.rgw.buckets.index", "cold", "cold.index"}));
        facts.drop(kGateway);
        QCOMPARE(poolsBehind(facts, bucket), (QStringList{"eu.rgw.buckets.data", "eu.rgw.buckets.index"}));
    }
    void nothingOfCephIsSaidNotToBeTouched()
    {
        const Diagnosis d = diagnose(publish("timeout"), healthyGateway(), kNow);
        for (const Finding& finding : d.findings) {
            QVERIFY2(!textOf(finding).contains("touches no Ceph cluster"), qPrintable(textOf(finding)));
        }
    }

    // What was said is told, whether a rule knows it or not
    void whatTheWorkerSaidIsAlwaysThere_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("code");
        QTest::newRow("denied") << "permission"
                                << "AccessDenied";
        QTest::newRow("quota") << "quota"
                               << "QuotaExceeded";
        QTest::newRow("slow") << "gateway"
                              << "SlowDown";
        QTest::newRow("never heard of") << "gateway"
                                        << "ServiceNotReady: try tomorrow";
        QTest::newRow("no rule at all") << "record"
                                        << "NotWritten";
    }
    void whatTheWorkerSaidIsAlwaysThere()
    {
        QFETCH(QString, what);
        QFETCH(QString, code);
        for (const bool known : {true, false}) {
            const Diagnosis d = diagnose(publish(what, code), known ? healthyGateway() : FakeFacts(), kNow);
            const bool there =
                std::any_of(d.findings.begin(), d.findings.end(), [&code](const Finding& finding) {
                    return textOf(finding).contains(code) &&
                           textOf(finding).contains("rgw.vega refused the request");
                });
            QVERIFY2(there, qPrintable(verdicts(d).join(',')));
            QVERIFY(d.verdict == Verdict::Confirmed || d.summary.contains(code));
        }
    }
    void whatTheWorkerSaidLongAgoIsTold()
    {
        TaskView task = publish("gateway", "SlowDown");
        task.blocked["observedAtMs"] = kNow - 60'000;
        const Diagnosis d = diagnose(task, healthyGateway(), kNow);
        QVERIFY(d.verdict == Verdict::Unknown);
        const QString told = Scene(task, healthyGateway(), kNow).report().text;
        QVERIFY2(told.contains("1 min ago") && told.contains("SlowDown"), qPrintable(told));
        QVERIFY2(d.summary.contains("SlowDown"), qPrintable(d.summary));
    }
    void aConfirmedCauseSaysItOnce()
    {
        const Diagnosis d = diagnose(publish("permission", "AccessDenied"), healthyGateway(), kNow);
        QVERIFY(findingOf(d, "R1").rule.isEmpty());
        QCOMPARE(textOf(d.findings.first()).count("rgw.vega refused the request"), 1);
        // A cause that has better evidence than the report tells it all the same.
        FakeFacts facts = healthyVega();
        facts.change(kLockList, {{"locks", QJsonArray{lockFact()}}});
        const Diagnosis locked = diagnose(copyTask("lock", "train/part-05120 is locked"), facts, kNow);
        QCOMPARE(locked.rule, QStringLiteral("R18"));
        QCOMPARE(textOf(locked.findings.first()).count("The worker reports: train/part-05120 is locked"), 1);
        QVERIFY(findingOf(diagnose(publish("record", "x"), healthyGateway(), kNow), "R1").verdict ==
                Verdict::Unknown);
        QVERIFY(findingOf(diagnose(publish(), healthyGateway(), kNow), "R1").rule.isEmpty());
    }
    void probesAskTheGatewayAndItsPools()
    {
        QStringList asked;
        for (const Probe& probe : probesFor(publish("timeout"), healthyGateway())) {
            asked.append(probe.connection + ' ' + probe.method + ' ' + probe.params["cephPool"].toString() +
                         probe.params["bucket"].toString());
        }
        QCOMPARE(asked,
                 (QStringList{"vega observe.now ", "vega observe.now ", "vega s3.look catalog",
                              "vega pool.pgs eu.rgw.buckets.data", "vega pool.pgs eu.rgw.buckets.index"}));
        TaskView elsewhere = publish("timeout");
        elsewhere.touched[0].behind.clear();
        QVERIFY(probesFor(elsewhere, healthyGateway()).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisGateway)
#include "tst_diagnosis_gateway.moc"
