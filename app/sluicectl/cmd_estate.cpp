#include <QtCore/QJsonArray>
#include <QtCore/QSet>
#include <optional>

#include "command.h"
#include "context.h"
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
             Style style, qint64 nowMs)
{
    const QString kind = filter["kind"].toString();
    if (rows.isEmpty() && !filter.isEmpty()) {
        const QString on = filter["connection"].toString();
        return QStringLiteral("Nothing%1 is known%2.\n")
            .arg(kind.isEmpty() ? QString() : QStringLiteral(" of kind '%1'").arg(kind),
                 on.isEmpty() ? QString() : " of " + on);
    }
    QSet<QString> shown;
    for (const QJsonObject& row : std::as_const(rows)) {
        shown.insert(row["connection"].toString());
    }
    for (const QJsonObject& connection : connections) {
        if (shown.contains(connection["connection"].toString())) {
            rows.append(connection);
        }
    }
    return estateText(rows, style, nowMs);
}

/// Nothing, if `filter` names what there is or could be.
std::optional<Error> unknownName(const QJsonObject& filter, const QList<QJsonObject>& all)
{
    QSet<QString> connections;
    QSet<QString> kinds(estateKinds().cbegin(), estateKinds().cend());
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

void watchEstate(Context& context, const QJsonObject& filter)
{
    QList<rpc::Subscribe> topics{{.topic = kTopic, .filter = filter}};
    // With --json only what was asked for is printed.
    if (filter.contains(QLatin1String("kind")) && !context.json()) {
        topics.append({.topic = kTopic, .filter = connectionsOf(filter)});
    }
    new LiveView(context,
                 {.topics = topics, .text = [&context, filter](const LiveView::Rows& rows, Style style) {
                      const auto connections = rows.size() > 1 ? rows.at(1).rows() : QList<QJsonObject>();
                      return text(rows.first().rows(), connections, filter, style, context.nowMs());
                  }});
}

void show(Context& context, const QJsonObject& filter, const QJsonObject& answer)
{
    if (context.watch()) {
        watchEstate(context, filter);
        return;
    }
    if (context.json()) {
        context.printJson(answer);
        context.finish(ExitCode::Ok);
        return;
    }
    const QList<QJsonObject> rows = objects(answer["entities"]);
    const auto print = [&context, filter, rows](const QList<QJsonObject>& connections) {
        context.print(text(rows, connections, filter, Style::Screen, context.nowMs()));
        context.finish(ExitCode::Ok);
    };
    if (!filter.contains(QLatin1String("kind"))) {
        print({});
        return;
    }
    context.call(kList, connectionsOf(filter),
                 [print](const QJsonObject& found) { print(objects(found["entities"])); });
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
    context.call(kList, filter, [&context, filter](const QJsonObject& answer) {
        if (filter.isEmpty() || !answer["entities"].toArray().isEmpty()) {
            show(context, filter, answer);
            return;
        }
        // There may be none just now, or never any of that name.
        context.call(kList, {}, [&context, filter, answer](const QJsonObject& all) {
            if (const auto error = unknownName(filter, objects(all["entities"]))) {
                context.finish(*error);
            } else {
                show(context, filter, answer);
            }
        });
    });
}

}  // namespace sluice::ctl
