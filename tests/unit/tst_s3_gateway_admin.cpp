#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "patience.h"
#include "s3/gateway_admin_client.h"
#include "s3_fake_gateway.h"

using namespace sluice;
using namespace sluice::s3;

/// What a gateway tells its administrator about a bucket, its users and its zone.
class TestS3GatewayAdmin : public QObject {
    Q_OBJECT

    static QByteArray json(const QJsonObject& object)
    {
        return FakeGateway::answer(200, QJsonDocument(object).toJson(QJsonDocument::Compact));
    }
    static GatewayAdminClient client(const FakeGateway& gateway)
    {
        return GatewayAdminClient(ceph::GatewayAccess{.connection = "rgw.lab",
                                                      .endpoint = gateway.endpoint(),
                                                      .region = "default",
                                                      .accessKey = "A",
                                                      .secretKey = "S",
                                                      .uid = "lab"});
    }
    static QJsonObject quota(bool enabled, qint64 bytes, qint64 objects)
    {
        return {{"enabled", enabled}, {"max_size", bytes}, {"max_objects", objects}};
    }

private Q_SLOTS:
    void aRefusedAdministratorIsNotTheKeyThatWasToBeMade_data()
    {
        QTest::addColumn<QByteArray>("code");
        QTest::addColumn<QString>("correction");
        QTest::newRow("key unknown")
            << QByteArray("InvalidAccessKeyId")
            << "Give the connection rgw.lab a key of its user lab that works, then reset the run";
        QTest::newRow("user suspended") << QByteArray("UserSuspended") << "Enable the user at the gateway";
    }
    void aRefusedAdministratorIsNotTheKeyThatWasToBeMade()
    {
        QFETCH(QByteArray, code);
        QFETCH(QString, correction);
        FakeGateway gateway([&](const FakeGateway::Request&) {
            return FakeGateway::answer(403, "<Error><Code>" + code + "</Code></Error>");
        });
        const Result<QString> made = client(gateway).createKey("SL1");
        QVERIFY(!made);
        QCOMPARE(
            made.error().message,
            QStringLiteral("rgw.lab refuses the connection's own key, so it makes no key for an attempt"));
        QCOMPARE(made.error().correction, correction);
        QCOMPARE(made.error().upstream->text, QString::fromLatin1(code));
    }
    void bucketOwnerAndUser()
    {
        QList<QByteArray> asked;
        FakeGateway gateway([&asked](const FakeGateway::Request& request) {
            asked.append(request.target);
            if (request.target.startsWith("/admin/bucket")) {
                return json(
                    {{"bucket", "catalog"},
                     {"owner", "other"},
                     {"placement_rule", "cold/GLACIER"},
                     {"bucket_quota", quota(true, -1, 10)},
                     {"usage", QJsonObject{{"rgw.main", QJsonObject{{"size", 900}, {"num_objects", 9}}}}}});
            }
            if (request.target.startsWith("/catalog")) {
                return FakeGateway::answer(404, "<Error><Code>NoSuchBucketPolicy</Code></Error>");
            }
            const bool owner = request.target.contains("uid=other");
            return json({{"suspended", owner ? 1 : 0},
                         {"keys", QJsonArray{QJsonObject{{"secret_key", "never"}}}},
                         {"user_quota", quota(owner, 5'000, -1)},
                         {"bucket_quota", quota(false, -1, -1)},
                         {"stats", QJsonObject{{"size", owner ? 4'000 : 1}, {"num_objects", 40}}}});
        });
        const QJsonObject seen = client(gateway).look("catalog");
        QCOMPARE(seen["bucket"]["owner"].toString(), "other");
        QCOMPARE(seen["bucket"]["placement"].toString(), "cold/GLACIER");
        QCOMPARE(seen["bucket"]["usedBytes"].toInt(), 900);
        QCOMPARE(seen["bucket"]["usedObjects"].toInt(), 9);
        QCOMPARE(seen["bucket"]["quota"],
                 (QJsonObject{{"enabled", true}, {"maxBytes", -1}, {"maxObjects", 10}}));
        QCOMPARE(seen["owner"]["uid"].toString(), "other");
        QVERIFY(seen["owner"]["suspended"].toBool());
        QCOMPARE(seen["owner"]["quota"],
                 (QJsonObject{{"enabled", true}, {"maxBytes", 5'000}, {"maxObjects", -1}}));
        QCOMPARE(seen["owner"]["usedBytes"].toInt(), 4'000);
        QCOMPARE(seen["user"]["uid"].toString(), "lab");
        QVERIFY(!seen["user"]["suspended"].toBool(true));
        QVERIFY(seen["errors"].toArray().isEmpty());
        QCOMPARE(seen["policy"], QJsonValue(false));
        QVERIFY(asked.contains("/catalog?policy="));
        QCOMPARE(asked.size(), 4);
        QVERIFY2(!QJsonDocument(seen).toJson().contains("never"), "a secret goes no further");
    }
    void whatIsRefusedIsToldAndTheRestIsRead()
    {
        FakeGateway gateway([](const FakeGateway::Request& request) {
            return request.target.startsWith("/admin/bucket")
                       ? FakeGateway::answer(403, R"({"Code":"UserSuspended","Message":""})")
                       : json({{"suspended", 1}});
        });
        const QJsonObject seen = client(gateway).look("catalog");
        QVERIFY(!seen.contains("bucket"));
        QVERIFY(seen["user"]["suspended"].toBool());
        QCOMPARE(seen["owner"], seen["user"]);
        QCOMPARE(seen["errors"].toArray().size(), 1);
        QCOMPARE(seen["errors"][0]["upstream"]["text"].toString(), "UserSuspended");
    }
    void whoIsGoneIsAskedOnce()
    {
        QString endpoint;
        {
            FakeGateway gone([](const FakeGateway::Request&) { return QByteArray(); });
            endpoint = gone.endpoint();
        }
        GatewayAdminClient admin(
            ceph::GatewayAccess{.connection = "rgw.lab", .endpoint = endpoint, .uid = "lab"});
        const QJsonObject seen = admin.look("catalog");
        QCOMPARE(seen["errors"].toArray().size(), 1);
        QVERIFY(!seen.contains("user"));
        QCOMPARE(seen["uid"].toString(), "lab");
        QVERIFY(!admin.ping());
    }
    void everyAnswerIsASignOfLife()
    {
        for (const int status : {200, 404, 405, 503}) {
            FakeGateway gateway(
                [status](const FakeGateway::Request&) { return FakeGateway::answer(status, "x"); });
            QVERIFY(client(gateway).ping());
        }
    }
    void placementsOfTheZone()
    {
        FakeGateway gateway([](const FakeGateway::Request& request) {
            const QJsonObject classes{{"STANDARD", QJsonObject{{"data_pool", "eu.data"}}},
                                      {"COLD", QJsonObject{{"data_pool", "eu.cold"}}}};
            const QJsonObject value{
                {"index_pool", "eu.index"}, {"data_extra_pool", "eu.extra"}, {"storage_classes", classes}};
            return request.target == "/admin/config?type=zone"
                       ? json({{"placement_pools",
                                QJsonArray{QJsonObject{{"key", "default-placement"}, {"val", value}}}},
                               {"system_key", QJsonObject{{"secret_key", "never"}}}})
                       : FakeGateway::answer(404, "");
        });
        const auto placements = client(gateway).placements();
        QVERIFY(placements.has_value());
        QCOMPARE(*placements, (QJsonArray{QJsonObject{{"name", "default-placement"},
                                                      {"dataPools", QJsonArray{"eu.cold", "eu.data"}},
                                                      {"indexPool", "eu.index"},
                                                      {"extraPool", "eu.extra"}}}));
        FakeGateway other([](const FakeGateway::Request&) { return FakeGateway::answer(200, "<html/>"); });
        QCOMPARE(toString(client(other).placements().error().code), toString(ErrorCode::DataLoss));
    }
};

QTEST_GUILESS_MAIN(TestS3GatewayAdmin)
#include "tst_s3_gateway_admin.moc"
