
#include <algorithm>

#include "ui/models/columns.h"
#include "ui/models/freshness.h"
#include "ui/models/marks.h"
#include "ui/models/texts.h"
#include "ui/models/words.h"
#include "ui/session/row.h"
#include "ui/session/session.h"

namespace sluice::models {
namespace {

using session::facts;
using session::str;
using session::time;

Column healthColumn(session::Session& session, const QString& key, const QString& title)
{
    const auto mark = [&session, key](const QJsonObject& connection) {
        const QJsonObject health =
            session.estateRow(str(connection, u"connection"), QStringLiteral("health"));
        return health.isEmpty() ? connectionHealth(connection, key)
                                : healthMark(health, key, isStale(session, health));
    };
    return {.id = key,
            .title = title,
            .toolTip = [mark](const QJsonObject& connection, qint64) { return mark(connection).meaning; },
            .state = mark,
            .width = key == QLatin1String("posture") ? 94 : 104};
}

}  // namespace

bool isStale(session::Session& session, const QJsonObject& row)
{
    const qint64 at = time(row, u"observedAt");
    return at > 0 && session.ticker().ageMs(at) > factStaleAfterMs(session, row);
}

qint64 staleSince(session::Session& session, const QString& connection, const QString& kind)
{
    qint64 oldest = 0;
    bool stale = false;
    for (const QJsonObject& row : session.estateOf(kind, connection)) {
        const qint64 at = time(row, u"observedAt");
        stale = stale || isStale(session, row);
        oldest = oldest == 0 ? at : std::min(oldest, at);
    }
    return stale ? oldest : 0;
}

RowTraits estateTraits(session::Session& session)
{
    return {.observedAt = QStringLiteral("observedAt"),
            .staleAfterMs = [&session](const QJsonObject& row) { return factStaleAfterMs(session, row); }};
}

QString connectionOfHealth(const QJsonObject& row)
{
    const QString connection = str(row, u"connection");
    return str(row, u"kind") == QLatin1String("health")
               ? connection + QStringLiteral("/connection/") + connection
               : QString();
}

QList<Column> healthColumns(session::Session& session)
{
    return {
        {.id = QStringLiteral("connection"),
         .title = tr("Connection"),
         .text = [](const QJsonObject& row, qint64) { return str(row, u"connection"); },
         .note =
             [](const QJsonObject& row, qint64) {
                 const QString title = str(facts(row), u"title");
                 return (translated(title.isEmpty() ? str(facts(row), u"type") : title) + ' ' +
                         str(facts(row), u"version"))
                     .trimmed();
             },
         .toolTip =
             [](const QJsonObject& row, qint64) {
                 const QJsonObject error = session::obj(facts(row), u"error");
                 return error.isEmpty() ? QString() : session::errorOf(error).toLine();
             },
         .name = true},
        healthColumn(session, QStringLiteral("availability"), tr("Availability")),
        healthColumn(session, QStringLiteral("redundancy"), tr("Redundancy")),
        healthColumn(session, QStringLiteral("posture"), tr("Posture")),
        {.id = QStringLiteral("age"),
         .title = tr("Age"),
         .text =
             [](const QJsonObject& row, qint64 nowMs) {
                 const QString age = ageText(oldestFactMs(row), nowMs);
                 return age.isEmpty() ? tr("never") : age;
             },
         .sortKey = [](const QJsonObject& row) { return oldestFactMs(row); },
         .right = true,
         .quiet = true,
         .ages = true,
         .width = 76},
    };
}

}  // namespace sluice::models
