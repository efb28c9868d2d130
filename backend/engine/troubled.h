#pragma once

#include "engine/case.h"
#include "flow/flow_engine.h"

namespace sluice::engine {

/// A task that is stalled or has failed.
bool inTrouble(model::TaskState state);
/// Such a task is in the run, which has not ended.
bool inTrouble(const flow::Run& run);
/// Whether a task of the case is stalled, has failed or is in the hands of a reset, and its run has not
/// ended.
bool inTrouble(const Case& item, const flow::FlowEngine& flow);
/// The task with that id, "RUN/TASK", of a run that has not ended; null without one.
const flow::Task* taskGoingOn(const QString& id, const flow::FlowEngine& flow);

}  // namespace sluice::engine
