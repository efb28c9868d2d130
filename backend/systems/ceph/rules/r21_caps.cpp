#include <algorithm>
#include <optional>

#include "systems/ceph/rules/caps.h"
#include "systems/ceph/rules/lock_evidence.h"
#include "systems/ceph/rules/lost_key.h"
#include "systems/ceph/rules/rules.h"

namespace sluice::systems::ceph {
namespace {

QString title()
{
    return QStringLiteral("Rights of the key");
}

bool failedAtCeph(const CephBlocked& blocked)
{
    return blocked.what == QLatin1String("failed") && blocked.error.source == QLatin1String("ceph");
}

bool denied(const CephBlocked& blocked)
{
    return blocked.error.code == ErrorCode::PermissionDenied ||
           blocked.error.code == ErrorCode::Unauthenticated;
}

bool refusedRight(const CephBlocked& blocked)
{
    return blocked.what == QLatin1String("permission") ||
           (failedAtCeph(blocked) && blocked.error.code == ErrorCode::PermissionDenied);
}

bool refusedKey(const CephBlocked& blocked)
{
    return blocked.keyRefused() ||
           (failedAtCeph(blocked) && blocked.error.code == ErrorCode::Unauthenticated);
}

/// Rights this task needs on the Ceph pools of one cluster.
QList<NeededRight> neededRights(const CephScene& scene, const QString& connection)
{
    const CephBlocked& blocked = scene.blocked();
    QList<NeededRight> needed;
    for (const TouchedPool& touched : scene.cephPools()) {
        if (touched.connection != connection) {
            continue;
        }
        const bool here = blocked.at(connection, touched.cephPool);
        const bool writes = touched.destination && !scene.onlyReads();
        needed.append({.cephPool = touched.cephPool,
                       .object = here ? blocked.object : QString(),
                       .letters = writes ? QStringLiteral("rw") : QStringLiteral("r"),
                       .prefix = touched.prefix,
                       .lists = here && blocked.access() == Access::List});
    }
    return needed;
}

/// Whether the object has a lock: to ask who holds it is a call of a method, which reading and writing does
/// not need.
enum class Locked { Yes, No, NotKnown };

Locked lockedObject(const CephScene& scene)
{
    const LockEvidence locks = lockEvidence(scene);
    return !locks.read ? Locked::NotKnown : locks.locks.isEmpty() ? Locked::No : Locked::Yes;
}

/// What the refused operation needs beside reading and writing, if those are granted.
void addMethodCalls(const CephScene& scene, const QString& connection, QList<NeededRight>& needed)
{
    const CephBlocked& blocked = scene.blocked();
    const bool looks = blocked.op == QLatin1String("look") || blocked.op == QLatin1String("write");
    if (!looks || !blocked.hasObject() || blocked.connection != connection ||
        lockedObject(scene) == Locked::No) {
        return;
    }
    for (NeededRight& right : needed) {
        if (right.cephPool == blocked.cephPool) {
            right.letters += 'x';
        }
    }
}

QString capsText(const QString& service, const QString& caps)
{
    return caps.isEmpty() ? QStringLiteral("%1: nothing").arg(service)
                          : QStringLiteral("%1: %2").arg(service, caps);
}

/// What the caps lack, as a diff a person can check word by word.
struct Lack {
    QList<NeededRight> osd{};
    bool mon{};
    bool conditional{};

    bool any() const { return mon || !osd.isEmpty(); }
};

Lack lackOf(const QJsonObject& caps, const QList<NeededRight>& needed)
{
    Lack lack;
    const CapsAnswer mon = judgeMonCaps(caps["mon"].toString());
    lack.mon = !mon.allowed() && !mon.conditional;
    lack.conditional = mon.conditional;
    for (NeededRight right : needed) {
        const CapsAnswer answer = judgeOsdCaps(caps["osd"].toString(), right);
        if (answer.allowed()) {
            continue;
        }
        if (answer.conditional) {
            lack.conditional = true;
            continue;
        }
        right.letters = answer.missing;
        lack.osd.append(right);
    }
    return lack;
}

QString commandsOfAnotherFlow(const CephScene& scene)
{
    return QStringLiteral("sluicectl flow cancel %1 --yes, correct the flow file and submit it again")
        .arg(scene.task().run);
}

/// The key is limited to names with a prefix. That limit is what it is for, so the flow is what changes.
void keepTheLimit(const CephScene& scene, const QString& osdCaps, const QList<NeededRight>& needed,
                  Finding& finding)
{
    const QString entity = scene.task().entity;
    QStringList limits;
    QStringList steps;
    for (const NeededRight& right : needed) {
        const QStringList prefixes = grantedPrefixes(osdCaps, right.cephPool);
        if (prefixes.isEmpty()) {
            continue;
        }
        limits.append(QStringLiteral("on Ceph pool %1 to names that begin with %2")
                          .arg(right.cephPool, joined(prefixes)));
        steps.append(
            right.lists
                ? QStringLiteral("Let the flow use another role for Ceph pool %1: to list it takes rights on "
                                 "all of its names")
                      .arg(right.cephPool)
                : QStringLiteral("Let the flow write below %1 in Ceph pool %2, or with another role")
                      .arg(joined(prefixes), right.cephPool));
    }
    finding.evidence.append(
        {.text = QStringLiteral("The key is limited %1").arg(joined(limits)),
         .source = QStringLiteral("caps"),
         .entity = idOf(scene.blocked().connection, QStringLiteral("auth-entity"), entity),
         .observedAtMs = scene.nowMs()});
    finding.correction =
        QStringLiteral("%1. The key's limit stays as it is.").arg(steps.join(QStringLiteral(". ")));
    finding.remedy = Remedy{.title = QStringLiteral("Let the flow keep to what %1 may do").arg(entity),
                            .actionClass = 2,
                            .steps = steps + QStringList{commandsOfAnotherFlow(scene)}};
}

void confirm(const CephScene& scene, const Fact& fact, const QList<NeededRight>& needed, const Lack& lack,
             Finding& finding)
{
    const QString entity = fact.name;
    const QJsonObject caps = fact.facts["caps"].toObject();
    const QString osd = caps["osd"].toString();
    const QString mon = caps["mon"].toString();
    QList<NeededRight> whole;
    for (const NeededRight& right : lack.osd) {
        for (const NeededRight& wanted : needed) {
            if (wanted.cephPool == right.cephPool) {
                whole.append(wanted);
            }
        }
    }
    const std::optional<QString> newOsd = extendedOsdCaps(osd, whole);
    const QString newMon =
        lack.mon ? (mon.isEmpty() ? QStringLiteral("allow r") : mon + QStringLiteral(", allow r")) : mon;
    finding.verdict = Verdict::Confirmed;
    finding.title = QStringLiteral("%1 lacks a right this task needs").arg(entity);
    if (lack.mon) {
        finding.evidence.append(
            evidenceOf(fact, QStringLiteral("has    %1").arg(capsText(QStringLiteral("mon"), mon))));
        finding.evidence.append(evidenceOf(fact, QStringLiteral("needs  mon: %1").arg(newMon)));
    }
    if (!lack.osd.isEmpty()) {
        finding.evidence.append(
            evidenceOf(fact, QStringLiteral("has    %1").arg(capsText(QStringLiteral("osd"), osd))));
        if (newOsd) {
            finding.evidence.append(evidenceOf(fact, QStringLiteral("needs  osd: %1").arg(*newOsd)));
        }
    }
    for (const NeededRight& right : lack.osd) {
        finding.evidence.append(evidenceOf(
            fact, QStringLiteral("missing “%1” on Ceph pool %2").arg(right.letters, right.cephPool)));
    }
    finding.evidence.append(scene.report());
    if (lockedObject(scene) == Locked::Yes &&
        std::any_of(lack.osd.begin(), lack.osd.end(),
                    [](const NeededRight& right) { return right.letters == QLatin1String("x"); })) {
        finding.evidence.append(evidenceOf(
            fact,
            QStringLiteral("%1 has a lock, and asking who holds it needs “x”").arg(scene.blocked().object)));
    }
    if (!newOsd) {
        keepTheLimit(scene, osd, whole, finding);
        return;
    }
    QString command = QStringLiteral("ceph auth caps %1 mon '%2' osd '%3'").arg(entity, newMon, *newOsd);
    for (const QString& service : QStringList{QStringLiteral("mgr"), QStringLiteral("mds")}) {
        if (!caps[service].toString().isEmpty()) {
            command += QStringLiteral(" %1 '%2'").arg(service, caps[service].toString());
        }
    }
    finding.correction =
        QStringLiteral("Give %1 the missing right: %2. The task tries again by itself.").arg(entity, command);
    finding.remedy = Remedy{.title = QStringLiteral("Correct the caps of %1").arg(entity),
                            .actionClass = 2,
                            .steps = {command, QStringLiteral("Check that the refused operation passes")}};
}

Finding judged(const CephScene& scene, const QString& connection)
{
    Finding finding{.rule = QStringLiteral("R21"), .title = title(), .scope = Scope::Carrier};
    const QString entity = scene.task().entity;
    const QString id = idOf(connection, QStringLiteral("auth-entity"), entity);
    const auto fact = entity.isEmpty() ? std::nullopt : scene.freshFact(id);
    const bool keyRefused = refusedKey(scene.blocked());
    const bool refused = keyRefused || refusedRight(scene.blocked());
    if (!fact) {
        finding.evidence = {scene.missing(
            id, QStringLiteral("The caps of %1").arg(entity.isEmpty() ? QStringLiteral("the key") : entity),
            connection, QStringLiteral("auth.get"))};
        if (refused) {
            finding.evidence.append(scene.report());
        }
        return finding;
    }
    if (fact->facts["missing"].toBool()) {
        finding.evidence = {
            evidenceOf(*fact, QStringLiteral("%1 does not exist on %2").arg(entity, connection))};
        if (refused) {
            confirmLostKey(scene, QStringLiteral("The key %1 does not exist any more").arg(entity), finding);
        }
        return finding;
    }
    if (!fact->facts["caps"].isObject()) {
        finding.evidence = {
            evidenceOf(*fact, QStringLiteral("The caps of %1 are missing in the answer").arg(entity))};
        return finding;
    }
    // A connection takes rights on the monitors only.
    QList<NeededRight> needed = keyRefused ? QList<NeededRight>() : neededRights(scene, connection);
    const QJsonObject caps = fact->facts["caps"].toObject();
    Lack lack = lackOf(caps, needed);
    if (!lack.any() && !lack.conditional && refused) {
        addMethodCalls(scene, connection, needed);
        lack = lackOf(caps, needed);
    }
    if (lack.any() && refused) {
        confirm(scene, *fact, needed, lack, finding);
        return finding;
    }
    if (lack.any()) {
        finding.evidence = {evidenceOf(
            *fact,
            QStringLiteral("The caps of %1 look too narrow, but nothing was refused yet").arg(entity))};
        return finding;
    }
    if (lack.conditional) {
        finding.evidence = {evidenceOf(
            *fact,
            QStringLiteral("The caps of %1 depend on a profile, tag or network and cannot be judged: %2")
                .arg(entity, caps[keyRefused ? "mon" : "osd"].toString()))};
        if (refused) {
            finding.evidence.append(scene.report());
        }
        return finding;
    }
    if (keyRefused) {
        judgeRefusedKey(scene, *fact, connection, finding);
        return finding;
    }
    finding.verdict = Verdict::Refuted;
    finding.evidence = {
        evidenceOf(*fact, QStringLiteral("The caps of %1 allow all this task does").arg(entity))};
    if (refused) {
        // A session keeps the caps it was opened with until its ticket is renewed.
        finding.verdict = Verdict::Unknown;
        finding.evidence.append(scene.report());
        finding.correction = QStringLiteral(
            "If the caps were corrected a moment ago, wait: the session takes them over by itself. Else "
            "the key itself may be wrong: reset the task, so that it connects anew.");
    }
    return finding;
}

}  // namespace

QList<Finding> ruleCaps(const CephScene& scene)
{
    const CephBlocked& blocked = scene.blocked();
    for (const TouchedBucket& bucket : scene.buckets()) {
        if (blocked.any() && blocked.connection == bucket.gateway) {
            return {};  // A gateway has rights of its own.
        }
    }
    if (blocked.isFile()) {
        return {{.rule = QStringLiteral("R21"),
                 .title = title(),
                 .verdict = Verdict::Refuted,
                 .scope = Scope::Carrier,
                 .evidence = {{.text = QStringLiteral(
                                   "What was refused is a file of this machine, which takes no key"),
                               .source = QStringLiteral("move worker"),
                               .entity = scene.task().id,
                               .observedAtMs = blocked.observedAtMs}}}};
    }
    if (denied(blocked) && !refusedRight(blocked) && !refusedKey(blocked)) {
        // A fence is the engine's own call; a file or a gateway knows nothing of cephx.
        return {{.rule = QStringLiteral("R21"),
                 .title = title(),
                 .scope = Scope::Carrier,
                 .evidence = {
                     scene.report(),
                     {.text = QStringLiteral("What was refused there was not asked with the cephx key of %1")
                                  .arg(scene.task().entity),
                      .source = QStringLiteral("move worker"),
                      .entity = scene.task().id,
                      .observedAtMs = blocked.observedAtMs}}}};
    }
    if (blocked.any() && !refusedRight(blocked) && !refusedKey(blocked)) {
        return {{.rule = QStringLiteral("R21"),
                 .title = title(),
                 .verdict = Verdict::Refuted,
                 .scope = Scope::Carrier,
                 .evidence = {
                     {.text = QStringLiteral("No operation of this task was refused for a missing right"),
                      .source = QStringLiteral("move worker"),
                      .entity = scene.task().id,
                      .observedAtMs = blocked.observedAtMs}}}};
    }
    if (blocked.any() && !blocked.connection.isEmpty() && !scene.clusters().contains(blocked.connection)) {
        return {
            {.rule = QStringLiteral("R21"),
             .title = title(),
             .scope = Scope::Carrier,
             .evidence = {scene.report(),
                          {.text = QStringLiteral("The rights at %1 are not cephx caps and are not read yet")
                                       .arg(blocked.connection),
                           .source = blocked.connection,
                           .entity = scene.task().id}}}};
    }
    QList<Finding> findings;
    for (const QString& connection : scene.clusters()) {
        if (!blocked.any() || blocked.connection.isEmpty() || blocked.connection == connection) {
            findings.append(judged(scene, connection));
        }
    }
    return findings;
}

}  // namespace sluice::systems::ceph
