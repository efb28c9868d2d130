#pragma once

#include "estate/entity_kind.h"

namespace sluice::systems::ceph {

/// Rows of what a Ceph cluster and its gateways have.
QList<estate::EntityKind> entityKinds();

}  // namespace sluice::systems::ceph
