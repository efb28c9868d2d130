#include "case_text.h"
#include "command.h"
#include "context.h"
#include "words.h"

namespace sluice::ctl {
namespace {

void listCases(Context& context, bool closed)
{
    context.call(QStringLiteral("cases.list"), {{"closed", closed}}, [&context](const QJsonObject& answer) {
        if (context.json()) {
            context.printJson(answer);
        } else {
            context.print(casesText(objects(answer["cases"]), answer["total"].toInteger(), context.nowMs()));
        }
        context.finish(ExitCode::Ok);
    });
}

}  // namespace

void runDoctor(Context& context)
{
    if (context.argument(0).isEmpty()) {
        listCases(context, false);
        return;
    }
    context.call(QStringLiteral("doctor.run"), {{"run", context.argument(0)}},
                 [&context](const QJsonObject& answer) {
                     if (context.json()) {
                         context.printJson(answer);
                     } else {
                         context.print(caseText(answer["case"].toObject(), context.nowMs()));
                     }
                     context.finish(ExitCode::Ok);
                 });
}

void runCases(Context& context)
{
    listCases(context, context.arguments().has(QStringLiteral("all")));
}

}  // namespace sluice::ctl
