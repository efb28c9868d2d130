#include "systems/ceph/rules/ceph_scene.h"

namespace sluice::systems::ceph {

QList<TouchedPool> cephPoolsOf(const TaskView& task)
{
    QList<TouchedPool> cephPools;
    for (const diagnosis::Touched& one : task.touched) {
        if (one.kind == kCephPoolKind) {
            cephPools.append({one.connection, one.name, one.destination, one.prefix});
        }
    }
    return cephPools;
}

QList<TouchedBucket> touchedBuckets(const TaskView& task)
{
    QList<TouchedBucket> buckets;
    for (const diagnosis::Touched& one : task.touched) {
        if (one.kind == kBucketKind) {
            buckets.append({one.connection, one.name, one.destination, one.behind});
        }
    }
    return buckets;
}

CephBlocked::CephBlocked(const diagnosis::Blocked& blocked)
    : diagnosis::Blocked(blocked), cephPool(said["cephPool"].toString())
{
    const QJsonObject lock = said["lock"].toObject();
    lockName = lock["name"].toString();
    lockClient = lock["client"].toString();
}

QStringList clustersOf(const QList<TouchedPool>& cephPools, const CephBlocked& blocked)
{
    QStringList clusters;
    for (const TouchedPool& touched : cephPools) {
        if (!touched.connection.isEmpty() && !clusters.contains(touched.connection)) {
            clusters.append(touched.connection);
        }
    }
    if (blocked.hasCephPool() && !clusters.contains(blocked.connection)) {
        clusters.append(blocked.connection);
    }
    return clusters;
}

CephScene::CephScene(const Scene& scene)
    : Scene(scene),
      m_blocked(scene.blocked()),
      m_cephPools(cephPoolsOf(scene.task())),
      m_buckets(touchedBuckets(scene.task())),
      m_clusters(clustersOf(m_cephPools, m_blocked))
{
}

bool CephScene::touches(const QString& connection) const
{
    return m_clusters.contains(connection) || task().connections.contains(connection);
}

QString osdsFull(const QString& connection)
{
    return connection + QStringLiteral("/osds-full");
}

}  // namespace sluice::systems::ceph
