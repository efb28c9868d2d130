#include <QtCore/QJsonArray>

#include "core/clock.h"
#include "systems/ceph/rules/lock_evidence.h"
#include "systems/ceph/rules/rules.h"

/// The cards of a chain that only Ceph has.
namespace sluice::systems::ceph {
namespace {

const QString kNeutral = QStringLiteral("neutral");
const QString kWarn = QStringLiteral("warn");
const QString kCrit = QStringLiteral("crit");

void addLock(const CephScene& scene, const HeldLock& lock, QList<ChainLink>& chain)
{
    ChainLink link{.kind = QStringLiteral("lock"), .title = lock.name, .tone = kNeutral};
    link.lines.append(lock.exclusive ? QStringLiteral("exclusive") : QStringLiteral("shared"));
    if (lock.objectChangedAtMs > 0 && lock.objectChangedAtMs <= scene.nowMs()) {
        link.lines.append(
            QStringLiteral("object changed %1").arg(toRfc3339(lock.objectChangedAtMs).mid(11, 8)));
        link.lines.append(QStringLiteral("held at least %1").arg(scene.age(lock.objectChangedAtMs)));
    }
    chain.append(link);
    for (const LockHolder& holder : lock.holders.mid(0, 2)) {
        const bool alive = holder.life == Life::Alive;
        ChainLink card{.kind = QStringLiteral("holder"), .title = holder.client, .tone = kWarn};
        card.lines.append(holder.address);
        if (!holder.entity.isEmpty()) {
            card.lines.append(QStringLiteral("entity %1").arg(holder.entity));
        }
        card.lines.append(alive                       ? QStringLiteral("alive, has a session")
                          : holder.life == Life::Gone ? QStringLiteral("gone, no session left")
                                                      : QStringLiteral("alive or gone: not known"));
        chain.append(card);
    }
}

void addDownOsds(const CephScene& scene, QList<ChainLink>& chain)
{
    ChainLink osds{.kind = QStringLiteral("osd"), .tone = kCrit};
    QStringList names;
    for (const Fact& osd : scene.facts().ofKind(scene.blocked().connection, QStringLiteral("osd"))) {
        if (scene.fresh(osd) && !osd.facts["up"].toBool(true)) {
            names.append(QStringLiteral("osd.%1").arg(osd.name));
            const QString host = osd.facts["host"].toString();
            osds.lines.append(host.isEmpty() ? QStringLiteral("osd.%1 down").arg(osd.name)
                                             : QStringLiteral("osd.%1 down, host %2").arg(osd.name, host));
        }
    }
    if (!names.isEmpty()) {
        names.sort();
        osds.lines.sort();
        osds.lines = osds.lines.mid(0, 4);
        osds.title = joined(names.mid(0, 4));
        chain.append(osds);
    }
}

}  // namespace

QList<ChainLink> lockCards(const CephScene& scene)
{
    constexpr qsizetype kMostLocks = 3;
    QList<ChainLink> chain;
    const LockEvidence locks = lockEvidence(scene);
    for (const HeldLock& lock : locks.locks.mid(0, kMostLocks)) {
        addLock(scene, lock, chain);
    }
    return chain;
}

QList<ChainLink> placementGroupCards(const CephScene& scene, const Finding& cause)
{
    QList<ChainLink> chain;
    const CephBlocked& blocked = scene.blocked();
    const auto pg = scene.freshFact(
        idOf(blocked.connection, QStringLiteral("object-pg"), blocked.cephPool + '/' + blocked.object));
    QStringList acting;
    if (!pg) {
        chain.append(diagnosis::plainCard(QStringLiteral("ceph-pool"), kCrit, cause));
        addDownOsds(scene, chain);
        return chain;
    }
    for (const QJsonValue& osd : pg->facts["acting"].toArray()) {
        if (osd.toDouble(-1) >= 0 && osd.toDouble() < 2'147'483'647.0) {
            acting.append(QStringLiteral("osd.%1").arg(osd.toInt()));
        }
    }
    chain.append(
        {.kind = QStringLiteral("pg"),
         .title = QStringLiteral("PG %1").arg(pg->facts["pgId"].toString()),
         .lines = {pg->facts["state"].toString(),
                   QStringLiteral("%1 of %2 copies up").arg(acting.size()).arg(pg->facts["size"].toInt()),
                   QStringLiteral("min_size %1").arg(pg->facts["minSize"].toInt())},
         .tone = kCrit});
    addDownOsds(scene, chain);
    return chain;
}

QList<ChainLink> monitorCards(const CephScene& scene, const Finding& cause)
{
    QList<ChainLink> chain;
    if (cause.evidence.isEmpty()) {
        return chain;
    }
    const auto quorum = scene.facts().fact(cause.evidence.first().entity);
    if (!quorum) {
        return chain;
    }
    ChainLink card{.kind = QStringLiteral("mon-quorum"),
                   .title = QStringLiteral("Monitor quorum of %1").arg(quorum->connection),
                   .lines = {QStringLiteral("lost")},
                   .tone = kCrit};
    const qint64 since = fromRfc3339(quorum->facts["lostSince"].toString());
    if (since > 0 && since <= scene.nowMs()) {
        card.lines.append(QStringLiteral("for %1").arg(scene.age(since)));
    }
    card.lines.append(QStringLiteral("%1 of %2 needed")
                          .arg(quorum->facts["needed"].toInt())
                          .arg(quorum->facts["total"].toInt()));
    chain.append(card);
    ChainLink mons{.kind = QStringLiteral("mon"), .tone = kCrit};
    QStringList names;
    for (const Fact& mon : scene.facts().ofKind(quorum->connection, QStringLiteral("mon"))) {
        if (scene.fresh(mon) && !mon.facts["answers"].toBool()) {
            names.append(QStringLiteral("mon.%1").arg(mon.name));
            mons.lines.append(QStringLiteral("mon.%1 does not answer").arg(mon.name));
        }
    }
    if (!names.isEmpty()) {
        names.sort();
        mons.lines.sort();
        mons.title = joined(names);
        chain.append(mons);
    }
    return chain;
}

QStringList placeOfObject(const CephScene& scene)
{
    const CephBlocked& blocked = scene.blocked();
    if (blocked.cephPool.isEmpty()) {
        return {};
    }
    QStringList lines{QStringLiteral("Ceph pool %1, %2").arg(blocked.cephPool, blocked.connection)};
    const auto pg = scene.freshFact(
        idOf(blocked.connection, QStringLiteral("object-pg"), blocked.cephPool + '/' + blocked.object));
    if (pg) {
        lines.append(
            QStringLiteral("PG %1, %2").arg(pg->facts["pgId"].toString(), pg->facts["state"].toString()));
    }
    return lines;
}

}  // namespace sluice::systems::ceph
