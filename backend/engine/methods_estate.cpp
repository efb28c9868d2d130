#include "engine/methods_estate.h"

#include <QtCore/QJsonArray>
#include <algorithm>

namespace sluice::engine {

using rpc::Reply;
using rpc::Request;
using rpc::Role;

namespace {

constexpr int kEntities = 10'000;

}  // namespace

void addEstateMethods(rpc::MethodTable& table, const estate::Estate* estate, const estate::EntityKinds& kinds)
{
    const QString since = QStringLiteral("0.1");
    table.add(
        {.name = "estate.kinds",
         .role = Role::Viewer,
         .result = {{"kinds", "array", true,
                     "{kind, system, title: {one, many}, meaning, listed, fields: [{key, type, meaning, "
                     "title?, unit?}], state?, states?: [{word, tone, meaning}]}. A field with a title "
                     "is a column; state is the key of the field that is the state, states the words "
                     "it may say; listed: worth a table, false: evidence or the engine's own words"}},
         .since = since,
         .doc = "Which kinds of entities there are and what their facts hold; the same for as long as "
                "the engine runs.",
         .handler = [rows = kinds.toJson()](const Request&, Reply reply) {
             reply(QJsonObject{{"kinds", rows}});
         }});
    table.add({.name = "estate.list",
               .role = Role::Viewer,
               .params = {{"connection", "string", false, "only of this connection"},
                          {"kind", "string", false, "only of this kind"},
                          {"offset", "integer", false, "rows to leave out at the beginning, 0 by default"},
                          {"limit", "integer", false, "10,000 by default and at most"}},
               .result = {{"entities", "array", true, "rows of topic estate, in order of id"},
                          {"total", "integer", true, "how many there are without offset and limit"}},
               .since = since,
               .doc = "What is there, with source and age.",
               .handler = [estate](const Request& request, Reply reply) {
                   QJsonObject filter;
                   for (const QString& name : {QStringLiteral("connection"), QStringLiteral("kind")}) {
                       if (const QString wanted = request.params[name].toString(); !wanted.isEmpty()) {
                           filter[name] = wanted;
                       }
                   }
                   const QStringList ids = estate->idsOf(filter);
                   const int offset = std::max(0, request.params["offset"].toInt());
                   const int limit = qBound(1, request.params["limit"].toInt(kEntities), kEntities);
                   QJsonArray rows;
                   for (const QString& id : ids.mid(offset, limit)) {
                       rows.append(estate->row(id));
                   }
                   reply(QJsonObject{{"entities", rows}, {"total", ids.size()}});
               }});
}

}  // namespace sluice::engine
