#include "flow/run_store.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtSql/QSqlQuery>

#include "store/database.h"

namespace sluice::flow {
namespace {

using model::TaskState;
using store::Tx;

constexpr int kFinishedRunsLoaded = 200;

QString toText(const QList<QJsonObject>& list)
{
    QJsonArray array;
    for (const QJsonObject& item : list) {
        array.append(item);
    }
    return QString::fromUtf8(QJsonDocument(array).toJson(QJsonDocument::Compact));
}

QList<QJsonObject> toList(const QString& text)
{
    QList<QJsonObject> list;
    for (const QJsonValue& item : QJsonDocument::fromJson(text.toUtf8()).array()) {
        list.append(item.toObject());
    }
    return list;
}

QString figuresText(const Task& task)
{
    QJsonObject json{{"objects", task.figures.objects},
                     {"bytes", task.figures.bytes},
                     {"objectsDone", task.figures.objectsDone},
                     {"objectsKept", task.figures.objectsKept},
                     {"bytesDone", task.figures.bytesDone}};
    if (task.figures.objectsNot > 0) {
        json["objectsNot"] = task.figures.objectsNot;
    }
    if (!task.figures.leftOut.isEmpty()) {
        json["leftOut"] = task.figures.leftOut;
    }
    if (task.error) {
        json["error"] = task.error->toJson();
    }
    if (!task.unfinished.isEmpty()) {
        json["unfinished"] = QJsonArray::fromStringList(task.unfinished);
    }
    if (!task.approvedBy.isEmpty()) {
        json["approvedBy"] = task.approvedBy;
    }
    return QString::fromUtf8(QJsonDocument(json).toJson(QJsonDocument::Compact));
}

void readFigures(const QString& text, Task& task)
{
    if (text.isEmpty()) {
        return;
    }
    const QJsonObject json = QJsonDocument::fromJson(text.toUtf8()).object();
    task.figures = Figures{.objects = json["objects"].toInteger(-1),
                           .bytes = json["bytes"].toInteger(-1),
                           .objectsDone = json["objectsDone"].toInteger(),
                           .objectsKept = json["objectsKept"].toInteger(),
                           .bytesDone = json["bytesDone"].toInteger(),
                           .objectsNot = json["objectsNot"].toInteger(),
                           .leftOut = json["leftOut"].toArray()};
    if (json.contains("error")) {
        task.error = std::make_unique<Error>(Error::fromJson(json["error"].toObject()));
    }
    task.unfinished = json["unfinished"].toVariant().toStringList();
    task.approvedBy = json["approvedBy"].toString();
}

Result<void> writeAttempt(Tx& tx, const AttemptRecord& a)
{
    return tx.exec(QStringLiteral("INSERT INTO attempt (run, task, attempt, fence, open, pid, pid_started, clients, s3_keys, "
                                  "started, ended, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                                  "ON CONFLICT (run, task, attempt) DO UPDATE SET fence = excluded.fence, open = excluded.open, "
                                  "pid = excluded.pid, pid_started = excluded.pid_started, clients = excluded.clients, "
                                  "s3_keys = excluded.s3_keys, ended = excluded.ended, outcome = excluded.outcome"),
                   {a.run, a.task, a.attempt, a.fence, a.open ? 1 : 0, a.pid, a.pidStartedAt, toText(a.clients),
                    toText(a.s3Keys), a.startedAtMs, a.endedAtMs, a.outcome.isNull() ? QStringLiteral("") : a.outcome});
}

AttemptRecord readAttempt(const QSqlQuery& row)
{
    return AttemptRecord{.run = row.value(0).toLongLong(),
                         .task = row.value(1).toInt(),
                         .attempt = row.value(2).toInt(),
                         .fence = row.value(3).toLongLong(),
                         .open = row.value(4).toInt() != 0,
                         .pid = row.value(5).toLongLong(),
                         .pidStartedAt = row.value(6).toLongLong(),
                         .clients = toList(row.value(7).toString()),
                         .s3Keys = toList(row.value(8).toString()),
                         .startedAtMs = row.value(9).toLongLong(),
                         .endedAtMs = row.value(10).toLongLong(),
                         .outcome = row.value(11).toString()};
}

const char* const kAttemptColumns =
    "SELECT run, task, attempt, fence, open, pid, pid_started, clients, s3_keys, started, ended, outcome FROM attempt ";

Result<void> insertRun(Tx& tx, const QVariantList& values)
{
    return tx.exec(QStringLiteral("INSERT INTO run (number, flow, body, connections, submitted_by, submitted, started, ended, "
                                  "cancelled, finished) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
                   values);
}

}  // namespace

QStringList RunStore::schema()
{
    return {
        QStringLiteral("CREATE TABLE run (number INTEGER PRIMARY KEY, flow TEXT NOT NULL, body TEXT NOT NULL, "
                       "connections TEXT NOT NULL, submitted_by TEXT NOT NULL, submitted INTEGER NOT NULL, started INTEGER NOT NULL, "
                       "ended INTEGER NOT NULL, cancelled INTEGER NOT NULL, finished INTEGER NOT NULL)"),
        QStringLiteral("CREATE TABLE task (run INTEGER NOT NULL, task INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, "
                       "needs TEXT NOT NULL, spec TEXT NOT NULL, stall_after INTEGER NOT NULL, state INTEGER NOT NULL, "
                       "attempt INTEGER NOT NULL, fence INTEGER NOT NULL, since INTEGER NOT NULL, figures TEXT NOT NULL, "
                       "resetting INTEGER NOT NULL, PRIMARY KEY (run, task)) WITHOUT ROWID"),
        QStringLiteral("CREATE TABLE attempt (run INTEGER NOT NULL, task INTEGER NOT NULL, attempt INTEGER NOT NULL, "
                       "fence INTEGER NOT NULL, open INTEGER NOT NULL, pid INTEGER NOT NULL, pid_started INTEGER NOT NULL, "
                       "clients TEXT NOT NULL, s3_keys TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL, "
                       "outcome TEXT NOT NULL, PRIMARY KEY (run, task, attempt)) WITHOUT ROWID"),
        QStringLiteral("CREATE INDEX attempt_open ON attempt (open) WHERE open = 1"),
    };
}

Result<RunStore::Loaded> RunStore::load()
{
    Loaded loaded;
    auto read = m_database.readNow([&loaded](Tx& tx) -> Result<void> {
        auto runs = tx.query(
            QStringLiteral("SELECT number, flow, submitted_by, submitted, started, ended, cancelled, connections FROM run WHERE finished = 0 OR "
                           "number > (SELECT coalesce(max(number), 0) FROM run) - ? ORDER BY number"),
            {kFinishedRunsLoaded}, [&loaded](const QSqlQuery& row) {
                auto run = std::make_unique<Run>();
                run->number = row.value(0).toLongLong();
                run->id = QStringLiteral("R-%1").arg(run->number);
                run->flow = row.value(1).toString();
                run->submittedBy = row.value(2).toString();
                run->submittedAtMs = row.value(3).toLongLong();
                run->startedAtMs = row.value(4).toLongLong();
                run->endedAtMs = row.value(5).toLongLong();
                run->cancelled = row.value(6).toInt() != 0;
                run->connections = row.value(7).toString().split(' ', Qt::SkipEmptyParts);
                loaded.lastNumber = qMax(loaded.lastNumber, run->number);
                loaded.runs.emplace(run->number, std::move(run));
                return true;
            });
        if (!runs) {
            return runs;
        }
        for (auto& [number, run] : loaded.runs) {
            auto tasks = tx.query(QStringLiteral("SELECT name, kind, needs, spec, stall_after, state, attempt, fence, since, figures, "
                                                 "resetting FROM task WHERE run = ? ORDER BY task"),
                                  {number}, [&run = *run](const QSqlQuery& row) {
                                      Task task;
                                      task.name = row.value(0).toString();
                                      task.kind = static_cast<model::TaskKind>(row.value(1).toInt());
                                      for (const QString& need : row.value(2).toString().split(' ', Qt::SkipEmptyParts)) {
                                          task.needs.append(need.toInt());
                                      }
                                      task.spec = row.value(3).toByteArray();
                                      task.stallAfterMs = row.value(4).toLongLong();
                                      task.state = static_cast<TaskState>(row.value(5).toInt());
                                      task.attempt = row.value(6).toInt();
                                      task.fence = row.value(7).toLongLong();
                                      task.stateSinceMs = row.value(8).toLongLong();
                                      readFigures(row.value(9).toString(), task);
                                      task.resetting = row.value(10).toInt() != 0;
                                      run.tasks.push_back(std::move(task));
                                      return true;
                                  });
            if (!tasks) {
                return tasks;
            }
            run->connectTasks();
        }
        return tx.query(QLatin1String(kAttemptColumns) + QStringLiteral("WHERE open = 1"), {},
                        [&loaded](const QSqlQuery& row) {
                            loaded.openAttempts.append(readAttempt(row));
                            return true;
                        });
    });
    if (!read) {
        return fail(read.error());
    }
    return loaded;
}

void RunStore::addRun(const Run& run, const QString& text, QObject* context, Done done)
{
    QVariantList values{run.number, run.flow, text, run.connections.join(' '), run.submittedBy, run.submittedAtMs, run.startedAtMs, run.endedAtMs, 0, 0};
    QList<QVariantList> tasks;
    tasks.reserve(static_cast<qsizetype>(run.tasks.size()));
    for (int i = 0; i < static_cast<int>(run.tasks.size()); ++i) {
        const Task& task = run.tasks[static_cast<size_t>(i)];
        QStringList needs;
        for (const int need : task.needs) {
            needs.append(QString::number(need));
        }
        tasks.append({run.number, i, task.name, static_cast<int>(task.kind), needs.join(' '),
                      QString::fromUtf8(task.spec), task.stallAfterMs, static_cast<int>(task.state), 0, 0,
                      task.stateSinceMs, QStringLiteral(""), 0});
        tasks.last()[4] = needs.isEmpty() ? QStringLiteral("") : needs.join(' ');
    }
    m_database.write(
        [values, tasks](Tx& tx) -> Result<void> {
            if (auto added = insertRun(tx, values); !added) {
                return added;
            }
            for (const QVariantList& task : tasks) {
                auto added = tx.exec(QStringLiteral("INSERT INTO task (run, task, name, kind, needs, spec, stall_after, state, attempt, "
                                                    "fence, since, figures, resetting) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
                                     task);
                if (!added) {
                    return added;
                }
            }
            return {};
        },
        context, std::move(done));
}

void RunStore::saveTask(const Run& run, int index, TaskState state, const AttemptRecord* attempt, Write also,
                        QObject* context, Done done)
{
    const Task& task = run.tasks[static_cast<size_t>(index)];
    QVariantList values{static_cast<int>(state), task.attempt, task.fence, task.stateSinceMs, figuresText(task),
                        task.resetting ? 1 : 0,  run.number,   index};
    std::optional<AttemptRecord> record;
    if (attempt) {
        record = *attempt;
    }
    m_database.write(
        [values, record, also = std::move(also)](Tx& tx) -> Result<void> {
            auto saved = tx.exec(QStringLiteral("UPDATE task SET state = ?, attempt = ?, fence = ?, since = ?, figures = ?, "
                                                "resetting = ? WHERE run = ? AND task = ?"),
                                 values);
            if (saved && record) {
                saved = writeAttempt(tx, *record);
            }
            return saved && also ? also(tx) : saved;
        },
        context, std::move(done));
}

void RunStore::saveRun(const Run& run, QObject* context, Done done)
{
    const bool finished = run.endedAtMs > 0;
    m_database.write(
        [values = QVariantList{run.startedAtMs, run.endedAtMs, run.cancelled ? 1 : 0, finished ? 1 : 0, run.number}](Tx& tx) {
            return tx.exec(
                QStringLiteral("UPDATE run SET started = ?, ended = ?, cancelled = ?, finished = ? WHERE number = ?"), values);
        },
        context, std::move(done));
}

void RunStore::saveCancelled(qint64 run, QObject* context, Done done)
{
    m_database.write([run](Tx& tx) { return tx.exec(QStringLiteral("UPDATE run SET cancelled = 1 WHERE number = ?"), {run}); },
                     context, std::move(done));
}

void RunStore::saveAttempt(const AttemptRecord& attempt, QObject* context, Done done)
{
    m_database.write([attempt](Tx& tx) { return writeAttempt(tx, attempt); }, context, std::move(done));
}

void RunStore::loadAttempt(qint64 run, int task, int attempt, QObject* context,
                           std::function<void(Result<AttemptRecord>)> done)
{
    auto found = std::make_shared<std::optional<AttemptRecord>>();
    m_database.read(
        [run, task, attempt, found](Tx& tx) {
            return tx.query(QLatin1String(kAttemptColumns) + QStringLiteral("WHERE run = ? AND task = ? AND attempt = ?"),
                            {run, task, attempt}, [found](const QSqlQuery& row) {
                                *found = readAttempt(row);
                                return false;
                            });
        },
        context, [found, done = std::move(done)](const Result<void>& read) {
            if (!read) {
                done(fail(read.error()));
            } else if (!*found) {
                done(fail(Error{.code = ErrorCode::NotFound,
                                .message = QStringLiteral("There is no such attempt"),
                                .source = QStringLiteral("flow")}));
            } else {
                done(**found);
            }
        });
}

}  // namespace sluice::flow
