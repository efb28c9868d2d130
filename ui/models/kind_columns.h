#pragma once

#include <QtCore/QJsonObject>

#include "ui/models/columns.h"
#include "ui/style/state_words.h"

/// Kinds of entities for which the window has no drawing of its own: shown as the engine's table says.
namespace sluice::models {

/// Name, the columns of the table, age.
QList<Column> kindColumns(session::Session& session, const QString& kind);
/// The state of a row of such a kind; Glyph::None if its kind has none.
style::StateWord kindMark(session::Session& session, const QJsonObject& row);
/// "Luigi task" and "Luigi tasks".
QString kindTitle(const session::Session& session, const QString& kind);
QString kindTitles(const session::Session& session, const QString& kind);
/// "12", or "200 of 12,345" while not all are shown.
QString shownOf(qint64 shown, qint64 total);

}  // namespace sluice::models
