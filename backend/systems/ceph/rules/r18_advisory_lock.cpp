#include <algorithm>
#include <optional>

#include "core/counted.h"
#include "systems/ceph/rules/gateway_view.h"
#include "systems/ceph/rules/lock_evidence.h"
#include "systems/ceph/rules/rules.h"

namespace sluice::systems::ceph {
namespace {

QString title()
{
    return QStringLiteral("Advisory lock");
}

QString clientsOf(const HeldLock& lock)
{
    QStringList clients;
    for (const LockHolder& holder : lock.holders) {
        clients.append(holder.client);
    }
    return joined(clients);
}

void addLock(const CephScene& scene, const HeldLock& lock, Finding& finding)
{
    const CephBlocked& blocked = scene.blocked();
    finding.evidence.append(evidenceOf(
        lock.fact, QStringLiteral("Lock %1 on %2/%3 is held %4 by %5")
                       .arg(lock.name, blocked.cephPool, blocked.object,
                            lock.exclusive ? QStringLiteral("exclusively") : QStringLiteral("shared"),
                            clientsOf(lock))));
    if (lock.objectChangedAtMs > 0 && lock.objectChangedAtMs <= scene.nowMs()) {
        finding.evidence.append(
            evidenceOf(lock.fact, QStringLiteral("Held for at least %1: the object has not changed since")
                                      .arg(scene.age(lock.objectChangedAtMs))));
    }
    for (const LockHolder& holder : lock.holders) {
        finding.evidence += holder.why;
    }
}

/// The locks in the way, by what is known of their holders.
struct Standing {
    QList<HeldLock> gone{};
    QList<HeldLock> alive{};
    QList<HeldLock> unknown{};
};

Standing standingOf(const LockEvidence& evidence)
{
    Standing standing;
    for (const HeldLock& lock : evidence.locks) {
        switch (lock.life()) {
            case Life::Gone:
                standing.gone.append(lock);
                break;
            case Life::Alive:
                standing.alive.append(lock);
                break;
            case Life::Unknown:
                standing.unknown.append(lock);
        }
    }
    return standing;
}

QString namesOf(const QList<HeldLock>& locks)
{
    QStringList names;
    for (const HeldLock& lock : locks) {
        names.append(lock.name);
    }
    return formOf(names.size(), QStringLiteral("lock %1"), QStringLiteral("locks %1")).arg(joined(names));
}

/// A client may hold locks on many objects. It is the client that has to go, whatever it holds up.
QStringList idsOfHolders(const CephScene& scene, const QList<HeldLock>& locks,
                         std::optional<Life> life = std::nullopt)
{
    QStringList ids;
    for (const HeldLock& lock : locks) {
        for (const LockHolder& holder : lock.holders) {
            // The number is the cluster's own and given once; the address a lock tells may be any of the
            // client's.
            const QString id = idOf(scene.blocked().connection, QStringLiteral("client"),
                                    holder.client.isEmpty() ? plainAddress(holder.address) : holder.client);
            if ((!life || holder.life == *life) && !ids.contains(id)) {
                ids.append(id);
            }
        }
    }
    return ids;
}

Remedy resetRemedy(const CephScene& scene, const QList<HeldLock>& locks)
{
    Remedy remedy{.method = QStringLiteral("flow.reset"),
                  .params = {{"run", scene.task().run}},
                  .title = QStringLiteral("Reset %1 with fencing").arg(scene.task().task),
                  .actionClass = 2};
    remedy.steps = {QStringLiteral("Fence the old attempt and prove that it is dead"),
                    QStringLiteral("Compare the manifest with the stored objects, keep what verifies")};
    for (const HeldLock& lock : locks) {
        for (const LockHolder& holder : lock.holders) {
            remedy.steps.append(QStringLiteral("Blocklist %1 at %2").arg(holder.client, holder.address));
        }
        remedy.steps.append(QStringLiteral("Break lock %1 on %2").arg(lock.name, scene.blocked().object));
    }
    remedy.steps.append(QStringLiteral("Start a new attempt with what is missing"));
    return remedy;
}

void confirmAlive(const CephScene& scene, const Standing& standing, Finding& finding)
{
    const QString object = scene.blocked().object;
    QStringList asked;
    Remedy remedy{.title = QStringLiteral("Talk to the holder of the lock"), .actionClass = 0};
    for (const HeldLock& lock : standing.alive) {
        const auto alive = std::find_if(lock.holders.begin(), lock.holders.end(),
                                        [](const LockHolder& holder) { return holder.life == Life::Alive; });
        const QString who = alive->entity.isEmpty()
                                ? alive->client
                                : QStringLiteral("%1 (%2)").arg(alive->client, alive->entity);
        asked.append(QStringLiteral("%1 at %2").arg(who, alive->address));
        remedy.steps.append(QStringLiteral("Find who runs %1 at %2").arg(who, alive->address));
        remedy.steps.append(QStringLiteral("Ask for lock %1 on %2 to be released").arg(lock.name, object));
    }
    finding.verdict = Verdict::Confirmed;
    finding.broken = idsOfHolders(scene, standing.alive, Life::Alive);
    finding.title = QStringLiteral("A live client holds a lock on %1").arg(object);
    finding.correction =
        QStringLiteral("Ask whoever runs %1 to finish or to release the lock.").arg(joined(asked));
    if (standing.gone.isEmpty()) {
        finding.correction += QStringLiteral(
            " The task goes on by itself after that; breaking the lock of a live client loses its work.");
        remedy.steps.append(QStringLiteral("Check that the object has no lock"));
    } else {
        // A reset breaks what the dead left and leaves the live one alone, so it cannot help yet.
        const QString dead = namesOf(standing.gone);
        finding.correction += QStringLiteral(
                                  " A reset before that cannot help: it breaks %1, whose holder is gone, and "
                                  "leaves %2 alone.")
                                  .arg(dead, namesOf(standing.alive));
        remedy.steps.append(QStringLiteral("Then reset the task, which breaks %1: sluicectl flow reset %2")
                                .arg(dead, scene.task().run));
    }
    finding.remedy = remedy;
}

bool writesTo(const CephScene& scene, const QString& connection, const QString& cephPool)
{
    const QList<TouchedPool>& touched = scene.cephPools();
    return !scene.onlyReads() && std::any_of(touched.begin(), touched.end(), [&](const TouchedPool& one) {
        return one.destination && one.connection == connection && one.cephPool == cephPool;
    });
}

void conclude(const CephScene& scene, const LockEvidence& evidence, Finding& finding)
{
    const QString object = scene.blocked().object;
    const Standing standing = standingOf(evidence);
    if (!standing.alive.isEmpty()) {
        confirmAlive(scene, standing, finding);
        return;
    }
    finding.verdict = Verdict::Confirmed;
    if (!standing.unknown.isEmpty()) {
        // The lock is what stops the task, whoever holds it; what may be done about it is what is not known.
        finding.broken = idsOfHolders(scene, standing.unknown);
        finding.title = QStringLiteral("A lock on %1, its holder alive or gone").arg(object);
        finding.correction = QStringLiteral(
            "Ask again once the monitors tell their sessions: a lock is broken only when "
            "its holder is known to be gone.");
        return;
    }
    finding.broken = idsOfHolders(scene, standing.gone);
    finding.title = QStringLiteral("A client that is gone still holds a lock on %1").arg(object);
    finding.correction = QStringLiteral(
        "Reset the task: it fences the holder, breaks the lock and keeps every object that "
        "verifies.");
    finding.remedy = resetRemedy(scene, standing.gone);
}

}  // namespace

QList<Finding> ruleAdvisoryLock(const CephScene& scene)
{
    const QList<GatewayBucket> buckets = bucketsOf(scene);
    if (std::any_of(buckets.begin(), buckets.end(),
                    [&scene](const GatewayBucket& one) { return one.blockedHere(scene); })) {
        return {};
    }
    const CephBlocked& blocked = scene.blocked();
    Finding finding{.rule = QStringLiteral("R18"), .title = title(), .scope = Scope::Object};
    if (!blocked.any()) {
        finding.evidence = {scene.report(),
                            {.text = QStringLiteral("So the object to look for a lock on is not known"),
                             .source = QStringLiteral("move worker"),
                             .entity = scene.task().id}};
        return {finding};
    }
    if (blocked.object.isEmpty() || blocked.cephPool.isEmpty()) {
        finding.verdict = blocked.what == QLatin1String("lock") ? Verdict::Unknown : Verdict::Refuted;
        finding.evidence = {scene.report()};
        return {finding};
    }
    const LockEvidence locks = lockEvidence(scene);
    const QString where = QStringLiteral("%1/%2").arg(blocked.cephPool, blocked.object);
    if (!locks.read) {
        finding.evidence = {scene.missing(idOf(blocked.connection, QStringLiteral("lock-list"), where),
                                          QStringLiteral("The locks on %1").arg(where), blocked.connection,
                                          QStringLiteral("lock.list")),
                            scene.report()};
        return {finding};
    }
    if (locks.locks.isEmpty()) {
        const auto list = scene.freshFact(idOf(blocked.connection, QStringLiteral("lock-list"), where));
        finding.verdict = Verdict::Refuted;
        const QString text = QStringLiteral("Nobody holds a lock on %1 now").arg(where);
        finding.evidence = {list ? evidenceOf(*list, text)
                                 : Evidence{.text = text,
                                            .source = QStringLiteral("rados list_lockers"),
                                            .observedAtMs = scene.nowMs()}};
        return {finding};
    }
    for (const HeldLock& lock : locks.locks) {
        addLock(scene, lock, finding);
    }
    if (blocked.what != QLatin1String("lock")) {
        // It waits for something else. A reader never meets the lock; a writer will.
        const bool writes = writesTo(scene, blocked.connection, blocked.cephPool);
        finding.verdict = writes ? Verdict::Unknown : Verdict::Refuted;
        finding.evidence.append(scene.report());
        return {finding};
    }
    conclude(scene, locks, finding);
    return {finding};
}

}  // namespace sluice::systems::ceph
