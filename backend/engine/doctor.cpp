#include "engine/doctor.h"

#include <QtCore/QJsonArray>

#include "engine/key_service.h"
#include "engine/troubled.h"

namespace sluice::engine {

using model::TaskState;

namespace {

constexpr int kWatchMs = 5000;
/// Of a case of many runs so many are looked at again at a time, beside the one that leads it.
constexpr qsizetype kRunsLookedAt = 8;

/// "R-3 was cancelled"; empty for a run that goes on. A cancelled one may take a while to end: its attempts
/// are fenced.
QString howItEnded(const QString& id, const flow::Run* run)
{
    if (!run) {
        return QStringLiteral("%1 is not known any more").arg(id);
    }
    const bool over = run->endedAtMs > 0 || (run->cancelled && !inTrouble(*run));
    return !over            ? QString()
           : run->cancelled ? QStringLiteral("%1 was cancelled").arg(id)
                            : QStringLiteral("%1 is done").arg(id);
}

/// Every task of the case has done something since the engine started, or is over.
bool movesAgain(const Case& item, const flow::FlowEngine& flow)
{
    return std::all_of(item.tasks.begin(), item.tasks.end(), [&flow](const QString& id) {
        const flow::Task* task = taskGoingOn(id, flow);
        if (!task || !isActive(task->state)) {
            return !task || isFinal(task->state);
        }
        return !task->traits().keepsManifest ||
               (task->live && task->live->objectsDone > task->live->objectsKept);
    });
}

}  // namespace

Doctor::Doctor(const diagnosis::RuleBook& rules, flow::FlowEngine& flow, estate::Estate& estate,
               connect::Link& link, CaseBook& cases, const KeyService& keys, keys::KeyVault& vault,
               const Clock& clock, QObject* parent)
    : QObject(parent),
      m_flow(flow),
      m_cases(cases),
      m_probes(link, keys, vault, clock),
      m_examiner(
          rules, flow, estate, m_probes, keys, clock,
          [this](const flow::Run& run, const diagnosis::Diagnosis& found) { concluded(run, found); },
          [this](const flow::Run& run, bool looked) { return rowFor(run, looked); }),
      m_quiet(flow, cases, clock)
{
    connect(&flow, &flow::FlowEngine::taskStalled, this, &Doctor::stalled);
    connect(&flow, &flow::FlowEngine::taskStateChanged, this, &Doctor::stateChanged);
    connect(&flow, &flow::FlowEngine::runsChanged, this, &Doctor::runsChanged);
    connect(&cases, &CaseBook::runPlaced, &flow, &flow::FlowEngine::setCase);
    m_watch.setInterval(kWatchMs);
    connect(&m_watch, &QTimer::timeout, this, &Doctor::watch);
    m_watch.start();
}

void Doctor::stalled(const QString& runId, int task)
{
    const flow::Run* run = m_flow.run(runId);
    const flow::Task& item = run->tasks[static_cast<size_t>(task)];
    // What stops it may be what stops others already: then it joins them, once that is seen.
    if (m_cases.openCaseOf(runId) || m_cases.openCount() == 0) {
        m_flow.setCase(
            runId, m_cases.openOrJoin(runId, run->taskId(task), item.name, item.state == TaskState::Failed));
    }
    m_examiner.examineLater(runId);
}

void Doctor::stateChanged(const QString& runId, int task)
{
    const flow::Run* run = m_flow.run(runId);
    if (run->tasks[static_cast<size_t>(task)].state == TaskState::Failed && !run->cancelled) {
        stalled(runId, task);
        return;
    }
    settleCaseOf(runId);
}

/// The end of a run is no change of state of a task that had failed before.
void Doctor::runsChanged(const QStringList& runs)
{
    for (const QString& id : runs) {
        if (const flow::Run* run = m_flow.run(id); run && run->endedAtMs > 0) {
            settleCaseOf(id);
        }
    }
}

void Doctor::settleCaseOf(const QString& run)
{
    if (const Case* open = m_cases.openCaseOf(run)) {
        settle(open->id);
    }
}

void Doctor::begin(bool crashed)
{
    const QStringList open = m_cases.openIds();
    m_unproven = QSet<QString>(open.begin(), open.end());
    for (const QString& id : open) {
        m_cases.remark(id, crashed ? QStringLiteral("the engine ended unexpectedly and was started again")
                                   : QStringLiteral("the engine was started again"));
    }
}

void Doctor::settle(const QString& caseId)
{
    const Case* open = m_cases.openCase(caseId);
    const bool quiet = m_quiet.watches(caseId);
    // Without a run it is not about tasks that move.
    if (!open || open->runs.isEmpty() || open->phase == QLatin1String("carry out") ||
        (open->phase == QLatin1String("verify") && !quiet)) {
        return;
    }
    const QStringList runs = open->runs;
    QStringList ended, endings;
    for (const QString& run : runs) {
        if (const QString how = howItEnded(run, m_flow.run(run)); !how.isEmpty()) {
            ended.append(run);
            endings.append(how);
        }
    }
    if (ended.size() == runs.size() && !open->stands()) {
        m_cases.close(caseId, endings.join(QStringLiteral("; ")));
        setCase(runs, {});
        return;
    }
    for (qsizetype i = 0; i < ended.size(); ++i) {
        m_cases.detachRun(caseId, ended[i], endings[i]);
    }
    setCase(ended, {});
    if (!quiet && !open->stands() && !inTrouble(*open, m_flow) &&
        (!m_unproven.contains(caseId) || movesAgain(*open, m_flow))) {
        m_unproven.remove(caseId);
        const QString remark = QStringLiteral("it moves again without a reset");
        m_cases.setPhase(caseId, QStringLiteral("verify"), remark);
        m_quiet.begin(caseId, remark);
    }
}

void Doctor::setCase(const QStringList& runs, const QString& id)
{
    for (const QString& run : runs) {
        m_flow.setCase(run, id);
    }
}

bool Doctor::leadsCase(const flow::Run& run, const Case& item) const
{
    for (const QString& id : item.runs) {
        const flow::Run* other = m_flow.run(id);
        if (other && inTrouble(*other)) {
            return id == run.id;
        }
    }
    return true;
}

void Doctor::watch()
{
    // After a restart, or a reset that was given up, a run may be out of trouble without a change of state to
    // tell so.
    for (const QString& id : m_cases.openIds()) {
        setCase(m_cases.openCase(id)->runs, id);
        settle(id);
    }
    // While many are still being looked at, they share what was asked for the first of them.
    if (m_examiner.idle()) {
        m_probes.forget();
        lookAgain();
    }
}

void Doctor::lookAgain()
{
    QHash<QString, QStringList> ofCase;
    for (const auto& [number, run] : m_flow.runs()) {
        if (run->endedAtMs > 0) {
            continue;
        }
        // A task that failed is looked at when it does; again only where its case was found anew after that.
        const Case* open = m_cases.openCaseOf(run->id);
        const bool failed =
            run->count(TaskState::Failed) > 0 && open && open->phase == QLatin1String("found");
        if (!open && inTrouble(*run) && !run->cancelled) {
            m_examiner.examineLater(run->id);
        } else if (open && (failed || run->count(TaskState::Stalled) > 0)) {
            ofCase[open->id].append(run->id);
        }
    }
    m_next.removeIf([&ofCase](const auto& next) { return !ofCase.contains(next.key()); });
    for (auto it = ofCase.cbegin(); it != ofCase.cend(); ++it) {
        const QStringList& runs = it.value();
        m_examiner.examineLater(runs.first());
        qsizetype& next = m_next[it.key()];
        for (qsizetype i = 0; i < std::min(kRunsLookedAt, runs.size()); ++i) {
            m_examiner.examineLater(runs.at(next++ % runs.size()));
        }
    }
}

void Doctor::examine(const QString& run, Done done)
{
    m_examiner.examineNow(run, std::move(done));
}

QJsonObject Doctor::rowFor(const flow::Run& run, bool looked)
{
    if (run.endedAtMs > 0) {
        settleCaseOf(run.id);
    }
    const Case* open = looked ? m_cases.openCaseOf(run.id) : nullptr;
    return open ? m_cases.rowOf(open->id, run.id) : withoutCase(run);
}

void Doctor::concluded(const flow::Run& run, const diagnosis::Diagnosis& found)
{
    bool opened = false;
    const Case* open = m_cases.openCaseOf(run.id);
    for (int i = 0; (!open || opened) && i < static_cast<int>(run.tasks.size()); ++i) {
        const flow::Task& task = run.tasks[static_cast<size_t>(i)];
        if (inTrouble(task.state)) {
            const bool failed = task.state == TaskState::Failed;
            m_cases.openOrJoin(run.id, run.taskId(i), task.name, failed, opened ? nullptr : &found);
            opened = true;
            open = m_cases.openCaseOf(run.id);
        }
    }
    if (open) {
        m_flow.setCase(run.id, m_cases.diagnosed(open->id, run.id, found, leadsCase(run, *open)));
    }
}

QJsonObject Doctor::withoutCase(const flow::Run& run) const
{
    QString summary;
    QStringList waiting;
    for (const flow::Task& task : run.tasks) {
        if (task.state == TaskState::Ready) {
            waiting.append(task.traits().asksAPerson
                               ? QStringLiteral("%1 waits for a person: sluicectl flow approve %2 %1")
                                     .arg(task.name, run.id)
                               : QStringLiteral("%1 waits to start%2")
                                     .arg(task.name, task.waitsFor.isEmpty()
                                                         ? QString()
                                                         : QStringLiteral(": ") + task.waitsFor));
        }
    }
    switch (run.state()) {
        case TaskState::Done:
            summary = QStringLiteral("The run is done; nothing is wrong.");
            break;
        case TaskState::Cancelled:
            summary =
                run.endedAtMs > 0
                    ? QStringLiteral("The run was cancelled by a person; nothing is wrong.")
                    : QStringLiteral("The run was cancelled by a person; its attempts are being ended.");
            break;
        case TaskState::Running:
        case TaskState::Verifying:
            summary = QStringLiteral("The run moves; no task is over its deadline.");
            break;
        default:
            summary =
                QStringLiteral("Nothing is stalled. ") + waiting.mid(0, 5).join(QStringLiteral("; ")) + '.';
    }
    return {{"id", QJsonValue()},
            {"run", run.id},
            {"tasks", QJsonArray()},
            {"title", QStringLiteral("%1 %2").arg(run.id, model::toString(run.state()))},
            {"phase", QStringLiteral("closed")},
            {"summary", summary},
            {"rule", QString()},
            {"verdict", QStringLiteral("none")},
            {"findings", QJsonArray()},
            {"chain", QJsonArray()},
            {"remedy", QJsonValue()},
            {"timeline", QJsonArray()}};
}

}  // namespace sluice::engine
