#include "actions/action_methods.h"

#include <QtCore/QJsonArray>

#include <QtCore/QUuid>

#include "actions/action_runner.h"
#include "core/canonical_json.h"

namespace sluice::actions {
namespace {

struct Shown {
    QJsonObject plan{};
    QString planHash{};
    QString stateHash{};
};

/// The plan as it travels, with the hashes of what is decided and of what it rests on.
Shown shown(const Description& description, const Call& call, const Plan& plan)
{
    QJsonObject decided = plan.decided;
    decided["action"] = description.method;
    decided["class"] = description.actionClass;
    decided["cannotUndo"] = QJsonArray::fromStringList(plan.cannotUndo);
    QJsonObject full = decided;
    for (auto it = plan.figures.begin(); it != plan.figures.end(); ++it) {
        full[it.key()] = it.value();
    }
    full["touches"] = QJsonArray::fromStringList(plan.touches);
    Call with = call;
    with.plan = full;
    QJsonArray steps;
    for (const Step& step : description.steps(with)) {
        steps.append(step.toJson());
    }
    full["steps"] = steps;
    return {.plan = full, .planHash = sha256Of(decided), .stateHash = sha256Of(plan.state)};
}

QString subject(const Plan& plan, const Description& description)
{
    return plan.objects.value(0, description.method);
}

Error underWay(const Plan& plan)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("'%1' is under way").arg(plan.title),
                 .cause = QStringLiteral("somebody asked for it a moment ago"),
                 .correction = QStringLiteral("Wait for it: sluicectl watch actions."),
                 .source = QStringLiteral("actions")};
}

}  // namespace

QJsonObject planAnswer(const Description& description, const Call& call, const Plan& plan)
{
    const Shown full = shown(description, call, plan);
    return {{"plan", full.plan}, {"planHash", full.planHash}, {"stateHash", full.stateHash}};
}

Error planVoid(const QString& what)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("The plan is void"),
                 .cause = QStringLiteral("the state of %1 changed after it was shown").arg(what),
                 .correction = QStringLiteral("Look at the new plan and decide again."),
                 .source = QStringLiteral("actions")};
}

Asker askerOf(const rpc::Request& request)
{
    return {.principal = request.principal.name,
            .role = rpc::toString(request.principal.role),
            .via = request.principal.via,
            .requestId = request.requestId,
            .reason = request.params["reason"].toString(),
            .paramsHash = request.paramsHash};
}

void ActionRunner::plan(const QString& method, const rpc::Request& request, Reply reply)
{
    const Description description = m_known.value(method);
    const Call call{.params = request.params, .asker = askerOf(request)};
    description.plan(call, [description, call, reply = std::move(reply)](const Result<Plan>& plan) {
        if (!plan) {
            reply(fail(plan.error()));
            return;
        }
        reply(planAnswer(description, call, *plan));
    });
}

/// A change of class 2 that is not begun: that it was asked for is recorded all the same.
void ActionRunner::refuse(const Description& description, const Asker& asker, const QStringList& objects,
                          const Error& error, const Reply& reply)
{
    if (description.showsPlan()) {
        appendRecord(asker, description.method, description.actionClass, objects, QStringLiteral("refused"),
                     {{"error", error.toJson()}});
    }
    reply(fail(error));
}

void ActionRunner::request(const QString& method, const rpc::Request& request, Reply reply)
{
    ask(m_known.value(method), {.params = request.params, .asker = askerOf(request)},
        request.params["planHash"].toString(), std::move(reply));
}

void ActionRunner::requestByEngine(const QString& method, const QJsonObject& params, const QString& via,
                                   Reply reply)
{
    Asker asker = engineItself(via);
    asker.requestId = QUuid::createUuid().toString(QUuid::WithoutBraces);
    ask(m_known.value(method), {.params = params, .asker = asker}, {}, std::move(reply));
}

void ActionRunner::ask(const Description& description, const Call& asked, const QString& planHash,
                       Reply reply)
{
    // A request that is known gets its first answer again, whatever became of what it was about.
    if (replay({.method = description.method, .asker = asked.asker}, reply)) {
        return;
    }
    description.plan(asked, [this, description, call = asked, planHash,
                             reply = std::move(reply)](const Result<Plan>& plan) mutable {
        if (!plan) {
            // What it is about is its first parameter.
            const QString about = call.params[description.params.value(0).name].toString();
            refuse(description, call.asker, {description.subject.arg(about)}, plan.error(), reply);
            return;
        }
        const QString word = description.aloneAs.isEmpty() ? description.method : description.aloneAs;
        if (description.alone && m_alone.contains(aloneKey(word, plan->objects))) {
            refuse(description, call.asker, plan->objects.mid(0, 1), underWay(*plan), reply);
            return;
        }
        const Shown full = shown(description, call, *plan);
        if (description.showsPlan() && full.planHash != planHash) {
            refuse(description, call.asker, plan->objects.mid(0, 1), planVoid(subject(*plan, description)),
                   reply);
            return;
        }
        call.plan = full.plan;
        call.carried = plan->carried;
        Action action = actionOf(description, call);
        action.title = plan->title;
        action.objects = plan->objects;
        action.planHash = planHash;
        action.stateHash = full.stateHash;
        action.answersEarly = description.showsPlan();
        if (description.showsPlan()) {
            action.stillHolds = [description, call, full, subject = subject(*plan, description)](auto done) {
                description.plan(call, [=](const Result<Plan>& again) {
                    const bool same = again && shown(description, call, *again).planHash == full.planHash;
                    done(same    ? Result<void>()
                         : again ? Result<void>(fail(planVoid(subject)))
                                 : Result<void>(fail(again.error())));
                });
            };
        }
        if (description.resumes) {
            action.kept = {{"method", description.method},
                           {"title", plan->title},
                           {"params", call.params},
                           {"plan", full.plan},
                           {"planHash", planHash},
                           {"stateHash", full.stateHash},
                           {"objects", QJsonArray::fromStringList(plan->objects)},
                           {"asker", call.asker.toJson()}};
        }
        run(std::move(action), std::move(reply));
    });
}

void addAction(rpc::MethodTable& table, ActionRunner* runner, const Description& description)
{
    if (runner) {
        runner->add(description);
    }
    QList<rpc::Field> params = description.params;
    if (description.showsPlan()) {
        table.add(
            {.name = description.planMethod(),
             .role = rpc::Role::Viewer,
             .params = description.params,
             .result = {{"plan", "object", true, description.planMembers},
                        {"planHash", "string", true, "to be sent with " + description.method},
                        {"stateHash", "string", true, "of the state the plan was made from"}},
             .since = description.since,
             .doc = description.planDoc,
             .handler = [runner, method = description.method](const rpc::Request& request, rpc::Reply reply) {
                 runner->plan(method, request, std::move(reply));
             }});
        params.append({"planHash", "string", true, "of the plan that was looked at"});
    }
    params.append({"reason", "string", false, "why; goes into the audit record"});
    QList<rpc::Field> result = description.answer;
    result.append({"action", "string", true, "id of the action; follow it with actions.show"});
    table.add(
        {.name = description.method,
         .role = description.role,
         .actionClass = description.actionClass,
         .mutation = true,
         .params = params,
         .result = result,
         .since = description.since,
         .doc = description.doc,
         .handler = [runner, method = description.method](const rpc::Request& request, rpc::Reply reply) {
             runner->request(method, request, std::move(reply));
         }});
}

}  // namespace sluice::actions
