#include "ui/systems/systems.h"

#include "ui/systems/ceph/views.h"

namespace sluice::systems {

QList<pages::SystemView> views()
{
    return ceph::views();
}

}  // namespace sluice::systems
