#include "estate/estate_store.h"

#include <QtCore/QJsonDocument>

#include "core/log.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::estate {
namespace {

constexpr int kFlushMs = 500;
constexpr qsizetype kPerTurn = 500;

struct Change {
    QString id{};
    QString json{};  // empty: removed
};

}  // namespace

store::PartSchema EstateStore::schema()
{
    return {.part = QStringLiteral("estate"),
            .steps = {{.version = 1,
                       .statements = {QStringLiteral(
                           "CREATE TABLE fact (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")},
                       .inFileSince = 1}}};
}

EstateStore::EstateStore(Estate& estate, store::Database& database, QObject* parent)
    : QObject(parent), m_estate(estate), m_database(database)
{
    m_timer.setInterval(kFlushMs);
    connect(&m_timer, &QTimer::timeout, this, &EstateStore::writeSome);
    m_timer.start();
}

Result<void> EstateStore::load()
{
    QList<Entity> entities;
    auto read = m_database.readNow([&entities, file = m_database.file()](store::Tx& tx) {
        return store::readRows(
            tx, file, QStringLiteral("fact"), QStringLiteral("SELECT id, body FROM fact"), {},
            [&entities](store::RowReader& row) {
                const QJsonObject json = row.object(1);
                if (json["id"].toString() != row.name(0)) {
                    row.refuse(QStringLiteral("it holds another fact, %1").arg(json["id"].toString()));
                }
                entities.append(Entity::fromJson(json));
            });
    });
    if (read) {
        m_estate.restore(entities);
    }
    return read;
}

void EstateStore::flush()
{
    write(m_estate.takeDirty());
}

void EstateStore::writeSome()
{
    if (!m_writing) {
        write(m_estate.takeDirty(kPerTurn));
    }
}

void EstateStore::write(const QSet<QString>& dirty)
{
    if (dirty.isEmpty()) {
        return;
    }
    QList<Change> changes;
    changes.reserve(dirty.size());
    for (const QString& id : dirty) {
        const QJsonObject row = m_estate.row(id);
        changes.append({id, row.isEmpty()
                                ? QString()
                                : QString::fromUtf8(QJsonDocument(row).toJson(QJsonDocument::Compact))});
    }
    m_writing = true;
    m_database.write(
        [changes](store::Tx& tx) -> Result<void> {
            for (const Change& change : changes) {
                auto done =
                    change.json.isEmpty()
                        ? tx.exec(QStringLiteral("DELETE FROM fact WHERE id = ?"), {change.id})
                        : tx.exec(QStringLiteral("INSERT INTO fact (id, body) VALUES (?, ?) "
                                                 "ON CONFLICT (id) DO UPDATE SET body = excluded.body"),
                                  {change.id, change.json});
                if (!done) {
                    return done;
                }
            }
            return {};
        },
        this,
        [this](const Result<void>& done) {
            m_writing = false;
            if (done) {
                writeSome();
            } else {
                log::warn("estate", QStringLiteral("facts not kept: %1").arg(done.error().toLine()));
            }
        });
}

}  // namespace sluice::estate
