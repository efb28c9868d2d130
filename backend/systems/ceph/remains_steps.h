#pragma once

#include "connect/remains.h"

namespace sluice::systems::ceph {

/// The steps of remainsFinder(). `link` outlives them.
actions::Step lockStep(connect::Link& link, const connect::RemainsOwner& owner, const QJsonObject& lock);
actions::Step dropStep(connect::Link& link, const connect::RemainsOwner& owner, const QJsonObject& object);

}  // namespace sluice::systems::ceph
