#include "audit/chain_rows.h"

#include <QtCore/QJsonDocument>
#include <QtSql/QSqlQuery>
#include <limits>

#include "audit/search_index.h"
#include "store/row_reader.h"

namespace sluice::audit {
namespace {

Result<std::optional<Head>> headFrom(store::Tx& tx, const QString& sql)
{
    std::optional<Head> head;
    auto read = tx.query(sql, {}, [&head](const QSqlQuery& row) {
        head = Head{.seq = row.value(0).toLongLong(), .hash = row.value(1).toString()};
        return false;
    });
    if (!read) {
        return fail(read.error());
    }
    return head;
}

QString textOf(const Error& error)
{
    return error.upstream ? error.upstream->text : error.message;
}

}  // namespace

Record recordOf(qint64 seq, const QByteArray& body, const QString& hash)
{
    const auto document = QJsonDocument::fromJson(body);
    Record record = Record::fromJson(document.object());
    if (!document.isObject()) {
        record.outcome = QStringLiteral("unreadable");
    }
    record.seq = seq;
    record.hash = hash;
    return record;
}

QList<store::Migration> chainSchema()
{
    return {
        {.version = 1,
         .statements =
             {
                 QStringLiteral(
                     "CREATE TABLE record (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, hash TEXT NOT NULL)"),
                 QStringLiteral(
                     "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, "
                     "hash TEXT NOT NULL)"),
             }},
        {.version = 2,
         .statements =
             {
                 QStringLiteral(
                     "CREATE TABLE witness (id INTEGER PRIMARY KEY CHECK (id = 1), text TEXT NOT NULL)"),
             }},
        {.version = 3, .statements = searchTables()},
    };
}

Result<std::optional<Head>> readHead(store::Tx& tx)
{
    return headFrom(tx, QStringLiteral("SELECT seq, hash FROM head"));
}

Result<std::optional<Head>> readLast(store::Tx& tx)
{
    return headFrom(tx, QStringLiteral("SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1"));
}

Result<qint64> readCount(store::Tx& tx)
{
    qint64 count = 0;
    auto read = tx.query(QStringLiteral("SELECT count(*) FROM record"), {}, [&count](const QSqlQuery& row) {
        count = row.value(0).toLongLong();
        return false;
    });
    if (!read) {
        return fail(read.error());
    }
    return count;
}

Result<void> insertRecord(store::Tx& tx, const Head& head, const QByteArray& body)
{
    auto added = tx.exec(QStringLiteral("INSERT INTO record (seq, body, hash) VALUES (?, ?, ?)"),
                         {head.seq, body, head.hash});
    if (!added) {
        return added;
    }
    return tx.exec(QStringLiteral("INSERT OR REPLACE INTO head (id, seq, hash) VALUES (1, ?, ?)"),
                   {head.seq, head.hash});
}

Result<QList<Record>> readRecords(store::Tx& tx, qint64 before, int limit)
{
    QList<Record> records;
    auto read =
        tx.query(QStringLiteral("SELECT seq, body, hash FROM record WHERE seq < ? ORDER BY seq DESC LIMIT ?"),
                 {before > 0 ? before : std::numeric_limits<qint64>::max(), std::max(limit, 0)},
                 [&records](const QSqlQuery& row) {
                     records.append(recordOf(row.value(0).toLongLong(), row.value(1).toByteArray(),
                                             row.value(2).toString()));
                     return true;
                 });
    if (!read) {
        return fail(read.error());
    }
    return records;
}

Result<QString> readWitness(store::Tx& tx)
{
    QString text;
    auto read = tx.query(QStringLiteral("SELECT text FROM witness"), {}, [&text](const QSqlQuery& row) {
        text = row.value(0).toString();
        return false;
    });
    if (!read) {
        return fail(read.error());
    }
    return text;
}

Result<void> writeWitness(store::Tx& tx, const QString& text)
{
    return tx.exec(QStringLiteral("INSERT OR REPLACE INTO witness (id, text) VALUES (1, ?)"), {text});
}

QString readDamage(store::Tx& tx)
{
    return store::damageOf(tx);
}

ChainWalk::ChainWalk(const QString& file, const std::optional<Head>& known)
    : m_check(
          [&] {
              const std::optional<Head> kept = HeadFile::read(file);
              return known && (!kept || known->seq > kept->seq) ? known : kept;
          }(),
          known)
{
}

bool ChainWalk::begin(store::Tx& tx)
{
    m_begun = true;
    const QString damage = readDamage(tx);
    if (!damage.isEmpty()) {
        m_check.remark(damage);
    }
    const auto inside = readHead(tx);
    const auto last = readLast(tx);
    if (!inside || !last) {
        m_check.unreadable(textOf(inside ? last.error() : inside.error()));
        return false;
    }
    // A log of an older version, read where nothing may be changed, has no witness.
    const auto witness = readWitness(tx);
    if (witness && !witness->isEmpty()) {
        m_check.hadRecords();
    }
    m_inside = *inside;
    m_end = *last ? (*last)->seq : 0;
    return true;
}

bool ChainWalk::step(store::Tx& tx, int records)
{
    if (!m_begun && !begin(tx)) {
        return false;
    }
    int seen = 0;
    bool wanted = true;
    auto read = tx.query(
        m_started
            ? QStringLiteral(
                  "SELECT seq, body, hash FROM record WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?")
            : QStringLiteral(
                  "SELECT seq, body, hash FROM record WHERE seq >= ? AND seq <= ? ORDER BY seq LIMIT ?"),
        {m_started ? m_position : std::numeric_limits<qint64>::min(), std::max<qint64>(m_end, 0), records},
        [&](const QSqlQuery& row) {
            ++seen;
            m_started = true;
            m_position = row.value(0).toLongLong();
            wanted = m_check.feed(m_position, row.value(1).toByteArray(), row.value(2).toString());
            return wanted;
        });
    if (!read) {
        m_check.unreadable(textOf(read.error()));
        return false;
    }
    return wanted && seen == records;
}

}  // namespace sluice::audit
