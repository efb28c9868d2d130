#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QTimer>
#include <functional>
#include <memory>

#include "connect/connector.h"
#include "core/clock.h"
#include "store/migration.h"
#include "systems/ceph/change_gate.h"

namespace sluice::store {
class Database;
}
namespace sluice::worker {
class Supervisor;
}

namespace sluice::systems::ceph {

class ClusterSettings;

/// One Ceph cluster: its observe worker brings the facts, of its gateways too, carries the calls, and holds
/// the cluster's lease.
/// @thread main loop only
class ClusterConnector final : public connect::Connector {
    Q_OBJECT

public:
    struct Options {
        QString workerProgram{};
        QString engineId{};
        QString connection{};
        std::shared_ptr<const ClusterSettings> settings{};
        /// What the worker needs of each gateway, secrets included: made anew for every life of the worker,
        /// so that no secret is kept here.
        std::function<QJsonArray()> gateways{};
    };

    static store::PartSchema schema();

    ClusterConnector(Options options, store::Database& database, const Clock& clock,
                     QObject* parent = nullptr);
    ~ClusterConnector() override;

    /// The monitor map of the last life.
    Result<void> load() override;
    void start() override;
    /// Hands the lease back and ends the worker.
    void stop() override;
    void call(const QString& method, const QJsonObject& params, int deadlineMs, bool mutating,
              connect::Link::Reply reply) override;
    Result<void> mayAct() const override;
    Result<void> isLeader() const override;
    connect::Status status() const override;
    QJsonObject healthWords(const diagnosis::FactSource& facts, qint64 nowMs) const override;
    QStringList healthKinds() const override;

Q_SIGNALS:
    /// The lease was gained or lost.
    void leaseChanged(const QString& state);
    /// What the worker saw of one of the cluster's gateways.
    void gatewayObserved(const QString& gateway, const sluice::estate::Entity& entity);

private:
    QJsonObject startParams() const;
    void onEvent(const QString& name, const QJsonObject& params);
    void onFacts(const QJsonObject& params);
    void saveMonmap();

    Options m_options;
    store::Database& m_database;
    const Clock& m_clock;
    std::unique_ptr<worker::Supervisor> m_supervisor{};
    QJsonArray m_monmap{};
    QString m_session{"connecting"};
    QJsonObject m_sessionError{};
    qint64 m_lastContactMs{};
    ChangeGate m_gate;
    QString m_version{};
    bool m_healthBelieved{false};
    QTimer m_tick{};
};

}  // namespace sluice::systems::ceph
