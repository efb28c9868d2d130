#include "s3/gateway_admin_client.h"

namespace sluice::s3 {
namespace {

constexpr Timeouts kQuick{.connectMs = 2000, .stallSeconds = 3, .wholeMs = 5000};

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

Result<void> GatewayAdminClient::createKey(const QString& accessKey, const QString& secretKey)
{
    const Query query{{"key", ""},
                      {"uid", m_uid},
                      {"key-type", "s3"},
                      {"generate-key", "false"},
                      {"access-key", accessKey.toUtf8()},
                      {"secret-key", secretKey.toUtf8()}};
    return m_client.admin("PUT", "/admin/user", query, QStringLiteral("the key %1").arg(accessKey))
        .map([](const QByteArray&) {});
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

Result<int> GatewayAdminClient::abortUploads(const QString& bucket, const QString& prefix)
{
    int aborted = 0;
    UploadPage page{.last = false};
    while (!page.last) {
        auto next = m_client.listUploads(bucket, prefix, page);
        if (!next && next.error().upstream && next.error().upstream->text.startsWith(QLatin1String("NoSuchBucket"))) {
            return aborted;
        }
        if (!next) {
            return fail(next.error());
        }
        page = std::move(*next);
        for (const Upload& upload : page.uploads) {
            const auto result = m_client.abortUpload(bucket, upload.key, upload.id);
            if (!result && result.error().code != ErrorCode::NotFound) {
                return fail(result.error());
            }
            ++aborted;
        }
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
