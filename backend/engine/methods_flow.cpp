#include <QtCore/QPointer>
#include <QtCore/QThreadPool>

#include <QtCore/QCoreApplication>
#include <QtCore/QJsonArray>

#include "core/canonical_json.h"
#include "engine/cancel_plan.h"
#include "engine/parts.h"
#include "flow/flow_file.h"
#include "rpc/method_table.h"

namespace sluice::engine {

using rpc::Method;
using rpc::Reply;
using rpc::Request;
using rpc::Role;

actions::Asker askerOf(const Request& request)
{
    return {.principal = request.principal.name,
            .role = rpc::toString(request.principal.role),
            .via = request.principal.via,
            .requestId = request.requestId,
            .reason = request.params["reason"].toString(),
            .paramsHash = request.paramsHash};
}

namespace {

constexpr int kLogLines = 200;
constexpr int kLogLinesMax = 5000;

flow::FlowContext contextOf(const config::Config& config)
{
    flow::FlowContext context{.defaultRole = config.defaultRole, .stallAfterMs = config.stallAfterMs};
    for (const config::Connection& connection : config.connections) {
        context.connections.append({.name = connection.name, .type = connection.type});
    }
    for (const config::RoleConfig& role : config.roles) {
        context.roles.append(role.role);
        context.roleConnections.insert(role.role, role.connection);
    }
    return context;
}

/// Reads a flow file off the main loop; `done` is called on it, with the hash of the text.
void readFlow(Engine::Parts* parts, const Request& request,
              std::function<void(const flow::FlowFile&, const QString& sha256)> done)
{
    QPointer<QObject> home(parts->flow.get());
    const QString text = request.params["text"].toString();
    const QString file = request.params["file"].toString(QStringLiteral("flow.yaml"));
    QThreadPool::globalInstance()->start([home, text, file, kinds = parts->taskKinds,
                                          context = contextOf(parts->options.config),
                                          done = std::move(done)] {
        const flow::FlowFile read = flow::parseFlow(text, file, kinds, context);
        const QString sha256 = sha256Of(text.toUtf8());
        QMetaObject::invokeMethod(QCoreApplication::instance(), [home, read, sha256, done] {
            if (home) {
                done(read, sha256);
            }
        });
    });
}

QJsonArray problemsOf(const flow::FlowFile& file)
{
    QJsonArray problems;
    for (const yaml::Problem& problem : file.problems) {
        problems.append(problem.toJson());
    }
    return problems;
}

void check(Engine::Parts* parts, const Request& request, const Reply& reply)
{
    readFlow(parts, request, [reply](const flow::FlowFile& file, const QString&) {
        QJsonObject result{{"ok", file.flow.has_value()}, {"errors", problemsOf(file)}};
        if (file.flow) {
            result["flow"] = file.flow->name;
            result["tasks"] = file.flow->tasks.size();
        }
        reply(result);
    });
}

void submit(Engine::Parts* parts, const Request& request, const Reply& reply)
{
    readFlow(parts, request, [parts, request, reply](const flow::FlowFile& file, const QString& sha256) {
        if (!file.flow) {
            QStringList lines;
            for (const yaml::Problem& problem : file.problems) {
                lines.append(problem.toLine());
            }
            reply(fail(Error{
                .code = ErrorCode::InvalidArgument,
                .message = QStringLiteral("The flow has %1 mistake(s); nothing was stored")
                               .arg(file.problems.size()),
                .cause = lines.join('\n'),
                .correction = QStringLiteral("Correct the file at the places named and submit it again."),
                .source = QStringLiteral("flow")}));
            return;
        }
        const QString text = request.params["text"].toString();
        parts->actions->run(
            {.method = request.method,
             .title = QStringLiteral("Submit flow %1").arg(file.flow->name),
             .actionClass = 1,
             .objects = {QStringLiteral("flow/") + file.flow->name},
             .detail = {{"flow", file.flow->name}, {"tasks", file.flow->tasks.size()}, {"sha256", sha256}},
             .asker = askerOf(request),
             .execute =
                 [parts, flow = *file.flow, text, name = request.principal.name](actions::Action::Done done) {
                     parts->flow->submit(flow, text, name, [done](Result<QString> run) {
                         done(run ? Result<QJsonObject>(QJsonObject{{"run", *run}})
                                  : Result<QJsonObject>(fail(run.error())));
                     });
                 },
             .verify =
                 [parts](const QJsonObject& answer, actions::Action::Verified done) {
                     const QString id = answer["run"].toString();
                     const flow::Run* run = parts->flow->run(id);
                     done(run ? Result<QString>(
                                    QStringLiteral("%1 is stored; tasks: %2").arg(id).arg(run->tasks.size()))
                              : Result<QString>(fail(flow::noSuchRun(id))));
                 }},
            reply);
    });
}

void list(Engine::Parts* parts, const Request&, const Reply& reply)
{
    QJsonArray rows;
    for (const QString& id : parts->runsTopic->ids()) {
        rows.append(parts->runsTopic->row(id));
    }
    reply(QJsonObject{{"runs", rows}});
}

void show(Engine::Parts* parts, const Request& request, const Reply& reply)
{
    const flow::Run* run = parts->flow->run(request.params["run"].toString());
    if (!run) {
        reply(fail(flow::noSuchRun(request.params["run"].toString())));
        return;
    }
    // A run of 100,000 tasks is looked at through a window of topic `tasks`; here come the first thousand.
    constexpr size_t kTasksShown = 1000;
    QJsonArray tasks;
    for (size_t i = 0; i < std::min(run->tasks.size(), kTasksShown); ++i) {
        tasks.append(flow::taskRow(*run, static_cast<int>(i), parts->clock));
    }
    reply(QJsonObject{{"run", flow::runRow(*run, parts->clock)},
                      {"tasks", tasks},
                      {"tasksTotal", static_cast<qint64>(run->tasks.size())}});
}

void showLog(Engine::Parts* parts, const Request& request, const Reply& reply)
{
    const flow::Run* run = parts->flow->run(request.params["run"].toString());
    const QString task = request.params["task"].toString();
    if (!run || !run->index.contains(task)) {
        reply(
            fail(run ? flow::noSuchTask(run->id, task) : flow::noSuchRun(request.params["run"].toString())));
        return;
    }
    const int lines = qBound(1, request.params["lines"].toInt(kLogLines), kLogLinesMax);
    parts->flow->taskLog().tail(run->id + '/' + task, lines, [reply](const QList<QJsonObject>& found) {
        QJsonArray array;
        for (const QJsonObject& line : found) {
            array.append(line);
        }
        reply(QJsonObject{{"lines", array}});
    });
}

void approve(Engine::Parts* parts, const Request& request, const Reply& reply)
{
    const QString run = request.params["run"].toString();
    const QString task = request.params["task"].toString();
    parts->actions->run(
        {.method = request.method,
         .title = QStringLiteral("Approve %1 of %2").arg(task, run),
         .actionClass = 1,
         .objects = {run + '/' + task},
         .asker = askerOf(request),
         .execute =
             [parts, run, task, name = request.principal.name](actions::Action::Done done) {
                 parts->flow->approve(run, task, name, [done](const Result<void>& result) {
                     done(result ? Result<QJsonObject>(QJsonObject())
                                 : Result<QJsonObject>(fail(result.error())));
                 });
             },
         .verify =
             [parts, run, task](const QJsonObject&, actions::Action::Verified done) {
                 const flow::Run& now = *parts->flow->run(run);
                 const flow::Task& gate = now.tasks[static_cast<size_t>(now.index.value(task))];
                 done(QStringLiteral("%1 is %2, approved by %3")
                          .arg(run + '/' + task, model::toString(gate.state), gate.approvedBy));
             }},
        reply);
}

void cancel(Engine::Parts* parts, const Request& request, const Reply& reply)
{
    const QString run = request.params["run"].toString();
    const QString planHash = request.params["planHash"].toString();
    const auto planned = planCancel(*parts->flow, run);
    // A request that is known gets its first answer again, whatever became of the run.
    if (!parts->requests->find(request.requestId) &&
        (!planned || (*planned)["planHash"].toString() != planHash)) {
        refuse(parts, request, run, planned ? planVoid(run) : planned.error(), reply);
        return;
    }
    // For the record: the attempts of now, which need not be those that were shown.
    const QJsonObject plan = planned ? (*planned)["plan"].toObject() : QJsonObject();
    QStringList objects{run};
    for (const QJsonValue& task : plan["tasks"].toArray()) {
        objects.append(run + '/' + task["task"].toString());
    }
    parts->actions->run(
        {.method = request.method,
         .title = QStringLiteral("Cancel %1").arg(run),
         .actionClass = 2,
         .objects = objects,
         .planHash = planHash,
         .stateHash = planned ? (*planned)["stateHash"].toString() : QString(),
         .detail = {{"plan", plan}},
         .asker = askerOf(request),
         .executeAsync =
             [parts, run, planHash](actions::Action::Started started, actions::Action::Done done) {
                 const auto again = planCancel(*parts->flow, run);
                 if (!again || (*again)["planHash"].toString() != planHash) {
                     done(fail(again ? planVoid(run) : again.error()));
                     return;
                 }
                 parts->flow->cancel(run, [started, done](const Result<void>& cancelled) {
                     if (!cancelled) {
                         done(fail(cancelled.error()));
                         return;
                     }
                     started();
                     done(QJsonObject());
                 });
             },
         .verify =
             [parts, run](const QJsonObject&, actions::Action::Verified done) {
                 verifyCancel(*parts->flow, run, parts->clock, std::move(done));
             }},
        reply);
}

}  // namespace

void addFlowMethods(rpc::MethodTable& table, Engine::Parts* parts)
{
    using Handler = void (*)(Engine::Parts*, const Request&, const Reply&);
    const auto with = [parts](Handler handler) {
        return [parts, handler](const Request& request, Reply reply) { handler(parts, request, reply); };
    };
    const QString since = QStringLiteral("0.1");
    const rpc::Field run{"run", "string", true, "id of a run, e.g. R-1"};
    const rpc::Field task{"task", "string", true, "name of a task of that run"};
    const rpc::Field reason{"reason", "string", false, "why; goes into the audit record"};
    const rpc::Field text{"text", "text", true, "the flow file's text (YAML)"};
    const rpc::Field file{"file", "string", false, "its name, for messages"};
    const rpc::Field action{"action", "string", true, "id of the action; follow it with actions.show"};
    table.add({.name = "flow.check",
               .role = Role::Viewer,
               .params = {text, file},
               .result = {{"ok", "boolean", true, "no mistake"},
                          {"errors", "array", true, "{file, line, column, message, expected}"},
                          {"flow", "string", false, "its name"},
                          {"tasks", "integer", false, "how many"}},
               .since = since,
               .doc = "Checks a flow file; stores nothing.",
               .handler = with(check)});
    table.add({.name = "flow.submit",
               .role = Role::Operator,
               .actionClass = 1,
               .mutation = true,
               .params = {text, file, reason},
               .result = {run, action},
               .since = since,
               .doc = "Submits a flow: a run begins.",
               .handler = with(submit)});
    table.add({.name = "flow.list",
               .role = Role::Viewer,
               .result = {{"runs", "array", true, "rows of topic runs, newest first"}},
               .since = since,
               .doc = "All runs the engine holds.",
               .handler = with(list)});
    table.add({.name = "flow.show",
               .role = Role::Viewer,
               .params = {run},
               .result = {{"run", "object", true, "row of topic runs"},
                          {"tasks", "array", true, "the first 1,000 rows of topic tasks"},
                          {"tasksTotal", "integer", true, "how many there are"}},
               .since = since,
               .doc = "One run with its tasks.",
               .handler = with(show)});
    table.add({.name = "flow.log",
               .role = Role::Viewer,
               .params = {run, task, {"lines", "integer", false, "the last so many, 200 by default"}},
               .result = {{"lines", "array", true, "{at, level, text}, oldest first"}},
               .since = since,
               .doc = "Log of a task's attempts.",
               .handler = with(showLog)});
    table.add({.name = "flow.approve",
               .role = Role::Operator,
               .actionClass = 1,
               .mutation = true,
               .params = {run, task, reason},
               .result = {action},
               .since = since,
               .doc = "Lets an approve task go on.",
               .handler = with(approve)});
    const rpc::Field hash{"planHash", "string", true, "of the plan that was looked at"};
    table.add({.name = "flow.plan_cancel",
               .role = Role::Viewer,
               .params = {run},
               .result = {{"plan", "object", true,
                           "{action, class, run, tasks: [{task, attempt, fence, fenced}], steps: [{id, "
                           "title, checkedBy}], touches, cannotUndo, ending, notStarted, done}"},
                          {"planHash", "string", true, "to be sent with flow.cancel"},
                          {"stateHash", "string", true, "of the state the plan was made from"}},
               .since = since,
               .doc = "What ending a run would kill and fence. Changes nothing.",
               .handler = [parts](const Request& request, Reply reply) {
                   reply(planCancel(*parts->flow, request.params["run"].toString()));
               }});
    table.add({.name = "flow.cancel",
               .role = Role::Operator,
               .actionClass = 2,
               .mutation = true,
               .params = {run, hash, reason},
               .result = {action},
               .since = since,
               .doc = "Ends a run: its attempts are killed and fenced; what is stored stays. Void if the run "
                      "has ended or was cancelled since the plan. Answers when it is begun; verified when no "
                      "attempt is left.",
               .handler = with(cancel)});
}

}  // namespace sluice::engine
