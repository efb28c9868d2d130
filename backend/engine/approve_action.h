#pragma once

#include "actions/action.h"
#include "flow/flow_engine.h"

namespace sluice::engine {

/// Lets a task that asks a person go on. It is verified when the task is done and says that it was this
/// person.
/// @param flow may be null: then only the document is made
actions::Description approveAction(flow::FlowEngine* flow);

}  // namespace sluice::engine
