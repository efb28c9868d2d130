#include "estate_text.h"

#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QMap>
#include <QtCore/QStringList>
#include <algorithm>

#include "core/clock.h"
#include "core/units.h"
#include "table.h"
#include "words.h"

namespace sluice::ctl {
namespace {

constexpr qint64 kStaleAfterMs = 15'000;

QString yes(const QJsonValue& value, const QString& word, const QString& otherwise)
{
    return value.isBool() ? (value.toBool() ? word : otherwise) : QStringLiteral("?");
}

QString bytes(const QJsonValue& value)
{
    return value.isDouble() ? formatBytes(value.toDouble()) : QStringLiteral("?");
}

QString count(const QJsonValue& value)
{
    return value.isDouble() ? formatCount(value.toInteger()) : QStringLiteral("?");
}

QString count(const QJsonValue& value, const QString& one)
{
    return value.isDouble() ? counted(value.toInteger(), one) : QStringLiteral("? %1s").arg(one);
}

QString cluster(const QJsonObject& f)
{
    const QString health = f["health"].toString();
    return QStringLiteral("%1%2, OSDs %3 up %4 in of %5, mgr %6")
        .arg(orDash(health), f["healthBelieved"].toBool(true) ? QString() : QStringLiteral(" (not believed)"),
             count(f["osdsUp"]), count(f["osdsIn"]), count(f["osdsTotal"]),
             f["mgrAvailable"].toBool() ? f["mgrName"].toString() : QStringLiteral("none"));
}

QString monQuorum(const QJsonObject& f)
{
    QString text = QStringLiteral("%1, in: %2")
                       .arg(yes(f["quorate"], "quorate", "QUORUM LOST"),
                            orDash(joined(f["inQuorum"], QStringLiteral(" "))));
    if (!f["outside"].toArray().isEmpty()) {
        text += QStringLiteral(", out: ") + joined(f["outside"], QStringLiteral(" "));
    }
    return text + QStringLiteral(", needs %1 of %2").arg(count(f["needed"]), count(f["total"]));
}

QString mon(const QJsonObject& f)
{
    QString text = orDash(f["state"].toString());
    if (f["answers"].toBool() && f["probeMs"].isDouble()) {
        text += QStringLiteral(", answers in %1 ms").arg(f["probeMs"].toInteger());
    }
    const QJsonValue error = f["error"];
    const QString why = error.isObject() ? error["message"].toString() : error.toString();
    return why.isEmpty() ? text : text + QStringLiteral(": ") + why;
}

QString osd(const QJsonObject& f)
{
    return QStringLiteral("%1 %2 on %3, %4 of %5, %6")
        .arg(yes(f["up"], "up", "DOWN"), yes(f["in"], "in", "out"), orDash(f["host"].toString()),
             bytes(f["usedBytes"]), bytes(f["totalBytes"]), count(f["pgCount"], QStringLiteral("PG")));
}

QString cephPool(const QJsonObject& f)
{
    const QString figures =
        f.contains(QLatin1String("objects"))
            ? QStringLiteral("%1, %2 stored")
                  .arg(count(f["objects"], QStringLiteral("object")), bytes(f["storedBytes"]))
            : QStringLiteral("not counted yet");
    QString text = QStringLiteral("%1, size %2/%3").arg(figures, count(f["size"]), count(f["minSize"]));
    if (f["quotaBytes"].toDouble() > 0) {
        text += QStringLiteral(", quota %1").arg(bytes(f["quotaBytes"]));
    }
    if (f["quotaObjects"].toDouble() > 0) {
        text += QStringLiteral(", quota %1").arg(count(f["quotaObjects"], QStringLiteral("object")));
    }
    return text + (f["full"].toBool() || f["fullQuota"].toBool() ? QStringLiteral(", FULL")
                   : f["nearFull"].toBool()                      ? QStringLiteral(", nearly full")
                                                                 : QString());
}

QString pgSummary(const QJsonObject& f)
{
    QStringList states;
    const QJsonObject byState = f["byState"].toObject();
    for (auto it = byState.begin(); it != byState.end(); ++it) {
        states.append(QStringLiteral("%1 %2").arg(count(*it), it.key()));
    }
    return QStringLiteral("%1: %2").arg(count(f["total"], QStringLiteral("PG")),
                                        orDash(states.join(QStringLiteral(", "))));
}

QString lock(const QJsonObject& f)
{
    QStringList holders;
    for (const QJsonValue& holder : f["holders"].toArray()) {
        holders.append(
            QStringLiteral("%1 at %2").arg(holder["client"].toString(), holder["address"].toString()));
    }
    return QStringLiteral("%1, held by %2")
        .arg(f["exclusive"].toBool() ? "exclusive" : "shared", orDash(holders.join(QStringLiteral(", "))));
}

QString gateway(const QJsonObject& f)
{
    return QStringLiteral("%1 %2").arg(f["endpoint"].toString(),
                                       yes(f["answers"], "answers", "DOES NOT ANSWER"));
}

QString luigiTask(const QJsonObject& f)
{
    QStringList needs;
    for (const QJsonValue& task : f["dependsOn"].toArray()) {
        needs.append(task.toString());
    }
    return QStringLiteral("%1, worker %2, needs %3")
        .arg(f["status"].toString(), orDash(f["workerRunning"].toString()),
             orDash(needs.join(QStringLiteral(", "))));
}

QString healthCheck(const QJsonObject& f)
{
    return QStringLiteral("%1: %2").arg(f["severity"].toString(), f["summary"].toString());
}

using Describe = QString (*)(const QJsonObject&);

const QHash<QString, Describe>& descriptions()
{
    static const QHash<QString, Describe> kDescribe{
        {"cluster", cluster},      {"mon-quorum", monQuorum},     {"mon", mon},   {"osd", osd},
        {"ceph-pool", cephPool},   {"pg-summary", pgSummary},     {"lock", lock}, {"gateway", gateway},
        {"luigi-task", luigiTask}, {"health-check", healthCheck},
    };
    return kDescribe;
}

QString whatOf(const EntityKinds& kinds, const QString& kind, const QJsonObject& f)
{
    const bool ours = descriptions().contains(kind) || !kinds.isListed(kind);
    return ours ? descriptions().value(kind, plainFacts)(f) : kinds.line(kind, f);
}

/// The kind that all of them are of, if its columns are the engine's; else empty.
QString kindInColumns(const EntityKinds& kinds, const QList<QJsonObject>& entities)
{
    const QString kind = entities.isEmpty() ? QString() : entities.first()["kind"].toString();
    const bool one = std::all_of(entities.begin(), entities.end(), [&kind](const QJsonObject& entity) {
        return entity["kind"].toString() == kind;
    });
    return one && kinds.isListed(kind) && !descriptions().contains(kind) ? kind : QString();
}

QString connectionText(const QString& name, const QJsonObject& c, const QJsonObject& health, Style style,
                       qint64 nowMs)
{
    QString out = name;
    if (!c.isEmpty()) {
        out += QStringLiteral("  %1 %2  %3")
                   .arg(c["type"].toString(), c["version"].toString(), orDash(c["state"].toString()));
    }
    if (c.contains(QLatin1String("canAct"))) {
        out += c["canAct"].toBool() ? QStringLiteral("  may act")
                                    : QStringLiteral("  read-only: %1").arg(c["whyNot"].toString());
    }
    if (style == Style::Screen && !c.isEmpty()) {
        out += QStringLiteral("  last contact %1").arg(ago(c["lastContactAt"].toString(), nowMs));
    }
    const QJsonValue error = c["error"];
    const QString why = error.isObject() ? Error::fromJson(error.toObject()).toLine() : error.toString();
    out += '\n' + (why.isEmpty() ? QString() : QStringLiteral("  %1\n").arg(why));
    if (const QString caveat = c["lease"]["caveat"].toString(); !caveat.isEmpty()) {
        out += QStringLiteral("  The lease is a config-key. %1\n").arg(caveat);
    }
    if (!health.isEmpty()) {
        Table table({});
        for (const char* word : {"availability", "redundancy", "posture"}) {
            const QJsonObject value = health[word].toObject();
            table.add(
                {QStringLiteral("  ") + word, orDash(value["word"].toString()), value["why"].toString()});
        }
        out += table.text();
    }
    return out;
}

}  // namespace

/// What the monitors hand on from the manager may be older than what they know themselves.
QString figuresText(const QJsonObject& entity, Style style, qint64 nowMs)
{
    constexpr qint64 kSameTimeMs = 15'000;
    const QString at = entity["facts"]["figuresAt"].toString();
    if (at.isEmpty() || fromRfc3339(entity["observedAt"].toString()) - fromRfc3339(at) < kSameTimeMs) {
        return {};
    }
    return style == Style::Screen ? QStringLiteral(", counted %1, old").arg(ago(at, nowMs))
                                  : QStringLiteral(", old, counted at ") + at;
}

QString estateText(const QList<QJsonObject>& entities, const EntityKinds& kinds, Style style, qint64 nowMs)
{
    struct Connection {
        QJsonObject facts{};
        QJsonObject health{};
        QList<QJsonObject> entities{};
    };
    QMap<QString, Connection> connections;
    for (const QJsonObject& entity : entities) {
        Connection& connection = connections[entity["connection"].toString()];
        const QString kind = entity["kind"].toString();
        if (kind == QLatin1String("connection")) {
            connection.facts = entity["facts"].toObject();
        } else if (kind == QLatin1String("health")) {
            connection.health = entity["facts"].toObject();
        } else {
            connection.entities.append(entity);
        }
    }
    if (connections.isEmpty()) {
        return QStringLiteral("Nothing is known yet. Are there connections in the engine's configuration?\n");
    }
    QString out;
    for (auto it = connections.constBegin(); it != connections.constEnd(); ++it) {
        const QJsonObject& facts = it->facts;
        out += out.isEmpty() ? QString() : QStringLiteral("\n");
        out += connectionText(it.key(), facts, it->health, style, nowMs);
        const qint64 staleAfter = facts["staleAfterMs"].toInteger(kStaleAfterMs);
        const QString columns = kindInColumns(kinds, it->entities);
        const QStringList what = columns.isEmpty() ? QStringList{"WHAT"} : kinds.titles(columns);
        Table table(style == Style::Screen ? QStringList{"  KIND", "NAME"} + what + QStringList{"AGE"}
                                           : QStringList{});
        for (const QJsonObject& entity : it->entities) {
            const QString at = entity["observedAt"].toString();
            const qint64 own = entity["staleAfterMs"].toInteger();
            const bool old = nowMs - fromRfc3339(at) > (own > 0 ? own : staleAfter);
            // Among lines that are printed once, only turning old is news, not growing older.
            const QString age = style == Style::Screen
                                    ? since(at, nowMs) + (old ? QStringLiteral(", old") : QString())
                                : old ? QStringLiteral("old, of ") + at
                                      : QString();
            const QString kind = entity["kind"].toString();
            const QJsonObject facts = entity["facts"].toObject();
            table.add(QStringList{QStringLiteral("  ") + kind, entity["name"].toString()} +
                      (columns.isEmpty()
                           ? QStringList{whatOf(kinds, kind, facts) + figuresText(entity, style, nowMs)}
                           : kinds.cells(kind, facts)) +
                      QStringList{age});
        }
        out += table.isEmpty() ? QString() : table.text();
    }
    return out;
}

}  // namespace sluice::ctl
