#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <limits>

#include "audit/audit_log.h"
#include "audit/chain_rows.h"
#include "store/connection.h"
#include "store/schema.h"

namespace sluice::audit {
namespace {

constexpr int kBusyTimeoutMs = 5000;

AuditLog::Verification unreadable(const QString& why)
{
    return {.ok = false, .records = 0, .head = {}, .firstBadSeq = 0, .why = why};
}

/// Read before the log, so that it cannot be ahead of one that is written meanwhile.
std::optional<Head> keptByState(const QFileInfo& log)
{
    return log.fileName() == QLatin1String("audit.db")
               ? Head::fromText(store::noteOf(log.dir().filePath(QStringLiteral("state.db"))))
               : std::nullopt;
}

}  // namespace

AuditLog::Verification AuditLog::verifyFile(const QString& file)
{
    if (!QFileInfo(file).isFile()) {
        return unreadable(QStringLiteral("there is no file %1").arg(file));
    }
    const std::optional<Head> known = keptByState(QFileInfo(file));
    auto connection = store::Connection::open(file, store::Connection::Mode::Inspect, kBusyTimeoutMs);
    if (!connection) {
        return unreadable(connection.error().toLine());
    }
    const Result<qint64> tables =
        (*connection)->integer(QStringLiteral("SELECT count(*) FROM sqlite_master"));
    // A file that cannot be read at all is for the walk to say.
    if (tables && *tables == 0) {
        return unreadable(QStringLiteral("it holds no record; the newest records lie in %1-wal beside the "
                                         "original: copy both, or verify "
                                         "the original")
                              .arg(QFileInfo(file).fileName()));
    }
    ChainWalk walk(file, known);
    // One view of the file for the whole walk; should that fail, so does the first read.
    static_cast<void>((*connection)->exec(QStringLiteral("BEGIN")));
    auto walked = (*connection)->run([&walk](store::Tx& tx) -> Result<void> {
        walk.step(tx, std::numeric_limits<int>::max());
        return {};
    });
    return walked ? walk.finish() : unreadable(walked.error().toLine());
}

}  // namespace sluice::audit
