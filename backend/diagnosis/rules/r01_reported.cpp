#include "diagnosis/general_rules.h"

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

QString resetStep(const TaskView& task)
{
    return QStringLiteral("sluicectl flow reset %1").arg(task.run);
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
        .rule = kReported,
        .title = error.message.isEmpty() ? QStringLiteral("%1 failed").arg(task.task) : error.message,
        .verdict = Verdict::Confirmed,
        .scope = Scope::Object,
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
    if (scene.onlyReads() && error.code == ErrorCode::Aborted && source == QLatin1String("mover")) {
        explainDifference(task, finding);
        return {finding};
    }
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
