#include <errno.h>

#include <QtCore/QJsonArray>

#include "ceph/access_facts.h"
#include "ceph/flags_watch.h"
#include "ceph/manager_watch.h"
#include "ceph/rados_error.h"
#include "ceph/status_facts.h"
#include "ceph/storage_facts.h"
#include "ceph_fixtures.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::ceph;

namespace {

QJsonObject factsOf(const QList<Fact>& facts, const QString& name)
{
    for (const Fact& fact : facts) {
        if (fact.name == name) {
            return fact.facts;
        }
    }
    return {};
}

QJsonObject fixture(const char* name)
{
    return cephJson(QLatin1String(name));
}

}  // namespace

class TestCephFacts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void clusterHealthy();
    void clusterWithoutQuorum();
    void pgSummaries();
    void inactivePgsAreCounted();
    void stalePgsServeNobody_data();
    void stalePgsServeNobody();
    void checksOfTheManager();
    void figuresAreAsOldAsTheManager();
    void aStuckManagerMakesNothing();
    void anotherManagerCountsAnew();
    void healthOk();
    void healthDegraded();
    void version();
    void osds();
    void osdsWithoutManager();
    void osdOutAndDown();
    void cephPools();
    void cephPoolFiguresTellTheirAge();
    void dataChunksOfErasureCodes();
    void cephPoolFlags();
    void flags();
    void flagsAreKnownWhileTheMapIsRead();
    void objectPlacement();
    void objectPlacementWithoutManager();
    void placementGroupsOfACephPool();
    void stateOfOtherOsdsIsNoState();
    void blocklist();
    void entitiesWithoutKeys();
    void sessions();
    void errors_data();
    void errors();
    void timeoutOfAChangeIsUnknown();
    void connectErrors();
};

void TestCephFacts::clusterHealthy()
{
    const QJsonObject status = fixture("status.healthy");
    QVERIFY(hasMonQuorum(status));
    const Fact fact = clusterFact(QStringLiteral("vega"), status, true,
                                  {.version = QStringLiteral("16.2.15"),
                                   .mgrName = QStringLiteral("x"),
                                   .flags = QStringList{"noout"},
                                   .sessionState = QStringLiteral("connected")});
    QCOMPARE(fact.kind, QStringLiteral("cluster"));
    QCOMPARE(fact.name, QStringLiteral("vega"));
    QCOMPARE(fact.facts["health"].toString(), QStringLiteral("HEALTH_OK"));
    QCOMPARE(fact.facts["healthBelieved"].toBool(), true);
    QCOMPARE(fact.facts["osdsUp"].toInt(), 3);
    QCOMPARE(fact.facts["osdsIn"].toInt(), 3);
    QCOMPARE(fact.facts["osdsTotal"].toInt(), 3);
    QCOMPARE(fact.facts["mgrAvailable"].toBool(), true);
    QCOMPARE(fact.facts["flags"].toArray(), QJsonArray{"noout"});
    QCOMPARE(fact.facts["fsid"].toString().size(), 36);
}

void TestCephFacts::clusterWithoutQuorum()
{
    QVERIFY(!hasMonQuorum(fixture("status.noquorum")));
    const Fact fact =
        clusterFact(QStringLiteral("vega"), {}, false, {.sessionState = QStringLiteral("lost")});
    QCOMPARE(fact.facts["healthBelieved"].toBool(true), false);
    QVERIFY2(!fact.facts.contains("health"), "a stale health is no fact");
    QVERIFY(!fact.facts.contains("osdsUp"));
    QVERIFY2(!fact.facts.contains("flags"), "flags that are not known are not none");
}

void TestCephFacts::flagsAreKnownWhileTheMapIsRead()
{
    FlagsWatch flags;
    QVERIFY(!flags.flags(0, 15'000));
    flags.heard(QJsonObject{{"flags_set", QJsonArray{"pauserd"}}}, 1'000);
    QCOMPARE(flags.flags(16'000, 15'000), std::optional(QStringList{"pauserd"}));
    QVERIFY2(!flags.flags(16'001, 15'000), "nobody answers any more");
    flags.heard(QJsonObject{{"flags_set", QJsonArray{}}}, 20'000);
    QCOMPARE(flags.flags(20'000, 15'000), std::optional(QStringList{}));
    flags.heard(fail(Error{.code = ErrorCode::DeadlineExceeded, .message = "no answer"}), 21'000);
    QVERIFY2(!flags.flags(21'000, 15'000), "the last answer was none");
}

void TestCephFacts::pgSummaries()
{
    const QJsonObject well = pgSummary(QStringLiteral("vega"), fixture("status.healthy")).facts;
    QCOMPARE(well["total"].toInt(), 72);
    QCOMPARE(well["byState"].toObject(), (QJsonObject{{"active+clean", 72}}));
    QCOMPARE(well["undersized"].toInt(), 0);
    const QJsonObject ill = pgSummary(QStringLiteral("vega"), fixture("status.degraded")).facts;
    QCOMPARE(ill["undersized"].toInt(), 72);
    QCOMPARE(ill["inactive"].toInt(), 0);
    QCOMPARE(ill["degradedObjects"].toInt(), 226);
}

void TestCephFacts::inactivePgsAreCounted()
{
    const QJsonObject status{
        {"pgmap",
         QJsonObject{{"num_pgs", 10},
                     {"unfound_objects", 2},
                     {"misplaced_objects", 7},
                     {"pgs_by_state",
                      QJsonArray{QJsonObject{{"state_name", "active+clean"}, {"count", 5}},
                                 QJsonObject{{"state_name", "undersized+degraded+peered"}, {"count", 3}},
                                 QJsonObject{{"state_name", "down"}, {"count", 2}}}}}}};
    const QJsonObject facts = pgSummary(QStringLiteral("vega"), status).facts;
    QCOMPARE(facts["inactive"].toInt(), 5);
    QCOMPARE(facts["undersized"].toInt(), 3);
    QCOMPARE(facts["unfoundObjects"].toInt(), 2);
    QCOMPARE(facts["misplacedObjects"].toInt(), 7);
}

void TestCephFacts::stalePgsServeNobody_data()
{
    QTest::addColumn<QString>("state");
    QTest::addColumn<int>("inactive");
    QTest::newRow("clean") << "active+clean" << 0;
    QTest::newRow("scrubbing") << "active+clean+scrubbing+deep" << 0;
    QTest::newRow("recovering") << "active+recovery_wait+degraded" << 0;
    QTest::newRow("stale") << "stale+active+clean" << 64;
    QTest::newRow("stale and degraded") << "stale+active+undersized+degraded" << 64;
    QTest::newRow("laggy") << "active+clean+laggy" << 64;
    QTest::newRow("waiting") << "active+clean+wait" << 64;
    QTest::newRow("unknown") << "unknown" << 64;
    QTest::newRow("incomplete") << "incomplete" << 64;
}

void TestCephFacts::stalePgsServeNobody()
{
    QFETCH(QString, state);
    QFETCH(int, inactive);
    const QJsonObject states{{"state_name", state}, {"count", 64}};
    const QJsonObject status{{"pgmap", QJsonObject{{"num_pgs", 64}, {"pgs_by_state", QJsonArray{states}}}}};
    QCOMPARE(pgSummary(QStringLiteral("vega"), status).facts["inactive"].toInt(), inactive);
}

void TestCephFacts::checksOfTheManager()
{
    for (const char* check :
         {"PG_AVAILABILITY", "PG_DEGRADED", "OBJECT_UNFOUND", "SLOW_OPS", "OSD_SCRUB_ERRORS"}) {
        QVERIFY2(isOfManager(QLatin1String(check)), check);
    }
    for (const char* check : {"OSD_DOWN", "MON_DOWN", "POOL_FULL", "OSD_FULL", "MGR_DOWN", "OSDMAP_FLAGS"}) {
        QVERIFY2(!isOfManager(QLatin1String(check)), check);
    }
}

void TestCephFacts::figuresAreAsOldAsTheManager()
{
    const auto answer = [](int version) -> Result<QJsonObject> {
        return QJsonObject{{"pg_map", QJsonObject{{"version", version}}}};
    };
    const Result<QJsonObject> silence = fail(Error{.code = ErrorCode::DeadlineExceeded});
    ManagerWatch manager;
    QCOMPARE(manager.figures().madeAtMs, 0);
    manager.heard(silence, 500);
    QCOMPARE(manager.figures().madeAtMs, 0);
    QVERIFY(!manager.figures().answers);
    manager.heard(answer(7), 1'000);
    QCOMPARE(manager.figures().madeAtMs, 1'000);
    manager.heard(answer(7), 2'000);
    QCOMPARE(manager.figures().madeAtMs, 2'000);
    QVERIFY(manager.figures().answers);
    manager.heard(silence, 60'000);
    QVERIFY(!manager.figures().answers);
    QCOMPARE(manager.figures().madeAtMs, 2'000);
    // A monitor's answer that is no answer of the manager.
    manager.heard(QJsonObject{}, 61'000);
    QVERIFY(!manager.figures().answers);
    QCOMPARE(manager.figures().madeAtMs, 2'000);
}

void TestCephFacts::aStuckManagerMakesNothing()
{
    const QJsonObject answer{{"pg_map", QJsonObject{{"version", 7}}}};
    ManagerWatch manager;
    manager.heard(answer, 1'000);
    manager.heard(answer, 1'000 + ManagerWatch::kStuckAfterMs - 1);
    QCOMPARE(manager.figures().madeAtMs, 1'000 + ManagerWatch::kStuckAfterMs - 1);
    manager.heard(answer, 1'000 + ManagerWatch::kStuckAfterMs);
    QCOMPARE(manager.figures().madeAtMs, 1'000);
    QVERIFY(manager.figures().answers);
}

void TestCephFacts::anotherManagerCountsAnew()
{
    ManagerWatch manager;
    manager.heard(QJsonObject{{"pg_map", QJsonObject{{"version", 700}}}}, 1'000);
    manager.heard(QJsonObject{{"pg_map", QJsonObject{{"version", 2}}}}, 90'000);
    QCOMPARE(manager.figures().madeAtMs, 90'000);
}

void TestCephFacts::healthOk()
{
    QVERIFY(healthChecks(fixture("health.healthy")).isEmpty());
}

void TestCephFacts::healthDegraded()
{
    const QList<Fact> checks = healthChecks(fixture("health.degraded"));
    QStringList names;
    for (const Fact& check : checks) {
        names << check.name;
    }
    QCOMPARE(names, (QStringList{"MON_DOWN", "OSD_DOWN", "OSD_HOST_DOWN", "PG_DEGRADED"}));
    const QJsonObject mon = factsOf(checks, QStringLiteral("MON_DOWN"));
    QCOMPARE(mon["severity"].toString(), QStringLiteral("HEALTH_WARN"));
    QCOMPARE(mon["summary"].toString(), QStringLiteral("1/3 mons down, quorum a,b"));
    QVERIFY(mon["detail"].toArray().first().toString().startsWith(QLatin1String("mon.c")));
    const QJsonObject pgs = factsOf(checks, QStringLiteral("PG_DEGRADED"));
    QCOMPARE(pgs["detail"].toArray().size(), 50);
    QVERIFY(pgs["detailTotal"].toInt() >= 50);
}

void TestCephFacts::version()
{
    QCOMPARE(clusterVersion(fixture("versions.healthy")), QStringLiteral("16.2.15"));
    const QJsonObject mixed{{"overall", QJsonObject{{"ceph version 16.2.15 (618f) pacific (stable)", 3},
                                                    {"ceph version 18.2.7 (aaaa) reef (stable)", 1}}}};
    QCOMPARE(clusterVersion(mixed), QStringLiteral("16.2.15, 18.2.7"));
    QCOMPARE(clusterVersion({}), QString());
}

void TestCephFacts::osds()
{
    const QList<Fact> facts = osdFacts(fixture("osd_tree.healthy"), fixture("osd_df.healthy"));
    QCOMPARE(facts.size(), 3);
    const QJsonObject osd = factsOf(facts, QStringLiteral("1"));
    QCOMPARE(osd["osdId"].toInt(-1), 1);
    QCOMPARE(osd["up"].toBool(), true);
    QCOMPARE(osd["in"].toBool(), true);
    QCOMPARE(osd["host"].toString(), QStringLiteral("host-1"));
    QCOMPARE(osd["totalBytes"].toInteger(), 2LL * 1024 * 1024 * 1024);
    QCOMPARE(osd["pgCount"].toInt(), 72);
    QVERIFY(osd["crushWeight"].toDouble() > 0.09);
}

void TestCephFacts::osdsWithoutManager()
{
    const QJsonObject osd = factsOf(osdFacts(fixture("osd_tree.healthy"), {}), QStringLiteral("0"));
    QCOMPARE(osd["up"].toBool(), true);
    QVERIFY2(!osd.contains("usedBytes"), "not known is not zero");
}

void TestCephFacts::osdOutAndDown()
{
    const QList<Fact> facts = osdFacts(fixture("osd_tree.degraded"), {});
    QCOMPARE(factsOf(facts, QStringLiteral("2"))["up"].toBool(true), false);
    QCOMPARE(factsOf(facts, QStringLiteral("2"))["in"].toBool(), true);
    const QJsonObject tree{
        {"nodes", QJsonArray{}},
        {"stray", QJsonArray{QJsonObject{{"id", 7}, {"type", "osd"}, {"status", "down"}, {"reweight", 0}}}}};
    const QJsonObject stray = factsOf(osdFacts(tree, {}), QStringLiteral("7"));
    QCOMPARE(stray["in"].toBool(true), false);
    QCOMPARE(stray["host"].toString(), QString());
}

void TestCephFacts::cephPools()
{
    const QList<Fact> facts =
        cephPoolFacts(fixture("osd_dump.healthy"), fixture("df.healthy"), 1'767'237'248'000);
    QCOMPARE(facts.size(), 9);
    const QJsonObject landing = factsOf(facts, QStringLiteral("landing"));
    QCOMPARE(landing["size"].toInt(), 3);
    QCOMPARE(landing["minSize"].toInt(), 2);
    QCOMPARE(landing["pgNum"].toInt(), 8);
    QCOMPARE(landing["application"].toString(), QStringLiteral("rados"));
    QCOMPARE(landing["internal"].toBool(true), false);
    QCOMPARE(landing["full"].toBool(true), false);
    QVERIFY(landing["maxAvailBytes"].toInteger() > 1'000'000'000);
    QVERIFY(landing.contains("storedBytes"));
    QCOMPARE(factsOf(facts, QStringLiteral(".rgw.root"))["internal"].toBool(), true);
    QCOMPARE(factsOf(facts, QStringLiteral("default.rgw.log"))["internal"].toBool(), true);
}

void TestCephFacts::cephPoolFiguresTellTheirAge()
{
    const QJsonObject dump = fixture("osd_dump.healthy");
    const QJsonObject df = fixture("df.healthy");
    const QString landing = QStringLiteral("landing");
    QCOMPARE(factsOf(cephPoolFacts(dump, df, 1'767'237'248'000), landing)["figuresAt"].toString(),
             QStringLiteral("2026-01-01T03:14:08.000Z"));
    // Figures of an unknown age are none; what the monitors know themselves is there all the same.
    const QJsonObject old = factsOf(cephPoolFacts(dump, df, 0), landing);
    QVERIFY(!old.contains("storedBytes") && !old.contains("objects") && !old.contains("figuresAt"));
    QCOMPARE(old["size"].toInt(), 3);
    QVERIFY(old.contains("fullQuota"));
}

void TestCephFacts::dataChunksOfErasureCodes()
{
    const QJsonObject dump{
        {"erasure_code_profiles", QJsonObject{{"two-one", QJsonObject{{"k", "2"}, {"m", "1"}}}}},
        {"pools",
         QJsonArray{
             QJsonObject{{"pool", 1}, {"pool_name", "copies"}, {"type", 1}, {"size", 3}},
             QJsonObject{{"pool", 2},
                         {"pool_name", "coded"},
                         {"type", 3},
                         {"size", 3},
                         {"erasure_code_profile", "two-one"}},
             QJsonObject{{"pool", 3}, {"pool_name", "odd"}, {"type", 3}, {"size", 6}, {"min_size", 5}}}}};
    const QList<Fact> facts = cephPoolFacts(dump, {}, 1);
    QCOMPARE(factsOf(facts, QStringLiteral("copies"))["dataChunks"].toInt(), 1);
    QCOMPARE(factsOf(facts, QStringLiteral("coded"))["dataChunks"].toInt(), 2);
    QCOMPARE(factsOf(facts, QStringLiteral("odd"))["dataChunks"].toInt(), 4);
}

void TestCephFacts::cephPoolFlags()
{
    const QJsonObject dump{
        {"pools", QJsonArray{QJsonObject{{"pool", 4},
                                         {"pool_name", "train"},
                                         {"flags_names", "hashpspool,full,full_quota,nearfull"},
                                         {"quota_max_bytes", 1048576},
                                         {"quota_max_objects", 10}}}}};
    const QJsonObject train = factsOf(cephPoolFacts(dump, {}, 1), QStringLiteral("train"));
    QCOMPARE(train["full"].toBool(), true);
    QCOMPARE(train["fullQuota"].toBool(), true);
    QCOMPARE(train["nearFull"].toBool(), true);
    QCOMPARE(train["quotaBytes"].toInteger(), 1048576);
    QCOMPARE(train["quotaObjects"].toInteger(), 10);
    QVERIFY(!train.contains("objects"));
}

void TestCephFacts::flags()
{
    QVERIFY(clusterFlags(fixture("osd_dump.healthy")).contains(QLatin1String("sortbitwise")));
}

void TestCephFacts::objectPlacement()
{
    const QJsonObject dump = fixture("osd_dump.degraded");
    const QJsonObject map{
        {"pgid", "2.0"}, {"up", QJsonArray{0, 1}}, {"acting", QJsonArray{0, 1, 2147483647}}};
    const Fact fact = objectPg(QStringLiteral("landing"), QStringLiteral("part-0001"), map,
                               fixture("pg_brief.degraded"), dump);
    QCOMPARE(fact.name, QStringLiteral("landing/part-0001"));
    QCOMPARE(fact.facts["state"].toString(), QStringLiteral("active+undersized+degraded"));
    QCOMPARE(fact.facts["acting"].toArray(), (QJsonArray{0, 1}));
    QCOMPARE(fact.facts["size"].toInt(), 3);
    QCOMPARE(fact.facts["minSize"].toInt(), 2);
}

void TestCephFacts::objectPlacementWithoutManager()
{
    const Fact fact = objectPg(QStringLiteral("landing"), QStringLiteral("part-0001"),
                               fixture("osd_map.healthy"), {}, fixture("osd_dump.healthy"));
    QCOMPARE(fact.facts["state"].toString(), QString());
    QCOMPARE(fact.facts["acting"].toArray().size(), 3);
}

void TestCephFacts::placementGroupsOfACephPool()
{
    const QJsonObject pool{{"pool", 3}, {"pg_num", 18}, {"size", 2}, {"min_size", 2}};
    QHash<QString, QJsonArray> acting;
    QJsonArray stats;
    for (int i = 0; i < 18; ++i) {
        acting.insert(pgIdOf(3, i), QJsonArray{0, 1});
        stats.append(QJsonObject{{"pgid", pgIdOf(3, i)}, {"state", "active+clean"}});
    }
    stats.append(QJsonObject{{"pgid", "33.0"}, {"state", "down"}});  // of another Ceph pool
    QCOMPARE(pgIdOf(3, 17), QStringLiteral("3.11"));
    QJsonObject all = poolPgs(pool, acting, QJsonObject{{"pg_stats", stats}});
    QCOMPARE(all, (QJsonObject{{"pgNum", 18},
                               {"read", 18},
                               {"size", 2},
                               {"minSize", 2},
                               {"belowMinSize", 0},
                               {"inactive", 0},
                               {"example", ""},
                               {"osds", QJsonArray{0, 1}}}));

    acting["3.11"] = QJsonArray{1, 2147483647};
    stats[3] = QJsonObject{{"pgid", "3.3"}, {"state", "incomplete"}};
    all = poolPgs(pool, acting, QJsonObject{{"pg_stats", stats}});
    QCOMPARE(all["belowMinSize"].toInt(), 1);
    QCOMPARE(all["osds"].toArray(), (QJsonArray{0, 1}));
    QCOMPARE(all["inactive"].toInt(), 1);
    QCOMPARE(all["example"].toString(), QStringLiteral("3.11"));

    acting.remove("3.5");
    QCOMPARE(poolPgs(pool, acting, std::nullopt)["read"].toInt(), 17);
    QVERIFY(poolPgs(pool, acting, std::nullopt)["inactive"].isNull());
    stats.removeFirst();
    QVERIFY(poolPgs(pool, acting, QJsonObject{{"pg_stats", stats}})["inactive"].isNull());
}

void TestCephFacts::stateOfOtherOsdsIsNoState()
{
    const QJsonObject map{{"pgid", "2.0"}, {"acting", QJsonArray{0, 2147483647, 2147483647}}};
    const QJsonObject pg{{"pgid", "2.0"}, {"state", "active+clean"}, {"acting", QJsonArray{0, 1, 2}}};
    const QJsonObject brief{{"pg_stats", QJsonArray{pg}}};
    const Fact fact = objectPg(QStringLiteral("landing"), QStringLiteral("x"), map, brief, {});
    QCOMPARE(fact.facts["state"].toString(), QString());
    QCOMPARE(fact.facts["acting"].toArray(), QJsonArray{0});
}

void TestCephFacts::blocklist()
{
    QCOMPARE(blocklistAddresses(cephBytes(QStringLiteral("blocklist.healthy.txt"))),
             QStringList{"127.0.0.1:0/3710147553"});
    QVERIFY(blocklistAddresses("[][]").isEmpty());
    QVERIFY(blocklistAddresses("").isEmpty());
    QCOMPARE(blocklistAddresses("[{\"addr\":\"a:0/1\"}][{\"range\":\"10.0.0.0/8\"}]"), QStringList{"a:0/1"});
    QCOMPARE(blocklistAddresses("\n[{\"addr\":\"[fd00::10]:0/123456\",\"until\":\"x\"},{\"addr\":\"b:0/"
                                "2\"}]\n[{\"range\":\"[fd01::]/64\"}]"),
             (QStringList{"[fd00::10]:0/123456", "b:0/2"}));
    QCOMPARE(blocklistAddresses("[{\"addr\":\"\\\"]\"},{\"addr\":\"b:0/2\"}][]"),
             (QStringList{"\"]", "b:0/2"}));
    QVERIFY(blocklistAddresses("[{\"addr\":\"[fd00::10]:0/1\"").isEmpty());
    const QStringList blocklist{"[fd00::10]:0/123456", "10.0.0.1:0/7", "10.0.0.2:0/0", "[fd00::11]:0/0"};
    for (const char* blocked :
         {"[fd00::10]:0/123456", "10.0.0.1:0/7", "10.0.0.2:0/9", "10.0.0.2:6800/9", "[fd00::11]:0/5"}) {
        QVERIFY2(isBlocked(blocklist, blocked), blocked);
    }
    for (const char* other :
         {"[fd00::10]:0/12345", "10.0.0.1:0/0", "10.0.0.1:0/8", "[fd00::12]:0/5", "0.0.0.2:0/9", ""}) {
        QVERIFY2(!isBlocked(blocklist, other), other);
    }
}

void TestCephFacts::entitiesWithoutKeys()
{
    QJsonObject dump = fixture("auth_ls.healthy");
    QJsonArray list = dump["auth_dump"].toArray();
    for (qsizetype i = 0; i < list.size(); ++i) {
        QJsonObject entity = list[i].toObject();
        entity["key"] = QStringLiteral("AQDsecret==");
        list[i] = entity;
    }
    dump["auth_dump"] = list;
    const QList<Fact> facts = authEntities(dump);
    QVERIFY(facts.size() > 5);
    QVERIFY(factsOf(facts, QStringLiteral("client.sluice"))["caps"].toObject()["mon"].toString().startsWith(
        QLatin1String("allow r")));
    for (const Fact& fact : facts) {
        QCOMPARE(fact.facts.keys(), (QStringList{"caps", "entity"}));
        QVERIFY(!QJsonDocument(fact.facts).toJson().contains("secret"));
    }
}

void TestCephFacts::sessions()
{
    const QList<MonSession> all =
        clientSessions(QStringLiteral("a"), cephBytes(QStringLiteral("sessions.healthy.json")));
    bool found = false;
    for (const MonSession& session : all) {
        QVERIFY(session.client.startsWith(QLatin1String("client.")));
        if (session.entity == QLatin1String("client.sluice")) {
            found = true;
            QVERIFY(session.address.startsWith(QLatin1String("127.0.0.1:0/")));
            QCOMPARE(session.mon, QStringLiteral("a"));
        }
    }
    QVERIFY(found);
    QVERIFY(clientSessions(QStringLiteral("a"), "no json").isEmpty());
}

void TestCephFacts::errors_data()
{
    QTest::addColumn<int>("rc");
    QTest::addColumn<QString>("code");
    QTest::addColumn<bool>("retryable");
    QTest::newRow("osd caps") << -EPERM << "PermissionDenied" << false;
    QTest::newRow("mon caps") << -EACCES << "PermissionDenied" << false;
    QTest::newRow("not there") << -ENOENT << "NotFound" << false;
    QTest::newRow("lock held") << -EBUSY << "FailedPrecondition" << false;
    QTest::newRow("timeout") << -ETIMEDOUT << "DeadlineExceeded" << true;
    QTest::newRow("quota") << -EDQUOT << "ResourceExhausted" << true;
    QTest::newRow("full") << -ENOSPC << "ResourceExhausted" << true;
    QTest::newRow("moved on") << -ERANGE << "Aborted" << false;
    QTest::newRow("fenced") << -ESHUTDOWN << "Aborted" << false;
    QTest::newRow("other") << -EIO << "Internal" << false;
}

void TestCephFacts::errors()
{
    QFETCH(int, rc);
    QFETCH(QString, code);
    QFETCH(bool, retryable);
    const Error error = radosError(rc, {.what = QStringLiteral("read it")}, QStringLiteral("upstream said"));
    QCOMPARE(toString(error.code), code);
    QCOMPARE(error.retryable, retryable);
    QVERIFY(error.message.contains(QLatin1String("read it")));
    QVERIFY(error.cause.contains(QLatin1String("upstream said")));
    QVERIFY(!error.correction.isEmpty());
    QCOMPARE(error.upstream->code, rc);
}

void TestCephFacts::timeoutOfAChangeIsUnknown()
{
    const Error error = radosError(-ETIMEDOUT, {.what = QStringLiteral("break the lock"), .mutates = true});
    QCOMPARE(toString(error.code), toString(ErrorCode::OutcomeUnknown));
    QVERIFY(!error.retryable);
}

void TestCephFacts::connectErrors()
{
    QCOMPARE(toString(connectError(-EACCES, QStringLiteral("client.x")).code),
             toString(ErrorCode::Unauthenticated));
    QCOMPARE(toString(connectError(-ENOENT, QStringLiteral("client.x")).code),
             toString(ErrorCode::Unauthenticated));
    const Error late = connectError(-ETIMEDOUT, QStringLiteral("client.x"));
    QCOMPARE(toString(late.code), toString(ErrorCode::Unavailable));
    QVERIFY(late.retryable);
}

QTEST_GUILESS_MAIN(TestCephFacts)
#include "tst_ceph_facts.moc"
