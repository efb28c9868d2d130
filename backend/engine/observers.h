#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <map>
#include <memory>

#include "config/config.h"
#include "core/clock.h"
#include "engine/cluster_link.h"
#include "estate/estate.h"
#include "store/migration.h"

namespace sluice::keys {
class SecretStore;
}
namespace sluice::store {
class Database;
}
namespace sluice::worker {
class Supervisor;
}

namespace sluice::engine {

/// One observe worker per Ceph cluster: its facts go into the estate, calls to the cluster go through it, and
/// it holds the cluster's lease. Also makes the `connection` rows of the clusters and their gateways.
/// @thread main loop only
class Observers final : public QObject, public ClusterLink {
    Q_OBJECT

public:
    static store::PartSchema schema();

    Observers(QString workerProgram, QString engineId, const config::Config& config, estate::Estate& estate,
              keys::SecretStore& secrets, store::Database& database, const Clock& clock,
              QObject* parent = nullptr);
    ~Observers() override;

    /// Blocking; at start only: the monitor maps of the last life.
    Result<void> load();
    void start();
    /// Hands the leases back and ends the workers; stopped() comes after that, at most three seconds later.
    void stop();

    void call(const QString& connection, const QString& method, const QJsonObject& params, int deadlineMs,
              bool mutating, Reply reply) override;
    Result<void> mayAct(const QString& connection) const override;
    Result<void> isLeader(const QString& connection) const override;

Q_SIGNALS:
    /// The lease of a cluster was gained or lost.
    void leaseChanged(const QString& connection, const QString& state);
    void stopped();

private:
    struct Cluster;
    QJsonObject startParams(const config::Connection& connection);
    void onEvent(Cluster& cluster, const QString& name, const QJsonObject& params);
    void onFacts(Cluster& cluster, const QJsonObject& params);
    void saveMonmap(const Cluster& cluster);
    void show(Cluster& cluster);
    void showGateway(const Cluster& cluster, const QString& gateway);

    QString m_program;
    QString m_engineId;
    const config::Config& m_config;
    estate::Estate& m_estate;
    keys::SecretStore& m_secrets;
    store::Database& m_database;
    const Clock& m_clock;
    std::map<QString, std::unique_ptr<Cluster>> m_clusters;
    QTimer m_tick{};
};

}  // namespace sluice::engine
