#include "audit/record_scan.h"

#include <QtSql/QSqlQuery>
#include <limits>

#include "audit/chain_rows.h"

namespace sluice::audit {
namespace {

constexpr int kEffortToRead = 10;
/// How far the terms are counted to find the rarest.
constexpr int kCounted = 5000;

QString marks(qsizetype count)
{
    return QStringList(count, QStringLiteral("?")).join(',');
}

}  // namespace

RecordScan::RecordScan(const RecordQuery& query) : m_query(query), m_matcher(query.filter)
{
    if (m_query.before <= 0) {
        m_query.before = std::numeric_limits<qint64>::max();
    }
    m_query.after = std::max<qint64>(m_query.after, 0);
    m_position = m_query.oldestFirst ? m_query.after : m_query.before;
    m_done = SeqRange{m_query.after, m_query.before}.isEmpty();
}

/// The part of what is left that can be looked at in one way: with the search tables, or without.
Result<RecordScan::Stretch> RecordScan::stretch(store::Tx& tx)
{
    const auto gap = readGap(tx);
    if (!gap) {
        return fail(gap.error());
    }
    const bool up = m_query.oldestFirst;
    const SeqRange left{up ? m_position : m_query.after, up ? m_query.before : m_position};
    const SeqRange old{left.above, std::min(left.below, *gap + 1)};
    const SeqRange fresh{std::max(left.above, *gap), left.below};
    const bool takeFresh = !fresh.isEmpty() && (!up || old.isEmpty());
    Stretch stretch{.range = takeFresh ? fresh : old,
                    .indexed = takeFresh,
                    .end = up ? *gap : *gap + 1,
                    .last = takeFresh ? (up || old.isEmpty()) : (!up || fresh.isEmpty())};
    if (takeFresh) {
        const auto narrowed = narrowToTime(tx, fresh, m_query.filter.sinceMs, m_query.filter.untilMs);
        if (!narrowed) {
            return fail(narrowed.error());
        }
        stretch.range = *narrowed;
    }
    return stretch;
}

void RecordScan::finish(const Stretch& stretch)
{
    m_done = stretch.last;
    if (!m_done) {
        m_position = stretch.end;
    }
}

/// The rarest of what is asked for leads; a record has to fit the others.
Result<void> RecordScan::chooseDriver(store::Tx& tx, const SeqRange& range)
{
    qint64 fewest = std::numeric_limits<qint64>::max();
    for (qsizetype i = 0; i < m_matcher.terms().size(); ++i) {
        qint64 sum = 0;
        for (const QString& term : m_matcher.terms()[i]) {
            auto counted = tx.query(QStringLiteral("SELECT count(*) FROM (SELECT 1 FROM search_term "
                                                   "WHERE term = ? AND seq > ? AND seq < ? LIMIT ?)"),
                                    {term, range.above, range.below, kCounted}, [&sum](const QSqlQuery& row) {
                                        sum += row.value(0).toLongLong();
                                        return false;
                                    });
            if (!counted) {
                return counted;
            }
        }
        if (sum < fewest) {
            fewest = sum;
            m_driver = i;
        }
    }
    return {};
}

/// Rows of (seq, whether all terms fit), in the order of the walk.
QString RecordScan::termSql(const SeqRange& range, int most, QVariantList* values) const
{
    QStringList conditions;
    for (qsizetype i = 0; i < m_matcher.terms().size(); ++i) {
        if (i != m_driver) {
            const QStringList& anyOf = m_matcher.terms()[i];
            conditions.append(
                QStringLiteral("EXISTS (SELECT 1 FROM search_term t WHERE t.seq = d.seq AND t.term IN (%1))")
                    .arg(marks(anyOf.size())));
            *values += QVariantList(anyOf.begin(), anyOf.end());
        }
    }
    QStringList parts;
    for (const QString& term : m_matcher.terms()[m_driver]) {
        parts.append(QStringLiteral("SELECT seq FROM search_term WHERE term = ? AND seq > ? AND seq < ?"));
        *values << term << range.above << range.below;
    }
    *values << most;
    return QStringLiteral("SELECT d.seq AS seq, %1 AS fits FROM (%2 ORDER BY seq %3 LIMIT ?) d")
        .arg(conditions.isEmpty() ? QStringLiteral("1") : conditions.join(QStringLiteral(" AND ")),
             parts.join(QStringLiteral(" UNION ALL ")),
             m_query.oldestFirst ? QStringLiteral("ASC") : QStringLiteral("DESC"));
}

bool RecordScan::take(qint64 seq, const QByteArray& body, const QString& hash, bool termsFound,
                      const Found& found)
{
    const auto guess = m_matcher.guess(body, hash, termsFound);
    if (guess == RecordMatcher::Guess::No) {
        return true;
    }
    if (guess == RecordMatcher::Guess::Yes && !found) {
        ++m_matches;
        return true;
    }
    const Record record = recordOf(seq, body, hash);
    if (guess == RecordMatcher::Guess::Unsure && !m_matcher.matches(record)) {
        return true;
    }
    ++m_matches;
    return !found || found(record, body);
}

Result<void> RecordScan::byTerms(store::Tx& tx, const Stretch& stretch, int effort, const Found& found)
{
    QList<Candidate> candidates;
    QVariantList values;
    const QString sql = termSql(stretch.range, effort, &values);
    auto read = tx.query(sql, values, [&candidates](const QSqlQuery& row) {
        candidates.append({row.value(0).toLongLong(), row.value(1).toBool()});
        return true;
    });
    if (!read) {
        return read;
    }
    // Two outcomes of one record have two rows; it has only one in truth, but a file may be damaged.
    qint64 before = -1;
    int spent = 0;
    for (const Candidate& candidate : std::as_const(candidates)) {
        bool more = true;
        if (candidate.fits && candidate.seq != before) {
            auto got = tx.query(QStringLiteral("SELECT body, hash FROM record WHERE seq = ?"),
                                {candidate.seq}, [&](const QSqlQuery& row) {
                                    more = take(candidate.seq, row.value(0).toByteArray(),
                                                row.value(1).toString(), true, found);
                                    return false;
                                });
            if (!got) {
                return got;
            }
        }
        before = candidate.seq;
        m_position = candidate.seq;
        spent += candidate.fits ? kEffortToRead : 1;
        if (!more || spent >= effort) {
            return {};
        }
    }
    if (candidates.size() < effort) {
        finish(stretch);
    }
    return {};
}

Result<void> RecordScan::countTerms(store::Tx& tx, const Stretch& stretch, int effort)
{
    QVariantList values;
    const QString sql = QStringLiteral("SELECT count(*), total(fits), min(seq), max(seq) FROM (%1)")
                            .arg(termSql(stretch.range, effort, &values));
    qint64 looked = 0;
    auto read = tx.query(sql, values, [&](const QSqlQuery& row) {
        looked = row.value(0).toLongLong();
        m_matches += row.value(1).toLongLong();
        if (looked > 0) {
            m_position = row.value(m_query.oldestFirst ? 3 : 2).toLongLong();
        }
        return false;
    });
    if (read && looked < effort) {
        finish(stretch);
    }
    return read;
}

Result<void> RecordScan::oneByOne(store::Tx& tx, const Stretch& stretch, int effort, const Found& found)
{
    const int most = std::max(effort / kEffortToRead, 1);
    int looked = 0;
    bool more = true;
    auto read = tx.query(
        QStringLiteral("SELECT seq, body, hash FROM record WHERE seq > ? AND seq < ? ORDER BY seq %1 LIMIT ?")
            .arg(m_query.oldestFirst ? QStringLiteral("ASC") : QStringLiteral("DESC")),
        {stretch.range.above, stretch.range.below, most}, [&](const QSqlQuery& row) {
            ++looked;
            m_position = row.value(0).toLongLong();
            more = take(m_position, row.value(1).toByteArray(), row.value(2).toString(), false, found);
            return more;
        });
    if (read && more && looked < most) {
        finish(stretch);
    }
    return read;
}

Result<void> RecordScan::find(store::Tx& tx, int effort, const Found& found)
{
    if (m_done) {
        return {};
    }
    const auto next = stretch(tx);
    if (!next) {
        return fail(next.error());
    }
    if (next->range.isEmpty()) {
        finish(*next);
        return {};
    }
    if (!next->indexed || m_matcher.terms().isEmpty()) {
        return oneByOne(tx, *next, effort, found);
    }
    if (m_driver < 0) {
        if (auto chosen = chooseDriver(tx, next->range); !chosen) {
            return chosen;
        }
    }
    return !found && m_matcher.byTermsAlone() ? countTerms(tx, *next, effort)
                                              : byTerms(tx, *next, effort, found);
}

Result<void> RecordScan::count(store::Tx& tx, int effort)
{
    return find(tx, effort, {});
}

}  // namespace sluice::audit
