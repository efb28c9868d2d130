#include <limits>

#include "core/units.h"
#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/task_kind.h"
#include "ui/models/texts.h"
#include "ui/models/words.h"
#include "ui/session/row.h"

namespace sluice::models {
namespace {

using session::num;
using session::str;
using session::time;

QString connectionsOf(const QJsonObject& run)
{
    return session::strings(run, u"connections").join(QStringLiteral(", "));
}

double fractionOf(qint64 done, qint64 total)
{
    return total <= 0 ? -1 : static_cast<double>(done) / static_cast<double>(total);
}

style::Tone barTone(const QJsonObject& row)
{
    const style::Tone tone = taskMark(row).tone;
    return tone == style::Tone::Neutral ? style::Tone::Progress : tone;
}

qint64 runNumber(const QJsonObject& run)
{
    return str(run, u"id").section('-', 1).toLongLong();
}

}  // namespace

QList<Column> runColumns()
{
    return {
        {.id = QStringLiteral("state"),
         .title = tr("State"),
         .state = taskMark,
         .sortKey = [](const QJsonObject& run) { return style::stateRank(str(run, u"state")); },
         .width = 100},
        {.id = QStringLiteral("run"),
         .title = tr("Run"),
         .text = [](const QJsonObject& run, qint64) { return str(run, u"flow"); },
         .note = [](const QJsonObject& run, qint64) { return str(run, u"id"); },
         .name = true},
        {.id = QStringLiteral("tasks"),
         .title = tr("Tasks done"),
         .text = [](const QJsonObject& run,
                    qint64) { return ofText(num(run, u"tasksDone"), num(run, u"tasksTotal")); },
         .fraction =
             [](const QJsonObject& run) {
                 return fractionOf(num(run, u"tasksDone"), num(run, u"tasksTotal"));
             },
         .sortKey =
             [](const QJsonObject& run) {
                 return fractionOf(num(run, u"tasksDone"), num(run, u"tasksTotal"));
             },
         .tone = barTone,
         .width = 184},
        {.id = QStringLiteral("throughput"),
         .title = tr("Throughput"),
         .text = [](const QJsonObject& run,
                    qint64) { return formatRate(static_cast<double>(num(run, u"throughputBps"))); },
         .sortKey = [](const QJsonObject& run) { return num(run, u"throughputBps"); },
         .figure = true,
         .width = 104},
        {.id = QStringLiteral("ends"),
         .title = tr("Ends"),
         .text = endsText,
         .sortKey =
             [](const QJsonObject& run) {
                 return session::has(run, u"etaSeconds") ? num(run, u"etaSeconds")
                                                         : std::numeric_limits<qint64>::max();
             },
         .right = true,
         .ages = true,
         .width = 88},
        {.id = QStringLiteral("connections"),
         .title = tr("Connections"),
         .text = [](const QJsonObject& run, qint64) { return connectionsOf(run); },
         .quiet = true,
         .width = 150},
    };
}

bool runBefore(const QJsonObject& a, const QJsonObject& b)
{
    const int left = style::stateRank(str(a, u"state"));
    const int right = style::stateRank(str(b, u"state"));
    return left != right ? left < right : runNumber(a) > runNumber(b);
}

bool runInProgress(const QJsonObject& run)
{
    const QString state = str(run, u"state");
    return state != QLatin1String("done") && state != QLatin1String("cancelled");
}

QList<Column> taskColumns()
{
    return {
        {.id = QStringLiteral("state"),
         .title = tr("State"),
         .state = taskMark,
         .sortKey = [](const QJsonObject& task) { return style::stateRank(str(task, u"state")); },
         .width = 104},
        {.id = QStringLiteral("task"),
         .title = tr("Task"),
         .text = [](const QJsonObject& task, qint64) { return str(task, u"task"); },
         .note = [](const QJsonObject& task, qint64) { return kindTitle(task); },
         .name = true,
         .width = 190},
        {.id = QStringLiteral("objects"),
         .title = tr("Objects"),
         .text =
             [](const QJsonObject& task, qint64) {
                 const qint64 total = num(task, u"objectsTotal");
                 return total > 0 ? ofText(num(task, u"objectsDone"), total) : QString();
             },
         .fraction =
             [](const QJsonObject& task) {
                 return fractionOf(num(task, u"objectsDone"), num(task, u"objectsTotal"));
             },
         .sortKey = [](const QJsonObject& task) { return num(task, u"objectsDone"); },
         .tone = barTone,
         .width = 200},
        {.id = QStringLiteral("bytes"),
         .title = tr("Data"),
         .text =
             [](const QJsonObject& task, qint64) {
                 const qint64 bytes = num(task, u"bytesDone");
                 return bytes > 0 ? formatBytes(static_cast<double>(bytes)) : QString();
             },
         .sortKey = [](const QJsonObject& task) { return num(task, u"bytesDone"); },
         .figure = true,
         .width = 88},
        {.id = QStringLiteral("throughput"),
         .title = tr("Throughput"),
         .text =
             [](const QJsonObject& task, qint64) {
                 const qint64 rate = num(task, u"throughputBps");
                 return rate > 0 ? formatRate(static_cast<double>(rate)) : QString();
             },
         .sortKey = [](const QJsonObject& task) { return num(task, u"throughputBps"); },
         .figure = true,
         .width = 104},
        {.id = QStringLiteral("attempt"),
         .title = tr("Attempt"),
         .text =
             [](const QJsonObject& task, qint64) {
                 const qint64 attempt = num(task, u"attempt");
                 return attempt > 0 ? QString::number(attempt) : QString();
             },
         .sortKey = [](const QJsonObject& task) { return num(task, u"attempt"); },
         .right = true,
         .width = 72},
        {.id = QStringLiteral("says"),
         .title = tr("Says"),
         .text =
             [](const QJsonObject& task, qint64 nowMs) {
                 const QString blocked = blockedText(task);
                 return blocked.isEmpty() ? taskLine(task, nowMs) : blocked;
             },
         .ages = true},
    };
}

QList<Column> actionColumns()
{
    return {
        {.id = QStringLiteral("at"),
         .title = tr("Time"),
         .text = [](const QJsonObject& action, qint64) { return session::minuteText(time(action, u"at")); },
         .toolTip = [](const QJsonObject& action, qint64) { return str(action, u"at"); },
         .sortKey = [](const QJsonObject& action) { return time(action, u"at"); },
         .quiet = true,
         .whole = true,
         .width = 58},
        {.id = QStringLiteral("action"),
         .title = tr("Action"),
         .text = [](const QJsonObject& action, qint64) { return actionTitle(action); },
         .note =
             [](const QJsonObject& action, qint64) {
                 const QString who = str(action, u"principal");
                 return who.isEmpty() ? QString() : tr("by %1").arg(who);
             },
         .toolTip = [](const QJsonObject& action,
                       qint64) { return session::strings(action, u"objects").join('\n'); }},
        {.id = QStringLiteral("class"),
         .title = tr("Class"),
         .text = [](const QJsonObject& action, qint64) { return tr("class %1").arg(num(action, u"class")); },
         .toolTip = [](const QJsonObject& action,
                       qint64) { return classWord(static_cast<int>(num(action, u"class"))); },
         .sortKey = [](const QJsonObject& action) { return num(action, u"class"); },
         .quiet = true,
         .whole = true,
         .width = 60},
        {.id = QStringLiteral("state"),
         .title = tr("Outcome"),
         .toolTip = [](const QJsonObject& action, qint64) { return str(action, u"detail"); },
         .state = [](const QJsonObject& action) { return actionMark(str(action, u"state")); },
         .width = 120},
    };
}

bool newerAction(const QJsonObject& a, const QJsonObject& b)
{
    const qint64 left = time(a, u"at");
    const qint64 right = time(b, u"at");
    return left != right ? left > right : num(a, u"auditSeq") > num(b, u"auditSeq");
}

QList<Column> auditColumns()
{
    return {
        {.id = QStringLiteral("seq"),
         .title = tr("No."),
         .text = [](const QJsonObject& record, qint64) { return formatCount(num(record, u"seq")); },
         .sortKey = [](const QJsonObject& record) { return num(record, u"seq"); },
         .right = true,
         .quiet = true,
         .width = 52},
        {.id = QStringLiteral("time"),
         .title = tr("Time"),
         .text = [](const QJsonObject& record,
                    qint64 nowMs) { return session::whenText(time(record, u"time"), nowMs); },
         .toolTip = [](const QJsonObject& record, qint64) { return str(record, u"time"); },
         .sortKey = [](const QJsonObject& record) { return time(record, u"time"); },
         .whole = true,
         .width = 118},
        {.id = QStringLiteral("who"),
         .title = tr("Who"),
         .text = [](const QJsonObject& record, qint64) { return str(record, u"principal"); },
         .width = 96},
        {.id = QStringLiteral("action"),
         .title = tr("Action"),
         .text = [](const QJsonObject& record, qint64) { return str(record, u"action"); },
         .name = true,
         .width = 132},
        {.id = QStringLiteral("class"),
         .title = tr("Class"),
         .text = [](const QJsonObject& record, qint64) { return tr("class %1").arg(num(record, u"class")); },
         .toolTip = [](const QJsonObject& record,
                       qint64) { return classWord(static_cast<int>(num(record, u"class"))); },
         .sortKey = [](const QJsonObject& record) { return num(record, u"class"); },
         .quiet = true,
         .whole = true,
         .width = 66},
        {.id = QStringLiteral("objects"),
         .title = tr("Objects"),
         .text = [](const QJsonObject& record,
                    qint64) { return session::strings(record, u"objects").join(QStringLiteral(", ")); },
         .toolTip = [](const QJsonObject& record,
                       qint64) { return session::strings(record, u"objects").join('\n'); },
         .quiet = true},
        {.id = QStringLiteral("outcome"),
         .title = tr("Outcome"),
         .state = [](const QJsonObject& record) { return auditMark(str(record, u"outcome")); },
         .width = 150},
    };
}

bool newerRecord(const QJsonObject& a, const QJsonObject& b)
{
    return num(a, u"seq") > num(b, u"seq");
}

}  // namespace sluice::models
