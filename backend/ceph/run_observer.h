#pragma once

#include "ceph/gateway_admin.h"

namespace sluice::worker {
class ChildChannel;
}

namespace sluice::ceph {

/// The worker program's `observe`: serves the channel until the engine is gone.
/// @param makeGatewayAdmin may be empty: then gateways are neither probed nor administered
/// @return the program's exit code
int runObserver(worker::ChildChannel& channel, GatewayAdminFactory makeGatewayAdmin);

}  // namespace sluice::ceph
