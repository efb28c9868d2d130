#pragma once

#include <mutex>

#include "mover/rados_ops.h"

namespace sluice::mover {

/// What an object takes while it is staged: its own bytes twice, and those it replaces until they go.
struct StagingNeed {
    quint64 sizeBytes{};
    quint64 replacedBytes{};
    bool creates{};
    /// Promised to others that are staged at the same time.
    quint64 promisedBytes{};
};

/// @param df answer to `df detail`; a Ceph pool it does not name has room
/// @return what is in the way, or nothing
std::optional<Blockage> lackOfRoom(const QByteArray& df, const OpPlace& place, const StagingNeed& need);

/// Room in one Ceph pool for the objects of a move that are staged, asked of the monitors before the first
/// byte.
/// @thread any
class RadosRoom {
public:
    /// Waits until there is room. A key that may not ask is let through.
    Result<void> take(RadosPlace& place, const QString& name, const StagingNeed& need,
                      ObjectContext& context);
    void giveBack(quint64 sizeBytes);

private:
    std::mutex m_mutex{};
    quint64 m_promisedBytes{0};
};

}  // namespace sluice::mover
