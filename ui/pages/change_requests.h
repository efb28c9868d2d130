#pragma once

#include <QtCore/QJsonObject>
#include <optional>

#include "ui/dialogs/dialogs.h"

namespace sluice::session {
class Session;
}

/// The changes a person can ask for, put into words.
namespace sluice::pages {

/// Why a run cannot be reset now although changes are possible in general: a connection it writes to does not
/// allow them, or a reset is under way. Empty if it can.
QString whyNoReset(const session::Session& session, const QString& run);

dialogs::ChangeRequest resetRequest(session::Session& session, const QString& run);
dialogs::ChangeRequest cancelRequest(session::Session& session, const QString& run);
dialogs::ChangeRequest approveRequest(session::Session& session, const QJsonObject& task);
dialogs::ChangeRequest rotateRequest(const QJsonObject& role);
/// A new first key for a role whose key its cluster accepts no more.
dialogs::ChangeRequest renewRequest(const QString& role);

/// What a case's remedy asks the engine to do; nothing for one that is done outside of Sluice.
std::optional<dialogs::ChangeRequest> remedyRequest(session::Session& session, const QJsonObject& caseRow);
/// Why that cannot be done now although changes are possible in general. Empty if it can.
QString whyNoRemedy(session::Session& session, const QJsonObject& caseRow);

}  // namespace sluice::pages
