#include "engine/systems.h"

#include "systems/ceph/system.h"
#include "systems/luigi/system.h"

namespace sluice::engine {

connect::Systems systems()
{
    return {systems::ceph::system(), systems::luigi::system()};
}

}  // namespace sluice::engine
