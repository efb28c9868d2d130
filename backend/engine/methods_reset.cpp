
#include <QtCore/QJsonArray>

#include "engine/key_actions.h"
#include "engine/parts.h"
#include "rpc/method_table.h"

namespace sluice::engine {

using rpc::Reply;
using rpc::Request;
using rpc::Role;

void refuse(Engine::Parts* parts, const Request& request, const QString& object, const Error& error,
            const Reply& reply)
{
    parts->actions->appendRecord(askerOf(request), request.method, 2, {object}, QStringLiteral("refused"),
                                 {{"error", error.toJson()}});
    reply(fail(error));
}

namespace {

QJsonObject listCases(const CaseBook& cases, bool closed)
{
    constexpr qsizetype kMost = 200;
    const QStringList ids = closed ? cases.ids() : cases.ids().mid(0, cases.openCount());
    QJsonArray rows;
    for (const QString& id : ids.mid(0, kMost)) {
        QJsonObject row = cases.row(id);
        for (const auto* member : {"findings", "chain", "timeline", "byRun", "broken"}) {
            row.remove(QLatin1String(member));
        }
        rows.append(row);
    }
    return {{"cases", rows}, {"total", static_cast<qint64>(ids.size())}};
}

}  // namespace

void addResetMethods(rpc::MethodTable& table, Engine::Parts* parts)
{
    const QString since = QStringLiteral("0.1");
    const rpc::Field run{"run", "string", true, "id of a run"};
    actions::addAction(table, parts ? parts->actions.get() : nullptr,
                       resetAction(parts ? parts->resets.get() : nullptr));
    table.add({.name = "doctor.run",
               .role = Role::Viewer,
               .params = {{"run", "string", true, "id of a run; of a case: what is known of it"}},
               .result = {{"case", "object", true, "row of topic cases; id is null if nothing is wrong"}},
               .since = since,
               .doc = "Why a run does not move: asks for fresh evidence first, answers within 5 s.",
               .handler = [parts](const Request& request, Reply reply) {
                   const auto told = [reply](const Result<QJsonObject>& row) {
                       reply(row ? Result<QJsonObject>(QJsonObject{{"case", *row}}) : row);
                   };
                   const QString id = request.params["run"].toString();
                   if (const QJsonObject known = parts->cases->row(id); !known.isEmpty()) {
                       told(known);
                   } else {
                       parts->doctor->examine(id, told);
                   }
               }});
    table.add({.name = "cases.list",
               .role = Role::Viewer,
               .params = {{"closed", "boolean", false, "those that are closed too"}},
               .result = {{"cases", "array", true,
                           "rows of topic cases, open first, newest first, without findings, chain and "
                           "timeline; at most 200"},
                          {"total", "integer", true, "how many there are"}},
               .since = since,
               .doc = "What needs a person: runs that stopped, and what is broken although no run waits.",
               .handler = [parts](const Request& request, Reply reply) {
                   reply(listCases(*parts->cases, request.params["closed"].toBool()));
               }});
    table.add(
        {.name = "actions.show",
         .role = Role::Viewer,
         .params = {{"action", "string", true, "id of an action"}},
         .result = {{"action", "object", true, "row of topic actions, with all steps and {plan}"}},
         .since = since,
         .doc = "One action of the last 200.",
         .handler = [parts](const Request& request, Reply reply) {
             const QJsonObject row = parts->actions->full(request.params["action"].toString());
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
    actions::ActionRunner* runner = parts ? parts->actions.get() : nullptr;
    KeyService* keys = parts ? parts->keys.get() : nullptr;
    actions::addAction(table, runner, rotateKeyAction(keys));
    actions::addAction(table, runner, renewKeyAction(keys));
}

}  // namespace sluice::engine
