#include "engine/case.h"

#include <QtCore/QJsonArray>
#include <algorithm>
#include <iterator>

#include "core/clock.h"
#include "diagnosis/outage.h"

namespace sluice::engine {
namespace {

/// An outage may stall a thousand runs; a row tells the evidence of this many.
constexpr size_t kRunsTold = 50;

/// The cause of each run with the evidence for it; all that was looked at stands in the run's own row.
QJsonArray byRun(const Case& item)
{
    QJsonArray told;
    for (const QString& run : item.runs) {
        const auto found = item.own.find(run);
        if (found == item.own.end() || static_cast<size_t>(told.size()) == kRunsTold) {
            continue;
        }
        const QJsonObject& own = found->second.found;
        const QJsonArray findings = own["findings"].toArray();
        told.append(
            QJsonObject{{"run", run},
                        {"tasks", QJsonArray::fromStringList(item.tasksOf(run))},
                        {"rule", own["rule"]},
                        {"verdict", own["verdict"]},
                        {"summary", own["summary"]},
                        {"lookedAt", own["lookedAt"]},
                        {"findings", findings.isEmpty() ? QJsonArray() : QJsonArray{findings.first()}}});
    }
    return told;
}

}  // namespace

OwnFindings::OwnFindings(const QJsonObject& findings) : found(findings), outage(diagnosis::outageOf(findings))
{
}

bool Case::isEarly() const
{
    return phase == QLatin1String("found") || phase == QLatin1String("cause named") ||
           phase == QLatin1String("decide");
}

bool Case::hasOutage(const QString& but) const
{
    return std::any_of(own.begin(), own.end(),
                       [&but](const auto& one) { return one.first != but && !one.second.outage.isEmpty(); });
}

bool Case::sharesOutage(const QStringList& outage, const QString& but) const
{
    return std::any_of(own.begin(), own.end(), [&](const auto& one) {
        return one.first != but && diagnosis::sameOutage(outage, one.second.outage);
    });
}

void Case::forgetMost()
{
    for (const QString& one : runs.mid(static_cast<qsizetype>(kRunsTold))) {
        own.erase(one);
    }
}

QStringList Case::tasksOf(const QString& run) const
{
    QStringList mine;
    const QString prefix = run + '/';
    std::copy_if(tasks.begin(), tasks.end(), std::back_inserter(mine),
                 [&prefix](const QString& task) { return task.startsWith(prefix); });
    return mine;
}

QJsonObject Case::toJson() const
{
    QJsonArray events;
    for (const QJsonObject& event : timeline) {
        events.append(event);
    }
    QJsonObject json = diagnosis;
    json["id"] = id;
    json["run"] = run;
    json["runs"] = QJsonArray::fromStringList(runs);
    json["tasks"] = QJsonArray::fromStringList(tasks);
    json["title"] = title;
    json["phase"] = phase;
    json["openedAt"] = toRfc3339(openedAtMs);
    json["closedAt"] = closedAtMs > 0 ? QJsonValue(toRfc3339(closedAtMs)) : QJsonValue();
    json["lookedAt"] = toRfc3339(lookedAtMs);
    json["timeline"] = events;
    json["byRun"] = byRun(*this);
    json["subject"] = subject;
    if (const auto broken = own.find(kOfSubject); broken != own.end()) {
        json["broken"] = broken->second.found;
    } else {
        json.remove(QStringLiteral("broken"));
    }
    if (!json.contains(QLatin1String("findings"))) {
        json["findings"] = QJsonArray();
        json["chain"] = QJsonArray();
        json["remedy"] = QJsonValue();
        json["summary"] = QStringLiteral("Looking for the cause.");
        json["rule"] = QString();
        json["verdict"] = QStringLiteral("unknown");
    }
    return json;
}

Case Case::fromJson(const QJsonObject& json)
{
    Case item{.number = json["id"].toString().mid(2).toLongLong(),
              .id = json["id"].toString(),
              .run = json["run"].toString(),
              .runs = json["runs"].toVariant().toStringList(),
              .subject = json["subject"].toString(),
              .tasks = json["tasks"].toVariant().toStringList(),
              .title = json["title"].toString(),
              .phase = json["phase"].toString(),
              .openedAtMs = fromRfc3339(json["openedAt"].toString()),
              .closedAtMs = fromRfc3339(json["closedAt"].toString()),
              .lookedAtMs = fromRfc3339(json["lookedAt"].toString()),
              .diagnosis = json};
    if (item.runs.isEmpty() && !item.run.isEmpty()) {
        item.runs.append(item.run);
    }
    if (json["broken"].isObject()) {
        item.own[kOfSubject] = OwnFindings(json["broken"].toObject());
    }
    for (const QJsonValue& event : json["timeline"].toArray()) {
        item.timeline.append(event.toObject());
    }
    for (const QJsonValue& found : json["byRun"].toArray()) {
        item.own[found["run"].toString()] = OwnFindings(found.toObject());
    }
    return item;
}

}  // namespace sluice::engine
