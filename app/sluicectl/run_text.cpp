#include "run_text.h"

#include <QtCore/QJsonArray>
#include <algorithm>

#include "core/clock.h"
#include "core/units.h"
#include "table.h"
#include "words.h"

namespace sluice::ctl {
namespace {

constexpr int kTasksShown = 1000;
/// Of all bytes, as long as an object is left: one without bytes is one too.
constexpr double kNotAll = 0.995;

QString bytesProgress(const QJsonObject& row)
{
    const double total = row["bytesTotal"].toDouble();
    if (total <= 0) {
        return QStringLiteral("-");
    }
    const bool objectsLeft = row["objectsDone"].toInteger() < row["objectsTotal"].toInteger();
    const double done =
        objectsLeft ? std::min(row["bytesDone"].toDouble(), kNotAll * total) : row["bytesDone"].toDouble();
    return QStringLiteral("%1, %2 of %3")
        .arg(percent(done, total), formatBytes(row["bytesDone"].toDouble()), formatBytes(total));
}

QString objectsProgress(const QJsonObject& row)
{
    const qint64 total = row["objectsTotal"].toInteger();
    return total <= 0
               ? QStringLiteral("-")
               : QStringLiteral("%1/%2").arg(formatCount(row["objectsDone"].toInteger()), formatCount(total));
}

QString rate(const QJsonObject& row)
{
    const double value = row["throughputBps"].toDouble();
    return value > 0 ? formatRate(value) : QStringLiteral("-");
}

/// It ends when a person approves it. An engine that sends no traits sends the question.
bool asksAPerson(const QJsonObject& task)
{
    return task.contains(QLatin1String("asksAPerson")) ? task["asksAPerson"].toBool()
                                                       : task.contains(QLatin1String("message"));
}

/// It compares and changes nothing; without traits, it has a place to look at and none to write to.
bool comparesOnly(const QJsonObject& task)
{
    return task.contains(QLatin1String("onlyReads"))
               ? task["onlyReads"].toBool()
               : task.contains(QLatin1String("from")) && !task.contains(QLatin1String("to"));
}

bool isStalled(const QJsonObject& task)
{
    return task["state"] == QLatin1String("stalled");
}

bool isHeldUp(const QJsonObject& task)
{
    return isStalled(task) ||
           (task["state"] == QLatin1String("running") && !task["blocked"].toObject().isEmpty());
}

/// How long a task is in its state, of one that is stalled without progress; of one that is over how long it
/// took.
QString howLong(const QJsonObject& task, qint64 nowMs)
{
    if (isStalled(task) && !task["lastProgressAt"].toString().isEmpty()) {
        return since(task["lastProgressAt"].toString(), nowMs);
    }
    if (task["state"] != QLatin1String("done") && task["state"] != QLatin1String("cancelled")) {
        return since(task["stateSince"].toString(), nowMs);
    }
    const qint64 started = fromRfc3339(task["startedAt"].toString());
    const qint64 ended = fromRfc3339(task["endedAt"].toString());
    return started > 0 && ended > 0 ? formatDuration(ended - started) : QStringLiteral("-");
}

QString note(const QJsonObject& task)
{
    const QJsonObject blocked = task["blocked"].toObject();
    const QJsonObject error = task["error"].toObject();
    const QString state = task["state"].toString();
    if (!error.isEmpty()) {
        return error["message"].toString();
    }
    if (!blocked.isEmpty() && isHeldUp(task)) {
        const QJsonValue why = blocked["error"];
        const QString text = why.isObject() ? why["message"].toString() : why.toString();
        return QStringLiteral("blocked (%1): %2").arg(blocked["what"].toString(), text);
    }
    if (asksAPerson(task) && task["approvedBy"].toString().isEmpty() &&
        (state == QLatin1String("ready") || state == QLatin1String("running"))) {
        return QStringLiteral("%1 — sluicectl flow approve %2 %3")
            .arg(task["message"].toString(), task["run"].toString(), task["task"].toString());
    }
    if (!task["approvedBy"].toString().isEmpty()) {
        return QStringLiteral("approved by %1").arg(task["approvedBy"].toString());
    }
    return task["message"].toString();
}

/// Notes say why: one that does not fit into the last column gets lines of its own, for it must not be cut
/// off.
QString withNotes(const QString& table, const QStringList& notes, int columns)
{
    const QStringList lines = table.split('\n', Qt::SkipEmptyParts);
    qsizetype width = 0;
    for (const QString& line : lines) {
        width = std::max(width, line.size());
    }
    QString out;
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const QString note = i == 0 ? QStringLiteral("NOTE") : notes.at(i - 1);
        const bool fits = columns == 0 || width + 2 + note.size() < columns;
        out += note.isEmpty() || !fits ? lines.at(i) : lines.at(i).leftJustified(width + 2) + note;
        out += '\n';
        out += fits || note.isEmpty() || i == 0 ? QString() : folded(note, QStringLiteral("    "), columns);
    }
    return out;
}

/// What a source has and a move does not carry, for one of that kind and for more.
struct LeftOutWord {
    const char* what;
    const char* one;
    const char* more;
};

constexpr LeftOutWord kLeftOut[] = {
    {"link", "symbolic link", "symbolic links"},
    {"special", "FIFO, socket or device", "FIFOs, sockets or devices"},
    {"emptyFolder", "empty folder", "empty folders"},
    {"staged", "unfinished copy of a run", "unfinished copies of a run"},
    {"fileAttributes", "file's extended attributes", "files' extended attributes"},
    {"xattrs", "object's attributes", "objects' attributes"},
    {"omap", "object's omap", "objects' omaps"},
    {"snapshots", "object's snapshots", "objects' snapshots"},
    {"namespaces", "object in another namespace", "objects in other namespaces"},
    {"metadata", "object's metadata", "objects' metadata"},
    {"tags", "object's tags", "objects' tags"},
    {"versions", "older version", "older versions"},
    {"folderMarker", "folder marker", "folder markers"},
    {"others", "object that is not of this run", "objects that are not of this run"},
};

/// "copy left out 3 symbolic links, such as /data/in/link"; a verify "did not compare" them; "copy: not known
/// whether older versions are left out: …"
QString leftOutLine(const QJsonObject& task, const QJsonObject& kind)
{
    const QString what = kind["what"].toString();
    const qint64 count = kind["count"].toInteger();
    const auto* const word =
        std::find_if(std::begin(kLeftOut), std::end(kLeftOut),
                     [&what](const LeftOutWord& row) { return what == QLatin1String(row.what); });
    const QString named = word == std::end(kLeftOut)
                              ? what
                              : formOf(count, QString::fromUtf8(word->one), QString::fromUtf8(word->more));
    const bool more = kind["atLeast"].toBool();
    const QString why = more ? QStringLiteral("; not all are counted: ") + kind["why"].toString() : QString();
    if (more && count == 0) {
        return QStringLiteral("%1: not known whether %2 are left out: %3")
            .arg(task["task"].toString(), named, kind["why"].toString());
    }
    const QString example = kind["example"].toString();
    const QString form = what == QLatin1String("others") ? QStringLiteral("%1 found %2 %3")
                         : comparesOnly(task)            ? QStringLiteral("%1 did not compare %2 %3")
                                                         : QStringLiteral("%1 left out %2 %3");
    return form.arg(task["task"].toString(),
                    (more ? QStringLiteral("at least ") : QString()) + formatCount(count), named) +
           (example.isEmpty() ? QString()
                              : formOf(count, QStringLiteral(": "), QStringLiteral(", such as ")) + example) +
           why;
}

}  // namespace

QString runsText(const QList<QJsonObject>& runs, Style style, qint64 nowMs)
{
    if (runs.isEmpty()) {
        return QStringLiteral("No runs yet. Start one with: sluicectl flow submit FILE\n");
    }
    const bool screen = style == Style::Screen;
    QStringList heading{"RUN", "FLOW", "STATE", "TASKS", "PROGRESS"};
    heading += screen ? QStringList{"RATE", "LEFT", "SUBMITTED", "BY", "CASE"} : QStringList{"CASE"};
    Table table(heading);
    for (const QJsonObject& run : runs) {
        QStringList cells{
            run["id"].toString(), run["flow"].toString(), run["state"].toString(),
            QStringLiteral("%1/%2").arg(run["tasksDone"].toInteger()).arg(run["tasksTotal"].toInteger()),
            bytesProgress(run)};
        if (screen) {
            cells += {rate(run), eta(run["etaSeconds"]), ago(run["submittedAt"].toString(), nowMs),
                      run["submittedBy"].toString()};
        }
        cells += orDash(run["caseId"].toString());
        table.add(cells);
    }
    return table.text();
}

QString runText(const QJsonObject& run, const QList<QJsonObject>& tasks, qint64 tasksTotal, Style style,
                qint64 nowMs, int columns)
{
    const bool screen = style == Style::Screen;
    QString out = QStringLiteral("%1  %2  %3  %4/%5 tasks")
                      .arg(run["id"].toString(), run["flow"].toString(), run["state"].toString(),
                           QString::number(run["tasksDone"].toInteger()),
                           QString::number(run["tasksTotal"].toInteger()));
    if (screen) {
        out += QStringLiteral("  %1").arg(bytesProgress(run));
        if (run["throughputBps"].toDouble() > 0) {
            const bool heldUp = std::any_of(tasks.begin(), tasks.end(), isHeldUp);
            out += QStringLiteral("  %1  left %2")
                       .arg(rate(run), heldUp ? QStringLiteral("-") : eta(run["etaSeconds"]));
        }
        out += QStringLiteral("\nsubmitted by %1 %2")
                   .arg(run["submittedBy"].toString(), ago(run["submittedAt"].toString(), nowMs));
    }
    out += '\n';
    if (!run["caseId"].toString().isEmpty()) {
        out += QStringLiteral("Case %1 is open: sluicectl doctor %2\n")
                   .arg(run["caseId"].toString(), run["id"].toString());
    }
    out += screen ? QStringLiteral("\n") : QString();
    QStringList heading{"TASK", "KIND", "STATE"};
    heading += screen ? QStringList{"FOR", "TRY", "OBJECTS", "PROGRESS", "RATE", "LEFT"}
                      : QStringList{"TRY", "OBJECTS", "PROGRESS"};
    Table table(heading);
    QStringList notes;
    for (const QJsonObject& task : tasks) {
        QStringList cells{task["task"].toString(), task["kind"].toString(), task["state"].toString()};
        if (screen) {
            cells += howLong(task, nowMs);
        }
        const int attempt = task["attempt"].toInt();
        cells += {attempt > 0 ? QString::number(attempt) : QStringLiteral("-"), objectsProgress(task),
                  bytesProgress(task)};
        if (screen) {
            cells += {isStalled(task) ? QStringLiteral("-") : rate(task),
                      isHeldUp(task) ? QStringLiteral("-") : eta(task["etaSeconds"])};
        }
        table.add(cells);
        notes.append(note(task).simplified());
    }
    out += withNotes(table.text(), notes, columns);
    for (const QJsonObject& task : tasks) {
        for (const QJsonValue kind : task["leftOut"].toArray()) {
            const QString line = leftOutLine(task, kind.toObject());
            out += columns == 0 ? line + '\n' : folded(line, QString(), columns);
        }
    }
    if (tasksTotal > tasks.size()) {
        out +=
            QStringLiteral("… and %1\n").arg(counted(tasksTotal - tasks.size(), QStringLiteral("more task")));
    }
    return out;
}

std::optional<ExitCode> exitCodeOfRun(const QJsonObject& run)
{
    const QString state = run["state"].toString();
    if (state == QLatin1String("done")) {
        return ExitCode::Ok;
    }
    // A run is cancelled at once and ends when the last of its attempts has.
    const bool over = state == QLatin1String("cancelled") && !run["endedAt"].toString().isEmpty();
    return over || state == QLatin1String("failed") ? std::optional(ExitCode::Failed) : std::nullopt;
}

namespace {

rpc::RowMirror mirrorOf(const QList<QJsonObject>& rows, qint64 total)
{
    rpc::RowMirror mirror;
    mirror.apply({.reset = true, .total = static_cast<int>(total), .upserts = rows});
    return mirror;
}

}  // namespace

void watchRun(Context& context, const QString& run)
{
    // Asked for first, so that a run that does not exist is an error and not an empty screen.
    context.call(QStringLiteral("flow.show"), {{"run", run}}, [&context, run](const QJsonObject&) {
        new LiveView(
            context,
            {.topics = {{.topic = QStringLiteral("runs"), .filter = {{"id", run}}},
                        {.topic = QStringLiteral("tasks"), .filter = {{"run", run}}, .limit = kTasksShown}},
             .text =
                 [&context, run](const LiveView::Rows& rows, Style style) {
                     return runText(rows.at(0).row(run), rows.at(1).rows(), rows.at(1).total(), style,
                                    context.nowMs(), screenColumns());
                 },
             .ended = [run](const LiveView::Rows& rows) { return exitCodeOfRun(rows.at(0).row(run)); },
             .readAll =
                 [&context, run](const std::function<void(const LiveView::Rows&)>& then) {
                     context.call(QStringLiteral("flow.show"), {{"run", run}},
                                  [then](const QJsonObject& answer) {
                                      const QList<QJsonObject> tasks = objects(answer["tasks"]);
                                      then({mirrorOf({answer["run"].toObject()}, 1),
                                            mirrorOf(tasks, answer["tasksTotal"].toInteger(tasks.size()))});
                                  });
                 }});
    });
}

}  // namespace sluice::ctl
