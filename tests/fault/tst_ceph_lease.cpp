#include <QtCore/QDir>
#include <QtCore/QStandardPaths>
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>

#include "ceph_observer_lab.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::worker;

namespace {

void leaseIn(Observed& observed, const QString& cephPool, const QString& object, qint64 durationMs = 5000)
{
    QJsonObject lease = observed.params["lease"].toObject();
    lease["cephPool"] = cephPool;
    lease["object"] = object;
    lease["durationMs"] = durationMs;
    observed.params["lease"] = lease;
}

}  // namespace

/// One leader a cluster, by a lock in Sluice's own Ceph pool or by a key of the monitors.
class TestCephLease : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase() { m_vega.reset(); }
    void init();

    void leaseHasOneHolder();
    void aRoleBelongsToOneEngine();
    void leaseHandedBackIsTakenAtOnce();
    void leaseOfAnEarlierLifeIsTaken();
    void leaseByKeyWhereThereIsNoPool();
    void leaseByKeyIsHandedBack();
    void leaseByKeyHasOneHolderAfterAnOutage();
    void leaseByKeyGoesOverToAPool();
    void leaseByKeyOutlivesAPoolThatCannotBeUsed();
    void withoutPoolAndKeyItSaysWhatToDo();

private:
    QTemporaryDir m_dir{QDir::tempPath() + QStringLiteral("/sl-XXXXXX")};
    std::unique_ptr<Lab> m_vega{};
};

void TestCephLease::initTestCase()
{
    if (QStandardPaths::findExecutable(QStringLiteral("ceph-mon")).isEmpty()) {
        QSKIP("the daemons of Ceph are not installed");
    }
    QVERIFY(m_dir.isValid());
    m_vega = std::make_unique<Lab>(m_dir.filePath(QStringLiteral("v")));
    m_vega->beginUp(false);
    QVERIFY2(m_vega->endUp(), m_vega->upOutput().constData());
}

void TestCephLease::init()
{
    if (!m_vega) {
        QSKIP("no laboratory");
    }
}

void TestCephLease::leaseHasOneHolder()
{
    Observed first(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-1"));
    QVERIFY(first.start());
    QTRY_COMPARE(first.leaseState(), QStringLiteral("held"));
    Observed second(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    QVERIFY(second.start());
    QTRY_COMPARE(second.leaseState(), QStringLiteral("other"));
    QCOMPARE(second.lease["owner"].toString(), QStringLiteral("engine-1"));
    QVERIFY(!second.lease["until"].toString().isEmpty());
    // It is renewed beyond its first end.
    const qint64 firstEnd = fromRfc3339(first.lease["until"].toString());
    QTRY_VERIFY(SystemClock().nowMs() > firstEnd + 500);
    QCOMPARE(first.leaseState(), QStringLiteral("held"));
    QVERIFY(!second.leaseStates.contains(QStringLiteral("held")));
    first.worker.kill();
    QTRY_COMPARE(second.leaseState(), QStringLiteral("held"));
}

/// Whoever leads: the keys of a role are those of the engine that made them first.
void TestCephLease::aRoleBelongsToOneEngine()
{
    Observed first(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-1"));
    Observed second(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    QVERIFY(first.start());
    QTRY_COMPARE(first.leaseState(), QStringLiteral("held"));
    QVERIFY(second.start());
    QTRY_COMPARE(second.leaseState(), QStringLiteral("other"));
    const auto generation = [](int number) {
        return QJsonObject{{"entity", QStringLiteral("client.claimed.g%1").arg(number)},
                           {"caps", QJsonObject{{"mon", "allow r"}}}};
    };
    const auto made = first.call(QStringLiteral("auth.create"), generation(1), Effect::Mutates);
    QVERIFY2(made, made ? "" : qPrintable(made.error().toLine()));
    for (const char* method : {"auth.create", "auth.remove"}) {
        const auto refused = second.call(QLatin1String(method), generation(1), Effect::Mutates);
        QVERIFY(!refused);
        QCOMPARE(toString(refused.error().code), toString(ErrorCode::FailedPrecondition));
        QVERIFY2(refused.error().cause.contains(QStringLiteral("engine-1")),
                 qPrintable(refused.error().toLine()));
    }
    QVERIFY(first.call(QStringLiteral("auth.get"), generation(1)));
    QVERIFY(first.call(QStringLiteral("auth.create"), generation(2), Effect::Mutates));
    QVERIFY(first.call(QStringLiteral("auth.remove"), generation(1), Effect::Mutates));
    QVERIFY(first.call(QStringLiteral("auth.remove"), generation(2), Effect::Mutates));
}

void TestCephLease::leaseHandedBackIsTakenAtOnce()
{
    Observed first(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-1"));
    QJsonObject lease = first.params["lease"].toObject();
    lease["durationMs"] = 600'000;  // far more than anybody here waits
    first.params["lease"] = lease;
    QVERIFY(first.start());
    QTRY_COMPARE(first.leaseState(), QStringLiteral("held"));
    Observed second(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    QVERIFY(second.start());
    QTRY_COMPARE(second.leaseState(), QStringLiteral("other"));
    QVERIFY(first.call(QStringLiteral("lease.release"), {}, Effect::Mutates));
    QVERIFY2(first.call(QStringLiteral("lease.release"), {}, Effect::Mutates), "giving back twice is well");
    QTRY_COMPARE(second.leaseState(), QStringLiteral("held"));
}

void TestCephLease::leaseOfAnEarlierLifeIsTaken()
{
    Observed first(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    QVERIFY(first.start());
    QTRY_COMPARE(first.leaseState(), QStringLiteral("held"));
    QSignalSpy exited(&first.worker, &WorkerProcess::exited);
    first.worker.kill();
    QVERIFY(exited.wait(sluice::test::kPatienceMs));
    Observed next(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    QVERIFY(next.start());
    QTRY_COMPARE(next.leaseState(), QStringLiteral("held"));
    QVERIFY(!next.leaseStates.contains(QStringLiteral("other")));
}

void TestCephLease::leaseByKeyWhereThereIsNoPool()
{
    Observed first(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-1"));
    leaseIn(first, QStringLiteral("nopool"), QStringLiteral("by-key"));
    QVERIFY(first.start());
    QTRY_COMPARE(first.leaseState(), QStringLiteral("held"));
    QVERIFY2(first.lease["caveat"].toString().contains("ceph osd pool create nopool"),
             qPrintable(first.lease["caveat"].toString()));
    Observed second(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    leaseIn(second, QStringLiteral("nopool"), QStringLiteral("by-key"));
    QVERIFY(second.start());
    QTRY_COMPARE(second.leaseState(), QStringLiteral("other"));
    QCOMPARE(second.lease["owner"].toString(), QStringLiteral("engine-1"));
    // It is renewed beyond its first end.
    const qint64 firstEnd = fromRfc3339(first.lease["until"].toString());
    QTRY_VERIFY(SystemClock().nowMs() > firstEnd + 500);
    QCOMPARE(first.leaseState(), QStringLiteral("held"));
    QVERIFY(!second.leaseStates.contains(QStringLiteral("held")));
    first.worker.kill();
    QTRY_COMPARE(second.leaseState(), QStringLiteral("held"));
}

void TestCephLease::leaseByKeyIsHandedBack()
{
    Observed first(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-1"));
    leaseIn(first, QStringLiteral("nopool"), QStringLiteral("handed-back"), 60'000);
    QVERIFY(first.start());
    QTRY_COMPARE(first.leaseState(), QStringLiteral("held"));
    Observed second(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    leaseIn(second, QStringLiteral("nopool"), QStringLiteral("handed-back"), 60'000);
    QVERIFY(second.start());
    QTRY_COMPARE(second.leaseState(), QStringLiteral("other"));
    QVERIFY(first.call(QStringLiteral("lease.release"), {}, Effect::Mutates));
    QTRY_COMPARE(second.leaseState(), QStringLiteral("held"));
}

void TestCephLease::leaseByKeyHasOneHolderAfterAnOutage()
{
    Observed first(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-1"));
    Observed second(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    for (Observed* each : {&first, &second}) {
        leaseIn(*each, QStringLiteral("nopool"), QStringLiteral("outage"));
        QVERIFY(each->start());
        QTRY_VERIFY(each->leaseState() == (each == &first ? "held" : "other"));
    }
    QVERIFY(m_vega->run({"kill", "mon.b", "mon.c"}));
    QTRY_COMPARE(first.leaseState(), QStringLiteral("lost"));
    QVERIFY(m_vega->run({"start", "mon.b", "mon.c"}));
    bool both = false;
    const auto leads = [&both](const Observed& one, const Observed& other) {
        both = both || (one.leaseState() == "held" && other.leaseState() == "held");
        return one.leaseState() == "held" && other.leaseState() == "other";
    };
    QTRY_VERIFY(leads(first, second) || leads(second, first));
    Observed& leader = leads(first, second) ? first : second;
    Observed& follower = leads(first, second) ? second : first;
    const qint64 end = fromRfc3339(leader.lease["until"].toString());
    QTRY_VERIFY(leads(leader, follower) && SystemClock().nowMs() > end + 500);
    QVERIFY(!both);
}

void TestCephLease::leaseByKeyGoesOverToAPool()
{
    Observed byKey(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-1"));
    leaseIn(byKey, QStringLiteral("newpool"), QStringLiteral("moving"), 15'000);
    QVERIFY(byKey.start());
    QTRY_COMPARE(byKey.leaseState(), QStringLiteral("held"));
    QVERIFY(m_vega->ceph({"osd", "pool", "create", "newpool", "1"}));
    QVERIFY(m_vega->ceph({"osd", "pool", "application", "enable", "newpool", "rados"}));
    // One that starts now sees the pool, and that another leads by its key.
    Observed later(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-2"));
    leaseIn(later, QStringLiteral("newpool"), QStringLiteral("moving"), 15'000);
    QVERIFY(later.start());
    QTRY_COMPARE(later.leaseState(), QStringLiteral("other"));
    QVERIFY2(!byKey.lease["caveat"].toString().isEmpty(), "it leads by the key still");
    QTRY_VERIFY(byKey.lease["caveat"].toString().isEmpty() && byKey.leaseState() == "held");
    QVERIFY(!later.leaseStates.contains(QStringLiteral("held")));
    QVERIFY(!byKey.leaseStates.contains(QStringLiteral("lost")));
    QVERIFY(!m_vega->ceph({"config-key", "exists", "sluice/moving"}));
    byKey.worker.kill();
    QTRY_COMPARE(later.leaseState(), QStringLiteral("held"));
}

void TestCephLease::leaseByKeyOutlivesAPoolThatCannotBeUsed()
{
    Observed byKey(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-1"));
    leaseIn(byKey, QStringLiteral("noright"), QStringLiteral("outlives"));
    QVERIFY(byKey.start());
    QTRY_COMPARE(byKey.leaseState(), QStringLiteral("held"));
    // Without an application it is none of those that client.sluice may write to.
    QVERIFY(m_vega->ceph({"osd", "pool", "create", "noright", "1"}));
    QTRY_VERIFY(byKey.lease["caveat"].toString().contains("cannot be used"));
    const qint64 end = fromRfc3339(byKey.lease["until"].toString());
    QTRY_VERIFY(SystemClock().nowMs() > end + 500);
    QCOMPARE(byKey.leaseState(), QStringLiteral("held"));
    QVERIFY(!byKey.leaseStates.contains(QStringLiteral("lost")));
}

void TestCephLease::withoutPoolAndKeyItSaysWhatToDo()
{
    QVERIFY(m_vega->ceph(
        {"auth", "get-or-create", "client.looker", "mon", "allow r", "-o", m_vega->conf() + ".looker"}));
    Observed looker(QStringLiteral("vega"), *m_vega, QStringLiteral("engine-1"));
    leaseIn(looker, QStringLiteral("nopool"), QStringLiteral("by-key"));
    looker.params["entity"] = QStringLiteral("client.looker");
    looker.params["keyring"] = m_vega->conf() + QStringLiteral(".looker");
    QVERIFY(looker.start());
    const auto line = [&looker] { return Error::fromJson(looker.lease["error"].toObject()).toLine(); };
    QTRY_VERIFY2(line().contains("ceph osd pool create nopool"), qPrintable(line()));
    QCOMPARE(looker.leaseState(), QStringLiteral("none"));
}

QTEST_GUILESS_MAIN(TestCephLease)
#include "tst_ceph_lease.moc"
