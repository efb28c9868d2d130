#include <QtCore/QJsonArray>

#include "ceph/lock_info.h"
#include "ceph_fixtures.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::ceph;

class TestCephLockInfo : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void exclusiveLock();
    void sharedLockThatExpires();
    void nobodyHoldsIt();
    void cutOff();
    void ipv6();
    void request();
    void anyBytesAreNames_data();
    void anyBytesAreNames();
    void aCookieIsAnyBytes();
    void factWithSession();
    void factWithoutSession();
    void factNotKnown();

private:
    LockInfo lab() const
    {
        return *decodeLockInfo(QStringLiteral("train"), cephBytes(QStringLiteral("lock_info.bin")));
    }
};

void TestCephLockInfo::exclusiveLock()
{
    const auto lock = decodeLockInfo(QStringLiteral("train"), cephBytes(QStringLiteral("lock_info.bin")));
    QVERIFY(lock);
    QCOMPARE(lock->name, QStringLiteral("train"));
    QVERIFY(lock->exclusive);
    QCOMPARE(lock->tag, QString());
    QCOMPARE(lock->holders.size(), 1);
    const LockHolder& holder = lock->holders[0];
    QCOMPARE(holder.client, QStringLiteral("client.4180"));
    QCOMPARE(holder.cookie, QStringLiteral("attempt-7"));
    QCOMPARE(holder.address, QStringLiteral("127.0.0.1:0/198975261"));
    QCOMPARE(holder.description, QStringLiteral("nightly train"));
    QCOMPARE(holder.expiresAtMs, 0);
}

void TestCephLockInfo::sharedLockThatExpires()
{
    const QByteArray bytes = QByteArray::fromHex(
        "01015600000001000000"
        "01010f000000"
        "085410000000000000"
        "02000000"
        "7231"
        "01012f000000"
        "2c79016b9ffa7f1a"
        "01"
        "01011c000000"
        "010000001d1fdc0b10000000"
        "02000000"
        "7f00000100000000"
        "00000000"
        "00000000"
        "02"
        "03000000"
        "746167");
    const auto lock = decodeLockInfo(QStringLiteral("reader"), bytes);
    QVERIFY(lock);
    QVERIFY(!lock->exclusive);
    QCOMPARE(lock->tag, QStringLiteral("tag"));
    QCOMPARE(lock->holders[0].cookie, QStringLiteral("r1"));
    QCOMPARE(lock->holders[0].description, QString());
    QCOMPARE(lock->holders[0].expiresAtMs, 1795258668444);
}

void TestCephLockInfo::nobodyHoldsIt()
{
    const auto lock = decodeLockInfo(QStringLiteral("train"), QByteArray::fromHex("010109000000"
                                                                                  "00000000"
                                                                                  "01"
                                                                                  "00000000"));
    QVERIFY(lock);
    QVERIFY(lock->holders.isEmpty());
}

void TestCephLockInfo::cutOff()
{
    const QByteArray whole = cephBytes(QStringLiteral("lock_info.bin"));
    QVERIFY(!whole.isEmpty());
    for (qsizetype size = 0; size < whole.size(); ++size) {
        const auto lock = decodeLockInfo(QStringLiteral("train"), whole.left(size));
        QVERIFY2(!lock, qPrintable(QString::number(size)));
        QCOMPARE(toString(lock.error().code), toString(ErrorCode::DataLoss));
    }
    QByteArray many = whole;
    many[6] = char(0xff);
    many[7] = char(0xff);
    many[8] = char(0xff);
    many[9] = char(0x7f);
    QVERIFY(!decodeLockInfo(QStringLiteral("train"), many));
}

void TestCephLockInfo::ipv6()
{
    const QByteArray bytes = QByteArray::fromHex(
        "01015d00000001000000"
        "01010d000000"
        "085410000000000000"
        "00000000"
        "01013b000000"
        "0000000000000000"
        "01"
        "010128000000"
        "03000000"
        "05000000"
        "1c000000"
        "0a00"
        "1a90"
        "00000000"
        "fd000000000000000000000000000001"
        "00000000"
        "00000000"
        "01"
        "00000000");
    const auto lock = decodeLockInfo(QStringLiteral("x"), bytes);
    QVERIFY(lock);
    QCOMPARE(lock->holders[0].address, QStringLiteral("[fd00::1]:6800/5"));
}

void TestCephLockInfo::request()
{
    QCOMPARE(encodeGetInfo(QStringLiteral("train")), QByteArray::fromHex("010109000000"
                                                                         "05000000"
                                                                         "747261696e"));
}

void TestCephLockInfo::anyBytesAreNames_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("text");
    QTest::newRow("plain") << QByteArray("train") << "train";
    QTest::newRow("none") << QByteArray() << "";
    QTest::newRow("not ASCII") << QByteArray("Größe") << QString::fromUtf8("Größe");
    QTest::newRow("byte order mark") << QByteArray("\xEF\xBB\xBFtrain") << "%EF%BB%BFtrain";
    QTest::newRow("written like one") << QByteArray("%EF%BB%BFtrain") << "%25EF%BB%BFtrain";
    QTest::newRow("no UTF-8") << QByteArray("gr\xFCn/1") << "%00%gr%FCn%2F1";
    QTest::newRow("written like that") << QByteArray("%00%gr%FCn") << "%00%%2500%25gr%25FCn";
}

void TestCephLockInfo::anyBytesAreNames()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, text);
    QCOMPARE(lockTextOf(bytes), text);
    QCOMPARE(lockBytesOf(text), bytes);
    QByteArray request = QByteArray::fromHex(
                             "010100000000"
                             "00000000") +
                         bytes;
    request[2] = char(bytes.size() + 4);
    request[6] = char(bytes.size());
    QCOMPARE(encodeGetInfo(text), request);
}

void TestCephLockInfo::aCookieIsAnyBytes()
{
    for (const auto& [hex, text] : {std::pair("efbbbf", "%EF%BB%BF"), {"fc6263", "%00%%FCbc"}}) {
        const QByteArray bytes = QByteArray::fromHex(
            "01015700000001000000"
            "010110000000"
            "085410000000000000"
            "03000000" +
            QByteArray(hex) +
            "01012f000000"
            "2c79016b9ffa7f1a"
            "01"
            "01011c000000"
            "010000001d1fdc0b10000000"
            "02000000"
            "7f00000100000000"
            "00000000"
            "00000000"
            "02"
            "03000000"
            "746167");
        const auto lock = decodeLockInfo(lockTextOf("\xEF\xBB\xBFl"), bytes);
        QVERIFY(lock);
        QCOMPARE(lock->holders[0].cookie, QString(text));
        const Fact fact =
            lockFact(QStringLiteral("train"), QStringLiteral("%EF%BB%BFa"), *lock, 0, {}, {}, 0, 0);
        QCOMPARE(fact.name, QStringLiteral("train/%EF%BB%BFa/%EF%BB%BFl"));
        QCOMPARE(fact.facts["lock"].toString(), QStringLiteral("%EF%BB%BFl"));
        QCOMPARE(fact.facts["holders"].toArray()[0].toObject()["cookie"].toString(), QString(text));
    }
}

void TestCephLockInfo::factWithSession()
{
    const QList<MonSession> sessions{{.mon = QStringLiteral("b"),
                                      .entity = QStringLiteral("client.ingest"),
                                      .client = QStringLiteral("client.9"),
                                      .address = QStringLiteral("127.0.0.1:0/198975261")}};
    const Fact fact = lockFact(QStringLiteral("train"), QStringLiteral("part-0001"), lab(), 65536,
                               QStringLiteral("2026-01-01T00:00:00.000Z"), sessions, 2, 3);
    QCOMPARE(fact.name, QStringLiteral("train/part-0001/train"));
    QCOMPARE(fact.facts["sizeBytes"].toInteger(), 65536);
    const QJsonObject holder = fact.facts["holders"].toArray()[0].toObject();
    QCOMPARE(holder["sessionSeen"].toBool(), true);
    QCOMPARE(holder["onMons"].toArray(), QJsonArray{"b"});
    QCOMPARE(holder["entity"].toString(), QStringLiteral("client.ingest"));
    QVERIFY(!holder.contains("expiresAt"));
    QCOMPARE(holder["description"].toString(), lab().holders[0].description);
    auto told = lab();
    told.holders[0].description = "psql --password S3cr3t";
    const Fact clean = lockFact({}, {}, told, 0, {}, {}, 0, 0);
    QCOMPARE(clean.facts["holders"].toArray()[0].toObject()["description"].toString(),
             QStringLiteral("psql --password (hidden)"));
}

void TestCephLockInfo::factWithoutSession()
{
    const QJsonObject holder =
        lockFact({}, {}, lab(), 0, {}, {}, 3, 3).facts["holders"].toArray()[0].toObject();
    QVERIFY(holder["sessionSeen"].isBool());
    QCOMPARE(holder["sessionSeen"].toBool(true), false);
}

void TestCephLockInfo::factNotKnown()
{
    const QJsonObject two = lockFact({}, {}, lab(), 0, {}, {}, 2, 3).facts["holders"].toArray()[0].toObject();
    QVERIFY2(two["sessionSeen"].isNull(), "it may be on the monitor that did not tell");
    const QJsonObject none =
        lockFact({}, {}, lab(), 0, {}, {}, 0, 0).facts["holders"].toArray()[0].toObject();
    QVERIFY(none["sessionSeen"].isNull());
}

QTEST_GUILESS_MAIN(TestCephLockInfo)
#include "tst_ceph_lock_info.moc"
