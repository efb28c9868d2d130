#include "flow/transition.h"

namespace sluice::flow {

using model::TaskState;

std::optional<TaskState> next(TaskState state, TaskEvent event)
{
    switch (event) {
        case TaskEvent::NeedsMet:
            return state == TaskState::Waiting ? std::optional(TaskState::Ready) : std::nullopt;
        case TaskEvent::Start:
            return state == TaskState::Ready ? std::optional(TaskState::Running) : std::nullopt;
        case TaskEvent::Verify:
            return state == TaskState::Running || state == TaskState::Stalled
                       ? std::optional(TaskState::Verifying)
                       : std::nullopt;
        case TaskEvent::Deadline:
            return state == TaskState::Running || state == TaskState::Verifying
                       ? std::optional(TaskState::Stalled)
                       : std::nullopt;
        case TaskEvent::Progress:
            return state == TaskState::Stalled ? std::optional(TaskState::Running) : std::nullopt;
        case TaskEvent::Finish:
            // Ready: an approval is given without anything having run.
            return isActive(state) || state == TaskState::Ready ? std::optional(TaskState::Done)
                                                                : std::nullopt;
        case TaskEvent::Fail:
            return isActive(state) ? std::optional(TaskState::Failed) : std::nullopt;
        case TaskEvent::Cancel:
            return isFinal(state) ? std::nullopt : std::optional(TaskState::Cancelled);
        case TaskEvent::Reset:
            return isActive(state) || state == TaskState::Failed ? std::optional(TaskState::Ready)
                                                                 : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace sluice::flow
