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

}  // namespace

QList<Finding> ruleReported(const Scene& scene)
{
    const Blocked& blocked = scene.blocked();
    if (blocked.what != QLatin1String("failed")) {
        return {};
    }
    const TaskView& task = scene.task();
    const Error& error = blocked.error;
    Finding finding{.rule = QStringLiteral("R1"),
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
        evidence(QStringLiteral("%1 answered: %2").arg(error.upstream->system, error.upstream->text));
    }
    Remedy remedy{.method = QStringLiteral("flow.reset"),
                  .title = QStringLiteral("Mend the cause, then reset %1").arg(task.task),
                  .actionClass = 2};
    remedy.steps.append(stepOf(finding.correction));
    if (flowMayBeWrong(error.code)) {
        remedy.steps.append(
            QStringLiteral("If the flow can work after that, reset it: sluicectl flow reset %1").arg(task.run));
        remedy.steps.append(QStringLiteral("If the flow file itself is wrong instead: sluicectl flow cancel %1 --yes, "
                                           "correct the file and submit it again")
                                .arg(task.run));
    } else {
        remedy.steps.append(QStringLiteral("Reset it: sluicectl flow reset %1").arg(task.run));
    }
    finding.remedy = remedy;
    return {finding};
}

}  // namespace sluice::diagnosis
