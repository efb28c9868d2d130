#include "actions/request_book.h"

#include <QtCore/QJsonDocument>

#include "core/log.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::actions {
namespace {

/// As they are stored, in the order of RequestBook::Stage.
const QStringList kStages{QStringLiteral("begun"), QStringLiteral("succeeded"), QStringLiteral("failed")};
constexpr qint64 kDayMs = 24LL * 3600 * 1000;
constexpr qint64 kKeptMs = 30 * kDayMs;
constexpr qsizetype kKept = 10'000;
constexpr qsizetype kSlack = 500;

qint64 numberOf(const QString& action)
{
    return action.mid(2).toLongLong();
}

}  // namespace

store::PartSchema RequestBook::schema()
{
    return {
        .part = QStringLiteral("requests"),
        .steps = {
            {.version = 1,
             .statements = {QStringLiteral(
                 "CREATE TABLE request (id TEXT PRIMARY KEY, stage INTEGER NOT NULL, method TEXT NOT NULL, "
                 "action TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID")},
             .inFileSince = 1},
            {.version = 2,
             .statements = {QStringLiteral("ALTER TABLE request ADD COLUMN params TEXT NOT NULL DEFAULT ''")},
             .inFileSince = 3},
            {.version = 3,
             .statements = {
                 QStringLiteral("CREATE TABLE request_3 (id TEXT PRIMARY KEY, stage TEXT NOT NULL, "
                                "method TEXT NOT NULL, action TEXT NOT NULL, answer TEXT NOT NULL, at "
                                "INTEGER NOT NULL, params TEXT NOT NULL) "
                                "WITHOUT ROWID"),
                 QStringLiteral("INSERT INTO request_3 SELECT id, CASE stage WHEN 0 THEN 'begun' "
                                "WHEN 1 THEN 'succeeded' WHEN 2 THEN 'failed' ELSE stage END, method, "
                                "action, answer, at, params FROM request"),
                 QStringLiteral("DROP TABLE request"),
                 QStringLiteral("ALTER TABLE request_3 RENAME TO request"),
             }}}};
}

RequestBook::RequestBook(store::Database& database, QObject* parent) : QObject(parent), m_database(database)
{
}

Result<void> RequestBook::load(qint64 nowMs)
{
    auto read = m_database.readNow([this](store::Tx& tx) {
        return store::readRows(
            tx, m_database.file(), QStringLiteral("request"),
            QStringLiteral("SELECT id, stage, method, action, answer, at, params FROM request"), {},
            [this](store::RowReader& row) {
                const QString action = row.name(3);
                m_lastAction = qMax(m_lastAction, numberOf(action));
                m_entries.insert(row.text(0), Entry{.stage = static_cast<Stage>(row.word(1, kStages)),
                                                    .method = row.name(2),
                                                    .params = row.text(6),
                                                    .action = action,
                                                    .answer = row.object(4),
                                                    .atMs = row.integer(5)});
            });
    });
    if (read) {
        prune(nowMs);
    }
    return read;
}

/// The newest request stays whatever its age: the next action's number is counted from it.
void RequestBook::prune(qint64 nowMs)
{
    m_prunedAtMs = nowMs;
    const qint64 before = nowMs - kKeptMs;
    const qint64 upTo = m_lastAction - kKept;
    const qint64 newest = m_lastAction;
    m_entries.removeIf([=](const QHash<QString, Entry>::iterator& item) {
        const qint64 number = numberOf(item->action);
        return number <= upTo || (item->atMs < before && number < newest);
    });
    m_database.write(
        [=](store::Tx& tx) {
            return tx.exec(
                QStringLiteral("DELETE FROM request WHERE CAST(substr(action, 3) AS INTEGER) <= ? OR "
                               "(at < ? AND CAST(substr(action, 3) AS INTEGER) < ?)"),
                {upTo, before, newest});
        },
        this,
        [](const Result<void>& pruned) {
            if (!pruned) {
                log::warn("actions",
                          QStringLiteral("old requests not forgotten: %1").arg(pruned.error().toLine()));
            }
        });
}

std::optional<RequestBook::Entry> RequestBook::find(const QString& requestId) const
{
    const auto it = m_entries.constFind(requestId);
    return it == m_entries.constEnd() ? std::nullopt : std::optional(*it);
}

void RequestBook::put(const QString& requestId, const Entry& entry, qint64 nowMs, Done done)
{
    const bool first = !m_entries.contains(requestId);
    Entry& kept = m_entries[requestId];
    kept = entry;
    kept.atMs = nowMs;
    if (m_entries.size() > kKept + kSlack || nowMs - m_prunedAtMs > kDayMs) {
        prune(nowMs);
    }
    const QVariantList values{requestId,
                              kStages.at(static_cast<int>(entry.stage)),
                              entry.method,
                              entry.action,
                              QString::fromUtf8(QJsonDocument(entry.answer).toJson(QJsonDocument::Compact)),
                              nowMs,
                              entry.params};
    m_database.write(
        [values](store::Tx& tx) {
            return tx.exec(
                QStringLiteral(
                    "INSERT INTO request (id, stage, method, action, answer, at, params) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?) "
                    "ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, answer = excluded.answer"),
                values);
        },
        this,
        [this, requestId, first, done = std::move(done)](const Result<void>& written) {
            if (!written && first) {
                m_entries.remove(requestId);
            }
            done(written);
        });
}

}  // namespace sluice::actions
