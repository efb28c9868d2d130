#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QStringList>
#include <optional>

#include "ceph/facts.h"

namespace sluice::ceph {

/// One `osd` fact per OSD of `osd tree`.
/// @param osdDf answer of `osd df`, empty if the manager does not serve it: then usedBytes, totalBytes and
/// pgCount
///        are left out
QList<Fact> osdFacts(const QJsonObject& osdTree, const QJsonObject& osdDf);

/// One `ceph-pool` fact per Ceph pool. `internal` are those Ceph and RGW keep for themselves. `dataChunks` of
/// an erasure coded one are needed to read an object; of a replicated one 1.
/// @param osdDump pools, flags, quotas   @param df answer of `df detail`; bytes of storedBytes and
/// maxAvailBytes are
///        before replication, those of usedBytes after it
/// @param figuresAtMs wall clock: when the manager made what df says, kept as `figuresAt`; 0 leaves df's
/// figures out
QList<Fact> cephPoolFacts(const QJsonObject& osdDump, const QJsonObject& df, qint64 figuresAtMs);

/// Flags of the whole cluster: "noout", "full", …
QStringList clusterFlags(const QJsonObject& osdDump);

/// The `object-pg` fact of one object: where it lives, and in which state its PG is.
/// @param osdMap answer of `osd map`
/// @param pgBrief answer of `pg dump` with pgs_brief, may be empty: no state then. Nor is there one if it
/// tells of other
///        OSDs than the map: then it is from before they changed.
Fact objectPg(const QString& cephPool, const QString& object, const QJsonObject& osdMap,
              const QJsonObject& pgBrief, const QJsonObject& osdDump);

/// "3.1c": placement group `number` of the Ceph pool with that number.
QString pgIdOf(int cephPoolId, int number);

/// How the placement groups of one Ceph pool stand: {pgNum, read, size, minSize, belowMinSize, inactive (null
/// if not known), example, osds}. belowMinSize is of the PGs that were read; `example` is one that does not
/// serve, empty if none; `osds` are those that hold any.
/// @param cephPool its entry in `osd dump`
/// @param acting answers of `pg map` by PG, from the map of the monitors
/// @param pgBrief answer of `pg dump` with pgs_brief; none if the manager does not answer
QJsonObject poolPgs(const QJsonObject& cephPool, const QHash<QString, QJsonArray>& acting,
                    const std::optional<QJsonObject>& pgBrief);

/// Addresses on the blocklist. The answer is not one JSON text but two arrays, one after the other: single
/// addresses, then ranges.
/// @source `ceph osd blocklist ls --format json`
QStringList blocklistAddresses(const QByteArray& answer);
/// Whether the client instance HOST:PORT/NONCE is among them, or its whole host (port and nonce 0) is.
bool isBlocked(const QStringList& blocklist, const QString& address);

}  // namespace sluice::ceph
