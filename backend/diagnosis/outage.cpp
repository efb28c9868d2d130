#include "diagnosis/outage.h"

#include <QtCore/QJsonArray>
#include <algorithm>

#include "diagnosis/general_rules.h"

namespace sluice::diagnosis {

QStringList outageOf(const QJsonObject& diagnosis)
{
    // Confirmed findings stand first, the nearest before the others: only that one is why the task waits.
    const QJsonObject cause = diagnosis["findings"].toArray().first().toObject();
    if (cause["verdict"] != QLatin1String("confirmed")) {
        return {};
    }
    if (const QStringList broken = cause["broken"].toVariant().toStringList(); !broken.isEmpty()) {
        return broken;
    }
    // What a task failed of is its own, unless the rule knows what it shares with others.
    if (cause["rule"] == kReported) {
        return {};
    }
    const QString subject = cause["evidence"].toArray().first()["entity"].toString();
    // A task's own id has no kind in it.
    return subject.count('/') < 2 ? QStringList() : QStringList{subject};
}

bool sameOutage(const QStringList& one, const QStringList& other)
{
    return std::any_of(one.begin(), one.end(), [&other](const QString& id) { return other.contains(id); });
}

}  // namespace sluice::diagnosis
