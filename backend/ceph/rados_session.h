#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <memory>
#include <rados/librados.hpp>

#include "ceph/rados_error.h"
#include "core/error.h"

namespace sluice::ceph {

/// How to reach one cluster.
struct ClusterAccess {
    /// Path of ceph.conf.
    QString conf{};
    /// "client.sluice"
    QString entity{};
    /// Path of a keyring, or the key itself; both empty: what ceph.conf says.
    QString keyring{};
    QString key{};
};

/// A connected librados handle with every timeout set, so that nothing it does blocks for more than some
/// seconds.
/// @thread any; calls may run beside each other
class RadosSession {
public:
    /// Blocks for up to 3 s. @error see connectError()
    /// @param osdSeconds how long an OSD has for an answer
    [[nodiscard]] static Result<std::shared_ptr<RadosSession>> connect(const ClusterAccess& access,
                                                                       int osdSeconds = 3);
    ~RadosSession();
    RadosSession(const RadosSession&) = delete;
    RadosSession& operator=(const RadosSession&) = delete;

    /// Sends a command to the monitors ("format": "json" is added) and returns its output.
    [[nodiscard]] Result<QByteArray> monCommand(QJsonObject command, const RadosCall& call) const;
    /// As monCommand, parsed. @error also DataLoss: the output is no JSON object.
    [[nodiscard]] Result<QJsonObject> monJson(const QJsonObject& command, const RadosCall& call) const;
    /// A command to one monitor, in the quorum or not.
    [[nodiscard]] Result<QByteArray> tellMon(const QString& mon, QJsonObject command,
                                             const RadosCall& call) const;

    /// Whether an OSD answers at all; that it refuses the question is an answer too.
    bool osdAnswers(int osd) const;

    /// A context of its own for one Ceph pool, so that versions read through it are those of its last
    /// operation. A write that full OSDs or a quota refuse fails instead of waiting for room.
    [[nodiscard]] Result<librados::IoCtx> openPool(const QString& cephPool) const;
    [[nodiscard]] Result<void> addToBlocklist(const QString& address, quint32 expireSeconds);

    /// "client.4180"
    QString instance() const;
    /// "127.0.0.1:0/198975261"
    QString address() const;

private:
    RadosSession() = default;

    rados_t m_handle{nullptr};
    std::unique_ptr<librados::Rados> m_rados{};
    QString m_entity{};
};

/// Options every handle of ours gets: no output of librados on our stderr, no admin socket, bounded waiting.
void setQuietAndBounded(rados_t handle);

}  // namespace sluice::ceph
