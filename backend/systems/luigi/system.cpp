#include "systems/luigi/system.h"

#include "systems/luigi/entity_kinds.h"
#include "systems/luigi/luigi_executor.h"
#include "systems/luigi/luigi_kind.h"
#include "systems/luigi/luigi_rules.h"
#include "systems/luigi/luigid_connector.h"
#include "systems/luigi/process_claim.h"
#include "systems/luigi/settings.h"

namespace sluice::systems::luigi {
namespace {

/// In the state folder.
const QString kStateFolder = QStringLiteral("luigi");

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

QList<std::shared_ptr<const flow::TaskKind>> makeKinds(const config::Config&)
{
    return {std::make_shared<LuigiKind>()};
}

std::vector<connect::TaskRunner> makeRunners(const connect::TaskContext& context)
{
    std::vector<connect::TaskRunner> runners;
    runners.push_back(
        {.kinds = {kLuigiKind},
         .executor = std::make_unique<LuigiExecutor>(context.config, context.stateDir + '/' + kStateFolder,
                                                     context.engineId, context.clock)});
    return runners;
}

}  // namespace

connect::System system()
{
    return {.name = QStringLiteral("luigi"),
            .connectionTypes = connectionTypes(),
            .makeConnectors = makeConnectors,
            .tasks = {.makeKinds = makeKinds, .makeRunners = makeRunners},
            .makeClaimKeepers = claimKeepers,
            .rules = rules(),
            .entityKinds = entityKinds(),
            .stateFolders = {kStateFolder}};
}

}  // namespace sluice::systems::luigi
