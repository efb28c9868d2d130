#pragma once

#include "mover/move_host.h"
#include "mover/move_request.h"

namespace sluice::mover {

/// One attempt from connecting to its last word.
/// @return true after `done`; after `failed` threads of the job may still hang in operations that never
/// return: end
///         the process without waiting for them
bool runJob(const MoveRequest& request, MoveHost& host);

}  // namespace sluice::mover
