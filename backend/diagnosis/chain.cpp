#include "diagnosis/chain.h"

#include <QtCore/QJsonArray>

#include "core/clock.h"
#include "core/units.h"
#include "diagnosis/lock_evidence.h"

namespace sluice::diagnosis {
namespace {

const QString kNeutral = QStringLiteral("neutral");
const QString kWarn = QStringLiteral("warn");
const QString kCrit = QStringLiteral("crit");

ChainLink taskLink(const Scene& scene)
{
    const TaskView& task = scene.task();
    ChainLink link{.kind = QStringLiteral("task"), .title = task.task, .tone = kNeutral};
    link.lines.append(task.phase.isEmpty() ? task.run : QStringLiteral("%1, %2").arg(task.run, task.phase));
    if (task.lastProgressAtMs > 0) {
        link.lines.append((scene.blocked().what == QLatin1String("failed")
                               ? QStringLiteral("failed %1 ago")
                               : QStringLiteral("no progress for %1"))
                              .arg(scene.age(task.lastProgressAtMs)));
    }
    if (task.tasksBehind > 0) {
        link.lines.append(task.tasksBehind == 1 ? QStringLiteral("1 task behind")
                                                : QStringLiteral("%1 tasks behind").arg(task.tasksBehind));
    }
    return link;
}

ChainLink objectLink(const Scene& scene)
{
    const Blocked& blocked = scene.blocked();
    ChainLink link{.kind = QStringLiteral("object"), .title = blocked.object, .tone = kNeutral};
    if (!blocked.cephPool.isEmpty()) {
        link.lines.append(QStringLiteral("Ceph pool %1, %2").arg(blocked.cephPool, blocked.connection));
    } else if (!blocked.connection.isEmpty()) {
        link.lines.append(blocked.connection);
    }
    const auto pg = scene.freshFact(
        idOf(blocked.connection, QStringLiteral("object-pg"), blocked.cephPool + '/' + blocked.object));
    if (pg) {
        link.lines.append(
            QStringLiteral("PG %1, %2").arg(pg->facts["pgId"].toString(), pg->facts["state"].toString()));
    }
    if (!blocked.op.isEmpty()) {
        const QString code = blocked.error.upstream ? blocked.error.upstream->text : QString();
        link.lines.append(code.isEmpty() ? QStringLiteral("%1 waits").arg(blocked.op)
                                         : QStringLiteral("%1 refused, %2").arg(blocked.op, code));
    }
    return link;
}

void addLock(const Scene& scene, const HeldLock& lock, QList<ChainLink>& chain)
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

void addLocks(const Scene& scene, QList<ChainLink>& chain)
{
    constexpr qsizetype kMostLocks = 3;
    const LockEvidence locks = lockEvidence(scene);
    for (const HeldLock& lock : locks.locks.mid(0, kMostLocks)) {
        addLock(scene, lock, chain);
    }
}

/// Causes that sit in a Ceph pool, in a key or in what the worker reported: one card, told by the finding
/// itself.
ChainLink plainLink(const QString& kind, const Finding& cause)
{
    ChainLink link{.kind = kind, .title = cause.title, .tone = kWarn};
    for (const Evidence& item : cause.evidence.mid(0, 3)) {
        link.lines.append(item.text);
    }
    return link;
}

void addDownOsds(const Scene& scene, QList<ChainLink>& chain)
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

void addPg(const Scene& scene, const Finding& cause, QList<ChainLink>& chain)
{
    const Blocked& blocked = scene.blocked();
    const auto pg = scene.freshFact(
        idOf(blocked.connection, QStringLiteral("object-pg"), blocked.cephPool + '/' + blocked.object));
    QStringList acting;
    if (!pg) {
        chain.append(plainLink(QStringLiteral("ceph-pool"), cause));
        chain.last().tone = kCrit;
        addDownOsds(scene, chain);
        return;
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
}

void addMonitors(const Scene& scene, const Finding& cause, QList<ChainLink>& chain)
{
    if (cause.evidence.isEmpty()) {
        return;
    }
    const auto quorum = scene.facts().fact(cause.evidence.first().entity);
    if (!quorum) {
        return;
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
}

}  // namespace

QList<ChainLink> chainFor(const Scene& scene, const Finding* cause, const QStringList& unknowns)
{
    QList<ChainLink> chain{taskLink(scene)};
    const bool aboutObject = !scene.blocked().object.isEmpty();
    const QString rule = cause ? cause->rule : QString();
    if (aboutObject && rule != QLatin1String("R13")) {
        chain.append(objectLink(scene));
    }
    if (!cause) {
        chain.append({.kind = QStringLiteral("unknown"),
                      .title = QStringLiteral("Cause not known"),
                      .lines = unknowns.isEmpty() ? QStringList{QStringLiteral("every rule is refuted")}
                                                  : unknowns.mid(0, 3),
                      .tone = kWarn});
    } else if (rule == QLatin1String("R1") || rule == QLatin1String("R19") || rule == QLatin1String("R61") ||
               rule == QLatin1String("R62")) {
        chain.append(plainLink(QStringLiteral("report"), *cause));
        chain.last().tone = kCrit;
    } else if (rule == QLatin1String("R18")) {
        addLocks(scene, chain);
    } else if (rule == QLatin1String("R3") || rule == QLatin1String("R5")) {
        addPg(scene, *cause, chain);
    } else if (rule == QLatin1String("R13")) {
        addMonitors(scene, *cause, chain);
    } else if (rule == QLatin1String("R21")) {
        chain.append(plainLink(QStringLiteral("auth-entity"), *cause));
    } else {
        chain.append(plainLink(QStringLiteral("ceph-pool"), *cause));
    }
    return chain;
}

}  // namespace sluice::diagnosis
