#include <QtCore/QSet>
#include <algorithm>
#include <cerrno>

#include "diagnosis/general_rules.h"
#include "systems/ceph/rules/gateway_view.h"
#include "systems/ceph/rules/rules.h"

namespace sluice::systems::ceph {
namespace {

/// Only a new client instance gets in again; taking the entry away would let half-done work of the old one go
/// on.
constexpr int kFenced = -ESHUTDOWN;

/// A Ceph pool or a bucket that is not there, and a key that works for nobody, is one outage for all that use
/// it.
QStringList sharedWithOthers(const CephScene& scene, const Error& error)
{
    static const QSet<QString> kOfTheKey{
        QStringLiteral("UserSuspended"), QStringLiteral("InvalidAccessKeyId"),
        QStringLiteral("SignatureDoesNotMatch"), QStringLiteral("RequestTimeTooSkewed")};
    QStringList shared;
    for (const TouchedPool& one : scene.cephPools()) {
        if (error.message.contains(
                QStringLiteral("There is no Ceph pool '%1' in %2").arg(one.cephPool, one.connection))) {
            shared.append(idOf(one.connection, QStringLiteral("no-ceph-pool"), one.cephPool));
        }
    }
    const QString code = gatewayCode(error);
    for (const TouchedBucket& one : scene.buckets()) {
        if (code.isEmpty() || error.upstream->system != one.gateway) {
            continue;
        }
        if (code == QLatin1String("NoSuchBucket")) {
            shared.append(idOf(one.gateway, QStringLiteral("no-bucket"), one.bucket));
        } else if (kOfTheKey.contains(code)) {
            shared.append(idOf(one.gateway, QStringLiteral("refusal"), code));
        }
    }
    shared.removeDuplicates();
    return shared;
}

/// The engine ends an attempt before it fences it, so one that reports its own fence was fenced by somebody
/// else.
void explainFence(const TaskView& task, const Error& error, Finding& finding)
{
    finding.rule = QStringLiteral("R19");
    // One entry for a whole host refuses every client of this engine there, whatever run it belongs to.
    finding.broken = {
        idOf(error.upstream->system, QStringLiteral("blocklist"), QStringLiteral("clients of this engine"))};
    finding.title = QStringLiteral("Somebody put the client of %1 on the blocklist").arg(task.task);
    finding.correction = QStringLiteral(
        "Find who fenced it and why, then reset the task: a new attempt is a new client, "
        "which the entry does not reach.");
    finding.remedy = Remedy{
        .method = QStringLiteral("flow.reset"),
        .params = {{"run", task.run}},
        .title = QStringLiteral("Reset %1, which connects as a new client").arg(task.task),
        .actionClass = 2,
        .steps = {
            QStringLiteral("Find who fenced it: the cluster's own audit log names the command and its sender "
                           "(ceph log last 100 info audit)"),
            QStringLiteral("See that the entry is of this client alone, not of its whole host (ceph osd "
                           "blocklist ls)"),
            QStringLiteral("Reset it: sluicectl flow reset %1").arg(task.run)}};
}

}  // namespace

void explainFailure(const CephScene& scene, QList<Finding>& findings)
{
    const auto reported = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.rule == diagnosis::kReported && finding.verdict == Verdict::Confirmed;
    });
    if (scene.blocked().what != QLatin1String("failed") || reported == findings.end()) {
        return;
    }
    const Error& error = scene.blocked().error;
    if (error.upstream && error.upstream->code == kFenced && error.source == QLatin1String("ceph")) {
        explainFence(scene.task(), error, *reported);
        return;
    }
    reported->broken = sharedWithOthers(scene, error);
}

}  // namespace sluice::systems::ceph
