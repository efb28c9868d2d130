#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <utility>

/// What a plan of the engine says, for people.
namespace sluice::dialogs {

struct PlannedStep {
    QString id{};
    QString title{};
    QString checkedBy{};
};

QList<PlannedStep> planSteps(const QJsonObject& plan);
/// What it touches, as figures: {"7,439 objects", "kept, 476 MiB"}. Known for flow.reset, keys.rotate and
/// flow.cancel.
QList<std::pair<QString, QString>> planFigures(const QJsonObject& plan);
/// The plan as text to copy.
QString planAsText(const QString& title, const QJsonObject& plan);
/// What is different in `now`: "no longer: …", "new: …". Empty if a person would see no difference.
QStringList planDifferences(const QJsonObject& before, const QJsonObject& now);

}  // namespace sluice::dialogs
