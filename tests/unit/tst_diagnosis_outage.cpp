#include "diagnosis/outage.h"
#include "patience.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

/// Which runs one outage stalls: the same thing that is broken has the same id, whatever object it is seen
/// at.
class TestDiagnosisOutage : public QObject {
    Q_OBJECT

private:
    inline static const QString kOther = QStringLiteral("part-00007");
    inline static const QString kLive = QStringLiteral("client.4100");

    static QJsonObject holder(const QString& client, const QString& address)
    {
        return {{"client", client}, {"cookie", "c"}, {"address", address}};
    }
    static QJsonObject lock(const QString& name, const QJsonArray& holders)
    {
        return {{"lock", name}, {"exclusive", holders.size() == 1}, {"holders", holders}};
    }
    static void hold(FakeFacts& facts, const QString& object, const QJsonArray& locks)
    {
        facts.put("vega", "lock-list", "train/" + object,
                  {{"cephPool", "train"}, {"object", object}, {"locks", locks}});
    }
    static TaskView waitsFor(const QString& object, const QString& what,
                             const QString& cephPool = QStringLiteral("train"))
    {
        TaskView task = copyTask(what, "x");
        task.blocked["object"] = object;
        task.blocked["cephPool"] = cephPool;
        return task;
    }
    static QStringList outage(const FakeFacts& facts, const TaskView& task)
    {
        return outageOf(diagnose(task, facts, kNow).toJson());
    }
    static QStringList outage(const FakeFacts& facts, const QString& object, const QString& what)
    {
        return outage(facts, waitsFor(object, what));
    }
    static void placed(FakeFacts& facts, const QString& object, const QJsonArray& acting)
    {
        facts.put("vega", "object-pg", "train/" + object,
                  {{"pgId", "7." + object.right(1)},
                   {"state", "undersized+peered"},
                   {"acting", acting},
                   {"minSize", 2}});
    }

private Q_SLOTS:
    // R18
    void aHolderIsTheOutageWhateverItHolds_data()
    {
        QTest::addColumn<QString>("client");
        QTest::addColumn<bool>("sessionsRead");
        QTest::newRow("gone") << kHolder << true;
        QTest::newRow("alive") << kLive << true;
        QTest::newRow("not known") << kHolder << false;
    }
    void aHolderIsTheOutageWhateverItHolds()
    {
        QFETCH(QString, client);
        QFETCH(bool, sessionsRead);
        FakeFacts facts = healthyVega();
        // The address that a lock tells is the one the client spoke from to that OSD.
        hold(facts, kObject, {lock("compact", {holder(client, "v1:10.0.0.9:0/9")})});
        hold(facts, kOther, {lock("other", {holder(client, "[fd00::9]:0/9")})});
        if (!sessionsRead) {
            facts.drop(kSessionsId);
        }
        const QStringList one = outage(facts, kObject, "lock");
        QCOMPARE(one, QStringList{"vega/client/" + client});
        QCOMPARE(outage(facts, kOther, "lock"), one);
    }
    void twoHoldersAreTwoOutages()
    {
        FakeFacts facts = healthyVega();
        hold(facts, kObject, {lock("compact", {holder(kHolder, kAddress)})});
        hold(facts, kOther, {lock("compact", {holder("client.48214", kAddress)})});
        QVERIFY(!sameOutage(outage(facts, kObject, "lock"), outage(facts, kOther, "lock")));
        // A number is unique in its own cluster only.
        TaskView task = waitsFor(kObject, "lock");
        task.blocked["connection"] = "atlas";
        facts.put("atlas", "lock-list", "train/" + kObject,
                  {{"locks", QJsonArray{lock("compact", {holder(kHolder, kAddress)})}}});
        QCOMPARE(outage(facts, task), QStringList{"atlas/client/" + kHolder});
    }
    void whoIsInTheWayIsTheOutage()
    {
        FakeFacts facts = healthyVega();
        // What the dead one left does not help to break while a live one holds the object.
        hold(facts, kObject,
             {lock("compact", {holder(kHolder, kAddress)}), lock("aaa", {holder(kLive, "10.0.0.1:0/1")})});
        QCOMPARE(outage(facts, kObject, "lock"), QStringList{"vega/client/" + kLive});
        hold(facts, kObject, {lock("compact", {holder(kHolder, kAddress), holder(kLive, "10.0.0.1:0/1")})});
        QCOMPARE(outage(facts, kObject, "lock"), QStringList{"vega/client/" + kLive});
        // All that are gone stand in the way, each once.
        hold(facts, kObject,
             {lock("compact", {holder(kHolder, kAddress), holder("client.8", "x")}),
              lock("b", {holder(kHolder, kAddress)})});
        QCOMPARE(outage(facts, kObject, "lock"),
                 (QStringList{"vega/client/" + kHolder, "vega/client/client.8"}));
        hold(facts, kObject, {lock("compact", {holder({}, "v1:" + kAddress)})});
        QCOMPARE(outage(facts, kObject, "lock"), QStringList{"vega/client/" + kAddress});
    }

    // R2, R5
    void osdsThatHangAndOsdsThatAreDown()
    {
        FakeFacts facts = healthyVega();
        for (int osd = 0; osd < 7; ++osd) {
            facts.put("vega", "osd", QString::number(osd), {{"up", true}});
            facts.put("vega", "osd-answer", QString::number(osd), {{"answers", osd == 6}});
        }
        const QStringList silent = outage(facts, kObject, "timeout");
        QCOMPARE(silent, (QStringList{"vega/osd/0", "vega/osd/1", "vega/osd/2", "vega/osd/3", "vega/osd/4",
                                      "vega/osd/5"}));
        // Somebody missed one of them meanwhile: to the next run the same OSD is down.
        facts.change("vega/osd/5", {{"up", false}});
        placed(facts, kOther, {6});
        const QStringList down = outage(facts, kOther, "min_size");
        QVERIFY2(down.contains("vega/osd/5"), qPrintable(down.join(' ')));
        QVERIFY(sameOutage(silent, down));
    }
    void everyOsdThatIsDown()
    {
        FakeFacts facts = healthyVega();
        for (int osd = 0; osd < 6; ++osd) {
            facts.put("vega", "osd", QString::number(osd), {{"up", osd == 0}});
        }
        placed(facts, kObject, {0});
        QCOMPARE(outage(facts, kObject, "min_size"),
                 (QStringList{"vega/osd/1", "vega/osd/2", "vega/osd/3", "vega/osd/4", "vega/osd/5"}));
    }
    void tooFewCopiesAlthoughNoOsdIsDown()
    {
        FakeFacts facts = healthyVega();
        placed(facts, kObject, {0});
        placed(facts, kOther, {1});
        facts.put("vega", "pool-pgs", "train",
                  {{"pgNum", 8},
                   {"read", 8},
                   {"belowMinSize", 3},
                   {"inactive", 3},
                   {"minSize", 2},
                   {"example", "7.1"}});
        TaskView listing = waitsFor({}, "timeout");
        listing.blocked["op"] = "list";
        for (const QStringList& one : {outage(facts, kObject, "min_size"), outage(facts, kOther, "min_size"),
                                       outage(facts, listing)}) {
            QCOMPARE(one, QStringList{"vega/pool-pgs/train"});
        }
    }

    // R1
    void whatIsMissingIsOneOutageForAllThatUseIt()
    {
        const auto failed = [](const QString& run, const Error& error) {
            TaskView task = copyTask();
            task.id = run + "/copy";
            task.run = run;
            task.touched.append({"bucket", "rgw.vega", "catalog", false, {}, "vega"});
            task.blocked = {{"what", "failed"}, {"error", error.toJson()}};
            return task;
        };
        const Error noPool{.code = ErrorCode::NotFound,
                           .message = "0 of 4, 4 not: There is no Ceph pool 'train' in vega any more",
                           .source = "ceph",
                           .upstream = Upstream{"vega", -2, "write: the Ceph pool was removed"}};
        const Error noBucket{.code = ErrorCode::NotFound,
                             .message = "rgw.vega refused the request for s3://rgw.vega/catalog/x",
                             .source = "s3",
                             .upstream = Upstream{"rgw.vega", 404, "NoSuchBucket"}};
        Error noObject = noBucket;
        noObject.upstream->text = "NoSuchKey";
        Error suspended = noBucket;
        suspended.upstream = Upstream{"rgw.vega", 403, "UserSuspended: x"};
        const FakeFacts facts = healthyVega();
        for (const char* run : {"R-1", "R-2"}) {
            QCOMPARE(outage(facts, failed(run, noPool)), QStringList{"vega/no-ceph-pool/train"});
            QCOMPARE(outage(facts, failed(run, noBucket)), QStringList{"rgw.vega/no-bucket/catalog"});
            QCOMPARE(outage(facts, failed(run, noObject)), QStringList());
            QCOMPARE(outage(facts, failed(run, suspended)), QStringList{"rgw.vega/refusal/UserSuspended"});
        }
        Error elsewhere = noBucket;
        elsewhere.upstream->system = "rgw.orion";
        QCOMPARE(outage(facts, failed("R-1", elsewhere)), QStringList());
        Error other = noPool;
        other.message.replace("'train'", "'training'");
        QCOMPARE(outage(facts, failed("R-1", other)), QStringList());
    }

    // R9, R10, R13, R21
    void theCephPoolTheClusterAndTheKey()
    {
        FakeFacts facts = healthyVega();
        for (const char* cephPool : {"train", "landing"}) {
            facts.change(QStringLiteral("vega/ceph-pool/") + cephPool, {{"full", true}});
            QCOMPARE(outage(facts, waitsFor(kObject, "full", cephPool)), QStringList{"vega/osds-full"});
        }
        facts.change(kPool, {{"fullQuota", true}, {"quotaObjects", 10}});
        for (const QString& object : {kObject, kOther}) {
            QCOMPARE(outage(facts, object, "quota"), QStringList{kPool});
        }
        facts = healthyVega();
        facts.change(kQuorum, {{"quorate", false}});
        QCOMPARE(outage(facts, copyTask("connect")), QStringList{kQuorum});
        facts = healthyVega();
        facts.change(kAuth, {{"caps", QJsonObject{{"mon", "allow r"}, {"osd", "allow r pool=landing"}}}});
        for (const QString& object : {kObject, kOther}) {
            QCOMPARE(outage(facts, object, "permission"), QStringList{kAuth});
        }
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisOutage)
#include "tst_diagnosis_outage.moc"
