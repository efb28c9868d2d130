#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QObject>
#include <functional>

#include "audit/record_scan.h"
#include "core/error.h"

namespace sluice::store {
class Database;
}

namespace sluice::audit {

/// Looks through the whole log, in portions on the reading thread, so that other reads pass between. What one
/// call costs is bounded: a page may end early, and then says where to go on.
/// @thread the one it lives on; contexts live there too
class RecordSearch final : public QObject {
    Q_OBJECT

public:
    RecordSearch(store::Database& database, QObject* parent);

    /// Makes a row of a record. `body` is what is stored and hashed. @thread the reading one
    using Shape = std::function<QJsonValue(const Record& record, const QByteArray& body)>;
    /// `next`: everything from there on was looked at, so it is the `before` (oldest first: the `after`) of
    /// the next page; 0: nothing more can match.
    struct Page {
        QJsonArray rows{};
        qint64 next{};
    };
    struct Count {
        qint64 matches{};
        qint64 next{};
    };

    /// At most `limit` rows.
    /// @error  DataLoss: the file cannot be read there
    void find(const RecordQuery& query, int limit, Shape shape, QObject* context,
              std::function<void(Result<Page>)> done);
    /// How many match; a bounded part of it.
    void count(const RecordQuery& query, QObject* context, std::function<void(Result<Count>)> done);

    /// Begins to enter the records of older files into the search tables, between other writes.
    void indexOlder();

Q_SIGNALS:
    /// Everything is in the search tables, or cannot be entered.
    void indexed();

private:
    store::Database& m_database;
};

}  // namespace sluice::audit
