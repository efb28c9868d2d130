#pragma once

#include "connect/system.h"

namespace sluice::systems::transfer {

/// Moves of objects and files, and their verification; it has no connections of its own.
connect::System system();

}  // namespace sluice::systems::transfer
