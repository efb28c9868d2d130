#pragma once

#include <QtCore/QJsonArray>

#include "connect/connector.h"

namespace sluice::systems::ceph {

class ClusterConnector;

/// One gateway: it is seen by the worker of the cluster behind it, and what is asked of it is asked there.
/// @thread main loop only
class GatewayConnector final : public connect::Connector {
    Q_OBJECT

public:
    /// `cluster` may be null: no cluster lists it, and nothing is known of it.
    /// @param listedBy names of all clusters that list it, also those that it is not seen by
    GatewayConnector(QString connection, ClusterConnector* cluster, qint64 clusterPollMs,
                     const QStringList& listedBy, QObject* parent = nullptr);

    void start() override {}
    void stop() override { Q_EMIT stopped(); }
    connect::Status status() const override;

private:
    void take(const estate::Entity& entity);

    QString m_cluster{};
    QJsonArray m_listedBy{};
    qint64 m_staleAfterMs{};
    estate::Entity m_seen{};
};

}  // namespace sluice::systems::ceph
