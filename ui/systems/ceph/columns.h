#pragma once

#include <QtCore/QList>

#include "ui/session/column.h"

namespace sluice::session {
class Session;
}

/// How rows of `estate` are shown that are drawn, of the kinds ceph-pool, osd, mon and health-check.
namespace sluice::systems::ceph {

QList<session::Column> cephPoolColumns(session::Session& session);
QList<session::Column> osdColumns(session::Session& session);
QList<session::Column> monColumns(session::Session& session);
QList<session::Column> checkColumns(session::Session& session);

}  // namespace sluice::systems::ceph
