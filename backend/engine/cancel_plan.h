#pragma once

#include "actions/action.h"
#include "core/clock.h"
#include "flow/flow_engine.h"

namespace sluice::engine {

/// Ends a run. Its plan's hash stays the same until the run is cancelled or has ended; the hash of the state,
/// for the record, changes with every attempt that begins or ends.
/// @param flow and clock may be null: then only the document is made
/// @error of the plan: NotFound: no such run. FailedPrecondition: it has ended.
/// @thread main loop only
actions::Description cancelAction(flow::FlowEngine* flow, const Clock* clock);

/// After a cancel: no attempt of the run, or of its task of that index, is left, each process reaped and each
/// claim taken back, which `proof` says; without an index the run has also ended.
/// @error DeadlineExceeded, to `done`: not within 60 s; it is gone on with all the same.
void verifyCancel(flow::FlowEngine& flow, const QString& run, const Clock& clock, actions::Step::Seen done,
                  int task = -1, const QString& proof = {});

}  // namespace sluice::engine
