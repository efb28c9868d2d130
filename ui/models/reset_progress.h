#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>

#include "ui/session/column.h"

namespace sluice::session {
class Session;
}

/// How a reset went, read from the audit: its intent carries the plan, each step that was carried out has a
/// record of its own, and the last record closes it.
namespace sluice::models {

struct CarriedStep {
    QString title{};
    QString checkedBy{};
    /// waiting, running, done, failed
    QString state{};
    qint64 atMs{};
};

struct CarriedReset {
    /// Empty: there was none.
    QJsonObject plan{};
    QList<CarriedStep> steps{};
    QString principal{};
    QString reason{};
    qint64 seq{};
    qint64 askedAtMs{};
    qint64 closedAtMs{};
    /// Empty while it is under way; otherwise verified, not verified, failed, outcome unknown.
    QString outcome{};
    /// Of a reset that did not work.
    QString error{};
    int stepsDone{};
};

/// The newest reset of `run` asked for at or after `sinceMs`.
/// @param audit records in any order
CarriedReset lastReset(const QList<QJsonObject>& audit, const QString& run, qint64 sinceMs);

/// "Did it work?": rows {id, what, before, expected, seen, state, at} for each thing the plan changes.
QList<QJsonObject> resetOutcome(session::Session& session, const QString& run, const CarriedReset& reset);
QList<session::Column> resetOutcomeColumns();

}  // namespace sluice::models
