#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "ceph/config_key_lease.h"
#include "ceph/pool_lease.h"
#include "core/error.h"

namespace sluice::ceph {

/// Takes the lease and keeps it, renewing it every third of its duration from a thread of its own, so that
/// nothing else the worker does can let it run out. It is a lock in Sluice's own Ceph pool; as long as there
/// is no such pool, a key of the monitors.
class LeaseKeeper {
public:
    /// The session of now, or nothing.
    using SessionSource = std::function<std::shared_ptr<RadosSession>()>;
    /// Shape: {state: held|other|none|lost, owner?, until?, error?, caveat?}; called from the keeper's thread
    /// whenever state, owner, end or error changes. "held" with an error: the last renewal failed, the lease
    /// has not run out yet. "lost" comes before it runs out at the cluster.
    using Report = std::function<void(const QJsonObject& lease)>;
    /// The session's instance was fenced: it can never hold a lock again.
    using Fenced = std::function<void(const std::shared_ptr<RadosSession>& session)>;

    LeaseKeeper(LeaseTerms terms, SessionSource session, Report report, Fenced fenced);
    ~LeaseKeeper();

    /// Try now. @thread any
    void poke();
    /// Ends the keeping and hands the lease back, so that another engine need not wait for its end. Blocks
    /// for up to some seconds; it is not taken again. @thread any
    void giveUp();

private:
    void loop();
    void endLoop();
    LeaseOutcome take(RadosSession& session);
    Result<bool> hasPool(RadosSession& session) const;
    void tell(const QString& state, const LeaseOutcome& outcome);

    LeaseTerms m_terms;
    PoolLease m_poolLease;
    ConfigKeyLease m_keyLease;
    LeaseHold* m_hold{};  ///< the way it is held or was last asked for; none before that is known
    std::chrono::steady_clock::time_point
        m_noKeyBefore{};  ///< who holds it by a lock may not have seen that the pool is gone
    SessionSource m_session;
    Report m_report;
    Fenced m_fenced;
    bool m_held{false};
    LeaseOutcome m_holding{};  ///< of the last renewal that worked
    std::chrono::steady_clock::time_point m_safeUntil{};
    QJsonObject m_told{};
    std::mutex m_lock{};
    std::condition_variable m_changed{};
    bool m_stop{false};
    bool m_poked{false};
    std::mutex m_ending{};
    std::thread m_thread{};
};

}  // namespace sluice::ceph
