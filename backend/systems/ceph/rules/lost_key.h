#pragma once

#include "systems/ceph/rules/ceph_scene.h"

/// The key itself is what is refused, not a right of it.
namespace sluice::systems::ceph {

/// The key that the attempt has is of no use any more: a newer one of its role, or else a new first key,
/// helps.
void confirmLostKey(const CephScene& scene, const QString& title, Finding& finding);

/// The entity is there and its caps let it in, and still its key is refused.
/// @param entity the fact `auth-entity` of it
void judgeRefusedKey(const CephScene& scene, const Fact& entity, const QString& connection, Finding& finding);

}  // namespace sluice::systems::ceph
