#pragma once

#include "actions/action.h"
#include "connect/link.h"

namespace sluice::example {

/// Shuts a valve and opens it again. @param link null: only the document is made
QList<actions::Description> valveActions(connect::Link* link);

}  // namespace sluice::example
