#pragma once

#include "store/migration.h"

namespace sluice::engine {

/// What state.db holds, part by part.
QList<store::PartSchema> stateParts();

}  // namespace sluice::engine
