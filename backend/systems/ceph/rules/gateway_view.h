#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QList>
#include <QtCore/QString>
#include <optional>

#include "systems/ceph/rules/ceph_scene.h"

namespace sluice::systems::ceph {

/// A bucket the task touches, with what was read about it. Facts are fresh or missing.
struct GatewayBucket {
    TouchedBucket touched{};
    std::optional<Fact> gateway{};
    std::optional<Fact> bucket{};

    QString gatewayId() const;
    QString bucketId() const;
    /// What the worker waits for is of this gateway.
    bool blockedHere(const CephScene& scene) const;
    /// Nobody answered, or with an error of the gateway itself.
    bool hangsHere(const CephScene& scene) const;
    /// It hangs at a gateway that was reached and did not refuse it, so what stands behind the gateway may
    /// hold it up.
    bool mayWaitForStorage(const CephScene& scene) const;
    /// The gateway refused a write for want of room, which is no word about a quota of its own.
    bool refusedForRoom(const CephScene& scene) const;
    /// The gateway refused a write for a quota of its own.
    bool refusedForQuota(const CephScene& scene) const;
    bool writes(const CephScene& scene) const { return touched.destination && !scene.onlyReads(); }
};

/// Whether all OSDs behind the bucket's Ceph pools are up and answer. Not known: nothing. Without a known
/// cluster nothing stands behind the gateway.
std::optional<bool> osdsBehindAnswer(const CephScene& scene, const TouchedBucket& bucket);
/// Numbers of the OSDs that hold the bucket's Ceph pools, as far as these were read.
QJsonArray osdsBehind(const FactSource& facts, const TouchedBucket& bucket);

QList<GatewayBucket> bucketsOf(const CephScene& scene);

/// Ceph pools in which the gateway keeps the bucket, those its zone names. Without a word of the gateway
/// those of RGW's usual names, which a gateway that is gone cannot tell any more.
QStringList poolsBehind(const FactSource& facts, const TouchedBucket& bucket);

/// The gateway's own code in an error: "QuotaExceeded: …" or empty.
QString gatewayCode(const Error& error);

}  // namespace sluice::systems::ceph
