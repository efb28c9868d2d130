#pragma once

#include "ceph/gateway_admin.h"
#include "core/clock.h"
#include "s3/client.h"
#include "s3/curl_transport.h"

namespace sluice::s3 {

/// RGW's admin interface and the uploads of its buckets. The secret of a new key can only be sent in the query of the
/// request; no error holds a query.
/// @thread any
class GatewayAdminClient final : public ceph::GatewayAdmin {
public:
    explicit GatewayAdminClient(const ceph::GatewayAccess& access);

    Result<qint64> probe() override;
    Result<void> createKey(const QString& accessKey, const QString& secretKey) override;
    Result<void> removeKey(const QString& accessKey) override;
    Result<int> abortUploads(const QString& bucket, const QString& prefix) override;

    static ceph::GatewayAdminFactory factory();

private:
    QString m_connection;
    QByteArray m_uid;
    SystemClock m_clock{};
    CurlTransport m_transport;
    Client m_client;
};

}  // namespace sluice::s3
