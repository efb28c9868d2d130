#include "diagnosis/finding.h"

#include <QtCore/QJsonArray>

#include "core/clock.h"

namespace sluice::diagnosis {

QString toString(Verdict verdict)
{
    switch (verdict) {
        case Verdict::Confirmed:
            return QStringLiteral("confirmed");
        case Verdict::Refuted:
            return QStringLiteral("refuted");
        case Verdict::Unknown:
            break;
    }
    return QStringLiteral("unknown");
}

QString toString(Scope scope)
{
    switch (scope) {
        case Scope::Object:
            return QStringLiteral("object");
        case Scope::Carrier:
            return QStringLiteral("carrier");
        case Scope::Container:
            return QStringLiteral("container");
        case Scope::System:
            return QStringLiteral("system");
        case Scope::Nearby:
            return QStringLiteral("nearby");
        case Scope::Elsewhere:
            break;
    }
    return QStringLiteral("elsewhere");
}

QJsonObject Evidence::toJson() const
{
    return {{"text", text}, {"source", source}, {"observedAt", toRfc3339(observedAtMs)}, {"entity", entity}};
}

QJsonObject Remedy::toJson() const
{
    QJsonObject json{{"method", method},
                     {"params", params},
                     {"title", title},
                     {"class", actionClass},
                     {"steps", QJsonArray::fromStringList(steps)}};
    if (!commands.isEmpty()) {
        json["commands"] = QJsonArray::fromStringList(commands);
    }
    return json;
}

QJsonObject Finding::toJson() const
{
    QJsonArray items;
    for (const Evidence& item : evidence) {
        items.append(item.toJson());
    }
    QJsonObject json{{"rule", rule},
                     {"version", version},
                     {"title", title},
                     {"verdict", toString(verdict)},
                     {"distance", static_cast<int>(scope)},
                     {"scope", toString(scope)},
                     {"evidence", items},
                     {"correction", correction},
                     {"remedy", remedy ? QJsonValue(remedy->toJson()) : QJsonValue()}};
    if (!broken.isEmpty()) {
        json["broken"] = QJsonArray::fromStringList(broken);
    }
    return json;
}

}  // namespace sluice::diagnosis
