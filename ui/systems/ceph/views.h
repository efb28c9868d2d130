#pragma once

#include <QtCore/QList>

#include "ui/pages/storage_view.h"

namespace sluice::systems::ceph {

/// Clusters, and the gateways in front of them.
QList<pages::SystemView> views();

}  // namespace sluice::systems::ceph
