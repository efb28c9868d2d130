#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>

#include "ceph/access_facts.h"
#include "core/error.h"

namespace sluice::ceph {

/// The name or the cookie of a lock as it travels: any bytes may be one. What is text is as
/// model::nameOnWire() has it.
QString lockTextOf(const QByteArray& bytes);
QByteArray lockBytesOf(const QString& text);

/// One holder of an advisory lock.
struct LockHolder {
    /// "client.4180"
    QString client{};
    QString cookie{};  ///< as lockTextOf()
    /// "127.0.0.1:0/198975261"; what a blocklist takes.
    QString address{};
    QString description{};
    /// Milliseconds since the epoch by the OSD's clock; 0: it never expires.
    qint64 expiresAtMs{};
};

struct LockInfo {
    QString name{};  ///< as lockTextOf()
    bool exclusive{};
    QString tag{};
    QList<LockHolder> holders{};
};

/// Decodes what the object class `lock` answers to `get_info`, and what it keeps in the attribute
/// `lock.NAME`.
/// @error DataLoss: the bytes are not of that form.
/// @source ceph: src/cls/lock/cls_lock_types.h, src/msg/msg_types.h
[[nodiscard]] Result<LockInfo> decodeLockInfo(const QString& name, const QByteArray& bytes);

/// Parameter of `get_info`.
QByteArray encodeGetInfo(const QString& name);

/// The `lock` fact. `answered` are the monitors whose sessions are in `sessions`, `total` how many there are:
/// a holder without a session is only known to be without if all answered.
Fact lockFact(const QString& cephPool, const QString& object, const LockInfo& lock, qint64 sizeBytes,
              const QString& changedAt, const QList<MonSession>& sessions, int answered, int total);

}  // namespace sluice::ceph
