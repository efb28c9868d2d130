#pragma once

#include <QtCore/QString>
#include <QtSql/QSqlDatabase>
#include <QtSql/QSqlQuery>
#include <memory>
#include <unordered_map>

#include "store/database.h"
#include "store/sqlite_error.h"

namespace sluice::store {

/// One connection to one SQLite file, with its prepared statements.
/// @thread only the one that opened it
class Connection {
public:
    enum class Mode {
        ReadWrite,  ///< makes the file's tables; the caller has made the file
        QueryOnly,  ///< beside a writer
        Inspect,    ///< changes nothing; for files that nobody may hold open
    };
    static Result<std::unique_ptr<Connection>> open(const QString& file, Mode mode, int busyTimeoutMs);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Result<void> exec(const QString& sql, const QVariantList& values = {});
    Result<void> query(const QString& sql, const QVariantList& values,
                       const std::function<bool(const QSqlQuery&)>& eachRow);
    Result<qint64> integer(const QString& sql);
    Result<void> run(const Database::Work& work);
    const QString& file() const { return m_file; }

    /// The worst that any statement met since the last call, also if the caller of the statement ignored it.
    struct Met {
        Trouble trouble{Trouble::None};
        Error error{};
    };
    /// While a writing connection has met trouble, works get this error for everything: the transaction may
    /// be gone, and a statement would be committed by itself.
    const Error* spent() const
    {
        return m_mode == Mode::ReadWrite && m_met.trouble != Trouble::None ? &m_met.error : nullptr;
    }
    Met takeTrouble() { return std::exchange(m_met, {}); }

private:
    struct Statement {
        QSqlQuery query;
        bool inUse{false};
    };

    Connection(QString name, QString file, Mode mode);
    Result<std::shared_ptr<Statement>> prepared(const QString& sql);
    tl::unexpected<Error> failed(const QSqlError& error);

    QString m_name;
    QString m_file;
    Mode m_mode;
    std::unordered_map<QString, std::shared_ptr<Statement>> m_statements{};
    Met m_met{};
};

}  // namespace sluice::store
