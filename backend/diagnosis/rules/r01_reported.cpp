#include <cerrno>

#include <QtCore/QSet>

#include "diagnosis/gateway_view.h"
#include "diagnosis/rules.h"

namespace sluice::diagnosis {
namespace {

/// Without the full stop that a sentence has and a step has not.
QString stepOf(const QString& sentence)
{
    return sentence.endsWith('.') ? sentence.chopped(1) : sentence;
}

/// Whether what the flow file asks for may itself be what is wrong.
bool flowMayBeWrong(ErrorCode code)
{
    switch (code) {
        case ErrorCode::InvalidArgument:
        case ErrorCode::NotFound:
        case ErrorCode::AlreadyExists:
        case ErrorCode::PermissionDenied:
        case ErrorCode::FailedPrecondition:
        case ErrorCode::ResourceExhausted:
            return true;
        default:
            return false;
    }
}

/// Only a new client instance gets in again; taking the entry away would let half-done work of the old one go
/// on.
constexpr int kFenced = -ESHUTDOWN;

/// A Ceph pool or a bucket that is not there, and a key that works for nobody, is one outage for all that use
/// it.
QStringList sharedWithOthers(const TaskView& task, const Error& error)
{
    static const QSet<QString> kOfTheKey{
        QStringLiteral("UserSuspended"), QStringLiteral("InvalidAccessKeyId"),
        QStringLiteral("SignatureDoesNotMatch"), QStringLiteral("RequestTimeTooSkewed")};
    QStringList shared;
    for (const TouchedPool& one : task.cephPools) {
        if (error.message.contains(
                QStringLiteral("There is no Ceph pool '%1' in %2").arg(one.cephPool, one.connection))) {
            shared.append(idOf(one.connection, QStringLiteral("no-ceph-pool"), one.cephPool));
        }
    }
    const QString code = gatewayCode(error);
    for (const TouchedBucket& one : task.buckets) {
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

QString resetStep(const TaskView& task)
{
    return QStringLiteral("sluicectl flow reset %1").arg(task.run);
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
            QStringLiteral("Reset it: %1").arg(resetStep(task))}};
}

/// What is stored is not what was put there: to look at it again finds the same.
void explainDifference(const TaskView& task, Finding& finding)
{
    finding.remedy = Remedy{
        .title = QStringLiteral("Copy again what was changed"),
        .actionClass = 2,
        .steps = {stepOf(finding.correction),
                  QStringLiteral("End this run: sluicectl flow cancel %1 --yes; submit the flow again with "
                                 "onExisting: replace on its move: what is equal is kept")
                      .arg(task.run),
                  QStringLiteral(
                      "A reset verifies once more and finds the same, unless the objects were put back as "
                      "they were")}};
}

}  // namespace

QList<Finding> ruleReported(const Scene& scene)
{
    const Blocked& blocked = scene.blocked();
    if (blocked.what != QLatin1String("failed")) {
        return {};
    }
    const TaskView& task = scene.task();
    const Error& error = blocked.error;
    Finding finding{
        .rule = QStringLiteral("R1"),
        .title = error.message.isEmpty() ? QStringLiteral("%1 failed").arg(task.task) : error.message,
        .verdict = Verdict::Confirmed,
        .distance = 0,
        .correction = error.correction.isEmpty()
                          ? QStringLiteral("Read its log: sluicectl flow log %1 %2").arg(task.run, task.task)
                          : error.correction};
    const QString source = error.source.isEmpty() ? QStringLiteral("worker") : error.source;
    const auto evidence = [&](const QString& text) {
        finding.evidence.append(
            {.text = text, .source = source, .entity = task.id, .observedAtMs = task.lastProgressAtMs});
    };
    evidence(error.cause.isEmpty() ? QStringLiteral("No cause is given") : error.cause);
    if (error.upstream) {
        evidence(QStringLiteral("%1 answered %2 %3")
                     .arg(error.upstream->system, QString::number(error.upstream->code), error.upstream->text)
                     .trimmed());
    }
    if (error.upstream && error.upstream->code == kFenced && source == QLatin1String("ceph")) {
        explainFence(task, error, finding);
        return {finding};
    }
    if (scene.onlyReads() && error.code == ErrorCode::Aborted && source == QLatin1String("mover")) {
        explainDifference(task, finding);
        return {finding};
    }
    finding.broken = sharedWithOthers(task, error);
    Remedy remedy{.method = QStringLiteral("flow.reset"),
                  .params = {{"run", task.run}},
                  .title = QStringLiteral("Mend the cause, then reset %1").arg(task.task),
                  .actionClass = 2};
    remedy.steps.append(stepOf(finding.correction));
    if (flowMayBeWrong(error.code)) {
        remedy.steps.append(
            QStringLiteral("If the flow can work after that, reset it: %1").arg(resetStep(task)));
        remedy.steps.append(
            QStringLiteral("If the flow file itself is wrong instead: sluicectl flow cancel %1 --yes, "
                           "correct the file and submit it again")
                .arg(task.run));
    } else {
        remedy.steps.append(QStringLiteral("Reset it: %1").arg(resetStep(task)));
    }
    finding.remedy = remedy;
    return {finding};
}

}  // namespace sluice::diagnosis
