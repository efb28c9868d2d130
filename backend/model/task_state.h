#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::model {

/// States of a task; a run borrows the same words.
/// waiting → ready → running → verifying → done, or failed, stalled, cancelled.
enum class TaskState : quint8 { Waiting, Ready, Running, Verifying, Done, Failed, Stalled, Cancelled };

/// The words of the store and of the wire, in the order of TaskState.
const QStringList& taskStateWords();
QString toString(TaskState state);

/// No further change comes by itself.
constexpr bool isFinal(TaskState state)
{
    return state == TaskState::Done || state == TaskState::Failed || state == TaskState::Cancelled;
}

/// Something outside the engine may be at work for this task.
constexpr bool isActive(TaskState state)
{
    return state == TaskState::Running || state == TaskState::Verifying || state == TaskState::Stalled;
}

}  // namespace sluice::model
