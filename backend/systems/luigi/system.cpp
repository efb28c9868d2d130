#include "systems/luigi/system.h"

#include "systems/luigi/entity_kinds.h"
#include "systems/luigi/luigid_connector.h"
#include "systems/luigi/settings.h"

namespace sluice::systems::luigi {
namespace {

std::vector<std::unique_ptr<connect::Connector>> makeConnectors(const connect::SystemContext& context)
{
    std::vector<std::unique_ptr<connect::Connector>> made;
    for (const config::Connection& connection : context.config.connections) {
        if (const auto* settings = connection.as<LuigiSettings>()) {
            made.push_back(std::make_unique<LuigidConnector>(connection.name, *settings, context.clock));
        }
    }
    return made;
}

}  // namespace

connect::System system()
{
    return {.name = QStringLiteral("luigi"),
            .connectionTypes = connectionTypes(),
            .makeConnectors = makeConnectors,
            .entityKinds = entityKinds()};
}

}  // namespace sluice::systems::luigi
