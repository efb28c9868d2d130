#include <QtCore/QDeadlineTimer>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QtTest>
#include <csignal>

#include "mover_driver.h"
#include "mover_lab.h"
#include "patience.h"

using namespace sluice;

#define FINISHED(driver) QVERIFY2((driver).finish() && !(driver).done.isEmpty(), (driver).story().constData())
#define FAILED(driver) QVERIFY2((driver).finish() && !(driver).failed.isEmpty(), (driver).story().constData())

class TestMoverTroubleLab : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void quotaThenRoom();
    void fullClusterThenRoom();
    void missingRightThenGiven();
    void missingRightOnSource();
    void deadGatewayThenAlive();
    void revokedS3Key();
    void noSuchPlaces_data();
    void noSuchPlaces();
    void wrongKeyIsToldAndWaitedFor();
    void tooFewOsdsThenEnough();
    void monitorsGoneAtStart();
    void monitorsGoneWhileCopying();
    void fencedInTheMiddle();
    void fencedWhileItHangs();
    void commitRefused();
    void badOrders_data();
    void badOrders();
    void secretsStayInside();

private:
    QMap<QString, QByteArray> fill(const QString& cephPool, const QString& prefix, int count, qsizetype size);
    void verifyEqual(const QString& cephPool, const QString& prefix,
                     const QMap<QString, QByteArray>& objects);

    MoverLab m_lab{};
    QTemporaryDir m_folder{};
};

void TestMoverTroubleLab::initTestCase()
{
    const QString wrong = m_lab.up();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

QMap<QString, QByteArray> TestMoverTroubleLab::fill(const QString& cephPool, const QString& prefix, int count,
                                                    qsizetype size)
{
    librados::IoCtx io = m_lab.io(cephPool);
    QMap<QString, QByteArray> objects;
    for (int i = 0; i < count; ++i) {
        objects.insert(QString::number(i), MoverLab::bytes(size, static_cast<quint32>(i)));
        MoverLab::write(io, prefix + QString::number(i), objects[QString::number(i)]);
    }
    return objects;
}

void TestMoverTroubleLab::verifyEqual(const QString& cephPool, const QString& prefix,
                                      const QMap<QString, QByteArray>& objects)
{
    librados::IoCtx io = m_lab.io(cephPool);
    for (auto at = objects.begin(); at != objects.end(); ++at) {
        QVERIFY2(MoverLab::read(io, prefix + at.key()) == at.value(), qPrintable(at.key()));
    }
    MoverLab::clear(io, prefix);
}

void TestMoverTroubleLab::quotaThenRoom()
{
    librados::IoCtx full = m_lab.io("quota");
    const auto objects = fill("landing", "qt/", 20, 100'000);
    MoverLab::write(full, "ballast", MoverLab::bytes(500'000, 1));
    QCOMPARE(
        m_lab.command(
            {{"prefix", "osd pool set-quota"}, {"pool", "quota"}, {"field", "max_bytes"}, {"val", "100000"}}),
        0);
    const auto isFull = [&] {
        QByteArray out;
        m_lab.command({{"prefix", "osd pool ls"}, {"detail", "detail"}}, &out);
        for (const QJsonValue& cephPool : QJsonDocument::fromJson(out).array()) {
            if (cephPool["pool_name"].toString() == QLatin1String("quota")) {
                return cephPool["flags_names"].toString().contains("full_quota");
            }
        }
        return false;
    };
    QTRY_VERIFY(isFull());
    for (const QString& from :
         {QStringLiteral("rados://vega/landing/qt/"), "file:" + m_folder.filePath("qt")}) {
        QDir().mkpath(m_folder.filePath("qt"));
        for (auto at = objects.begin(); at != objects.end(); ++at) {
            QFile file(m_folder.filePath("qt/" + at.key()));
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(at.value()) == at.value().size());
        }
        MoverDriver driver(m_lab.order(from, "rados://vega/quota/qt/"));
        driver.start();
        QVERIFY2(driver.waitBlocked("quota"), driver.story().constData());
        const QJsonObject event = driver.blocked.first();
        QCOMPARE(event["cephPool"].toString(), QStringLiteral("quota"));
        QCOMPARE(event["error"].toObject()["code"].toString(), QStringLiteral("ResourceExhausted"));
        QCOMPARE(event["error"].toObject()["upstream"].toObject()["code"].toInt(), -EDQUOT);
        if (from.startsWith("rados")) {
            driver.kill();
            QVERIFY(driver.finish());
            continue;
        }
        QCOMPARE(
            m_lab.command(
                {{"prefix", "osd pool set-quota"}, {"pool", "quota"}, {"field", "max_bytes"}, {"val", "0"}}),
            0);
        FINISHED(driver);
        QVERIFY(driver.count("unblocked") > 0);
    }
    verifyEqual("quota", "qt/", objects);
    librados::IoCtx landing = m_lab.io("landing");
    MoverLab::clear(landing, "qt/");
}

void TestMoverTroubleLab::fullClusterThenRoom()
{
    const auto objects = fill("landing", "fc/", 20, 1'000'000);
    const auto fullAt =
        [&](double ratio) {  // the flag `full` of all Ceph pools follows; nobody may set it by hand
            for (const char* which :
                 {"osd set-nearfull-ratio", "osd set-backfillfull-ratio", "osd set-full-ratio"}) {
                m_lab.command({{"prefix", which}, {"ratio", ratio}});
            }
        };
    const auto isFull = [&] {
        QByteArray out;
        m_lab.command({{"prefix", "osd pool ls"}, {"detail", "detail"}}, &out);
        const QJsonArray cephPools = QJsonDocument::fromJson(out).array();
        return std::any_of(cephPools.begin(), cephPools.end(), [](const QJsonValue& cephPool) {
            return cephPool["flags_names"].toString().split(',').contains("full");
        });
    };
    const auto room = qScopeGuard([&] { fullAt(0.95); });
    fullAt(0.0001);
    QTRY_VERIFY(isFull());
    MoverDriver driver(m_lab.order("rados://vega/landing/fc/", "rados://vega/train/fc/"));
    driver.start();
    QVERIFY2(driver.waitBlocked("full"), driver.story().constData());
    QCOMPARE(driver.blocked.first()["cephPool"].toString(), QStringLiteral("train"));
    const QJsonObject error = driver.blocked.first()["error"].toObject();
    QCOMPARE(error["code"].toString(), QStringLiteral("ResourceExhausted"));
    QCOMPARE(error["upstream"].toObject()["code"].toInt(), -ENOSPC);
    QCOMPARE(error["cause"].toString(), QStringLiteral("the cluster or the Ceph pool is full"));
    QVERIFY(error["correction"].toString().contains("Add OSDs"));
    fullAt(0.95);
    QTRY_VERIFY(!isFull());
    FINISHED(driver);
    QVERIFY(driver.count("unblocked") > 0);
    verifyEqual("train", "fc/", objects);
    librados::IoCtx landing = m_lab.io("landing");
    MoverLab::clear(landing, "fc/");
}

void TestMoverTroubleLab::missingRightThenGiven()
{
    const auto objects = fill("landing", "mr/", 5, 1000);
    const QString key = m_lab.entity("client.narrow", "allow rwx pool=landing");
    QJsonObject order = m_lab.order("rados://vega/landing/mr/", "rados://vega/train/mr/");
    order["clusters"] =
        QJsonObject{{"vega", QJsonObject{{"conf", m_lab.conf()}, {"entity", "client.narrow"}, {"key", key}}}};
    MoverDriver driver(order);
    driver.start();
    QVERIFY2(driver.waitBlocked("permission"), driver.story().constData());
    QCOMPARE(driver.blocked.first()["cephPool"].toString(), QStringLiteral("train"));
    QCOMPARE(driver.blocked.first()["error"].toObject()["code"].toString(),
             QStringLiteral("PermissionDenied"));
    QCOMPARE(driver.clients.size(), 1);
    m_lab.entity("client.narrow", "allow rwx pool=landing, allow rwx pool=train");
    FINISHED(driver);
    // the rights came with a new client instance, which was announced before it wrote
    QVERIFY(driver.clients.size() > 1);
    QVERIFY(driver.clients.first()["address"] != driver.clients.last()["address"]);
    verifyEqual("train", "mr/", objects);
}

/// A copy inside the cluster does not ask for the right to read the source: the mover does.
void TestMoverTroubleLab::missingRightOnSource()
{
    fill("landing", "ms/", 2, 1000);
    const QString key = m_lab.entity("client.blind", "allow rwx pool=train");
    QJsonObject order = m_lab.order("rados://vega/landing/ms/", "rados://vega/train/ms/");
    order["clusters"] =
        QJsonObject{{"vega", QJsonObject{{"conf", m_lab.conf()}, {"entity", "client.blind"}, {"key", key}}}};
    MoverDriver driver(order);
    driver.start();
    QVERIFY2(driver.waitBlocked("permission"), driver.story().constData());
    QCOMPARE(driver.blocked.first()["cephPool"].toString(), QStringLiteral("landing"));
    driver.kill();
    QVERIFY(driver.finish());
    librados::IoCtx train = m_lab.io("train");
    QVERIFY(MoverLab::list(train, "ms/").isEmpty());
    librados::IoCtx landing = m_lab.io("landing");
    MoverLab::clear(landing, "ms/");
}

void TestMoverTroubleLab::deadGatewayThenAlive()
{
    const auto objects = fill("landing", "dg/", 30, 20'000);
    m_lab.makeBucket("deadgate");
    QCOMPARE(m_lab.lab({"kill", "rgw"}), 0);
    MoverDriver driver(m_lab.order("rados://vega/landing/dg/", "s3://rgw.vega/deadgate/x/"));
    driver.start();
    QVERIFY2(driver.waitBlocked("gateway"), driver.story().constData());
    QCOMPARE(driver.blocked.first()["connection"].toString(), QStringLiteral("rgw.vega"));
    QVERIFY(driver.blocked.first()["error"].toObject()["correction"].toString().contains("http://127.0.0.1"));
    QCOMPARE(m_lab.lab({"start", "rgw"}), 0);
    FINISHED(driver);
    for (auto at = objects.begin(); at != objects.end(); ++at) {
        const auto bytes = m_lab.s3().getRange("deadgate", "x/" + at.key(), 0, 1'000'000);
        QVERIFY2(bytes && *bytes == at.value(), qPrintable(at.key()));
    }
    librados::IoCtx landing = m_lab.io("landing");
    MoverLab::clear(landing, "dg/");
}

void TestMoverTroubleLab::revokedS3Key()
{
    fill("landing", "rk/", 1, 1000);
    m_lab.makeBucket("revoked");
    QJsonObject order = m_lab.order("rados://vega/landing/rk/", "s3://rgw.vega/revoked/");
    QJsonObject gateways = order["gateways"].toObject();
    QJsonObject gateway = gateways["rgw.vega"].toObject();
    gateway["accessKey"] = "REMOVED";
    gateways["rgw.vega"] = gateway;
    order["gateways"] = gateways;
    MoverDriver driver(order);
    driver.start();
    QVERIFY2(driver.waitBlocked("permission"), driver.story().constData());
    driver.kill();
    QVERIFY(driver.finish());
    librados::IoCtx landing = m_lab.io("landing");
    MoverLab::clear(landing, "rk/");
}

void TestMoverTroubleLab::noSuchPlaces_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("named");
    QTest::newRow("Ceph pool") << "rados://vega/landing/"
                               << "rados://vega/nowhere/"
                               << "nowhere";
    QTest::newRow("source Ceph pool") << "rados://vega/nowhere/"
                                      << "rados://vega/train/ns/"
                                      << "nowhere";
    QTest::newRow("bucket") << "rados://vega/landing/ns/"
                            << "s3://rgw.vega/nobucket/"
                            << "nobucket";
    QTest::newRow("source bucket") << "s3://rgw.vega/nobucket/"
                                   << "rados://vega/train/ns/"
                                   << "nobucket";
    QTest::newRow("folder") << "file:/no/such/folder"
                            << "rados://vega/train/ns/"
                            << "/no/such/folder";
}

void TestMoverTroubleLab::noSuchPlaces()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, named);
    fill("landing", "ns/", 1, 10);
    MoverDriver driver(m_lab.order(from, to));
    driver.start();
    FAILED(driver);
    QCOMPARE(driver.exitCode(), 1);
    QCOMPARE(driver.error("code"), QStringLiteral("NotFound"));
    QVERIFY2(driver.error("message").contains(named), qPrintable(driver.error("message")));
    QVERIFY(!driver.error("cause").isEmpty() && !driver.error("correction").isEmpty());
}

void TestMoverTroubleLab::wrongKeyIsToldAndWaitedFor()
{
    QJsonObject order = m_lab.order("rados://vega/landing/ns/", "rados://vega/train/wk/");
    order["clusters"] =
        QJsonObject{{"vega", QJsonObject{{"conf", m_lab.conf()},
                                         {"entity", "client.mover"},
                                         {"key", "AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA=="}}}};
    MoverDriver driver(order);
    driver.start();
    QVERIFY2(driver.waitBlocked("connect"), driver.story().constData());
    QCOMPARE(driver.blocked.first()["error"].toObject()["code"].toString(),
             QStringLiteral("Unauthenticated"));
    driver.kill();
    QVERIFY(driver.finish());
}

/// The operations hang without an error; that they do, and why, is told all the same, and they go on by
/// themselves.
void TestMoverTroubleLab::tooFewOsdsThenEnough()
{
    const auto objects = fill("landing", "tf/", 10, 50'000);
    QCOMPARE(m_lab.lab({"pause", "osd.1", "osd.2"}), 0);
    MoverDriver driver(m_lab.order("rados://vega/landing/tf/", "rados://vega/train/tf/"));
    driver.start();
    const bool told = driver.waitBlocked("timeout", 40'000);
    QCOMPARE(m_lab.lab({"cont", "osd.1", "osd.2"}), 0);
    QVERIFY2(told, driver.story().constData());
    QVERIFY(driver.last("blocked")["error"].toObject()["cause"].toString().contains("every placement group"));
    FINISHED(driver);
    QCOMPARE(m_lab.lab({"wait", "60"}), 0);
    verifyEqual("train", "tf/", objects);
}

void TestMoverTroubleLab::monitorsGoneAtStart()
{
    const auto objects = fill("landing", "mg/", 5, 1000);
    QJsonObject order = m_lab.order("rados://vega/landing/mg/", "rados://vega/train/mg/");
    QCOMPARE(m_lab.lab({"kill", "mon.b", "mon.c"}), 0);
    const bool lost = sluice::test::waitUntil([&] { return !m_lab.answersNewClients(); });
    MoverDriver driver(order);
    driver.start();
    const bool told = driver.waitBlocked("connect", 20'000);
    const bool again = sluice::test::waitUntil([&] { return driver.last("blocked")["tries"].toInt() > 1; });
    QCOMPARE(m_lab.lab({"start", "mon.b", "mon.c"}), 0);
    QVERIFY2(lost && told && again, driver.story().constData());
    QCOMPARE(driver.blocked.first()["error"].toObject()["code"].toString(), QStringLiteral("Unavailable"));
    FINISHED(driver);
    QCOMPARE(m_lab.lab({"wait", "60"}), 0);
    verifyEqual("train", "mg/", objects);
}

/// Who was connected before goes on without monitors.
void TestMoverTroubleLab::monitorsGoneWhileCopying()
{
    const auto objects = fill("landing", "mw/", 60, 3'000'000);
    MoverDriver driver(m_lab.order("rados://vega/landing/mw/", "rados://vega/train/mw/"));
    driver.start();
    QVERIFY2(driver.waitEvent("phase", 3), driver.story().constData());
    ::kill(static_cast<pid_t>(driver.pid()), SIGSTOP);
    const int killed = m_lab.lab({"kill", "mon.b", "mon.c"});
    ::kill(static_cast<pid_t>(driver.pid()), SIGCONT);
    const bool finished = driver.finish(40'000) && !driver.done.isEmpty();
    QCOMPARE(m_lab.lab({"start", "mon.b", "mon.c"}), 0);
    QCOMPARE(killed, 0);
    QVERIFY2(finished, driver.story().constData());
    QCOMPARE(m_lab.lab({"wait", "60"}), 0);
    verifyEqual("train", "mw/", objects);
}

void TestMoverTroubleLab::fencedInTheMiddle()
{
    const auto objects = fill("landing", "fm/", 400, 100'000);
    QJsonObject order = m_lab.order("rados://vega/landing/fm/", "rados://vega/train/fm/");
    MoverDriver driver(order);
    driver.start();
    QVERIFY2(driver.waitEvent("phase", 3), driver.story().constData());
    ::kill(static_cast<pid_t>(driver.pid()), SIGSTOP);
    QCOMPARE(driver.clients.size(), 1);
    const QString address = driver.clients.first()["address"].toString();
    QCOMPARE(m_lab.rados().blocklist_add(address.toStdString(), 600), 0);
    librados::IoCtx train = m_lab.io("train");
    ::kill(static_cast<pid_t>(driver.pid()), SIGCONT);
    FAILED(driver);
    QCOMPARE(driver.exitCode(), 1);
    QCOMPARE(driver.error("code"), QStringLiteral("Aborted"));
    QVERIFY2(driver.error("message").contains("fenced"), qPrintable(driver.error("message")));
    QVERIFY(MoverLab::list(train, "fm/").size() < objects.size());
    order["attempt"] = 2;
    order["fence"] = 2;
    order["resume"] = true;
    MoverDriver next(order);
    next.manifest = driver.manifest;
    next.start();
    FINISHED(next);
    verifyEqual("train", "fm/", objects);
}

/// A failure ends the process although other operations never return.
void TestMoverTroubleLab::fencedWhileItHangs()
{
    fill("landing", "fh/", 40, 1000);
    MoverDriver driver(m_lab.order("rados://vega/landing/fh/", "rados://vega/train/fh/"));
    driver.refuseCommits =
        Error{.code = ErrorCode::Aborted, .message = QStringLiteral("a newer attempt owns the task")};
    QCOMPARE(m_lab.lab({"pause", "osd.2"}), 0);
    driver.start();
    const bool finished = driver.finish(20'000);
    QCOMPARE(m_lab.lab({"cont", "osd.2"}), 0);
    QVERIFY2(finished && !driver.failed.isEmpty(), driver.story().constData());
    QCOMPARE(driver.exitCode(), 1);
    QCOMPARE(driver.error("message"), QStringLiteral("a newer attempt owns the task"));
    QCOMPARE(m_lab.lab({"wait", "60"}), 0);
    librados::IoCtx train = m_lab.io("train");
    MoverLab::clear(train, "fh/");
}

void TestMoverTroubleLab::commitRefused()
{
    fill("landing", "cr/", 5, 1000);
    MoverDriver driver(m_lab.order("rados://vega/landing/cr/", "rados://vega/train/cr/"));
    driver.refuseCommits =
        Error{.code = ErrorCode::ResourceExhausted, .message = QStringLiteral("the disk is full")};
    driver.start();
    FAILED(driver);
    QCOMPARE(driver.error("code"), QStringLiteral("ResourceExhausted"));
    QVERIFY(driver.done.isEmpty());
    librados::IoCtx train = m_lab.io("train");
    MoverLab::clear(train, "cr/");
}

void TestMoverTroubleLab::badOrders_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::newRow("unknown cluster") << "rados://vega/landing/"
                                     << "rados://altair/train/";
    QTest::newRow("unknown gateway") << "s3://rgw.altair/b/"
                                     << "rados://vega/train/";
    QTest::newRow("into itself") << "rados://vega/landing/a"
                                 << "rados://vega/landing/a/b";
    QTest::newRow("folder into itself") << "file:/tmp/x"
                                        << "file:/tmp/x/y";
}

void TestMoverTroubleLab::badOrders()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    MoverDriver driver(m_lab.order(from, to));
    driver.start();
    FAILED(driver);
    QCOMPARE(driver.exitCode(), 1);
    QCOMPARE(driver.error("code"), QStringLiteral("InvalidArgument"));
    QVERIFY(!driver.error("cause").isEmpty() && !driver.error("correction").isEmpty());
}

void TestMoverTroubleLab::secretsStayInside()
{
    fill("landing", "si/", 3, 1000);
    m_lab.makeBucket("secrets");
    const QJsonObject order = m_lab.order("rados://vega/landing/si/", "s3://rgw.vega/secrets/");
    MoverDriver driver(order);
    driver.start();
    QVERIFY(sluice::test::waitUntil([&] { return driver.pid() > 0; }));
    // Between fork and exec there is no command line yet. The worker cannot end meanwhile: its asks go
    // unanswered.
    QByteArray commandLine;
    for (QDeadlineTimer limit(5000); commandLine.isEmpty() && !limit.hasExpired();) {
        QFile file(QStringLiteral("/proc/%1/cmdline").arg(driver.pid()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        commandLine = file.readAll();
    }
    QCOMPARE(commandLine.split('\0').mid(1, 1), QList<QByteArray>{"move"});
    FINISHED(driver);
    const QByteArray said = driver.story();
    for (const QString& secret :
         {order["clusters"].toObject()["vega"].toObject()["key"].toString(),
          order["gateways"].toObject()["rgw.vega"].toObject()["secretKey"].toString()}) {
        QVERIFY(!secret.isEmpty());
        QVERIFY(!said.contains(secret.toUtf8()));
    }
}

QTEST_GUILESS_MAIN(TestMoverTroubleLab)
#include "tst_mover_trouble_lab.moc"
