#include <QtCore/QJsonArray>
#include <algorithm>

#include "systems/ceph/rules/rules.h"
#include "systems/ceph/rules/standing.h"

namespace sluice::systems::ceph {
namespace {

/// PGs agree anew after any change of the map.
constexpr qint64 kPeeringMs = 12'000;

/// What CRUSH writes where no OSD was found.
constexpr double kCrushNone = 2'147'483'647.0;

QString title()
{
    return QStringLiteral("Ceph pool health");
}

int copiesUp(const QJsonArray& acting)
{
    int up = 0;
    for (const QJsonValue& osd : acting) {
        const double id = osd.toDouble(-1);
        up += id >= 0 && id < kCrushNone ? 1 : 0;
    }
    return up;
}

/// What keeps OSDs away, and what lets them take part again.
struct AwayOsds {
    QStringList names{};
    QStringList ids{};
    QStringList steps{};
    QStringList commands{};
    QList<Evidence> evidence{};
};

/// An OSD whose daemon does not run, or which the monitors do not let in.
AwayOsds downOsds(const Scene& scene, const QString& connection)
{
    AwayOsds down;
    for (const Fact& osd : scene.facts().ofKind(connection, QStringLiteral("osd"))) {
        if (!scene.fresh(osd) || osd.facts["up"].toBool(true)) {
            continue;
        }
        const QString name = QStringLiteral("osd.%1").arg(osd.name);
        const QString host = osd.facts["host"].toString();
        down.names.append(name);
        down.ids.append(osd.id);
        down.steps.append(host.isEmpty()
                              ? QStringLiteral("Start the daemon of %1").arg(name)
                              : QStringLiteral("Start the daemon of %1 on host %2").arg(name, host));
        down.commands.append(QStringLiteral("systemctl start ceph-osd@%1").arg(osd.name));
        down.evidence.append(evidenceOf(osd, QStringLiteral("%1 of %2 is down").arg(name, connection)));
    }
    const auto cluster = scene.freshFact(idOf(connection, QStringLiteral("cluster"), connection));
    if (cluster && cluster->facts["flags"].toArray().contains(QStringLiteral("noup"))) {
        // One whose daemon runs comes up by that alone.
        down.commands.prepend(QStringLiteral("ceph osd unset noup"));
        down.steps.prepend(
            QStringLiteral("Take the flag noup away, which lets no OSD come up: ceph osd unset noup"));
        down.evidence.prepend(evidenceOf(
            *cluster,
            QStringLiteral("%1 has the flag noup: an OSD that is started is not let in").arg(connection)));
    }
    return down;
}

/// An OSD that runs and has been taken out of the placement.
AwayOsds outOsds(const Scene& scene, const QString& connection)
{
    AwayOsds out;
    for (const Fact& osd : scene.facts().ofKind(connection, QStringLiteral("osd"))) {
        if (!scene.fresh(osd) || osd.facts["in"].toBool(true)) {
            continue;
        }
        out.names.append(QStringLiteral("osd.%1").arg(osd.name));
        out.ids.append(osd.id);
        out.steps.append(QStringLiteral("ceph osd in %1").arg(osd.name));
        out.commands.append(out.steps.last());
        out.evidence.append(evidenceOf(
            osd,
            QStringLiteral("osd.%1 of %2 is up, but out: it is given no data").arg(osd.name, connection)));
    }
    if (!out.names.isEmpty()) {
        out.steps.prepend(
            QStringLiteral("Find who took them out and why: a disk that is to be replaced stays out, and "
                           "another one takes its place"));
    }
    return out;
}

/// An operation hangs where the maps say that all is well: an OSD that hangs is up until somebody misses it.
Evidence servesButHangs(const CephScene& scene, const Fact& fact, const QString& what)
{
    return evidenceOf(
        fact, QStringLiteral("%1 is active, yet an operation there has no answer%2: an OSD may hang, or "
                             "be gone and not marked down yet")
                  .arg(what, scene.blocked().sinceMs > 0
                                 ? QStringLiteral(" for %1").arg(scene.age(scene.blocked().sinceMs))
                                 : QString()));
}

/// Who is to do what, and how to see that it helped.
void remedyWith(const CephScene& scene, const QString& what, const QStringList& steps, const QString& pgId,
                int minSize, Finding& finding)
{
    finding.correction = QStringLiteral("%1. Reads and writes go on by themselves once %2 copies are up.")
                             .arg(what, QString::number(minSize));
    finding.remedy =
        Remedy{.title = QStringLiteral("%1 of %2").arg(what, scene.blocked().connection),
               .actionClass = 1,
               .steps = steps + QStringList{QStringLiteral("Check that PG %1 is active").arg(pgId)}};
}

/// Too few copies of what the operation needs: which OSDs are away, and how they come back.
void confirm(const CephScene& scene, const QString& subject, const QString& pgId, int minSize,
             Finding& finding)
{
    const QString connection = scene.blocked().connection;
    const QString cephPool = scene.blocked().cephPool;
    const AwayOsds down = downOsds(scene, connection);
    const AwayOsds out = outOsds(scene, connection);
    const AwayOsds& away = down.names.isEmpty() ? out : down;
    finding.verdict = Verdict::Confirmed;
    finding.title = QStringLiteral("Too few copies of %1 are up").arg(subject);
    // Each object lies in a PG of its own; what is broken are the OSDs, or how the Ceph pool is placed on
    // them.
    finding.broken =
        away.ids.isEmpty() ? QStringList{idOf(connection, QStringLiteral("pool-pgs"), cephPool)} : away.ids;
    finding.evidence += away.evidence.mid(0, 4);
    if (away.ids.isEmpty()) {
        finding.evidence.append(
            {.text = QStringLiteral("No OSD of %1 is down or out, so its CRUSH rule finds too few of them")
                         .arg(connection),
             .source = QStringLiteral("osd tree"),
             .entity = finding.broken.first(),
             .observedAtMs = scene.nowMs()});
    }
    finding.evidence.append(scene.report());
    if (!down.names.isEmpty()) {
        remedyWith(scene, QStringLiteral("Start %1").arg(joined(down.names)), down.steps, pgId, minSize,
                   finding);
    } else if (!out.names.isEmpty()) {
        remedyWith(scene, QStringLiteral("Take %1 in again").arg(joined(out.names)), out.steps, pgId, minSize,
                   finding);
    } else {
        remedyWith(scene, QStringLiteral("Give Ceph pool %1 enough OSDs").arg(cephPool),
                   {QStringLiteral("See what its CRUSH rule asks for: ceph osd pool get %1 crush_rule, ceph "
                                   "osd crush rule dump, "
                                   "ceph osd tree")
                        .arg(cephPool),
                    QStringLiteral("Add OSDs that the rule may choose, or give the Ceph pool a rule that "
                                   "finds as many as it has "
                                   "copies")},
                   pgId, minSize, finding);
    }
}

/// R3: "down" is what Ceph calls a PG that waits for an OSD which may hold newer data than those that are up.
Finding newerDataIsAway(const CephScene& scene, const Fact& pg, const QString& pgId, int minSize,
                        Finding finding)
{
    const AwayOsds down = downOsds(scene, scene.blocked().connection);
    if (down.names.isEmpty()) {
        return finding;
    }
    finding.rule = QStringLiteral("R3");
    finding.verdict = Verdict::Confirmed;
    finding.title = QStringLiteral("PG %1 waits for an OSD that may hold newer data").arg(pgId);
    finding.broken = down.ids;
    finding.evidence.append(
        evidenceOf(pg, QStringLiteral("Ceph calls PG %1 down: enough copies are up, but not those that may "
                                      "have been written last")
                           .arg(pgId)));
    finding.evidence += down.evidence.mid(0, 4);
    finding.evidence.append(scene.report());
    remedyWith(scene, QStringLiteral("Start %1").arg(joined(down.names)), down.steps, pgId, minSize, finding);
    return finding;
}

/// When the object is not known: what the sum over all placement groups says.
Finding fromSummary(const CephScene& scene, const QString& connection, const Evidence& whyNotObject)
{
    Finding finding{.rule = QStringLiteral("R5"), .title = title(), .scope = Scope::Carrier};
    const QString id = idOf(connection, QStringLiteral("pg-summary"), connection);
    const auto summary = scene.freshFact(id);
    if (!summary) {
        finding.evidence = {whyNotObject,
                            scene.missing(id, QStringLiteral("PG states of %1").arg(connection), connection)};
        return finding;
    }
    const int total = summary->facts["total"].toInt();
    const int inactive = summary->facts["inactive"].toInt(-1);
    if (inactive == 0 && total > 0) {
        const CephBlocked& blocked = scene.blocked();
        const QString all = QStringLiteral("All %1 PGs of %2 are active").arg(total).arg(connection);
        if (blocked.hangs() && blocked.connection == connection) {
            finding.evidence = {
                evidenceOf(*summary, all),
                servesButHangs(scene, *summary, QStringLiteral("Every PG of %1").arg(connection))};
            return finding;
        }
        if (!blocked.any()) {
            // It may wait for an OSD that hangs, of which nobody has told the monitors yet.
            finding.evidence = {evidenceOf(*summary, all), scene.report()};
            return finding;
        }
        if (summary->observedAtMs < scene.waitsSinceMs()) {
            finding.evidence = {
                evidenceOf(*summary, QStringLiteral("%1, as of %2 ago: before this task began to wait")
                                         .arg(all, scene.age(summary->observedAtMs)))};
            return finding;
        }
        finding.verdict = Verdict::Refuted;
        finding.evidence = {evidenceOf(*summary, all)};
        return finding;
    }
    finding.evidence = {
        evidenceOf(*summary,
                   inactive < 0 ? QStringLiteral("The count of inactive PGs of %1 is missing").arg(connection)
                                : QStringLiteral("%1 of %2 PGs of %3 do not serve reads and writes")
                                      .arg(inactive)
                                      .arg(total)
                                      .arg(connection)),
        whyNotObject};
    return finding;
}

Finding ofObject(const CephScene& scene)
{
    const CephBlocked& blocked = scene.blocked();
    const QString where = QStringLiteral("%1/%2").arg(blocked.cephPool, blocked.object);
    const QString id = idOf(blocked.connection, QStringLiteral("object-pg"), where);
    const auto pg = scene.freshFact(id);
    if (!pg) {
        return fromSummary(scene, blocked.connection,
                           scene.missing(id, QStringLiteral("The PG of %1").arg(where), blocked.connection,
                                         QStringLiteral("object.pg")));
    }
    Finding finding{.rule = QStringLiteral("R5"), .title = title(), .scope = Scope::Carrier};
    const QString pgId = pg->facts["pgId"].toString();
    const QString state = pg->facts["state"].toString();
    const int up = copiesUp(pg->facts["acting"].toArray());
    int minSize = pg->facts["minSize"].toInt();
    if (minSize <= 0) {
        const auto cephPool =
            scene.freshFact(idOf(blocked.connection, QStringLiteral("ceph-pool"), blocked.cephPool));
        minSize = cephPool ? cephPool->facts["minSize"].toInt() : 0;
    }
    const bool active = state.split('+').contains(QStringLiteral("active"));
    finding.evidence = {
        evidenceOf(*pg, QStringLiteral("Object %1 lies in PG %2, state %3, %4 copies up, min_size %5")
                            .arg(where, pgId, state.isEmpty() ? QStringLiteral("not known") : state)
                            .arg(up)
                            .arg(minSize > 0 ? QString::number(minSize) : QStringLiteral("not known")))};
    if (minSize <= 0 || !pg->facts["acting"].isArray()) {
        return finding;
    }
    if (up < minSize) {
        confirm(scene, blocked.object, pgId, minSize, finding);
        return finding;
    }
    if (active && blocked.hangs()) {
        finding.evidence.append(servesButHangs(scene, *pg, QStringLiteral("PG %1").arg(pgId)));
        return finding;
    }
    if (active) {
        finding.verdict = Verdict::Refuted;
        return finding;
    }
    if (state.split('+').contains(QStringLiteral("down")) && blocked.hangs()) {
        return newerDataIsAway(scene, *pg, pgId, minSize, finding);
    }
    finding.evidence.append(evidenceOf(
        *pg, state.isEmpty()
                 ? QStringLiteral("The state of PG %1 is missing").arg(pgId)
                 : QStringLiteral("PG %1 does not serve, although enough copies are up: not this cause")
                       .arg(pgId)));
    return finding;
}

/// A listing asks every placement group of its Ceph pool, so one that does not serve holds it up.
Finding ofListing(const CephScene& scene)
{
    const CephBlocked& blocked = scene.blocked();
    const QString id = idOf(blocked.connection, QStringLiteral("pool-pgs"), blocked.cephPool);
    const auto pgs = scene.freshFact(id);
    if (!pgs) {
        return fromSummary(scene, blocked.connection,
                           scene.missing(id, QStringLiteral("The PGs of Ceph pool %1").arg(blocked.cephPool),
                                         blocked.connection, QStringLiteral("pool.pgs")));
    }
    Finding finding{.rule = QStringLiteral("R5"), .title = title(), .scope = Scope::Carrier};
    const int total = pgs->facts["pgNum"].toInt();
    const int read = pgs->facts["read"].toInt();
    const int tooFew = pgs->facts["belowMinSize"].toInt(-1);
    const int inactive = pgs->facts["inactive"].toInt(-1);
    const int minSize = pgs->facts["minSize"].toInt();
    const QString all = QStringLiteral("all %1 PGs of Ceph pool %2").arg(total).arg(blocked.cephPool);
    if (tooFew > 0 && minSize > 0) {
        finding.evidence = {
            evidenceOf(*pgs, QStringLiteral("The listing needs %1; %2 of them have fewer than %3 copies up "
                                            "(min_size)")
                                 .arg(all)
                                 .arg(tooFew)
                                 .arg(minSize))};
        confirm(scene, QStringLiteral("Ceph pool %1").arg(blocked.cephPool), pgs->facts["example"].toString(),
                minSize, finding);
        return finding;
    }
    finding.evidence = {evidenceOf(
        *pgs,
        QStringLiteral("Of %1, which the listing needs, %2 were read: %3 with too few copies, %4 not active")
            .arg(all)
            .arg(read)
            .arg(tooFew < 0 ? QStringLiteral("not known how many") : QString::number(tooFew),
                 inactive < 0 ? QStringLiteral("not known how many") : QString::number(inactive)))};
    if (total <= 0 || read < total || tooFew != 0 || inactive != 0) {
        return finding;
    }
    if (blocked.hangs()) {
        finding.evidence.append(
            servesButHangs(scene, *pgs, QStringLiteral("Every PG of Ceph pool %1").arg(blocked.cephPool)));
        return finding;
    }
    finding.verdict = Verdict::Refuted;
    return finding;
}

/// PGs that serve nothing; a stale one is clean as of long ago.
int pgsNotServed(const Fact& pgs)
{
    int stale = 0;
    const QJsonObject byState = pgs.facts["byState"].toObject();
    for (auto it = byState.begin(); it != byState.end(); ++it) {
        stale += it.key().split('+').contains(QStringLiteral("stale")) ? it->toInt() : 0;
    }
    return std::max(pgs.facts["inactive"].toInt(), stale);
}

/// What is broken where PGs serve nothing: as in a run that waits for one of them.
struct OutOfService {
    QString what{};
    QStringList ids{};
    QList<Evidence> evidence{};
    Remedy remedy{.actionClass = 1};
};

OutOfService outOfService(const Scene& scene, const QString& connection)
{
    const AwayOsds down = downOsds(scene, connection);
    const AwayOsds out = outOsds(scene, connection);
    const AwayOsds& away = down.names.isEmpty() ? out : down;
    OutOfService told{.ids = away.ids, .evidence = away.evidence.mid(0, 4)};
    told.remedy.steps = away.steps;
    told.remedy.commands = away.commands;
    if (!down.names.isEmpty()) {
        told.what = QStringLiteral("Start %1").arg(joined(down.names));
        told.remedy.title = QStringLiteral("%1 of %2").arg(told.what, connection);
    } else {
        told.what = QStringLiteral("See what holds them up");
        told.remedy.title = QStringLiteral("See what holds the PGs of %1 up").arg(connection);
        told.remedy.steps.prepend(
            QStringLiteral("See which they are and what they wait for: ceph pg dump_stuck inactive, "
                           "ceph osd tree"));
        told.remedy.commands =
            QStringList{QStringLiteral("ceph pg dump_stuck inactive"), QStringLiteral("ceph osd tree")} +
            told.remedy.commands;
    }
    if (down.ids.isEmpty()) {
        // Then it lies in how a Ceph pool is placed on those that are up.
        for (const Fact& cephPool : scene.facts().ofKind(connection, kCephPoolKind)) {
            told.ids.append(idOf(connection, QStringLiteral("pool-pgs"), cephPool.name));
        }
    }
    told.remedy.steps.append(QStringLiteral("Check that all PGs are active"));
    return told;
}

}  // namespace

QList<Finding> ruleMinSize(const CephScene& scene)
{
    const CephBlocked& blocked = scene.blocked();
    const bool lists = blocked.hasCephPool() && blocked.access() == Access::List;
    QList<Finding> findings;
    if (blocked.hasObject()) {
        findings.append(ofObject(scene));
    } else if (lists) {
        findings.append(ofListing(scene));
    }
    for (const QString& connection : scene.clusters()) {
        if ((blocked.hasObject() || lists) && connection == blocked.connection) {
            continue;
        }
        findings.append(
            fromSummary(scene, connection,
                        blocked.any() ? scene.report()
                                      : Evidence{.text = QStringLiteral("Which object the task waits for is "
                                                                        "not known"),
                                                 .source = QStringLiteral("move worker"),
                                                 .entity = scene.task().id}));
    }
    return findings;
}

QList<Standing> placementGroupsStanding(const Scene& scene, const QList<Standing>&)
{
    QList<Standing> told;
    for (const Fact& pgs : scene.facts().ofKind({}, QStringLiteral("pg-summary"))) {
        const QString connection = pgs.connection;
        Standing one = standing(QStringLiteral("R5"), pgs.id,
                                QStringLiteral("Placement groups of %1 out of service").arg(connection));
        const auto cluster = scene.freshFact(idOf(connection, QStringLiteral("cluster"), connection));
        // It is the manager that counts them.
        const bool counted = scene.fresh(pgs) && pgs.facts["total"].toInt() > 0 && cluster &&
                             cluster->facts["mgrAvailable"].toBool() && monitorsAgree(scene, connection);
        const int notServed = pgsNotServed(pgs);
        if (counted && notServed == 0) {
            well(one, pgs,
                 QStringLiteral("all %1 PGs of %2 are active")
                     .arg(pgs.facts["total"].toInt())
                     .arg(connection));
        } else if (counted) {
            const OutOfService broke = outOfService(scene, connection);
            one.finding.broken += broke.ids;
            one.finding.evidence = {
                evidenceOf(pgs, QStringLiteral("%1 of %2 PGs of %3 serve no reads and writes")
                                    .arg(notServed)
                                    .arg(pgs.facts["total"].toInt())
                                    .arg(connection))};
            one.finding.evidence += broke.evidence;
            one.afterMs = kPeeringMs;
            broken(one, broke.remedy,
                   QStringLiteral("%1. Until then reads and writes there wait; they go on by themselves.")
                       .arg(broke.what));
        }
        told.append(one);
    }
    return told;
}

}  // namespace sluice::systems::ceph
