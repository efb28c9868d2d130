#include "store/connection.h"

#include <QtCore/QFileInfo>
#include <QtCore/QUrl>
#include <QtSql/QSqlError>
#include <atomic>

namespace sluice::store {
namespace {

constexpr size_t kMaxStatements = 128;

QString nextName()
{
    static std::atomic<quint64> counter{0};
    return QStringLiteral("sluice-store-%1").arg(++counter);
}

QString optionsOf(Connection::Mode mode, bool immutable, int busyTimeoutMs)
{
    QString options = QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(busyTimeoutMs);
    if (mode == Connection::Mode::Inspect) {
        options += QStringLiteral(";QSQLITE_OPEN_READONLY");
    }
    if (immutable) {
        options += QStringLiteral(";QSQLITE_OPEN_URI");
    }
    return options;
}

/// A null QString would become NULL, which no column of ours allows.
QVariant bound(const QVariant& value)
{
    if (value.typeId() == QMetaType::QString && value.toString().isNull()) {
        return QStringLiteral("");
    }
    return value;
}

}  // namespace

Result<void> Tx::exec(const QString& sql, const QVariantList& values)
{
    return query(sql, values, {});
}

Result<void> Tx::query(const QString& sql, const QVariantList& values,
                       const std::function<bool(const QSqlQuery&)>& eachRow)
{
    if (const Error* error = m_connection.spent()) {
        return fail(*error);
    }
    return m_connection.query(sql, values, eachRow);
}

Connection::Connection(QString name, QString file, Mode mode)
    : m_name(std::move(name)), m_file(std::move(file)), m_mode(mode)
{
}

Result<std::unique_ptr<Connection>> Connection::open(const QString& file, Mode mode, int busyTimeoutMs)
{
    std::unique_ptr<Connection> connection(new Connection(nextName(), file, mode));
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection->m_name);
    // A file closed in order has no log beside it and can be read without making one.
    const bool immutable = mode == Mode::Inspect && !QFileInfo::exists(file + QStringLiteral("-wal"));
    database.setConnectOptions(optionsOf(mode, immutable, busyTimeoutMs));
    database.setDatabaseName(immutable ? QUrl::fromLocalFile(file).toString(QUrl::FullyEncoded) +
                                             QStringLiteral("?immutable=1")
                                       : file);
    if (!database.open()) {
        return connection->failed(database.lastError());
    }
    database = {};
    if (mode == Mode::QueryOnly) {
        if (auto set = connection->exec(QStringLiteral("PRAGMA query_only = ON")); !set) {
            return fail(set.error());
        }
    }
    return connection;
}

Connection::~Connection()
{
    m_statements.clear();
    QSqlDatabase::removeDatabase(m_name);
}

tl::unexpected<Error> Connection::failed(const QSqlError& error)
{
    Error result = toError(error, m_file);
    const Trouble trouble = troubleOf(error);
    if (static_cast<int>(trouble) > static_cast<int>(m_met.trouble)) {
        m_met = Met{trouble, result};
    }
    return fail(std::move(result));
}

Result<std::shared_ptr<Connection::Statement>> Connection::prepared(const QString& sql)
{
    if (const auto it = m_statements.find(sql); it != m_statements.end() && !it->second->inUse) {
        return it->second;
    }
    auto statement = std::make_shared<Statement>(Statement{QSqlQuery(QSqlDatabase::database(m_name, false))});
    statement->query.setForwardOnly(true);
    if (!statement->query.prepare(sql)) {
        return failed(statement->query.lastError());
    }
    if (m_statements.size() >= kMaxStatements) {
        m_statements.clear();  // those in use live on until their loop ends
    }
    m_statements.try_emplace(sql, statement);
    return statement;
}

Result<void> Connection::exec(const QString& sql, const QVariantList& values)
{
    return query(sql, values, {});
}

Result<void> Connection::query(const QString& sql, const QVariantList& values,
                               const std::function<bool(const QSqlQuery&)>& eachRow)
{
    auto statement = prepared(sql);
    if (!statement) {
        return fail(statement.error());
    }
    QSqlQuery& query = (*statement)->query;
    for (qsizetype i = 0; i < values.size(); ++i) {
        query.bindValue(static_cast<int>(i), bound(values.at(i)));
    }
    (*statement)->inUse = true;
    bool good = query.exec();
    if (good && eachRow) {
        bool wanted = true;
        while (wanted && query.next()) {
            wanted = eachRow(query);
        }
        good = !wanted || !query.lastError().isValid();
    }
    Result<void> result{};
    if (!good) {
        result = failed(query.lastError());
    }
    query.finish();
    (*statement)->inUse = false;
    return result;
}

Result<qint64> Connection::integer(const QString& sql)
{
    qint64 value = 0;
    auto read = query(sql, {}, [&value](const QSqlQuery& row) {
        value = row.value(0).toLongLong();
        return false;
    });
    if (!read) {
        return fail(read.error());
    }
    return value;
}

Result<void> Connection::run(const Database::Work& work)
{
    Tx tx(*this);
    return work(tx);
}

}  // namespace sluice::store
