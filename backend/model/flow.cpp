#include "model/flow.h"

#include <QtCore/QJsonArray>

namespace sluice::model {

QJsonObject TaskSpec::toJson() const
{
    return {{"name", name},
            {"kind", kind},
            {"needs", QJsonArray::fromStringList(needs)},
            {"role", role},
            {"stallAfterMs", stallAfterMs},
            {"body", body ? body->toJson() : QJsonObject()}};
}

TaskSpec TaskSpec::fromJson(const QJsonObject& json, const QString& kind)
{
    return {.name = json["name"].toString(),
            .kind = kind,
            .needs = json["needs"].toVariant().toStringList(),
            .role = json["role"].toString(),
            .stallAfterMs = json["stallAfterMs"].toInteger(30'000)};
}

QJsonObject TaskSpec::bodyFrom(const QJsonObject& json)
{
    return json.contains(QLatin1String("body")) ? json["body"].toObject() : json;
}

}  // namespace sluice::model
