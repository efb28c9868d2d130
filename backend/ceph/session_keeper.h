#pragma once

#include <QtCore/QJsonObject>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "ceph/loop_thread.h"
#include "ceph/rados_session.h"

namespace sluice::ceph {

/// Connects to a cluster in the background, for ever, and tells how it stands.
/// @thread any
class SessionKeeper {
public:
    /// Shape: {state: connecting|connected|lost, sinceMs, error?}; sinceMs is the time the state began, in
    /// milliseconds since the epoch. Called whenever state or error changes.
    using Report = std::function<void(const QJsonObject& session)>;

    SessionKeeper(ClusterAccess access, Report report);

    /// Begins connecting; `connected` is called after every success. Once.
    void start(std::function<void()> connected);

    /// Connects no more; `connected` is not called any more.
    void stop();

    std::shared_ptr<RadosSession> session() const;
    /// "connecting", "connected", "lost"
    QString state() const;
    const ClusterAccess& access() const { return m_access; }

    /// The cluster answered over the session, or `why` it did not: from the second time on the session is
    /// lost. It is kept all the same, because it heals by itself.
    void answered();
    void silent(const Error& why);
    /// Drops the session if it is this one, and connects anew.
    void replace(const std::shared_ptr<RadosSession>& broken);

private:
    std::chrono::milliseconds connectOnce();
    void enter(const QString& state, const std::optional<Error>& error);

    const ClusterAccess m_access;
    Report m_report;
    std::function<void()> m_connected;
    mutable std::mutex m_lock{};
    std::shared_ptr<RadosSession> m_session{};
    QString m_state{};
    qint64 m_sinceMs{0};
    QJsonObject m_told{};
    int m_silences{0};
    std::chrono::milliseconds m_pause{0};
    std::mutex m_reportLock{};
    std::unique_ptr<LoopThread> m_thread{};
};

}  // namespace sluice::ceph
