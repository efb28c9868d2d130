#pragma once

#include <QtCore/QList>

#include "ui/pages/storage_view.h"

namespace sluice::systems::ceph {

/// The cards of a chain that leads into a cluster.
QList<pages::CardLook> cardLooks();
/// What of a cluster can be found by its name.
QList<pages::FoundKind> foundKinds();

}  // namespace sluice::systems::ceph
