#pragma once

#include "mover/move_host.h"
#include "mover/object_context.h"

namespace sluice::mover {

/// The host cannot carry something out just now, for example because the disk under its records is full.
Blockage hostBlockage(const Error& error);

/// Asks until the host answers; what it refuses for now is waited for.
/// @error not retryable: what the host refuses for good. Cancelled: the move has stopped
Result<QJsonObject> askHost(MoveHost& host, const QString& method, const QJsonObject& params,
                            ObjectContext& context);

}  // namespace sluice::mover
