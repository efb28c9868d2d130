#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include "core/error.h"

namespace sluice {

/// All of a regular file of at most `maxBytes`. Never waits: a FIFO without a writer, a device or a folder is
/// refused before the first byte. Symbolic links are followed.
/// @error NotFound; PermissionDenied; InvalidArgument: no regular file, or larger. `message` is "PATH cannot
/// be read",
///        `correction` is left to the caller.
[[nodiscard]] Result<QByteArray> readRegularFile(const QString& path, qint64 maxBytes);

/// What stands at `path`, for people, if it is there and is no regular file of at most `maxBytes`: "it is a
/// FIFO, not a file"; else empty. Opens nothing.
QString notRegular(const QString& path, qint64 maxBytes);

}  // namespace sluice
