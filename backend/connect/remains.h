#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QSet>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>

#include "actions/action.h"
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

/// Whose remains a reset does away with, and where they lie.
struct RemainsOwner {
    QString run{};
    QString task{};
    model::Location to{};
    /// Parameters of a change, with what it is done for and who asked for it.
    std::function<QJsonObject(const QJsonObject&)> named{};
};

/// Looks at what attempts left in places of one system, and does away with it: a row of System.
/// @thread main loop only
struct RemainsFinder {
    using Done = std::function<void(const Result<Remains>&)>;

    std::function<bool(const model::Location&)> covers{};
    /// The object that blocks a task, if it lies in this place; empty: it lies elsewhere. @param blocked as
    /// AttemptSink::blocked
    std::function<QString(const QJsonObject& blocked, const model::Location& to)> blockedObject{};
    /// Changes nothing. The same state gives the same answer. @error as Link::call
    std::function<void(const RemainsQuestion&, Done)> look{};
    /// What breaks one of Remains::locks, and what drops one of Remains::dropped: the step's name in the
    /// record, its objects, acting and looking at it. Its id and, of a drop, its words are those of look().
    /// Acting looks again first: a lock is left to a holder that lives, an object that changed is kept.
    using MakeStep = std::function<actions::Step(const RemainsOwner&, const QJsonObject&)>;
    MakeStep breakLock{};
    MakeStep drop{};
};

using RemainsFinders = QList<RemainsFinder>;

}  // namespace sluice::connect
