#include "run_text.h"

#include <QtCore/QJsonArray>

#include "core/units.h"
#include "table.h"
#include "words.h"

namespace sluice::ctl {
namespace {

constexpr int kTasksShown = 1000;

QString bytesProgress(const QJsonObject& row)
{
    const double total = row["bytesTotal"].toDouble();
    if (total <= 0) {
        return QStringLiteral("-");
    }
    return QStringLiteral("%1, %2 of %3")
        .arg(percent(row["bytesDone"].toDouble(), total), formatBytes(row["bytesDone"].toDouble()), formatBytes(total));
}

QString objectsProgress(const QJsonObject& row)
{
    const qint64 total = row["objectsTotal"].toInteger();
    return total <= 0 ? QStringLiteral("-")
                      : QStringLiteral("%1/%2").arg(formatCount(row["objectsDone"].toInteger()), formatCount(total));
}

QString rate(const QJsonObject& row)
{
    const double value = row["throughputBps"].toDouble();
    return value > 0 ? formatRate(value) : QStringLiteral("-");
}

QString note(const QJsonObject& task)
{
    const QJsonObject blocked = task["blocked"].toObject();
    const QJsonObject error = task["error"].toObject();
    const QString state = task["state"].toString();
    if (!error.isEmpty()) {
        return error["message"].toString();
    }
    if (!blocked.isEmpty() && (state == QLatin1String("running") || state == QLatin1String("stalled"))) {
        const QJsonValue why = blocked["error"];
        const QString text = why.isObject() ? why["message"].toString() : why.toString();
        return QStringLiteral("blocked (%1): %2").arg(blocked["what"].toString(), text);
    }
    if (task["kind"] == QLatin1String("approve") && task["approvedBy"].toString().isEmpty() &&
        (state == QLatin1String("ready") || state == QLatin1String("running"))) {
        return QStringLiteral("%1 — sluicectl flow approve %2 %3")
            .arg(task["message"].toString(), task["run"].toString(), task["task"].toString());
    }
    if (!task["approvedBy"].toString().isEmpty()) {
        return QStringLiteral("approved by %1").arg(task["approvedBy"].toString());
    }
    return task["message"].toString();
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
        QStringList cells{run["id"].toString(), run["flow"].toString(), run["state"].toString(),
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

QString runText(const QJsonObject& run, const QList<QJsonObject>& tasks, qint64 tasksTotal, Style style, qint64 nowMs)
{
    const bool screen = style == Style::Screen;
    QString out = QStringLiteral("%1  %2  %3  %4/%5 tasks")
                      .arg(run["id"].toString(), run["flow"].toString(), run["state"].toString())
                      .arg(run["tasksDone"].toInteger())
                      .arg(run["tasksTotal"].toInteger());
    if (screen) {
        out += QStringLiteral("  %1").arg(bytesProgress(run));
        if (run["throughputBps"].toDouble() > 0) {
            out += QStringLiteral("  %1  left %2").arg(rate(run), eta(run["etaSeconds"]));
        }
        out += QStringLiteral("\nsubmitted by %1 %2").arg(run["submittedBy"].toString(),
                                                         ago(run["submittedAt"].toString(), nowMs));
    }
    out += '\n';
    if (!run["caseId"].toString().isEmpty()) {
        out += QStringLiteral("Case %1 is open: sluicectl doctor %2\n").arg(run["caseId"].toString(), run["id"].toString());
    }
    out += screen ? QStringLiteral("\n") : QString();
    QStringList heading{"TASK", "KIND", "STATE"};
    heading += screen ? QStringList{"FOR", "TRY", "OBJECTS", "PROGRESS", "RATE", "LEFT", "NOTE"}
                      : QStringList{"TRY", "OBJECTS", "PROGRESS", "NOTE"};
    Table table(heading);
    for (const QJsonObject& task : tasks) {
        QStringList cells{task["task"].toString(), task["kind"].toString(), task["state"].toString()};
        if (screen) {
            cells += since(task["stateSince"].toString(), nowMs);
        }
        const int attempt = task["attempt"].toInt();
        cells += {attempt > 0 ? QString::number(attempt) : QStringLiteral("-"), objectsProgress(task),
                  bytesProgress(task)};
        if (screen) {
            cells += {rate(task), eta(task["etaSeconds"])};
        }
        cells += note(task);
        table.add(cells);
    }
    out += table.text();
    if (tasksTotal > tasks.size()) {
        out += QStringLiteral("… and %1 more tasks\n").arg(formatCount(tasksTotal - tasks.size()));
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
        new LiveView(context,
                     {.topics = {{.topic = QStringLiteral("runs"), .filter = {{"id", run}}},
                                 {.topic = QStringLiteral("tasks"), .filter = {{"run", run}}, .limit = kTasksShown}},
                      .text =
                          [&context, run](const LiveView::Rows& rows, Style style) {
                              return runText(rows.at(0).row(run), rows.at(1).rows(), rows.at(1).total(), style,
                                             context.nowMs());
                          },
                      .ended = [run](const LiveView::Rows& rows) { return exitCodeOfRun(rows.at(0).row(run)); },
                      .readAll =
                          [&context, run](const std::function<void(const LiveView::Rows&)>& then) {
                              context.call(QStringLiteral("flow.show"), {{"run", run}}, [then](const QJsonObject& answer) {
                                  const QList<QJsonObject> tasks = objects(answer["tasks"]);
                                  then({mirrorOf({answer["run"].toObject()}, 1),
                                        mirrorOf(tasks, answer["tasksTotal"].toInteger(tasks.size()))});
                              });
                          }});
    });
}

}  // namespace sluice::ctl
