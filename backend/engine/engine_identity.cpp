#include "engine/engine_identity.h"

#include <QtCore/QUuid>
#include <QtSql/QSqlQuery>

#include "core/log.h"
#include "core/read_file.h"
#include "rpc/private_write.h"
#include "store/database.h"

namespace sluice::engine {
namespace {

constexpr qint64 kMostBytes = 256;

bool isId(const QString& text)
{
    return !QUuid::fromString(text).isNull();
}

}  // namespace

EngineIdentity::EngineIdentity(const QString& folder) : m_path(folder + QStringLiteral("/engine-id"))
{
    if (const auto kept = readRegularFile(m_path, kMostBytes)) {
        m_id = QString::fromLatin1(kept->trimmed());
    }
    m_inFile = isId(m_id);
    if (!m_inFile) {
        m_id = QUuid::createUuid().toString(QUuid::WithoutBraces);
    }
}

store::PartSchema EngineIdentity::schema()
{
    return {.part = QStringLiteral("engine-identity"),
            .steps = {{.version = 1,
                       .statements = {QStringLiteral(
                           "CREATE TABLE engine_identity (only INTEGER PRIMARY KEY CHECK (only = 1), "
                           "id TEXT NOT NULL)")},
                       .inFileSince = 5}}};
}

Result<void> EngineIdentity::load(store::Database& database)
{
    auto read = database.readNow([this](store::Tx& tx) {
        return tx.query(QStringLiteral("SELECT id FROM engine_identity"), {}, [this](const QSqlQuery& row) {
            m_kept = row.value(0).toString();
            return false;
        });
    });
    if (!read) {
        return read;
    }
    if (!m_inFile) {
        m_id = isId(m_kept) ? m_kept : m_id;
        writeFile();
    }
    if (m_kept.isEmpty()) {
        settle(database);
    }
    return {};
}

/// Should it fail, state.db has it.
void EngineIdentity::writeFile()
{
    if (auto written = rpc::replacePrivateFile(m_path, m_id.toLatin1()); !written) {
        log::warn("state", written.error().toLine());
    }
}

QList<StateFinding> EngineIdentity::findings() const
{
    if (m_kept == m_id) {
        return {};
    }
    return {
        {.file = QStringLiteral("engine-id"),
         .what =
             QStringLiteral(
                 "it holds the id %1, and state.db was kept by engine %2: leases, roles and running tasks of "
                 "the one are not those of the other")
                 .arg(m_id, m_kept),
         .stops = true}};
}

void EngineIdentity::settle(store::Database& database)
{
    if (m_kept == m_id) {
        return;
    }
    m_kept = m_id;
    database.write(
        [id = m_id](store::Tx& tx) {
            return tx.exec(QStringLiteral("INSERT OR REPLACE INTO engine_identity (only, id) VALUES (1, ?)"),
                           {id});
        },
        nullptr,
        [](const Result<void>& written) {
            if (!written) {
                log::warn(
                    "state",
                    QStringLiteral("the id of the engine is not kept: %1").arg(written.error().toLine()));
            }
        });
}

}  // namespace sluice::engine
