#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QStringList>

#include "connect/claim_keeper.h"
#include "flow/claim.h"

/// What attempts hold in Ceph clusters and on their gateways. Shapes of the bodies: {address}, {accessKey},
/// {bucket, key, uploadId}, {cephPool, object, mark}.
namespace sluice::systems::ceph {

// As they stand in the store.
inline constexpr QLatin1String kClientClaim{"ceph.client"};
inline constexpr QLatin1String kStagedClaim{"ceph.staged"};
inline constexpr QLatin1String kKeyClaim{"s3.key"};
inline constexpr QLatin1String kUploadClaim{"s3.upload"};

/// A client instance that writes.
flow::Claim clientClaim(const QString& cluster, const QString& address);
/// A key that was made for the attempt; its name, not its secret.
flow::Claim s3KeyClaim(const QString& gateway, const QString& accessKey);
/// What a worker tells it has open: a multipart upload {connection, bucket, key, uploadId} or a staged copy
/// {connection, cephPool, object, mark}.
flow::Claim openClaim(const QJsonObject& told);
/// The kinds of openClaim.
QStringList openClaimKinds();

QList<connect::ClaimKeeper> claimKeepers(const connect::ClaimContext& context);
connect::ClaimKeeper clientKeeper(const connect::ClaimContext& context);

}  // namespace sluice::systems::ceph
