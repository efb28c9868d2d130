#pragma once

#include "connect/claim_keeper.h"

namespace sluice::example {

/// That a valve is held in the name of an attempt. Shape of the body: {valve, by}.
flow::Claim valveClaim(const QString& connection, const QString& valve, const QString& by);

/// Fences by taking the valve from its holder; releases by taking off the tag that was left on it.
QList<connect::ClaimKeeper> claimKeepers(const connect::ClaimContext& context);

}  // namespace sluice::example
