
#include "ceph/monmap.h"
#include "ceph_fixtures.h"
#include "patience.h"

using namespace sluice::ceph;

namespace {

QStringList describe(const Monmap& monmap)
{
    QStringList lines;
    for (const MonEntry& mon : monmap) {
        QStringList addresses;
        for (const MonAddress& address : mon.addresses) {
            addresses << address.toText();
        }
        lines << QStringLiteral("%1 = %2").arg(mon.name, addresses.join(' '));
    }
    return lines;
}

}  // namespace

class TestCephMonmap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void addresses_data();
    void addresses();
    void fromQuorumStatus();
    void cacheRoundTrip();
    void conf_data();
    void conf();
    void monHostGiven();
    void notIn();
};

void TestCephMonmap::addresses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("v2") << "v2:10.0.0.1:3300"
                        << "v2:10.0.0.1:3300";
    QTest::newRow("nonce") << "v1:10.0.0.1:6789/0"
                           << "v1:10.0.0.1:6789";
    QTest::newRow("port tells v1") << "10.0.0.1:6789"
                                   << "v1:10.0.0.1:6789";
    QTest::newRow("port tells v2") << "10.0.0.1:3300"
                                   << "v2:10.0.0.1:3300";
    QTest::newRow("port tells nothing") << "10.0.0.1:31280"
                                        << "10.0.0.1:31280";
    QTest::newRow("IPv6") << "v2:[fd00::1]:3300/0"
                          << "v2:[fd00::1]:3300";
    QTest::newRow("like a placeholder") << "v2:[fd00::%1]:3300/0"
                                        << "v2:[fd00::%1]:3300";
    QTest::newRow("name") << "mon1.example.org"
                          << "mon1.example.org:0";
    QTest::newRow("port too large") << "10.0.0.1:70000" << QString();
    QTest::newRow("nothing") << "" << QString();
    QTest::newRow("IPv6 without brackets") << "fd00::1" << QString();
    QTest::newRow("IPv6 with a scope") << "[fe80::1%eth0]:31280"
                                       << "[fe80::1%eth0]:31280";
    QTest::newRow("brackets around no IPv6") << "[10.0.0.1]:31280" << QString();
    QTest::newRow("no name of a host") << "a%b:31280" << QString();
    QTest::newRow("two lines") << "mon1:31280\nmon2" << QString();
}

void TestCephMonmap::addresses()
{
    QFETCH(QString, text);
    QFETCH(QString, expected);
    const auto address = MonAddress::fromText(text);
    QCOMPARE(address.has_value(), !expected.isEmpty());
    if (address) {
        QCOMPARE(address->toText(), expected);
    }
}

void TestCephMonmap::fromQuorumStatus()
{
    const Monmap monmap =
        monmapFromJson(cephJson(QStringLiteral("quorum_status.healthy"))["monmap"].toObject());
    QCOMPARE(describe(monmap), (QStringList{QStringLiteral("a = v2:127.0.0.1:31280 v1:127.0.0.1:31283"),
                                            QStringLiteral("b = v2:127.0.0.1:31281 v1:127.0.0.1:31284"),
                                            QStringLiteral("c = v2:127.0.0.1:31282 v1:127.0.0.1:31285")}));
    QCOMPARE(monmap[1].rank, 1);
    QCOMPARE(monmap[1].addressOf(QStringLiteral("v1")), QStringLiteral("127.0.0.1:31284"));
    QCOMPARE(monmap[1].addressOf(QStringLiteral("v9")), QString());
}

void TestCephMonmap::cacheRoundTrip()
{
    const Monmap monmap =
        monmapFromJson(cephJson(QStringLiteral("quorum_status.healthy"))["monmap"].toObject());
    QCOMPARE(monmapFromCache(monmapToCache(monmap)), monmap);
    QVERIFY(monmapFromCache({}).isEmpty());
    QVERIFY(monmapFromCache({QJsonObject{{"name", "a"}}, 3, "x"}).isEmpty());
    QVERIFY2(monmapToCache({{.name = QStringLiteral("a")}}).isEmpty(),
             "a monitor without an address cannot be asked");
    const QJsonObject any{{"type", "any"}, {"addr", "10.0.0.1:6789"}};
    const QJsonObject mon{
        {"name", "a"}, {"rank", 0}, {"public_addrs", QJsonObject{{"addrvec", QJsonArray{any}}}}};
    const Monmap old = monmapFromJson({{"mons", QJsonArray{mon}}});
    QCOMPARE(describe(old), QStringList{QStringLiteral("a = v1:10.0.0.1:6789")});
    QCOMPARE(monmapFromCache(monmapToCache(old)), old);
}

void TestCephMonmap::conf_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("vectors, named by sections")
        << "[global]\nfsid = 1\nmon_host = "
           "[v2:10.0.0.1:3300,v1:10.0.0.1:6789],[v2:10.0.0.2:3300/0,v1:10.0.0.2:6789/0]\n"
           "[mon.left]\npublic_addrv = [v2:10.0.0.1:3300,v1:10.0.0.1:6789]\n"
           "[mon.right]\npublic_addr = 10.0.0.2\n"
        << QStringList{"left = v2:10.0.0.1:3300 v1:10.0.0.1:6789",
                       "right = v2:10.0.0.2:3300 v1:10.0.0.2:6789"};
    QTest::newRow("bare addresses") << "[global]\nmon host = 10.0.0.1, 10.0.0.2,10.0.0.3 10.0.0.4 ; no more\n"
                                    << QStringList{"10.0.0.1:3300 = v2:10.0.0.1:3300 v1:10.0.0.1:6789",
                                                   "10.0.0.2:3300 = v2:10.0.0.2:3300 v1:10.0.0.2:6789",
                                                   "10.0.0.3:3300 = v2:10.0.0.3:3300 v1:10.0.0.3:6789",
                                                   "10.0.0.4:3300 = v2:10.0.0.4:3300 v1:10.0.0.4:6789"};
    QTest::newRow("sections only")
        << "[mon.a]\nmon addr = 10.0.0.1:6789\n[mon.b]\nMon-Addr = 10.0.0.2:6789\n[osd.0]\nx = 1\n"
        << QStringList{"a = v1:10.0.0.1:6789", "b = v1:10.0.0.2:6789"};
    QTest::newRow("a section beside the list")
        << "[global]\nmon_host = 10.0.0.1:6789\n[mon.z]\nmon_addr = 10.0.0.9:6789\n"
        << QStringList{"10.0.0.1:6789 = v1:10.0.0.1:6789", "z = v1:10.0.0.9:6789"};
    QTest::newRow("IPv6") << "[global]\nmon_host = [v2:[fd00::1]:3300,v1:[fd00::1]:6789] [fd00::2]:3300\n"
                          << QStringList{"[fd00::1]:3300 = v2:[fd00::1]:3300 v1:[fd00::1]:6789",
                                         "[fd00::2]:3300 = v2:[fd00::2]:3300"};
    QTest::newRow("comments, quotes, long lines")
        << "; a comment\n# another\n[global] \n mon_host = \"10.0.0.1:6789\" # where\n[mon.a]\nmon_addr = "
           "\\\n10.0.0.1:6789\n"
        << QStringList{"a = v1:10.0.0.1:6789"};
    QTest::newRow("v1 first") << "[global]\nmon_host = [v1:10.0.0.1:6789,v2:10.0.0.1:3300]\n"
                              << QStringList{"10.0.0.1:3300 = v2:10.0.0.1:3300 v1:10.0.0.1:6789"};
    QTest::newRow("nothing") << "[global]\nfsid = 1\n" << QStringList{};
    QTest::newRow("rubbish") << "mon_host = [[[v2:,,]]\n[mon.]\n===\n" << QStringList{};
}

void TestCephMonmap::conf()
{
    QFETCH(QString, text);
    QFETCH(QStringList, expected);
    QCOMPARE(describe(monmapFromConf(text)), expected);
}

void TestCephMonmap::monHostGiven()
{
    const Monmap monmap =
        monmapFromConf(QStringLiteral("[global]\nmon_host = 10.9.9.9\n[mon.a]\nmon_addr = 10.0.0.1:6789\n"),
                       QStringLiteral("10.0.0.1:6789;10.0.0.2:6789"));
    QCOMPARE(describe(monmap), (QStringList{"a = v1:10.0.0.1:6789", "10.0.0.2:6789 = v1:10.0.0.2:6789"}));
}

void TestCephMonmap::notIn()
{
    const Monmap known = monmapFromConf(QStringLiteral("[mon.a]\nmon_addr = 10.0.0.1:6789\n"));
    const Monmap more = monmapFromConf(QStringLiteral("[global]\nmon_host = 10.0.0.1:6789,10.0.0.2:6789\n"));
    QCOMPARE(describe(monitorsNotIn(more, known)), QStringList{"10.0.0.2:6789 = v1:10.0.0.2:6789"});
    QVERIFY(monitorsNotIn(known, known).isEmpty());
}

QTEST_GUILESS_MAIN(TestCephMonmap)
#include "tst_ceph_monmap.moc"
