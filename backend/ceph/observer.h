#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QStringList>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "ceph/facts.h"
#include "ceph/flags_watch.h"
#include "ceph/gateway_admin.h"
#include "ceph/lease_keeper.h"
#include "ceph/loop_thread.h"
#include "ceph/manager_watch.h"
#include "ceph/mon_watch.h"
#include "ceph/object_calls.h"
#include "ceph/session_keeper.h"
#include "ceph/status_facts.h"
#include "worker/child_channel.h"

namespace sluice::ceph {

/// Observes one cluster and acts on it when the engine asks. Monitors are looked at every poll, everything
/// else every second poll and only while there is a quorum; the lists of entities and versions every tenth.
/// @thread its loops are threads of its own; handlers of calls run on threads of the channel
class Observer {
public:
    Observer(worker::ChildChannel& channel, GatewayAdminFactory makeGatewayAdmin);
    ~Observer();
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;

    /// Before the channel runs.
    void registerCalls();

private:
    using Params = QJsonObject;
    using Reply = Result<QJsonObject>;
    struct Gateway {
        GatewayAccess access{};
        std::unique_ptr<GatewayAdmin> admin{};
        QJsonArray placements{};
        int looks{};
        bool silent{};
    };

    Reply start(const Params& params);
    void registerObjectCalls();
    void registerAccessCalls();
    void registerGatewayCalls();
    /// A handler that first checks that `needed` parameters are there and that there is a session.
    void onSessionCall(const QString& method, const QStringList& needed,
                       std::function<Reply(RadosSession& session, const Params& params)> handler);

    void lookAtMonitors();
    void lookAtStorage(bool everything);
    void lookAtManager();
    void lookAtGateways();
    bool isSilent(const QString& gateway) const;
    Reply observeNow(const Params& params);
    Reply listLocksOf(RadosSession& session, const QString& cephPool, const QString& object);
    SessionCensus census(const RadosSession& session) const;

    ClusterExtras extras() const;
    QJsonObject entity(const QString& connection, const Fact& fact) const;
    void emitFacts(const QList<Fact>& facts, const QStringList& complete);
    void emitEntities(const QJsonArray& entities, const QStringList& complete);
    std::chrono::milliseconds pauseSince(std::chrono::steady_clock::time_point begun, int polls) const;

    worker::ChildChannel& m_channel;
    GatewayAdminFactory m_makeGatewayAdmin;
    QString m_connection{};
    LeaseTerms m_terms{};
    std::chrono::milliseconds m_poll{1000};
    std::map<QString, Gateway> m_gateways{};
    std::atomic<bool> m_believed{false};
    int m_storageTurns{0};
    std::mutex m_monitorsTurn{};
    std::mutex m_storageTurn{};
    std::mutex m_gatewaysTurn{};
    mutable std::mutex m_lock{};
    QString m_fsid{};
    ClusterExtras m_extras{};
    std::map<QString, QJsonArray> m_locks{};
    ManagerWatch m_manager{};
    FlagsWatch m_flags{};

    // Later ones use earlier ones, so they end first; only the session's thread also wakes later ones.
    std::unique_ptr<MonWatch> m_monitors{};
    std::unique_ptr<SessionKeeper> m_session{};
    std::unique_ptr<LoopThread> m_managerLoop{};
    std::unique_ptr<LoopThread> m_storageLoop{};
    std::unique_ptr<LoopThread> m_gatewayLoop{};
    std::unique_ptr<LoopThread> m_monitorLoop{};
    std::unique_ptr<LeaseKeeper> m_lease{};
};

}  // namespace sluice::ceph
