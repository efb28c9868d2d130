#pragma once

#include <QtCore/QJsonObject>
#include <map>
#include <mutex>

#include "mover/move_host.h"
#include "mover/object_context.h"

namespace sluice::mover {

/// What a move has begun at its destination under names of its own, made durable by the host, so that exactly
/// this is taken back should the move not end it: multipart uploads {connection, bucket, key, uploadId} and
/// staged copies {connection, cephPool, object, mark}.
/// @thread any
class ClaimBook {
public:
    explicit ClaimBook(MoveHost& host) : m_host(host) {}

    /// Returns once the host has it; no byte may be sent before. @error as for askHost
    Result<void> begun(const QString& id, const QJsonObject& claim, ObjectContext& context);
    /// Nothing is left of it; the host hears of it with the next one, or by settle().
    void ended(const QString& id);
    /// Tells the host what is left, if it knows of more. @error as for askHost
    Result<void> settle(ObjectContext& context);

private:
    Result<void> tell(ObjectContext& context);

    MoveHost& m_host;
    std::mutex m_mutex{};
    std::map<QString, QJsonObject> m_open{};
    bool m_untold{false};
};

}  // namespace sluice::mover
