// The part of ResetService that changes what attempts left: locks that are broken and objects that are
// dropped, by the steps of the system where they lie.
#include <QtCore/QJsonArray>

#include "engine/named_link.h"
#include "engine/reset_service.h"

namespace sluice::engine {

using actions::Step;

QJsonObject ResetService::named(const Target& target, QJsonObject params)
{
    params["because"] = connect::Link::because(target.id(), QStringLiteral("reset of %1").arg(target.run));
    return NamedLink::named(params, target.call.asker);
}

/// What the plan says of a step; a plan of an earlier release says it among its own steps.
QJsonObject ResetService::wordsOf(const Target& target, const QString& id)
{
    const auto named = [](const QJsonArray& steps, const QString& name) {
        QJsonObject found;
        for (const QJsonValue& step : steps) {
            found = step["id"].toString() == name ? step.toObject() : found;
        }
        return found;
    };
    const QJsonObject own = named(target.plan["steps"].toArray(), id);
    return own.isEmpty() ? named(target.call.plan["steps"].toArray(), target.name + '.' + id) : own;
}

/// The step of a system, as a step of this task.
Step ResetService::remainsStep(const Target& target, const connect::RemainsFinder::MakeStep& make,
                               const QJsonObject& remains)
{
    Step step = make({.run = target.run,
                      .task = target.name,
                      .to = model::Location::fromJson(target.plan["to"].toObject()),
                      .named = [target](const QJsonObject& params) { return named(target, params); }},
                     remains);
    step.objects.prepend(target.id());
    step.act = whileHeld(target, [act = step.act](const Target&, Step::Acted done) { act(std::move(done)); });
    return step;
}

Step ResetService::lockStep(const Target& target, const connect::RemainsFinder& finder,
                            const QJsonObject& lock, int number)
{
    Step step = remainsStep(target, finder.breakLock, lock);
    step.id = QStringLiteral("%1.lock.%2").arg(target.name).arg(number);
    return step;
}

Step ResetService::dropStep(const Target& target, const connect::RemainsFinder& finder,
                            const QJsonObject& object, int number)
{
    const QString id = QStringLiteral("drop.%1").arg(number);
    const QJsonObject words = wordsOf(target, id);
    Step step = remainsStep(target, finder.drop, object);
    step.id = target.name + '.' + id;
    step.title = words["title"].toString();
    step.checkedBy = words["checkedBy"].toString();
    return step;
}

}  // namespace sluice::engine
