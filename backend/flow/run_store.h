#pragma once

#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <functional>
#include <map>
#include <memory>

#include "flow/claim.h"
#include "flow/run.h"
#include "store/migration.h"

namespace sluice::store {
class Database;
class Tx;
}  // namespace sluice::store

namespace sluice::flow {

/// One try of one task, as it is kept: enough to fence it after a restart.
struct AttemptRecord {
    qint64 run{};
    int task{};
    int attempt{};
    qint64 fence{};
    bool open{true};
    qint64 pid{};
    qint64 pidStartedAt{};
    /// All that it may hold at the moment, in the order it was told: names, never secrets.
    QList<Claim> claims{};
    qint64 startedAtMs{};
    qint64 endedAtMs{};
    QString outcome{};
};

/// Rows of the state database that hold runs, tasks and attempts.
/// @thread main loop; the writes happen on the database's thread
class RunStore {
public:
    using Done = std::function<void(const Result<void>&)>;
    using Write = std::function<Result<void>(store::Tx&)>;

    static store::PartSchema schema();

    RunStore(store::Database& database, TaskKinds kinds) : m_database(database), m_kinds(std::move(kinds)) {}

    struct Loaded {
        std::map<qint64, std::unique_ptr<Run>> runs{};
        QList<AttemptRecord> openAttempts{};
        qint64 lastNumber{};
    };
    /// Blocking; at start only.
    Result<Loaded> load();

    void addRun(const Run& run, const QString& text, QObject* context, Done done);
    /// Task state, attempt, fence, figures, error; with `attempt` its row in the same commit, and then what
    /// `also` writes.
    void saveTask(const Run& run, int task, model::TaskState state, const AttemptRecord* attempt, Write also,
                  QObject* context, Done done);
    void saveRun(const Run& run, QObject* context, Done done);
    void saveCancelled(qint64 run, QObject* context, Done done);
    void saveAttempt(const AttemptRecord& attempt, QObject* context, Done done);
    void loadAttempt(qint64 run, int task, int attempt, QObject* context,
                     std::function<void(Result<AttemptRecord>)> done);

private:
    store::Database& m_database;
    TaskKinds m_kinds;
};

}  // namespace sluice::flow
