#pragma once

#include "mover/hang_watch.h"
#include "mover/move_request.h"

namespace sluice::mover {

/// Says why an operation on a Ceph pool hangs, from what the monitors tell about the object's placement
/// group: fewer OSDs than min_size, or something else. Uses a handle of its own that gives up quickly.
Blockage judgeHang(const Progress::Waiting& waiting, const ClusterAccess& access);

}  // namespace sluice::mover
