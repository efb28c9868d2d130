#include "diagnosis/general_rules.h"

namespace sluice::diagnosis {

namespace {

/// Nobody is there that could wait for anything.
Finding ended(const Scene& scene)
{
    const TaskView& task = scene.task();
    const Error& error = scene.blocked().error;
    Evidence said = scene.report();
    said.source = QStringLiteral("sluiced");
    return {.rule = QStringLiteral("R61"),
            .title = error.message,
            .verdict = Verdict::Confirmed,
            .scope = Scope::Object,
            .evidence = {said,
                         {.text = error.cause,
                          .source = said.source,
                          .entity = task.id,
                          .observedAtMs = said.observedAtMs}},
            .correction = QStringLiteral("%1. Another attempt is begun by itself.").arg(error.correction),
            .remedy = Remedy{
                .title = QStringLiteral("Find what ends the worker of %1").arg(task.task),
                .actionClass = 0,
                .steps = {QStringLiteral("sluicectl flow log %1 %2").arg(task.run, task.task),
                          QStringLiteral(
                              "On the machine of the engine: dmesg, for processes killed for want of memory"),
                          QStringLiteral("Check that the next attempt goes on")}}};
}

}  // namespace

QList<Finding> ruleStoppedWorker(const Scene& scene)
{
    const TaskView& task = scene.task();
    if (scene.blocked().what == QLatin1String("worker")) {
        return {ended(scene)};
    }
    if (task.stoppedPid <= 0) {
        return {};
    }
    const QString goOn = QStringLiteral("kill -CONT %1").arg(task.stoppedPid);
    return {
        {.rule = QStringLiteral("R61"),
         .title = QStringLiteral("The worker of %1 is stopped").arg(task.task),
         .verdict = Verdict::Confirmed,
         .scope = Scope::Object,
         .evidence = {{.text = QStringLiteral("Process %1 is stopped (state T): by a signal or a debugger")
                                   .arg(task.stoppedPid),
                       .source = QStringLiteral("/proc/%1/stat").arg(task.stoppedPid),
                       .entity = task.id,
                       .observedAtMs = scene.nowMs()}},
         .correction =
             QStringLiteral("Let it go on (%1), or reset the task, which ends it and starts another.")
                 .arg(goOn),
         .remedy = Remedy{
             .title = QStringLiteral("Let the worker of %1 go on").arg(task.task),
             .actionClass = 1,
             .steps = {
                 QStringLiteral("Find who stopped it, and whether it may go on"),
                 QStringLiteral("On the machine of the engine: %1").arg(goOn),
                 QStringLiteral("Or end it and start another: sluicectl flow reset %1").arg(task.run)}}}};
}

}  // namespace sluice::diagnosis
