
#include <QtCore/QJsonArray>

#include "engine/parts.h"
#include "rpc/method_table.h"

namespace sluice::engine {

using rpc::Reply;
using rpc::Request;
using rpc::Role;
using Started = actions::Action::Started;
using Done = actions::Action::Done;

Error planVoid(const QString& what)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("The plan is void"),
                 .cause = QStringLiteral("the state of %1 changed after it was shown").arg(what),
                 .correction = QStringLiteral("Look at the new plan and decide again."),
                 .source = QStringLiteral("actions")};
}

void refuse(Engine::Parts* parts, const Request& request, const QString& object, const Error& error,
            const Reply& reply)
{
    parts->actions->appendRecord(askerOf(request), request.method, 2, {object}, QStringLiteral("refused"),
                                 {{"error", error.toJson()}});
    reply(fail(error));
}

namespace {

void reset(Engine::Parts* parts, const Request& request, const Reply& reply)
{
    const QString run = request.params["run"].toString();
    const QString planHash = request.params["planHash"].toString();
    const auto known = parts->requests->find(request.requestId);
    const auto go = [parts, request, run, planHash, reply](const QJsonObject& planned) {
        const actions::Asker asker = askerOf(request);
        QStringList objects{run};
        for (const QJsonValue& task : planned["plan"].toObject()["tasks"].toArray()) {
            objects.append(run + '/' + task["task"].toString());
        }
        parts->actions->run({.method = request.method,
                             .title = QStringLiteral("Reset %1").arg(run),
                             .actionClass = 2,
                             .objects = objects,
                             .planHash = planHash,
                             .stateHash = planned["stateHash"].toString(),
                             .detail = {{"plan", planned["plan"]}},
                             .asker = asker,
                             .executeAsync =
                                 [parts, run, planHash, asker](const Started& started, const Done& done) {
                                     parts->resets->execute(run, planHash, asker, started, done);
                                 },
                             .verify =
                                 [parts, run](const QJsonObject& answer, actions::Action::Verified done) {
                                     parts->resets->verify(run, answer, std::move(done));
                                 }},
                            reply);
    };
    if (known) {
        go({});
        return;
    }
    // Looked at before anything is recorded, so that a void plan is refused at once; execute looks again.
    parts->resets->planner().plan(
        run, [parts, request, go, planHash, run, reply](const Result<QJsonObject>& planned) {
            if (!planned) {
                refuse(parts, request, run, planned.error(), reply);
            } else if ((*planned)["planHash"].toString() != planHash) {
                refuse(parts, request, run, planVoid(run), reply);
            } else {
                go(*planned);
            }
        });
}

/// A change of a role's key: its plan, and what carries it out.
struct KeyChange {
    QString title{};
    void (KeyService::*plan)(const QString&, std::function<void(const Result<QJsonObject>&)>){};
    void (KeyService::*executeAsync)(const QString&, const actions::Asker&, Started, Done){};
};

void changeKey(Engine::Parts* parts, const KeyChange& change, const Request& request, const Reply& reply)
{
    const QString role = request.params["role"].toString();
    const QString planHash = request.params["planHash"].toString();
    const auto go = [parts, change, request, role, planHash, reply](const QJsonObject& planned) {
        parts->actions->run(
            {.method = request.method,
             .title = change.title.arg(role),
             .actionClass = 2,
             .objects = {QStringLiteral("role/") + role, planned["plan"].toObject()["from"].toString(),
                         planned["plan"].toObject()["to"].toString()},
             .planHash = planHash,
             .stateHash = planned["stateHash"].toString(),
             .detail = {{"plan", planned["plan"]}},
             .asker = askerOf(request),
             .executeAsync =
                 [parts, change, role, asker = askerOf(request)](const Started& started, const Done& done) {
                     (parts->keys.get()->*change.executeAsync)(role, asker, started, done);
                 },
             .verify =
                 [](const QJsonObject& rotation, actions::Action::Verified done) {
                     // The last step of a rotation is a proof: the old key is refused, or the first one
                     // works.
                     done(rotation["steps"].toArray().last()["detail"].toString());
                 }},
            reply);
    };
    if (parts->requests->find(request.requestId)) {
        go({});
        return;
    }
    (parts->keys.get()->*change.plan)(
        role, [parts, request, go, planHash, role, reply](const Result<QJsonObject>& planned) {
            const QString object = QStringLiteral("role/") + role;
            if (!planned) {
                refuse(parts, request, object, planned.error(), reply);
            } else if ((*planned)["planHash"].toString() != planHash) {
                refuse(parts, request, object, planVoid(QStringLiteral("role ") + role), reply);
            } else {
                go(*planned);
            }
        });
}

}  // namespace

void addResetMethods(rpc::MethodTable& table, Engine::Parts* parts)
{
    const QString since = QStringLiteral("0.1");
    const rpc::Field run{"run", "string", true, "id of a run"};
    const rpc::Field hash{"planHash", "string", true, "of the plan that was looked at"};
    const rpc::Field reason{"reason", "string", false, "why; goes into the audit record"};
    const QList<rpc::Field> plan{{"plan", "object", true,
                                  "{action, class, run, tasks: [{task, attempt, fence, kept, dropped, locks, "
                                  "fenced}], steps: [{id, title, checkedBy}], touches, cannotUndo}"},
                                 {"planHash", "string", true, "to be sent with flow.reset"},
                                 {"stateHash", "string", true, "of the state the plan was made from"}};
    const rpc::Field action{"action", "string", true, "id of the action; follow it with actions.show"};
    table.add({.name = "flow.plan_reset",
               .role = Role::Viewer,
               .params = {run},
               .result = plan,
               .since = since,
               .doc = "What a reset of the run's stalled and failed tasks would keep, drop, unlock and "
                      "fence. Changes nothing.",
               .handler = [parts](const Request& request, Reply reply) {
                   parts->resets->planner().plan(request.params["run"].toString(), reply);
               }});
    table.add({.name = "flow.reset",
               .role = Role::Operator,
               .actionClass = 2,
               .mutation = true,
               .params = {run, hash, reason},
               .result = {action},
               .since = since,
               .doc = "Carries a reset plan out; void if the state changed since. Answers when it is begun.",
               .handler = [parts](const Request& request, Reply reply) { reset(parts, request, reply); }});
    table.add({.name = "doctor.run",
               .role = Role::Viewer,
               .params = {run},
               .result = {{"case", "object", true, "row of topic cases; id is null if nothing is wrong"}},
               .since = since,
               .doc = "Why a run does not move: asks for fresh evidence first, answers within 5 s.",
               .handler = [parts](const Request& request, Reply reply) {
                   parts->doctor->examine(
                       request.params["run"].toString(), [reply](const Result<QJsonObject>& row) {
                           reply(row ? Result<QJsonObject>(QJsonObject{{"case", *row}}) : row);
                       });
               }});
    table.add(
        {.name = "actions.show",
         .role = Role::Viewer,
         .params = {{"action", "string", true, "id of an action"}},
         .result = {{"action", "object", true, "row of topic actions"}},
         .since = since,
         .doc = "One action of the last 200.",
         .handler = [parts](const Request& request, Reply reply) {
             const QJsonObject row = parts->actions->row(request.params["action"].toString());
             if (row.isEmpty()) {
                 reply(fail(Error{
                     .code = ErrorCode::NotFound,
                     .message =
                         QStringLiteral("There is no action '%1'").arg(request.params["action"].toString()),
                     .cause = QStringLiteral("only the last 200 of this engine's life are held"),
                     .correction = QStringLiteral("Look into the audit record: sluicectl audit list."),
                     .source = QStringLiteral("actions")}));
             } else {
                 reply(QJsonObject{{"action", row}});
             }
         }});
}

void addKeyMethods(rpc::MethodTable& table, Engine::Parts* parts)
{
    const QString since = QStringLiteral("0.1");
    const rpc::Field role{"role", "string", true, "name of a role"};
    table.add({.name = "keys.list",
               .role = Role::Viewer,
               .result = {{"roles", "array", true, "rows of topic roles"}},
               .since = since,
               .doc = "Roles with their key generations: names and ages, never a key.",
               .handler = [parts](const Request&, Reply reply) {
                   QJsonArray rows;
                   for (const QString& id : parts->keys->ids()) {
                       rows.append(parts->keys->row(id));
                   }
                   reply(QJsonObject{{"roles", rows}});
               }});
    const QList<rpc::Field> change{role,
                                   {"planHash", "string", true, "of the plan that was looked at"},
                                   {"reason", "string", false, "why; goes into the audit record"}};
    const QList<rpc::Field> begun{
        {"action", "string", true, "id of the action; follow it with actions.show"}};
    const rpc::Field stateHash{"stateHash", "string", true, "of the state the plan was made from"};
    table.add({.name = "keys.plan_rotate",
               .role = Role::Viewer,
               .params = {role},
               .result = {{"plan", "object", true,
                           "{action, class, role, from, to, overlapMs, steps, touches, cannotUndo}"},
                          {"planHash", "string", true, "to be sent with keys.rotate"},
                          stateHash},
               .since = since,
               .doc = "What a rotation of the role's key would do. Changes nothing.",
               .handler = [parts](const Request& request, Reply reply) {
                   parts->keys->planRotation(request.params["role"].toString(), reply);
               }});
    table.add({.name = "keys.rotate",
               .role = Role::Operator,
               .actionClass = 2,
               .mutation = true,
               .params = change,
               .result = begun,
               .since = since,
               .doc = "Rotates: new generation, overlap, old one revoked. Answers when it is begun.",
               .handler = [parts](const Request& request, Reply reply) {
                   changeKey(parts,
                             {QStringLiteral("Rotate the key of %1"), &KeyService::planRotation,
                              &KeyService::rotate},
                             request, reply);
               }});
    table.add({.name = "keys.plan_renew",
               .role = Role::Viewer,
               .params = {role},
               .result = {{"plan", "object", true,
                           "{action, class, role, from, to, why, steps, touches, cannotUndo}"},
                          {"planHash", "string", true, "to be sent with keys.renew"},
                          stateHash},
               .since = since,
               .doc = "What a new first key would be for a role whose key its cluster accepts no more. "
                      "Changes nothing.",
               .handler = [parts](const Request& request, Reply reply) {
                   parts->keys->planRenewal(request.params["role"].toString(), reply);
               }});
    table.add(
        {.name = "keys.renew",
         .role = Role::Operator,
         .actionClass = 2,
         .mutation = true,
         .params = change,
         .result = begun,
         .since = since,
         .doc = "Makes that new first key; refused while the key in use works. Answers when it is begun.",
         .handler = [parts](const Request& request, Reply reply) {
             changeKey(parts,
                       {QStringLiteral("Make a new first key for %1"), &KeyService::planRenewal,
                        &KeyService::renew},
                       request, reply);
         }});
}

}  // namespace sluice::engine
