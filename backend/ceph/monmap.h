#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <optional>

namespace sluice::ceph {

/// One address of a monitor.
struct MonAddress {
    /// "v1" or "v2"; empty: the port does not tell.
    QString protocol{};
    /// Host name or IP address, IPv6 without brackets.
    QString host{};
    quint16 port{};

    /// "v2:10.0.0.1:3300", "v1:[::1]:6789"; without the prefix if the protocol is not known.
    QString toText() const;
    /// Takes "v2:HOST:PORT", "HOST:PORT", "HOST" (no port: 0), each with or without "/NONCE".
    static std::optional<MonAddress> fromText(const QString& text);
    bool operator==(const MonAddress&) const = default;
};

struct MonEntry {
    /// The monitor's name; if only an address is known, "HOST:PORT".
    QString name{};
    int rank{-1};
    QList<MonAddress> addresses{};

    /// The address of that protocol as "HOST:PORT", or empty.
    QString addressOf(const QString& protocol) const;
    bool operator==(const MonEntry&) const = default;
};

using Monmap = QList<MonEntry>;

/// From the `monmap` member of quorum_status or of a ping's answer, by rank.
Monmap monmapFromJson(const QJsonObject& monmap);

/// The engine's durable form: [{name, addrs:["v2:…","v1:…"]}].
Monmap monmapFromCache(const QJsonArray& mons);
QJsonArray monmapToCache(const Monmap& monmap);

/// What a ceph.conf says of the monitors: its [mon.NAME] sections, and `mon_host`. A section's name goes to
/// the mon_host entry that has one of its addresses; an entry without one is named after its address.
/// @param monHost the value of mon_host; if empty, the one in [global] of `confText` is taken
/// @source ceph: src/mon/MonMap.cc (ports: 3300 is v2, 6789 is v1, none is both),
/// doc/rados/configuration/msgr2
Monmap monmapFromConf(const QString& confText, const QString& monHost = {});

/// Monitors of `more` none of whose addresses is in `known`.
Monmap monitorsNotIn(const Monmap& more, const Monmap& known);

}  // namespace sluice::ceph
