#pragma once

#include <sys/types.h>
#include <unistd.h>
#include <QtCore/QString>

#include "core/error.h"

namespace sluice::engine {

/// Makes a state folder and what lies in it this user's alone, before anything is read or written there. A
/// file or folder inside that is a link, has a second name or belongs to somebody else was planted, and is
/// refused. The state folder itself may be a link that this user or root has made.
/// @param others folders in it that are not the engine's own
/// @param user who must own it all
/// @error PermissionDenied: it cannot be made, or is not this user's. FailedPrecondition: something was
/// planted
Result<void> prepareStateFolder(const QString& folder, const QStringList& others = {},
                                uid_t user = ::geteuid());

}  // namespace sluice::engine
