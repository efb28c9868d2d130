#pragma once

#include <memory>
#include <rados/librados.hpp>

#include "mover/move_request.h"
#include "mover/object_context.h"
#include "mover/rados_ops.h"

namespace sluice::mover {

/// One connected client instance of a Ceph cluster, for data: its operations wait as long as it takes.
/// @thread any
class RadosCluster {
public:
    /// Tries until it is connected; each try is a fresh handle and lasts 3 s at most.
    /// @error InvalidArgument: the configuration file cannot be read. Cancelled: the move has stopped.
    static Result<std::unique_ptr<RadosCluster>> connect(const ClusterAccess& access, ObjectContext& context);
    ~RadosCluster();

    const QString& connection() const { return m_connection; }
    /// As the blocklist names it: address:port/nonce.
    QString address() const;
    quint64 instanceId() const;
    /// @error NotFound: no such Ceph pool
    Result<RadosPlace> place(const QString& cephPool, const QString& prefix, ObjectContext& context);

private:
    RadosCluster(QString connection, std::unique_ptr<librados::Rados> rados);

    QString m_connection;
    std::unique_ptr<librados::Rados> m_rados;
};

/// A handle that gives up after `seconds` in everything it does; for looking, not for data.
/// @return a negative code if it cannot connect
int connectQuickly(librados::Rados& rados, const ClusterAccess& access, int seconds);

}  // namespace sluice::mover
