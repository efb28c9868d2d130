#include "flow/run_store.h"

namespace sluice::flow {
namespace {

/// Runs, tasks and attempts; kinds and states are numbers.
QStringList firstTables()
{
    return {
        QStringLiteral(
            "CREATE TABLE run (number INTEGER PRIMARY KEY, flow TEXT NOT NULL, body TEXT NOT NULL, "
            "connections TEXT NOT NULL, submitted_by TEXT NOT NULL, submitted INTEGER NOT NULL, "
            "started INTEGER NOT NULL, ended INTEGER NOT NULL, cancelled INTEGER NOT NULL, "
            "finished INTEGER NOT NULL)"),
        QStringLiteral(
            "CREATE TABLE task (run INTEGER NOT NULL, task INTEGER NOT NULL, name TEXT NOT NULL, "
            "kind INTEGER NOT NULL, needs TEXT NOT NULL, spec TEXT NOT NULL, stall_after INTEGER NOT NULL, "
            "state INTEGER NOT NULL, attempt INTEGER NOT NULL, fence INTEGER NOT NULL, "
            "since INTEGER NOT NULL, figures TEXT NOT NULL, resetting INTEGER NOT NULL, "
            "PRIMARY KEY (run, task)) WITHOUT ROWID"),
        QStringLiteral(
            "CREATE TABLE attempt (run INTEGER NOT NULL, task INTEGER NOT NULL, attempt INTEGER NOT NULL, "
            "fence INTEGER NOT NULL, open INTEGER NOT NULL, pid INTEGER NOT NULL, "
            "pid_started INTEGER NOT NULL, clients TEXT NOT NULL, s3_keys TEXT NOT NULL, "
            "started INTEGER NOT NULL, ended INTEGER NOT NULL, outcome TEXT NOT NULL, "
            "PRIMARY KEY (run, task, attempt)) WITHOUT ROWID"),
        QStringLiteral("CREATE INDEX attempt_open ON attempt (open) WHERE open = 1"),
    };
}

/// The kind and the state of a task become words. A number that stands for none stays what it is, and is
/// refused when it is read.
QStringList wordsForKindAndState()
{
    return {
        QStringLiteral(
            "CREATE TABLE task_2 (run INTEGER NOT NULL, task INTEGER NOT NULL, name TEXT NOT NULL, "
            "kind TEXT NOT NULL, needs TEXT NOT NULL, spec TEXT NOT NULL, stall_after INTEGER NOT NULL, "
            "state TEXT NOT NULL, attempt INTEGER NOT NULL, fence INTEGER NOT NULL, since INTEGER NOT NULL, "
            "figures TEXT NOT NULL, resetting INTEGER NOT NULL, PRIMARY KEY (run, task)) WITHOUT ROWID"),
        QStringLiteral(
            "INSERT INTO task_2 SELECT run, task, name, CASE kind WHEN 0 THEN 'move' WHEN 1 THEN 'verify' "
            "WHEN 2 THEN 'luigi' WHEN 3 THEN 'approve' ELSE kind END, needs, spec, stall_after, "
            "CASE state WHEN 0 THEN 'waiting' WHEN 1 THEN 'ready' WHEN 2 THEN 'running' "
            "WHEN 3 THEN 'verifying' WHEN 4 THEN 'done' WHEN 5 THEN 'failed' WHEN 6 THEN 'stalled' "
            "WHEN 7 THEN 'cancelled' ELSE state END, attempt, fence, since, figures, resetting FROM task"),
        QStringLiteral("DROP TABLE task"),
        QStringLiteral("ALTER TABLE task_2 RENAME TO task"),
    };
}

/// What an attempt holds becomes one list of claims, in the order of their fences. Text that is no list stays
/// what it is, and is refused when it is read; so is what stands in a list and is none of these.
QStringList claimsOfAttempts()
{
    return {
        QStringLiteral("ALTER TABLE attempt ADD COLUMN claims TEXT NOT NULL DEFAULT '[]'"),
        QStringLiteral(
            "UPDATE attempt SET claims = CASE WHEN json_valid(clients) AND json_valid(s3_keys) THEN "
            "(SELECT json_group_array(json_object('kind', CASE "
            "WHEN json_extract(item, '$.process') IS NOT NULL THEN 'luigi.process' "
            "WHEN json_extract(item, '$.address') IS NOT NULL THEN 'ceph.client' "
            "WHEN json_extract(item, '$.accessKey') IS NOT NULL THEN 's3.key' "
            "WHEN json_extract(item, '$.uploadId') IS NOT NULL THEN 's3.upload' "
            "WHEN json_extract(item, '$.cephPool') IS NOT NULL THEN 'ceph.staged' ELSE 'unknown' END, "
            "'connection', coalesce(json_extract(item, '$.connection'), ''), "
            "'body', json_remove(item, '$.connection'))) "
            "FROM (SELECT value AS item FROM json_each(clients) "
            "UNION ALL SELECT value FROM json_each(s3_keys))) "
            "ELSE clients || s3_keys END WHERE clients <> '[]' OR s3_keys <> '[]'"),
        QStringLiteral("ALTER TABLE attempt DROP COLUMN clients"),
        QStringLiteral("ALTER TABLE attempt DROP COLUMN s3_keys"),
    };
}

}  // namespace

store::PartSchema RunStore::schema()
{
    return {.part = QStringLiteral("runs"),
            .steps = {{.version = 1, .statements = firstTables(), .inFileSince = 1},
                      {.version = 2, .statements = wordsForKindAndState()},
                      {.version = 3, .statements = claimsOfAttempts()}}};
}

}  // namespace sluice::flow
