#include "engine/systems.h"

#include "systems/ceph/system.h"
#include "systems/luigi/system.h"
#include "systems/transfer/system.h"

namespace sluice::engine {

connect::Systems systems()
{
    return {systems::transfer::system(), systems::ceph::system(), systems::luigi::system()};
}

}  // namespace sluice::engine
