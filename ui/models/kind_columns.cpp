#include "ui/models/kind_columns.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "core/units.h"
#include "ui/models/marks.h"
#include "ui/models/texts.h"
#include "ui/models/words.h"
#include "ui/session/row.h"
#include "ui/session/session.h"

namespace sluice::models {
namespace {

using session::arr;
using session::facts;
using session::num;
using session::obj;
using session::str;
using session::time;

style::Glyph glyphOf(style::Tone tone)
{
    switch (tone) {
        case style::Tone::Ok:
            return style::Glyph::DiscCheck;
        case style::Tone::Warn:
            return style::Glyph::DiamondBang;
        case style::Tone::Crit:
            return style::Glyph::SquareX;
        case style::Tone::Progress:
            return style::Glyph::Play;
        default:
            return style::Glyph::Ring;
    }
}

bool isFigure(const QString& type)
{
    return type == QLatin1String("count") || type == QLatin1String("number") ||
           type == QLatin1String("bytes") || type == QLatin1String("ms");
}

QString numberText(const QString& type, const QString& unit, double value)
{
    if (type == QLatin1String("bytes")) {
        return formatBytes(value);
    }
    if (type == QLatin1String("ms")) {
        return value < 1000 ? tr("%1 ms").arg(QString::number(value, 'g', 3))
                            : formatDuration(static_cast<qint64>(value));
    }
    const QString number =
        type == QLatin1String("count") ? formatCount(static_cast<qint64>(value)) : QString::number(value);
    return unit.isEmpty() ? number : number + ' ' + unit;
}

/// A value of one of the types of estate.kinds.
QString valueText(const QJsonObject& field, const QJsonObject& f, qint64 nowMs)
{
    const QString key = str(field, u"key");
    const QString type = str(field, u"type");
    if (!session::has(f, key)) {
        return tr("not known");
    }
    const QJsonValue value = f.value(key);
    if (isFigure(type)) {
        return numberText(type, str(field, u"unit"), value.toDouble());
    }
    if (type == QLatin1String("flag")) {
        return value.toBool() ? tr("yes") : tr("no");
    }
    if (type == QLatin1String("time")) {
        const qint64 at = time(f, key);
        return at <= 0 ? tr("never") : session::whenText(at, nowMs);
    }
    if (type == QLatin1String("words")) {
        return session::strings(f, key).join(QStringLiteral(", "));
    }
    if (type == QLatin1String("list")) {
        return formatCount(arr(f, key).size());
    }
    if (type == QLatin1String("error")) {
        return session::errorOf(value.toObject()).toLine();
    }
    if (type == QLatin1String("tally")) {
        QStringList counts;
        const QJsonObject tally = value.toObject();
        for (auto it = tally.begin(); it != tally.end(); ++it) {
            counts << QStringLiteral("%1 %2").arg(formatCount(it->toInteger()), visibleText(it.key()));
        }
        return counts.join(QStringLiteral(", "));
    }
    return value.isObject() ? visibleText(QString::fromUtf8(
                                  QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact)))
                            : visibleText(value.toVariant().toString());
}

Column fieldColumn(session::Session& session, const QJsonObject& field, bool isState)
{
    const QString key = str(field, u"key");
    const QString type = str(field, u"type");
    Column column{.id = key,
                  .title = translated(str(field, u"title")),
                  .toolTip = [meaning = capitalised(translated(str(field, u"meaning")))](
                                 const QJsonObject&, qint64) { return meaning; }};
    if (isState) {
        column.state = [&session](const QJsonObject& row) { return kindMark(session, row); };
        column.toolTip = [&session](const QJsonObject& row, qint64) {
            return kindMark(session, row).meaning;
        };
        column.width = 120;
        return column;
    }
    column.text = [field](const QJsonObject& row, qint64 nowMs) {
        return valueText(field, facts(row), nowMs);
    };
    if (isFigure(type)) {
        column.sortKey = [key](const QJsonObject& row) { return facts(row).value(key).toDouble(); };
        column.right = true;
        column.width = 96;
    } else if (type == QLatin1String("time")) {
        column.sortKey = [key](const QJsonObject& row) { return time(facts(row), key); };
        column.width = 110;
    } else if (type == QLatin1String("flag")) {
        column.width = 72;
    }
    return column;
}

}  // namespace

QString kindTitle(const session::Session& session, const QString& kind)
{
    const QString one = str(obj(session.kinds().value(kind), u"title"), u"one");
    return one.isEmpty() ? kind : translated(one);
}

QString kindTitles(const session::Session& session, const QString& kind)
{
    const QString many = str(obj(session.kinds().value(kind), u"title"), u"many");
    return many.isEmpty() ? kind : translated(many);
}

style::StateWord kindMark(session::Session& session, const QJsonObject& row)
{
    const QJsonObject kind = session.kinds().value(str(row, u"kind"));
    const QString key = str(kind, u"state");
    if (key.isEmpty()) {
        return {.glyph = style::Glyph::None};
    }
    style::StateWord word = {.word = str(facts(row), key)};
    if (word.word.isEmpty()) {
        word.word = tr("unknown");
    }
    const QJsonArray states = arr(kind, u"states");
    for (const QJsonValue& value : states) {
        const QJsonObject state = value.toObject();
        if (str(state, u"word") == word.word) {
            word.tone = toneFrom(str(state, u"tone"));
            word.glyph = glyphOf(word.tone);
            word.meaning = translated(str(state, u"meaning"));
            word.known = true;
        }
    }
    return isStale(session, row) ? style::staleWord(word) : word;
}

QList<Column> kindColumns(session::Session& session, const QString& kind)
{
    const QJsonObject row = session.kinds().value(kind);
    QList<Column> columns{{.id = QStringLiteral("name"),
                           .title = kindTitle(session, kind),
                           .text = [](const QJsonObject& r, qint64) { return str(r, u"name"); },
                           .name = true}};
    const QJsonArray fields = arr(row, u"fields");
    for (const QJsonValue& value : fields) {
        const QJsonObject field = value.toObject();
        if (!str(field, u"title").isEmpty()) {
            columns.append(fieldColumn(session, field, str(field, u"key") == str(row, u"state")));
        }
    }
    columns.append(
        {.id = QStringLiteral("age"),
         .title = tr("Age"),
         .text = [](const QJsonObject& r, qint64 nowMs) { return ageText(time(r, u"observedAt"), nowMs); },
         .sortKey = [](const QJsonObject& r) { return time(r, u"observedAt"); },
         .right = true,
         .quiet = true,
         .ages = true,
         .width = 84});
    return columns;
}

QString shownOf(qint64 shown, qint64 total)
{
    return shown >= total ? formatCount(shown) : tr("%1 of %2").arg(formatCount(shown), formatCount(total));
}

}  // namespace sluice::models
