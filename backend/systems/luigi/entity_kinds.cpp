#include "systems/luigi/entity_kinds.h"

namespace sluice::systems::luigi {

using enum estate::FieldType;

QList<estate::EntityKind> entityKinds()
{
    const QString system = QStringLiteral("luigi");
    return {
        {.kind = "connection",
         .fields = {{"url", Text, "of luigid, without what is secret in it"},
                    {"counts", Tally, "tasks by status"},
                    {"notListed", Tally, "by status how many there are where luigid lists none of them"},
                    {"paused", Flag, "luigid gives no worker anything to do until it is told to go on"},
                    {"graphError", Error, "why luigid does not give its graph of tasks"}}},
        {.kind = "luigi-task",
         .system = system,
         .one = "Luigi task",
         .many = "Luigi tasks",
         .meaning = "A task that luigid knows.",
         .listed = true,
         .fields = {{"taskId", Text, "Luigi's own id of it, unless that carries what is secret"},
                    {"family", Text, "class of the task", "Family"},
                    {"displayName", Text, "family with parameters, as Luigi writes it"},
                    {"status", Text, "Luigi's own word", "Status"},
                    {"workers", Words, "workers that want it"},
                    {"workerRunning", Text, "worker that runs it", "Worker"},
                    {"startedAt", Time, "when it began to run"},
                    {"scheduledAt", Time, "when luigid heard of it first"},
                    {"lastUpdatedAt", Time, "the last change of its status", "Updated"},
                    {"params", Object, "its parameters; what is secret is left out"},
                    {"statusMessage", Text, "what the task says of itself", "Message"},
                    {"progressPercent", Number, "how far it is, by its own words", "Progress", "%"},
                    {"priority", Number, "luigid starts the highest first"},
                    {"needs", Tally, "Luigi resources it holds while it runs"},
                    {"reEnableable", Flag, "luigid can enable it again"},
                    {"dependsOn", Words, "tasks that it needs"}},
         .state = "status",
         .states = {{"PENDING", "neutral", "it waits for a worker or for what it needs"},
                    {"RUNNING", "progress", "a worker runs it"},
                    {"BATCH_RUNNING", "progress", "a worker runs it together with others"},
                    {"DONE", "ok", "its output is there"},
                    {"FAILED", "crit", "it ended with an error"},
                    {"DISABLED", "warn", "it failed too often; luigid starts it no more"},
                    {"UNKNOWN", "neutral", "luigid knows it only as what another one needs"}}},
        {.kind = "luigi-worker",
         .system = system,
         .one = "Luigi worker",
         .many = "Luigi workers",
         .meaning = "A process that runs Luigi tasks.",
         .listed = true,
         .fields = {{"name", Text, "Luigi's own name of it"},
                    {"state", Text, "Luigi's own word", "State"},
                    {"lastActiveAt", Time, "when it last spoke to luigid", "Last active"},
                    {"startedAt", Time, "when it began"},
                    {"host", Text, "machine it runs on", "Host"},
                    {"pid", Count, "process there"},
                    {"user", Text, "whose process it is", "User"},
                    {"running", Count, "tasks it runs", "Running"},
                    {"pending", Count, "tasks it could run next", "Pending"},
                    {"processes", Count, "tasks it runs at most at once"}},
         .state = "state",
         .states = {{"active", "ok", "it takes tasks"},
                    {"disabled", "warn", "luigid gives it no more tasks"}}},
    };
}

}  // namespace sluice::systems::luigi
