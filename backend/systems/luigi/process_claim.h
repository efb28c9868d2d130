#pragma once

#include "connect/claim_keeper.h"
#include "luigi/process_group.h"

namespace sluice::systems::luigi {

/// The processes of an attempt on this host. Shape of the body: {process: ProcessMark}.
flow::Claim processClaim(const sluice::luigi::ProcessMark& mark);

QList<connect::ClaimKeeper> claimKeepers(const connect::ClaimContext& context);

}  // namespace sluice::systems::luigi
