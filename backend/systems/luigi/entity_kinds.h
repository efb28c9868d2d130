#pragma once

#include "estate/entity_kind.h"

namespace sluice::systems::luigi {

/// Rows of what a luigid has.
QList<estate::EntityKind> entityKinds();

}  // namespace sluice::systems::luigi
