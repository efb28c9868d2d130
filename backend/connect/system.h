#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <functional>
#include <memory>
#include <vector>

#include "actions/action.h"
#include "config/config.h"
#include "connect/claim_keeper.h"
#include "connect/connector.h"
#include "connect/remains.h"
#include "connect/task_part.h"
#include "core/clock.h"
#include "diagnosis/rule.h"
#include "estate/entity_kind.h"
#include "keys/key_authority.h"
#include "store/migration.h"

namespace sluice::keys {
class SecretStore;
}
namespace sluice::store {
class Database;
}

namespace sluice::connect {

/// What a system makes its parts with. All of it outlives them.
struct SystemContext {
    const config::Config& config;
    const QString workerProgram{};
    const QString engineId{};
    keys::SecretStore& secrets;
    store::Database& database;
    const Clock& clock;
};

/// The link on which changes are made, and recorded, in the name of who asked for them.
using LinkFor = std::function<std::shared_ptr<Link>(const actions::Asker&)>;

/// Everything one system (ceph, luigi …) brings to the engine. A row of the list of systems.
struct System {
    QString name{};
    /// How its connections are read from the configuration.
    config::ConnectionTypes connectionTypes{};
    /// One connector for each connection of its types.
    std::function<std::vector<std::unique_ptr<Connector>>(const SystemContext&)> makeConnectors{};
    /// Who keeps the keys of roles on one of its connections, never null; empty: it keeps none.
    std::function<std::unique_ptr<keys::KeyAuthority>(Link&, const QString& connection)> makeKeyAuthority{};
    /// What it does in flows.
    TaskPart tasks{};
    /// Takes back what attempts claim there.
    std::function<QList<ClaimKeeper>(const ClaimContext&)> makeClaimKeepers{};
    /// What attempts left where they put objects, for the plan of a reset.
    std::function<RemainsFinder(Link&)> makeRemainsFinder{};
    /// Why a task that works with it may not move, and what to ask to find out.
    diagnosis::RulePart rules{};
    /// Changes that can be asked for.
    std::function<QList<actions::Description>(const LinkFor& linkFor)> makeActions{};
    /// What its connections have: what facts hold, and how a client shows them.
    QList<estate::EntityKind> entityKinds{};
    /// What its parts keep in the state database, each with its numbered migrations.
    QList<store::PartSchema> stateParts{};
    /// Folders of the state folder that it keeps files in; made private before anything is written.
    QStringList stateFolders{};
};

using Systems = std::vector<System>;

/// Of all systems, in their order.
config::ConnectionTypes connectionTypesOf(const Systems& systems);
std::vector<std::unique_ptr<Connector>> makeConnectors(const Systems& systems, const SystemContext& context);
/// The rules about any task, and those of all systems.
diagnosis::RuleBook rulesOf(const Systems& systems);
/// Kinds of entities of all systems, and the engine's own.
estate::EntityKinds entityKindsOf(const Systems& systems);
/// Kinds of tasks of all systems, and the engine's own.
flow::TaskKinds taskKindsOf(const Systems& systems, const config::Config& config);
RemainsFinders makeRemainsFinders(const Systems& systems, Link& link);
/// For every kind of claim. @error as ClaimKeepers::checked
Result<ClaimKeepers> makeClaimKeepers(const Systems& systems, const ClaimContext& context);
TaskRunners makeRunners(const Systems& systems, const TaskContext& context);
/// The authority over the keys of roles on that connection. For one that is not configured, that of the first
/// system that keeps keys: its calls then say NotFound. Null only if no system keeps any.
std::unique_ptr<keys::KeyAuthority> makeKeyAuthority(const Systems& systems, const config::Config& config,
                                                     Link& link, const QString& connection);

}  // namespace sluice::connect
