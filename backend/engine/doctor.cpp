#include "engine/doctor.h"

#include <QtCore/QJsonArray>
#include <QtCore/QPointer>

#include "diagnosis/diagnose.h"
#include "diagnosis/probed_facts.h"
#include "engine/key_service.h"
#include "engine/task_views.h"

namespace sluice::engine {

using model::TaskState;

namespace {

constexpr int kWatchMs = 5000;
constexpr int kProbeMs = 2500;
constexpr int kFollowUpMs = 1500;
constexpr size_t kTasksLookedAt = 8;

bool troubled(TaskState state)
{
    return state == TaskState::Stalled || state == TaskState::Failed;
}

bool troubled(const flow::Run& run)
{
    return run.endedAtMs == 0 && run.count(TaskState::Stalled) + run.count(TaskState::Failed) > 0;
}

/// "R-3 was cancelled"; empty for a run that goes on. A cancelled one may take a while to end: its attempts
/// are fenced.
QString howItEnded(const QString& id, const flow::Run* run)
{
    if (!run) {
        return QStringLiteral("%1 is not known any more").arg(id);
    }
    const bool over = run->endedAtMs > 0 || (run->cancelled && !troubled(*run));
    return !over            ? QString()
           : run->cancelled ? QStringLiteral("%1 was cancelled").arg(id)
                            : QStringLiteral("%1 is done").arg(id);
}

/// Every task of the case has done something since the engine started, or is over.
bool movesAgain(const Case& item, const flow::FlowEngine& flow)
{
    return std::all_of(item.tasks.begin(), item.tasks.end(), [&flow](const QString& id) {
        const flow::Run* run = flow.run(id.section('/', 0, 0));
        const int index = run ? run->index.value(id.section('/', 1), -1) : -1;
        if (index < 0 || run->endedAtMs > 0) {
            return true;
        }
        const flow::Task& task = run->tasks[static_cast<size_t>(index)];
        if (!isActive(task.state)) {
            return isFinal(task.state);
        }
        return !task.traits().keepsManifest || (task.live && task.live->objectsDone > task.live->objectsKept);
    });
}

}  // namespace

bool inTrouble(const Case& item, const flow::FlowEngine& flow)
{
    return std::any_of(item.tasks.begin(), item.tasks.end(), [&flow](const QString& id) {
        const flow::Run* run = flow.run(id.section('/', 0, 0));
        const int index = run ? run->index.value(id.section('/', 1), -1) : -1;
        if (index < 0 || run->endedAtMs > 0) {
            return false;
        }
        const flow::Task& task = run->tasks[static_cast<size_t>(index)];
        return troubled(task.state) || task.resetting;
    });
}

/// One examination of one run.
struct Doctor::Look {
    QString run{};
    QList<diagnosis::TaskView> views{};
    std::unique_ptr<diagnosis::ProbedFacts> facts{};
    Done done{};
    int open{};
};

Doctor::Doctor(const diagnosis::RuleBook& rules, flow::FlowEngine& flow, estate::Estate& estate,
               connect::Link& link, CaseBook& cases, const KeyService& keys, keys::KeyVault& vault,
               const Clock& clock, QObject* parent)
    : QObject(parent),
      m_rules(rules),
      m_flow(flow),
      m_facts(estate),
      m_link(link),
      m_cases(cases),
      m_keys(keys),
      m_vault(vault),
      m_clock(clock),
      m_quiet(flow, cases, clock)
{
    connect(&flow, &flow::FlowEngine::taskStalled, this, &Doctor::stalled);
    connect(&flow, &flow::FlowEngine::taskStateChanged, this, &Doctor::stateChanged);
    connect(&flow, &flow::FlowEngine::runsChanged, this, &Doctor::runsChanged);
    m_watch.setInterval(kWatchMs);
    connect(&m_watch, &QTimer::timeout, this, &Doctor::watch);
    m_watch.start();
}

void Doctor::stalled(const QString& runId, int task)
{
    const flow::Run* run = m_flow.run(runId);
    const flow::Task& item = run->tasks[static_cast<size_t>(task)];
    const QString id =
        m_cases.openOrJoin(runId, run->taskId(task), item.name, item.state == TaskState::Failed);
    m_flow.setCase(runId, id);
    examine(runId, [](const Result<QJsonObject>&) {});
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
    if (!open || open->phase == QLatin1String("carry out") ||
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
    if (ended.size() == runs.size()) {
        m_cases.close(caseId, endings.join(QStringLiteral("; ")));
        setCase(runs, {});
        return;
    }
    for (qsizetype i = 0; i < ended.size(); ++i) {
        m_cases.detachRun(caseId, ended[i], endings[i]);
    }
    setCase(ended, {});
    if (!quiet && !inTrouble(*open, m_flow) && (!m_unproven.contains(caseId) || movesAgain(*open, m_flow))) {
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
        if (other && troubled(*other)) {
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
    for (const auto& [number, run] : m_flow.runs()) {
        // A task that failed is looked at when it does; again only where its case was found anew after that.
        const Case* open = m_cases.openCaseOf(run->id);
        const bool failed =
            run->count(TaskState::Failed) > 0 && open && open->phase == QLatin1String("found");
        if (run->endedAtMs == 0 && (failed || run->count(TaskState::Stalled) > 0)) {
            for (int i = 0; !m_cases.openCaseOf(run->id) && i < static_cast<int>(run->tasks.size()); ++i) {
                if (run->tasks[static_cast<size_t>(i)].state == TaskState::Stalled) {
                    stalled(run->id, i);
                }
            }
            examine(run->id, [](const Result<QJsonObject>&) {});
        }
    }
}

void Doctor::examine(const QString& runId, Done done)
{
    const flow::Run* run = m_flow.run(runId);
    if (!run) {
        done(fail(flow::noSuchRun(runId)));
        return;
    }
    if (run->endedAtMs > 0) {
        settleCaseOf(runId);
        done(withoutCase(*run));
        return;
    }
    auto look = std::make_shared<Look>();
    look->run = runId;
    look->done = std::move(done);
    look->facts = std::make_unique<diagnosis::ProbedFacts>(m_facts, m_rules);
    QSet<QString> kinds;
    for (int i = 0;
         i < static_cast<int>(run->tasks.size()) && static_cast<size_t>(look->views.size()) < kTasksLookedAt;
         ++i) {
        if (!troubled(run->tasks[static_cast<size_t>(i)].state)) {
            continue;
        }
        diagnosis::TaskView view = taskView(*run, i, m_keys, m_clock);
        m_rules.complete(view, m_facts);
        const QJsonObject& said = view.blocked;
        const QString key =
            QStringList{said["what"].toString(), view.connections.join(','), said["cephPool"].toString(),
                        said["object"].toString(), said["error"]["message"].toString()}
                .join('|');
        if (!kinds.contains(key)) {
            kinds.insert(key);
            look->views.append(view);
        }
    }
    if (look->views.isEmpty()) {
        look->done(withoutCase(*run));
        return;
    }
    QList<diagnosis::Probe> probes;
    for (const diagnosis::TaskView& view : look->views) {
        probes += m_rules.probesFor(view, *look->facts);
    }
    probe(look, probes, kProbeMs, [this, look] {
        QList<diagnosis::Probe> more;
        for (const diagnosis::TaskView& view : look->views) {
            more += m_rules.followUpProbes(view, *look->facts);
        }
        probe(look, more, kFollowUpMs, [this, look] { conclude(look); });
    });
}

void Doctor::probe(std::shared_ptr<Look> look, const QList<diagnosis::Probe>& probes, int deadlineMs,
                   std::function<void()> then)
{
    // One guard call of its own, so that `then` runs once, also when there is nothing to ask.
    auto open = std::make_shared<qsizetype>(probes.size() + 1);
    auto over = std::make_shared<bool>(false);
    const auto finish = [open, over, then] {
        if (--*open == 0 && !*over) {
            *over = true;
            then();
        }
    };
    QTimer::singleShot(deadlineMs, this, [over, then] {
        if (!*over) {
            *over = true;
            then();
        }
    });
    for (const diagnosis::Probe& item : probes) {
        if (!item.keyOf.isEmpty()) {
            probeKey(look, item, deadlineMs, finish);
        } else {
            send(look, item, item.params, deadlineMs, finish);
        }
    }
    finish();
}

void Doctor::send(std::shared_ptr<Look> look, const diagnosis::Probe& item, const QJsonObject& params,
                  int deadlineMs, std::function<void()> finish)
{
    m_link.call(item.connection, item.method, params, deadlineMs, false,
                [this, look, item, finish](const Result<QJsonObject>& reply) {
                    if (reply) {
                        look->facts->addReply(item, *reply, m_clock.nowMs());
                    } else {
                        look->facts->addError(item, reply.error(), m_clock.nowMs());
                    }
                    finish();
                });
}

void Doctor::probeKey(std::shared_ptr<Look> look, const diagnosis::Probe& item, int deadlineMs,
                      std::function<void()> finish)
{
    const QString secretName = m_keys.secretNameOf(item.keyOf);
    if (secretName.isEmpty()) {
        finish();
        return;
    }
    m_vault.get(secretName, [this, guard = QPointer<Doctor>(this), look, item, deadlineMs,
                             finish](const Result<QByteArray>& key) {
        if (!guard) {
            return;
        }
        if (!key) {
            look->facts->addError(item, key.error(), m_clock.nowMs());
            finish();
            return;
        }
        QJsonObject params = item.params;
        params["key"] = QString::fromLatin1(key->trimmed());
        send(look, item, params, deadlineMs, finish);
    });
}

void Doctor::conclude(std::shared_ptr<Look> look)
{
    const flow::Run* run = m_flow.run(look->run);
    if (!troubled(*run)) {
        // It moves again since the look was begun; what was seen then is no longer the state of things.
        const Case* open = m_cases.openCaseOf(look->run);
        look->done(open ? m_cases.rowOf(open->id, look->run) : withoutCase(*run));
        return;
    }
    QList<diagnosis::Diagnosis> all;
    for (const diagnosis::TaskView& view : look->views) {
        all.append(diagnosis::diagnose(m_rules, view, *look->facts, m_clock.nowMs()));
    }
    const diagnosis::Diagnosis found = diagnosis::together(all);
    const Case* open = m_cases.openCaseOf(look->run);
    if (!open && troubled(*run) && run->endedAtMs == 0) {
        const diagnosis::TaskView& first = look->views.first();
        m_flow.setCase(look->run, m_cases.openOrJoin(look->run, first.id, first.task,
                                                     first.state == model::toString(TaskState::Failed)));
        open = m_cases.openCaseOf(look->run);
    }
    if (!open) {
        look->done(withoutCase(*run));
        return;
    }
    const QStringList runs = open->runs;
    const QString id = m_cases.diagnosed(open->id, look->run, found, leadsCase(*run, *open));
    // Others may have come along.
    for (const QString& one : runs + m_cases.openCase(id)->runs) {
        if (const Case* now = m_cases.openCaseOf(one)) {
            m_flow.setCase(one, now->id);
        }
    }
    look->done(m_cases.rowOf(id, look->run));
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
