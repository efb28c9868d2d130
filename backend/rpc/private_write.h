#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include "core/error.h"

namespace sluice::rpc {

/// Replaces a file by one of mode 0600 that is whole and on the disk before it has the name: on a full disk
/// what was there stays. Blocking.
/// @error FailedPrecondition: it could not be written
Result<void> replacePrivateFile(const QString& path, const QByteArray& bytes);

}  // namespace sluice::rpc
