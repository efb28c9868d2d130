#pragma once

#include <QtCore/QList>

#include "ui/pages/storage_view.h"

namespace sluice::systems {

/// How the window draws connections, by their type. The only place that lists the systems.
QList<pages::SystemView> views();

}  // namespace sluice::systems
