#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "audit/record.h"

namespace sluice::actions {

/// The rows of topic `actions`: the last 200 actions with their steps, newest first, and older ones that are
/// still under way. Those of earlier lives of the engine come from the record.
class ActionRows {
public:
    /// A row of more steps than this shows those around the one under way, and how many there are.
    static constexpr int kStepsShown = 60;

    QStringList ids() const;
    /// @return empty if there is none of that id
    QJsonObject row(const QString& id) const;
    /// With the plan and all steps.
    QJsonObject full(const QString& id) const;
    QString idOf(const QString& requestId, const QString& method) const;

    /// Adds or changes a row; members that are not given stay. @return ids of rows that fell out
    QStringList put(const QString& id, const QJsonObject& members);
    /// One step of a row: its state, what is said of it, and when. @return false: there is no such step
    bool setStep(const QString& id, const QString& step, const QString& state, const QString& detail,
                 const QString& at);
    /// As setStep. @return false also if that is said of it already
    bool tellStep(const QString& id, const QString& step, const QString& state, const QString& detail,
                  const QString& at);
    /// The steps of a row, if they are others than those it has.
    void takeSteps(const QString& id, const QJsonArray& steps);
    /// A step of which only the outcome is known; one that is shown so already keeps what is said of it.
    void endStep(const QString& id, const QString& step, const QString& outcome);
    /// @param records the newest first. What has an intent and no outcome was under way when the engine
    /// ended. @param carriedOn ids of those among them that this life carries on
    /// @return ids of the rows that were added
    QStringList restore(const QList<audit::Record>& records, const QStringList& carriedOn = {});
    /// What a record says of the row of its request, if there is one. @return the row's id, if it changed
    QString follow(const audit::Record& record);

    /// Steps as a plan lists them, to be shown as not begun.
    static QJsonArray waiting(const QJsonArray& planned);

private:
    QJsonObject* find(const QString& id);

    QList<QJsonObject> m_rows{};
    QHash<QString, QString> m_byRequest{};  ///< request id and method → id
};

}  // namespace sluice::actions
