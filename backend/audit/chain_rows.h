#pragma once

#include <QtCore/QStringList>
#include <optional>

#include "audit/chain_check.h"
#include "store/database.h"

namespace sluice::audit {

/// Where the chain lies in its file.
QList<store::Migration> chainSchema();

/// A body that is no JSON object has the outcome "unreadable".
Record recordOf(qint64 seq, const QByteArray& body, const QString& hash);

/// The head that the log itself keeps; none before the first record.
Result<std::optional<Head>> readHead(store::Tx& tx);
/// The last record there is, whatever the head says.
Result<std::optional<Head>> readLast(store::Tx& tx);
Result<qint64> readCount(store::Tx& tx);
Result<void> insertRecord(store::Tx& tx, const Head& head, const QByteArray& body);
/// Newest first, only those below `before` (0: all).
Result<QList<Record>> readRecords(store::Tx& tx, qint64 before, int limit);

/// What others wanted kept beside the chain; empty if nothing.
Result<QString> readWitness(store::Tx& tx);
Result<void> writeWitness(store::Tx& tx, const QString& text);

/// SQLite's own opinion of the file; empty if it is sound.
QString readDamage(store::Tx& tx);

/// A walk along the chain in portions. It ends at the record that was the last when it began.
class ChainWalk {
public:
    /// `known`: the head of this log that state.db keeps.
    explicit ChainWalk(const QString& file, const std::optional<Head>& known = {});

    /// @return false when there is nothing more to read
    bool step(store::Tx& tx, int records);
    AuditLog::Verification finish() { return m_check.finish(m_inside); }

private:
    bool begin(store::Tx& tx);

    ChainCheck m_check;
    bool m_begun{false};
    std::optional<Head> m_inside{};
    bool m_started{false};
    qint64 m_position{0};
    qint64 m_end{0};
};

}  // namespace sluice::audit
