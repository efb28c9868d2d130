#include "case_text.h"
#include "command.h"
#include "context.h"

namespace sluice::ctl {

void runDoctor(Context& context)
{
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

}  // namespace sluice::ctl
