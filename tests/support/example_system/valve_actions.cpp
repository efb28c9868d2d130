#include "tests/support/example_system/valve_actions.h"

namespace sluice::example {
namespace {

constexpr int kCallMs = 5000;

actions::Step step(const std::shared_ptr<connect::Link>& link, const QJsonObject& params, const QString& verb,
                   bool open)
{
    const QString connection = params["connection"].toString();
    const QJsonObject valve{{"valve", params["valve"]}};
    const QString seen = open ? QStringLiteral("water runs") : QStringLiteral("no water runs");
    return {.id = verb,
            .title = QStringLiteral("%1 %2").arg(verb, params["valve"].toString()),
            .checkedBy = seen,
            .name = QStringLiteral("valve.") + verb,
            .act =
                [=](actions::Step::Acted done) {
                    link->call(connection, QStringLiteral("valve.") + verb, valve, kCallMs, true,
                               [done](const Result<QJsonObject>& answer) {
                                   done(answer ? Result<actions::Effect>(actions::Effect{})
                                               : Result<actions::Effect>(fail(answer.error())));
                               });
                },
            .verify =
                [=](actions::Step::Seen done) {
                    link->call(connection, QStringLiteral("valve.read"), valve, kCallMs, false,
                               [=](const Result<QJsonObject>& answer) {
                                   if (answer && (*answer)["open"].toBool() == open) {
                                       done(seen);
                                   } else {
                                       done(fail(answer ? Error{.code = ErrorCode::Aborted,
                                                                .message = QStringLiteral("it is not so")}
                                                        : answer.error()));
                                   }
                               });
                }};
}

}  // namespace

QList<actions::Description> valveActions(const connect::LinkFor& linkFor)
{
    return {
        {.method = QStringLiteral("valve.flush"),
         .actionClass = 2,
         .params = {{"connection", "string", true, "of a waterworks"}, {"valve", "string", true, "its name"}},
         .planMembers = QStringLiteral("{action, class, connection, valve, steps, touches, cannotUndo}"),
         .doc = QStringLiteral("Shuts a valve and opens it again."),
         .planDoc = QStringLiteral("What flushing a valve would do. Changes nothing."),
         .plan =
             [](const actions::Call& call, actions::Description::Planned done) {
                 const QString valve = call.params["valve"].toString();
                 done(
                     actions::Plan{.title = QStringLiteral("Flush %1").arg(valve),
                                   .objects = {call.params["connection"].toString() + "/valve/" + valve},
                                   .decided = {{"connection", call.params["connection"]}, {"valve", valve}}});
             },
         .steps =
             [linkFor](const actions::Call& call) {
                 const auto link = linkFor(call.asker);
                 return QList<actions::Step>{step(link, call.params, QStringLiteral("shut"), false),
                                             step(link, call.params, QStringLiteral("open"), true)};
             },
         .resumes = true}};
}

}  // namespace sluice::example
