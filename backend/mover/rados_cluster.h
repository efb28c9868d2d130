#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <rados/librados.hpp>

#include "mover/move_request.h"
#include "mover/object_context.h"
#include "mover/rados_ops.h"

namespace sluice::mover {

/// A connection to a Ceph cluster for data: its operations wait as long as it takes.
/// The rights of a key travel in tickets that live for an hour, so after an operation was refused the
/// connection is made anew now and then, as a new client instance.
/// @thread any
class RadosCluster : public std::enable_shared_from_this<RadosCluster> {
public:
    struct Instance {
        QString connection{};
        /// As the blocklist names it: address:port/nonce.
        QString address{};
        quint64 id{};
    };
    /// Makes it durable that an instance may write from now on.
    using Announce = std::function<Result<void>(const Instance& instance)>;

    /// Tries until it is connected; each try is a fresh handle and lasts 3 s at most.
    /// @error InvalidArgument: the configuration file cannot be read. Cancelled: the move has stopped. What
    /// `announce`
    ///        returns.
    static Result<std::shared_ptr<RadosCluster>> connect(const ClusterAccess& access, Announce announce,
                                                         ObjectContext& context);

    const QString& connection() const { return m_access.connection; }
    /// @error NotFound: no such Ceph pool
    Result<RadosPlace> place(const QString& cephPool, const QString& prefix, ObjectContext& context);

    /// Bytes that the OSDs take as one object: osd_max_object_size.
    quint64 largestObject() const;

    std::shared_ptr<librados::Rados> handle() const;
    /// Connects anew if the last time was long enough ago: 5 s, then twice as long each time up to a minute.
    void renew();

private:
    RadosCluster(ClusterAccess access, Announce announce, std::shared_ptr<librados::Rados> rados);
    Result<void> announce(const librados::Rados& rados) const;

    const ClusterAccess m_access;
    const Announce m_announce;
    mutable std::mutex m_mutex{};
    std::shared_ptr<librados::Rados> m_rados;
    bool m_renewing{false};
    std::chrono::steady_clock::time_point m_connectedAt{std::chrono::steady_clock::now()};
    std::chrono::seconds m_renewAfter{4};
};

/// What to say while there is no connection; `code` as librados gave it.
Blockage notConnected(const ClusterAccess& access, int code);

/// A handle that gives up after `seconds` in everything it does; for looking, not for data.
/// @return a negative code if it cannot connect
int connectQuickly(librados::Rados& rados, const ClusterAccess& access, int seconds);

}  // namespace sluice::mover
