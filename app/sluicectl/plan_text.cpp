#include "plan_text.h"

#include <QtCore/QJsonArray>

#include "core/units.h"
#include "table.h"
#include "words.h"

namespace sluice::ctl {
namespace {

QString classWord(int actionClass)
{
    static const QStringList kWords{QStringLiteral("reads only"), QStringLiteral("reversible"),
                                    QStringLiteral("disruptive"), QStringLiteral("destructive")};
    return kWords.value(actionClass, QStringLiteral("unknown class"));
}

QString lockText(const QJsonObject& lock)
{
    const QJsonValue alive = lock["alive"];
    const QString life = !alive.isBool()  ? QStringLiteral("not known whether it lives")
                         : alive.toBool() ? QStringLiteral("alive: left alone")
                                          : QStringLiteral("gone: broken");
    return QStringLiteral("%1 on %2, held by %3 at %4 (%5)")
        .arg(lock["lock"].toString(), lock["object"].toString(), lock["client"].toString(),
             lock["address"].toString(), life);
}

QString tasksText(const QJsonArray& tasks)
{
    QString out;
    for (const QJsonValue& value : tasks) {
        const QJsonObject task = value.toObject();
        const QJsonArray dropped = task["dropped"].toArray();
        out += QStringLiteral("\n%1, attempt %2\n")
                   .arg(task["task"].toString(), QString::number(task["attempt"].toInt()));
        // A cancel neither keeps nor drops.
        if (task.contains(QLatin1String("kept"))) {
            const QJsonObject kept = task["kept"].toObject();
            out += QStringLiteral("  keeps   %1, %2\n")
                       .arg(counted(kept["objects"].toInteger(), QStringLiteral("object")),
                            formatBytes(kept["bytes"].toDouble()));
            out += dropped.isEmpty() ? QStringLiteral("  drops   nothing\n") : QString();
        }
        for (const QJsonValue& item : dropped) {
            out += QStringLiteral("  drops   %1, %2: %3\n")
                       .arg(item["object"].toString(), formatBytes(item["sizeBytes"].toDouble()),
                            item["why"].toString());
        }
        for (const QJsonValue& lock : task["locks"].toArray()) {
            out += QStringLiteral("  lock    %1\n").arg(lockText(lock.toObject()));
        }
        for (const QJsonValue& address : task["fenced"].toArray()) {
            out += QStringLiteral("  fences  %1\n").arg(address.toString());
        }
    }
    return out;
}

QString linesText(const QString& title, const QJsonArray& lines)
{
    if (lines.isEmpty()) {
        return {};
    }
    QString out = '\n' + title + '\n';
    for (const QJsonValue& line : lines) {
        out += QStringLiteral("  - %1\n").arg(line.toString());
    }
    return out;
}

QString subject(const QJsonObject& plan)
{
    if (plan.contains(QLatin1String("run"))) {
        return plan["run"].toString();
    }
    return QStringLiteral("%1, from %2 to %3")
        .arg(plan["role"].toString(), plan["from"].toVariant().toString(), plan["to"].toVariant().toString());
}

}  // namespace

QString planText(const QJsonObject& answer)
{
    const QJsonObject plan = answer["plan"].toObject();
    const int actionClass = plan["class"].toInt();
    QString out = QStringLiteral("Plan: %1 %2 (class %3, %4)\n")
                      .arg(plan["action"].toString(), subject(plan), QString::number(actionClass),
                           classWord(actionClass));
    out += tasksText(plan["tasks"].toArray());
    const QJsonArray steps = plan["steps"].toArray();
    if (!steps.isEmpty()) {
        out += QStringLiteral("\nSteps\n");
        Table table({});
        int n = 0;
        for (const QJsonValue& step : steps) {
            const QString check = step["checkedBy"].toString();
            table.add({QStringLiteral("  %1.").arg(++n), step["title"].toString(),
                       check.isEmpty() ? QString() : QStringLiteral("checked by: ") + check});
        }
        out += table.text();
    }
    out += linesText(QStringLiteral("Touches"), plan["touches"].toArray());
    out += linesText(QStringLiteral("Cannot be undone"), plan["cannotUndo"].toArray());
    out += QStringLiteral("\nPlan hash %1\n").arg(answer["planHash"].toString());
    return out;
}

}  // namespace sluice::ctl
