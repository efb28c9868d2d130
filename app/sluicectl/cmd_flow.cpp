#include <QtCore/QJsonArray>

#include "command.h"
#include "context.h"
#include "run_text.h"
#include "words.h"

namespace sluice::ctl {
namespace {

void changeAndSay(Context& context, const QString& method, const QJsonObject& params, const QString& done)
{
    context.change(method, params, [&context, done](const QJsonObject& answer) {
        if (context.json()) {
            context.printJson(answer);
        } else {
            context.print(done + '\n');
        }
        context.finish(ExitCode::Ok);
    });
}

}  // namespace

void runFlowList(Context& context)
{
    if (context.watch()) {
        new LiveView(context, {.topics = {{.topic = QStringLiteral("runs")}},
                               .text = [&context](const LiveView::Rows& rows, Style style) {
                                   return runsText(rows.first().rows(), style, context.nowMs());
                               }});
        return;
    }
    context.call(QStringLiteral("flow.list"), {}, [&context](const QJsonObject& answer) {
        if (context.json()) {
            context.printJson(answer);
        } else {
            context.print(runsText(objects(answer["runs"]), Style::Screen, context.nowMs()));
        }
        context.finish(ExitCode::Ok);
    });
}

void runFlowShow(Context& context)
{
    const QString run = context.argument(0);
    if (context.watch()) {
        watchRun(context, run);
        return;
    }
    context.call(QStringLiteral("flow.show"), {{"run", run}}, [&context](const QJsonObject& answer) {
        if (context.json()) {
            context.printJson(answer);
        } else {
            const QList<QJsonObject> tasks = objects(answer["tasks"]);
            context.print(runText(answer["run"].toObject(), tasks,
                                  answer["tasksTotal"].toInteger(tasks.size()), Style::Screen,
                                  context.nowMs(), screenColumns()));
        }
        context.finish(ExitCode::Ok);
    });
}

void runFlowLog(Context& context)
{
    int lines = 0;
    if (!context.number(QStringLiteral("lines"), 100, &lines)) {
        return;
    }
    const QJsonObject params{{"run", context.argument(0)}, {"task", context.argument(1)}, {"lines", lines}};
    context.call(QStringLiteral("flow.log"), params, [&context](const QJsonObject& answer) {
        if (context.json()) {
            context.printJson(answer);
        } else {
            for (const QJsonValue& line : answer["lines"].toArray()) {
                context.print(QStringLiteral("%1  %2  %3\n")
                                  .arg(when(line["at"].toString(), context.nowMs()),
                                       line["level"].toString().leftJustified(5), line["text"].toString()));
            }
        }
        context.finish(ExitCode::Ok);
    });
}

void runFlowApprove(Context& context)
{
    changeAndSay(context, QStringLiteral("flow.approve"),
                 {{"run", context.argument(0)}, {"task", context.argument(1)}},
                 QStringLiteral("%1 of %2 is approved").arg(context.argument(1), context.argument(0)));
}

}  // namespace sluice::ctl
