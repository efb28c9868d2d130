#include "systems/transfer/system.h"

#include "systems/transfer/move_executor.h"
#include "systems/transfer/move_kind.h"
#include "systems/transfer/verify_kind.h"

namespace sluice::systems::transfer {
namespace {

QList<std::shared_ptr<const flow::TaskKind>> makeKinds(const config::Config& config)
{
    return {std::make_shared<MoveKind>(config.inFlight), std::make_shared<VerifyKind>()};
}

std::vector<connect::TaskRunner> makeRunners(const connect::TaskContext& context)
{
    std::vector<connect::TaskRunner> runners;
    runners.push_back({.kinds = {kMoveKind, kVerifyKind},
                       .executor = std::make_unique<MoveExecutor>(
                           context.workerProgram, context.config, context.link, context.keyOf, context.vault,
                           ceph::GatewayTraits(context.estate, context.clock), context.clock)});
    return runners;
}

}  // namespace

connect::System system()
{
    return {.name = QStringLiteral("transfer"),
            .tasks = {.makeKinds = makeKinds, .makeRunners = makeRunners}};
}

}  // namespace sluice::systems::transfer
