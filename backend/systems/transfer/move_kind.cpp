#include "systems/transfer/move_kind.h"

namespace sluice::systems::transfer {

using model::Location;

namespace {

Location readLocation(const yaml::Map& map, const QString& key, const flow::FlowContext& context)
{
    const yaml::Value value = map.required(key, QStringLiteral("a location"));
    if (!value.present()) {
        return {};
    }
    const QString text = value.text();
    if (text.isEmpty() || !flow::isPublic(text, value)) {
        return {};
    }
    auto location = Location::parse(text);
    if (!location) {
        value.problem(location.error().message + QStringLiteral(": ") + location.error().cause,
                      location.error().correction);
        return {};
    }
    const bool rados = location->type == Location::Type::Rados;
    const QStringList known = context.connectionsOf(rados ? QStringLiteral("ceph") : QStringLiteral("s3"));
    if (location->type != Location::Type::File && !known.contains(location->connection)) {
        value.problem(QStringLiteral("there is no %1 connection '%2'")
                          .arg(rados ? QStringLiteral("Ceph") : QStringLiteral("S3"), location->connection),
                      known.isEmpty()
                          ? QStringLiteral("a connection of the configuration; none of that type is there")
                          : QStringLiteral("one of ") + known.join(QStringLiteral(", ")));
    }
    return *location;
}

void checkPlaces(const MoveBody& body, const yaml::Value& value)
{
    if (!value.isMap() || body.from.toText().endsWith(':') || body.to.toText().endsWith(':')) {
        return;
    }
    const QString expected = QStringLiteral("two places of which none lies in the other");
    if (body.from.toText() == body.to.toText()) {
        value.problem(QStringLiteral("from and to are the same place"),
                      QStringLiteral("two different places"));
    } else if (liesWithin(body.to, body.from)) {
        value.problem(QStringLiteral("to lies inside from: copies would be copied again"), expected);
    } else if (liesWithin(body.from, body.to)) {
        value.problem(QStringLiteral("from lies inside to: copies could fall on what is copied"), expected);
    }
}

}  // namespace

flow::Touches touchesOf(const QList<flow::TaskPlace>& places)
{
    flow::Touches touches{.places = places};
    for (const auto& [location, destination] : places) {
        if (location.type == Location::Type::S3) {
            touches.entities.append({.kind = QStringLiteral("bucket"),
                                     .connection = location.connection,
                                     .name = location.bucket,
                                     .destination = destination});
        } else if (location.type == Location::Type::Rados) {
            touches.entities.append({.kind = QStringLiteral("ceph-pool"),
                                     .connection = location.connection,
                                     .name = location.cephPool,
                                     .destination = destination,
                                     .prefix = location.prefix});
        }
    }
    return touches;
}

QJsonObject MoveBody::toJson() const
{
    return {{"from", from.toJson()},
            {"to", to.toJson()},
            {"replaceExisting", replaceExisting},
            {"inFlight", inFlight},
            {"allowEmpty", allowEmpty}};
}

MoveBody MoveBody::fromJson(const QJsonObject& json)
{
    return {.from = Location::fromJson(json["from"].toObject()),
            .to = Location::fromJson(json["to"].toObject()),
            .replaceExisting = json["replaceExisting"].toBool(),
            .inFlight = json["inFlight"].toInt(16),
            .allowEmpty = json["allowEmpty"].toBool()};
}

MoveKind::MoveKind(int inFlight) : TaskKind(kMoveKind, {.keepsManifest = true}), m_inFlight(inFlight) {}

flow::TaskKind::Body MoveKind::read(const yaml::Value& value, const flow::FlowContext& context) const
{
    const yaml::Map move = value.map(QStringLiteral("a map with from and to"));
    move.refuseOthers({"from", "to", "onExisting", "inFlight", "allowEmpty"});
    MoveBody body;
    body.from = readLocation(move, QStringLiteral("from"), context);
    body.to = readLocation(move, QStringLiteral("to"), context);
    body.replaceExisting = move.optional(QStringLiteral("onExisting"))
                               .oneOf({QStringLiteral("refuse"), QStringLiteral("replace")},
                                      QStringLiteral("refuse")) == QLatin1String("replace");
    body.inFlight = static_cast<int>(move.optional(QStringLiteral("inFlight")).integer(1, 256, m_inFlight));
    body.allowEmpty = move.optional(QStringLiteral("allowEmpty")).flag(false);
    checkPlaces(body, value);
    return model::makeBody(body);
}

flow::TaskKind::Body MoveKind::fromJson(const QJsonObject& body) const
{
    return model::makeBody(MoveBody::fromJson(body));
}

QString MoveKind::unreadable(const QJsonObject& body) const
{
    for (const QString& end : {QStringLiteral("from"), QStringLiteral("to")}) {
        if (!Location::knows(body[end].toObject())) {
            return QStringLiteral("'%1' of a type that this version does not know: “%2”")
                .arg(end, body[end]["type"].toString());
        }
    }
    return {};
}

flow::RoleNeed MoveKind::roleNeed(const model::TaskSpec& spec) const
{
    const auto& body = model::bodyOf<MoveBody>(spec);
    flow::RoleNeed need{.system = QStringLiteral("Ceph")};
    for (const Location* location : {&body.from, &body.to}) {
        if (location->type == Location::Type::Rados && !need.connections.contains(location->connection)) {
            need.connections.append(location->connection);
        }
    }
    return need;
}

flow::Touches MoveKind::touches(const model::TaskSpec& spec, const model::TaskSpec&) const
{
    const auto& body = model::bodyOf<MoveBody>(spec);
    return touchesOf({{.location = body.from}, {.location = body.to, .destination = true}});
}

QJsonObject MoveKind::words(const model::TaskSpec& spec) const
{
    const auto& body = model::bodyOf<MoveBody>(spec);
    QJsonObject words{{"from", body.from.toText()}, {"to", body.to.toText()}};
    if (body.from.type == Location::Type::Rados && body.to.type == Location::Type::Rados) {
        words["how"] = QStringLiteral("copied inside the cluster");
    }
    return words;
}

}  // namespace sluice::systems::transfer
