#include "ui/systems/ceph/columns.h"

#include <QtCore/QCoreApplication>

#include "core/clock.h"
#include "core/units.h"
#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/style/state_words.h"

namespace sluice::systems::ceph {

using models::isStale;
using session::Column;
using session::facts;
using session::num;
using session::str;
using session::time;
using style::StateWord;

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("sluice::systems::ceph", text);
}

/// What was last known, if the row is not told any more.
StateWord lastKnown(session::Session& session, const QJsonObject& row, const StateWord& word)
{
    return isStale(session, row) ? style::staleWord(word) : word;
}

Column::Text age()
{
    return
        [](const QJsonObject& row, qint64 nowMs) { return models::ageText(time(row, u"observedAt"), nowMs); };
}

/// An error as the observer writes it: a text, or an Error.
QString errorText(const QJsonObject& f)
{
    const QJsonValue error = f.value(QLatin1String("error"));
    return error.isObject() ? session::errorOf(error.toObject()).toLine() : str(f, u"error");
}

/// A figure the manager made: not known, or with its age if it is older than the row it stands in.
QString counted(const QJsonObject& row, QStringView member, QString (*format)(qint64), qint64 nowMs)
{
    constexpr qint64 kSameTimeMs = 15'000;
    const QJsonObject f = facts(row);
    if (!f.contains(member)) {
        return tr("not known");
    }
    const qint64 at = fromRfc3339(str(f, u"figuresAt"));
    const QString figure = format(num(f, member));
    return at <= 0 || time(row, u"observedAt") - at < kSameTimeMs
               ? figure
               : tr("%1, %2 old").arg(figure, formatDuration(nowMs - at));
}

double quotaFraction(const QJsonObject& f)
{
    const qint64 quota = num(f, u"quotaBytes");
    return quota <= 0 ? -1 : static_cast<double>(num(f, u"storedBytes")) / static_cast<double>(quota);
}

}  // namespace

QList<Column> cephPoolColumns(session::Session& session)
{
    return {
        {.id = QStringLiteral("cephPool"),
         .title = tr("Ceph pool"),
         .text = [](const QJsonObject& row, qint64) { return str(row, u"name"); },
         .note = [](const QJsonObject& row, qint64) { return str(facts(row), u"application"); },
         .name = true},
        {.id = QStringLiteral("copies"),
         .title = tr("Copies"),
         .text =
             [](const QJsonObject& row, qint64) {
                 return QStringLiteral("%1 / %2")
                     .arg(num(facts(row), u"size"))
                     .arg(num(facts(row), u"minSize"));
             },
         .toolTip =
             [](const QJsonObject& row, qint64) {
                 return tr("%1 copies are kept; below %2 writes wait")
                     .arg(num(facts(row), u"size"))
                     .arg(num(facts(row), u"minSize"));
             },
         .sortKey = [](const QJsonObject& row) { return num(facts(row), u"size"); },
         .whole = true,
         .width = 64},
        {.id = QStringLiteral("pgs"),
         .title = tr("PGs"),
         .text = [](const QJsonObject& row, qint64) { return formatCount(num(facts(row), u"pgNum")); },
         .sortKey = [](const QJsonObject& row) { return num(facts(row), u"pgNum"); },
         .right = true,
         .width = 52},
        {.id = QStringLiteral("objects"),
         .title = tr("Objects"),
         .text =
             [](const QJsonObject& row, qint64 nowMs) {
                 return counted(
                     row, u"objects", [](qint64 n) { return formatCount(n); }, nowMs);
             },
         .sortKey = [](const QJsonObject& row) { return num(facts(row), u"objects"); },
         .right = true,
         .width = 72},
        {.id = QStringLiteral("stored"),
         .title = tr("Stored"),
         .text =
             [](const QJsonObject& row, qint64 nowMs) {
                 return counted(
                     row, u"storedBytes", [](qint64 n) { return formatBytes(static_cast<double>(n)); },
                     nowMs);
             },
         .sortKey = [](const QJsonObject& row) { return num(facts(row), u"storedBytes"); },
         .figure = true,
         .width = 84},
        {.id = QStringLiteral("quota"),
         .title = tr("Quota used"),
         .text =
             [](const QJsonObject& row, qint64) {
                 const double used = quotaFraction(facts(row));
                 return used < 0 ? tr("no quota") : tr("%1 %").arg(qRound(used * 100));
             },
         .toolTip =
             [](const QJsonObject& row, qint64) {
                 const qint64 quota = num(facts(row), u"quotaBytes");
                 return quota <= 0 ? QString() : tr("of %1").arg(formatBytes(static_cast<double>(quota)));
             },
         .fraction = [](const QJsonObject& row) { return quotaFraction(facts(row)); },
         .sortKey = [](const QJsonObject& row) { return quotaFraction(facts(row)); },
         .tone =
             [](const QJsonObject& row) {
                 return quotaFraction(facts(row)) > 0.9 ? style::Tone::Warn : style::Tone::Neutral;
             },
         .width = 136},
        {.id = QStringLiteral("writes"),
         .title = tr("Takes writes"),
         .state =
             [&session](const QJsonObject& row) {
                 const QJsonObject f = facts(row);
                 StateWord word{.word = tr("yes"),
                                .glyph = style::Glyph::DiscCheck,
                                .tone = style::Tone::Ok,
                                .known = true};
                 if (f.value(QLatin1String("fullQuota")).toBool()) {
                     word = {.word = tr("no, quota used up"),
                             .glyph = style::Glyph::SquareLid,
                             .tone = style::Tone::Crit,
                             .known = true};
                 } else if (f.value(QLatin1String("full")).toBool()) {
                     word = {.word = tr("no, full"),
                             .glyph = style::Glyph::SquareLid,
                             .tone = style::Tone::Crit,
                             .known = true};
                 } else if (f.value(QLatin1String("nearFull")).toBool()) {
                     word = {.word = tr("yes, near full"),
                             .glyph = style::Glyph::DiscLid,
                             .tone = style::Tone::Warn,
                             .known = true};
                 }
                 return lastKnown(session, row, word);
             },
         .width = 134},
        {.id = QStringLiteral("room"),
         .title = tr("Room left"),
         .text = [](const QJsonObject& row,
                    qint64) { return formatBytes(static_cast<double>(num(facts(row), u"maxAvailBytes"))); },
         .sortKey = [](const QJsonObject& row) { return num(facts(row), u"maxAvailBytes"); },
         .figure = true,
         .width = 84},
    };
}

QList<Column> osdColumns(session::Session& session)
{
    return {
        {.id = QStringLiteral("osd"),
         .title = tr("OSD"),
         .text = [](const QJsonObject& row,
                    qint64) { return QStringLiteral("osd.%1").arg(str(row, u"name")); },
         .sortKey = [](const QJsonObject& row) { return num(facts(row), u"osdId"); },
         .name = true,
         .width = 72},
        {.id = QStringLiteral("state"),
         .title = tr("State"),
         .state = [&session](const QJsonObject& row) { return models::osdMark(row, isStale(session, row)); },
         .width = 100},
        {.id = QStringLiteral("host"),
         .title = tr("Host"),
         .text = [](const QJsonObject& row, qint64) { return str(facts(row), u"host"); }},
        {.id = QStringLiteral("used"),
         .title = tr("Used"),
         .text =
             [](const QJsonObject& row, qint64) {
                 return tr("%1 of %2")
                     .arg(formatBytes(static_cast<double>(num(facts(row), u"usedBytes"))),
                          formatBytes(static_cast<double>(num(facts(row), u"totalBytes"))));
             },
         .fraction =
             [](const QJsonObject& row) {
                 const qint64 total = num(facts(row), u"totalBytes");
                 return total <= 0
                            ? -1.0
                            : static_cast<double>(num(facts(row), u"usedBytes")) / static_cast<double>(total);
             },
         .sortKey = [](const QJsonObject& row) { return num(facts(row), u"usedBytes"); },
         .tone = [](const QJsonObject&) { return style::Tone::Neutral; },
         .width = 210},
        {.id = QStringLiteral("pgs"),
         .title = tr("PGs"),
         .text = [](const QJsonObject& row, qint64) { return formatCount(num(facts(row), u"pgCount")); },
         .sortKey = [](const QJsonObject& row) { return num(facts(row), u"pgCount"); },
         .right = true,
         .width = 52},
        {.id = QStringLiteral("age"),
         .title = tr("Age"),
         .text = age(),
         .right = true,
         .quiet = true,
         .ages = true,
         .width = 84},
    };
}

QList<Column> monColumns(session::Session& session)
{
    return {
        {.id = QStringLiteral("mon"),
         .title = tr("Mon"),
         .text = [](const QJsonObject& row, qint64) { return str(row, u"name"); },
         .toolTip =
             [](const QJsonObject& row, qint64) {
                 return (str(facts(row), u"addrV2") + '\n' + str(facts(row), u"addrV1")).trimmed();
             },
         .name = true,
         .width = 44},
        {.id = QStringLiteral("state"),
         .title = tr("State"),
         .state =
             [&session](const QJsonObject& row) { return lastKnown(session, row, models::monMark(row)); }},
        {.id = QStringLiteral("probe"),
         .title = tr("Probe"),
         .text =
             [](const QJsonObject& row, qint64) {
                 const QJsonObject f = facts(row);
                 if (!f.value(QLatin1String("answers")).toBool()) {
                     const QString fault = str(f, u"fault");
                     return fault == QLatin1String("refused")   ? tr("refused")
                            : fault == QLatin1String("timeout") ? tr("timed out")
                                                                : tr("none");
                 }
                 return tr("%1 ms").arg(
                     QString::number(f.value(QLatin1String("probeMs")).toDouble(), 'g', 3));
             },
         .toolTip = [](const QJsonObject& row, qint64) { return errorText(facts(row)); },
         .sortKey =
             [](const QJsonObject& row) { return facts(row).value(QLatin1String("probeMs")).toDouble(); },
         .right = true,
         .width = 64},
    };
}

QList<Column> checkColumns(session::Session& session)
{
    return {
        {.id = QStringLiteral("check"),
         .title = tr("Check"),
         .text = [](const QJsonObject& row, qint64) { return str(row, u"name"); },
         .state =
             [&session](const QJsonObject& row) {
                 StateWord word = lastKnown(session, row, models::checkMark(row));
                 word.word = str(row, u"name");
                 return word;
             },
         .width = 330},
        {.id = QStringLiteral("summary"),
         .title = tr("What it says"),
         .text = [](const QJsonObject& row, qint64) { return str(facts(row), u"summary"); },
         .toolTip = [](const QJsonObject& row,
                       qint64) { return session::strings(facts(row), u"detail").join('\n'); }},
        {.id = QStringLiteral("age"),
         .title = tr("Age"),
         .text = age(),
         .right = true,
         .quiet = true,
         .ages = true,
         .width = 84},
    };
}

}  // namespace sluice::systems::ceph
