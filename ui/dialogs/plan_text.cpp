#include "ui/dialogs/plan_text.h"

#include <QtCore/QCoreApplication>

#include "core/units.h"
#include "ui/session/row.h"

namespace sluice::dialogs {
namespace {

using session::arr;
using session::num;
using session::obj;
using session::str;
using session::strings;

QString tr(const char* text)
{
    return QCoreApplication::translate("sluice::dialogs", text);
}

QString counted(qint64 count, const char* one, const char* many)
{
    return count == 1 ? tr(one) : tr(many).arg(formatCount(count));
}

QList<std::pair<QString, QString>> resetFigures(const QJsonObject& plan)
{
    qint64 kept = 0, keptBytes = 0, dropped = 0, droppedBytes = 0, locks = 0, living = 0;
    const QJsonArray tasks = arr(plan, u"tasks");
    for (const QJsonValue& value : tasks) {
        const QJsonObject task = value.toObject();
        kept += num(obj(task, u"kept"), u"objects");
        keptBytes += num(obj(task, u"kept"), u"bytes");
        const QJsonArray objects = arr(task, u"dropped");
        for (const QJsonValue& object : objects) {
            ++dropped;
            droppedBytes += num(object.toObject(), u"sizeBytes");
        }
        const QJsonArray held = arr(task, u"locks");
        for (const QJsonValue& lock : held) {
            (lock.toObject().value(QLatin1String("alive")).toBool(true) ? living : locks) += 1;
        }
    }
    return {{counted(tasks.size(), "1 task", "%1 tasks"), tr("of %1 start again").arg(str(plan, u"run"))},
            {counted(kept, "1 object", "%1 objects"),
             tr("kept if equal, %1").arg(formatBytes(static_cast<double>(keptBytes)))},
            {counted(dropped, "1 object", "%1 objects"),
             dropped == 0 ? tr("removed")
                          : tr("removed, %1").arg(formatBytes(static_cast<double>(droppedBytes)))},
            {counted(locks, "1 lock", "%1 locks"),
             living == 0 ? tr("broken") : tr("broken, %1 left alone").arg(living)}};
}

}  // namespace

QList<PlannedStep> planSteps(const QJsonObject& plan)
{
    QList<PlannedStep> steps;
    const QJsonArray array = arr(plan, u"steps");
    for (const QJsonValue& value : array) {
        const QJsonObject step = value.toObject();
        steps.append({str(step, u"id"), str(step, u"title"), str(step, u"checkedBy")});
    }
    return steps;
}

QList<std::pair<QString, QString>> planFigures(const QJsonObject& plan)
{
    const QString action = str(plan, u"action");
    if (action == QLatin1String("flow.reset")) {
        return resetFigures(plan);
    }
    if (action == QLatin1String("keys.rotate")) {
        return {
            {tr("1 role"), tr("%1 on %2").arg(str(plan, u"role"), str(plan, u"connection"))},
            {formatDuration(num(plan, u"overlapMs")), tr("both keys work")},
            {str(plan, u"to").section('.', -1), tr("follows %1").arg(str(plan, u"from").section('.', -1))}};
    }
    if (action == QLatin1String("keys.renew")) {
        return {
            {tr("1 role"), tr("%1 on %2").arg(str(plan, u"role"), str(plan, u"connection"))},
            {str(plan, u"to").section('.', -1), tr("follows %1").arg(str(plan, u"from").section('.', -1))}};
    }
    if (action == QLatin1String("flow.cancel")) {
        return {{counted(num(plan, u"ending"), "1 task", "%1 tasks"), tr("end now")},
                {counted(num(plan, u"notStarted"), "1 task", "%1 tasks"), tr("never start")},
                {counted(num(plan, u"done"), "1 task", "%1 tasks"), tr("stay done")}};
    }
    return {};
}

QString planAsText(const QString& title, const QJsonObject& plan)
{
    QStringList lines{title};
    int number = 0;
    for (const PlannedStep& step : planSteps(plan)) {
        lines << tr("%1. %2 (checked by: %3)").arg(++number).arg(step.title, step.checkedBy);
    }
    for (const QString& text : strings(plan, u"touches")) {
        lines << tr("Touches: %1").arg(text);
    }
    for (const QString& text : strings(plan, u"cannotUndo")) {
        lines << tr("Cannot be undone: %1").arg(text);
    }
    return lines.join('\n');
}

QStringList planDifferences(const QJsonObject& before, const QJsonObject& now)
{
    const auto linesOf = [](const QJsonObject& plan) {
        QStringList lines;
        for (const PlannedStep& step : planSteps(plan)) {
            lines << step.title;
        }
        return lines + strings(plan, u"touches") + strings(plan, u"cannotUndo");
    };
    const QStringList old = linesOf(before);
    const QStringList fresh = linesOf(now);
    QStringList differences;
    for (const QString& line : old) {
        if (!fresh.contains(line)) {
            differences << tr("no longer: %1").arg(line);
        }
    }
    for (const QString& line : fresh) {
        if (!old.contains(line)) {
            differences << tr("new: %1").arg(line);
        }
    }
    return differences;
}

}  // namespace sluice::dialogs
