#include <sys/stat.h>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>

#include "config/config.h"
#include "patience.h"
#include "systems/ceph/settings.h"
#include "systems/luigi/settings.h"

using namespace sluice;

namespace {

const char* const kGood =
    "profile: { name: lab, colour: plum }\n"
    "connections:\n"
    "  vega:     { type: ceph, conf: /l/ceph.conf, entity: client.sluice, keyring: /l/k, gateways: "
    "[rgw.vega], pollMs: 500 }\n"
    "  rgw.vega: { type: s3, endpoint: \"http://127.0.0.1:1\", uid: lab, secretFile: /l/s3 }\n"
    "  luigid:   { type: luigi, url: \"http://127.0.0.1:2\", program: /v/luigi, pythonPath: /p }\n"
    "roles:\n"
    "  ingest: { connection: vega, entity: client.ingest, caps: { mon: \"allow r\", osd: \"allow rwx "
    "pool=a\" }, overlap: 10s }\n"
    "defaults: { role: ingest, stallAfter: 10s }\n";

config::ConnectionTypes types()
{
    return systems::ceph::connectionTypes() + systems::luigi::connectionTypes();
}

Result<config::Config> parse(const QString& text, const QString& file)
{
    return config::parse(text, file, types());
}

}  // namespace

class TestConfig : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsAll()
    {
        const auto config = parse(kGood, "c.yaml");
        QVERIFY2(config.has_value(), config ? "" : qPrintable(config.error().cause));
        QCOMPARE(config->profile.colour, "plum");
        QCOMPARE(config->connections.size(), 3);
        QCOMPARE(config->connection("vega")->as<systems::ceph::ClusterSettings>()->pollMs, 500);
        QCOMPARE(config->connection("rgw.vega")->settings->secret().name, "s3/rgw.vega");
        QVERIFY(config->connection("rgw.vega")->as<systems::ceph::GatewaySettings>()->perAttemptKeys);
        QCOMPARE(systems::ceph::clusterOfGateway(*config, "rgw.vega")->name, "vega");
        QCOMPARE(config->role("ingest")->caps.value("osd"), "allow rwx pool=a");
        QCOMPARE(config->role("ingest")->overlapMs, 10'000);
        QCOMPARE(config->stallAfterMs, 10'000);
        QVERIFY(!config->connection("atlas"));
    }

    void anEmptyConfigurationIsOne() { QVERIFY(parse("profile: { name: x }", "c.yaml").has_value()); }

    void refusesWithThePlace_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        QTest::newRow("type") << "connections:\n  a: { type: nfs }"
                              << "c.yaml:2:14";
        QTest::newRow("no conf") << "connections:\n  a: { type: ceph, entity: client.x, keyring: /k }"
                                 << "'conf' is missing";
        QTest::newRow("relative")
            << "connections:\n  a: { type: ceph, conf: x, entity: client.x, keyring: /k }"
            << "c.yaml:2:26";
        QTest::newRow("gateway")
            << "connections:\n  a: { type: ceph, conf: /x, entity: client.x, keyring: /k, gateways: [b] }"
            << "names the gateway 'b'";
        QTest::newRow("default role") << "defaults: { role: boss }"
                                      << "'boss' is not defined";
        QTest::newRow("unknown key") << "profil: {}"
                                     << "'profil' is not known";
        const QString ceph =
            "connections:\n  a: { type: ceph, conf: /x, entity: client.x, keyring: /k/a }\n  b: { type: s3, "
            "endpoint: \"http://h:1\", secretFile: /k/b }\nroles:\n";
        const QString role = "  %1: { connection: a, entity: %2, caps: { mon: \"allow r\" }%3 }\n";
        QTest::newRow("two roles, one entity")
            << ceph + role.arg("r", "client.r", "") + role.arg("s", "client.r", "")
            << "role 's' has the entity of role 'r'";
        QTest::newRow("a generation for an entity")
            << ceph + role.arg("r", "client.r.g1", "") << "'client.r.g1' cannot be the entity of a role";
        QTest::newRow("a key of the role for the engine")
            << "connections:\n  a: { type: ceph, conf: /x, entity: client.r.g2, keyring: /k }\nroles:\n" +
                   role.arg("r", "client.r", "")
            << "that connection 'a' itself uses";
        for (const char* file : {"/x", "/k/a", "/k/../k/a", "/k/b"}) {
            QTest::addRow("delivered to %s", file)
                << ceph + role.arg("r", "client.r", QString(", keyringFile: %1").arg(file))
                << "would be overwritten";
        }
        QTest::newRow("delivered twice") << ceph + role.arg("r", "client.r", ", keyringFile: /k/c") +
                                                role.arg("s", "client.s", ", keyringFile: /k/c")
                                         << "is a file of role 'r'";
        for (const char* url : {"nonsense", "ftp://h", "http://", "http://h:1/?password=x", "http://h:1/#x",
                                "http://ada:x@h:1", "http://h:port"}) {
            QTest::addRow("endpoint %s", url)
                << QString("connections:\n  a: { type: s3, endpoint: \"%1\" }").arg(url)
                << "expected http://host:port";
        }
        QTest::newRow("luigid") << "connections:\n  a: { type: luigi, url: \"h:8082\" }"
                                << "expected http://host:port of luigid";
        QTest::newRow("entity") << "connections:\n  a: { type: ceph, conf: /x, entity: osd.1, keyring: /k }"
                                << "client.NAME";
    }

    void aRoleHasAClientOfItsOwn_data()
    {
        QTest::addColumn<QString>("entity");
        for (const char* entity : {"mon.", "osd.1", "mgr.x", "mds.a", "client.", "client.admin",
                                   "client.sluice", "ingest", "client.a b", "client.a\nb"}) {
            QTest::newRow(entity) << QString::fromLatin1(entity);
        }
    }

    void aRoleHasAClientOfItsOwn()
    {
        QFETCH(QString, entity);
        const QString text = QStringLiteral(
            "connections:\n  a: { type: ceph, conf: /x, entity: client.sluice, keyring: /k }\n"
            "roles:\n  r: { connection: a, caps: { mon: \"allow r\" }, entity: %1 }\n");
        const auto refused =
            parse(text.arg(QString::fromUtf8(QJsonDocument(QJsonArray{entity}).toJson(QJsonDocument::Compact))
                               .mid(1)
                               .chopped(1)),
                  "c.yaml");
        QVERIFY(!refused);
        QVERIFY2(refused.error().cause.contains("entity"), qPrintable(refused.error().toLine()));
        QVERIFY(parse(text.arg("client.ingest"), "c.yaml"));
    }

    void refusesWithThePlace()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const auto config = parse(text, "c.yaml");
        QVERIFY(!config.has_value());
        QVERIFY(config.error().code == ErrorCode::InvalidArgument);
        QVERIFY2(config.error().cause.contains(says), qPrintable(config.error().cause));
    }

    void aMissingFileSaysWhatToDo()
    {
        const auto config = config::load("/nowhere/sluice.yaml", types());
        QVERIFY(!config.has_value());
        QVERIFY(config.error().code == ErrorCode::NotFound);
        QVERIFY(config.error().correction.contains("--config"));
    }

    void whatIsNoSmallFileIsRefusedAtOnce_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("says");
        QVERIFY(m_dir.isValid());
        QCOMPARE(::mkfifo(qPrintable(m_dir.filePath("fifo")), 0600), 0);
        QVERIFY(QFile::link(m_dir.filePath("fifo"), m_dir.filePath("link to a fifo")));
        QFile large(m_dir.filePath("large"));
        QVERIFY(large.open(QIODevice::WriteOnly) && large.resize(qint64(5) << 30));
        QTest::newRow("fifo") << m_dir.filePath("fifo") << "FIFO";
        QTest::newRow("link to a fifo") << m_dir.filePath("link to a fifo") << "FIFO";
        QTest::newRow("folder") << m_dir.path() << "folder";
        QTest::newRow("device") << "/dev/zero"
                                << "device";
        QTest::newRow("terminal") << "/dev/tty"
                                  << "device";
        QTest::newRow("large") << large.fileName() << "5368709120 bytes";
    }

    void whatIsNoSmallFileIsRefusedAtOnce()
    {
        QFETCH(QString, path);
        QFETCH(QString, says);
        const auto loaded = config::load(path, types());
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().cause.contains(says), qPrintable(loaded.error().toLine()));
        QVERIFY(!loaded.error().correction.isEmpty());
        // Named in a configuration, by the place of the name.
        const QString ceph =
            "connections:\n  a: { type: ceph, conf: \"%1\", entity: client.x, keyring: \"%2\" }";
        const QString s3 = "connections:\n  a: { type: s3, endpoint: \"http://h:1\", secretFile: \"%1\" }";
        const QString role =
            "connections:\n  a: { type: ceph, conf: /x, entity: client.x, keyring: /k }\n"
            "roles:\n  r: { connection: a, entity: client.r, caps: {}, keyringFile: \"%1\" }";
        for (const QString& text :
             {ceph.arg(path, "/k"), ceph.arg("/x", path), s3.arg(path), role.arg(path)}) {
            const auto parsed = parse(text, "c.yaml");
            QVERIFY(!parsed);
            QVERIFY2(parsed.error().cause.contains(says), qPrintable(parsed.error().toLine()));
        }
    }

private:
    QTemporaryDir m_dir;
};

QTEST_GUILESS_MAIN(TestConfig)
#include "tst_config.moc"
