#pragma once

#include "ceph/gateway_admin.h"
#include "core/clock.h"
#include "s3/client.h"
#include "s3/curl_transport.h"

namespace sluice::s3 {

/// RGW's admin interface and the uploads of its buckets. RGW takes a secret only in the query of a request,
/// where logs keep it, so it is asked to make the secrets itself: they come in the body of its answer.
/// @thread any
class GatewayAdminClient final : public ceph::GatewayAdmin {
public:
    explicit GatewayAdminClient(const ceph::GatewayAccess& access);

    Result<qint64> probe() override;
    Result<void> ping() override;
    Result<QJsonArray> placements() override;
    QJsonObject look(const QString& bucket) override;
    Result<QString> createKey(const QString& accessKey) override;
    Result<void> removeKey(const QString& accessKey) override;
    Result<void> abortUpload(const QString& bucket, const QString& key, const QString& uploadId) override;

    static ceph::GatewayAdminFactory factory();

private:
    Result<QJsonObject> ask(const QByteArray& path, const Query& query, const QString& what);
    /// Both of `errors`' kind: an answer, or an empty object and one error more.
    QJsonObject userFacts(const QString& uid, QJsonArray& errors);

    QString m_connection;
    QByteArray m_uid;
    SystemClock m_clock{};
    CurlTransport m_transport;
    Client m_client;
};

}  // namespace sluice::s3
