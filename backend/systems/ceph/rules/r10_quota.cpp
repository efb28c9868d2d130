#include "core/clock.h"
#include "core/units.h"
#include "systems/ceph/rules/rules.h"
#include "systems/ceph/rules/standing.h"

namespace sluice::systems::ceph {
namespace {

QString title()
{
    return QStringLiteral("Ceph pool quota");
}

/// "61 % of 2 TiB" or empty without a quota.
QString usedOf(double used, double quota, bool bytes)
{
    if (quota <= 0) {
        return {};
    }
    return QStringLiteral("%1 % of %2")
        .arg(qRound64(100.0 * used / quota))
        .arg(bytes ? formatBytes(quota) : formatCount(qint64(quota)) + QStringLiteral(" objects"));
}

QString usage(const Scene& scene, const Fact& fact)
{
    const QJsonObject& facts = fact.facts;
    QStringList parts;
    const QString bytes = usedOf(facts["storedBytes"].toDouble(), facts["quotaBytes"].toDouble(), true);
    const QString objects = usedOf(facts["objects"].toDouble(), facts["quotaObjects"].toDouble(), false);
    if (!bytes.isEmpty()) {
        parts.append(bytes);
    }
    if (!objects.isEmpty()) {
        parts.append(objects);
    }
    if (parts.isEmpty()) {
        return QStringLiteral("no quota");
    }
    // The flags are the monitors' own; usage is counted by the manager, which may be gone.
    if (const qint64 at = fromRfc3339(facts["figuresAt"].toString()); at > 0 && !isFresh(at, scene.nowMs())) {
        parts.append(QStringLiteral("counted %1 ago").arg(scene.age(at)));
    }
    return parts.join(QStringLiteral(", "));
}

/// The limits that are reached, as `ceph osd pool set-quota` calls them. Usage is counted late, so of a Ceph
/// pool that is known to be at its quota all that it has are named if none is seen reached.
QStringList limitsReached(const QJsonObject& facts, bool known)
{
    QStringList set;
    QStringList reached;
    const auto look = [&](const char* limit, double used, double quota) {
        if (quota > 0) {
            set.append(QLatin1String(limit));
            if (used >= quota) {
                reached.append(QLatin1String(limit));
            }
        }
    };
    look("max_bytes", facts["storedBytes"].toDouble(), facts["quotaBytes"].toDouble());
    look("max_objects", facts["objects"].toDouble(), facts["quotaObjects"].toDouble());
    return known && reached.isEmpty() ? set : reached;
}

Remedy raiseQuota(const QString& cephPool, const QStringList& limits)
{
    Remedy remedy{.title = QStringLiteral("Raise the quota of Ceph pool %1").arg(cephPool), .actionClass = 1};
    for (const QString& limit : limits) {
        const QString command = QStringLiteral("ceph osd pool set-quota %1 %2 <more>").arg(cephPool, limit);
        remedy.steps.append(command);
        remedy.commands.append(command);
    }
    remedy.steps.append(
        QStringLiteral("Check that the flag full_quota of Ceph pool %1 is gone").arg(cephPool));
    return remedy;
}

Finding ofCephPool(const CephScene& scene, const QString& connection, const QString& cephPool)
{
    Finding finding{.rule = QStringLiteral("R10"), .title = title(), .scope = Scope::Container};
    const QString id = idOf(connection, QStringLiteral("ceph-pool"), cephPool);
    if (scene.onlyReads()) {
        finding.verdict = Verdict::Refuted;
        finding.evidence = {
            {.text = QStringLiteral("This task only reads from Ceph pool %1; a quota stops writing only")
                         .arg(cephPool),
             .source = QStringLiteral("flow"),
             .entity = id,
             .observedAtMs = scene.nowMs()}};
        return finding;
    }
    const auto fact = scene.freshFact(id);
    if (!fact) {
        finding.evidence = {
            scene.missing(id, QStringLiteral("Usage and quota of Ceph pool %1").arg(cephPool), connection)};
        return finding;
    }
    const QJsonObject& facts = fact->facts;
    if (!facts.contains(QStringLiteral("fullQuota"))) {
        finding.evidence = {
            evidenceOf(*fact, QStringLiteral("The flags of Ceph pool %1 are missing").arg(cephPool))};
        return finding;
    }
    const bool flagged = facts["fullQuota"].toBool();
    const bool here = scene.blocked().at(connection, cephPool);
    const bool refusedHere = here && scene.blocked().what == QLatin1String("quota");
    // An OSD that has not seen the newer flag yet says "full" of a quota.
    const bool fullHere = here && scene.blocked().what == QLatin1String("full");
    // Room for what is staged is asked for before anything is written: the quota need not be reached yet.
    const bool noRoom = refusedHere && scene.blocked().op == QLatin1String("reserve");
    const QStringList limits = limitsReached(facts, flagged || noRoom);
    if ((flagged && (refusedHere || fullHere)) || (refusedHere && !limits.isEmpty())) {
        finding.verdict = Verdict::Confirmed;
        finding.title =
            noRoom ? QStringLiteral("The quota of Ceph pool %1 leaves no room for a copy beside its object")
                         .arg(cephPool)
                   : QStringLiteral("Ceph pool %1 is at its quota").arg(cephPool);
        finding.evidence = {
            evidenceOf(*fact, QStringLiteral("Ceph pool %1 uses %2%3")
                                  .arg(cephPool, usage(scene, *fact),
                                       flagged ? QStringLiteral(", flag full_quota") : QString()))};
        if (facts["maxAvailBytes"].toDouble() > 0) {
            finding.evidence.append(
                evidenceOf(*fact, QStringLiteral("It is not the space: %1 are free")
                                      .arg(formatBytes(facts["maxAvailBytes"].toDouble()))));
        }
        finding.evidence.append(scene.report());
        finding.correction =
            QStringLiteral(
                "Raise the quota of Ceph pool %1 on %2, or delete what is no longer needed there. Writes go "
                "on by themselves.")
                .arg(cephPool, connection);
        finding.remedy = raiseQuota(cephPool, limits);
        return finding;
    }
    if (flagged) {
        finding.evidence = {
            evidenceOf(*fact,
                       QStringLiteral("Ceph pool %1 uses %2, flag full_quota, but no write of this task was "
                                      "refused for it")
                           .arg(cephPool, usage(scene, *fact))),
            scene.report()};
        return finding;
    }
    const bool full = facts["full"].toBool();
    finding.evidence = {evidenceOf(
        *fact, QStringLiteral("Ceph pool %1: %2, %3")
                   .arg(cephPool, usage(scene, *fact),
                        full ? QStringLiteral("full, but not by a quota") : QStringLiteral("no full flag")))};
    if (refusedHere) {
        finding.evidence.append(scene.report());
        return finding;
    }
    finding.verdict = Verdict::Refuted;
    return finding;
}

}  // namespace

QList<Finding> ruleQuota(const CephScene& scene)
{
    QList<Finding> findings;
    QStringList seen;
    const auto look = [&](const QString& connection, const QString& cephPool) {
        const QString id = idOf(connection, QStringLiteral("ceph-pool"), cephPool);
        if (!connection.isEmpty() && !cephPool.isEmpty() && !seen.contains(id)) {
            seen.append(id);
            findings.append(ofCephPool(scene, connection, cephPool));
        }
    };
    const CephBlocked& blocked = scene.blocked();
    if (blocked.what == QLatin1String("quota") || blocked.what == QLatin1String("full")) {
        look(blocked.connection, blocked.cephPool);
    }
    for (const TouchedPool& touched : scene.cephPools()) {
        if (touched.destination) {
            look(touched.connection, touched.cephPool);
        }
    }
    // What is written to a bucket is written to the Ceph pools behind its gateway.
    if (findings.isEmpty() && scene.buckets().isEmpty()) {
        findings.append({.rule = QStringLiteral("R10"),
                         .title = title(),
                         .verdict = Verdict::Refuted,
                         .scope = Scope::Container,
                         .evidence = {{.text = QStringLiteral("This task writes to no Ceph pool"),
                                       .source = QStringLiteral("flow"),
                                       .entity = scene.task().id,
                                       .observedAtMs = scene.nowMs()}}});
    }
    return findings;
}

QList<Standing> quotasStanding(const Scene& scene, const QList<Standing>&)
{
    QList<Standing> told;
    for (const Fact& cephPool : scene.facts().ofKind({}, kCephPoolKind)) {
        const QString name = cephPool.name;
        Standing one =
            standing(QStringLiteral("R10"), cephPool.id,
                     QStringLiteral("Ceph pool %1 of %2 at its quota").arg(name, cephPool.connection));
        one.finding.scope = Scope::Container;
        if (scene.fresh(cephPool) && cephPool.facts.contains(QStringLiteral("fullQuota"))) {
            const QString used = QStringLiteral("Ceph pool %1 uses %2").arg(name, usage(scene, cephPool));
            if (!cephPool.facts["fullQuota"].toBool()) {
                well(one, cephPool, used);
            } else {
                one.finding.evidence = {evidenceOf(cephPool, used + QStringLiteral(", flag full_quota"))};
                broken(one, raiseQuota(name, limitsReached(cephPool.facts, true)),
                       QStringLiteral(
                           "Raise its quota, or delete what is no longer needed there. Nothing can be "
                           "written to it until then; then writes go on by themselves."));
            }
        }
        told.append(one);
    }
    return told;
}

}  // namespace sluice::systems::ceph
