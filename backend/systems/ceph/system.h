#pragma once

#include "connect/system.h"

namespace sluice::systems::ceph {

/// Ceph clusters and their gateways: connections of type `ceph` and `s3`.
connect::System system();

}  // namespace sluice::systems::ceph
