
#include <QtCore/QJsonArray>

#include "engine/parts.h"
#include "rpc/method_table.h"

namespace sluice::engine {

using rpc::Reply;
using rpc::Request;
using rpc::Role;

void addEngineMethods(rpc::MethodTable& table, std::function<QJsonObject()> describe)
{
    const QString since = QStringLiteral("0.1");
    table.add({.name = "engine.info",
               .role = Role::Viewer,
               .result = {{"engine", "object", true, "row of topic engine"}},
               .since = since,
               .doc = "The engine itself.",
               .handler = [describe](const Request&, Reply reply) {
                   reply(QJsonObject{{"engine", describe()}});
               }});
}

void addTopicDocs(rpc::MethodTable& table, const estate::EntityKinds& kinds)
{
    const auto topic = [&table](const QString& name, const QString& doc, const QList<rpc::Field>& row) {
        table.addTopic({name, doc, row});
    };
    const rpc::Field id{"id", "string", true, "key of the row"};
    topic("estate", "Everything observed, each with its connection, source and time.",
          {id,
           {"connection", "string", true, "of the configuration"},
           {"kind", "string", true, kinds.names().join(QStringLiteral(", "))},
           {"name", "string", true, "within its kind"},
           {"source", "string", true, "which question it answers"},
           {"observedAt", "string", true, "RFC 3339"},
           {"staleAfterMs", "integer", false,
            "the age from which it is old, by how often it is read; absent: asked for once"},
           {"facts", "object", true, "by kind, see Kinds of entities"},
           {"revision", "integer", true, "grows when the facts change"}});
    topic("runs", "Runs of flows, newest first.",
          {id,
           {"flow", "string", true, "its name"},
           {"state", "string", true, "as a task's"},
           {"tasksTotal", "integer", true, ""},
           {"tasksDone", "integer", true, ""},
           {"counts", "object", true, "tasks by state"},
           {"bytesDone", "integer", true, ""},
           {"bytesTotal", "integer", true, ""},
           {"objectsDone", "integer", true, ""},
           {"objectsTotal", "integer", true, ""},
           {"leftOut", "integer", true,
            "of the sources, that its moves did not carry along and its verifies did not compare"},
           {"leftOutKnown", "boolean", true, "false: that is a lower bound, a source did not tell all"},
           {"throughputBps", "integer", true, "bytes per second"},
           {"etaSeconds", "integer", false, "null if not known"},
           {"caseId", "string", false, "of its open case"},
           {"submittedBy", "string", true, ""},
           {"submittedAt", "string", true, "RFC 3339"},
           {"startedAt", "string", true, "RFC 3339"},
           {"endedAt", "string", true, "RFC 3339, empty while it goes on"}});
    topic("tasks", "Tasks of runs; filter by run.",
          {id,
           {"run", "string", true, ""},
           {"task", "string", true, ""},
           {"kind", "string", true, "as in the flow file"},
           {"kindTitle", "string", true, "what people call a task of this kind"},
           {"asksAPerson", "boolean", true, "it ends when a person approves it"},
           {"keepsManifest", "boolean", true, "it stores objects and notes them in a manifest"},
           {"onlyReads", "boolean", true, "it changes nothing where it looks"},
           {"from", "string", false, "where it reads, or what it is about"},
           {"to", "string", false, "where it writes, or what runs it"},
           {"how", "string", false, "what is special about the way between them"},
           {"message", "string", false, "what it asks a person"},
           {"needs", "strings", true, "names of tasks"},
           {"state", "string", true, "waiting, ready, running, verifying, done, failed, stalled, cancelled"},
           {"stateSince", "string", true, "RFC 3339"},
           {"attempt", "integer", true, ""},
           {"fence", "integer", true, ""},
           {"phase", "string", true, ""},
           {"blocked", "object", false, "what refuses it"},
           {"error", "object", false, "why it failed"},
           {"lastProgressAt", "string", false, "RFC 3339"},
           {"stallAfterMs", "integer", true, ""},
           {"objectsNot", "integer", true, "came to their end without being there"},
           {"leftOut", "array", true,
            "{what, count, example, atLeast, why}: what the source has and the task does not carry along "
            "(move) or compare (verify); atLeast true: the count is a lower bound (0: not known whether "
            "any), and why"},
           {"hops", "object", false, "by stage of the copy"},
           {"worker", "object", false, "{pid, alive}"}});
    topic(
        "cases", "Runs that stopped, and what is broken although no run waits for it; open first.",
        {id,
         {"run", "string", true,
          "the one of runs that the findings and the remedy are about; empty: no run is in it yet"},
         {"runs", "strings", true, "all that the same cause holds up"},
         {"subject", "string", true, "id of what was seen to be broken without a run, else empty"},
         {"broken", "object", false, "what is known of the subject while it is broken"},
         {"tasks", "strings", true, "RUN/TASK"},
         {"phase", "string", true, "found, cause named, decide, carry out, verify, closed"},
         {"summary", "string", true, ""},
         {"rule", "string", true, "empty: unknown"},
         {"verdict", "string", true, ""},
         {"findings", "array", true, ""},
         {"chain", "array", true, ""},
         {"remedy", "object", false, "{method, params, title, class, steps, commands?}"},
         {"timeline", "array", true,
          "{at, text, phase, code, rule}: phase is the one it was in then; code, if any: found, cause named "
          "(by rule), cause unknown"}});
    topic("roles", "Roles with key generations and rotations.",
          {id,
           {"role", "string", true, ""},
           {"connection", "string", true, ""},
           {"generations", "array", true, ""},
           {"rotation", "object", false, ""}});
    topic(
        "actions", "The last actions, newest first.",
        {id,
         {"action", "string", true, "method"},
         {"class", "integer", true, ""},
         {"principal", "string", true, ""},
         {"objects", "strings", true, ""},
         {"state", "string", true,
          "executing, done, already so, not needed, verified, not verified, failed, outcome unknown"},
         {"detail", "string", true, "what was seen of it, or why it did not work"},
         {"title", "string", true, ""},
         {"reason", "string", true, ""},
         {"endedAt", "string", true, "RFC 3339; empty while it is under way"},
         {"steps", "array", true,
          "{id, title, checkedBy, state, detail, at}: state is waiting, running or as the action's; at most "
          "60, around the one under way"},
         {"stepsTotal", "integer", true, "how many steps it has"},
         {"stepsEnded", "integer", true, "of all its steps"},
         {"auditSeq", "integer", true, ""}});
    topic("audit", "The newest audit records, newest first.",
          {id,
           {"seq", "integer", true, ""},
           {"time", "string", true, "RFC 3339"},
           {"principal", "string", true, ""},
           {"action", "string", true, ""},
           {"outcome", "string", true, ""},
           {"hash", "string", true, ""},
           {"prev", "string", true, ""}});
    topic("engine", "One row about the engine.",
          {id,
           {"startedAt", "string", true, "RFC 3339"},
           {"startedAfterCrash", "boolean", true, "its last life ended without being asked to"},
           {"acting", "boolean", true,
            "it can write its store and its audit record, and its own files fit together"},
           {"notActingWhy", "string", true, ""},
           {"stateFindings", "array", true,
            "{file, what, stops, correction?}: what is wrong with the engine's own files; with `correction` "
            "it cannot be accepted"},
           {"loopLagP99Ms", "number", true, "of the last minute"},
           {"auditHead", "string", true, ""}});
    table.addChapter(kinds.toMarkdown());
}

}  // namespace sluice::engine
