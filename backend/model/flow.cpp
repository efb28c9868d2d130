#include "model/flow.h"

#include <QtCore/QJsonArray>
#include <array>

namespace sluice::model {
namespace {

constexpr std::array<const char*, 4> kKinds{"move", "verify", "luigi", "approve"};

}  // namespace

QString toString(TaskKind kind)
{
    return QString::fromLatin1(kKinds[static_cast<size_t>(kind)]);
}

TaskKind taskKindFromString(const QString& word)
{
    for (size_t i = 0; i < kKinds.size(); ++i) {
        if (word == QLatin1String(kKinds[i])) {
            return static_cast<TaskKind>(i);
        }
    }
    return TaskKind::Move;
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
    case TaskKind::Approve: json["message"] = message; break;
    }
    return json;
}

TaskSpec TaskSpec::fromJson(const QJsonObject& json)
{
    TaskSpec spec{.name = json["name"].toString(),
                  .kind = taskKindFromString(json["kind"].toString()),
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
