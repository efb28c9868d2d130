#pragma once

#include "connect/system.h"

namespace sluice::engine {

/// The systems this engine works with.
connect::Systems systems();

}  // namespace sluice::engine
