#include "store/manifest.h"

#include <QtCore/QFileInfo>
#include <QtSql/QSqlQuery>
#include <algorithm>

#include "store/database.h"

namespace sluice::store {
namespace {

const QString kColumns = QStringLiteral(
    "SELECT name, size, crc32c, version, src_version, etag, fence, attributes FROM entry "
    "WHERE task = (SELECT id FROM task WHERE name = ?) ");

struct TaskRow {
    qint64 id{};
    qint64 fence{};
};

/// The task's row, made if there is none.
Result<TaskRow> taskRow(Tx& tx, const QString& task)
{
    auto made = tx.exec(QStringLiteral("INSERT OR IGNORE INTO task (name, fence) VALUES (?, 0)"), {task});
    if (!made) {
        return fail(made.error());
    }
    TaskRow found;
    auto read = tx.query(QStringLiteral("SELECT id, fence FROM task WHERE name = ?"), {task},
                         [&found](const QSqlQuery& row) {
                             found = {.id = row.value(0).toLongLong(), .fence = row.value(1).toLongLong()};
                             return false;
                         });
    if (!read) {
        return fail(read.error());
    }
    return found;
}

Result<void> raise(Tx& tx, qint64 id, qint64 fence)
{
    return tx.exec(QStringLiteral("UPDATE task SET fence = ? WHERE id = ? AND fence < ?"),
                   {fence, id, fence});
}

Error outdated(const QString& task, qint64 fence, qint64 current)
{
    return Error{
        .code = ErrorCode::Aborted,
        .message = QStringLiteral("A newer attempt owns task %1").arg(task),
        .cause =
            QStringLiteral("The commit carries fence %1; the task's fence is %2").arg(fence).arg(current),
        .correction =
            QStringLiteral("Nothing to do: this attempt was replaced, and the newer one checks what it left"),
        .source = QStringLiteral("store")};
}

Result<void> upsert(Tx& tx, qint64 task, const ManifestEntry& entry)
{
    // SQLite's integers are signed; versions keep their 64 bits.
    return tx.exec(
        QStringLiteral("INSERT OR REPLACE INTO entry (task, name, size, crc32c, version, src_version, etag, "
                       "fence, attributes) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        {task, entry.name, entry.size, static_cast<qint64>(entry.crc32c), static_cast<qint64>(entry.version),
         static_cast<qint64>(entry.srcVersion), entry.etag, entry.fence, entry.attributes});
}

ManifestEntry entryOf(const QString& task, const QSqlQuery& row)
{
    return ManifestEntry{.task = task,
                         .name = row.value(0).toString(),
                         .size = row.value(1).toLongLong(),
                         .crc32c = static_cast<quint32>(row.value(2).toLongLong()),
                         .version = static_cast<quint64>(row.value(3).toLongLong()),
                         .srcVersion = static_cast<quint64>(row.value(4).toLongLong()),
                         .etag = row.value(5).toString(),
                         .fence = row.value(6).toLongLong(),
                         .attributes = row.value(7).toLongLong()};
}

/// A manifest without an owner gets this one; it is durable before anything is committed, for writes keep
/// their order.
Result<void> belong(Database& database, const QString& owner)
{
    QString found;
    auto read = database.readNow([&found](Tx& tx) {
        return tx.query(QStringLiteral("SELECT state FROM owner"), {}, [&found](const QSqlQuery& row) {
            found = row.value(0).toString();
            return false;
        });
    });
    if (!read) {
        return read;
    }
    if (found.isEmpty()) {
        database.write(
            [owner](Tx& tx) {
                return tx.exec(QStringLiteral("INSERT OR IGNORE INTO owner (only, state) VALUES (1, ?)"),
                               {owner});
            },
            nullptr, {});
        return {};
    }
    if (found != owner) {
        return fail(
            Error{.code = ErrorCode::DataLoss,
                  .message = QStringLiteral("%1 is not the manifest of this run").arg(database.file()),
                  .cause = QStringLiteral("it belongs to another state.db (%1)").arg(found),
                  .correction =
                      QStringLiteral("Put the files of one engine together again, from a backup if need be"),
                  .source = QStringLiteral("store")});
    }
    return {};
}

Error lost(const QString& file, const QString& cause)
{
    return Error{.code = ErrorCode::DataLoss,
                 .message = QStringLiteral("%1 is not the whole manifest of its run").arg(file),
                 .cause = cause,
                 .correction = QStringLiteral(
                     "Put the file back from a backup; without one, submit the flow again: what is "
                     "equal at the destination is kept"),
                 .source = QStringLiteral("store")};
}

Result<void> checkHoldings(Database& database, const QList<ManifestHolding>& holdings)
{
    QList<qint64> found;
    auto read = database.readNow([&](Tx& tx) -> Result<void> {
        for (const ManifestHolding& holding : holdings) {
            auto counted =
                tx.query(QStringLiteral(
                             "SELECT count(*) FROM entry WHERE task = (SELECT id FROM task WHERE name = ?)"),
                         {holding.task}, [&found](const QSqlQuery& row) {
                             found.append(row.value(0).toLongLong());
                             return false;
                         });
            if (!counted) {
                return counted;
            }
        }
        return {};
    });
    if (!read) {
        return read;
    }
    for (qsizetype i = 0; i < holdings.size(); ++i) {
        if (found.value(i) < holdings.at(i).objects) {
            return fail(lost(database.file(),
                             QStringLiteral("it holds %1 objects of task %2, and state.db knows of %3")
                                 .arg(QString::number(found.value(i)), holdings.at(i).task)
                                 .arg(holdings.at(i).objects)));
        }
    }
    return {};
}

/// Gives `done` what a read has left in `found`.
template <typename T>
Database::Done handOver(std::shared_ptr<T> found, std::function<void(Result<T>)> done)
{
    return [found = std::move(found), done = std::move(done)](const Result<void>& read) {
        done(read ? Result<T>(std::move(*found)) : Result<T>(fail(read.error())));
    };
}

}  // namespace

QList<Migration> Manifest::schema()
{
    return {
        {.version = 1,
         .statements =
             {
                 QStringLiteral("CREATE TABLE task (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, "
                                "fence INTEGER NOT NULL)"),
                 QStringLiteral(
                     "CREATE TABLE entry (task INTEGER NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, "
                     "crc32c INTEGER NOT NULL, version INTEGER NOT NULL, src_version INTEGER NOT NULL, "
                     "etag TEXT NOT NULL, fence INTEGER NOT NULL, PRIMARY KEY (task, name)) WITHOUT ROWID"),
             }},
        {.version = 2,
         .statements = {
             QStringLiteral(
                 "CREATE TABLE owner (only INTEGER PRIMARY KEY CHECK (only = 1), state TEXT NOT NULL)"),
             QStringLiteral("ALTER TABLE entry ADD COLUMN attributes INTEGER NOT NULL DEFAULT -1"),
         }}};
}

Manifest::Manifest(std::unique_ptr<Database> database) : m_database(database.release())
{
    m_database->setParent(this);
}

Manifest::~Manifest() = default;

Result<std::unique_ptr<Manifest>> Manifest::open(const QString& file, const QString& owner,
                                                 const QList<ManifestHolding>& holdings)
{
    if (!holdings.isEmpty() && !QFileInfo::exists(file)) {
        return fail(lost(file, QStringLiteral("it is missing")));
    }
    auto database = Database::open({.file = file, .migrations = Manifest::schema()});
    if (!database) {
        return fail(database.error());
    }
    if (!owner.isEmpty()) {
        if (auto belongs = belong(**database, owner); !belongs) {
            return fail(belongs.error());
        }
    }
    if (auto whole = checkHoldings(**database, holdings); !whole) {
        return fail(whole.error());
    }
    return std::unique_ptr<Manifest>(new Manifest(std::move(*database)));
}

void Manifest::commit(const QString& task, QList<ManifestEntry> entries, QObject* context, Done done)
{
    m_database->write(
        [task, entries = std::move(entries)](Tx& tx) -> Result<void> {
            const auto row = taskRow(tx, task);
            if (!row) {
                return fail(row.error());
            }
            qint64 highest = row->fence;
            for (const ManifestEntry& entry : entries) {
                if (entry.fence < row->fence) {
                    return fail(outdated(task, entry.fence, row->fence));
                }
                highest = std::max(highest, entry.fence);
                if (auto put = upsert(tx, row->id, entry); !put) {
                    return put;
                }
            }
            return highest > row->fence ? raise(tx, row->id, highest) : Result<void>{};
        },
        context, std::move(done));
}

void Manifest::raiseFence(const QString& task, qint64 fence, QObject* context, Done done)
{
    m_database->write(
        [task, fence](Tx& tx) -> Result<void> {
            const auto row = taskRow(tx, task);
            return row ? raise(tx, row->id, fence) : Result<void>{fail(row.error())};
        },
        context, std::move(done));
}

void Manifest::lookup(const QString& task, QStringList names, QObject* context, Entries done)
{
    auto found = std::make_shared<QList<ManifestEntry>>();
    m_database->read(
        [task, names = std::move(names), found](Tx& tx) -> Result<void> {
            for (const QString& name : names) {
                auto read = tx.query(kColumns + QStringLiteral("AND name = ?"), {task, name},
                                     [&](const QSqlQuery& row) {
                                         found->append(entryOf(task, row));
                                         return false;
                                     });
                if (!read) {
                    return read;
                }
            }
            return {};
        },
        context, handOver<QList<ManifestEntry>>(found, std::move(done)));
}

void Manifest::missing(const QString& task, QStringList names, QObject* context,
                       std::function<void(Result<QStringList>)> done)
{
    auto found = std::make_shared<QStringList>();
    m_database->read(
        [task, names = std::move(names), found](Tx& tx) -> Result<void> {
            for (const QString& name : names) {
                bool there = false;
                auto read = tx.query(
                    QStringLiteral("SELECT 1 FROM entry WHERE task = (SELECT id FROM task WHERE name = ?) "
                                   "AND name = ?"),
                    {task, name}, [&there](const QSqlQuery&) {
                        there = true;
                        return false;
                    });
                if (!read) {
                    return read;
                }
                if (!there) {
                    found->append(name);
                }
            }
            return {};
        },
        context, handOver<QStringList>(found, std::move(done)));
}

void Manifest::page(const QString& task, const QString& afterName, int limit, QObject* context, Entries done)
{
    auto found = std::make_shared<QList<ManifestEntry>>();
    m_database->read(
        [task, afterName, limit, found](Tx& tx) {
            return tx.query(kColumns + QStringLiteral("AND name > ? ORDER BY name LIMIT ?"),
                            {task, afterName, std::max(limit, 0)}, [&](const QSqlQuery& row) {
                                found->append(entryOf(task, row));
                                return true;
                            });
        },
        context, handOver<QList<ManifestEntry>>(found, std::move(done)));
}

void Manifest::totals(const QString& task, QObject* context, std::function<void(Result<ManifestTotals>)> done)
{
    auto found = std::make_shared<ManifestTotals>();
    m_database->read(
        [task, found](Tx& tx) {
            return tx.query(QStringLiteral("SELECT count(*), coalesce(sum(size), 0) FROM entry "
                                           "WHERE task = (SELECT id FROM task WHERE name = ?)"),
                            {task}, [&](const QSqlQuery& row) {
                                *found = {.objects = row.value(0).toLongLong(),
                                          .bytes = row.value(1).toLongLong()};
                                return false;
                            });
        },
        context, handOver<ManifestTotals>(found, std::move(done)));
}

void Manifest::removeNames(const QString& task, QStringList names, QObject* context, Done done)
{
    m_database->write(
        [task, names = std::move(names)](Tx& tx) -> Result<void> {
            for (const QString& name : names) {
                auto removed = tx.exec(
                    QStringLiteral("DELETE FROM entry WHERE task = (SELECT id FROM task WHERE name = ?) "
                                   "AND name = ?"),
                    {task, name});
                if (!removed) {
                    return removed;
                }
            }
            return {};
        },
        context, std::move(done));
}

}  // namespace sluice::store
