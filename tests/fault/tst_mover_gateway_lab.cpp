#include <QtTest/QtTest>

#include "mover_driver.h"
#include "mover_lab.h"

using namespace sluice;

/// What a real gateway does to writes with a condition, and what the mover makes of it.
class TestMoverGatewayLab : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whatIsThereIsReplaced_data();
    void whatIsThereIsReplaced();
    void refusedOnceWithTheReason();

private:
    MoverLab m_lab{};
};

void TestMoverGatewayLab::initTestCase()
{
    const QString wrong = m_lab.up();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestMoverGatewayLab::whatIsThereIsReplaced_data()
{
    QTest::addColumn<bool>("versions");
    QTest::addColumn<QString>("known");
    QTest::addColumn<qsizetype>("size");
    QTest::newRow("found by trying") << false << "" << qsizetype(3000);
    QTest::newRow("known before") << false << "plain" << qsizetype(3000);
    QTest::newRow("in parts") << false << "" << qsizetype(70 * 1024 * 1024);
    QTest::newRow("with versions") << true << "" << qsizetype(3000);
}

void TestMoverGatewayLab::whatIsThereIsReplaced()
{
    QFETCH(bool, versions);
    QFETCH(QString, known);
    QFETCH(qsizetype, size);
    const QString bucket = versions ? QStringLiteral("replace-versions") : QStringLiteral("replace");
    m_lab.makeBucket(bucket);
    if (versions) {
        QCOMPARE(m_lab.setVersioning(bucket, "Enabled"), 200);
    }
    QVERIFY(m_lab.s3().putObject(bucket, "x", "somebody's older bytes"));
    librados::IoCtx landing = m_lab.io("landing");
    const QByteArray bytes = MoverLab::bytes(size, 21);
    MoverLab::write(landing, "gr/x", bytes);
    QJsonObject order = m_lab.order("rados://vega/landing/gr/", "s3://rgw.vega/" + bucket + '/');
    order["onExisting"] = "replace";
    QJsonObject gateways = order["gateways"].toObject();
    QJsonObject gateway = gateways["rgw.vega"].toObject();
    gateway["etagMatch"] = known;
    gateways["rgw.vega"] = gateway;
    order["gateways"] = gateways;
    MoverDriver driver(order);
    driver.start();
    QVERIFY2(driver.finish() && !driver.done.isEmpty(), driver.story().constData());
    QCOMPARE(driver.done["replaced"].toInt(), 1);
    const auto stored = m_lab.s3().getRange(bucket, "x", 0, static_cast<quint64>(size) + 1);
    QVERIFY(stored && *stored == bytes);
    // parts have no condition, and a bucket with versions takes none
    const bool finds = known.isEmpty() && !versions && size < 64 * 1024 * 1024;
    QCOMPARE(driver.last("gateway")["etagMatch"].toString(), finds ? QStringLiteral("plain") : QString());
    MoverLab::clear(landing, "gr/");
}

/// What was put while the bucket had versions is not the version that a write would make.
void TestMoverGatewayLab::refusedOnceWithTheReason()
{
    m_lab.makeBucket("suspended");
    QCOMPARE(m_lab.setVersioning("suspended", "Enabled"), 200);
    QVERIFY(m_lab.s3().putObject("suspended", "x", "somebody's older bytes"));
    QCOMPARE(m_lab.setVersioning("suspended", "Suspended"), 200);
    librados::IoCtx landing = m_lab.io("landing");
    MoverLab::write(landing, "gs/x", "bytes");
    QJsonObject order = m_lab.order("rados://vega/landing/gs/", "s3://rgw.vega/suspended/");
    order["onExisting"] = "replace";
    MoverDriver driver(order);
    driver.start();
    QVERIFY2(driver.finish(), driver.story().constData());
    const auto stored = m_lab.s3().getRange("suspended", "x", 0, 1000);
    QVERIFY2(driver.done.isEmpty(), driver.story().constData());
    QCOMPARE(driver.failed["object"].toString(), QStringLiteral("x"));
    QCOMPARE(driver.error("code"), QStringLiteral("FailedPrecondition"));
    QVERIFY2(driver.error("cause").contains("Suspended"), qPrintable(driver.error("cause")));
    QVERIFY(stored && *stored == "somebody's older bytes");
    QVERIFY(driver.count("blocked") == 0);
    MoverLab::clear(landing, "gs/");
}

QTEST_GUILESS_MAIN(TestMoverGatewayLab)
#include "tst_mover_gateway_lab.moc"
