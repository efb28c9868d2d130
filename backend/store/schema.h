#pragma once

#include "store/connection.h"

namespace sluice::store {

/// SQLite cuts its log back to this size when it begins it anew.
inline constexpr qint64 kLogLimitBytes = 32 * 1024 * 1024;
/// So many pages of the log are moved into the file at a time, by Writer; SQLite does it by itself from the
/// second number on, should that fail.
inline constexpr qint64 kLogPages = 4000;
inline constexpr qint64 kMostLogPages = 4 * kLogPages;

/// Makes an empty file, readable by its owner only, if there is none. Its folder must exist.
Result<void> makeFile(const QString& file);

/// True if the last program that had the file open did not close it.
bool endedUncleanly(const QString& file);

/// Sets durability, checks the file if `check`, and brings its schema up to the last of `options.migrations`.
Result<void> prepareFile(Connection& connection, const Database::Options& options, bool check);

/// Name of the table that probe writes go to.
QString probeTable();

/// Name of the table that holds the mark and the note of a marked file.
QString markTable();

/// What a marked file keeps with its last commit (Options::note); empty if it cannot be read. Blocking,
/// changes nothing; for files that nobody may hold open.
QString noteOf(const QString& file);

}  // namespace sluice::store
