#pragma once

#include "connect/system.h"
#include "store/migration.h"

namespace sluice::engine {

/// What state.db holds, part by part: the engine's own parts, then those of the systems.
QList<store::PartSchema> stateParts(const connect::Systems& systems);
/// Folders of the state folder that the systems keep files in.
QStringList stateFolders(const connect::Systems& systems);

}  // namespace sluice::engine
