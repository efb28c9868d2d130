#include <QtCore/QJsonArray>

#include "command.h"
#include "context.h"
#include "estate_text.h"
#include "live_view.h"

namespace sluice::ctl {

void runEstate(Context& context)
{
    QJsonObject filter;
    for (const char* option : {"connection", "kind"}) {
        if (context.arguments().has(option)) {
            filter[option] = context.arguments().value(option);
        }
    }
    if (context.watch()) {
        new LiveView(context, {.topics = {{.topic = QStringLiteral("estate"), .filter = filter}},
                               .text = [&context](const LiveView::Rows& rows, Style style) {
                                   return estateText(rows.first().rows(), style, context.nowMs());
                               }});
        return;
    }
    context.call(QStringLiteral("estate.list"), filter, [&context](const QJsonObject& answer) {
        if (context.json()) {
            context.printJson(answer);
        } else {
            QList<QJsonObject> rows;
            for (const QJsonValue& row : answer["entities"].toArray()) {
                rows.append(row.toObject());
            }
            context.print(estateText(rows, Style::Screen, context.nowMs()));
        }
        context.finish(ExitCode::Ok);
    });
}

}  // namespace sluice::ctl
