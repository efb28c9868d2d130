#pragma once

#include "actions/action_runner.h"
#include "engine/key_service.h"

namespace sluice::engine {

/// Records the steps of rotations, in the name of who asked, and shows them in topic `actions`.
/// @thread main loop only
void recordKeySteps(KeyService& keys, actions::ActionRunner& actions);

}  // namespace sluice::engine
