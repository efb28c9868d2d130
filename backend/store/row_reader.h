#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <functional>
#include <limits>
#include <optional>

#include "store/database.h"

class QSqlQuery;

namespace sluice::store {

/// Reads the columns of one row and believes none of them: a damaged page can put a word where a number
/// belongs, a row of another table in the place of this one, or a number that no state has. The first fault
/// is kept, and what is read after it is harmless.
/// @thread inside a work function
class RowReader {
public:
    /// `table` and `key` say which row, for the person who has to find it.
    RowReader(const QSqlQuery& row, QString table, QString key)
        : m_row(row), m_table(std::move(table)), m_key(std::move(key))
    {
    }

    qint64 integer(int column, qint64 min = std::numeric_limits<qint64>::min(),
                   qint64 max = std::numeric_limits<qint64>::max());
    /// 0 or 1.
    bool flag(int column) { return integer(column, 0, 1) != 0; }
    QString text(int column);
    /// Text that must not be empty.
    QString name(int column);
    /// One of `known`, by its place among them. A word that is not known is never taken for another.
    int word(int column, const QStringList& known);
    QJsonObject object(int column);
    QJsonArray array(int column);
    /// For what only the caller can tell.
    void refuse(const QString& why);

    /// @return DataLoss that names file, table, row and column
    std::optional<Error> fault(const QString& file) const;

private:
    void refuse(int column, const QString& why);

    const QSqlQuery& m_row;
    QString m_table;
    QString m_key;
    QString m_why{};
};

/// SQLite's own opinion of the whole file; empty if it is sound. As long as the file is large.
QString damageOf(Tx& tx);

/// Calls `eachRow` for every row of `sql`, whose first column tells the row; the first faulty row ends it.
/// @error  DataLoss: as RowReader::fault. As Tx::query.
Result<void> readRows(Tx& tx, const QString& file, const QString& table, const QString& sql,
                      const QVariantList& values, const std::function<void(RowReader&)>& eachRow);

}  // namespace sluice::store
