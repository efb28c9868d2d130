#include <QtCore/QJsonArray>
#include <QtCore/QSet>
#include <optional>

#include "command.h"
#include "context.h"
#include "entity_kinds.h"
#include "estate_text.h"
#include "live_view.h"
#include "words.h"

namespace sluice::ctl {
namespace {

const QString kTopic = QStringLiteral("estate");
const QString kList = QStringLiteral("estate.list");

/// Where the rows of connections are that belong to what `filter` shows.
QJsonObject connectionsOf(QJsonObject filter)
{
    filter["kind"] = "connection";
    return filter;
}

QString text(QList<QJsonObject> rows, const QList<QJsonObject>& connections, const QJsonObject& filter,
             const EntityKinds& kinds, Style style, qint64 nowMs)
{
    const QString kind = filter["kind"].toString();
    if (rows.isEmpty() && !filter.isEmpty()) {
        const QString on = filter["connection"].toString();
        return QStringLiteral("Nothing%1 is known%2.\n")
            .arg(kind.isEmpty() ? QString() : QStringLiteral(" of kind '%1'").arg(kind),
                 on.isEmpty() ? QString() : " of " + on);
    }
    QSet<QString> shown;
    QSet<QString> ids;
    for (const QJsonObject& row : std::as_const(rows)) {
        shown.insert(row["connection"].toString());
        ids.insert(row["id"].toString());
    }
    // Of all that is there no connection is left out, with or without rows; else those that have some.
    for (const QJsonObject& connection : connections) {
        const bool wanted = kind.isEmpty() || shown.contains(connection["connection"].toString());
        if (wanted && !ids.contains(connection["id"].toString())) {
            rows.append(connection);
        }
    }
    return estateText(rows, kinds, style, nowMs);
}

/// All rows that `filter` leaves, page by page.
void readAll(Context& context, const QJsonObject& filter, std::function<void(const QJsonObject&)> then,
             QJsonArray before = {})
{
    QJsonObject params = filter;
    if (!before.isEmpty()) {
        params["offset"] = before.size();
    }
    context.call(kList, params, [&context, filter, then = std::move(then), before](const QJsonObject& page) {
        QJsonArray rows = before;
        const QJsonArray more = page["entities"].toArray();
        for (const QJsonValue& row : more) {
            rows.append(row);
        }
        const qint64 total = page["total"].toInteger(rows.size());
        if (rows.size() < total && !more.isEmpty()) {
            readAll(context, filter, then, rows);
            return;
        }
        then(QJsonObject{{"entities", rows}, {"total", total}});
    });
}

/// Nothing, if `filter` names what there is or could be.
std::optional<Error> unknownName(const QJsonObject& filter, const EntityKinds& table,
                                 const QList<QJsonObject>& all)
{
    QSet<QString> connections;
    const QStringList declared = table.names();
    QSet<QString> kinds(declared.cbegin(), declared.cend());
    for (const QJsonObject& row : all) {
        connections.insert(row["connection"].toString());
        kinds.insert(row["kind"].toString());
    }
    const auto none = [](const QString& what, const QString& name, const QSet<QString>& known,
                         const QString& correction) {
        QStringList names(known.cbegin(), known.cend());
        names.sort();
        return Error{.code = ErrorCode::NotFound,
                     .message = QStringLiteral("No %1 '%2' is known").arg(what, name),
                     .cause = names.isEmpty()
                                  ? QStringLiteral("no %1 is known yet").arg(what)
                                  : QStringLiteral("known are: %1").arg(names.join(QStringLiteral(", "))),
                     .correction = correction,
                     .source = QStringLiteral("sluicectl")};
    };
    const QString connection = filter["connection"].toString();
    if (filter.contains(QLatin1String("connection")) && !connections.contains(connection)) {
        return none(QStringLiteral("connection"), connection, connections,
                    QStringLiteral(
                        "Name one of these. One that was never reached is known from its first answer on."));
    }
    const QString kind = filter["kind"].toString();
    if (filter.contains(QLatin1String("kind")) && !kinds.contains(kind)) {
        return none(QStringLiteral("kind"), kind, kinds, QStringLiteral("Name one of these."));
    }
    return std::nullopt;
}

void watchEstate(Context& context, const QJsonObject& filter, const EntityKinds& kinds)
{
    QList<rpc::Subscribe> topics{{.topic = kTopic, .filter = filter}};
    // With --json only what was asked for is printed. Else connections stand above what belongs to them; a
    // window of their own cuts none of them off.
    if (!context.json()) {
        QJsonObject heads = connectionsOf(filter);
        if (!filter.contains(QLatin1String("kind"))) {
            heads["kind"] = QJsonArray{"connection", "health"};
        }
        topics.append({.topic = kTopic, .filter = heads});
    }
    new LiveView(
        context,
        {.topics = topics, .text = [&context, filter, kinds](const LiveView::Rows& rows, Style style) {
             const auto connections = rows.size() > 1 ? rows.at(1).rows() : QList<QJsonObject>();
             return text(rows.first().rows(), connections, filter, kinds, style, context.nowMs());
         }});
}

void show(Context& context, const QJsonObject& filter, const EntityKinds& kinds, const QJsonObject& answer)
{
    if (context.watch()) {
        watchEstate(context, filter, kinds);
        return;
    }
    if (context.json()) {
        context.printJson(answer);
        context.finish(ExitCode::Ok);
        return;
    }
    const QList<QJsonObject> rows = objects(answer["entities"]);
    const auto print = [&context, filter, kinds, rows](const QList<QJsonObject>& connections) {
        context.print(text(rows, connections, filter, kinds, Style::Screen, context.nowMs()));
        context.finish(ExitCode::Ok);
    };
    if (!filter.contains(QLatin1String("kind"))) {
        print({});
        return;
    }
    readAll(context, connectionsOf(filter),
            [print](const QJsonObject& found) { print(objects(found["entities"])); });
}

void showAs(Context& context, const QJsonObject& filter, const EntityKinds& kinds)
{
    readAll(context, filter, [&context, filter, kinds](const QJsonObject& answer) {
        if (filter.isEmpty() || !answer["entities"].toArray().isEmpty()) {
            show(context, filter, kinds, answer);
            return;
        }
        // There may be none just now, or never any of that name.
        readAll(context, {}, [&context, filter, kinds, answer](const QJsonObject& all) {
            if (const auto error = unknownName(filter, kinds, objects(all["entities"]))) {
                context.finish(*error);
            } else {
                show(context, filter, kinds, answer);
            }
        });
    });
}

}  // namespace

void runEstate(Context& context)
{
    QJsonObject filter;
    for (const char* option : {"connection", "kind"}) {
        if (context.arguments().has(option)) {
            filter[option] = context.arguments().value(option);
        }
    }
    readKinds(context, [&context, filter](const EntityKinds& kinds) { showAs(context, filter, kinds); });
}

}  // namespace sluice::ctl
