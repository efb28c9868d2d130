#pragma once

#include "connect/system.h"

namespace sluice::systems::luigi {

/// Connections of type `luigi`.
connect::System system();

}  // namespace sluice::systems::luigi
