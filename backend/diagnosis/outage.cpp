#include "diagnosis/outage.h"

#include <QtCore/QJsonArray>
#include <algorithm>

namespace sluice::diagnosis {
namespace {

/// Entities of the finding's evidence of one kind: "<connection>/<kind>/<name>".
QStringList entitiesOf(const QJsonObject& finding, const QString& kind)
{
    QStringList found;
    for (const QJsonValue& item : finding["evidence"].toArray()) {
        const QString entity = item["entity"].toString();
        if (entity.section('/', 1, 1) == kind && entity.count('/') >= 2 && !found.contains(entity)) {
            found.append(entity);
        }
    }
    return found;
}

}  // namespace

QStringList outageOf(const QJsonObject& diagnosis)
{
    // Confirmed findings stand first, the nearest before the others: only that one is why the task waits.
    const QJsonObject cause = diagnosis["findings"].toArray().first().toObject();
    const QString rule = cause["rule"].toString();
    if (cause["verdict"] != QLatin1String("confirmed") || rule == QLatin1String("R1")) {
        return {};
    }
    const QString subject = cause["evidence"].toArray().first()["entity"].toString();
    // A task's own id has no kind in it.
    if (subject.count('/') < 2) {
        return {};
    }
    if (rule == QLatin1String("R5")) {
        // Each object lies in a PG of its own; what is broken are the OSDs.
        if (const QStringList osds = entitiesOf(cause, QStringLiteral("osd")); !osds.isEmpty()) {
            return osds;
        }
    }
    if (rule == QLatin1String("R9")) {
        return {subject.section('/', 0, 0) + QStringLiteral("/osds-full")};
    }
    return {subject};
}

bool sameOutage(const QStringList& one, const QStringList& other)
{
    return std::any_of(one.begin(), one.end(), [&other](const QString& id) { return other.contains(id); });
}

}  // namespace sluice::diagnosis
