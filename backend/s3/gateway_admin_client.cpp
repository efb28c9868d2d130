#include "s3/gateway_admin_client.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

namespace sluice::s3 {
namespace {

constexpr Timeouts kQuick{.connectMs = 2000, .stallSeconds = 3, .wholeMs = 5000};
constexpr Timeouts kPing{.connectMs = 1000, .stallSeconds = 1, .wholeMs = 1500};
/// Below this an upstream code is one of the transport.
constexpr int kFirstHttpStatus = 100;

/// Of the answer to a new key: all keys of the user.
Result<QString> secretOf(const QByteArray& body, const QString& accessKey, const QString& gateway)
{
    for (const QJsonValue& key : QJsonDocument::fromJson(body).array()) {
        const QString secret = key["secret_key"].toString();
        if (key["access_key"] == accessKey && !secret.isEmpty()) {
            return secret;
        }
    }
    return fail(
        Error{.code = ErrorCode::Internal,
              .message = QStringLiteral("%1 made no key %2").arg(gateway, accessKey),
              .cause = QStringLiteral("its answer does not name the key with a secret"),
              .correction = QStringLiteral("Check that the endpoint is a Ceph gateway, and its version"),
              .source = gateway});
}

QJsonObject quotaOf(const QJsonValue& quota)
{
    return {{"enabled", quota["enabled"].toBool()},
            {"maxBytes", quota["max_size"].toInteger(-1)},
            {"maxObjects", quota["max_objects"].toInteger(-1)}};
}

}  // namespace

GatewayAdminClient::GatewayAdminClient(const ceph::GatewayAccess& access)
    : m_connection(access.connection),
      m_uid(access.uid.toUtf8()),
      m_transport(access.connection, kQuick),
      m_client(Gateway{.name = access.connection,
                       .endpoint = access.endpoint,
                       .region = access.region.isEmpty() ? QStringLiteral("default") : access.region,
                       .credentials = {.accessKey = access.accessKey.toUtf8(),
                                       .secretKey = access.secretKey.toUtf8()}},
               m_transport, m_clock)
{
}

Result<qint64> GatewayAdminClient::probe()
{
    const qint64 since = m_clock.monotonicMs();
    return m_client.probe().map([&] { return m_clock.monotonicMs() - since; });
}

Result<void> GatewayAdminClient::ping()
{
    CurlTransport transport(m_connection, kPing);
    return Client(m_client.gateway(), transport, m_clock).ping();
}

Result<QJsonObject> GatewayAdminClient::ask(const QByteArray& path, const Query& query, const QString& what)
{
    return m_client.admin("GET", path, query, what)
        .and_then([&](const QByteArray& body) -> Result<QJsonObject> {
            const QJsonDocument document = QJsonDocument::fromJson(body);
            if (!document.isObject()) {
                return fail(Error{.code = ErrorCode::DataLoss,
                                  .message = QStringLiteral("%1 does not tell %2").arg(m_connection, what),
                                  .cause = QStringLiteral("its answer is no JSON object"),
                                  .correction = QStringLiteral(
                                      "Check that the endpoint is a Ceph gateway, and its version"),
                                  .source = m_connection});
            }
            return document.object();
        });
}

Result<QJsonArray> GatewayAdminClient::placements()
{
    return ask("/admin/config", Query{{"type", "zone"}}, QStringLiteral("its zone"))
        .map([](const QJsonObject& zone) {
            QJsonArray placements;
            for (const QJsonValue& placement : zone["placement_pools"].toArray()) {
                const QJsonValue value = placement["val"];
                QJsonArray dataPools;
                const QJsonObject classes = value["storage_classes"].toObject();
                for (const QJsonValue& storageClass : classes) {
                    dataPools.append(storageClass["data_pool"]);
                }
                placements.append(QJsonObject{{"name", placement["key"]},
                                              {"dataPools", dataPools},
                                              {"indexPool", value["index_pool"]},
                                              {"extraPool", value["data_extra_pool"]}});
            }
            return placements;
        });
}

QJsonObject GatewayAdminClient::userFacts(const QString& uid, QJsonArray& errors)
{
    const auto user = ask("/admin/user", Query{{"uid", uid.toUtf8()}, {"stats", "true"}},
                          QStringLiteral("the user ") + uid);
    if (!user) {
        errors.append(user.error().toJson());
        return {};
    }
    // Its keys are in the answer too, and stay here.
    return {{"uid", uid},
            {"suspended", (*user)["suspended"].toInt() != 0},
            {"quota", quotaOf((*user)["user_quota"])},
            {"bucketQuota", quotaOf((*user)["bucket_quota"])},
            {"usedBytes", (*user)["stats"]["size"].toInteger()},
            {"usedObjects", (*user)["stats"]["num_objects"].toInteger()}};
}

QJsonObject GatewayAdminClient::look(const QString& bucket)
{
    QJsonArray errors;
    QJsonObject facts{{"uid", QString::fromUtf8(m_uid)}};
    const auto found = ask("/admin/bucket", Query{{"bucket", bucket.toUtf8()}, {"stats", "true"}},
                           QStringLiteral("the bucket ") + bucket);
    if (!found) {
        errors.append(found.error().toJson());
    } else {
        const QJsonValue used = (*found)["usage"]["rgw.main"];
        facts["bucket"] = QJsonObject{{"name", bucket},
                                      {"owner", (*found)["owner"]},
                                      {"placement", (*found)["placement_rule"]},
                                      {"quota", quotaOf((*found)["bucket_quota"])},
                                      {"usedBytes", used["size"].toInteger()},
                                      {"usedObjects", used["num_objects"].toInteger()}};
        if (const auto policy = m_client.hasPolicy(bucket)) {
            facts["policy"] = *policy;
        }
    }
    // One that does not answer would only be waited for again.
    if (found || (found.error().upstream && found.error().upstream->code >= kFirstHttpStatus)) {
        const QString uid = QString::fromUtf8(m_uid);
        const QString owner = facts.value(QLatin1String("bucket"))["owner"].toString();
        const QJsonObject user = userFacts(uid, errors);
        facts["user"] = user;
        facts["owner"] = owner.isEmpty() || owner == uid ? user : userFacts(owner, errors);
    }
    facts["errors"] = errors;
    return facts;
}

Result<QString> GatewayAdminClient::createKey(const QString& accessKey)
{
    const Query query{{"key", ""},
                      {"uid", m_uid},
                      {"key-type", "s3"},
                      {"generate-key", "true"},
                      {"access-key", accessKey.toUtf8()}};
    return m_client.admin("PUT", "/admin/user", query, QStringLiteral("the key %1").arg(accessKey))
        .and_then([&](const QByteArray& body) { return secretOf(body, accessKey, m_connection); })
        .map_error([&](Error error) {
            if (error.code == ErrorCode::PermissionDenied || error.code == ErrorCode::Unauthenticated) {
                // The key that is refused is not the one that was to be made.
                error.message =
                    QStringLiteral("%1 refuses the connection's own key, so it makes no key for an attempt")
                        .arg(m_connection);
            }
            if (error.code == ErrorCode::Unauthenticated) {
                error.correction =
                    QStringLiteral(
                        "Give the connection %1 a key of its user %2 that works, then reset the run")
                        .arg(m_connection, QString::fromUtf8(m_uid));
            }
            return error;
        });
}

Result<void> GatewayAdminClient::removeKey(const QString& accessKey)
{
    const Query query{{"key", ""}, {"uid", m_uid}, {"key-type", "s3"}, {"access-key", accessKey.toUtf8()}};
    auto removed =
        m_client.admin("DELETE", "/admin/user", query, QStringLiteral("the key %1").arg(accessKey));
    if (!removed && removed.error().upstream &&
        removed.error().upstream->text.startsWith(QLatin1String("InvalidAccessKeyId"))) {
        // RGW says the same when its administrator's own key is unknown: ask something else with it
        const auto known =
            m_client.admin("GET", "/admin/user", Query{{"uid", m_uid}}, QStringLiteral("the user"));
        return known.map([](const QByteArray&) {});
    }
    return removed.map([](const QByteArray&) {});
}

Result<void> GatewayAdminClient::abortUpload(const QString& bucket, const QString& key,
                                             const QString& uploadId)
{
    auto aborted = m_client.abortUpload(bucket, key, uploadId);
    if (!aborted && aborted.error().code == ErrorCode::NotFound) {
        return {};
    }
    return aborted;
}

ceph::GatewayAdminFactory GatewayAdminClient::factory()
{
    return [](const ceph::GatewayAccess& access) -> std::unique_ptr<ceph::GatewayAdmin> {
        return std::make_unique<GatewayAdminClient>(access);
    };
}

}  // namespace sluice::s3
