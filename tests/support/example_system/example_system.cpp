#include "tests/support/example_system/example_system.h"

#include "config/setting_values.h"
#include "tests/support/example_system/valve_actions.h"
#include "tests/support/example_system/valve_claim.h"
#include "tests/support/example_system/valve_connector.h"
#include "tests/support/example_system/valve_executor.h"
#include "tests/support/example_system/valve_kind.h"
#include "tests/support/example_system/valve_rules.h"
#include "yaml/reader.h"

namespace sluice::example {
namespace {

class WaterworksSettings final : public config::Settings {
public:
    QString url{};
};

std::shared_ptr<const config::Settings> readWaterworks(const QString&, const yaml::Map& map)
{
    map.refuseOthers({"type", "url"});
    auto settings = std::make_shared<WaterworksSettings>();
    settings->url = config::readUrl(map.required(QStringLiteral("url"), QStringLiteral("http://host:port")),
                                    QStringLiteral("http://host:port"), false);
    return settings;
}

std::vector<std::unique_ptr<connect::Connector>> makeConnectors(const connect::SystemContext& context)
{
    std::vector<std::unique_ptr<connect::Connector>> made;
    for (const config::Connection& connection : context.config.connections) {
        if (const auto* settings = connection.as<WaterworksSettings>()) {
            made.push_back(
                std::make_unique<ValveConnector>(connection.name, QUrl(settings->url), context.clock));
        }
    }
    return made;
}

QList<std::shared_ptr<const flow::TaskKind>> makeKinds(const config::Config&)
{
    return {std::make_shared<ValveKind>()};
}

std::vector<connect::TaskRunner> makeRunners(const connect::TaskContext& context)
{
    std::vector<connect::TaskRunner> runners;
    runners.push_back({.kinds = {kValveKind}, .executor = std::make_unique<ValveExecutor>(context.link)});
    return runners;
}

estate::EntityKind valves()
{
    using enum estate::FieldType;
    return {.kind = "valve",
            .system = "waterworks",
            .one = "Valve",
            .many = "Valves",
            .meaning = "A valve of a waterworks.",
            .listed = true,
            .fields = {{"open", Flag, "water runs", "Open"}, {"holder", Text, "who holds it", "Holder"}}};
}

store::PartSchema schema()
{
    return {
        .part = QStringLiteral("waterworks"),
        .steps = {{.version = 1,
                   .statements = {QStringLiteral("CREATE TABLE valve_use (valve TEXT PRIMARY KEY, run TEXT "
                                                 "NOT NULL) WITHOUT ROWID")}}}};
}

}  // namespace

connect::System system()
{
    return {.name = QStringLiteral("waterworks"),
            .connectionTypes = {{.type = QStringLiteral("waterworks"), .read = readWaterworks}},
            .makeConnectors = makeConnectors,
            .tasks = {.makeKinds = makeKinds, .makeRunners = makeRunners},
            .makeClaimKeepers = claimKeepers,
            .rules = rules(),
            .makeActions = valveActions,
            .entityKinds = {valves()},
            .stateParts = {schema()}};
}

}  // namespace sluice::example
