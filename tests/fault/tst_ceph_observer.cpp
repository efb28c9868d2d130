#include <QtCore/QDir>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QRegularExpression>
#include <QtCore/QStandardPaths>
#include <QtCore/QTemporaryDir>

#include "ceph_observer_lab.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::worker;

namespace {

QJsonObject firstLock(const Result<QJsonObject>& listed)
{
    return listed ? listed->value("locks").toArray().first().toObject() : QJsonObject();
}

QJsonObject firstHolder(const Result<QJsonObject>& listed)
{
    return firstLock(listed)["holders"].toArray().first().toObject();
}

}  // namespace

class TestCephObserver : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void init();

    void twoClustersWithTheSameOsd();
    void factsOfAHealthyCluster();
    void wrongKeyIsNamed();
    void locksAreListedAndBroken();
    void namesAreTheBytesInTheCephPool();
    void lockedObjectIsNotRemoved();
    void blocklist();
    void entitiesAndKeys();
    void gatewayIsProbedAndAdministered();
    void observeNowTellsBeforeItReplies();
    void fencedObserverComesBack();
    void quorumLostAndBack();
    void frozenMonitors();
    void coldStartWithoutQuorum();

private:
    QTemporaryDir m_dir{QDir::tempPath() + QStringLiteral("/sl-XXXXXX")};
    std::unique_ptr<Lab> m_vega{};
    std::unique_ptr<Lab> m_lyra{};
};

void TestCephObserver::initTestCase()
{
    if (QStandardPaths::findExecutable(QStringLiteral("ceph-mon")).isEmpty()) {
        QSKIP("the daemons of Ceph are not installed");
    }
    QVERIFY(m_dir.isValid());
    m_vega = std::make_unique<Lab>(m_dir.filePath(QStringLiteral("v")));
    m_lyra = std::make_unique<Lab>(m_dir.filePath(QStringLiteral("l")));
    m_vega->beginUp(true);
    m_lyra->beginUp(false);
    QVERIFY2(m_vega->endUp(), m_vega->upOutput().constData());
    QVERIFY2(m_lyra->endUp(), m_lyra->upOutput().constData());
}

void TestCephObserver::cleanupTestCase()
{
    m_vega.reset();
    m_lyra.reset();
}

void TestCephObserver::init()
{
    if (!m_vega) {
        QSKIP("no laboratory");
    }
}

void TestCephObserver::twoClustersWithTheSameOsd()
{
    Observed vega(QStringLiteral("vega"), *m_vega);
    Observed lyra(QStringLiteral("lyra"), *m_lyra);
    QVERIFY(vega.start());
    QVERIFY(lyra.start());
    QTRY_VERIFY(vega.entities.contains(QStringLiteral("vega/osd/0")));
    QTRY_VERIFY(lyra.entities.contains(QStringLiteral("lyra/osd/0")));
    for (auto it = vega.entities.begin(); it != vega.entities.end(); ++it) {
        QVERIFY2(it.key().startsWith(QLatin1String("vega/")), qPrintable(it.key()));
        QCOMPARE(it.value()["id"].toString(), it.key());
    }
    for (auto it = lyra.entities.begin(); it != lyra.entities.end(); ++it) {
        QVERIFY2(it.key().startsWith(QLatin1String("lyra/")), qPrintable(it.key()));
    }
    const auto fsid = [](const Observed& observed, const QString& id) {
        return observed.facts(id)["fsid"].toString();
    };
    QTRY_VERIFY(!fsid(vega, QStringLiteral("vega/cluster/vega")).isEmpty());
    QTRY_VERIFY(!fsid(lyra, QStringLiteral("lyra/cluster/lyra")).isEmpty());
    QVERIFY(fsid(vega, QStringLiteral("vega/cluster/vega")) !=
            fsid(lyra, QStringLiteral("lyra/cluster/lyra")));
}

void TestCephObserver::factsOfAHealthyCluster()
{
    Observed vega(QStringLiteral("vega"), *m_vega);
    const qint64 begin = SystemClock().nowMs();
    QVERIFY(vega.start());
    QTRY_VERIFY(vega.entities.contains(QStringLiteral("vega/auth-entity/client.sluice")));
    QCOMPARE(vega.session["state"].toString(), QStringLiteral("connected"));
    QVERIFY(vega.quorate(QStringLiteral("vega")));
    QTRY_COMPARE(vega.facts(QStringLiteral("vega/cluster/vega"))["version"].toString().isEmpty(), false);
    const QJsonObject cluster = vega.facts(QStringLiteral("vega/cluster/vega"));
    QCOMPARE(cluster["healthBelieved"].toBool(), true);
    QCOMPARE(cluster["osdsUp"].toInt(), 3);
    const QJsonObject osd = vega.facts(QStringLiteral("vega/osd/2"));
    QCOMPARE(osd["up"].toBool(), true);
    QVERIFY(osd["totalBytes"].toInteger() > 0);
    for (const char* id : {"vega/mon/c", "vega/ceph-pool/landing", "vega/pg-summary/vega"}) {
        QTRY_VERIFY2(vega.entities.contains(QLatin1String(id)), id);
    }
    const qint64 observed = fromRfc3339(vega.entities[QStringLiteral("vega/osd/2")]["observedAt"].toString());
    QVERIFY(observed >= begin && observed <= SystemClock().nowMs());
    QTRY_COMPARE(vega.monmap.size(), 3);

    QFile keyring(m_vega->keyring());
    QVERIFY(keyring.open(QIODevice::ReadOnly));
    const QString key = QRegularExpression(QStringLiteral("key = (\\S+)"))
                            .match(QString::fromUtf8(keyring.readAll()))
                            .captured(1);
    QVERIFY(key.size() > 30);
    QVERIFY2(!vega.everything.contains(key.toLatin1()), "no fact may hold a key");
}

void TestCephObserver::wrongKeyIsNamed()
{
    Observed vega(QStringLiteral("vega"), *m_vega);
    vega.params.remove(QStringLiteral("keyring"));
    vega.params["key"] =
        QStringLiteral("AQDwrongwrongAAAwrongwrongwrongwrongwrong==").left(38) + QStringLiteral("==");
    QVERIFY(vega.start());
    QTRY_VERIFY(vega.session.contains("error"));
    QCOMPARE(vega.session["state"].toString(), QStringLiteral("connecting"));
    QVERIFY(!vega.session["error"].toObject()["correction"].toString().isEmpty());
    QTRY_VERIFY2(vega.quorate(QStringLiteral("vega")), "the monitors tell of the quorum without a session");
    QCOMPARE(vega.facts(QStringLiteral("vega/cluster/vega"))["healthBelieved"].toBool(true), false);
    const auto locks = vega.call(QStringLiteral("lock.list"), {{"cephPool", "train"}, {"object", "x"}});
    QVERIFY(!locks);
    QCOMPARE(toString(locks.error().code), toString(ErrorCode::Unavailable));
}

void TestCephObserver::locksAreListedAndBroken()
{
    Observed vega(QStringLiteral("vega"), *m_vega);
    QVERIFY(vega.start());
    QTRY_COMPARE(vega.leaseState(), QStringLiteral("held"));
    QTRY_VERIFY(vega.quorate(QStringLiteral("vega")));
    QVERIFY(m_vega->rados({"-p", "train", "lock", "get", "part-1", "job", "--lock-cookie", "attempt-7",
                           "--lock-description", "nightly"}));

    const QJsonObject where{{"cephPool", "train"}, {"object", "part-1"}};
    const auto listed = vega.call(QStringLiteral("lock.list"), where);
    QVERIFY(listed);
    QCOMPARE(listed->value("locks").toArray().size(), 1);
    // The monitors notice a moment later that the holder has gone.
    QTRY_COMPARE(firstHolder(vega.call(QStringLiteral("lock.list"), where))["sessionSeen"].toBool(true),
                 false);
    const QJsonObject holder = firstHolder(listed);
    QCOMPARE(firstLock(listed)["lock"].toString(), QStringLiteral("job"));
    QCOMPARE(firstLock(listed)["exclusive"].toBool(), true);
    QCOMPARE(holder["cookie"].toString(), QStringLiteral("attempt-7"));
    QCOMPARE(holder["description"].toString(), QStringLiteral("nightly"));
    QVERIFY(vega.entities.contains(QStringLiteral("vega/lock/train/part-1/job")));

    const auto own =
        vega.call(QStringLiteral("lock.list"), {{"cephPool", "sluice"}, {"object", "sluice.lease"}});
    QVERIFY(own);
    const QJsonObject self = firstHolder(own);
    QCOMPARE(self["sessionSeen"].toBool(), true);
    QVERIFY(!self["onMons"].toArray().isEmpty());
    QVERIFY2(vega.entities.contains(QStringLiteral("vega/lock/train/part-1/job")),
             "another object's locks stay");

    QJsonObject what = where;
    what["lock"] = QStringLiteral("job");
    what["client"] = holder["client"];
    what["cookie"] = holder["cookie"];
    QVERIFY(vega.call(QStringLiteral("lock.break"), what, Effect::Mutates));
    QVERIFY2(!vega.entities.contains(QStringLiteral("vega/lock/train/part-1/job")),
             "what was broken is not told any more");
    const auto again = vega.call(QStringLiteral("lock.break"), what, Effect::Mutates);
    QVERIFY(!again);
    QCOMPARE(toString(again.error().code), toString(ErrorCode::NotFound));
    QVERIFY(vega.call(QStringLiteral("lock.list"), where)->value("locks").toArray().isEmpty());
}

void TestCephObserver::namesAreTheBytesInTheCephPool()
{
    Observed vega(QStringLiteral("vega"), *m_vega);
    QVERIFY(vega.start());
    QTRY_VERIFY(vega.quorate(QStringLiteral("vega")));
    const QString mark(QChar(0xFEFF));
    QVERIFY(m_vega->rados(
        {"-p", "train", "lock", "get", mark + "part-9", mark + "job", "--lock-cookie", mark + "c"}));
    QVERIFY(m_vega->rados({"-p", "train", "create", "part-9"}));
    const QJsonObject where{{"cephPool", "train"}, {"object", "%EF%BB%BFpart-9"}};
    const QJsonObject beside{{"cephPool", "train"}, {"object", "part-9"}};
    QVERIFY(vega.call(QStringLiteral("lock.list"), beside)->value("locks").toArray().isEmpty());
    const auto listed = vega.call(QStringLiteral("lock.list"), where);
    QVERIFY(listed);
    QCOMPARE(firstLock(listed)["object"].toString(), QStringLiteral("%EF%BB%BFpart-9"));
    QCOMPARE(firstLock(listed)["lock"].toString(), QStringLiteral("%EF%BB%BFjob"));
    QCOMPARE(firstHolder(listed)["cookie"].toString(), QStringLiteral("%EF%BB%BFc"));
    QVERIFY(vega.call(QStringLiteral("object.pg"), where)->value("pgId") !=
            vega.call(QStringLiteral("object.pg"), beside)->value("pgId"));
    QJsonObject what = where;
    what["lock"] = firstLock(listed)["lock"];
    what["client"] = firstHolder(listed)["client"];
    what["cookie"] = firstHolder(listed)["cookie"];
    const auto broken = vega.call(QStringLiteral("lock.break"), what, Effect::Mutates);
    QVERIFY2(broken, broken ? "" : qPrintable(broken.error().toLine()));
    QVERIFY(vega.call(QStringLiteral("lock.list"), where)->value("locks").toArray().isEmpty());
    what = where;
    what["version"] = vega.call(QStringLiteral("object.stat"), where)->value("version");
    QVERIFY(vega.call(QStringLiteral("object.remove"), what, Effect::Mutates));
    QCOMPARE(vega.call(QStringLiteral("object.stat"), where)->value("exists").toBool(true), false);
    QCOMPARE(vega.call(QStringLiteral("object.stat"), beside)->value("exists").toBool(), true);
}

void TestCephObserver::lockedObjectIsNotRemoved()
{
    Observed vega(QStringLiteral("vega"), *m_vega);
    QVERIFY(vega.start());
    QTRY_COMPARE(vega.session["state"].toString(), QStringLiteral("connected"));
    QVERIFY(m_vega->rados({"-p", "train", "put", "part-2", m_vega->conf()}));
    QVERIFY(m_vega->rados({"-p", "train", "setxattr", "part-2", "sluice.partial", "R-1/copy/1/7"}));
    QVERIFY(m_vega->rados({"-p", "train", "setomapval", "part-2", "k", "v"}));
    QVERIFY(m_vega->rados({"-p", "train", "lock", "get", "part-2", "job", "--lock-cookie", "c"}));
    QJsonObject where{{"cephPool", "train"}, {"object", "part-2"}};
    const auto stat = vega.call(QStringLiteral("object.stat"), where);
    QVERIFY(stat);
    QCOMPARE(stat->value("exists").toBool(), true);
    QCOMPARE(stat->value("sizeBytes").toInteger(), QFile(m_vega->conf()).size());
    QCOMPARE(stat->value("partialOf").toString(), QStringLiteral("R-1/copy/1/7"));
    QCOMPARE(stat->value("omapKeys").toInt(), 1);
    QVERIFY(stat->value("xattrs").toArray().contains(QStringLiteral("lock.job")));

    where["version"] = stat->value("version");
    const auto locked = vega.call(QStringLiteral("object.remove"), where, Effect::Mutates);
    QVERIFY(!locked);
    QCOMPARE(toString(locked.error().code), toString(ErrorCode::FailedPrecondition));
    const auto holder = firstHolder(vega.call(QStringLiteral("lock.list"), where));
    QVERIFY(vega.call(QStringLiteral("lock.break"),
                      {{"cephPool", "train"},
                       {"object", "part-2"},
                       {"lock", "job"},
                       {"client", holder["client"]},
                       {"cookie", "c"}},
                      Effect::Mutates));
    const auto moved = vega.call(QStringLiteral("object.remove"), where, Effect::Mutates);
    QVERIFY2(!moved, "breaking the lock changed the version");
    QCOMPARE(toString(moved.error().code), toString(ErrorCode::Aborted));
    where["version"] = vega.call(QStringLiteral("object.stat"), where)->value("version");
    QVERIFY(vega.call(QStringLiteral("object.remove"), where, Effect::Mutates));
    QCOMPARE(vega.call(QStringLiteral("object.stat"), where)->value("exists").toBool(true), false);

    const auto pg = vega.call(QStringLiteral("object.pg"), where);
    QVERIFY(pg);
    QVERIFY2(pg->value("state").toString().startsWith(QLatin1String("active+clean")),
             "it may be scrubbed meanwhile");
    QCOMPARE(pg->value("acting").toArray().size(), 3);
}

void TestCephObserver::blocklist()
{
    Observed vega(QStringLiteral("vega"), *m_vega);
    QVERIFY(vega.start());
    QTRY_COMPARE(vega.session["state"].toString(), QStringLiteral("connected"));
    const QString address = QStringLiteral("127.0.0.1:0/4242");
    QCOMPARE(vega.call(QStringLiteral("blocklist.has"), {{"address", address}})->value("listed").toBool(true),
             false);
    const auto added = vega.call(QStringLiteral("blocklist.add"),
                                 {{"address", address}, {"expireSeconds", 60}}, Effect::Mutates);
    QVERIFY(added);
    QVERIFY(added->value("epoch").toInt() > 0);
    QCOMPARE(vega.call(QStringLiteral("blocklist.has"), {{"address", address}})->value("listed").toBool(),
             true);
    // an address with brackets of its own, listed before the other
    const QString ipv6 = QStringLiteral("[::10]:0/123456");
    QVERIFY(vega.call(QStringLiteral("blocklist.add"), {{"address", ipv6}, {"expireSeconds", 60}},
                      Effect::Mutates));
    QCOMPARE(vega.call(QStringLiteral("blocklist.has"), {{"address", ipv6}})->value("listed").toBool(), true);
    QCOMPARE(vega.call(QStringLiteral("blocklist.has"), {{"address", address}})->value("listed").toBool(),
             true);
    const auto wrong = vega.call(QStringLiteral("blocklist.add"),
                                 {{"address", "127.0.0.1"}, {"expireSeconds", 60}}, Effect::Mutates);
    QVERIFY2(!wrong, "a whole host is no client instance");
    QCOMPARE(toString(wrong.error().code), toString(ErrorCode::InvalidArgument));
}

void TestCephObserver::entitiesAndKeys()
{
    Observed vega(QStringLiteral("vega"), *m_vega);
    QVERIFY(vega.start());
    QTRY_COMPARE(vega.session["state"].toString(), QStringLiteral("connected"));
    const QJsonObject caps{{"mon", "allow r"}, {"osd", "allow rwx pool=landing, allow rwx pool=train"}};
    const QJsonObject entity{{"entity", "client.ingest.g1"}, {"caps", caps}};
    const auto made = vega.call(QStringLiteral("auth.create"), entity, Effect::Mutates);
    QVERIFY(made);
    QCOMPARE(made->value("created").toBool(), true);
    const QString key = made->value("key").toString();
    QVERIFY(key.size() > 30);
    const auto again = vega.call(QStringLiteral("auth.create"), entity, Effect::Mutates);
    QCOMPARE(again->value("created").toBool(true), false);
    QCOMPARE(again->value("key").toString(), key);
    const auto other = vega.call(QStringLiteral("auth.create"),
                                 {{"entity", "client.ingest.g1"}, {"caps", QJsonObject{{"mon", "allow r"}}}},
                                 Effect::Mutates);
    QVERIFY(!other);
    QCOMPARE(toString(other.error().code), toString(ErrorCode::AlreadyExists));

    QCOMPARE(vega.call(QStringLiteral("auth.get"), entity)->value("caps").toObject(), caps);
    QVERIFY(QJsonDocument(*vega.call(QStringLiteral("auth.list"), {})).toJson().contains("client.ingest.g1"));
    // Any monitor may be asked, and one may know of the change a moment later than the others.
    const auto probed = [&vega, &key] {
        return vega.call(QStringLiteral("key.probe"), {{"entity", "client.ingest.g1"}, {"key", key}});
    };
    QTRY_COMPARE(probed()->value("ok").toBool(), true);
    QVERIFY(vega.call(QStringLiteral("auth.remove"), entity, Effect::Mutates));
    QVERIFY2(vega.call(QStringLiteral("auth.remove"), entity, Effect::Mutates), "removing twice is well");
    QTRY_COMPARE(probed()->value("ok").toBool(true), false);
    QVERIFY(probed()->contains("error"));
    const auto gone = vega.call(QStringLiteral("auth.get"), entity);
    QVERIFY(!gone);
    QCOMPARE(toString(gone.error().code), toString(ErrorCode::NotFound));
    for (const char* kept : {"client.admin", "client.sluice", "osd.0", "client."}) {
        const auto refused = vega.call(QStringLiteral("auth.remove"), {{"entity", kept}}, Effect::Mutates);
        QVERIFY2(!refused, kept);
        QCOMPARE(toString(refused.error().code), toString(ErrorCode::InvalidArgument));
    }
    QVERIFY2(!vega.everything.contains(key.toLatin1()), "no event may hold a key");
}

void TestCephObserver::gatewayIsProbedAndAdministered()
{
    Observed vega(QStringLiteral("vega"), *m_vega);
    const QJsonObject gateway = m_vega->gateway();
    QVERIFY(!gateway["secretKey"].toString().isEmpty());
    vega.params["gateways"] = QJsonArray{gateway};
    QVERIFY(vega.start());
    const QString id = QStringLiteral("rgw.vega/gateway/rgw.vega");
    QTRY_VERIFY(vega.facts(id)["answers"].toBool());
    QCOMPARE(vega.facts(id)["endpoint"], gateway["endpoint"]);
    const QJsonObject pair{{"connection", "rgw.vega"}, {"accessKey", "SLUICETESTKEY0001"}};
    const auto made = vega.call(QStringLiteral("s3.key.create"), pair, Effect::Mutates);
    QVERIFY(made);
    QVERIFY(!(*made)["secretKey"].toString().isEmpty());
    QVERIFY(
        vega.call(QStringLiteral("s3.upload.abort"),
                  {{"connection", "rgw.vega"}, {"bucket", "catalog"}, {"key", "k"}, {"uploadId", "2~gone"}},
                  Effect::Mutates));
    QVERIFY(vega.call(QStringLiteral("s3.key.remove"), pair, Effect::Mutates));
    const auto other = vega.call(QStringLiteral("s3.key.remove"),
                                 {{"connection", "rgw.lyra"}, {"accessKey", "X"}}, Effect::Mutates);
    QVERIFY(!other);
    QCOMPARE(toString(other.error().code), toString(ErrorCode::NotFound));
    QVERIFY(m_vega->run({"kill", "rgw"}));
    QTRY_VERIFY(!vega.facts(id)["answers"].toBool(true));
    QVERIFY(!vega.facts(id)["error"].toObject()["correction"].toString().isEmpty());
    QVERIFY(!vega.everything.contains((*made)["secretKey"].toString().toLatin1()));
    QVERIFY(!vega.everything.contains(gateway["secretKey"].toString().toLatin1()));
}

void TestCephObserver::observeNowTellsBeforeItReplies()
{
    Observed vega(QStringLiteral("vega"), *m_vega);
    vega.params["pollMs"] = 60'000;
    QVERIFY(vega.start());
    QTRY_VERIFY(vega.entities.contains(QStringLiteral("vega/auth-entity/client.sluice")));
    // A map that changes meanwhile is told as well, so that more may be said than was asked for.
    const int osds = vega.timesSaid[QStringLiteral("osd")];
    const int mons = vega.timesSaid[QStringLiteral("mon")];
    QVERIFY(vega.call(QStringLiteral("observe.now"), {}));
    QVERIFY(vega.timesSaid[QStringLiteral("osd")] >= osds + 3);
    QVERIFY(vega.timesSaid[QStringLiteral("mon")] >= mons + 3);
    QVERIFY(sluice::test::waitUntil([&vega] {
        const int osdsBefore = vega.timesSaid[QStringLiteral("osd")];
        const int monsBefore = vega.timesSaid[QStringLiteral("mon")];
        return vega.call(QStringLiteral("observe.now"), {{"kinds", QJsonArray{"mon"}}}).has_value() &&
               vega.timesSaid[QStringLiteral("osd")] == osdsBefore &&
               vega.timesSaid[QStringLiteral("mon")] >= monsBefore + 3;
    }));
}

void TestCephObserver::fencedObserverComesBack()
{
    Observed vega(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    QVERIFY(vega.start());
    QTRY_COMPARE(vega.leaseState(), QStringLiteral("held"));
    const auto own =
        vega.call(QStringLiteral("lock.list"), {{"cephPool", "sluice"}, {"object", "sluice.lease"}});
    QVERIFY(own);
    const QString address = firstHolder(own)["address"].toString();
    // Whom this fences is the observer itself, so its reply may be lost; that it was fenced is what is waited
    // for.
    static_cast<void>(vega.call(QStringLiteral("blocklist.add"),
                                {{"address", address}, {"expireSeconds", 120}}, Effect::Mutates));
    QTRY_VERIFY(vega.leaseStates.contains(QStringLiteral("lost")));
    QTRY_COMPARE(vega.leaseState(), QStringLiteral("held"));
    QTRY_VERIFY(
        vega.call(QStringLiteral("object.stat"), {{"cephPool", "train"}, {"object", "nothing"}}).has_value());
}

void TestCephObserver::quorumLostAndBack()
{
    Observed vega(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    QVERIFY(vega.start());
    QTRY_VERIFY(vega.entities.contains(QStringLiteral("vega/auth-entity/client.sluice")));
    QElapsedTimer timer;
    timer.start();
    QVERIFY(m_vega->run({"kill", "mon.b", "mon.c"}));
    QTRY_VERIFY(!vega.quorate(QStringLiteral("vega")));
    qInfo("quorum lost after %lld ms", timer.elapsed());
    // The first look may come between the end of the one and that of the other.
    QTRY_COMPARE(vega.facts(QStringLiteral("vega/mon-quorum/vega"))["absent"].toArray(),
                 (QJsonArray{"b", "c"}));
    const QJsonObject quorum = vega.facts(QStringLiteral("vega/mon-quorum/vega"));
    QVERIFY(!quorum["lostSince"].toString().isEmpty());
    QTRY_COMPARE(vega.facts(QStringLiteral("vega/mon/b"))["state"].toString(), QStringLiteral("no answer"));
    QTRY_COMPARE(vega.facts(QStringLiteral("vega/mon/a"))["answers"].toBool(), true);
    QTRY_COMPARE(vega.facts(QStringLiteral("vega/cluster/vega"))["healthBelieved"].toBool(true), false);
    QTRY_COMPARE(vega.session["state"].toString(), QStringLiteral("lost"));

    // The survivor notices by itself after its lease; until then and after, nothing else is said to be fresh.
    const int osds = vega.timesSaid[QStringLiteral("osd")];
    const int clusters = vega.timesSaid[QStringLiteral("cluster")];
    QTRY_COMPARE(vega.facts(QStringLiteral("vega/mon/a"))["state"].toString(), QStringLiteral("probing"));
    QTRY_VERIFY(vega.timesSaid[QStringLiteral("cluster")] > clusters);
    QCOMPARE(vega.timesSaid[QStringLiteral("osd")], osds);
    QCOMPARE(vega.facts(QStringLiteral("vega/mon-quorum/vega"))["lostSince"].toString(),
             quorum["lostSince"].toString());
    QCOMPARE(vega.facts(QStringLiteral("vega/osd/0"))["up"].toBool(), true);

    QVERIFY(m_vega->run({"start", "mon.b", "mon.c"}));
    timer.start();
    QTRY_VERIFY(vega.quorate(QStringLiteral("vega")));
    QTRY_COMPARE(vega.session["state"].toString(), QStringLiteral("connected"));
    qInfo("back after %lld ms", timer.elapsed());
    QTRY_VERIFY(vega.timesSaid[QStringLiteral("osd")] > osds);
    QTRY_COMPARE(vega.leaseState(), QStringLiteral("held"));
}

void TestCephObserver::frozenMonitors()
{
    Observed vega(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    QVERIFY(vega.start());
    QTRY_VERIFY(vega.entities.contains(QStringLiteral("vega/auth-entity/client.sluice")));
    QVERIFY(m_vega->run({"pause", "mon.a", "mon.b"}));
    QTRY_VERIFY(!vega.facts(QStringLiteral("vega/mon/a"))["answers"].toBool(true));
    QTRY_VERIFY(!vega.quorate(QStringLiteral("vega")));
    QVERIFY(m_vega->run({"cont", "mon.a", "mon.b"}));
    QTRY_VERIFY(vega.quorate(QStringLiteral("vega")));
    QTRY_COMPARE(vega.session["state"].toString(), QStringLiteral("connected"));
}

void TestCephObserver::coldStartWithoutQuorum()
{
    {
        Observed before(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
        QVERIFY(before.start());
        QTRY_VERIFY(before.quorate(QStringLiteral("vega")));
        QVERIFY(m_vega->run({"kill", "mon.b", "mon.c"}));
        QTRY_COMPARE(before.facts(QStringLiteral("vega/mon/a"))["state"].toString(),
                     QStringLiteral("probing"));
    }
    // A ceph.conf that names no monitor and knows one address only.
    QFile full(m_vega->conf());
    QVERIFY(full.open(QIODevice::ReadOnly));
    QString text = QString::fromUtf8(full.readAll());
    text.remove(QRegularExpression(QStringLiteral("\\[mon\\.[abc]\\]\n[^\\[]*(\\[v2[^\n]*\n)")));
    QVERIFY(!text.contains(QLatin1String("[mon.b]")));
    text.replace(QRegularExpression(QStringLiteral("mon_host = (\\[[^\\]]*\\])[^\n]*")),
                 QStringLiteral("mon_host = \\1"));
    text.replace(QRegularExpression(QStringLiteral("mon_initial_members[^\n]*")), QString());
    QFile small(m_dir.filePath(QStringLiteral("small.conf")));
    QVERIFY(small.open(QIODevice::WriteOnly));
    small.write(text.toUtf8());
    small.close();

    for (const QString& conf : {m_vega->conf(), small.fileName()}) {
        Observed vega(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
        vega.params["conf"] = conf;
        QVERIFY(vega.start());
        QTRY_VERIFY2(vega.entities.contains(QStringLiteral("vega/mon/b")), qPrintable(conf));
        QTRY_COMPARE(vega.facts(QStringLiteral("vega/mon-quorum/vega"))["absent"].toArray(),
                     (QJsonArray{"b", "c"}));
        QCOMPARE(vega.facts(QStringLiteral("vega/mon-quorum/vega"))["total"].toInt(), 3);
        QVERIFY(!vega.quorate(QStringLiteral("vega")));
        QCOMPARE(vega.facts(QStringLiteral("vega/mon/b"))["answers"].toBool(true), false);
        QCOMPARE(vega.session["state"].toString(), QStringLiteral("connecting"));
        if (conf == small.fileName()) {
            QTRY_COMPARE(vega.monmap.size(), 3);
            QVERIFY(m_vega->run({"start", "mon.b", "mon.c"}));
            QTRY_COMPARE(vega.session["state"].toString(), QStringLiteral("connected"));
            QTRY_VERIFY(vega.entities.contains(QStringLiteral("vega/osd/0")));
            QTRY_VERIFY(vega.quorate(QStringLiteral("vega")));
        }
    }
}

QTEST_GUILESS_MAIN(TestCephObserver)
#include "tst_ceph_observer.moc"
