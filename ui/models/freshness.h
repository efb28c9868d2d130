#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

namespace sluice::session {
class Session;
}

/// How old what is shown may be, and whether it still says something about now.
namespace sluice::models {

/// ms since the epoch of the oldest fact of a `connection` row; of its last contact if the engine does not
/// say; 0: it never answered.
qint64 oldestFactMs(const QJsonObject& connectionRow);
/// How old that oldest fact may get.
qint64 staleAfterMs(const QJsonObject& connectionRow);
/// How old the fact of an estate row may get before it says nothing of now: five looks of its own kind; what
/// was asked for once as long as the newest answers of its connection.
qint64 factStaleAfterMs(const session::Session& session, const QJsonObject& row);

/// Why nobody can tell whether all is well now: the engine is silent, something was not read yet, a
/// connection is not up or its facts are old. A clause without a full stop; empty: what is shown holds now.
QString whyUncertain(session::Session& session);

}  // namespace sluice::models
