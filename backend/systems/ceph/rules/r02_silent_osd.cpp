#include <QtCore/QRegularExpression>
#include <algorithm>

#include "core/counted.h"
#include "systems/ceph/rules/gateway_view.h"
#include "systems/ceph/rules/rules.h"

namespace sluice::systems::ceph {
namespace {

struct Answers {
    QStringList silent{};
    QStringList answering{};
    QStringList steps{};
    QStringList silentIds{};
    QList<Evidence> evidence{};
};

/// Of the OSDs that were asked, those that are up by the map.
Answers answersOf(const CephScene& scene, const QString& connection)
{
    Answers answers;
    QList<Fact> asked = scene.facts().ofKind(connection, QStringLiteral("osd-answer"));
    std::sort(asked.begin(), asked.end(),
              [](const Fact& a, const Fact& b) { return a.name.toInt() < b.name.toInt(); });
    for (const Fact& answer : asked) {
        const auto osd = scene.freshFact(idOf(connection, QStringLiteral("osd"), answer.name));
        if (!scene.fresh(answer) || !answer.facts["answers"].isBool() || !osd || !osd->facts["up"].toBool()) {
            continue;
        }
        const QString name = QStringLiteral("osd.%1").arg(answer.name);
        if (answer.facts["answers"].toBool()) {
            answers.answering.append(name);
            continue;
        }
        const QString host = osd->facts["host"].toString();
        answers.silent.append(name);
        answers.silentIds.append(osd->id);
        answers.steps.append(host.isEmpty()
                                 ? QStringLiteral("Restart the daemon of %1").arg(name)
                                 : QStringLiteral("Restart the daemon of %1 on host %2").arg(name, host));
        Evidence evidence = evidenceOf(
            answer, QStringLiteral("%1 holds what the task waits for, is up by the map, and does not "
                                   "answer a question to itself")
                        .arg(name));
        evidence.entity = osd->id;
        answers.evidence.append(evidence);
    }
    return answers;
}

/// Whom Ceph's alert SLOW_OPS names. An OSD that hangs tells nobody of its operations: those that wait for it
/// do, so this says whom it holds up.
std::optional<Evidence> slowOperations(const CephScene& scene, const QString& connection,
                                       const QStringList& silent)
{
    static const QRegularExpression kOsd(QStringLiteral("\\bosd\\.[0-9]+"));
    const auto alert =
        scene.freshFact(idOf(connection, QStringLiteral("health-check"), QStringLiteral("SLOW_OPS")));
    QStringList named;
    auto found = kOsd.globalMatch(alert ? alert->facts["summary"].toString() : QString());
    while (found.hasNext()) {
        const QString osd = found.next().captured();
        if (!silent.contains(osd)) {
            named.append(osd);
        }
    }
    if (named.isEmpty()) {
        return std::nullopt;
    }
    return evidenceOf(*alert,
                      silent.isEmpty()
                          ? QStringLiteral("SLOW_OPS names %1: what waits there may wait for another OSD")
                                .arg(joined(named))
                          : QStringLiteral("SLOW_OPS names %1: operations there wait for %2")
                                .arg(joined(named), joined(silent)));
}

Finding ofOsds(const CephScene& scene, const QString& connection)
{
    Finding finding{.rule = QStringLiteral("R2"),
                    .title = QStringLiteral("OSDs that do not answer"),
                    .scope = Scope::Carrier};
    const Answers answers = answersOf(scene, connection);
    if (answers.silent.isEmpty() && answers.answering.isEmpty()) {
        finding.evidence = {
            scene.missing(idOf(connection, QStringLiteral("osd-answer"), QStringLiteral("any")),
                          QStringLiteral("Whether the OSDs answer"), connection,
                          QStringLiteral("osd.answers")),
            scene.report()};
        return finding;
    }
    if (answers.silent.isEmpty()) {
        // Answering a question is less than serving data, so this rules out only that they hang altogether.
        finding.evidence = {
            {.text = QStringLiteral("%1 answer a question to themselves, and still the operation hangs")
                         .arg(joined(answers.answering)),
             .source = QStringLiteral("osd.answers"),
             .entity = idOf(connection, QStringLiteral("osd"), answers.answering.first().mid(4)),
             .observedAtMs = scene.nowMs()},
            scene.report()};
        if (const auto slow = slowOperations(scene, connection, {})) {
            finding.evidence.append(*slow);
        }
        return finding;
    }
    const QString whom = joined(answers.silent);
    finding.verdict = Verdict::Confirmed;
    finding.title = formOf(answers.silent.size(), QStringLiteral("%1 does not answer, although it is up"),
                           QStringLiteral("%1 do not answer, although they are up"))
                        .arg(whom);
    finding.broken = answers.silentIds;
    finding.evidence = answers.evidence.mid(0, 4);
    if (const auto slow = slowOperations(scene, connection, answers.silent)) {
        finding.evidence.append(*slow);
    }
    finding.evidence.append(scene.report());
    finding.correction =
        QStringLiteral(
            "See why %1 of %2 hangs (its host, its disk, its network) and restart it. The operation "
            "goes on by itself.")
            .arg(whom, connection);
    finding.remedy =
        Remedy{.title = QStringLiteral("Restart %1 of %2").arg(whom, connection),
               .actionClass = 2,
               .steps = answers.steps + QStringList{QStringLiteral("Check that the operation goes on")}};
    return finding;
}

}  // namespace

QList<Finding> ruleSilentOsd(const CephScene& scene)
{
    const CephBlocked& blocked = scene.blocked();
    if (blocked.hangs() && blocked.hasCephPool()) {
        return {ofOsds(scene, blocked.connection)};
    }
    for (const GatewayBucket& bucket : bucketsOf(scene)) {
        if (bucket.mayWaitForStorage(scene) && !bucket.touched.cluster.isEmpty()) {
            return {ofOsds(scene, bucket.touched.cluster)};
        }
    }
    return {};
}

}  // namespace sluice::systems::ceph
