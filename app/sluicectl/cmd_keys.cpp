#include <QtCore/QJsonArray>

#include "cmd_plans.h"
#include "command.h"
#include "follow_action.h"
#include "key_text.h"

namespace sluice::ctl {

void runKeysList(Context& context)
{
    if (context.watch()) {
        new LiveView(context, {.topics = {{.topic = QStringLiteral("roles")}},
                               .text = [&context](const LiveView::Rows& rows, Style style) {
                                   return rolesText(rows.first().rows(), style, context.nowMs());
                               }});
        return;
    }
    context.call(QStringLiteral("keys.list"), {}, [&context](const QJsonObject& answer) {
        if (context.json()) {
            context.printJson(answer);
        } else {
            QList<QJsonObject> roles;
            for (const QJsonValue& role : answer["roles"].toArray()) {
                roles.append(role.toObject());
            }
            context.print(rolesText(roles, Style::Screen, context.nowMs()));
        }
        context.finish(ExitCode::Ok);
    });
}

namespace {

/// `verb` is rotate or renew: the method, its plan and the command have that name.
void changeKey(Context& context, const QString& verb)
{
    const QString role = context.argument(0);
    planThenChange(
        context, {.planMethod = QStringLiteral("keys.plan_") + verb,
                  .method = QStringLiteral("keys.") + verb,
                  .params = {{"role", role}},
                  .again = QStringLiteral("sluicectl keys %1 %2").arg(verb, role),
                  .begun = [&context](const QString& action) {
                      if (context.arguments().has(QStringLiteral("no-wait"))) {
                          context.print(context.json() ? QString() : action + QStringLiteral(" has begun\n"));
                          finishWithAction(context, ExitCode::Ok, {{"id", action}});
                          return;
                      }
                      new FollowAction(context, action, [&context](ExitCode code, const QJsonObject& row) {
                          finishWithAction(context, code, row);
                      });
                  }});
}

}  // namespace

void runKeysRotate(Context& context)
{
    changeKey(context, QStringLiteral("rotate"));
}

void runKeysRenew(Context& context)
{
    changeKey(context, QStringLiteral("renew"));
}

}  // namespace sluice::ctl
