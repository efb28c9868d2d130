
#include "config/config.h"
#include "patience.h"

using namespace sluice;

namespace {

const char* const kGood =
    "profile: { name: lab, colour: plum }\n"
    "connections:\n"
    "  vega:     { type: ceph, conf: /l/ceph.conf, entity: client.sluice, keyring: /l/k, gateways: [rgw.vega], pollMs: 500 }\n"
    "  rgw.vega: { type: s3, endpoint: \"http://127.0.0.1:1\", uid: lab, secretFile: /l/s3 }\n"
    "  luigid:   { type: luigi, url: \"http://127.0.0.1:2\", program: /v/luigi, pythonPath: /p }\n"
    "roles:\n"
    "  ingest: { connection: vega, entity: client.ingest, caps: { mon: \"allow r\", osd: \"allow rwx pool=a\" }, overlap: 10s }\n"
    "defaults: { role: ingest, stallAfter: 10s }\n";

}  // namespace

class TestConfig : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsAll()
    {
        const auto config = config::parse(kGood, "c.yaml");
        QVERIFY2(config.has_value(), config ? "" : qPrintable(config.error().cause));
        QCOMPARE(config->profile.colour, "plum");
        QCOMPARE(config->connections.size(), 3);
        QCOMPARE(config->connection("vega")->pollMs, 500);
        QCOMPARE(config->connection("rgw.vega")->secret, "s3/rgw.vega");
        QVERIFY(config->connection("rgw.vega")->perAttemptKeys);
        QCOMPARE(config->clusterOfGateway("rgw.vega")->name, "vega");
        QCOMPARE(config->role("ingest")->caps.value("osd"), "allow rwx pool=a");
        QCOMPARE(config->role("ingest")->overlapMs, 10'000);
        QCOMPARE(config->stallAfterMs, 10'000);
        QVERIFY(!config->connection("atlas"));
    }

    void anEmptyConfigurationIsOne()
    {
        QVERIFY(config::parse("profile: { name: x }", "c.yaml").has_value());
    }

    void refusesWithThePlace_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        QTest::newRow("type") << "connections:\n  a: { type: nfs }" << "c.yaml:2:14";
        QTest::newRow("no conf") << "connections:\n  a: { type: ceph, entity: client.x, keyring: /k }" << "'conf' is missing";
        QTest::newRow("relative") << "connections:\n  a: { type: ceph, conf: x, entity: client.x, keyring: /k }" << "c.yaml:2:26";
        QTest::newRow("gateway") << "connections:\n  a: { type: ceph, conf: /x, entity: client.x, keyring: /k, gateways: [b] }" << "names the gateway 'b'";
        QTest::newRow("default role") << "defaults: { role: boss }" << "'boss' is not defined";
        QTest::newRow("unknown key") << "profil: {}" << "'profil' is not known";
        QTest::newRow("entity") << "connections:\n  a: { type: ceph, conf: /x, entity: osd.1, keyring: /k }" << "client.NAME";
    }

    void refusesWithThePlace()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const auto config = config::parse(text, "c.yaml");
        QVERIFY(!config.has_value());
        QVERIFY(config.error().code == ErrorCode::InvalidArgument);
        QVERIFY2(config.error().cause.contains(says), qPrintable(config.error().cause));
    }

    void aMissingFileSaysWhatToDo()
    {
        const auto config = config::load("/nowhere/sluice.yaml");
        QVERIFY(!config.has_value());
        QVERIFY(config.error().code == ErrorCode::NotFound);
        QVERIFY(config.error().correction.contains("--config"));
    }
};

QTEST_GUILESS_MAIN(TestConfig)
#include "tst_config.moc"
