#include <QtCore/QPointer>
#include <QtCore/QThreadPool>

#include <QtCore/QCoreApplication>
#include <QtCore/QJsonArray>

#include "actions/action_methods.h"
#include "core/canonical_json.h"
#include "engine/approve_action.h"
#include "engine/cancel_plan.h"
#include "engine/parts.h"
#include "flow/flow_file.h"
#include "rpc/method_table.h"

namespace sluice::engine {

using rpc::Method;
using rpc::Reply;
using rpc::Request;
using rpc::Role;

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
void readFlow(Engine::Parts* parts, const QJsonObject& params,
              std::function<void(const flow::FlowFile&, const QString& sha256)> done)
{
    QPointer<QObject> home(parts->flow.get());
    const QString text = params["text"].toString();
    const QString file = params["file"].toString(QStringLiteral("flow.yaml"));
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
    readFlow(parts, request.params, [reply](const flow::FlowFile& file, const QString&) {
        QJsonObject result{{"ok", file.flow.has_value()}, {"errors", problemsOf(file)}};
        if (file.flow) {
            result["flow"] = file.flow->name;
            result["tasks"] = file.flow->tasks.size();
        }
        reply(result);
    });
}

Error mistakesOf(const flow::FlowFile& file)
{
    QStringList lines;
    for (const yaml::Problem& problem : file.problems) {
        lines.append(problem.toLine());
    }
    return Error{
        .code = ErrorCode::InvalidArgument,
        .message = QStringLiteral("The flow has %1 mistake(s); nothing was stored").arg(file.problems.size()),
        .cause = lines.join('\n'),
        .correction = QStringLiteral("Correct the file at the places named and submit it again."),
        .source = QStringLiteral("flow")};
}

actions::Description submitAction(Engine::Parts* parts, const QList<rpc::Field>& params)
{
    return {
        .method = QStringLiteral("flow.submit"),
        .params = params,
        .answer = {{"run", "string", true, "id of a run, e.g. R-1"}},
        .doc = QStringLiteral("Submits a flow: a run begins."),
        .plan =
            [parts](const actions::Call& call, actions::Description::Planned done) {
                readFlow(parts, call.params, [done](const flow::FlowFile& file, const QString& sha256) {
                    if (!file.flow) {
                        done(fail(mistakesOf(file)));
                        return;
                    }
                    const QString name = file.flow->name;
                    done(actions::Plan{
                        .title = QStringLiteral("Submit flow %1").arg(name),
                        .objects = {QStringLiteral("flow/") + name},
                        .decided = {{"flow", name}, {"tasks", file.flow->tasks.size()}, {"sha256", sha256}},
                        .carried = QVariant::fromValue(*file.flow)});
                });
            },
        .steps =
            [parts](const actions::Call& call) {
                auto id = std::make_shared<QString>();
                return QList<actions::Step>{
                    {.id = QStringLiteral("store"),
                     .title = QStringLiteral("Store the run"),
                     .checkedBy = QStringLiteral("the engine has the run with all its tasks"),
                     .act =
                         [parts, call, id](actions::Step::Acted done) {
                             parts->flow->submit(
                                 call.carried.value<model::Flow>(), call.params["text"].toString(),
                                 call.asker.principal, [done, id](const Result<QString>& run) {
                                     *id = run.value_or(QString());
                                     done(run ? Result<actions::Effect>(
                                                    actions::Effect{.answer = {{"run", *run}}})
                                              : Result<actions::Effect>(fail(run.error())));
                                 });
                         },
                     .verify =
                         [parts, id](actions::Step::Seen seen) {
                             const flow::Run* run = parts->flow->run(*id);
                             seen(run ? Result<QString>(QStringLiteral("%1 is stored; tasks: %2")
                                                            .arg(*id)
                                                            .arg(run->tasks.size()))
                                      : Result<QString>(fail(flow::noSuchRun(*id))));
                         }}};
            }};
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
    const rpc::Field text{"text", "text", true, "the flow file's text (YAML)"};
    const rpc::Field file{"file", "string", false, "its name, for messages"};
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
    actions::ActionRunner* runner = parts ? parts->actions.get() : nullptr;
    flow::FlowEngine* flow = parts ? parts->flow.get() : nullptr;
    actions::addAction(table, runner, submitAction(parts, {text, file}));
    actions::addAction(table, runner, approveAction(flow));
    actions::addAction(table, runner, cancelAction(flow, parts ? &parts->clock : nullptr));
}

}  // namespace sluice::engine
