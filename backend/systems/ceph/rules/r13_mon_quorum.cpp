#include <QtCore/QJsonArray>

#include "systems/ceph/rules/mon_cure.h"
#include "systems/ceph/rules/rules.h"
#include "systems/ceph/rules/standing.h"

namespace sluice::systems::ceph {
namespace {

QString title()
{
    return QStringLiteral("Monitor quorum");
}

/// Monitors that answer may be electing a leader.
constexpr qint64 kElectionMs = 20'000;

/// A new session and a fence are what the monitors give.
bool needsMonitors(const CephScene& scene, const QString& connection)
{
    const CephBlocked& blocked = scene.blocked();
    if (blocked.what == QLatin1String("connect") || blocked.what == QLatin1String("fence")) {
        return !scene.clusters().contains(blocked.connection) || blocked.connection == connection;
    }
    return scene.task().phase == QLatin1String("connecting") ||
           scene.task().phase.startsWith(QLatin1String("fencing"));
}

Finding lost(const CephScene& scene, const QString& connection, const Fact& quorum)
{
    Finding finding{.rule = QStringLiteral("R13"), .title = title(), .scope = Scope::System};
    const QuorumCure cure = cureOf(scene, quorum);
    finding.evidence = {evidenceOf(quorum, cure.said)};
    finding.evidence += cure.evidence;

    if (needsMonitors(scene, connection)) {
        const bool fences = scene.blocked().what == QLatin1String("fence") ||
                            scene.task().phase.startsWith(QLatin1String("fencing"));
        finding.verdict = Verdict::Confirmed;
        finding.title = fences
                            ? QStringLiteral("%1 has no monitor quorum, so the old attempt cannot be fenced")
                                  .arg(connection)
                            : QStringLiteral("%1 has no monitor quorum, and this task needs a new session")
                                  .arg(connection);
        finding.evidence.append(scene.report());
        finding.correction =
            QStringLiteral(
                "%1. The task %2 by itself when the monitors agree again; nothing "
                "needs a reset.")
                .arg(cure.what, fences ? QStringLiteral("goes on") : QStringLiteral("connects"));
        finding.remedy = cure.remedy;
        return finding;
    }
    if (scene.blocked().what == QLatin1String("timeout")) {
        finding.evidence.append(evidenceOf(
            quorum, QStringLiteral("This task has its session, but an operation timed out: if an OSD went "
                                   "away meanwhile, no monitor could tell the clients")));
        return finding;
    }
    if (scene.task().phase.isEmpty() && !scene.blocked().any()) {
        finding.evidence.append(
            evidenceOf(quorum, QStringLiteral("Whether this task needs a new session is not known")));
        return finding;
    }
    // A session that is there goes on for what the OSDs do alone; whether that is enough is not known from
    // here.
    finding.evidence.append(evidenceOf(
        quorum, QStringLiteral("This task has its session, but nothing can be fenced or reset and no new "
                               "session is given until the monitors agree again")));
    finding.evidence.append(scene.report());
    return finding;
}

Finding ofCluster(const CephScene& scene, const QString& connection)
{
    Finding finding{.rule = QStringLiteral("R13"), .title = title(), .scope = Scope::System};
    const QString id = idOf(connection, QStringLiteral("mon-quorum"), connection);
    const auto quorum = scene.freshFact(id);
    if (!quorum || !quorum->facts["quorate"].isBool()) {
        finding.evidence = {
            scene.missing(id, QStringLiteral("The monitor quorum of %1").arg(connection), connection)};
        if (quorum) {
            finding.evidence.first().text =
                QStringLiteral("The monitor quorum of %1 is not known").arg(connection);
        }
        return finding;
    }
    if (!quorum->facts["quorate"].toBool()) {
        return lost(scene, connection, *quorum);
    }
    const QString leader = quorum->facts["leader"].toString();
    finding.verdict = Verdict::Refuted;
    finding.evidence = {evidenceOf(
        *quorum,
        QStringLiteral("%1 of %2 monitors of %3 in quorum%4")
            .arg(quorum->facts["inQuorum"].toArray().size())
            .arg(quorum->facts["total"].toInt())
            .arg(connection, leader.isEmpty() ? QString() : QStringLiteral(", leader %1").arg(leader)))};
    return finding;
}

}  // namespace

QList<Standing> quorumsStanding(const Scene& scene, const QList<Standing>&)
{
    QList<Standing> told;
    for (const Fact& quorum : scene.facts().ofKind({}, QStringLiteral("mon-quorum"))) {
        Standing one = standing(QStringLiteral("R13"), quorum.id,
                                QStringLiteral("No monitor quorum on %1").arg(quorum.connection));
        if (scene.fresh(quorum) && quorum.facts["quorate"].isBool() && quorum.facts["total"].toInt() > 0) {
            if (quorum.facts["quorate"].toBool()) {
                well(one, quorum, QStringLiteral("the monitors of %1 have a quorum").arg(quorum.connection));
            } else {
                const QuorumCure cure = cureOf(scene, quorum);
                one.finding.evidence = {evidenceOf(quorum, cure.said)};
                one.finding.evidence += cure.evidence;
                broken(one, cure.remedy,
                       QStringLiteral("%1. Until then no client gets a session, and nothing is fenced or "
                                      "reset. What has its "
                                      "session goes on.")
                           .arg(cure.what));
                one.chain = monitorCards(CephScene(scene), one.finding);
                one.afterMs = cure.enoughAnswer ? kElectionMs : one.afterMs;
            }
        }
        told.append(one);
    }
    return told;
}

QList<Finding> ruleMonQuorum(const CephScene& scene)
{
    QList<Finding> findings;
    for (const QString& connection : scene.clusters()) {
        findings.append(ofCluster(scene, connection));
    }
    return findings;
}

}  // namespace sluice::systems::ceph
