#include <QtCore/QJsonArray>
#include <algorithm>

#include "core/clock.h"
#include "systems/ceph/rules/rules.h"

namespace sluice::systems::ceph {
namespace {

QString title()
{
    return QStringLiteral("Monitor quorum");
}

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

struct Monitors {
    QList<Evidence> evidence{};
    QStringList silent{};
    int answering{};
};

Monitors monitorsOf(const CephScene& scene, const QString& connection)
{
    Monitors monitors;
    QList<Fact> mons = scene.facts().ofKind(connection, QStringLiteral("mon"));
    std::sort(mons.begin(), mons.end(), [](const Fact& a, const Fact& b) { return a.name < b.name; });
    for (const Fact& mon : mons) {
        if (!scene.fresh(mon)) {
            continue;
        }
        if (mon.facts["answers"].toBool()) {
            ++monitors.answering;
            continue;
        }
        monitors.silent.append(mon.name);
        const QString error = mon.facts["error"].isObject()
                                  ? mon.facts["error"].toObject()["message"].toString()
                                  : mon.facts["error"].toString();
        monitors.evidence.append(evidenceOf(
            mon, error.isEmpty() ? QStringLiteral("Monitor %1 does not answer").arg(mon.name)
                                 : QStringLiteral("Monitor %1 does not answer: %2").arg(mon.name, error)));
    }
    return monitors;
}

Finding lost(const CephScene& scene, const QString& connection, const Fact& quorum)
{
    Finding finding{.rule = QStringLiteral("R13"), .title = title(), .scope = Scope::System};
    const int total = quorum.facts["total"].toInt();
    const int needed = quorum.facts["needed"].toInt();
    const Monitors monitors = monitorsOf(scene, connection);
    const qint64 since = fromRfc3339(quorum.facts["lostSince"].toString());
    QString said = total > 0
                       ? QStringLiteral("%1 has no monitor quorum: %2 of %3 monitors answer, %4 are needed")
                             .arg(connection, QString::number(std::min(total, monitors.answering)),
                                  QString::number(total), QString::number(needed))
                       : QStringLiteral("%1 has no monitor quorum").arg(connection);
    if (since > 0 && since <= scene.nowMs()) {
        said += QStringLiteral(", for %1").arg(scene.age(since));
    }
    finding.evidence = {evidenceOf(quorum, said)};
    finding.evidence += monitors.evidence;

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
        QStringList names;
        QStringList steps;
        for (const QString& mon : monitors.silent) {
            names.append(QStringLiteral("mon.%1").arg(mon));
            steps.append(QStringLiteral("Start the monitor %1").arg(mon));
        }
        const QString whom = names.isEmpty() ? QStringLiteral("the missing monitors") : joined(names);
        finding.correction =
            QStringLiteral(
                "Start %1. The task %2 by itself when %3 monitors agree again; nothing needs a reset.")
                .arg(whom, fences ? QStringLiteral("goes on") : QStringLiteral("connects"),
                     needed > 0 ? QString::number(needed) : QStringLiteral("enough"));
        finding.remedy =
            Remedy{.title = QStringLiteral("Start %1 of %2").arg(whom, connection),
                   .actionClass = 1,
                   .steps = steps + QStringList{QStringLiteral("Check that the monitors have a quorum")}};
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

QList<Finding> ruleMonQuorum(const CephScene& scene)
{
    QList<Finding> findings;
    for (const QString& connection : scene.clusters()) {
        findings.append(ofCluster(scene, connection));
    }
    return findings;
}

}  // namespace sluice::systems::ceph
