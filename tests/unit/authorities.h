#pragma once

#include "engine/key_service.h"
#include "systems/ceph/ceph_authority.h"

namespace sluice::test {

/// The authorities over the keys of Ceph clusters, reached by `link`.
inline engine::KeyService::MakeAuthority cephAuthorities(connect::Link& link)
{
    return [&link](const QString& connection) {
        return std::make_unique<systems::ceph::CephAuthority>(link, connection);
    };
}

}  // namespace sluice::test
