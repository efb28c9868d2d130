#include "tests/support/example_system/valve_kind.h"

namespace sluice::example {

QJsonObject ValveBody::toJson() const
{
    return {{"connection", connection}, {"valve", name}};
}

ValveBody ValveBody::fromJson(const QJsonObject& json)
{
    return {.connection = json["connection"].toString(), .name = json["valve"].toString()};
}

ValveKind::ValveKind() : TaskKind(kValveKind, {.reporter = QStringLiteral("waterworks")}) {}

flow::TaskKind::Body ValveKind::read(const yaml::Value& value, const flow::FlowContext& context) const
{
    const yaml::Map map = value.map(QStringLiteral("a map with connection and name"));
    map.refuseOthers({"connection", "name"});
    ValveBody body;
    const yaml::Value connection =
        map.required(QStringLiteral("connection"), QStringLiteral("a connection of type waterworks"));
    body.connection = connection.text();
    const QStringList known = context.connectionsOf(QStringLiteral("waterworks"));
    if (!body.connection.isEmpty() && !known.contains(body.connection)) {
        connection.problem(QStringLiteral("there is no waterworks '%1'").arg(body.connection),
                           QStringLiteral("one of ") + known.join(QStringLiteral(", ")));
    }
    body.name = map.required(QStringLiteral("name"), QStringLiteral("the name of a valve")).text();
    return model::makeBody(body);
}

flow::TaskKind::Body ValveKind::fromJson(const QJsonObject& body) const
{
    return model::makeBody(ValveBody::fromJson(body));
}

flow::Touches ValveKind::touches(const model::TaskSpec& spec, const model::TaskSpec&) const
{
    const auto& body = model::bodyOf<ValveBody>(spec);
    return {
        .entities = {{.kind = QStringLiteral("valve"), .connection = body.connection, .name = body.name}}};
}

QJsonObject ValveKind::words(const model::TaskSpec& spec) const
{
    const auto& body = model::bodyOf<ValveBody>(spec);
    return {{"to", body.connection + '/' + body.name}};
}

}  // namespace sluice::example
