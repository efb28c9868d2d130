#include <QtCore/QJsonArray>

#include "diagnosis/rules.h"

namespace sluice::diagnosis {
namespace {

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

struct DownOsds {
    QStringList names{};
    QStringList steps{};
    QList<Evidence> evidence{};
};

DownOsds downOsds(const Scene& scene, const QString& connection)
{
    DownOsds down;
    for (const Fact& osd : scene.facts().ofKind(connection, QStringLiteral("osd"))) {
        if (!scene.fresh(osd) || osd.facts["up"].toBool(true)) {
            continue;
        }
        const QString name = QStringLiteral("osd.%1").arg(osd.name);
        const QString host = osd.facts["host"].toString();
        down.names.append(name);
        down.steps.append(host.isEmpty()
                              ? QStringLiteral("Start the daemon of %1").arg(name)
                              : QStringLiteral("Start the daemon of %1 on host %2").arg(name, host));
        down.evidence.append(evidenceOf(osd, QStringLiteral("%1 of %2 is down").arg(name, connection)));
    }
    return down;
}

/// When the object is not known: what the sum over all placement groups says.
Finding fromSummary(const Scene& scene, const QString& connection, const Evidence& whyNotObject)
{
    Finding finding{.rule = QStringLiteral("R5"), .title = title(), .distance = 1};
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
        finding.verdict = Verdict::Refuted;
        finding.evidence = {
            evidenceOf(*summary, QStringLiteral("All %1 PGs of %2 are active").arg(total).arg(connection))};
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

Finding ofObject(const Scene& scene)
{
    const Blocked& blocked = scene.blocked();
    const QString where = QStringLiteral("%1/%2").arg(blocked.cephPool, blocked.object);
    const QString id = idOf(blocked.connection, QStringLiteral("object-pg"), where);
    const auto pg = scene.freshFact(id);
    if (!pg) {
        return fromSummary(scene, blocked.connection,
                           scene.missing(id, QStringLiteral("The PG of %1").arg(where), blocked.connection,
                                         QStringLiteral("object.pg")));
    }
    Finding finding{.rule = QStringLiteral("R5"), .title = title(), .distance = 1};
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
        const DownOsds down = downOsds(scene, blocked.connection);
        finding.verdict = Verdict::Confirmed;
        finding.title = QStringLiteral("Too few copies of %1 are up").arg(blocked.object);
        finding.evidence += down.evidence.mid(0, 4);
        finding.evidence.append(scene.report());
        const QString whom =
            down.names.isEmpty() ? QStringLiteral("an OSD that holds this PG") : joined(down.names);
        finding.correction =
            QStringLiteral("Start %1. Reads and writes go on by themselves once %2 copies are up.")
                .arg(whom)
                .arg(minSize);
        finding.remedy =
            Remedy{.title = QStringLiteral("Start %1 of %2").arg(whom, blocked.connection),
                   .actionClass = 1,
                   .steps = down.steps + QStringList{QStringLiteral("Check that PG %1 is active").arg(pgId)}};
        return finding;
    }
    if (active) {
        finding.verdict = Verdict::Refuted;
        return finding;
    }
    finding.evidence.append(evidenceOf(
        *pg, state.isEmpty()
                 ? QStringLiteral("The state of PG %1 is missing").arg(pgId)
                 : QStringLiteral("PG %1 does not serve, although enough copies are up: not this cause")
                       .arg(pgId)));
    return finding;
}

}  // namespace

QList<Finding> ruleMinSize(const Scene& scene)
{
    if (scene.clusters().isEmpty()) {
        return {notTouched(QStringLiteral("R5"), title(), scene)};
    }
    const Blocked& blocked = scene.blocked();
    const bool objectKnown =
        !blocked.object.isEmpty() && !blocked.cephPool.isEmpty() && !blocked.connection.isEmpty();
    QList<Finding> findings;
    if (objectKnown) {
        findings.append(ofObject(scene));
    }
    for (const QString& connection : scene.clusters()) {
        if (objectKnown && connection == blocked.connection) {
            continue;
        }
        findings.append(fromSummary(scene, connection,
                                    {.text = QStringLiteral("Which object the task waits for is not known"),
                                     .source = QStringLiteral("move worker"),
                                     .entity = scene.task().id}));
    }
    return findings;
}

}  // namespace sluice::diagnosis
