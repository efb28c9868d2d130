#include "core/units.h"
#include "ui/models/marks.h"
#include "ui/models/task_kind.h"
#include "ui/models/words.h"
#include "ui/pages/task_dock.h"
#include "ui/session/row.h"
#include "ui/widgets/hop_bar.h"
#include "ui/widgets/key_values.h"

namespace sluice::pages {

using session::num;
using session::obj;
using session::str;
using session::time;
using widgets::Hop;
using widgets::KeyValue;

namespace {

QString latency(qint64 us)
{
    if (us < 1000) {
        return TaskDock::tr("%1 µs").arg(us);
    }
    return us < 10'000'000 ? TaskDock::tr("%1 ms").arg(us / 1000) : formatDuration(us / 1000);
}

/// The hop a blocked operation stands at.
QString gateOf(const QJsonObject& blocked)
{
    const QString what = str(blocked, u"what");
    const QString op = str(blocked, u"op");
    if (what == QLatin1String("connect") || op == QLatin1String("connect")) {
        return QStringLiteral("connect");
    }
    for (const char* hop : {"list", "read", "verify", "commit"}) {
        if (op.contains(QLatin1String(hop))) {
            return QString::fromLatin1(hop);
        }
    }
    return op == QLatin1String("stat") || op == QLatin1String("get") ? QStringLiteral("read")
                                                                     : QStringLiteral("write");
}

QString hopName(const QString& hop)
{
    return hop == QLatin1String("connect")  ? TaskDock::tr("Connect")
           : hop == QLatin1String("list")   ? TaskDock::tr("List")
           : hop == QLatin1String("read")   ? TaskDock::tr("Read")
           : hop == QLatin1String("write")  ? TaskDock::tr("Write")
           : hop == QLatin1String("verify") ? TaskDock::tr("Verify")
                                            : TaskDock::tr("Commit");
}

}  // namespace

QList<Hop> hopsOf(const QJsonObject& task, qint64 nowMs)
{
    const QJsonObject hops = obj(task, u"hops");
    const QJsonObject blocked = obj(task, u"blocked");
    const QString state = str(task, u"state");
    const bool over = state == QLatin1String("done");
    const QString gate = blocked.isEmpty() ? QString() : gateOf(blocked);
    QList<Hop> list;
    bool closed = false;
    for (const char* name : {"connect", "list", "read", "write", "verify", "commit"}) {
        const QString id = QString::fromLatin1(name);
        const QJsonObject figures = obj(hops, id);
        Hop hop{.name = hopName(id)};
        const qint64 passed = num(figures, u"passed");
        const bool connected = id == QLatin1String("connect") && (over || !hops.isEmpty());
        hop.water = connected || over || passed > 0 ? Hop::Water::Passed : Hop::Water::Dry;
        if (id != QLatin1String("connect") && (passed > 0 || figures.contains(QLatin1String("passed")))) {
            hop.figures.append({TaskDock::tr("passed"), formatCount(passed)});
        }
        if (const qint64 p99 = num(figures, u"p99Us"); p99 > 0) {
            hop.figures.append({TaskDock::tr("p99"), latency(p99)});
        }
        if (id == gate) {
            hop.water = Hop::Water::Closed;
            hop.tone = state == QLatin1String("failed") ? style::Tone::Crit : style::Tone::Warn;
            // Of the object that stands there, as everywhere; others may have been refused as well.
            const qint64 tries = num(blocked, u"tries");
            const qint64 refused = tries > 0 ? tries : num(figures, u"refused");
            if (refused > 0) {
                hop.figures.append({TaskDock::tr("refused"), formatCount(refused)});
            }
            if (const qint64 since = time(blocked, u"since"); since > 0) {
                hop.figures.append(
                    {TaskDock::tr("oldest"), formatDuration(std::max<qint64>(0, nowMs - since))});
            }
        }
        if (closed) {
            hop.water = Hop::Water::Dry;
        }
        closed = closed || id == gate;
        list.append(hop);
    }
    return list;
}

QList<KeyValue> factsOf(const QJsonObject& task, qint64 nowMs)
{
    QList<KeyValue> rows;
    const QString state = str(task, u"state");
    const bool moves = models::movesObjects(task);
    const bool compares = models::comparesOnly(task);
    const auto add = [&rows](const QString& key, const QString& value, bool mono = false,
                             style::Tone tone = style::Tone::Neutral) {
        if (!value.isEmpty()) {
            rows.append({.key = key, .value = value, .mono = mono, .tone = tone});
        }
    };
    if (models::asksAPerson(task)) {
        add(TaskDock::tr("Asks"), str(task, u"message"));
        add(TaskDock::tr("Approved by"), str(task, u"approvedBy"));
        if (str(task, u"approvedBy").isEmpty()) {
            add(TaskDock::tr("Waits for"), state == QLatin1String("ready")
                                               ? TaskDock::tr("a person")
                                               : session::strings(task, u"needs").join(QStringLiteral(", ")));
        }
        return rows;
    }
    if (const qint64 attempt = num(task, u"attempt"); attempt > 0) {
        add(TaskDock::tr("Attempt"), TaskDock::tr("%1, fence %2").arg(attempt).arg(num(task, u"fence")));
    }
    if (compares) {
        add(TaskDock::tr("Compares"), TaskDock::tr("%1 with its manifest").arg(str(task, u"from")));
    } else {
        add(moves ? TaskDock::tr("From") : models::kindTitle(task), str(task, u"from"), true);
        add(moves ? TaskDock::tr("To") : TaskDock::tr("On"), str(task, u"to"), true);
    }
    if (const qint64 total = num(task, u"objectsTotal"); total > 0 || num(task, u"objectsDone") > 0) {
        add(TaskDock::tr("Objects"), models::ofText(num(task, u"objectsDone"), total));
    }
    if (const qint64 kept = num(task, u"objectsKept"); kept > 0) {
        add(TaskDock::tr("Kept"), TaskDock::tr("%1 were there and equal").arg(formatCount(kept)));
    }
    if (const qint64 missed = num(task, u"objectsNot"); missed > 0) {
        add(TaskDock::tr("Not copied"), formatCount(missed), false, style::Tone::Crit);
    }
    const QStringList leftOut = models::leftOutTexts(task);
    for (qsizetype i = 0; i < leftOut.size(); ++i) {
        const QString title = compares ? TaskDock::tr("Not compared") : TaskDock::tr("Left out");
        add(i == 0 ? title : QString(), leftOut[i], false, style::Tone::Warn);
    }
    if (const qint64 bytes = num(task, u"bytesDone"); bytes > 0) {
        const qint64 total = num(task, u"bytesTotal");
        const QString done = formatBytes(static_cast<double>(bytes));
        add(TaskDock::tr("Data"),
            total > 0 ? TaskDock::tr("%1 of %2").arg(done, formatBytes(static_cast<double>(total))) : done);
    }
    const bool active = state == QLatin1String("running") || state == QLatin1String("verifying") ||
                        state == QLatin1String("stalled");
    if (active) {
        if (moves) {
            add(TaskDock::tr("Throughput"), formatRate(static_cast<double>(num(task, u"throughputBps"))));
        }
        add(TaskDock::tr("Ends"),
            session::has(task, u"etaSeconds")   ? session::minuteText(nowMs + num(task, u"etaSeconds") * 1000)
            : state == QLatin1String("stalled") ? TaskDock::tr("not known while stalled")
                                                : TaskDock::tr("not known"));
        const qint64 progress = time(task, u"lastProgressAt");
        add(TaskDock::tr("Last progress"),
            progress > 0 ? session::clockText(progress) : TaskDock::tr("none yet"));
        add(TaskDock::tr("Deadline"),
            TaskDock::tr("%1 without progress").arg(formatDuration(num(task, u"stallAfterMs"))));
        if (const QJsonObject worker = obj(task, u"worker"); num(worker, u"pid") > 0) {
            add(TaskDock::tr("Worker"),
                TaskDock::tr("pid %1, %2")
                    .arg(num(worker, u"pid"))
                    .arg(worker.value(QLatin1String("alive")).toBool() ? TaskDock::tr("alive")
                                                                       : TaskDock::tr("gone")));
        }
    } else if (num(task, u"attempt") == 0) {
        add(TaskDock::tr("Waits for"), session::strings(task, u"needs").join(QStringLiteral(", ")));
    }
    add(TaskDock::tr("Role"), str(task, u"role"));
    return rows;
}

}  // namespace sluice::pages
