#include "ui/dialogs/plan_text.h"

#include <QtCore/QCoreApplication>

#include "core/units.h"
#include "ui/session/row.h"
#include "ui/style/english_forms.h"

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

QString tr(const char* text, const char* comment, qint64 count)
{
    return QCoreApplication::translate("sluice::dialogs", text, comment, style::formOf(count))
        .arg(formatCount(count));
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
    return {{tr("%1 tasks", nullptr, tasks.size()), tr("of %1 start again").arg(str(plan, u"run"))},
            {tr("%1 objects", nullptr, kept),
             tr("kept if equal, %1").arg(formatBytes(static_cast<double>(keptBytes)))},
            {tr("%1 objects", nullptr, dropped),
             dropped == 0 ? tr("removed")
                          : tr("removed, %1").arg(formatBytes(static_cast<double>(droppedBytes)))},
            {tr("%1 locks", nullptr, locks),
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
        return {{tr("%1 tasks", nullptr, num(plan, u"ending")), tr("end now")},
                {tr("%1 tasks", nullptr, num(plan, u"notStarted")), tr("never start")},
                {tr("%1 tasks", nullptr, num(plan, u"done")), tr("stay done")}};
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
