#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>

/// Reading rows of the topic `roles`.
namespace sluice::models {

/// Empty if the role has no key yet.
QJsonObject currentGeneration(const QJsonObject& role);
/// Newest first, each with its number as "id".
QList<QJsonObject> generationRows(const QJsonObject& role);

struct RotationProgress {
    QString state{};  ///< empty: there is no rotation
    int done{};
    int total{};
    QString title{};  ///< of the first step that is not done
};
RotationProgress rotationProgress(const QJsonObject& role);

}  // namespace sluice::models
