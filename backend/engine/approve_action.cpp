#include "engine/approve_action.h"

namespace sluice::engine {
namespace {

/// After an approval: what the task says of it. @error Aborted: it is not this approval that let it go on
Result<QString> approvedBy(const flow::FlowEngine& flow, const QString& runId, const QString& taskName,
                           const QString& principal)
{
    const flow::Run* run = flow.run(runId);
    const int index = run ? run->index.value(taskName, -1) : -1;
    const flow::Task* task = index < 0 ? nullptr : &run->tasks[static_cast<size_t>(index)];
    if (task && task->state == model::TaskState::Done && task->approvedBy == principal) {
        return QStringLiteral("%1 is %2, approved by %3")
            .arg(runId + '/' + taskName, model::toString(task->state), task->approvedBy);
    }
    return fail(Error{
        .code = ErrorCode::Aborted,
        .message = QStringLiteral("The approval of %1 is not seen").arg(runId + '/' + taskName),
        .cause = task ? QStringLiteral("it is %1, and approved by %2")
                            .arg(model::toString(task->state),
                                 task->approvedBy.isEmpty() ? QStringLiteral("nobody") : task->approvedBy)
                      : QStringLiteral("its run is not there any more"),
        .correction = QStringLiteral("Look at it: sluicectl flow show %1.").arg(runId),
        .source = QStringLiteral("flow")});
}

}  // namespace

actions::Description approveAction(flow::FlowEngine* flow)
{
    return {
        .method = QStringLiteral("flow.approve"),
        .params = {{"run", "string", true, "id of a run, e.g. R-1"},
                   {"task", "string", true, "name of a task of that run"}},
        .doc = QStringLiteral("Lets an approve task go on."),
        .plan =
            [](const actions::Call& call, actions::Description::Planned done) {
                const QString run = call.params["run"].toString();
                const QString task = call.params["task"].toString();
                done(actions::Plan{.title = QStringLiteral("Approve %1 of %2").arg(task, run),
                                   .objects = {run + '/' + task},
                                   .decided = {{"run", run}, {"task", task}}});
            },
        .steps =
            [flow](const actions::Call& call) {
                const QString run = call.params["run"].toString();
                const QString task = call.params["task"].toString();
                return QList<actions::Step>{
                    {.id = QStringLiteral("approve"),
                     .title = QStringLiteral("Let %1 go on").arg(task),
                     .checkedBy = QStringLiteral("the task says who approved it"),
                     .act =
                         [flow, run, task, by = call.asker.principal](actions::Step::Acted done) {
                             flow->approve(run, task, by, [done](const Result<void>& result) {
                                 done(result ? Result<actions::Effect>(actions::Effect{})
                                             : Result<actions::Effect>(fail(result.error())));
                             });
                         },
                     .verify = [flow, run, task, by = call.asker.principal](
                                   actions::Step::Seen seen) { seen(approvedBy(*flow, run, task, by)); }}};
            }};
}

}  // namespace sluice::engine
