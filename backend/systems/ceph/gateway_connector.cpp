#include "systems/ceph/gateway_connector.h"

#include "core/clock.h"
#include "systems/ceph/cluster_connector.h"

namespace sluice::systems::ceph {
namespace {

/// A gateway is asked less often than its cluster.
constexpr qint64 kPollsUntilStale = 10;

}  // namespace

GatewayConnector::GatewayConnector(QString connection, ClusterConnector* cluster, qint64 clusterPollMs,
                                   const QStringList& listedBy, QObject* parent)
    : Connector(std::move(connection), parent),
      m_listedBy(QJsonArray::fromStringList(listedBy)),
      m_staleAfterMs(kPollsUntilStale * clusterPollMs)
{
    if (cluster) {
        m_cluster = cluster->connection();
        connect(cluster, &ClusterConnector::gatewayObserved, this,
                [this](const QString& gateway, const estate::Entity& entity) {
                    if (gateway == this->connection()) {
                        take(entity);
                    }
                });
    }
}

void GatewayConnector::take(const estate::Entity& entity)
{
    m_seen = entity;
    m_seen.facts["listedBy"] = m_listedBy;
    Q_EMIT observed({.entities = {m_seen}});
    Q_EMIT statusChanged();
}

connect::Status GatewayConnector::status() const
{
    // One that answers and refuses, or waits for its cluster, is there all the same.
    const bool alive = m_seen.facts["alive"].toBool();
    QJsonObject facts{{"type", "s3"},
                      {"title", "RGW"},
                      {"state", m_seen.facts["answers"].toBool() ? "up"
                                : alive                          ? "degraded"
                                                                 : "down"},
                      {"lastContactAt", toRfc3339(m_seen.observedAtMs)},
                      {"staleAfterMs", m_staleAfterMs},
                      {"cluster", m_cluster}};
    if (m_seen.facts.contains(QLatin1String("error"))) {
        facts["error"] = m_seen.facts["error"];
    }
    return {.facts = facts, .observedAtMs = m_seen.observedAtMs};
}

}  // namespace sluice::systems::ceph
