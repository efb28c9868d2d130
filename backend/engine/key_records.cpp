#include "engine/key_records.h"

#include <QtCore/QJsonArray>

namespace sluice::engine {

void recordKeySteps(KeyService& keys, actions::ActionRunner& actions)
{
    const auto note = [&actions](const QString& role, const actions::Asker& asker, const QString& step,
                                 const QString& outcome, const QJsonObject& detail) {
        actions.recordStep(asker.isNobody() ? actions::engineItself(QStringLiteral("rotation")) : asker,
                           {.step = step,
                            .name = QStringLiteral("keys.") + step,
                            .objects = {QStringLiteral("role/") + role},
                            .outcome = outcome,
                            .detail = detail});
    };
    QObject::connect(&keys, &KeyService::stepBegun, &actions,
                     [note](const QString& role, const actions::Asker& asker, const QString& step) {
                         note(role, asker, step, QStringLiteral("intent"), {});
                     });
    QObject::connect(&keys, &KeyService::stepEnded, &actions,
                     [note](const QString& role, const actions::Asker& asker, const QString& step,
                            const QString& state, const QString& detail) {
                         // What these observe is their end.
                         static const QStringList observing{
                             QStringLiteral("create"), QStringLiteral("first-use"), QStringLiteral("silent"),
                             QStringLiteral("prove")};
                         const bool seen = state == QLatin1String("done") && observing.contains(step);
                         note(role, asker, step, seen ? QStringLiteral("verified") : state,
                              {{"detail", detail}, {"by", detail}});
                     });
    QObject::connect(
        &keys, &KeyService::carriedOn, &actions,
        [&actions](const QString& role, const actions::Asker& asker, const QString& outcome,
                   const QJsonObject& detail, const QString& method) {
            const QStringList objects{QStringLiteral("role/") + role};
            actions.appendRecord(asker, method, 2, objects, outcome, detail);
            if (outcome != QLatin1String("failed")) {
                // It has ended, and its last step is a proof.
                const QJsonValue last = detail["steps"].toArray().last()["detail"];
                actions.appendRecord(asker, method, 2, objects, QStringLiteral("verified"), {{"by", last}});
            }
        });
}

}  // namespace sluice::engine
