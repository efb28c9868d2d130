#include "diagnosis/caps.h"
#include "diagnosis/rules.h"

namespace sluice::diagnosis {
namespace {

QString title()
{
    return QStringLiteral("Rights of the key");
}

/// Rights this task needs on the Ceph pools of one cluster.
QList<NeededRight> neededRights(const Scene& scene, const QString& connection)
{
    const Blocked& blocked = scene.blocked();
    QList<NeededRight> needed;
    for (const TouchedPool& touched : scene.task().cephPools) {
        if (touched.connection != connection) {
            continue;
        }
        const bool here = blocked.connection == connection && blocked.cephPool == touched.cephPool;
        // A verification only reads what a move wrote.
        const bool writes = touched.destination && scene.task().kind != QLatin1String("verify");
        NeededRight right{.cephPool = touched.cephPool,
                          .object = here ? blocked.object : QString(),
                          .letters = writes ? QStringLiteral("rw") : QStringLiteral("r")};
        if (here && blocked.op.contains(QLatin1String("lock"))) {
            right.letters += 'x';
        }
        needed.append(right);
    }
    return needed;
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

void confirm(const Scene& scene, const Fact& fact, const QList<NeededRight>& needed, const Lack& lack,
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
    const QString newOsd = extendedOsdCaps(osd, whole);
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
        finding.evidence.append(evidenceOf(fact, QStringLiteral("needs  osd: %1").arg(newOsd)));
    }
    for (const NeededRight& right : lack.osd) {
        finding.evidence.append(evidenceOf(
            fact, QStringLiteral("missing “%1” on Ceph pool %2").arg(right.letters, right.cephPool)));
    }
    finding.evidence.append(scene.report());
    QString command = QStringLiteral("ceph auth caps %1 mon '%2' osd '%3'").arg(entity, newMon, newOsd);
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

Finding judged(const Scene& scene, const QString& connection)
{
    Finding finding{.rule = QStringLiteral("R21"), .title = title(), .distance = 1};
    const QString entity = scene.task().entity;
    const QString id = idOf(connection, QStringLiteral("auth-entity"), entity);
    const auto fact = entity.isEmpty() ? std::nullopt : scene.freshFact(id);
    const bool refused = scene.blocked().what == QLatin1String("permission");
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
            finding.verdict = Verdict::Confirmed;
            finding.title = QStringLiteral("The key %1 does not exist any more").arg(entity);
            finding.evidence.append(scene.report());
            finding.correction =
                QStringLiteral("Reset the task: the new attempt takes the current key of role %1.")
                    .arg(scene.task().role);
            finding.remedy =
                Remedy{.method = QStringLiteral("flow.reset"),
                       .title = QStringLiteral("Reset %1 with the current key").arg(scene.task().task),
                       .actionClass = 2,
                       .steps = {QStringLiteral("Fence the old attempt and prove that it is dead"),
                                 QStringLiteral("Start a new attempt with the current key")}};
        }
        return finding;
    }
    if (!fact->facts["caps"].isObject()) {
        finding.evidence = {
            evidenceOf(*fact, QStringLiteral("The caps of %1 are missing in the answer").arg(entity))};
        return finding;
    }
    const QList<NeededRight> needed = neededRights(scene, connection);
    const Lack lack = lackOf(fact->facts["caps"].toObject(), needed);
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
                .arg(entity, fact->facts["caps"].toObject()["osd"].toString()))};
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

QList<Finding> ruleCaps(const Scene& scene)
{
    if (scene.clusters().isEmpty()) {
        return {notTouched(QStringLiteral("R21"), title(), scene)};
    }
    const Blocked& blocked = scene.blocked();
    if (blocked.any() && blocked.what != QLatin1String("permission")) {
        return {{.rule = QStringLiteral("R21"),
                 .title = title(),
                 .verdict = Verdict::Refuted,
                 .distance = 1,
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
             .distance = 1,
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

}  // namespace sluice::diagnosis
