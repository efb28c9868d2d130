#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/error.h"

namespace sluice::store {

class Connection;

/// One step of a schema. Steps are given in ascending order of `version` (1, 2, …); each is applied in a
/// transaction of its own, and the file remembers the last one. A step that has been released is frozen: what
/// comes later is another step, or files would differ that call themselves equal.
struct Migration {
    int version{};
    QStringList statements{};
    /// For the files that were made before each part had versions of its own: from this PRAGMA user_version
    /// on they hold the step already. 0: none does.
    int inFileSince{0};
};

/// The tables of one part, in a file that several parts share. Parts do not know each other's tables.
struct PartSchema {
    QString part{};
    QList<Migration> steps{};
};

/// A file whose PRAGMA user_version is this keeps one version per part, in the table that partTable() names.
inline constexpr int kVersionByParts = 1000;

/// Name of the table that holds the version of each part.
QString partTable();

/// Brings a file of one part up to the last step. The version is its PRAGMA user_version.
/// @error  FailedPrecondition: written by a newer version. Internal: the steps are out of order. As
///         Connection::exec; what was applied before stays.
Result<void> migrate(Connection& connection, const QList<Migration>& steps);

/// Brings a file of several parts up to the last step of each. @error as migrate
Result<void> migrateParts(Connection& connection, const QList<PartSchema>& parts);

}  // namespace sluice::store
