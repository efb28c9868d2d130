#include "flow/run.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QSet>

#include "core/clock.h"

namespace sluice::flow {

using model::TaskState;

model::TaskSpec Task::readSpec() const
{
    return kind->specFromJson(QJsonDocument::fromJson(spec).object());
}

std::optional<model::Location> Task::destination() const
{
    if (traits().keepsManifest) {
        for (const TaskPlace& place : kind->touches(readSpec(), {}).places) {
            if (place.destination) {
                return place.location;
            }
        }
    }
    return std::nullopt;
}

void Task::addUnfinished(const QStringList& objects)
{
    constexpr qsizetype kKept = 64;
    unfinished = objects + unfinished;
    unfinished.removeDuplicates();
    unfinished = unfinished.mid(0, kKept);
}

void Task::keepInFlight()
{
    QStringList names;
    for (const QJsonObject& object : live ? live->inFlight : QList<QJsonObject>()) {
        names.append(object["name"].toString());
    }
    addUnfinished(names);
}

TaskState Run::state() const
{
    const int total = static_cast<int>(tasks.size());
    if (cancelled) {
        return TaskState::Cancelled;
    }
    if (count(TaskState::Done) == total) {
        return TaskState::Done;
    }
    if (count(TaskState::Stalled) > 0) {
        return TaskState::Stalled;
    }
    if (count(TaskState::Running) > 0) {
        return TaskState::Running;
    }
    if (count(TaskState::Verifying) > 0) {
        return TaskState::Verifying;
    }
    if (count(TaskState::Failed) > 0) {
        return TaskState::Failed;
    }
    return count(TaskState::Ready) > 0 ? TaskState::Ready : TaskState::Waiting;
}

void Run::setState(int task, TaskState state)
{
    Task& t = tasks[static_cast<size_t>(task)];
    --counts[static_cast<size_t>(t.state)];
    t.state = state;
    ++counts[static_cast<size_t>(t.state)];
}

void Run::connectTasks()
{
    counts.fill(0);
    index.clear();
    index.reserve(static_cast<qsizetype>(tasks.size()));
    for (int i = 0; i < static_cast<int>(tasks.size()); ++i) {
        Task& task = tasks[static_cast<size_t>(i)];
        index.insert(task.name, i);
        task.needsLeft = 0;
        ++counts[static_cast<size_t>(task.state)];
        for (const int need : task.needs) {
            tasks[static_cast<size_t>(need)].dependents.append(i);
            task.needsLeft += tasks[static_cast<size_t>(need)].state == TaskState::Done ? 0 : 1;
        }
    }
}

QString Run::taskId(int task) const
{
    return id + '/' + tasks[static_cast<size_t>(task)].name;
}

model::TaskSpec Run::subjectOf(const model::TaskSpec& spec) const
{
    const int at = index.value(spec.name, -1);
    const QString subject = at < 0 ? QString() : tasks[static_cast<size_t>(at)].kind->subject(spec);
    const int found = subject.isEmpty() ? -1 : index.value(subject, -1);
    return found < 0 ? model::TaskSpec{} : tasks[static_cast<size_t>(found)].readSpec();
}

Touches Run::touchesOf(int task) const
{
    const Task& touching = tasks[static_cast<size_t>(task)];
    const model::TaskSpec spec = touching.readSpec();
    return touching.kind->touches(spec, subjectOf(spec));
}

Error noSuchRun(const QString& run)
{
    return {.code = ErrorCode::NotFound,
            .message = QStringLiteral("There is no run '%1'").arg(run),
            .cause = QStringLiteral("the engine knows no such run"),
            .correction = QStringLiteral("See what there is with: sluicectl flow list."),
            .source = QStringLiteral("flow")};
}

Error noSuchTask(const QString& run, const QString& task)
{
    return {.code = ErrorCode::NotFound,
            .message = QStringLiteral("%1 has no task '%2'").arg(run, task),
            .cause = QStringLiteral("its flow names no such task"),
            .correction = QStringLiteral("See its tasks with: sluicectl flow show %1.").arg(run),
            .source = QStringLiteral("flow")};
}

QJsonObject runRow(const Run& run, const Clock& clock)
{
    qint64 objectsDone = 0, objectsTotal = 0, bytesDone = 0, bytesTotal = 0;
    double throughput = 0;
    qint64 leftOut = 0;
    bool leftOutKnown = true;
    qint64 eta = -1;
    bool etaKnown = run.state() == TaskState::Running || run.state() == TaskState::Verifying;
    const qint64 mono = clock.monotonicMs();
    for (const Task& task : run.tasks) {
        for (const QJsonValue kind : task.live ? task.live->leftOut : task.figures.leftOut) {
            // what lies at a destination beside the run's own is nobody's loss
            leftOut += kind["what"] == QLatin1String("others") ? 0 : kind["count"].toInteger();
            leftOutKnown = leftOutKnown && !kind["atLeast"].toBool();
        }
        if (task.live) {
            objectsDone += task.live->objectsDone;
            bytesDone += task.live->bytesDone;
            objectsTotal += qMax<qint64>(0, task.live->objectsTotal);
            bytesTotal += qMax<qint64>(0, task.live->bytesTotal);
            throughput += task.live->rate.perSecond(mono);
            const qint64 left = task.live->rate.secondsLeft(mono, task.live->bytesTotal);
            etaKnown = etaKnown && (left >= 0 || !task.traits().keepsManifest);
            eta = qMax(eta, left);
        } else {
            objectsDone += task.figures.objectsDone;
            bytesDone += task.figures.bytesDone;
            objectsTotal += qMax<qint64>(0, task.figures.objects);
            bytesTotal += qMax<qint64>(0, task.figures.bytes);
        }
    }
    QJsonObject counts;
    for (size_t i = 0; i < run.counts.size(); ++i) {
        if (run.counts[i] > 0) {
            counts[model::toString(static_cast<TaskState>(i))] = run.counts[i];
        }
    }
    return {{"id", run.id},
            {"flow", run.flow},
            {"state", model::toString(run.state())},
            {"submittedBy", run.submittedBy},
            {"submittedAt", toRfc3339(run.submittedAtMs)},
            {"startedAt", toRfc3339(run.startedAtMs)},
            {"endedAt", toRfc3339(run.endedAtMs)},
            {"tasksTotal", static_cast<qint64>(run.tasks.size())},
            {"tasksDone", run.count(TaskState::Done)},
            {"counts", counts},
            {"objectsDone", objectsDone},
            {"objectsTotal", objectsTotal},
            {"leftOut", leftOut},
            {"leftOutKnown", leftOutKnown},
            {"bytesDone", bytesDone},
            {"bytesTotal", bytesTotal},
            {"throughputBps", static_cast<qint64>(throughput)},
            {"etaSeconds", etaKnown && eta >= 0 ? QJsonValue(eta) : QJsonValue()},
            {"connections", QJsonArray::fromStringList(run.connections)},
            {"caseId", run.caseId.isEmpty() ? QJsonValue() : QJsonValue(run.caseId)}};
}

QJsonObject taskRow(const Run& run, int index, const Clock& clock)
{
    const Task& task = run.tasks[static_cast<size_t>(index)];
    const model::TaskSpec spec = task.readSpec();
    QJsonArray needs;
    for (const int need : task.needs) {
        needs.append(run.tasks[static_cast<size_t>(need)].name);
    }
    QJsonObject row{{"id", run.taskId(index)},
                    {"run", run.id},
                    {"task", task.name},
                    {"kind", task.kind->name()},
                    {"kindTitle", task.traits().title.isEmpty() ? task.kind->name() : task.traits().title},
                    {"asksAPerson", task.traits().asksAPerson},
                    {"keepsManifest", task.traits().keepsManifest},
                    {"onlyReads", task.traits().onlyReads},
                    {"needs", needs},
                    {"state", model::toString(task.state)},
                    {"stateSince", toRfc3339(task.stateSinceMs)},
                    {"attempt", task.attempt},
                    {"fence", task.fence},
                    {"role", spec.role},
                    {"stallAfterMs", task.stallAfterMs},
                    {"waitsFor", task.waitsFor},
                    {"approvedBy", task.approvedBy},
                    {"error", task.error ? QJsonValue(task.error->toJson()) : QJsonValue()},
                    {"endedAt", isFinal(task.state) ? toRfc3339(task.stateSinceMs) : QString()}};
    const QJsonObject words = task.kind->words(spec);
    for (auto it = words.begin(); it != words.end(); ++it) {
        row[it.key()] = it.value();
    }
    if (!task.live) {
        row["phase"] = task.state == TaskState::Ready && task.traits().asksAPerson
                           ? QStringLiteral("waits for a person")
                       : task.resetting ? QStringLiteral("resetting")
                                        : QString();
        row["objectsTotal"] = task.figures.objects;
        row["bytesTotal"] = task.figures.bytes;
        row["objectsDone"] = task.figures.objectsDone;
        row["objectsKept"] = task.figures.objectsKept;
        row["objectsNot"] = task.figures.objectsNot;
        row["leftOut"] = task.figures.leftOut;
        row["bytesDone"] = task.figures.bytesDone;
        row["blocked"] = QJsonValue();
        return row;
    }
    const Live& live = *task.live;
    const qint64 mono = clock.monotonicMs();
    const qint64 left = live.bytesTotal >= 0 ? live.rate.secondsLeft(mono, live.bytesTotal) : -1;
    row["phase"] = task.resetting ? QStringLiteral("resetting") : live.phase;
    row["objectsTotal"] = live.objectsTotal;
    row["bytesTotal"] = live.bytesTotal;
    row["objectsDone"] = live.objectsDone;
    row["objectsKept"] = live.objectsKept;
    row["objectsNot"] = live.objectsNot;
    row["leftOut"] = live.leftOut;
    row["bytesDone"] = live.bytesDone;
    row["throughputBps"] = static_cast<qint64>(live.rate.perSecond(mono));
    row["etaSeconds"] = left >= 0 ? QJsonValue(left) : QJsonValue();
    row["lastProgressAt"] = toRfc3339(live.lastProgressAtMs);
    row["blocked"] = live.blocked.isEmpty() ? QJsonValue() : QJsonValue(live.blocked);
    row["hops"] = live.hops;
    QJsonArray inFlight;
    for (const QJsonObject& object : live.inFlight) {
        inFlight.append(object);
    }
    row["inFlight"] = inFlight;
    row["worker"] = QJsonObject{{"pid", live.pid}, {"alive", live.alive}};
    return row;
}

}  // namespace sluice::flow
