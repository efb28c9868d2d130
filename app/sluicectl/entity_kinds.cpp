#include "entity_kinds.h"

#include <QtCore/QJsonArray>

#include "context.h"
#include "core/clock.h"
#include "core/units.h"
#include "core/visible_text.h"
#include "words.h"

namespace sluice::ctl {
namespace {

/// A value of one of the types of estate.kinds.
QString valueText(const QString& type, const QString& unit, const QJsonValue& value)
{
    if (value.isNull() || value.isUndefined()) {
        return QStringLiteral("?");
    }
    if (type == QLatin1String("flag")) {
        return value.toBool() ? QStringLiteral("yes") : QStringLiteral("no");
    }
    if (type == QLatin1String("count")) {
        return formatCount(value.toInteger());
    }
    if (type == QLatin1String("bytes")) {
        return formatBytes(value.toDouble());
    }
    if (type == QLatin1String("ms")) {
        return value.toDouble() < 1000 ? QStringLiteral("%1 ms").arg(value.toDouble())
                                       : formatDuration(value.toInteger());
    }
    if (type == QLatin1String("words")) {
        return orDash(joined(value, QStringLiteral(", ")));
    }
    if (type == QLatin1String("list")) {
        return formatCount(value.toArray().size());
    }
    if (type == QLatin1String("error")) {
        return Error::fromJson(value.toObject()).toLine();
    }
    if (type == QLatin1String("tally")) {
        QStringList counts;
        const QJsonObject tally = value.toObject();
        for (auto it = tally.begin(); it != tally.end(); ++it) {
            counts.append(QStringLiteral("%1 %2").arg(formatCount(it->toInteger()), it.key()));
        }
        return orDash(counts.join(QStringLiteral(", ")));
    }
    if (value.isDouble()) {
        const QString number = QString::number(value.toDouble());
        return unit.isEmpty() ? number : number + ' ' + unit;
    }
    return value.isObject() ? compactJson(value.toObject()) : orDash(value.toVariant().toString());
}

}  // namespace

EntityKinds::EntityKinds(const QJsonObject& answer)
{
    for (const QJsonObject& row : objects(answer["kinds"])) {
        m_kinds.insert(row["kind"].toString(), row);
    }
}

bool EntityKinds::isListed(const QString& kind) const
{
    return m_kinds.value(kind)["listed"].toBool();
}

QList<QJsonObject> EntityKinds::columns(const QString& kind) const
{
    QList<QJsonObject> fields = objects(m_kinds.value(kind)["fields"]);
    fields.removeIf([](const QJsonObject& field) { return field["title"].toString().isEmpty(); });
    return fields;
}

QStringList EntityKinds::titles(const QString& kind) const
{
    QStringList titles;
    for (const QJsonObject& field : columns(kind)) {
        titles.append(field["title"].toString().toUpper());
    }
    return titles;
}

QStringList EntityKinds::cells(const QString& kind, const QJsonObject& facts) const
{
    QStringList cells;
    for (const QJsonObject& field : columns(kind)) {
        cells.append(
            valueText(field["type"].toString(), field["unit"].toString(), facts[field["key"].toString()]));
    }
    return cells;
}

QString EntityKinds::line(const QString& kind, const QJsonObject& facts) const
{
    QStringList parts;
    const QStringList values = cells(kind, facts);
    qsizetype at = 0;
    for (const QJsonObject& field : columns(kind)) {
        parts.append(field["title"].toString() + ' ' + values.at(at++));
    }
    return parts.isEmpty() ? plainFacts(facts) : parts.join(QStringLiteral(", "));
}

void readKinds(Context& context, std::function<void(const EntityKinds&)> then)
{
    // Without a table everything is still shown, by name and value.
    context.client().call(QStringLiteral("estate.kinds"), {}, &context,
                          [&context, then = std::move(then)](const Result<QJsonObject>& answer) {
                              if (!context.isFinished()) {
                                  then(answer ? EntityKinds(visibleRow(*answer)) : EntityKinds());
                              }
                          });
}

}  // namespace sluice::ctl
