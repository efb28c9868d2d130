
#include "core/units.h"
#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/roles.h"
#include "ui/models/texts.h"
#include "ui/models/words.h"
#include "ui/session/row.h"

namespace sluice::models {
namespace {

using session::num;
using session::obj;
using session::str;
using session::time;

}  // namespace

QJsonObject currentGeneration(const QJsonObject& role)
{
    const QJsonArray generations = session::arr(role, u"generations");
    for (const QJsonValue& value : generations) {
        if (str(value.toObject(), u"state") == QLatin1String("current")) {
            return value.toObject();
        }
    }
    return {};
}

QList<QJsonObject> generationRows(const QJsonObject& role)
{
    QList<QJsonObject> rows;
    const QJsonArray generations = session::arr(role, u"generations");
    for (const QJsonValue& value : generations) {
        QJsonObject row = value.toObject();
        row[QStringLiteral("id")] = QString::number(num(row, u"generation"));
        rows.prepend(row);
    }
    return rows;
}

RotationProgress rotationProgress(const QJsonObject& role)
{
    RotationProgress progress;
    const QJsonObject rotation = obj(role, u"rotation");
    progress.state = str(rotation, u"state");
    const QJsonArray steps = session::arr(rotation, u"steps");
    progress.total = static_cast<int>(steps.size());
    for (const QJsonValue& value : steps) {
        const QString state = str(value.toObject(), u"state");
        if (state == QLatin1String("done")) {
            ++progress.done;
        } else if (progress.title.isEmpty()) {
            progress.title = str(value.toObject(), u"title");
        }
    }
    return progress;
}

QList<Column> roleColumns()
{
    return {
        {.id = QStringLiteral("role"),
         .title = tr("Role"),
         .text = [](const QJsonObject& role, qint64) { return str(role, u"role"); },
         .note = [](const QJsonObject& role, qint64) { return str(role, u"entity"); },
         .name = true},
        {.id = QStringLiteral("connection"),
         .title = tr("Connection"),
         .text = [](const QJsonObject& role, qint64) { return str(role, u"connection"); },
         .width = 96},
        {.id = QStringLiteral("current"),
         .title = tr("Current"),
         .state =
             [](const QJsonObject& role) {
                 const QJsonObject current = currentGeneration(role);
                 if (current.isEmpty()) {
                     return StateWord{.word = tr("no key yet")};
                 }
                 StateWord word = generationMark(QStringLiteral("current"));
                 word.word = QStringLiteral("g%1").arg(num(current, u"generation"));
                 return word;
             },
         .width = 80},
        {.id = QStringLiteral("older"),
         .title = tr("Still works"),
         .text =
             [](const QJsonObject& role, qint64) {
                 QStringList older;
                 for (const QJsonObject& row : generationRows(role)) {
                     const QString state = str(row, u"state");
                     if (state == QLatin1String("previous") || state == QLatin1String("retiring")) {
                         older << tr("g%1 %2").arg(num(row, u"generation")).arg(generationMark(state).word);
                     }
                 }
                 return older.isEmpty() ? tr("none") : older.join(QStringLiteral(", "));
             },
         .whole = true,
         .width = 96},
        {.id = QStringLiteral("age"),
         .title = tr("Key age"),
         .text = [](const QJsonObject& role,
                    qint64 nowMs) { return ageText(time(currentGeneration(role), u"createdAt"), nowMs); },
         .sortKey = [](const QJsonObject& role) { return time(currentGeneration(role), u"createdAt"); },
         .right = true,
         .ages = true,
         .width = 88},
        {.id = QStringLiteral("holders"),
         .title = tr("Holders"),
         .text = [](const QJsonObject& role,
                    qint64) { return formatCount(num(currentGeneration(role), u"holders")); },
         .toolTip = [](const QJsonObject&, qint64) { return tr("Attempts that use the current key now"); },
         .sortKey = [](const QJsonObject& role) { return num(currentGeneration(role), u"holders"); },
         .right = true,
         .width = 68},
        {.id = QStringLiteral("rotation"),
         .title = tr("Rotation"),
         .state =
             [](const QJsonObject& role) {
                 const RotationProgress progress = rotationProgress(role);
                 if (progress.state.isEmpty()) {
                     return StateWord{.word = tr("none"), .glyph = style::Glyph::None};
                 }
                 StateWord word = style::stateWord(style::Domain::Rotation, progress.state);
                 if (progress.state == QLatin1String("running")) {
                     word.word = tr("step %1 of %2")
                                     .arg(std::min(progress.done + 1, progress.total))
                                     .arg(progress.total);
                 }
                 return word;
             },
         .width = 130},
    };
}

QList<Column> generationColumns()
{
    const auto when = [](const char* key, const QString& never) {
        const QString name = QString::fromLatin1(key);
        return [name, never](const QJsonObject& row, qint64 nowMs) {
            const qint64 at = time(row, name);
            return at > 0 ? session::whenText(at, nowMs) : never;
        };
    };
    return {
        {.id = QStringLiteral("generation"),
         .title = tr("Generation"),
         .state =
             [](const QJsonObject& row) {
                 StateWord word = generationMark(str(row, u"state"));
                 word.word = tr("g%1 %2").arg(num(row, u"generation")).arg(word.word);
                 return word;
             },
         .sortKey = [](const QJsonObject& row) { return num(row, u"generation"); },
         .width = 124},
        {.id = QStringLiteral("entity"),
         .title = tr("Entity"),
         .text = [](const QJsonObject& row, qint64) { return str(row, u"entity"); },
         .mono = true},
        {.id = QStringLiteral("created"),
         .title = tr("Created"),
         .text = when("createdAt", tr("unknown")),
         .width = 110},
        {.id = QStringLiteral("firstUse"),
         .title = tr("First use"),
         .text = when("firstUseAt", tr("not yet")),
         .width = 110},
        {.id = QStringLiteral("revoked"),
         .title = tr("Revoked"),
         .text = when("revokedAt", tr("no")),
         .width = 110},
        {.id = QStringLiteral("holders"),
         .title = tr("Holders"),
         .text = [](const QJsonObject& row, qint64) { return formatCount(num(row, u"holders")); },
         .sortKey = [](const QJsonObject& row) { return num(row, u"holders"); },
         .right = true,
         .width = 68},
    };
}

}  // namespace sluice::models
