#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "model/location.h"

namespace sluice::model {

enum class TaskKind : quint8 { Move, Verify, Luigi, Approve };

/// The words of flow files, of the store and of the wire, in the order of TaskKind.
const QStringList& taskKindWords();
QString toString(TaskKind kind);

/// One task of a flow file. Only the members of its kind are filled.
struct TaskSpec {
    QString name{};
    TaskKind kind{TaskKind::Move};
    QStringList needs{};
    QString role{};
    qint64 stallAfterMs{30'000};

    Location from{};
    Location to{};
    bool replaceExisting{false};
    int inFlight{16};
    /// A source without any object is right.
    bool allowEmpty{false};

    QString verifyOf{};
    /// What others added to the destination since the run began is right.
    bool othersAllowed{false};

    QString luigiConnection{};
    QString luigiModule{};
    QString luigiTask{};
    QJsonObject luigiParams{};

    QString message{};

    QJsonObject toJson() const;
    /// The kind is what the caller knows it to be, whatever word the text has for it.
    static TaskSpec fromJson(const QJsonObject& json, TaskKind kind);
};

/// A checked flow: names are unique, needs exist, there is no cycle.
struct Flow {
    QString name{};
    QList<TaskSpec> tasks{};
};

}  // namespace sluice::model
