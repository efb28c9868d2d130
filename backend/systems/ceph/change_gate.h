#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <optional>

#include "core/error.h"

namespace sluice::systems::ceph {

/// Whether a cluster can be changed now, by what was tried last: the lease as it was last renewed, the
/// monitors as they were last asked, and the last change itself. Times are wall clock.
/// @thread main loop only
class ChangeGate {
public:
    /// `silentAfterMs`: an observer that says nothing for longer knows nothing of now.
    ChangeGate(QString connection, qint64 silentAfterMs);

    /// As the lease's keeper tells it: {state, owner?, until?, error?}. `held` with an error: the last
    /// renewal failed. A renewal that worked is younger news than a change that got no answer before.
    void leaseIs(const QJsonObject& lease);
    const QJsonObject& lease() const { return m_lease; }
    /// The facts of a `mon-quorum`.
    void monitorsAre(const QJsonObject& quorum);
    void heard(qint64 nowMs) { m_heardAtMs = nowMs; }
    /// Only a change that the cluster left without an answer, or for which its monitors give this engine no
    /// right, says something about the next one.
    void changeEnded(const QString& method, const Result<QJsonObject>& result, qint64 nowMs);

    /// @error FailedPrecondition: what stands in the way, who holds the lease.
    Result<void> mayChange(qint64 nowMs) const;
    /// Whether the lease is this engine's, as it was last told; the cluster may be in any state. @error as
    /// mayChange
    Result<void> leads() const;

private:
    Error blocked(const QString& message, const QString& cause, const QString& correction) const;
    std::optional<Error> notLeading() const;
    std::optional<Error> leaseTrouble(qint64 nowMs) const;

    QString m_connection{};
    qint64 m_silentAfterMs{};
    QJsonObject m_lease{{"state", "none"}};
    QJsonObject m_quorum{};
    qint64 m_heardAtMs{};
    std::optional<Error> m_unanswered{};
    std::optional<Error> m_refused{};
    QString m_refusedMethod{};
    qint64 m_refusedAtMs{};
};

}  // namespace sluice::systems::ceph
