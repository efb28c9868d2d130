#include "command.h"

namespace sluice::ctl {
namespace {

const Option kReason{"reason", "TEXT", "why; goes into the audit record"};
const Option kRequestId{"request-id", "ID",
                        "the id of this change: with the same id it is done once, however often it is sent"};
const Option kYes{"yes", "", "do what the plan says"};
const Option kExpect{"expect", "HASH",
                     "do it only if the plan is still the one with this hash (--yes implied)"};

/// Which audit records.
QList<Option> recordOptions()
{
    return {{"by", "NAME", "only of this person, or of the engine"},
            {"run", "RUN", "only what touches or starts this run"},
            {"object", "ID", "only what touches this object, or one below it: vega/ceph-pool"},
            {"action", "METHOD", "only this method, or those of this group: keys"},
            {"outcome", "WORD", "only with this outcome; may be given several times"},
            {"since", "TIME", "2026-11-19, \"2026-11-19 03:14\" (UTC), RFC 3339, or 2h ago"},
            {"until", "TIME", "the same; a day without a time is meant to its end"},
            {"text", "WORDS", "only with each word, or \"phrase\", somewhere in the record"},
            {"before", "SEQ", "only records before this one"},
            {"after", "SEQ", "only records after this one"}};
}

QList<Command> makeCommands()
{
    return {
        {.name = "estate",
         .summary = "what is there, how healthy, how old is each fact",
         .help = "Shows every connection with its three words of health, and every entity that was observed, "
                 "with the "
                 "age of what is known of it. Facts that are old are marked, never hidden.",
         .options = {{"connection", "NAME", "only of this connection"},
                     {"kind", "KIND", "only of this kind, e.g. osd"}},
         .watchable = true,
         .run = runEstate},
        {.name = "flow check",
         .arguments = {"FILE"},
         .summary = "find every mistake in a flow file",
         .help = "Prints each mistake as FILE:LINE:COLUMN: message (expected …) and ends with 4 if there is "
                 "one. Nothing "
                 "is stored. FILE may be - for standard input.",
         .run = runFlowCheck},
        {.name = "flow submit",
         .arguments = {"FILE"},
         .summary = "start a run of a flow",
         .help = "Prints the id of the run. A file with a mistake is refused as by 'flow check', and nothing "
                 "is stored. "
                 "With --watch the run is shown until it ends.",
         .options = {kReason, kRequestId},
         .watchable = true,
         .run = runFlowSubmit},
        {.name = "flow list", .summary = "all runs, newest first", .watchable = true, .run = runFlowList},
        {.name = "flow show",
         .arguments = {"RUN"},
         .summary = "one run: states, progress, throughput, time left",
         .help = "With --watch it is shown until it has ended: 0 if all is done, 1 if it failed or was "
                 "cancelled.",
         .watchable = true,
         .run = runFlowShow},
        {.name = "flow log",
         .arguments = {"RUN", "TASK"},
         .summary = "log of a task's attempts",
         .options = {{"lines", "N", "the last N lines. Default 100"}},
         .run = runFlowLog},
        {.name = "flow approve",
         .arguments = {"RUN", "TASK"},
         .summary = "let an approval gate go on",
         .options = {kReason, kRequestId},
         .run = runFlowApprove},
        {.name = "flow cancel",
         .arguments = {"RUN"},
         .summary = "end a run; what is stored stays",
         .help = "Without --yes the plan is shown and nothing is done: which attempts are killed and fenced. "
                 "With --yes "
                 "the plan is made afresh, shown, carried out and verified; if anything changed in between, "
                 "nothing is "
                 "done. Ends with 5 if an attempt is not proved dead within a minute; it is gone on with all "
                 "the same.",
         .options = {kYes, kExpect, kReason, kRequestId},
         .run = runFlowCancel},
        {.name = "flow reset",
         .arguments = {"RUN"},
         .summary = "fence what hangs, keep what verifies, start again from there",
         .help =
             "Without --yes the plan is shown and nothing is done: what is kept, what is dropped, which "
             "locks are "
             "broken and which clients fenced. With --yes the plan is made afresh, shown, carried out and "
             "verified; "
             "if anything changed in between, nothing is done. Ends with 5 if it was done but could not be "
             "verified. With --watch the run is shown afterwards.",
         .options = {kYes, kExpect, kReason, kRequestId},
         .watchable = true,
         .run = runFlowReset},
        {.name = "cases",
         .summary = "what needs a person: runs that stopped, and what is broken although no run waits",
         .options = {{"all", "", "those that are closed too"}},
         .run = runCases},
        {.name = "doctor",
         .arguments = {"[RUN|CASE]"},
         .summary = "why a run does not move: causes with evidence, and the smallest safe fix",
         .help = "Without an argument all open cases, those too that no run waits in. Of a run: collects "
                 "fresh evidence first, which takes up to five seconds. Causes are ranked by how "
                 "directly they "
                 "touch the job; refuted ones are listed too, with what refutes them. Where evidence is "
                 "missing it says "
                 "unknown.",
         .run = runDoctor},
        {.name = "keys list",
         .summary = "roles with their key generations; never a key",
         .watchable = true,
         .run = runKeysList},
        {.name = "keys rotate",
         .arguments = {"ROLE"},
         .summary = "a new key for a role, an overlap, then the old one is revoked",
         .help = "Without --yes the plan is shown and nothing is done. With --yes the steps are shown as "
                 "they are done, "
                 "until the rotation has ended; it goes on in the engine if this command is interrupted.",
         .options = {kYes, kExpect, {"no-wait", "", "end as soon as it is begun"}, kReason, kRequestId},
         .run = runKeysRotate},
        {.name = "keys renew",
         .arguments = {"ROLE"},
         .summary = "a new first key for a role whose key the cluster accepts no more",
         .help = "For a role whose entity was removed or got another key: rotating needs the old key, this "
                 "does not. Refused "
                 "while the key in use works. Without --yes the plan is shown and nothing is done. Reset the "
                 "runs that stood "
                 "still for the old key afterwards, so that they take the new one.",
         .options = {kYes, kExpect, {"no-wait", "", "end as soon as it is begun"}, kReason, kRequestId},
         .run = runKeysRenew},
        {.name = "action",
         .arguments = {"METHOD"},
         .summary = "any change that has a plan, by its name in the protocol",
         .help =
             "For what a system brings and no command is made for. Without --yes the plan is shown and "
             "nothing is done. With --yes the steps are shown as they are done, until all have ended. What "
             "there is, and what each wants, stands in the protocol document.",
         .options = {{"param", "NAME=VALUE", "a parameter of the method; may be given several times"},
                     kYes,
                     kExpect,
                     kReason,
                     kRequestId},
         .run = runAction},
        {.name = "audit verify",
         .summary = "check the chain of audit records",
         .help = "Ends with 0 if the chain holds and with 5 if it does not; the first bad record is named. "
                 "With --file "
                 "a file is checked without an engine.",
         .options = {{"file", "FILE", "this audit file, without an engine"}},
         .online = false,
         .run = runAuditVerify},
        {.name = "audit list",
         .summary = "who did what, newest first",
         .help =
             "Searches all records there are, whatever their age; what is given more than once narrows it "
             "further, except --outcome, of which one is enough. Case does not count. Says how many match "
             "and how many there are in all.",
         .options = QList<Option>{{"limit", "N", "at most N records. Default 50"}} + recordOptions(),
         .run = runAuditList},
        {.name = "audit export",
         .summary = "audit records for a file, oldest first",
         .help = "Writes the records that match to standard output or a file. jsonl: one JSON object per "
                 "line, the bytes as they are stored and hashed, with the hash as the last member; how to "
                 "check it is said in audit-record.md. csv: for people.",
         .options = QList<Option>{{"form", "FORM", "jsonl (default) or csv"},
                                  {"output", "FILE", "write to this file; it is only there when whole"}} +
                    recordOptions(),
         .run = runAuditExport},
        {.name = "engine",
         .summary = "the engine itself: version, profile, whether it may act",
         .watchable = true,
         .run = runEngine},
        {.name = "engine accept-state",
         .summary = "take the engine's own files as they are, although something is missing",
         .help = "When state.db, audit.db or a manifest is missing, older than it was, damaged or replaced, "
                 "the engine does not "
                 "act until a person decides. Putting the files back from a backup is better; this gives up "
                 "what is missing. "
                 "Without --yes it only says what was found.",
         .options = {{"yes", "", "accept it"}, kReason, kRequestId},
         .run = runAcceptState},
        {.name = "watch",
         .arguments = {"TOPIC"},
         .summary = "rows of a topic as they change, one line each",
         .help = "Topics: estate, runs, tasks, cases, roles, actions, audit, engine. Each line is the id of "
                 "a row and the "
                 "row as JSON; a row that left is a line with a minus. Ends with the connection.",
         .options = {{"filter", "NAME=VALUE", "only rows with that value; may be given several times"},
                     {"fields", "A,B,…", "only these members"},
                     {"limit", "N", "only the first N rows"},
                     {"once", "", "show the rows as they are now, then end"}},
         .run = runWatch},
    };
}

}  // namespace

const QList<Command>& commands()
{
    static const QList<Command> kCommands = makeCommands();
    return kCommands;
}

QList<Option> commonOptions(bool watchable)
{
    QList<Option> options{
        {"state-dir", "DIR",
         "state folder of the engine. Default $SLUICE_STATE_DIR, else ~/.local/state/sluice/default"},
        {"json", "", "print JSON, one value per line"},
        {"help", "", "this text"},
    };
    if (watchable) {
        options.insert(2, {"watch", "", "go on showing it as it changes"});
    }
    return options;
}

}  // namespace sluice::ctl
