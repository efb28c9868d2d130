#pragma once

#include <QtCore/QList>

#include "ui/session/column.h"

namespace sluice::session {
class Session;
}

namespace sluice::systems::ceph {

/// Whether the monitors of a cluster are known to have no quorum.
bool monQuorumLost(const session::Session& session, const QString& connection);
/// "1 of 3 monitors answers, 2 are needed. Out: b, c."
QString monQuorumSentence(const session::Session& session, const QString& connection);

/// What still works without a monitor quorum, found by trying: rows {id, what, word, glyph, tone, evidence,
/// at}.
QList<QJsonObject> whatStillWorks(session::Session& session, const QString& connection);
QList<session::Column> whatStillWorksColumns();

/// Runs of which a task moves data through the connection now, and runs of which one waits for it.
struct RunsOn {
    /// All that were looked at.
    QStringList seen{};
    QStringList going{};
    QStringList waiting{};
};
RunsOn runsOn(session::Session& session, const QString& connection);

}  // namespace sluice::systems::ceph
