#pragma once

#include <QtCore/QJsonObject>
#include <functional>

#include "actions/action_runner.h"
#include "core/clock.h"
#include "flow/flow_engine.h"

namespace sluice::engine {

/// What ending a run would kill, fence and leave undone. Changes nothing.
/// Shape of the result: {plan: {action, class, run, tasks, steps, touches, cannotUndo, ending, notStarted,
/// done}, planHash, stateHash}. planHash stays the same until the run is cancelled or has ended; stateHash,
/// for the record, changes with every attempt that begins or ends.
/// @error NotFound: no such run. FailedPrecondition: it has ended.
/// @thread main loop only
Result<QJsonObject> planCancel(const flow::FlowEngine& flow, const QString& run);

/// After a cancel: the run has ended and no attempt of it is left, each process reaped and each client
/// fenced.
/// @error DeadlineExceeded, to `done`: not within 60 s; it is gone on with all the same.
void verifyCancel(flow::FlowEngine& flow, const QString& run, const Clock& clock,
                  actions::Action::Verified done);

}  // namespace sluice::engine
