#include "store/row_reader.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QVariant>
#include <QtSql/QSqlQuery>
#include <QtSql/QSqlRecord>

namespace sluice::store {
namespace {

constexpr qsizetype kShown = 40;

}  // namespace

void RowReader::refuse(const QString& why)
{
    if (m_why.isEmpty()) {
        m_why = why;
    }
}

void RowReader::refuse(int column, const QString& why)
{
    refuse(QStringLiteral("column %1 holds %2").arg(m_row.record().fieldName(column), why));
}

qint64 RowReader::integer(int column, qint64 min, qint64 max)
{
    const QVariant value = m_row.value(column);
    if (value.typeId() != QMetaType::LongLong) {
        refuse(column, QStringLiteral("“%1”, which is no number").arg(value.toString().left(kShown)));
        return min > 0 ? min : 0;
    }
    const qint64 number = value.toLongLong();
    if (number < min || number > max) {
        refuse(column, QStringLiteral("%1, which cannot stand there").arg(number));
        return min > 0 ? min : 0;
    }
    return number;
}

QString RowReader::text(int column)
{
    const QVariant value = m_row.value(column);
    if (value.typeId() != QMetaType::QString) {
        refuse(column, QStringLiteral("“%1”, which is no text").arg(value.toString().left(kShown)));
        return {};
    }
    return value.toString();
}

QString RowReader::name(int column)
{
    const QString found = text(column);
    if (found.isEmpty()) {
        refuse(column, QStringLiteral("nothing"));
    }
    return found;
}

int RowReader::word(int column, const QStringList& known)
{
    const QString found = text(column);
    const qsizetype at = known.indexOf(found);
    if (at < 0) {
        refuse(column, QStringLiteral("“%1”, which this version does not know (%2)")
                           .arg(found.left(kShown), known.join(QStringLiteral(", "))));
    }
    return static_cast<int>(qMax(at, 0));
}

QJsonObject RowReader::object(int column)
{
    const QJsonDocument document = QJsonDocument::fromJson(text(column).toUtf8());
    if (!document.isObject()) {
        refuse(column, QStringLiteral("no JSON object"));
    }
    return document.object();
}

QJsonArray RowReader::array(int column)
{
    const QJsonDocument document = QJsonDocument::fromJson(text(column).toUtf8());
    if (!document.isArray()) {
        refuse(column, QStringLiteral("no JSON list"));
    }
    return document.array();
}

std::optional<Error> RowReader::fault(const QString& file) const
{
    if (m_why.isEmpty()) {
        return {};
    }
    return Error{.code = ErrorCode::DataLoss,
                 .message = QStringLiteral("%1 is damaged").arg(file),
                 .cause = QStringLiteral("table %1, row %2: %3").arg(m_table, m_key, m_why),
                 .correction =
                     QStringLiteral("Stop the engine, keep a copy of the file, and restore it from a backup"),
                 .source = QStringLiteral("store")};
}

QString damageOf(Tx& tx)
{
    // This program makes neither: one would change what is written, or show something else than what is
    // there.
    QString planted;
    static_cast<void>(tx.query(
        QStringLiteral("SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view') LIMIT 1"), {},
        [&planted](const QSqlQuery& row) {
            constexpr int kMostShown = 64;
            planted =
                QStringLiteral("the %1 “%2” was planted")
                    .arg(row.value(0).toString(), row.value(1).toString().simplified().left(kMostShown));
            return false;
        }));
    if (!planted.isEmpty()) {
        return planted;
    }
    QString found = QStringLiteral("the check gives no answer");
    auto read = tx.query(QStringLiteral("PRAGMA quick_check(1)"), {}, [&found](const QSqlQuery& row) {
        found = row.value(0).toString().simplified();
        return false;
    });
    if (!read) {
        return read.error().upstream ? read.error().upstream->text : read.error().message;
    }
    return found == QLatin1String("ok") ? QString() : found;
}

Result<void> readRows(Tx& tx, const QString& file, const QString& table, const QString& sql,
                      const QVariantList& values, const std::function<void(RowReader&)>& eachRow)
{
    std::optional<Error> fault;
    auto read = tx.query(sql, values, [&](const QSqlQuery& row) {
        RowReader reader(row, table, row.value(0).toString());
        eachRow(reader);
        fault = reader.fault(file);
        return !fault;
    });
    return read && fault ? Result<void>(fail(*fault)) : read;
}

}  // namespace sluice::store
