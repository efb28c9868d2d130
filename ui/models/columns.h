#pragma once

#include <QtCore/QList>

#include "ui/session/column.h"
#include "ui/session/live_table.h"

namespace sluice::session {
class Session;
}

/// What each table shows of its rows. Titles and texts are translated when the functions run.
namespace sluice::models {

using session::Column;
using session::RowTraits;

/// Rows of `runs`.
QList<Column> runColumns();
/// Exceptions first, then what moves, then what waits; within one state the newest first.
bool runBefore(const QJsonObject& a, const QJsonObject& b);
/// Not ended yet, or failed.
bool runInProgress(const QJsonObject& run);

/// Rows of `tasks`.
QList<Column> taskColumns();

/// Rows of `estate` of kind `connection`: one line per connection with its three health words.
QList<Column> healthColumns(session::Session& session);
/// The connection row that a `health` row belongs to, for LiveTable::setRelated.
QString connectionOfHealth(const QJsonObject& row);

/// Rows of `roles`, and the generations inside of one with their number as "id".
QList<Column> roleColumns();
QList<Column> generationColumns();

/// Rows of `actions`, newest first.
QList<Column> actionColumns();
bool newerAction(const QJsonObject& a, const QJsonObject& b);

/// Rows of `audit`, newest first.
QList<Column> auditColumns();
bool newerRecord(const QJsonObject& a, const QJsonObject& b);

/// Estate rows have `observedAt`; how old they may get depends on their connection.
RowTraits estateTraits(session::Session& session);
/// Whether an estate row is older than its connection allows, or its engine silent.
bool isStale(session::Session& session, const QJsonObject& row);
/// The oldest observation of a kind of a connection, ms since the epoch, if one row is older than it may be;
/// otherwise 0.
qint64 staleSince(session::Session& session, const QString& connection, const QString& kind);

}  // namespace sluice::models
