
#include "engine/health_watch.h"
#include "patience.h"
#include "systems/ceph/gateway_connector.h"
#include "tests/unit/engine_fakes.h"

using namespace sluice;

/// Health of what is no Ceph cluster: a gateway, a Luigi scheduler.
class TestEngineHealth : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wordsOfAGateway_data()
    {
        QTest::addColumn<QString>("state");
        QTest::addColumn<int>("ageMs");
        QTest::addColumn<QStringList>("words");
        QTest::newRow("up") << "up" << 1'000 << QStringList{"available", "single", "in order"};
        QTest::newRow("answers with errors")
            << "degraded" << 1'000 << QStringList{"partly", "single", "to fix"};
        QTest::newRow("gone") << "down" << 1'000 << QStringList{"unavailable", "single", "urgent"};
        QTest::newRow("starting") << "starting" << 1'000 << QStringList{"unknown", "single", "unknown"};
        QTest::newRow("not asked for a minute")
            << "up" << 60'000 << QStringList{"unknown", "single", "unknown"};
        QTest::newRow("gone a minute ago") << "down" << 60'000 << QStringList{"unknown", "single", "unknown"};
    }
    void wordsOfAGateway()
    {
        QFETCH(QString, state);
        QFETCH(int, ageMs);
        QFETCH(QStringList, words);
        test::SetClock clock;
        estate::Estate estate(clock);
        std::vector<std::unique_ptr<connect::Connector>> gateways;
        gateways.push_back(
            std::make_unique<systems::ceph::GatewayConnector>("rgw.vega", nullptr, 0, QStringList{}));
        const connect::Connectors connectors(std::move(gateways), estate, clock);
        estate.upsert({.id = "rgw.vega/connection/rgw.vega",
                       .connection = "rgw.vega",
                       .kind = "connection",
                       .name = "rgw.vega",
                       .observedAtMs = clock.now - ageMs,
                       .facts = {{"state", state}, {"error", QJsonObject{{"message", "it says no"}}}}});
        engine::HealthWatch watch(connectors, estate, clock);
        watch.start();
        const QJsonObject health = estate.entity("rgw.vega/health/rgw.vega")->facts;
        QCOMPARE((QStringList{health["availability"]["word"].toString(),
                              health["redundancy"]["word"].toString(), health["posture"]["word"].toString()}),
                 words);
        const bool ill = words[2] == "urgent" || words[2] == "to fix";
        QCOMPARE(health["posture"]["count"].toInt(), ill ? 1 : 0);
        QCOMPARE(health["posture"]["why"].toString() == "it says no", ill);
    }
};

QTEST_GUILESS_MAIN(TestEngineHealth)
#include "tst_engine_health.moc"
