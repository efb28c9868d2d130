#include "flow/run_store.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "core/redact.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::flow {
namespace {

using model::TaskState;
using store::RowReader;
using store::Tx;

constexpr int kFinishedRunsLoaded = 200;
constexpr qint64 kMostTasks = 10'000'000;
constexpr qint64 kMostAttempts = 1'000'000'000;

Error damaged(const QString& file, const QString& where)
{
    return Error{.code = ErrorCode::DataLoss,
                 .message = QStringLiteral("%1 is damaged").arg(file),
                 .cause = where,
                 .correction =
                     QStringLiteral("Stop the engine, keep a copy of the file, and restore it from a backup"),
                 .source = QStringLiteral("flow")};
}

QString toText(const QList<Claim>& claims)
{
    QJsonArray array;
    for (const Claim& claim : claims) {
        array.append(claim.toJson());
    }
    return QString::fromUtf8(QJsonDocument(array).toJson(QJsonDocument::Compact));
}

QList<Claim> readClaims(RowReader& row, int column)
{
    QList<Claim> claims;
    for (const QJsonValue& item : row.array(column)) {
        claims.append(Claim::fromJson(item.toObject()));
        if (claims.last().kind.isEmpty()) {
            row.refuse(QStringLiteral("column claims holds something that is no claim"));
        }
    }
    return claims;
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

void readFigures(const QJsonObject& json, Task& task)
{
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
    return tx.exec(
        QStringLiteral(
            "INSERT INTO attempt (run, task, attempt, fence, open, pid, pid_started, claims, "
            "started, ended, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (run, task, attempt) DO UPDATE SET fence = excluded.fence, open = excluded.open, "
            "pid = excluded.pid, pid_started = excluded.pid_started, claims = excluded.claims, "
            "ended = excluded.ended, outcome = excluded.outcome"),
        {a.run, a.task, a.attempt, a.fence, a.open ? 1 : 0, a.pid, a.pidStartedAt, toText(a.claims),
         a.startedAtMs, a.endedAtMs, a.outcome.isNull() ? QStringLiteral("") : a.outcome});
}

AttemptRecord readAttempt(RowReader& row)
{
    return AttemptRecord{.run = row.integer(0, 1),
                         .task = static_cast<int>(row.integer(1, 0, kMostTasks)),
                         .attempt = static_cast<int>(row.integer(2, 0, kMostAttempts)),
                         .fence = row.integer(3, 0),
                         .open = row.flag(4),
                         .pid = row.integer(5, 0),
                         .pidStartedAt = row.integer(6),
                         .claims = readClaims(row, 7),
                         .startedAtMs = row.integer(8),
                         .endedAtMs = row.integer(9),
                         .outcome = row.text(10)};
}

std::unique_ptr<Run> readRun(RowReader& row)
{
    auto run = std::make_unique<Run>();
    run->number = row.integer(0, 1);
    run->id = QStringLiteral("R-%1").arg(run->number);
    run->flow = row.name(1);
    run->submittedBy = row.text(2);
    run->submittedAtMs = row.integer(3);
    run->startedAtMs = row.integer(4);
    run->endedAtMs = row.integer(5);
    run->cancelled = row.flag(6);
    run->connections = row.text(7).split(' ', Qt::SkipEmptyParts);
    return run;
}

Task readTask(RowReader& row, int expected, const TaskKinds& kinds, const QStringList& kindNames)
{
    Task task;
    if (row.integer(0, 0, kMostTasks) != expected) {
        row.refuse(QStringLiteral("task %1 of its run is not there").arg(expected));
    }
    task.name = row.name(1);
    task.kind = &kinds.at(row.word(2, kindNames));
    for (const QString& need : row.text(3).split(' ', Qt::SkipEmptyParts)) {
        task.needs.append(need.toInt());
    }
    task.spec = row.text(4).toUtf8();
    task.spec.squeeze();
    if (!task.spec.startsWith('{')) {
        row.refuse(QStringLiteral("column spec holds no task"));
    } else if (const QString why = task.kind->unreadable(
                   model::TaskSpec::bodyFrom(QJsonDocument::fromJson(task.spec).object()));
               !why.isEmpty()) {
        row.refuse(QStringLiteral("column spec holds %1").arg(why));
    }
    task.stallAfterMs = row.integer(5, 0);
    task.state = static_cast<TaskState>(row.word(6, model::taskStateWords()));
    task.attempt = static_cast<int>(row.integer(7, 0, kMostAttempts));
    task.fence = row.integer(8, 0);
    task.stateSinceMs = row.integer(9);
    if (!row.text(10).isEmpty()) {
        readFigures(row.object(10), task);
    }
    task.resetting = row.flag(11);
    return task;
}

/// What only the tasks of a run together can tell.
Result<void> checkNeeds(const Run& run, const QString& file)
{
    const int count = static_cast<int>(run.tasks.size());
    for (int i = 0; i < count; ++i) {
        for (const int need : run.tasks[static_cast<size_t>(i)].needs) {
            if (need < 0 || need >= count || need == i) {
                return fail(damaged(
                    file,
                    QStringLiteral("table task, task %1 of run %2: it needs task %3, which is not there")
                        .arg(i)
                        .arg(run.number)
                        .arg(need)));
            }
        }
    }
    return {};
}

const char* const kAttemptColumns =
    "SELECT run, task, attempt, fence, open, pid, pid_started, claims, started, ended, outcome "
    "FROM attempt ";

Result<void> insertRun(Tx& tx, const QVariantList& values)
{
    return tx.exec(
        QStringLiteral(
            "INSERT INTO run (number, flow, body, connections, submitted_by, submitted, started, ended, "
            "cancelled, finished) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        values);
}

}  // namespace

Result<RunStore::Loaded> RunStore::load()
{
    Loaded loaded;
    const QStringList kindNames = m_kinds.names();
    auto read = m_database.readNow([this, &loaded, &kindNames,
                                    file = m_database.file()](Tx& tx) -> Result<void> {
        auto runs = readRows(
            tx, file, QStringLiteral("run"),
            QStringLiteral("SELECT number, flow, submitted_by, submitted, started, ended, cancelled, "
                           "connections FROM run WHERE finished = 0 OR "
                           "number > (SELECT coalesce(max(number), 0) FROM run) - ? ORDER BY number"),
            {kFinishedRunsLoaded}, [&loaded](RowReader& row) {
                auto run = readRun(row);
                loaded.lastNumber = qMax(loaded.lastNumber, run->number);
                loaded.runs.emplace(run->number, std::move(run));
            });
        if (!runs) {
            return runs;
        }
        for (auto& [number, run] : loaded.runs) {
            auto tasks = readRows(tx, file, QStringLiteral("task of run %1").arg(number),
                                  QStringLiteral("SELECT task, name, kind, needs, spec, stall_after, state, "
                                                 "attempt, fence, since, figures, "
                                                 "resetting FROM task WHERE run = ? ORDER BY task"),
                                  {number}, [&, &run = *run](RowReader& row) {
                                      run.tasks.push_back(readTask(row, static_cast<int>(run.tasks.size()),
                                                                   m_kinds, kindNames));
                                  });
            if (tasks) {
                tasks = checkNeeds(*run, file);
            }
            if (!tasks) {
                return tasks;
            }
            run->connectTasks();
        }
        return readRows(
            tx, file, QStringLiteral("attempt of run"),
            QLatin1String(kAttemptColumns) + QStringLiteral("WHERE open = 1"), {}, [&loaded](RowReader& row) {
                const AttemptRecord record = readAttempt(row);
                const auto run = loaded.runs.find(record.run);
                if (run != loaded.runs.end() && record.task >= static_cast<int>(run->second->tasks.size())) {
                    row.refuse(QStringLiteral("its run has no task %1").arg(record.task));
                }
                loaded.openAttempts.append(record);
            });
    });
    if (!read) {
        return fail(read.error());
    }
    return loaded;
}

void RunStore::addRun(const Run& run, const QString& text, QObject* context, Done done)
{
    // The text is kept for people to read, comments and all.
    QVariantList values{run.number,
                        run.flow,
                        redactText(text),
                        run.connections.join(' '),
                        run.submittedBy,
                        run.submittedAtMs,
                        run.startedAtMs,
                        run.endedAtMs,
                        0,
                        0};
    QList<QVariantList> tasks;
    tasks.reserve(static_cast<qsizetype>(run.tasks.size()));
    for (int i = 0; i < static_cast<int>(run.tasks.size()); ++i) {
        const Task& task = run.tasks[static_cast<size_t>(i)];
        QStringList needs;
        for (const int need : task.needs) {
            needs.append(QString::number(need));
        }
        tasks.append({run.number, i, task.name, task.kind->name(), needs.join(' '),
                      QString::fromUtf8(task.spec), task.stallAfterMs, model::toString(task.state), 0, 0,
                      task.stateSinceMs, QStringLiteral(""), 0});
        tasks.last()[4] = needs.isEmpty() ? QStringLiteral("") : needs.join(' ');
    }
    m_database.write(
        [values, tasks](Tx& tx) -> Result<void> {
            if (auto added = insertRun(tx, values); !added) {
                return added;
            }
            for (const QVariantList& task : tasks) {
                auto added = tx.exec(
                    QStringLiteral(
                        "INSERT INTO task (run, task, name, kind, needs, spec, stall_after, state, attempt, "
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
    QVariantList values{model::toString(state), task.attempt,           task.fence, task.stateSinceMs,
                        figuresText(task),      task.resetting ? 1 : 0, run.number, index};
    std::optional<AttemptRecord> record;
    if (attempt) {
        record = *attempt;
    }
    m_database.write(
        [values, record, also = std::move(also)](Tx& tx) -> Result<void> {
            auto saved = tx.exec(
                QStringLiteral("UPDATE task SET state = ?, attempt = ?, fence = ?, since = ?, figures = ?, "
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
        [values = QVariantList{run.startedAtMs, run.endedAtMs, run.cancelled ? 1 : 0, finished ? 1 : 0,
                               run.number}](Tx& tx) {
            return tx.exec(
                QStringLiteral(
                    "UPDATE run SET started = ?, ended = ?, cancelled = ?, finished = ? WHERE number = ?"),
                values);
        },
        context, std::move(done));
}

void RunStore::saveCancelled(qint64 run, QObject* context, Done done)
{
    m_database.write(
        [run](Tx& tx) {
            return tx.exec(QStringLiteral("UPDATE run SET cancelled = 1 WHERE number = ?"), {run});
        },
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
        [run, task, attempt, found, file = m_database.file()](Tx& tx) {
            return readRows(
                tx, file, QStringLiteral("attempt of run"),
                QLatin1String(kAttemptColumns) + QStringLiteral("WHERE run = ? AND task = ? AND attempt = ?"),
                {run, task, attempt}, [found](RowReader& row) { *found = readAttempt(row); });
        },
        context,
        [found, done = std::move(done)](const Result<void>& read) {
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
