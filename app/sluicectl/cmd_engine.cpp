#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "command.h"
#include "context.h"
#include "core/visible_text.h"
#include "live_view.h"
#include "table.h"
#include "words.h"

namespace sluice::ctl {
namespace {

QString engineText(const QJsonObject& row, Style style, qint64 nowMs)
{
    const QJsonObject profile = row["profile"].toObject();
    Table table({});
    table.add({"engine", row["engineId"].toString()});
    table.add({"version", row["version"].toString()});
    table.add({"started", style == Style::Screen ? ago(row["startedAt"].toString(), nowMs)
                                                 : row["startedAt"].toString()});
    if (row["startedAfterCrash"].toBool()) {
        table.add({"before", QStringLiteral("it had ended unexpectedly; open cases and runs go on")});
    }
    table.add(
        {"profile", profile["name"].toString() + (profile["production"].toBool() ? ", PRODUCTION" : "")});
    table.add(
        {"people", row["singlePerson"].toBool() ? "one: there is no second person to approve" : "several"});
    table.add({"acts", row["acting"].toBool() ? "yes" : "NO: " + row["notActingWhy"].toString()});
    for (const QJsonValue& finding : row["stateFindings"].toArray()) {
        table.add({"in doubt", finding["file"].toString() + ": " + finding["what"].toString()});
    }
    if (style == Style::Screen) {
        table.add({"loop lag", QStringLiteral("%1 ms (p99)").arg(row["loopLagP99Ms"].toDouble(), 0, 'f', 1)});
    }
    table.add({"audit", QStringLiteral("%1, head %2")
                            .arg(counted(row["auditRecords"].toInteger(), QStringLiteral("record")),
                                 orDash(row["auditHead"].toString()))});
    return table.text();
}

/// What to do where accepting is not possible; else empty.
QString correctionOf(const QJsonArray& findings)
{
    for (const QJsonValue& finding : findings) {
        if (const QString correction = finding["correction"].toString(); !correction.isEmpty()) {
            return correction;
        }
    }
    return {};
}

/// What looks like a number or a switch may be that or a text: "0" is the name of an OSD, 0 a class.
QJsonValue filterValue(const QString& text)
{
    const QJsonValue value = QJsonDocument::fromJson('[' + text.toUtf8() + ']')[0];
    return value.isBool() || value.isDouble() ? QJsonValue(QJsonArray{value, text}) : QJsonValue(text);
}

bool subscriptionOf(Context& context, rpc::Subscribe* what)
{
    *what = {.topic = context.argument(0)};
    for (const QString& given : context.arguments().options.value(QStringLiteral("filter"))) {
        if (!given.contains('=') || given.startsWith('=')) {
            context.explain(Error{.code = ErrorCode::InvalidArgument,
                                  .message = QStringLiteral("--filter is not NAME=VALUE: %1").arg(given),
                                  .source = QStringLiteral("sluicectl")});
            context.finish(ExitCode::Usage);
            return false;
        }
        what->filter[given.section('=', 0, 0)] = filterValue(given.section('=', 1));
    }
    what->fields = context.arguments().value(QStringLiteral("fields")).split(',', Qt::SkipEmptyParts);
    return context.number(QStringLiteral("limit"), 0, &what->limit);
}

}  // namespace

void runEngine(Context& context)
{
    if (context.watch()) {
        new LiveView(context, {.topics = {{.topic = QStringLiteral("engine")}},
                               .text = [&context](const LiveView::Rows& rows, Style style) {
                                   return engineText(rows.first().row(QStringLiteral("engine")), style,
                                                     context.nowMs());
                               }});
        return;
    }
    context.call(QStringLiteral("engine.info"), {}, [&context](const QJsonObject& answer) {
        if (context.json()) {
            context.printJson(answer);
        } else {
            const QJsonValue row = answer["engine"];
            context.print(
                engineText(row.isObject() ? row.toObject() : answer, Style::Screen, context.nowMs()));
        }
        context.finish(ExitCode::Ok);
    });
}

void runAcceptState(Context& context)
{
    context.call(QStringLiteral("engine.info"), {}, [&context](const QJsonObject& answer) {
        const QJsonArray findings = answer["engine"]["stateFindings"].toArray();
        const bool yes = context.arguments().has(QStringLiteral("yes"));
        if (context.json() && !yes) {
            context.printJson({{"stateFindings", findings}});
        } else if (!context.json()) {
            for (const QJsonValue& finding : findings) {
                context.print(
                    QStringLiteral("%1: %2\n").arg(finding["file"].toString(), finding["what"].toString()));
            }
        }
        if (findings.isEmpty()) {
            context.remark(QStringLiteral("The engine's files fit together; there is nothing to accept.\n"));
            context.finish(ExitCode::Ok);
        } else if (!yes) {
            const QString correction = correctionOf(findings);
            context.remark(
                correction.isEmpty()
                    ? QStringLiteral("Nothing was accepted. To give up what is missing: sluicectl engine "
                                     "accept-state --reason WHY --yes\n")
                    : QStringLiteral("It cannot be accepted. %1.\n").arg(correction));
            context.finish(ExitCode::Ok);
        } else {
            context.change(QStringLiteral("engine.accept_state"), {{"findings", findings}},
                           [&context](const QJsonObject& done) {
                               if (context.json()) {
                                   context.printJson(done);
                               } else {
                                   context.print(QStringLiteral("Accepted; the engine acts.\n"));
                               }
                               context.finish(ExitCode::Ok);
                           });
        }
    });
}

void runWatch(Context& context)
{
    rpc::Subscribe what;
    if (!subscriptionOf(context, &what)) {
        return;
    }
    const bool once = context.arguments().has(QStringLiteral("once"));
    context.client().subscribe(
        what, &context,
        [&context, once, topic = what.topic](const rpc::TopicChange& change) {
            if (change.reset) {
                sayWhatIsCut(context, topic, change);
            }
            for (const QJsonObject& row : change.upserts) {
                if (context.json()) {
                    context.printJson(row);
                } else {
                    context.print(visibleText(row["id"].toString()) + ' ' + compactJson(row) + '\n');
                }
            }
            for (const QString& id : change.removed) {
                if (context.json()) {
                    context.printJson({{"id", id}, {"removed", true}});
                } else {
                    context.print('-' + visibleText(id) + '\n');
                }
            }
            if (once) {
                context.finish(ExitCode::Ok);
            }
        },
        [&context](const Error& error) { context.finish(error); });
}

}  // namespace sluice::ctl
