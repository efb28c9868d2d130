#include "actions/request_book.h"

#include <QtCore/QJsonDocument>
#include <QtSql/QSqlQuery>

#include "store/database.h"

namespace sluice::actions {
namespace {

constexpr qint64 kKeptMs = 7LL * 24 * 3600 * 1000;

}  // namespace

QStringList RequestBook::schema()
{
    return {QStringLiteral("CREATE TABLE request (id TEXT PRIMARY KEY, stage INTEGER NOT NULL, method TEXT NOT NULL, "
                           "action TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID")};
}

RequestBook::RequestBook(store::Database& database, QObject* parent) : QObject(parent), m_database(database) {}

Result<void> RequestBook::load(qint64 nowMs)
{
    return m_database.readNow([this, nowMs](store::Tx& tx) {
        return tx.query(QStringLiteral("SELECT id, stage, method, action, answer, at FROM request"), {},
                        [this, nowMs](const QSqlQuery& row) {
                            const QString action = row.value(3).toString();
                            m_lastAction = qMax(m_lastAction, action.mid(2).toLongLong());
                            if (row.value(5).toLongLong() > nowMs - kKeptMs) {
                                m_entries.insert(row.value(0).toString(),
                                                 Entry{.stage = static_cast<Stage>(row.value(1).toInt()),
                                                       .method = row.value(2).toString(),
                                                       .action = action,
                                                       .answer = QJsonDocument::fromJson(row.value(4).toString().toUtf8()).object()});
                            }
                            return true;
                        });
    });
}

std::optional<RequestBook::Entry> RequestBook::find(const QString& requestId) const
{
    const auto it = m_entries.constFind(requestId);
    return it == m_entries.constEnd() ? std::nullopt : std::optional(*it);
}

void RequestBook::put(const QString& requestId, const Entry& entry, qint64 nowMs, Done done)
{
    m_entries.insert(requestId, entry);
    const QVariantList values{requestId, static_cast<int>(entry.stage), entry.method, entry.action,
                              QString::fromUtf8(QJsonDocument(entry.answer).toJson(QJsonDocument::Compact)), nowMs};
    m_database.write(
        [values](store::Tx& tx) {
            return tx.exec(QStringLiteral("INSERT INTO request (id, stage, method, action, answer, at) VALUES (?, ?, ?, ?, ?, ?) "
                                          "ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, answer = excluded.answer"),
                           values);
        },
        this, std::move(done));
}

}  // namespace sluice::actions
