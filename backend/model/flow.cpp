#include "model/flow.h"

#include <QtCore/QJsonArray>

namespace sluice::model {
const QStringList& taskKindWords()
{
    static const QStringList kWords{QStringLiteral("move"), QStringLiteral("verify"), QStringLiteral("luigi"),
                                    QStringLiteral("approve")};
    return kWords;
}

QString toString(TaskKind kind)
{
    return taskKindWords().at(static_cast<int>(kind));
}

QJsonObject TaskSpec::toJson() const
{
    QJsonObject json{{"name", name},
                     {"kind", toString(kind)},
                     {"needs", QJsonArray::fromStringList(needs)},
                     {"role", role},
                     {"stallAfterMs", stallAfterMs}};
    switch (kind) {
        case TaskKind::Move:
            json["from"] = from.toJson();
            json["to"] = to.toJson();
            json["replaceExisting"] = replaceExisting;
            json["inFlight"] = inFlight;
            json["allowEmpty"] = allowEmpty;
            break;
        case TaskKind::Verify:
            json["verifyOf"] = verifyOf;
            json["othersAllowed"] = othersAllowed;
            break;
        case TaskKind::Luigi:
            json["luigiConnection"] = luigiConnection;
            json["luigiModule"] = luigiModule;
            json["luigiTask"] = luigiTask;
            json["luigiParams"] = luigiParams;
            break;
        case TaskKind::Approve:
            json["message"] = message;
            break;
    }
    return json;
}

TaskSpec TaskSpec::fromJson(const QJsonObject& json, TaskKind kind)
{
    TaskSpec spec{.name = json["name"].toString(),
                  .kind = kind,
                  .needs = json["needs"].toVariant().toStringList(),
                  .role = json["role"].toString(),
                  .stallAfterMs = json["stallAfterMs"].toInteger(30'000),
                  .from = Location::fromJson(json["from"].toObject()),
                  .to = Location::fromJson(json["to"].toObject()),
                  .replaceExisting = json["replaceExisting"].toBool(),
                  .inFlight = json["inFlight"].toInt(16),
                  .allowEmpty = json["allowEmpty"].toBool(),
                  .verifyOf = json["verifyOf"].toString(),
                  .othersAllowed = json["othersAllowed"].toBool(),
                  .luigiConnection = json["luigiConnection"].toString(),
                  .luigiModule = json["luigiModule"].toString(),
                  .luigiTask = json["luigiTask"].toString(),
                  .luigiParams = json["luigiParams"].toObject(),
                  .message = json["message"].toString()};
    return spec;
}

}  // namespace sluice::model
