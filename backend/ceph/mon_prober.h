#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <chrono>

#include "ceph/monmap.h"
#include "ceph/quorum.h"
#include "core/error.h"

namespace sluice::ceph {

/// Connects to every monitor at once and waits for its banner: the cheapest proof of life, 0.3 ms on a
/// healthy one. No session, no key. Blocks for at most `limit`.
/// @return by monitor name; of a monitor's addresses the first that answers counts
QHash<QString, MonAnswer> probeMonitors(const Monmap& monmap, std::chrono::milliseconds limit);

/// Asks one monitor for its own state, in a quorum or not. Only v1 addresses answer that while there is no
/// quorum. Every ping has a handle of its own: a second one on the same handle would end the process. Blocks
/// for up to 2 s.
/// @return the whole answer: {health, mon_status: {name, state, quorum, outside_quorum, monmap, …}}
/// @source librados rados_ping_monitor
[[nodiscard]] Result<QJsonObject> pingMonitor(const MonAddress& v1Address);

/// Pings, at once, the monitors among `which` that answered a probe and have a v1 address (or one of a
/// protocol that is not known); fills in MonAnswer::monStatus. Blocks for up to 2 s.
void pingMonitors(const Monmap& which, QHash<QString, MonAnswer>& answers);

}  // namespace sluice::ceph
