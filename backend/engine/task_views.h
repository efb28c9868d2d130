#pragma once

#include "diagnosis/task_view.h"
#include "flow/run.h"

namespace sluice {
class Clock;
}

namespace sluice::engine {

class KeyService;

/// What diagnosis needs to know of a task: what it touches, where it stands, what it reported.
diagnosis::TaskView taskView(const flow::Run& run, int task, const KeyService& keys, const Clock& clock);

}  // namespace sluice::engine
