#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <functional>

#include "core/error.h"

namespace sluice::engine {

/// Calls to the observe workers, by connection.
/// @thread main loop only
class ClusterLink {
public:
    using Reply = std::function<void(const Result<QJsonObject>&)>;

    virtual ~ClusterLink() = default;
    /// @param mutating a missed deadline is OutcomeUnknown, not DeadlineExceeded
    /// @error NotFound: no such Ceph connection. Unavailable: its worker is not there at the moment. As
    /// mayAct, if
    ///        mutating: then nothing was sent.
    virtual void call(const QString& connection, const QString& method, const QJsonObject& params,
                      int deadlineMs, bool mutating, Reply reply) = 0;
    /// May this engine change anything there? @error FailedPrecondition, saying who holds the cluster lease.
    virtual Result<void> mayAct(const QString& connection) const = 0;
    /// Is this engine the one that leads there, whether or not the cluster takes changes now? To begin a task
    /// takes no more: what then stops it at the cluster is found where it stands, and explained. @error as
    /// mayAct
    virtual Result<void> isLeader(const QString& connection) const { return mayAct(connection); }
};

}  // namespace sluice::engine
