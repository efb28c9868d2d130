#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <functional>
#include <memory>

#include "core/error.h"

namespace sluice::ceph {

/// How to reach one RGW as the worker's administrator of it.
struct GatewayAccess {
    QString connection{};
    QString endpoint{};
    QString region{};
    QString accessKey{};
    QString secretKey{};
    /// The RGW user whose keys and uploads are managed.
    QString uid{};

    static GatewayAccess fromJson(const QJsonObject& json)
    {
        return {.connection = json["connection"].toString(),
                .endpoint = json["endpoint"].toString(),
                .region = json["region"].toString(),
                .accessKey = json["accessKey"].toString(),
                .secretKey = json["secretKey"].toString(),
                .uid = json["uid"].toString()};
    }
};

/// What the observer of a cluster asks of that cluster's gateways. Whoever builds the worker program gives
/// it.
/// @thread implementations are called from several threads at once; every call is bounded to a few seconds
class GatewayAdmin {
public:
    virtual ~GatewayAdmin() = default;
    /// Does the gateway answer a request of ours? @return milliseconds it took.
    /// @error with an HTTP status as upstream code: it answers, and refuses
    [[nodiscard]] virtual Result<qint64> probe() = 0;
    /// Is there a gateway at all? It answers this without its cluster and to everybody.
    [[nodiscard]] virtual Result<void> ping() = 0;
    /// Where it keeps what is written: [{name, dataPools, indexPool, extraPool}], one for each placement of
    /// its zone.
    [[nodiscard]] virtual Result<QJsonArray> placements() = 0;
    /// What limits writing to one bucket, of what could be read: {uid, bucket: {name, owner, placement,
    /// quota, usedBytes, usedObjects}, policy: whether it has one, owner and user: {uid, suspended, quota,
    /// bucketQuota, usedBytes, usedObjects}, errors: [Error]}. A quota is {enabled, maxBytes, maxObjects}, -1
    /// without a limit. `owner` is whose quota counts, `user` whose key is used.
    [[nodiscard]] virtual QJsonObject look(const QString& bucket) = 0;
    /// Adds a key to the user, or gives the one of that name a new secret. @return the secret, which the
    /// gateway makes.
    [[nodiscard]] virtual Result<QString> createKey(const QString& accessKey) = 0;
    /// Well if there is no such key.
    [[nodiscard]] virtual Result<void> removeKey(const QString& accessKey) = 0;
    /// Well if there is no such upload.
    [[nodiscard]] virtual Result<void> abortUpload(const QString& bucket, const QString& key,
                                                   const QString& uploadId) = 0;
};

using GatewayAdminFactory = std::function<std::unique_ptr<GatewayAdmin>(const GatewayAccess& access)>;

}  // namespace sluice::ceph
