#include "s3/gateway_admin_client.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

namespace sluice::s3 {
namespace {

constexpr Timeouts kQuick{.connectMs = 2000, .stallSeconds = 3, .wholeMs = 5000};

/// Of the answer to a new key: all keys of the user.
Result<QString> secretOf(const QByteArray& body, const QString& accessKey, const QString& gateway)
{
    for (const QJsonValue& key : QJsonDocument::fromJson(body).array()) {
        const QString secret = key["secret_key"].toString();
        if (key["access_key"] == accessKey && !secret.isEmpty()) {
            return secret;
        }
    }
    return fail(Error{.code = ErrorCode::Internal,
                      .message = QStringLiteral("%1 made no key %2").arg(gateway, accessKey),
                      .cause = QStringLiteral("its answer does not name the key with a secret"),
                      .correction = QStringLiteral("Check that the endpoint is a Ceph gateway, and its version"),
                      .source = gateway});
}

}  // namespace

GatewayAdminClient::GatewayAdminClient(const ceph::GatewayAccess& access)
    : m_connection(access.connection),
      m_uid(access.uid.toUtf8()),
      m_transport(access.connection, kQuick),
      m_client(Gateway{.name = access.connection,
                       .endpoint = access.endpoint,
                       .region = access.region.isEmpty() ? QStringLiteral("default") : access.region,
                       .credentials = {.accessKey = access.accessKey.toUtf8(), .secretKey = access.secretKey.toUtf8()}},
               m_transport, m_clock)
{
}

Result<qint64> GatewayAdminClient::probe()
{
    const qint64 since = m_clock.monotonicMs();
    return m_client.probe().map([&] { return m_clock.monotonicMs() - since; });
}

Result<QString> GatewayAdminClient::createKey(const QString& accessKey)
{
    const Query query{{"key", ""},
                      {"uid", m_uid},
                      {"key-type", "s3"},
                      {"generate-key", "true"},
                      {"access-key", accessKey.toUtf8()}};
    return m_client.admin("PUT", "/admin/user", query, QStringLiteral("the key %1").arg(accessKey))
        .and_then([&](const QByteArray& body) { return secretOf(body, accessKey, m_connection); });
}

Result<void> GatewayAdminClient::removeKey(const QString& accessKey)
{
    const Query query{{"key", ""}, {"uid", m_uid}, {"key-type", "s3"}, {"access-key", accessKey.toUtf8()}};
    auto removed = m_client.admin("DELETE", "/admin/user", query, QStringLiteral("the key %1").arg(accessKey));
    if (!removed && removed.error().upstream && removed.error().upstream->text.startsWith(QLatin1String("InvalidAccessKeyId"))) {
        // RGW says the same when its administrator's own key is unknown: ask something else with it
        const auto known = m_client.admin("GET", "/admin/user", Query{{"uid", m_uid}}, QStringLiteral("the user"));
        return known.map([](const QByteArray&) {});
    }
    return removed.map([](const QByteArray&) {});
}

Result<void> GatewayAdminClient::abortUpload(const QString& bucket, const QString& key, const QString& uploadId)
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
