// The steps of a reset, in their order, and those of them that the flow engine carries out.
#include <QtCore/QJsonArray>

#include "core/units.h"
#include "engine/reset_service.h"

namespace sluice::engine {

using actions::Effect;
using actions::Outcome;
using actions::Step;

namespace {

/// Acknowledges a step: what it came to, and by what that was seen.
flow::Acknowledge ends(Step::Acted done, Outcome outcome, const QString& by)
{
    return [done = std::move(done), outcome, by](const Result<void>& result) {
        done(result ? Result<Effect>(Effect{.outcome = outcome, .by = by}) : fail(result.error()));
    };
}

/// A process that was gone already was not ended by this step.
Result<Effect> deathOf(const Result<flow::ProcessEnd>& how)
{
    if (!how) {
        return fail(how.error());
    }
    return *how == flow::ProcessEnd::Reaped
               ? Effect{.outcome = Outcome::Verified, .by = QStringLiteral("its process is reaped")}
               : Effect{.outcome = Outcome::AlreadySo,
                        .by = QStringLiteral("there is no process of it any more")};
}

Error notHeld(const QString& task)
{
    return Error{.code = ErrorCode::Aborted,
                 .message = QStringLiteral("%1 is not fenced").arg(task),
                 .cause = QStringLiteral("something else let it go"),
                 .correction = QStringLiteral("Look at the new plan and decide again."),
                 .source = QStringLiteral("reset")};
}

Error runGone(const QString& run)
{
    return Error{.code = ErrorCode::Aborted,
                 .message = QStringLiteral("Run %1 has ended, or is being cancelled").arg(run),
                 .cause = QStringLiteral("that came while a reset of it was under way"),
                 .correction = QStringLiteral("There is nothing to reset."),
                 .source = QStringLiteral("reset")};
}

}  // namespace

const flow::Task* ResetService::taskOf(const Target& target) const
{
    const flow::Run* run = m_flow.run(target.run);
    return run && target.index < static_cast<int>(run->tasks.size())
               ? &run->tasks[static_cast<size_t>(target.index)]
               : nullptr;
}

std::function<void(Step::Acted)> ResetService::guarded(
    const Target& target, std::function<void(const Target&, Step::Acted)> act) const
{
    return [this, target, act = std::move(act)](Step::Acted done) {
        const flow::Run* run = m_flow.run(target.run);
        const flow::Task* task = taskOf(target);
        if (!task || run->cancelled || run->endedAtMs > 0) {
            done(fail(runGone(target.run)));
        } else if (target.call.carriedOn && !target.holds(*task) && task->fence > target.fence) {
            done(Effect{.outcome = Outcome::NotNeeded,
                        .by = QStringLiteral("%1 was let go before the restart").arg(target.id())});
        } else {
            act(target, std::move(done));
        }
    };
}

std::function<void(Step::Acted)> ResetService::whileHeld(
    const Target& target, std::function<void(const Target&, Step::Acted)> act) const
{
    return guarded(target, [this, act = std::move(act)](const Target& held, Step::Acted done) {
        if (held.holds(*taskOf(held))) {
            act(held, std::move(done));
        } else {
            done(fail(notHeld(held.id())));
        }
    });
}

QList<ResetService::Target> ResetService::targetsOf(const actions::Call& call)
{
    QList<Target> targets;
    const QJsonArray tasks = call.plan["tasks"].toArray();
    for (const QJsonValue& value : tasks) {
        targets.append({.run = call.params["run"].toString(),
                        .name = value["task"].toString(),
                        .index = value["index"].toInt(),
                        .attempt = value["attempt"].toInt(),
                        .fence = value["fence"].toInteger(),
                        .plan = value.toObject(),
                        .call = call});
    }
    return targets;
}

QList<Step> ResetService::steps(const actions::Call& call)
{
    const QString run = call.params["run"].toString();
    const QJsonArray tasks = call.plan["tasks"].toArray();
    QList<Step> steps;
    for (const Target& target : targetsOf(call)) {
        steps += stepsOf(target);
    }
    steps.append({.id = QStringLiteral("moves"),
                  .title = QStringLiteral("See that each task of %1 moves again").arg(run),
                  .checkedBy = QStringLiteral("first progress within 60 s"),
                  .name = QStringLiteral("run.watch"),
                  .objects = {run},
                  .verify = [this, run, tasks](Step::Seen seen) { verify(run, tasks, std::move(seen)); }});
    return steps;
}

QList<Step> ResetService::stepsOf(const Target& target)
{
    QList<Step> steps{fenceStep(target), blocklistStep(target), deadStep(target)};
    const auto* finder = m_planner.finderFor(model::Location::fromJson(target.plan["to"].toObject()));
    int locks = 0;
    const QJsonArray held = target.plan["locks"].toArray();
    for (const QJsonValue& lock : held) {
        if (finder && lock["alive"].isBool() && !lock["alive"].toBool()) {
            steps.append(lockStep(target, *finder, lock.toObject(), ++locks));
        }
    }
    int drops = 0;
    const QJsonArray dropped = target.plan["dropped"].toArray();
    for (const QJsonValue& object : dropped) {
        if (finder) {
            steps.append(dropStep(target, *finder, object.toObject(), ++drops));
        }
    }
    steps.append(startStep(target));
    return steps;
}

Step ResetService::fenceStep(const Target& target)
{
    const QString raised = QStringLiteral("its fence is %1").arg(target.fence + 1);
    return {.id = target.name + QStringLiteral(".fence"),
            .title = QStringLiteral("Fence attempt %1 of %2, fence %3 becomes %4")
                         .arg(target.attempt)
                         .arg(target.name)
                         .arg(target.fence)
                         .arg(target.fence + 1),
            .checkedBy = raised,
            .name = QStringLiteral("attempt.fence"),
            .objects = {target.id()},
            .act = guarded(target,
                           [this](const Target& task, Step::Acted done) {
                               tellCase(task.call);
                               m_flow.beginReset(task.run, task.index, task.attempt, task.fence,
                                                 ends(std::move(done), Outcome::Done, {}));
                           }),
            .verify = [this, target, raised](Step::Seen seen) {
                const flow::Task* task = taskOf(target);
                if (task && target.holds(*task)) {
                    seen(raised);
                } else {
                    seen(fail(notHeld(target.id())));
                }
            }};
}

Step ResetService::blocklistStep(const Target& target)
{
    const QString nothing = QStringLiteral("it had nothing to write with yet");
    const QString proof = target.plan["proof"].toString();
    return {.id = target.name + QStringLiteral(".blocklist"),
            .title = QStringLiteral("Shut out attempt %1 of %2").arg(target.attempt).arg(target.name),
            .checkedBy = proof.isEmpty() ? nothing : proof,
            .name = QStringLiteral("client.blocklist"),
            .objects = {target.id()},
            .detail = {{"addresses", target.plan["fenced"]}},
            .act = whileHeld(target, [this, nothing](const Target& task, Step::Acted done) {
                m_flow.lastAttempt(
                    task.run, task.index, [this, done, nothing](const Result<flow::AttemptRecord>& attempt) {
                        if (attempt) {
                            const QString seen = m_fencer.describe(*attempt).proof;
                            m_fencer.fence(*attempt, seen.isEmpty() ? ends(done, Outcome::NotNeeded, nothing)
                                                                    : ends(done, Outcome::Verified, seen));
                        } else if (attempt.error().code == ErrorCode::NotFound) {
                            done(Effect{.outcome = Outcome::NotNeeded,
                                        .by = QStringLiteral("it never had an attempt")});
                        } else {
                            done(fail(attempt.error()));
                        }
                    });
            })};
}

Step ResetService::deadStep(const Target& target)
{
    return {.id = target.name + QStringLiteral(".dead"),
            .title = QStringLiteral("Prove attempt %1 dead").arg(target.attempt),
            .checkedBy = QStringLiteral("its process is reaped"),
            .name = QStringLiteral("attempt.kill"),
            .objects = {target.id()},
            .act = whileHeld(target, [this](const Target& task, Step::Acted done) {
                const auto kill = [this, task, done](const Result<void>& fenced) {
                    if (!fenced) {
                        done(fail(fenced.error()));
                        return;
                    }
                    m_flow.killAttempt(task.run, task.index, this,
                                       [done](const Result<flow::ProcessEnd>& how) { done(deathOf(how)); });
                };
                m_flow.lastAttempt(task.run, task.index,
                                   [this, task, kill](const Result<flow::AttemptRecord>& attempt) {
                                       // A process of an engine that ended is no child of this one: the
                                       // fencer ends it.
                                       if (attempt && task.call.carriedOn) {
                                           m_fencer.fence(*attempt, kill);
                                       } else {
                                           kill(attempt || attempt.error().code == ErrorCode::NotFound
                                                    ? Result<void>()
                                                    : Result<void>(fail(attempt.error())));
                                       }
                                   });
            })};
}

Step ResetService::startStep(const Target& target)
{
    const qint64 kept = target.plan["kept"]["objects"].toInteger();
    return {.id = target.name + QStringLiteral(".start"),
            .title = QStringLiteral("Start attempt %1 of %2").arg(target.attempt + 1).arg(target.name),
            .checkedBy = kept > 0 ? QStringLiteral(
                                        "%1 stored objects are compared with the manifest and kept if equal")
                                        .arg(formatCount(kept))
                                  : QStringLiteral("it is let go"),
            .name = QStringLiteral("attempt.start"),
            .objects = {target.id()},
            .act = whileHeld(
                target,
                [this](const Target& task, Step::Acted done) {
                    // The attempt that a life before left open is closed with it.
                    m_flow.lastAttempt(
                        task.run, task.index, [this, task, done](const Result<flow::AttemptRecord>& attempt) {
                            if (attempt || attempt.error().code == ErrorCode::NotFound) {
                                m_flow.finishReset(task.run, task.index, ends(done, Outcome::Done, {}));
                            } else {
                                done(fail(attempt.error()));
                            }
                        });
                }),
            .verify = [this, target](Step::Seen seen) {
                const flow::Task* task = taskOf(target);
                if (task && !target.holds(*task)) {
                    seen(QStringLiteral("%1 is let go and may start").arg(target.id()));
                } else {
                    seen(fail(runGone(target.run)));
                }
            }};
}

}  // namespace sluice::engine
