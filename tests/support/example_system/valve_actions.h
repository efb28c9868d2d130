#pragma once

#include "connect/system.h"

namespace sluice::example {

/// Shuts a valve and opens it again.
QList<actions::Description> valveActions(const connect::LinkFor& linkFor);

}  // namespace sluice::example
