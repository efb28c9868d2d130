#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QSet>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>

#include "connect/link.h"
#include "core/error.h"
#include "model/location.h"

namespace sluice::connect {

/// Objects that the attempts of a task may have left half written where it puts them.
struct RemainsQuestion {
    QString run{};
    QString task{};
    model::Location to{};
    /// By their whole names.
    QStringList objects{};
    /// Those of them that are in the manifest: complete, and kept.
    QSet<QString> known{};
};

/// What was found of them, and what a reset does about it, between the end of the old attempt and the start
/// of the new one.
struct Remains {
    /// Shape: [{object, sizeBytes, why}]; objects that nobody else holds.
    QJsonArray dropped{};
    /// Shape: [{connection, object, lock, client, address, alive: true|false|null, …}]
    QJsonArray locks{};
    /// Shape: [{id, title, checkedBy}]; ids are those of the task's own steps.
    QJsonArray steps{};
    QStringList touches{};
    QStringList cannotUndo{};
};

/// Looks at what attempts left in places of one system: a row of System.
/// @thread main loop only
struct RemainsFinder {
    using Done = std::function<void(const Result<Remains>&)>;

    std::function<bool(const model::Location&)> covers{};
    /// The object that blocks a task, if it lies in this place; empty: it lies elsewhere. @param blocked as
    /// AttemptSink::blocked
    std::function<QString(const QJsonObject& blocked, const model::Location& to)> blockedObject{};
    /// Changes nothing. The same state gives the same answer. @error as Link::call
    std::function<void(const RemainsQuestion&, Done)> look{};
};

using RemainsFinders = QList<RemainsFinder>;

}  // namespace sluice::connect
