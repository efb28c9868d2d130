#pragma once

#include <QtCore/QString>

#include "core/error.h"

class QSqlError;

namespace sluice::store {

/// What a failed statement means beyond itself; the worse is the greater.
enum class Trouble {
    None,
    Transaction,  ///< SQLite may have undone the transaction under way
    Disk,         ///< nothing can be written for now: full, read-only, input/output error
    Damaged,      ///< the file's content is not what SQLite wrote
};

/// @return Trouble::None also for errors of the statement itself
Trouble troubleOf(const QSqlError& error);
/// The error a caller gets for a failed statement on `file`.
Error toError(const QSqlError& error, const QString& file);
/// As toError, for a system call that failed with `code` (errno).
Error fileError(int code, const QString& file);

}  // namespace sluice::store
