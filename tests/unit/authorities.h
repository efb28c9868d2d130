#pragma once

#include "engine/key_service.h"
#include "systems/ceph/ceph_authority.h"

namespace sluice::test {

/// The authorities over the keys of Ceph clusters.
inline engine::KeyService::MakeAuthority cephAuthorities()
{
    return [](connect::Link& link, const QString& connection) {
        return std::make_unique<systems::ceph::CephAuthority>(link, connection);
    };
}

}  // namespace sluice::test
