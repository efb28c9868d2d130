#pragma once

#include "diagnosis/rule.h"

/// What the rules about Ceph clusters and their gateways see: a task with the Ceph pools and buckets it
/// touches.
namespace sluice::systems::ceph {

using diagnosis::Access;
using diagnosis::ChainLink;
using diagnosis::Evidence;
using diagnosis::evidenceOf;
using diagnosis::Fact;
using diagnosis::FactSource;
using diagnosis::Finding;
using diagnosis::idOf;
using diagnosis::isFresh;
using diagnosis::joined;
using diagnosis::Probe;
using diagnosis::Remedy;
using diagnosis::Scene;
using diagnosis::Scope;
using diagnosis::TaskView;
using diagnosis::Verdict;

inline const QString kCephPoolKind = QStringLiteral("ceph-pool");
inline const QString kBucketKind = QStringLiteral("bucket");

/// A Ceph pool the task reads from or writes to.
struct TouchedPool {
    QString connection{};
    QString cephPool{};
    bool destination{};
    QString prefix{};  ///< names there begin with it; empty: any name
};

/// A bucket the task reads from or writes to.
struct TouchedBucket {
    QString gateway{};
    QString bucket{};
    bool destination{};
    QString cluster{};  ///< the connection of the cluster behind the gateway; empty: not known
};

QList<TouchedPool> cephPoolsOf(const TaskView& task);
QList<TouchedBucket> touchedBuckets(const TaskView& task);

/// What the worker said it waits for, with what only Ceph has.
struct CephBlocked : diagnosis::Blocked {
    QString cephPool{};
    QString lockName{};
    QString lockClient{};

    explicit CephBlocked(const diagnosis::Blocked& blocked);
    bool hasObject() const { return !object.isEmpty() && hasCephPool(); }
    bool hasCephPool() const { return !cephPool.isEmpty() && !connection.isEmpty(); }
    bool at(const QString& otherConnection, const QString& otherCephPool) const
    {
        return connection == otherConnection && cephPool == otherCephPool;
    }
    /// An operation was sent and nobody answered: what is waited for is not known from the answer.
    bool hangs() const { return what == QLatin1String("timeout") || what == QLatin1String("min_size"); }
    /// The monitors answered, and refused the key as such.
    bool keyRefused() const
    {
        return what == QLatin1String("connect") && error.code == ErrorCode::Unauthenticated;
    }
};

/// The Ceph clusters that these Ceph pools and what is waited for are in, without doubles.
QStringList clustersOf(const QList<TouchedPool>& cephPools, const CephBlocked& blocked);

/// The scene with the eyes of Ceph: blocked() tells more here.
class CephScene final : public Scene {
public:
    explicit CephScene(const Scene& scene);

    const CephBlocked& blocked() const { return m_blocked; }
    const QList<TouchedPool>& cephPools() const { return m_cephPools; }
    const QList<TouchedBucket>& buckets() const { return m_buckets; }
    /// The Ceph clusters the task touches, without doubles.
    const QStringList& clusters() const { return m_clusters; }
    bool touches(const QString& connection) const;

private:
    CephBlocked m_blocked;
    QList<TouchedPool> m_cephPools;
    QList<TouchedBucket> m_buckets;
    QStringList m_clusters;
};

/// Id of the outage that OSDs without room are: they hold the data of every Ceph pool.
QString osdsFull(const QString& connection);

}  // namespace sluice::systems::ceph
