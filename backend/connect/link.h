#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <functional>

#include "core/error.h"

namespace sluice::connect {

/// Calls to the systems, by the name of the connection.
/// @thread main loop only
class Link {
public:
    using Reply = std::function<void(const Result<QJsonObject>&)>;

    virtual ~Link() = default;
    /// @param mutating a missed deadline is OutcomeUnknown, not DeadlineExceeded
    /// @error NotFound: no such connection, or it takes no calls. Unavailable: what answers its calls is not
    /// there at the moment. As mayAct, if mutating: then nothing was sent.
    virtual void call(const QString& connection, const QString& method, const QJsonObject& params,
                      int deadlineMs, bool mutating, Reply reply) = 0;
    /// May this engine change anything there? @error FailedPrecondition, saying what stands in the way.
    virtual Result<void> mayAct(const QString& connection) const = 0;
    /// Is this engine the one that leads there, whether or not the system takes changes now? To begin a task
    /// takes no more: what then stops it is found where it stands, and explained. @error as mayAct
    virtual Result<void> isLeader(const QString& connection) const { return mayAct(connection); }

    /// The parameter `because` of a change: what it is done for goes into the audit record, not to the
    /// system.
    static QJsonObject because(const QString& object, const QString& reason)
    {
        return {{"object", object}, {"reason", reason}};
    }
};

}  // namespace sluice::connect
