#include "systems/ceph/rules/lost_key.h"

namespace sluice::systems::ceph {

void confirmLostKey(const CephScene& scene, const QString& title, Finding& finding)
{
    const TaskView& task = scene.task();
    finding.verdict = Verdict::Confirmed;
    finding.title = title;
    finding.evidence.append(scene.report());
    const QString reset = QStringLiteral("sluicectl flow reset %1").arg(task.run);
    if (!task.roleEntity.isEmpty() && task.roleEntity != task.entity) {
        finding.correction =
            QStringLiteral("Reset the task: the new attempt takes the current key of role %1, %2.")
                .arg(task.role, task.roleEntity);
        finding.remedy =
            Remedy{.method = QStringLiteral("flow.reset"),
                   .params = {{"run", task.run}},
                   .title = QStringLiteral("Reset %1 with the current key").arg(task.task),
                   .actionClass = 2,
                   .steps = {QStringLiteral("Fence the old attempt and prove that it is dead"),
                             QStringLiteral("Start a new attempt with %1").arg(task.roleEntity)}};
        return;
    }
    const QString renew = QStringLiteral("sluicectl keys renew %1").arg(task.role);
    finding.correction =
        QStringLiteral("Make a new first key for role %1: %2; then reset the task, so that it takes it: %3.")
            .arg(task.role, renew, reset);
    finding.remedy =
        Remedy{.method = QStringLiteral("keys.renew"),
               .params = {{"role", task.role}},
               .title = QStringLiteral("Make a new first key for role %1").arg(task.role),
               .actionClass = 2,
               .steps = {QStringLiteral("Make a new first key for the role: %1").arg(renew),
                         QStringLiteral("Reset the task, so that it takes that key: %1").arg(reset)}};
}

void judgeRefusedKey(const CephScene& scene, const Fact& fact, const QString& connection, Finding& finding)
{
    const QString entity = fact.name;
    const QString id = idOf(connection, QStringLiteral("key-probe"), entity);
    const auto probe = scene.freshFact(id);
    const TaskView& task = scene.task();
    finding.evidence = {evidenceOf(
        fact, QStringLiteral("%1 exists on %2, and its mon caps let it in").arg(entity, connection))};
    if (!task.roleEntity.isEmpty() && task.roleEntity != entity && !(probe && probe->facts["ok"].toBool())) {
        finding.evidence.append(
            {.text = QStringLiteral("Role %1 has a newer key by now: %2").arg(task.role, task.roleEntity),
             .source = QStringLiteral("keys"),
             .entity = fact.id,
             .observedAtMs = scene.nowMs()});
        confirmLostKey(
            scene, QStringLiteral("%1 still has the older key %2, which is refused").arg(task.task, entity),
            finding);
        return;
    }
    if (probe && !probe->facts["ok"].toBool()) {
        finding.evidence.append(evidenceOf(
            *probe,
            QStringLiteral("A new connection with the key that Sluice has for %1 is refused").arg(entity)));
        confirmLostKey(scene, QStringLiteral("%1 has another key by now than Sluice").arg(entity), finding);
        return;
    }
    finding.evidence.append(
        probe ? evidenceOf(*probe, QStringLiteral("A new connection with its key is accepted now"))
              : scene.missing(id, QStringLiteral("Whether the key of %1 is accepted").arg(entity), connection,
                              QStringLiteral("key.probe")));
    finding.evidence.append(scene.report());
    finding.correction = QStringLiteral(
        "If the entity was made again a moment ago, wait: the task tries again by itself every few seconds.");
}

}  // namespace sluice::systems::ceph
