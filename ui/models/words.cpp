#include "ui/models/words.h"

#include <QtCore/QSet>
#include <QtCore/QStringList>
#include <algorithm>
#include <cmath>

#include "core/units.h"
#include "ui/models/task_kind.h"
#include "ui/models/texts.h"
#include "ui/session/row.h"
#include "ui/style/english_forms.h"
#include "ui/style/state_words.h"

namespace sluice::models {
namespace {

using session::arr;
using session::clockText;
using session::has;
using session::minuteText;
using session::num;
using session::obj;
using session::str;
using session::time;

QString taskStateWord(const QString& state)
{
    return style::stateWord(style::Domain::Task, state).word;
}

}  // namespace

QString classMeaning(int actionClass)
{
    switch (actionClass) {
        case 0:
            return tr("0 read");
        case 1:
            return tr("1 reversible");
        case 2:
            return tr("2 disruptive");
        case 3:
            return tr("3 destructive");
        default:
            return QString::number(actionClass);
    }
}

QString classWord(int actionClass)
{
    return tr("class %1").arg(classMeaning(actionClass));
}

QString ofText(qint64 done, qint64 total)
{
    return total > 0 ? tr("%1 of %2").arg(formatCount(done), formatCount(total)) : formatCount(done);
}

QString ageText(qint64 thenMs, qint64 nowMs)
{
    return thenMs <= 0 ? QString() : formatDuration(std::max<qint64>(0, nowMs - thenMs));
}

QString asOfText(qint64 thenMs, qint64 nowMs)
{
    return thenMs <= 0 ? tr("never read")
                       : tr("as of %1, %2 old").arg(clockText(thenMs), ageText(thenMs, nowMs));
}

double bytesFraction(const QJsonObject& row)
{
    constexpr double kNotAll = 0.995;
    const qint64 total = num(row, u"bytesTotal");
    if (total <= 0) {
        return -1;
    }
    const double done =
        std::min(1.0, static_cast<double>(num(row, u"bytesDone")) / static_cast<double>(total));
    return num(row, u"objectsDone") < num(row, u"objectsTotal") ? std::min(done, kNotAll) : done;
}

QString taskLine(const QJsonObject& task, qint64 nowMs)
{
    const QString state = str(task, u"state");
    const qint64 since = time(task, u"stateSince");
    if (state == QLatin1String("stalled")) {
        const qint64 progress = time(task, u"lastProgressAt");
        return progress > 0 ? tr("no progress for %1").arg(ageText(progress, nowMs))
                            : tr("stalled %1").arg(ageText(since, nowMs));
    }
    if (state == QLatin1String("running") || state == QLatin1String("verifying")) {
        const QString word = taskStateWord(state);
        constexpr double kRounding = 1e-6;
        const double done = bytesFraction(task);
        return done >= 0 ? tr("%1, %2 %").arg(word).arg(std::floor(100 * done + kRounding))
                         : tr("%1 %2").arg(word, ageText(since, nowMs));
    }
    if (state == QLatin1String("ready") && asksAPerson(task)) {
        return tr("waits for a person");
    }
    if (state == QLatin1String("ready") && !str(task, u"waitsFor").isEmpty()) {
        return tr("ready, waits for %1").arg(str(task, u"waitsFor"));
    }
    if (state == QLatin1String("waiting")) {
        return asksAPerson(task) ? tr("waiting, then a person") : tr("waiting, %1").arg(kindTitle(task));
    }
    if (state == QLatin1String("done")) {
        const QString by = str(task, u"approvedBy");
        if (!by.isEmpty()) {
            return tr("approved by %1").arg(by);
        }
        const qint64 attempts = num(task, u"attempt");
        return attempts > 1 ? tr("done %1, attempt %2").arg(minuteText(since)).arg(attempts)
                            : tr("done %1").arg(minuteText(since));
    }
    if (state == QLatin1String("failed")) {
        const QString message = str(obj(task, u"error"), u"message");
        return message.isEmpty() ? tr("failed %1").arg(minuteText(since)) : tr("failed: %1").arg(message);
    }
    return taskStateWord(state);
}

namespace {

struct LeftOut {
    const char* what;
    const char* text;
};

constexpr LeftOut kLeftOut[] = {
    {"link", QT_TRANSLATE_N_NOOP("sluice::models", "%1 symbolic links")},
    {"special", QT_TRANSLATE_N_NOOP("sluice::models", "%1 FIFOs, sockets or devices")},
    {"emptyFolder", QT_TRANSLATE_N_NOOP("sluice::models", "%1 empty folders")},
    {"staged", QT_TRANSLATE_N_NOOP("sluice::models", "%1 unfinished copies of a run")},
    {"fileAttributes", QT_TRANSLATE_N_NOOP("sluice::models", "extended attributes of %1 files")},
    {"xattrs", QT_TRANSLATE_N_NOOP("sluice::models", "attributes of %1 objects")},
    {"omap", QT_TRANSLATE_N_NOOP("sluice::models", "omaps of %1 objects")},
    {"snapshots", QT_TRANSLATE_N_NOOP("sluice::models", "snapshots of %1 objects")},
    {"namespaces", QT_TRANSLATE_N_NOOP("sluice::models", "%1 objects in other namespaces")},
    {"metadata", QT_TRANSLATE_N_NOOP("sluice::models", "metadata of %1 objects")},
    {"tags", QT_TRANSLATE_N_NOOP("sluice::models", "tags of %1 objects")},
    {"versions", QT_TRANSLATE_N_NOOP("sluice::models", "%1 older versions")},
    {"folderMarker", QT_TRANSLATE_N_NOOP("sluice::models", "%1 folder markers")},
};

QString leftOutWord(const QString& what, qint64 count)
{
    for (const LeftOut& row : kLeftOut) {
        if (what == QLatin1String(row.what)) {
            return tr(row.text, nullptr, style::formOf(count)).arg(formatCount(count));
        }
    }
    return QStringLiteral("%1 %2").arg(formatCount(count), what);
}

/// The source did not tell all of that kind.
QString leftOutAtLeast(const QString& what, qint64 count)
{
    if (count > 0) {
        return tr("at least %1").arg(leftOutWord(what, count));
    }
    return tr("possibly %1 (could not be counted)")
        .arg(what == QLatin1String("versions") ? tr("older versions") : what);
}

}  // namespace

QStringList leftOutTexts(const QJsonObject& task)
{
    QStringList kinds;
    for (const QJsonValue kind : session::arr(task, u"leftOut")) {
        if (kind["what"] != QLatin1String("others")) {
            const QString what = kind["what"].toString();
            const qint64 count = kind["count"].toInteger();
            kinds << (kind["atLeast"].toBool() ? leftOutAtLeast(what, count) : leftOutWord(what, count));
        }
    }
    return kinds;
}

QString blockedText(const QJsonObject& task)
{
    const QJsonObject blocked = obj(task, u"blocked");
    if (blocked.isEmpty()) {
        return {};
    }
    const QString what = str(blocked, u"what");
    const QString object = str(blocked, u"object");
    const QString connection = str(blocked, u"connection");
    const QString cephPool = str(blocked, u"cephPool");
    const qint64 tries = num(blocked, u"tries");
    const QString refused =
        tries > 0 ? tr("refused %1 times", nullptr, style::formOf(tries)).arg(formatCount(tries))
                  : tr("refused");
    if (what == QLatin1String("lock")) {
        const QJsonObject lock = obj(blocked, u"lock");
        const QString holder = str(lock, u"client");
        const QString name = str(lock, u"name");
        if (!holder.isEmpty()) {
            return tr("%1 %2: lock %3 is held by %4").arg(object, refused, name, holder);
        }
        return tr("%1 %2: somebody else holds a lock on it").arg(object, refused);
    }
    if (what == QLatin1String("connect")) {
        return tr("No session with %1 yet").arg(connection);
    }
    // room that was asked for beforehand: nothing is used up yet, and the message says what is missing
    const bool usedUp = str(blocked, u"op") != QLatin1String("reserve");
    if (usedUp && (what == QLatin1String("full") || what == QLatin1String("quota"))) {
        return what == QLatin1String("full")
                   ? tr("%1 of %2 is full").arg(cephPool, connection)
                   : tr("The quota of %1 on %2 is used up").arg(cephPool, connection);
    }
    if (what == QLatin1String("permission")) {
        return tr("%1 refuses: the key may not do this").arg(connection);
    }
    const QString message = str(obj(blocked, u"error"), u"message");
    return message.isEmpty() ? tr("%1 %2 (%3)").arg(object.isEmpty() ? connection : object, refused, what)
                             : message;
}

QString blockedCause(const QJsonObject& task)
{
    const QJsonObject blocked = obj(task, u"blocked");
    const QJsonObject why = obj(blocked, u"error");
    const bool told = str(blocked, u"what") == QLatin1String("lock") && has(obj(blocked, u"lock"), u"client");
    return told || str(why, u"cause") == str(why, u"message") ? QString() : str(why, u"cause");
}

QString endsText(const QJsonObject& run, qint64 nowMs)
{
    const qint64 ended = time(run, u"endedAt");
    if (ended > 0) {
        return minuteText(ended);
    }
    return has(run, u"etaSeconds") ? minuteText(nowMs + num(run, u"etaSeconds") * 1000) : tr("not known");
}

QString runLine(const QJsonObject& run, qint64 nowMs)
{
    const QString state = str(run, u"state");
    const QString done = ofText(num(run, u"tasksDone"), num(run, u"tasksTotal"));
    if (state == QLatin1String("stalled")) {
        return tr("%1, no progress").arg(done);
    }
    if (state == QLatin1String("failed")) {
        return tr("%1, failed").arg(done);
    }
    const qint64 ended = time(run, u"endedAt");
    if (ended > 0) {
        const qint64 started = time(run, u"startedAt");
        return started > 0 ? tr("%1, %2").arg(minuteText(ended), formatDuration(ended - started))
                           : minuteText(ended);
    }
    const qint64 ready = num(obj(run, u"counts"), u"ready");
    if (state == QLatin1String("ready") && ready > 0) {
        return tr("%1, ready").arg(done);
    }
    Q_UNUSED(nowMs)
    return done;
}

QString actionTitle(const QJsonObject& action)
{
    const QString title = str(action, u"title");
    if (!title.isEmpty()) {
        return title;
    }
    return session::strings(action, u"objects").join(QStringLiteral(", ")) + ' ' + str(action, u"action");
}

QJsonObject leadingFinding(const QJsonObject& caseRow)
{
    QJsonObject first;
    const QJsonArray findings = arr(caseRow, u"findings");
    for (const QJsonValue& value : findings) {
        const QJsonObject finding = value.toObject();
        if (str(finding, u"verdict") == QLatin1String("confirmed")) {
            return finding;
        }
        if (first.isEmpty()) {
            first = finding;
        }
    }
    return first;
}

QString causeText(const QJsonObject& caseRow)
{
    const QJsonObject finding = leadingFinding(caseRow);
    if (str(finding, u"verdict") == QLatin1String("confirmed")) {
        return str(finding, u"title");
    }
    if (str(finding, u"was") == QLatin1String("confirmed")) {
        return tr("unknown now, was: %1").arg(str(finding, u"title"));
    }
    return finding.isEmpty() ? tr("not looked for yet") : tr("no rule confirms a cause");
}

QString ruleText(const QJsonObject& finding)
{
    const QString rule = str(finding, u"rule");
    return rule.isEmpty() ? QString() : tr("%1 version %2").arg(rule).arg(num(finding, u"version"));
}

qint64 oldestEvidence(const QJsonObject& finding)
{
    qint64 oldest = 0;
    const QJsonArray evidence = arr(finding, u"evidence");
    for (const QJsonValue& value : evidence) {
        const qint64 at = time(value.toObject(), u"observedAt");
        if (at > 0 && (oldest == 0 || at < oldest)) {
            oldest = at;
        }
    }
    return oldest;
}

QString capitalised(const QString& text)
{
    // Names of objects, clients and connections may look like any word; only of these it is known that they
    // are none.
    static const QSet<QString> plain = [] {
        const QString words = QStringLiteral(
            "a after all an and another any as at because before both but by each every everything for from "
            "he if in it "
            "its more neither never no nobody none not nothing of on one only or other others record records "
            "since some somebody "
            "something that the their then there these they this those to until what when where which while "
            "who with "
            "without you your");
        const QStringList list = words.split(' ');
        return QSet<QString>(list.begin(), list.end());
    }();
    const qsizetype end = text.indexOf(' ');
    return end > 0 && plain.contains(text.left(end)) ? text.left(1).toUpper() + text.mid(1) : text;
}

QString sentence(const QStringList& parts)
{
    QStringList list;
    for (QString part : parts) {
        part = part.trimmed();
        if (part.isEmpty()) {
            continue;
        }
        part = capitalised(part);
        const bool ended = part.endsWith('.') || part.endsWith('!') || part.endsWith('?');
        list << (ended ? part : part + '.');
    }
    return list.join(' ');
}

QString handOverText(const QJsonObject& caseRow, const QJsonObject& run, const QList<QJsonObject>& actions)
{
    QStringList lines;
    const QString opened = clockText(time(caseRow, u"openedAt"));
    lines << (str(caseRow, u"run").isEmpty() ? tr("%1: %2, opened %3 UTC. No run waits for it.")
                                                   .arg(str(caseRow, u"id"), str(caseRow, u"title"), opened)
                                             : tr("%1: %2 (%3 %4), opened %5 UTC.")
                                                   .arg(str(caseRow, u"id"), str(caseRow, u"title"),
                                                        str(run, u"flow"), str(caseRow, u"run"), opened));
    if (!str(caseRow, u"summary").isEmpty()) {
        lines << str(caseRow, u"summary");
    }
    const QJsonObject finding = leadingFinding(caseRow);
    if (!finding.isEmpty()) {
        lines << tr("Cause: %1 (%2).").arg(causeText(caseRow), ruleText(finding));
    }
    QStringList refuted;
    const QJsonArray findings = arr(caseRow, u"findings");
    for (const QJsonValue& value : findings) {
        if (str(value.toObject(), u"verdict") == QLatin1String("refuted")) {
            refuted << str(value.toObject(), u"title");
        }
    }
    if (!refuted.isEmpty()) {
        lines << tr("Ruled out: %1.").arg(refuted.join(QStringLiteral(", ")));
    }
    for (const QJsonObject& action : actions) {
        lines << tr("%1 UTC: %2 by %3, %4 (record %5).")
                     .arg(clockText(time(action, u"at")), actionTitle(action), str(action, u"principal"),
                          str(action, u"state"), QString::number(num(action, u"auditSeq")));
    }
    const qint64 closed = time(caseRow, u"closedAt");
    lines << (closed > 0 ? tr("Closed %1 UTC.").arg(clockText(closed))
                         : tr("Still open, phase: %1.").arg(str(caseRow, u"phase")));
    return lines.join('\n');
}

}  // namespace sluice::models
