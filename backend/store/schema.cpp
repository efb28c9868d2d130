#include "store/schema.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <cerrno>

#include "core/log.h"

namespace sluice::store {
namespace {

Result<void> configure(Connection& connection, const Database::Options& options)
{
    QString mode;
    auto set =
        connection.query(QStringLiteral("PRAGMA journal_mode = WAL"), {}, [&mode](const QSqlQuery& row) {
            mode = row.value(0).toString();
            return false;
        });
    if (!set) {
        return set;
    }
    if (mode != QLatin1String("wal")) {
        return fail(Error{
            .code = ErrorCode::FailedPrecondition,
            .message = QStringLiteral("%1 cannot be used safely").arg(options.file),
            .cause = QStringLiteral("Its filesystem offers no shared memory, so there is no write-ahead log"),
            .correction = QStringLiteral("Put the state folder on a local filesystem"),
            .source = QStringLiteral("store")});
    }
    QStringList pragmas{QStringLiteral("PRAGMA synchronous = FULL"),
                        QStringLiteral("PRAGMA wal_autocheckpoint = %1").arg(kMostLogPages),
                        QStringLiteral("PRAGMA journal_size_limit = %1").arg(kLogLimitBytes),
                        QStringLiteral("PRAGMA cache_size = -8192")};
    if (options.maxPages > 0) {
        pragmas.append(QStringLiteral("PRAGMA max_page_count = %1").arg(options.maxPages));
    }
    for (const QString& pragma : pragmas) {
        if (set = connection.exec(pragma); !set) {
            return set;
        }
    }
    return {};
}

Result<void> quickCheck(Connection& connection)
{
    QString found;
    auto read = connection.query(QStringLiteral("PRAGMA quick_check(1)"), {}, [&found](const QSqlQuery& row) {
        found = row.value(0).toString();
        return false;
    });
    if (!read) {
        return read;
    }
    if (found != QLatin1String("ok")) {
        return fail(
            Error{.code = ErrorCode::DataLoss,
                  .message = QStringLiteral("%1 is damaged").arg(connection.file()),
                  .cause = found,
                  .correction = QStringLiteral("Keep a copy of the file and restore it from a backup"),
                  .source = QStringLiteral("store")});
    }
    return {};
}

Error noFile(const QString& path)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("%1 is not used").arg(path),
                 .cause = QStringLiteral("it is a link, or no file"),
                 .correction = QStringLiteral("Find out who made it, and put the file back from a backup"),
                 .source = QStringLiteral("store")};
}

}  // namespace

QString probeTable()
{
    return QStringLiteral("sluice_probe");
}

QString markTable()
{
    return QStringLiteral("sluice_mark");
}

QString noteOf(const QString& file)
{
    if (!QFileInfo(file).isFile()) {
        return {};
    }
    constexpr int kBusyTimeoutMs = 1000;
    auto connection = Connection::open(file, Connection::Mode::Inspect, kBusyTimeoutMs);
    QString note;
    if (connection) {
        static_cast<void>((*connection)
                              ->query(QStringLiteral("SELECT note FROM %1").arg(markTable()), {},
                                      [&note](const QSqlQuery& row) {
                                          note = row.value(0).toString();
                                          return false;
                                      }));
    }
    return note;
}

Result<void> makeFile(const QString& file)
{
    // Looked at, not opened: closing it again would drop the locks of a connection in this process.
    for (const char* tail : {"-wal", "-shm", ""}) {
        const QString path = file + QLatin1String(tail);
        struct stat status {};
        if (::lstat(QFile::encodeName(path).constData(), &status) == 0 && !S_ISREG(status.st_mode)) {
            return fail(noFile(path));  // SQLite would wait for ever for what comes out of a pipe
        }
    }
    if (QFileInfo::exists(file)) {
        return {};
    }
    const int fd = ::open(QFile::encodeName(file).constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        const int code = errno;
        return code == EEXIST ? Result<void>{} : Result<void>{fail(fileError(code, file))};
    }
    ::close(fd);
    const int folder =
        ::open(QFile::encodeName(QFileInfo(file).absolutePath()).constData(), O_RDONLY | O_CLOEXEC);
    if (folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
    return {};
}

bool endedUncleanly(const QString& file)
{
    return QFileInfo(file + QStringLiteral("-wal")).size() > 0;
}

Result<void> prepareFile(Connection& connection, const Database::Options& options, bool check)
{
    if (check) {
        log::info("store", QStringLiteral("%1 was not closed in order: checking it").arg(options.file));
        if (auto good = quickCheck(connection); !good) {
            return good;
        }
    }
    if (auto set = configure(connection, options); !set) {
        return set;
    }
    auto migrated = options.parts.isEmpty() ? migrate(connection, options.migrations)
                                            : migrateParts(connection, options.parts);
    if (!migrated) {
        return migrated;
    }
    const auto present = connection.integer(
        QStringLiteral("SELECT count(*) FROM sqlite_schema WHERE name = '%1'").arg(probeTable()));
    if (!present) {
        return fail(present.error());
    }
    if (*present == 0) {
        return connection.exec(
            QStringLiteral("CREATE TABLE %1 (id INTEGER PRIMARY KEY, body BLOB NOT NULL)").arg(probeTable()));
    }
    return {};
}

}  // namespace sluice::store
