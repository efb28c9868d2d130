// The part of ActionRunner that walks through the steps of an action, also of one that an earlier life began.
#include <QtCore/QJsonArray>
#include <QtCore/QTimer>
#include <algorithm>

#include "actions/open_action.h"
#include "core/log.h"

namespace sluice::actions {
namespace {

/// Its pause doubles so often.
constexpr int kMostDoubled = 4;

/// What all steps come to together.
Outcome overall(const QList<Step>& steps, const QHash<QString, QString>& ended)
{
    QStringList outcomes;
    for (const Step& step : steps) {
        outcomes.append(ended.value(step.id));
    }
    const auto all = [&outcomes](const QList<Outcome>& of) {
        return std::all_of(outcomes.begin(), outcomes.end(), [&of](const QString& word) {
            return std::any_of(of.begin(), of.end(), [&word](Outcome one) { return toString(one) == word; });
        });
    };
    return all({Outcome::NotNeeded})                                          ? Outcome::NotNeeded
           : all({Outcome::NotNeeded, Outcome::AlreadySo})                    ? Outcome::AlreadySo
           : all({Outcome::NotNeeded, Outcome::AlreadySo, Outcome::Verified}) ? Outcome::Verified
                                                                              : Outcome::Done;
}

}  // namespace

void ActionRunner::keep(OpenPtr open, Recorded then)
{
    if (!m_kept || open->action.kept.isEmpty()) {
        then({});
        return;
    }
    QJsonObject body = KeptActions::withOutcomes(open->action.kept, open->outcomes);
    body["times"] = open->times;
    m_kept->keep(open->id, body, std::move(then));
}

/// A next life ends it as failed, instead of carrying on what it had not begun.
void ActionRunner::keepFailure(OpenPtr open, const QString& outcome, const Error& error, Recorded then)
{
    const QString step = open->at < open->action.steps.size() ? open->action.steps[open->at].id : QString();
    if (m_kept && !open->action.kept.isEmpty()) {
        open->action.kept["failed"] =
            QJsonObject{{"step", step}, {"outcome", outcome}, {"error", error.toJson()}};
    }
    keep(open, std::move(then));
}

void ActionRunner::walk(OpenPtr open)
{
    // A step that a later release adds in the middle has no outcome, and those after it have theirs.
    const QList<Step>& steps = open->action.steps;
    while (open->at < steps.size() && open->outcomes.contains(steps[open->at].id)) {
        ++open->at;
    }
    if (open->at >= open->action.steps.size()) {
        walked(open);
        return;
    }
    // No record, no act.
    noteStep(open, QStringLiteral("intent"), {{"title", open->action.steps[open->at].title}},
             [this, open](const Result<void>& written) {
                 if (written) {
                     awaitTime(open);
                 } else {
                     stepFailed(open, written.error(), true, Outcome::Failed, [this, open] { walk(open); });
                 }
             });
}

/// A step that has a time is acted once that has come; the time is kept before it is waited for.
void ActionRunner::awaitTime(OpenPtr open)
{
    const Step& step = open->action.steps[open->at];
    if (!step.notBefore) {
        act(open);
        return;
    }
    if (!open->times.contains(step.id)) {
        open->times[step.id] = step.notBefore();
        keep(open, [this, open, id = step.id](const Result<void>& kept) {
            if (kept) {
                awaitTime(open);
                return;
            }
            open->times.remove(id);
            stepFailed(open, kept.error(), true, Outcome::Failed, [this, open] { awaitTime(open); });
        });
        return;
    }
    const qint64 time = open->times[step.id].toInteger();
    const qint64 left = time - m_clock.nowMs();
    if (left <= 0) {
        act(open);
        return;
    }
    // It is looked at in between: the clock may be set.
    waits(open, step.waitText.arg(toRfc3339(time)), static_cast<int>(qMin<qint64>(left, m_pace.lookMs)),
          [this, open] { awaitTime(open); });
}

/// Nothing is wrong; what is waited for is said once.
void ActionRunner::waits(OpenPtr open, const QString& what, int ms, std::function<void()> again)
{
    open->troubleSinceMs = 0;
    open->troubles = 0;
    if (m_rows.tellStep(open->id, open->action.steps[open->at].id, QStringLiteral("running"), what,
                        toRfc3339(m_clock.nowMs()))) {
        announce({open->id});
    }
    QTimer::singleShot(ms, this, std::move(again));
}

/// An earlier step has to be done again, and those after it with it.
void ActionRunner::goBack(OpenPtr open, const Effect& effect)
{
    const QList<Step>& steps = open->action.steps;
    const auto to = std::find_if(steps.begin(), steps.begin() + open->at,
                                 [&effect](const Step& step) { return step.id == effect.backTo; });
    noteStep(open, QStringLiteral("waits"), {{"by", effect.by}, {"backTo", to->id}},
             [this, open, first = to - steps.begin()](const Result<void>&) {
                 for (qsizetype i = first; i < open->at; ++i) {
                     m_rows.setStep(open->id, open->action.steps[i].id, QStringLiteral("waiting"), {}, {});
                 }
                 announce({open->id});
                 open->at = first;
                 for (qsizetype i = first; i < open->action.steps.size(); ++i) {
                     open->outcomes.remove(open->action.steps[i].id);
                 }
                 keep(open, [this, open](const Result<void>& kept) {
                     if (kept) {
                         walk(open);
                     } else {
                         stepFailed(open, kept.error(), true, Outcome::Failed, [this, open] { walk(open); });
                     }
                 });
             });
}

void ActionRunner::act(OpenPtr open)
{
    const Step& step = open->action.steps[open->at];
    if (!step.act) {
        look(open, {.outcome = Outcome::Done});
        return;
    }
    step.act([this, open](const Result<Effect>& effect) {
        if (effect && effect->waits) {
            waits(open, effect->by, m_pace.lookMs, [this, open] { act(open); });
            return;
        }
        if (effect && !effect->backTo.isEmpty()) {
            goBack(open, *effect);
            return;
        }
        if (effect) {
            open->troubleSinceMs = 0;
            look(open, *effect);
            return;
        }
        const Error& error = effect.error();
        const bool unknown = error.code == ErrorCode::OutcomeUnknown;
        stepFailed(open, error, mayPass(error), unknown ? Outcome::Unknown : Outcome::Failed,
                   [this, open] { act(open); });
    });
}

/// What was so already, or not needed, was seen before it was acted on; all else is looked at now.
void ActionRunner::look(OpenPtr open, const Effect& effect)
{
    for (auto it = effect.answer.begin(); it != effect.answer.end(); ++it) {
        open->answer[it.key()] = it.value();
    }
    const Step& step = open->action.steps[open->at];
    if (effect.outcome != Outcome::Done || !step.verify) {
        stepEnded(open, effect.outcome, effect.by);
        return;
    }
    step.verify([this, open, effect](const Result<QString>& by) {
        if (by) {
            stepEnded(open, Outcome::Verified, *by);
        } else {
            stepFailed(open, by.error(), by.error().retryable, Outcome::NotVerified,
                       [this, open, effect] { look(open, effect); });
        }
    });
}

void ActionRunner::stepFailed(OpenPtr open, const Error& error, bool passes, Outcome outcome,
                              std::function<void()> again)
{
    const qint64 now = m_clock.monotonicMs();
    if (open->troubleSinceMs == 0) {
        open->troubleSinceMs = now;
    }
    // Who waits for the answer hears at once. An action carried on after a restart has nobody to report to,
    // so it keeps trying to act; what it did and cannot see has an end as in the life before.
    const bool keepsOn = open->action.tireless || (open->carriedOn && outcome != Outcome::NotVerified);
    const bool inTime = now - open->troubleSinceMs < m_pace.patienceMs;
    const bool patient = keepsOn || ((open->carriedOn || open->action.answersEarly) && inTime);
    if (passes && patient) {
        const int doubled = keepsOn ? qMin(open->troubles++, kMostDoubled) : 0;
        const Step& step = open->action.steps[open->at];
        if (m_rows.setStep(open->id, step.id, QStringLiteral("running"),
                           QStringLiteral("waits, will try again: %1").arg(error.toLine()),
                           toRfc3339(m_clock.nowMs()))) {
            announce({open->id});
        }
        QTimer::singleShot(m_pace.retryMs << doubled, this, std::move(again));
        return;
    }
    noteStep(
        open, toString(outcome), {{"error", error.toJson()}},
        [this, open, error, outcome](const Result<void>&) { close(open, toString(outcome), fail(error)); });
}

void ActionRunner::stepEnded(OpenPtr open, Outcome outcome, const QString& by)
{
    open->troubleSinceMs = 0;
    open->troubles = 0;
    QJsonObject detail;
    if (!by.isEmpty()) {
        detail["by"] = by;
        open->seen = by;
    }
    noteStep(open, toString(outcome), detail, [this, open, outcome](const Result<void>&) {
        open->outcomes.insert(open->action.steps[open->at].id, toString(outcome));
        keep(open, [this, open](const Result<void>& kept) {
            // Then the step is begun a second time by a next life; it reads before it acts.
            if (!kept) {
                log::warn(
                    "actions",
                    QStringLiteral("a step of %1 is not kept: %2").arg(open->id, kept.error().toLine()));
            }
            walk(open);
        });
    });
}

void ActionRunner::walked(OpenPtr open)
{
    QJsonObject answer = open->answer;
    answer["action"] = open->id;
    close(open, toString(overall(open->action.steps, open->outcomes)), answer);
}

/// The records of an action of one step are those of the step.
void ActionRunner::noteStep(OpenPtr open, const QString& outcome, const QJsonObject& detail, Recorded then)
{
    const Step& step = open->action.steps[open->at];
    QJsonObject full = step.detail;
    for (auto it = detail.begin(); it != detail.end(); ++it) {
        full[it.key()] = it.value();
    }
    if (open->action.steps.size() == 1) {
        const bool begins = outcome == QLatin1String("intent");
        if (m_rows.setStep(open->id, step.id, begins ? QStringLiteral("running") : outcome,
                           detail["by"].toString(Error::fromJson(detail["error"].toObject()).message),
                           toRfc3339(m_clock.nowMs()))) {
            announce({open->id});
        }
        then({});
        return;
    }
    full["step"] = step.id;
    full["actionId"] = open->id;
    appendRecord(open->action.asker, step.name.isEmpty() ? open->action.method : step.name,
                 open->action.actionClass, step.objects.isEmpty() ? open->action.objects : step.objects,
                 outcome, full, std::move(then));
}

void ActionRunner::carryOn()
{
    if (!m_kept) {
        return;
    }
    const QHash<QString, QJsonObject> left = m_kept->takeLeft();
    for (auto it = left.begin(); it != left.end(); ++it) {
        resume(it.key(), it.value());
    }
}

/// What the steps of a description work on, as an action of this life.
Action ActionRunner::actionOf(const Description& description, const Call& call)
{
    Action action{.method = description.method,
                  .actionClass = description.actionClass,
                  .detail = {{"plan", call.plan}},
                  .asker = call.asker,
                  .steps = description.steps(call),
                  .tireless = description.tireless,
                  .alone = description.alone,
                  .aloneAs = description.aloneAs};
    if (description.over) {
        action.over = [over = description.over, call](const Result<QJsonObject>& result,
                                                      std::function<void()> then) {
            over(call, result, std::move(then));
        };
    }
    return action;
}

void ActionRunner::resume(const QString& id, const QJsonObject& kept)
{
    const Description known = m_known.value(kept["method"].toString());
    const auto request = m_requests.find(kept["asker"]["requestId"].toString());
    if (request && request->stage != RequestBook::Stage::Begun) {
        m_kept->forget(id);
        return;
    }
    if (!known.steps) {
        // It stays kept, for an engine that knows it.
        const QString why = QStringLiteral("this engine cannot carry on %1").arg(kept["method"].toString());
        log::warn("actions", QStringLiteral("%1 was left in the middle, and %2").arg(id, why));
        if (!m_rows.full(id).isEmpty()) {
            announce({id}, m_rows.put(id, {{"state", toString(Outcome::Unknown)}, {"detail", why}}));
        }
        return;
    }
    const Call call{.params = kept["params"].toObject(),
                    .plan = kept["plan"].toObject(),
                    .asker = Asker::fromJson(kept["asker"].toObject()),
                    .carriedOn = true,
                    .times = kept["times"].toObject()};
    auto open = std::make_shared<Open>();
    open->id = id;
    open->action = actionOf(known, call);
    open->action.title = kept["title"].toString();
    open->action.objects = QVariant(kept["objects"].toArray().toVariantList()).toStringList();
    open->action.planHash = kept["planHash"].toString();
    open->action.stateHash = kept["stateHash"].toString();
    open->action.kept = kept;
    open->times = call.times;
    open->carriedOn = true;
    open->begun = true;
    open->outcomes = KeptActions::outcomesOf(kept);
    if (open->action.alone) {
        m_alone.insert(open->aloneKey());
    }
    log::info("actions", QStringLiteral("carrying on %1, which was left in the middle").arg(id));
    show(*open, QStringLiteral("executing"), {}, 0);
    QJsonArray steps;
    for (const Step& step : std::as_const(open->action.steps)) {
        steps.append(step.toJson());
    }
    m_rows.takeSteps(id, ActionRows::waiting(steps));
    for (auto it = open->outcomes.cbegin(); it != open->outcomes.cend(); ++it) {
        m_rows.endStep(id, it.key(), it.value());
    }
    if (KeptActions::hadFailed(kept)) {
        const QString outcome = kept["failed"]["outcome"].toString();
        m_rows.endStep(id, kept["failed"]["step"].toString(), outcome);
        close(open, outcome, fail(Error::fromJson(kept["failed"]["error"].toObject())));
        return;
    }
    // No record, no act: that holds for the second beginning as for the first.
    appendRecord(call.asker, known.method, known.actionClass, open->action.objects,
                 QStringLiteral("carried on after a restart"), {{"plan", call.plan}},
                 [this, open](const Result<void>& written) {
                     if (written) {
                         walk(open);
                     } else {
                         QTimer::singleShot(m_pace.retryMs, this,
                                            [this, open] { resume(open->id, open->action.kept); });
                     }
                 });
}

}  // namespace sluice::actions
