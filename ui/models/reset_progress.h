#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>

#include "ui/session/column.h"

namespace sluice::session {
class Session;
}

/// How a reset goes, from its row in topic `actions` with its plan and steps.
namespace sluice::models {

struct CarriedStep {
    QString id{};
    QString title{};
    QString checkedBy{};
    /// waiting, running, or as it ended: done, already so, not needed, verified, not verified, failed,
    /// outcome unknown
    QString state{};
    /// What was seen of it, or why it waits or did not work.
    QString detail{};
    qint64 atMs{};

    bool worked() const;
};

struct CarriedReset {
    /// Of the action; empty: there was none.
    QString id{};
    /// Empty until it is read.
    QJsonObject plan{};
    QList<CarriedStep> steps{};
    QString principal{};
    QString reason{};
    /// Its last record.
    qint64 seq{};
    qint64 askedAtMs{};
    qint64 closedAtMs{};
    /// Empty while it is under way; otherwise done, verified, not verified, failed, outcome unknown.
    QString outcome{};
    /// Of a reset that did not work.
    QString error{};
    qint64 stepsEnded{};
    qint64 stepsTotal{};
};

/// Id of the newest reset of a run of the case, asked for while the case was open; empty: none is among them.
/// @param actions rows of topic `actions` in any order
QString lastReset(const QList<QJsonObject>& actions, const QJsonObject& caseRow);
/// Whether the case says that its step was carried out since it last moved without that: an action of long
/// ago is not among the rows any more.
bool wasCarriedOut(const QJsonObject& caseRow);
/// When the case was last seen to move without anything carried out; 0: never.
qint64 recoveredAtMs(const QJsonObject& caseRow);
/// @param action a row of topic `actions`, with its plan if that is read
CarriedReset carriedReset(const QJsonObject& action);

/// "Did it work?": rows {id, what, before, expected, seen, state, at} for each thing the plan changes.
QList<QJsonObject> resetOutcome(session::Session& session, const QString& run, const CarriedReset& reset);
QList<session::Column> resetOutcomeColumns();

}  // namespace sluice::models
