#include "diagnosis/lock_evidence.h"
#include "diagnosis/rules.h"

namespace sluice::diagnosis {
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

void addLock(const Scene& scene, const HeldLock& lock, Finding& finding)
{
    const Blocked& blocked = scene.blocked();
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

Remedy resetRemedy(const Scene& scene, const HeldLock& lock)
{
    Remedy remedy{.method = QStringLiteral("flow.reset"),
                  .title = QStringLiteral("Reset %1 with fencing").arg(scene.task().task),
                  .actionClass = 2};
    remedy.steps = {QStringLiteral("Fence the old attempt and prove that it is dead"),
                    QStringLiteral("Compare the manifest with the stored objects, keep what verifies")};
    for (const LockHolder& holder : lock.holders) {
        remedy.steps.append(QStringLiteral("Blocklist %1 at %2").arg(holder.client, holder.address));
    }
    remedy.steps.append(QStringLiteral("Break lock %1 on %2").arg(lock.name, scene.blocked().object));
    remedy.steps.append(QStringLiteral("Start a new attempt with what is missing"));
    return remedy;
}

void conclude(const Scene& scene, const HeldLock& lock, Finding& finding)
{
    const QString object = scene.blocked().object;
    switch (lock.life()) {
        case Life::Gone:
            finding.verdict = Verdict::Confirmed;
            finding.title = QStringLiteral("A client that is gone still holds a lock on %1").arg(object);
            finding.correction = QStringLiteral(
                "Reset the task: it fences the holder, breaks the lock and keeps every object that "
                "verifies.");
            finding.remedy = resetRemedy(scene, lock);
            return;
        case Life::Alive: {
            const auto alive =
                std::find_if(lock.holders.begin(), lock.holders.end(),
                             [](const LockHolder& holder) { return holder.life == Life::Alive; });
            const QString who = alive->entity.isEmpty()
                                    ? alive->client
                                    : QStringLiteral("%1 (%2)").arg(alive->client, alive->entity);
            finding.verdict = Verdict::Confirmed;
            finding.title = QStringLiteral("A live client holds a lock on %1").arg(object);
            finding.correction =
                QStringLiteral(
                    "Ask whoever runs %1 at %2 to finish or to release the lock. The task goes "
                    "on by itself after that; breaking the lock of a live client loses its work.")
                    .arg(who, alive->address);
            finding.remedy = Remedy{
                .title = QStringLiteral("Talk to the holder of the lock"),
                .actionClass = 0,
                .steps = {QStringLiteral("Find who runs %1 at %2").arg(who, alive->address),
                          QStringLiteral("Ask for lock %1 on %2 to be released").arg(lock.name, object),
                          QStringLiteral("Check that the object has no lock")}};
            return;
        }
        case Life::Unknown:
            finding.title = QStringLiteral("A lock on %1, its holder alive or gone").arg(object);
            finding.correction = QStringLiteral(
                "Ask again once the monitors tell their sessions: a lock is broken only when "
                "its holder is known to be gone.");
    }
}

}  // namespace

QList<Finding> ruleAdvisoryLock(const Scene& scene)
{
    if (scene.clusters().isEmpty()) {
        return {notTouched(QStringLiteral("R18"), title(), scene)};
    }
    const Blocked& blocked = scene.blocked();
    Finding finding{.rule = QStringLiteral("R18"), .title = title(), .distance = 0};
    if (!blocked.any()) {
        finding.evidence = {scene.report(),
                            {.text = QStringLiteral("So the object to look for a lock on is not known"),
                             .source = QStringLiteral("move worker"),
                             .entity = scene.task().id}};
        return {finding};
    }
    if (blocked.object.isEmpty()) {
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
    addLock(scene, locks.locks.first(), finding);
    if (blocked.what != QLatin1String("lock")) {
        finding.verdict = Verdict::Refuted;
        finding.evidence.append(scene.report());
        return {finding};
    }
    conclude(scene, locks.locks.first(), finding);
    return {finding};
}

}  // namespace sluice::diagnosis
