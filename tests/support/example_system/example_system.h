#pragma once

#include "connect/system.h"

namespace sluice::example {

/// A system that exists only in tests: connections of type `waterworks` {url}.
connect::System system();

}  // namespace sluice::example
