#include "diagnosis/rules.h"

namespace sluice::diagnosis {

QList<Finding> ruleStoppedWorker(const Scene& scene)
{
    const TaskView& task = scene.task();
    if (task.stoppedPid <= 0) {
        return {};
    }
    const QString goOn = QStringLiteral("kill -CONT %1").arg(task.stoppedPid);
    return {{.rule = QStringLiteral("R61"),
             .title = QStringLiteral("The worker of %1 is stopped").arg(task.task),
             .verdict = Verdict::Confirmed,
             .distance = 0,
             .evidence = {{.text = QStringLiteral("Process %1 is stopped (state T): by a signal or a debugger").arg(task.stoppedPid),
                           .source = QStringLiteral("/proc/%1/stat").arg(task.stoppedPid),
                           .entity = task.id,
                           .observedAtMs = scene.nowMs()}},
             .correction = QStringLiteral("Let it go on (%1), or reset the task, which ends it and starts another.").arg(goOn),
             .remedy = Remedy{.title = QStringLiteral("Let the worker of %1 go on").arg(task.task),
                              .actionClass = 1,
                              .steps = {QStringLiteral("Find who stopped it, and whether it may go on"),
                                        QStringLiteral("On the machine of the engine: %1").arg(goOn),
                                        QStringLiteral("Or end it and start another: sluicectl flow reset %1").arg(task.run)}}}};
}

}  // namespace sluice::diagnosis
