#include "engine/troubled.h"

#include <algorithm>

namespace sluice::engine {

bool inTrouble(model::TaskState state)
{
    return state == model::TaskState::Stalled || state == model::TaskState::Failed;
}

bool inTrouble(const flow::Run& run)
{
    return run.endedAtMs == 0 &&
           run.count(model::TaskState::Stalled) + run.count(model::TaskState::Failed) > 0;
}

bool inTrouble(const Case& item, const flow::FlowEngine& flow)
{
    return std::any_of(item.tasks.begin(), item.tasks.end(), [&flow](const QString& id) {
        const flow::Task* task = taskGoingOn(id, flow);
        return task && (inTrouble(task->state) || task->resetting);
    });
}

const flow::Task* taskGoingOn(const QString& id, const flow::FlowEngine& flow)
{
    const flow::Run* run = flow.run(id.section('/', 0, 0));
    const int index = run ? run->index.value(id.section('/', 1), -1) : -1;
    return index < 0 || run->endedAtMs > 0 ? nullptr : &run->tasks[static_cast<size_t>(index)];
}

}  // namespace sluice::engine
