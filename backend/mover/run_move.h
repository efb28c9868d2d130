#pragma once

namespace sluice::worker {
class ChildChannel;
}

namespace sluice::mover {

/// Serves one attempt on the channel of a worker program: waits for `start`, moves, ends with `done` or
/// `failed`. On a failure the process may end here, for operations that never return cannot be waited for.
/// @return exit code of the program: 0 after `done`, 1 after `failed`
int runMove(worker::ChildChannel& channel);

}  // namespace sluice::mover
