#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QStringList>
#include <functional>
#include <mutex>
#include <optional>

#include "ceph/facts.h"
#include "ceph/monmap.h"
#include "ceph/quorum.h"
#include "ceph/rados_session.h"

namespace sluice::ceph {

/// Watches the monitors of one cluster, with a session or without: knows their addresses from the engine's
/// cache, from ceph.conf, from the session and from what the monitors themselves answer to pings.
/// @thread any; looks run one after the other
class MonWatch {
public:
    struct Seen {
        /// `mon-quorum` and all `mon` facts.
        QList<Fact> facts{};
        QuorumView quorum{};
        /// Answer of `status`, only if there is a quorum; then health and counts in it are of now.
        QJsonObject status{};
        /// Why the session did not answer, if there is one and it did not.
        std::optional<Error> silence{};
        /// Monitors that answer at all.
        QStringList answering{};
    };
    /// Shape: [{name, addrs}], for the engine's cache.
    using MonmapReport = std::function<void(const QJsonArray& mons)>;

    MonWatch(QString connection, ClusterAccess access, const Monmap& cached, MonmapReport report);

    /// Blocks for up to some seconds if monitors hang, for some milliseconds else.
    Seen look(const RadosSession* session);
    /// Does a majority of monitors refuse connections at this moment? Some milliseconds.
    bool majorityRefuses() const;
    /// Names of all monitors, and of those that answered the last look.
    QStringList names() const;
    QStringList answering() const;

private:
    Monmap monmap() const;
    Monmap readConf() const;
    /// @return true if it is another one than before
    bool adopt(const Monmap& monmap, qint64 epoch);
    bool adoptFromPings(const QHash<QString, MonAnswer>& answers);
    void askConf(const Monmap& known);
    void askSession(const RadosSession& session, QuorumEvidence& evidence, Seen& seen);
    Seen lookOnce(const RadosSession* session, bool& monmapChanged);

    const QString m_connection;
    const ClusterAccess m_access;
    MonmapReport m_report;
    std::mutex m_looking{};
    qint64 m_lostSinceMs{0};
    mutable std::mutex m_lock{};
    Monmap m_monmap{};
    /// What the engine's cache has.
    Monmap m_reported{};
    qint64 m_epoch{-1};
    QStringList m_answering{};
};

}  // namespace sluice::ceph
