#include "cmd_plans.h"

#include "command.h"
#include "follow_action.h"
#include "plan_text.h"
#include "rpc/plan_method.h"
#include "run_text.h"

namespace sluice::ctl {
namespace {

bool decided(const Context& context)
{
    return context.arguments().has(QStringLiteral("yes")) ||
           context.arguments().has(QStringLiteral("expect"));
}

void carryOut(Context& context, const PlannedChange& change, const QString& planHash)
{
    QJsonObject params = change.params;
    params["planHash"] = planHash;
    context.change(change.method, params,
                   [begun = change.begun](const QJsonObject& answer) { begun(answer["action"].toString()); });
}

void followToItsEnd(Context& context, const QString& action)
{
    new FollowAction(context, action, [&context](ExitCode code, const QJsonObject& row) {
        finishWithAction(context, code, row);
    });
}

}  // namespace

void planThenChange(Context& context, PlannedChange change)
{
    context.call(change.planMethod, change.params, [&context, change](const QJsonObject& answer) {
        const QString hash = answer["planHash"].toString();
        if (context.json()) {
            context.printJson(answer);
        } else {
            context.print(planText(answer));
        }
        if (!decided(context)) {
            context.remark(QStringLiteral("Nothing was done. To do it: %1 --yes\n").arg(change.again));
            context.remark(QStringLiteral("To do exactly this plan or nothing: %1 --expect %2\n")
                               .arg(change.again, hash));
            context.finish(ExitCode::Ok);
            return;
        }
        const QString expected = context.arguments().value(QStringLiteral("expect"));
        if (!expected.isEmpty() && expected != hash) {
            context.finish(
                Error{.code = ErrorCode::FailedPrecondition,
                      .message = QStringLiteral("The plan is not the expected one; nothing was done"),
                      .cause = QStringLiteral("the state changed since, its hash is now %1").arg(hash),
                      .correction = QStringLiteral("Read the new plan and decide again."),
                      .source = QStringLiteral("sluicectl")});
            return;
        }
        carryOut(context, change, hash);
    });
}

void finishWithAction(Context& context, ExitCode code, const QJsonObject& row)
{
    if (context.json() && !row.isEmpty()) {
        context.printJson({{"action", row}});
    }
    context.finish(code);
}

void runFlowReset(Context& context)
{
    const QString run = context.argument(0);
    planThenChange(context, {.planMethod = QStringLiteral("flow.plan_reset"),
                             .method = QStringLiteral("flow.reset"),
                             .params = {{"run", run}},
                             .again = QStringLiteral("sluicectl flow reset ") + run,
                             .begun = [&context, run](const QString& action) {
                                 new FollowAction(context, action,
                                                  [&context, run](ExitCode code, const QJsonObject& row) {
                                                      if (code == ExitCode::Ok && context.watch()) {
                                                          watchRun(context, run);
                                                      } else {
                                                          finishWithAction(context, code, row);
                                                      }
                                                  });
                             }});
}

void runFlowCancel(Context& context)
{
    const QString run = context.argument(0);
    planThenChange(context,
                   {.planMethod = QStringLiteral("flow.plan_cancel"),
                    .method = QStringLiteral("flow.cancel"),
                    .params = {{"run", run}},
                    .again = QStringLiteral("sluicectl flow cancel ") + run,
                    .begun = [&context](const QString& action) { followToItsEnd(context, action); }});
}

void runAction(Context& context)
{
    const QString method = context.argument(0);
    QString again = QStringLiteral("sluicectl action ") + method;
    QJsonObject params;
    for (const QString& param : context.arguments().options.value(QStringLiteral("param"))) {
        const qsizetype equals = param.indexOf('=');
        if (equals <= 0) {
            context.explain(Error{.code = ErrorCode::InvalidArgument,
                                  .message = QStringLiteral("--param is not NAME=VALUE: %1").arg(param),
                                  .correction = QStringLiteral("See: sluicectl action --help"),
                                  .source = QStringLiteral("sluicectl")});
            context.finish(ExitCode::Usage);
            return;
        }
        params[param.left(equals)] = param.mid(equals + 1);
        again += QStringLiteral(" --param ") + param;
    }
    planThenChange(context,
                   {.planMethod = rpc::planMethodOf(method),
                    .method = method,
                    .params = params,
                    .again = again,
                    .begun = [&context](const QString& action) { followToItsEnd(context, action); }});
}

}  // namespace sluice::ctl
