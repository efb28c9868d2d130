#pragma once

#include <QtCore/QJsonObject>

namespace sluice::session {
class Session;
}

namespace sluice::models {

/// Whether the next step was decided on: it is carried out or verified, or the case is closed. The evidence
/// that led there may be old.
bool isDecided(const QJsonObject& caseRow);

/// How old evidence may get before it says nothing of now: fifteen seconds, longer for a fact that is read
/// less often.
qint64 evidenceStaleAfterMs(const session::Session& session, const QJsonObject& evidence);

/// A case as it can be told now. While it is open and nothing is done about it yet, a verdict rests on
/// evidence that is renewed all the time; with evidence that got old it is "unknown", and its member `was`
/// keeps what it was. What led to a reset, or to a case that is closed, stays as it was then.
QJsonObject caseOfNow(const session::Session& session, const QJsonObject& caseRow);

}  // namespace sluice::models
