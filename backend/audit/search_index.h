#pragma once

#include <QtCore/QStringList>

#include "audit/record.h"
#include "store/database.h"

namespace sluice::audit {

/// The tables beside the chain that make records quick to find; nothing of them is hashed. Records of files
/// that were made before these tables are entered bit by bit, the newest first; until then they are searched
/// one by one.
QStringList searchTables();

Result<void> indexRecord(store::Tx& tx, const Record& record);
/// Enters up to `records` more of the old ones. @return whether some are left
Result<bool> indexOlder(store::Tx& tx, int records);
/// Records up to this number are not in the tables.
Result<qint64> readGap(store::Tx& tx);

/// Numbers between two others, these two not among them.
struct SeqRange {
    qint64 above{};
    qint64 below{};

    bool isEmpty() const { return below - above < 2; }
};
/// Narrows `range` to where records of that time can lie; 0: no bound.
Result<SeqRange> narrowToTime(store::Tx& tx, SeqRange range, qint64 sinceMs, qint64 untilMs);

}  // namespace sluice::audit
