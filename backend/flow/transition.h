#pragma once

#include <optional>

#include "model/task_state.h"

namespace sluice::flow {

/// What can happen to a task.
enum class TaskEvent : quint8 {
    NeedsMet,  ///< every need is done
    Start,     ///< a slot is free, the attempt is recorded
    Verify,    ///< the attempt compares what it stored
    Deadline,  ///< no progress for the task's deadline
    Progress,  ///< something moved
    Finish,    ///< everything is stored, compared and committed; or a person approved
    Fail,      ///< the attempt ended without a result
    Cancel,    ///< a person ended the run
    Reset,     ///< the old attempt is fenced and gone; a new one may start
};

/// The task state machine, without I/O.
/// @return the state after the event, or nothing if the event means no change in that state
std::optional<model::TaskState> next(model::TaskState state, TaskEvent event);

}  // namespace sluice::flow
