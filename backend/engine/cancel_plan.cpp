#include "engine/cancel_plan.h"

#include <QtCore/QJsonArray>
#include <QtCore/QTimer>

#include "core/canonical_json.h"

namespace sluice::engine {

using model::TaskState;

namespace {

constexpr int kVerifyMs = 60'000;
constexpr int kVerifyPollMs = 100;

QJsonObject step(const QString& id, const QString& title, const QString& check)
{
    return {{"id", id}, {"title", title}, {"checkedBy", check}};
}

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

}  // namespace

Result<QJsonObject> planCancel(const flow::FlowEngine& flow, const QString& runId)
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
    QJsonArray tasks, steps;
    const QList<flow::AttemptRecord> open = flow.openAttempts(runId);
    for (const flow::AttemptRecord& attempt : open) {
        const QString name = run->tasks[static_cast<size_t>(attempt.task)].name;
        QJsonArray fenced;
        for (const QJsonObject& client : attempt.clients) {
            if (client.contains(QLatin1String("address"))) {
                fenced.append(client["address"]);
            }
        }
        tasks.append(QJsonObject{{"task", name},
                                 {"index", attempt.task},
                                 {"attempt", attempt.attempt},
                                 {"fence", attempt.fence},
                                 {"fenced", fenced}});
        steps.append(step(name, QStringLiteral("Kill and fence ") + nameOf(*run, attempt),
                          QStringLiteral("its process is reaped, its client fenced")));
    }
    steps.append(step(QStringLiteral("run"), QStringLiteral("Mark %1 as cancelled").arg(runId),
                      QStringLiteral("no attempt of it is left")));
    const int done = run->count(TaskState::Done);
    const int failed = run->count(TaskState::Failed);
    const int ending =
        run->count(TaskState::Running) + run->count(TaskState::Verifying) + run->count(TaskState::Stalled);
    // What a person decides on. Attempts and counts are not of it: on a busy run they change faster than
    // anybody reads, and ending the run is the same decision whichever of its tasks is at work.
    const QJsonObject decided{
        {"action", "flow.cancel"},
        {"class", 2},
        {"run", runId},
        {"touches", QJsonArray{QStringLiteral("What is stored stays where it is.")}},
        {"cannotUndo",
         QJsonArray{QStringLiteral("%1 cannot go on afterwards; a new run of %2 starts from the beginning "
                                   "and keeps what is equal.")
                        .arg(runId, run->flow)}}};
    QJsonObject plan = decided;
    plan["tasks"] = tasks;
    plan["steps"] = steps;
    plan["ending"] = ending;
    plan["notStarted"] = static_cast<int>(run->tasks.size()) - ending - done - failed;
    plan["done"] = done;
    return QJsonObject{
        {"plan", plan},
        {"planHash", sha256Of(QJsonObject{{"decided", decided}, {"cancelled", run->cancelled}})},
        {"stateHash",
         sha256Of(QJsonObject{{"run", runId}, {"cancelled", run->cancelled}, {"tasks", tasks}})}};
}

void verifyCancel(flow::FlowEngine& flow, const QString& runId, const Clock& clock,
                  actions::Action::Verified done)
{
    auto* timer = new QTimer(&flow);
    const qint64 began = clock.monotonicMs();
    QObject::connect(
        timer, &QTimer::timeout, timer, [&flow, &clock, timer, runId, began, done = std::move(done)] {
            const flow::Run& run = *flow.run(runId);
            const QList<flow::AttemptRecord> open = flow.openAttempts(runId);
            const bool ended = open.isEmpty() && run.endedAtMs > 0;
            if (!ended && clock.monotonicMs() - began < kVerifyMs) {
                return;
            }
            timer->stop();
            timer->deleteLater();
            if (ended) {
                done(QStringLiteral("%1 has ended, and no attempt of it is left").arg(runId));
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
