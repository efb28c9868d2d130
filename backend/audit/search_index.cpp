#include "audit/search_index.h"

#include <QtSql/QSqlQuery>
#include <limits>

#include "audit/chain_rows.h"
#include "audit/record_filter.h"
#include "core/clock.h"

namespace sluice::audit {
namespace {

constexpr qint64 kHourMs = 3'600'000;

}  // namespace

QStringList searchTables()
{
    return {
        QStringLiteral("CREATE TABLE search_term (term TEXT NOT NULL, seq INTEGER NOT NULL, "
                       "PRIMARY KEY (term, seq)) WITHOUT ROWID"),
        QStringLiteral("CREATE TABLE search_hour (hour INTEGER PRIMARY KEY, first INTEGER NOT NULL, "
                       "last INTEGER NOT NULL)"),
        QStringLiteral("CREATE TABLE search_gap (id INTEGER PRIMARY KEY CHECK (id = 1), "
                       "upto INTEGER NOT NULL)"),
        QStringLiteral("INSERT INTO search_gap (id, upto) SELECT 1, coalesce(max(seq), 0) FROM record"),
    };
}

Result<void> indexRecord(store::Tx& tx, const Record& record)
{
    for (const QString& term : termsOf(record, kTermLength)) {
        auto added = tx.exec(QStringLiteral("INSERT OR IGNORE INTO search_term (term, seq) VALUES (?, ?)"),
                             {term, record.seq});
        if (!added) {
            return added;
        }
    }
    const qint64 atMs = fromRfc3339(record.time);
    if (atMs == 0) {
        return {};
    }
    return tx.exec(QStringLiteral("INSERT INTO search_hour (hour, first, last) VALUES (?, ?, ?) "
                                  "ON CONFLICT (hour) DO UPDATE SET first = min(first, excluded.first), "
                                  "last = max(last, excluded.last)"),
                   {atMs / kHourMs, record.seq, record.seq});
}

Result<bool> indexOlder(store::Tx& tx, int records)
{
    const auto gap = readGap(tx);
    if (!gap) {
        return fail(gap.error());
    }
    if (*gap <= 0) {
        return false;
    }
    const auto older = readRecords(tx, *gap + 1, records);
    if (!older) {
        return fail(older.error());
    }
    for (const Record& record : *older) {
        if (auto added = indexRecord(tx, record); !added) {
            return fail(added.error());
        }
    }
    const qint64 left = older->size() < records ? 0 : older->last().seq - 1;
    auto kept = tx.exec(QStringLiteral("UPDATE search_gap SET upto = ?"), {left});
    if (!kept) {
        return fail(kept.error());
    }
    return left > 0;
}

Result<qint64> readGap(store::Tx& tx)
{
    // Without the row nothing is known to be in the tables.
    qint64 gap = std::numeric_limits<qint64>::max() - 1;
    auto read = tx.query(QStringLiteral("SELECT upto FROM search_gap"), {}, [&gap](const QSqlQuery& row) {
        gap = row.value(0).toLongLong();
        return false;
    });
    if (!read) {
        return fail(read.error());
    }
    return gap;
}

Result<SeqRange> narrowToTime(store::Tx& tx, SeqRange range, qint64 sinceMs, qint64 untilMs)
{
    if (sinceMs <= 0 && untilMs <= 0) {
        return range;
    }
    const qint64 last = untilMs > 0 ? untilMs / kHourMs : std::numeric_limits<qint64>::max();
    bool any = false;
    auto read = tx.query(
        QStringLiteral("SELECT min(first), max(last) FROM search_hour WHERE hour >= ? AND hour <= ?"),
        {sinceMs / kHourMs, last}, [&](const QSqlQuery& row) {
            any = !row.value(0).isNull();
            range.above = std::max(range.above, row.value(0).toLongLong() - 1);
            range.below = std::min(range.below, row.value(1).toLongLong() + 1);
            return false;
        });
    if (!read) {
        return fail(read.error());
    }
    return any ? range : SeqRange{};
}

}  // namespace sluice::audit
