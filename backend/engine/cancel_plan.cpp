#include "engine/cancel_plan.h"

#include <QtCore/QJsonArray>
#include <QtCore/QTimer>

namespace sluice::engine {

using model::TaskState;

namespace {

constexpr int kVerifyMs = 60'000;
constexpr int kVerifyPollMs = 100;

QString nameOf(const flow::Run& run, const flow::AttemptRecord& attempt)
{
    return QStringLiteral("attempt %1 of %2")
        .arg(attempt.attempt)
        .arg(run.tasks[static_cast<size_t>(attempt.task)].name);
}

/// What refused the last try to fence it; empty if nothing did.
QString whyNotFenced(const flow::Task& task)
{
    if (!task.live || task.live->blocked["what"].toString() != QLatin1String("fence")) {
        return {};
    }
    const QJsonObject error = task.live->blocked["error"].toObject();
    const QString cause = error["cause"].toString();
    return cause.isEmpty() ? error["message"].toString() : error["message"].toString() + ": " + cause;
}

/// By what the end of an attempt is known.
QString endProof(const QString& fence)
{
    const QString reaped = QStringLiteral("its process is reaped");
    return fence.isEmpty() ? reaped : reaped + QStringLiteral(", ") + fence;
}

Result<actions::Plan> planCancel(const flow::FlowEngine& flow, const QString& runId)
{
    const flow::Run* run = flow.run(runId);
    if (!run) {
        return fail(flow::noSuchRun(runId));
    }
    if (run->endedAtMs > 0) {
        return fail(Error{.code = ErrorCode::FailedPrecondition,
                          .message = QStringLiteral("Run %1 has ended").arg(runId),
                          .cause = QStringLiteral("it is %1").arg(model::toString(run->state())),
                          .correction = QStringLiteral("There is nothing to cancel."),
                          .source = QStringLiteral("flow")});
    }
    QJsonArray tasks;
    QStringList objects{runId};
    const QList<flow::AttemptRecord> open = flow.openAttempts(runId);
    for (const flow::AttemptRecord& attempt : open) {
        const QString name = run->tasks[static_cast<size_t>(attempt.task)].name;
        const flow::FenceWords words = flow.fenceOf(attempt);
        objects.append(runId + '/' + name);
        tasks.append(QJsonObject{{"task", name},
                                 {"index", attempt.task},
                                 {"attempt", attempt.attempt},
                                 {"fence", attempt.fence},
                                 {"fenced", QJsonArray::fromStringList(words.holders)},
                                 {"proof", words.proof}});
    }
    const int done = run->count(TaskState::Done);
    const int failed = run->count(TaskState::Failed);
    const int ending =
        run->count(TaskState::Running) + run->count(TaskState::Verifying) + run->count(TaskState::Stalled);
    // Attempts and counts are not decided on: on a busy run they change faster than anybody reads, and ending
    // the run is the same decision whichever of its tasks is at work.
    return actions::Plan{
        .title = QStringLiteral("Cancel %1").arg(runId),
        .objects = objects,
        .decided = {{"run", runId}, {"cancelled", run->cancelled}},
        .figures = {{"tasks", tasks},
                    {"ending", ending},
                    {"notStarted", static_cast<int>(run->tasks.size()) - ending - done - failed},
                    {"done", done}},
        .state = {{"run", runId}, {"cancelled", run->cancelled}, {"tasks", tasks}},
        .touches = {QStringLiteral("What is stored stays where it is.")},
        .cannotUndo = {QStringLiteral("%1 cannot go on afterwards; a new run of %2 starts from the beginning "
                                      "and keeps what is equal.")
                           .arg(runId, run->flow)}};
}

/// Marks the run as cancelled, which kills and fences all its attempts.
void cancel(flow::FlowEngine& flow, const QString& runId, actions::Step::Acted done)
{
    const flow::Run* run = flow.run(runId);
    if (run && (run->cancelled || run->endedAtMs > 0)) {
        done(actions::Effect{});
        return;
    }
    flow.cancel(runId, [done = std::move(done)](const Result<void>& cancelled) {
        done(cancelled ? Result<actions::Effect>(actions::Effect{})
                       : Result<actions::Effect>(fail(cancelled.error())));
    });
}

}  // namespace

actions::Description cancelAction(flow::FlowEngine* flow, const Clock* clock)
{
    return {
        .method = QStringLiteral("flow.cancel"),
        .actionClass = 2,
        .params = {{"run", "string", true, "id of a run, e.g. R-1"}},
        .planMembers = QStringLiteral(
            "{action, class, run, tasks: [{task, attempt, fence, fenced, proof}], steps: [{id, title, "
            "checkedBy}], touches, cannotUndo, ending, notStarted, done}"),
        .doc = QStringLiteral(
            "Ends a run: its attempts are killed and fenced; what is stored stays. Void if the run has "
            "ended or was cancelled since the plan. Answers when it is begun; verified when no attempt is "
            "left."),
        .planDoc = QStringLiteral("What ending a run would kill and fence. Changes nothing."),
        .plan =
            [flow](const actions::Call& call, actions::Description::Planned done) {
                done(planCancel(*flow, call.params["run"].toString()));
            },
        .steps =
            [flow, clock](const actions::Call& call) {
                const QString run = call.params["run"].toString();
                const auto act = [flow, run](actions::Step::Acted done) {
                    cancel(*flow, run, std::move(done));
                };
                QList<actions::Step> steps;
                for (const QJsonValue& task : call.plan["tasks"].toArray()) {
                    const QString name = task["task"].toString();
                    const QString proof = endProof(task["proof"].toString());
                    steps.append({.id = name + QStringLiteral(".end"),
                                  .title = QStringLiteral("Kill and fence attempt %1 of %2")
                                               .arg(task["attempt"].toInt())
                                               .arg(name),
                                  .checkedBy = proof,
                                  .name = QStringLiteral("attempt.end"),
                                  .objects = {run + '/' + name},
                                  .act = act,
                                  .verify = [flow, clock, run, proof,
                                             index = task["index"].toInt()](actions::Step::Seen seen) {
                                      verifyCancel(*flow, run, *clock, std::move(seen), index, proof);
                                  }});
                }
                steps.append({.id = QStringLiteral("run"),
                              .title = QStringLiteral("Mark %1 as cancelled").arg(run),
                              .checkedBy = QStringLiteral("no attempt of it is left"),
                              .act = act,
                              .verify = [flow, clock, run](actions::Step::Seen seen) {
                                  verifyCancel(*flow, run, *clock, std::move(seen));
                              }});
                return steps;
            },
        .resumes = true};
}

void verifyCancel(flow::FlowEngine& flow, const QString& runId, const Clock& clock, actions::Step::Seen done,
                  int task, const QString& proof)
{
    auto* timer = new QTimer(&flow);
    const qint64 began = clock.monotonicMs();
    QObject::connect(
        timer, &QTimer::timeout, timer,
        [&flow, &clock, timer, runId, began, task, proof, done = std::move(done)] {
            const flow::Run& run = *flow.run(runId);
            QList<flow::AttemptRecord> open = flow.openAttempts(runId);
            if (task >= 0) {
                open.removeIf([task](const flow::AttemptRecord& one) { return one.task != task; });
            }
            const bool ended = open.isEmpty() && (task >= 0 || run.endedAtMs > 0);
            if (!ended && clock.monotonicMs() - began < kVerifyMs) {
                return;
            }
            timer->stop();
            timer->deleteLater();
            if (ended) {
                done(task < 0 ? QStringLiteral("%1 has ended, and no attempt of it is left").arg(runId)
                              : proof);
                return;
            }
            QStringList left;
            for (const flow::AttemptRecord& attempt : open) {
                const QString why = whyNotFenced(run.tasks[static_cast<size_t>(attempt.task)]);
                left.append(nameOf(run, attempt) +
                            (why.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(why)));
            }
            done(fail(Error{
                .code = ErrorCode::DeadlineExceeded,
                .message = QStringLiteral("The end of %1 is not verified").arg(runId),
                .cause = left.isEmpty() ? QStringLiteral("the run has not ended within 60 s")
                                        : QStringLiteral("not proved to be reaped and fenced within 60 s: %1")
                                              .arg(left.join(QStringLiteral(", "))),
                .correction =
                    QStringLiteral("It is tried further. See what it waits for with: sluicectl flow show %1.")
                        .arg(runId),
                .source = QStringLiteral("flow")}));
        });
    timer->start(kVerifyPollMs);
}

}  // namespace sluice::engine
