#pragma once

#include <functional>

#include "audit/record_filter.h"
#include "audit/search_index.h"

namespace sluice::audit {

/// What is looked for, and where. Pages stay the same while records are added: they go by number.
struct RecordQuery {
    RecordFilter filter{};
    qint64 before{};  ///< only smaller numbers; 0: no bound
    qint64 after{};   ///< only greater numbers
    bool oldestFirst{};
};

/// A walk over the records that match, in portions. It is right whatever of the file is in the search tables.
/// @thread one at a time, inside work functions
class RecordScan {
public:
    explicit RecordScan(const RecordQuery& query);

    /// @return false: enough
    using Found = std::function<bool(const Record& record, const QByteArray& body)>;
    /// Looks at more records, for `effort` at most: about 1 for each that only its terms were looked at of,
    /// about 10 for each that was read.
    Result<void> find(store::Tx& tx, int effort, const Found& found);
    /// The same, without reading what its terms tell.
    Result<void> count(store::Tx& tx, int effort);

    bool isDone() const { return m_done; }
    /// Everything from the beginning up to this number, and this one, was looked at.
    qint64 position() const { return m_position; }
    qint64 matches() const { return m_matches; }

private:
    struct Candidate {
        qint64 seq{};
        bool fits{};
    };
    struct Stretch {
        SeqRange range{};
        bool indexed{};
        qint64 end{};  ///< the position when all of it was looked at
        bool last{};
    };

    Result<Stretch> stretch(store::Tx& tx);
    Result<void> chooseDriver(store::Tx& tx, const SeqRange& range);
    Result<void> byTerms(store::Tx& tx, const Stretch& stretch, int effort, const Found& found);
    Result<void> countTerms(store::Tx& tx, const Stretch& stretch, int effort);
    Result<void> oneByOne(store::Tx& tx, const Stretch& stretch, int effort, const Found& found);
    bool take(qint64 seq, const QByteArray& body, const QString& hash, bool termsFound, const Found& found);
    QString termSql(const SeqRange& range, int most, QVariantList* values) const;
    void finish(const Stretch& stretch);

    RecordQuery m_query;
    RecordMatcher m_matcher;
    qint64 m_position{};
    qint64 m_matches{};
    qsizetype m_driver{-1};
    bool m_done{false};
};

}  // namespace sluice::audit
