#include "connect/system.h"

#include "flow/approve_kind.h"

#include <algorithm>
#include <iterator>

namespace sluice::connect {

config::ConnectionTypes connectionTypesOf(const Systems& systems)
{
    config::ConnectionTypes types;
    for (const System& system : systems) {
        types += system.connectionTypes;
    }
    return types;
}

estate::EntityKinds entityKindsOf(const Systems& systems)
{
    estate::EntityKinds kinds;
    kinds.add(estate::generalKinds());
    for (const System& system : systems) {
        kinds.add(system.entityKinds);
    }
    return kinds;
}

std::vector<std::unique_ptr<Connector>> makeConnectors(const Systems& systems, const SystemContext& context)
{
    std::vector<std::unique_ptr<Connector>> all;
    for (const System& system : systems) {
        if (system.makeConnectors) {
            auto made = system.makeConnectors(context);
            std::move(made.begin(), made.end(), std::back_inserter(all));
        }
    }
    return all;
}

diagnosis::RuleBook rulesOf(const Systems& systems)
{
    QList<diagnosis::RulePart> parts{diagnosis::generalRules()};
    for (const System& system : systems) {
        parts.append(system.rules);
    }
    return diagnosis::RuleBook(parts);
}

flow::TaskKinds taskKindsOf(const Systems& systems, const config::Config& config)
{
    QList<std::shared_ptr<const flow::TaskKind>> kinds;
    for (const System& system : systems) {
        if (system.tasks.makeKinds) {
            kinds += system.tasks.makeKinds(config);
        }
    }
    kinds.append(std::make_shared<flow::ApproveKind>());
    return flow::TaskKinds(kinds);
}

RemainsFinders makeRemainsFinders(const Systems& systems, Link& link)
{
    RemainsFinders finders;
    for (const System& system : systems) {
        if (system.makeRemainsFinder) {
            finders.append(system.makeRemainsFinder(link));
        }
    }
    return finders;
}

Result<ClaimKeepers> makeClaimKeepers(const Systems& systems, const ClaimContext& context)
{
    QList<ClaimKeeper> keepers;
    for (const System& system : systems) {
        if (system.makeClaimKeepers) {
            keepers += system.makeClaimKeepers(context);
        }
    }
    return ClaimKeepers::checked(std::move(keepers));
}

TaskRunners makeRunners(const Systems& systems, const TaskContext& context)
{
    std::vector<TaskRunner> all;
    for (const System& system : systems) {
        for (TaskRunner& runner :
             system.tasks.makeRunners ? system.tasks.makeRunners(context) : std::vector<TaskRunner>()) {
            all.push_back(std::move(runner));
        }
    }
    return TaskRunners(std::move(all));
}

std::unique_ptr<keys::KeyAuthority> makeKeyAuthority(const Systems& systems, const config::Config& config,
                                                     Link& link, const QString& connection)
{
    const config::Connection* found = config.connection(connection);
    const System* first = nullptr;
    for (const System& system : systems) {
        if (!system.makeKeyAuthority) {
            continue;
        }
        first = first ? first : &system;
        const auto& types = system.connectionTypes;
        if (found && std::any_of(types.begin(), types.end(), [found](const config::ConnectionType& row) {
                return row.type == found->type;
            })) {
            return system.makeKeyAuthority(link, connection);
        }
    }
    return first ? first->makeKeyAuthority(link, connection) : nullptr;
}

}  // namespace sluice::connect
