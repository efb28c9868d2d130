#include "engine/run_examiner.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonDocument>
#include <utility>

#include "diagnosis/probed_facts.h"
#include "engine/key_service.h"
#include "engine/task_views.h"
#include "engine/troubled.h"

namespace sluice::engine {
namespace {

constexpr int kProbeMs = 2500;
constexpr int kFollowUpMs = 1500;
constexpr size_t kTasksLookedAt = 8;
/// How many runs wait for answers at a time; the others wait for their turn.
constexpr qsizetype kMostOpen = 64;
constexpr qint64 kSliceMs = 3;

/// The same for tasks that wait for the same: how long they wait, and how they came to ask, says nothing of
/// it.
QString whatItWaitsFor(const diagnosis::TaskView& view)
{
    QJsonObject said = view.blocked;
    const QString why = said.take(QStringLiteral("error"))["message"].toString();
    for (const char* member : {"op", "since", "sinceMs", "observedAtMs", "tries"}) {
        said.remove(QLatin1String(member));
    }
    return QStringList{view.connections.join(','), why,
                       QString::fromUtf8(QJsonDocument(said).toJson(QJsonDocument::Compact))}
        .join('|');
}

}  // namespace

/// One examination of one run.
struct RunExaminer::Look {
    QString run{};
    QList<diagnosis::TaskView> views{};
    diagnosis::ProbedFacts facts;
    Done done{};
    bool followedUp{};
    /// Kept as they come: another look may ask anew before this one goes on.
    QList<std::pair<diagnosis::Probe, SharedProbes::Answer>> answers{};
    qsizetype open{};  ///< answers that are waited for, and what else holds the next step up
    int step{};
};

RunExaminer::RunExaminer(const diagnosis::RuleBook& rules, flow::FlowEngine& flow,
                         const estate::Estate& estate, SharedProbes& probes, const KeyService& keys,
                         const Clock& clock, Concluded concluded, Row row, QObject* parent)
    : QObject(parent),
      m_rules(rules),
      m_flow(flow),
      m_facts(estate),
      m_probes(probes),
      m_keys(keys),
      m_clock(clock),
      m_concluded(std::move(concluded)),
      m_row(std::move(row))
{
    m_work.setSingleShot(true);
    connect(&m_work, &QTimer::timeout, this, &RunExaminer::work);
}

void RunExaminer::examineLater(const QString& run)
{
    if (!m_isDue.contains(run)) {
        m_isDue.insert(run);
        m_due.push_back(run);
        m_work.start();
    }
}

void RunExaminer::examineNow(const QString& run, Done done)
{
    begin(run, std::move(done));
}

QList<diagnosis::TaskView> RunExaminer::viewsOf(const flow::Run& run) const
{
    QList<diagnosis::TaskView> views;
    QSet<QString> kinds;
    for (int i = 0;
         i < static_cast<int>(run.tasks.size()) && static_cast<size_t>(views.size()) < kTasksLookedAt; ++i) {
        if (!inTrouble(run.tasks[static_cast<size_t>(i)].state)) {
            continue;
        }
        diagnosis::TaskView view = taskView(run, i, m_keys, m_clock);
        m_rules.complete(view, m_facts);
        const QString key = whatItWaitsFor(view);
        if (!kinds.contains(key)) {
            kinds.insert(key);
            views.append(view);
        }
    }
    return views;
}

void RunExaminer::begin(const QString& id, Done done)
{
    const flow::Run* run = m_flow.run(id);
    if (!run) {
        if (done) {
            done(fail(flow::noSuchRun(id)));
        }
        return;
    }
    QList<diagnosis::TaskView> views = run->endedAtMs > 0 ? QList<diagnosis::TaskView>() : viewsOf(*run);
    if (views.isEmpty()) {
        if (done) {
            done(m_row(*run, false));
        }
        return;
    }
    auto look = std::make_shared<Look>(Look{.run = id,
                                            .views = std::move(views),
                                            .facts = diagnosis::ProbedFacts(m_facts, m_rules),
                                            .done = std::move(done)});
    ++m_open[id];
    QList<diagnosis::Probe> probes;
    for (const diagnosis::TaskView& view : std::as_const(look->views)) {
        probes += m_rules.probesFor(view, look->facts);
    }
    ask(look, probes, kProbeMs);
}

void RunExaminer::ask(const Shared& look, const QList<diagnosis::Probe>& probes, int deadlineMs)
{
    const int step = ++look->step;
    look->answers.clear();
    // One more than the answers, so that the next step is not taken before all have been asked for.
    look->open = 1;
    const auto take = [this, look](const diagnosis::Probe& probe) {
        const SharedProbes::Answer* answer = m_probes.answer(probe);
        if (answer) {
            look->answers.append({probe, *answer});
        }
        return answer != nullptr;
    };
    const bool anew = static_cast<bool>(look->done);
    for (const diagnosis::Probe& probe : probes) {
        if (anew || !take(probe)) {
            ++look->open;
            m_probes.ask(probe, deadlineMs, anew, [this, look, step, take, probe] {
                if (look->step == step) {
                    take(probe);
                    answered(look);
                }
            });
        }
    }
    if (look->open > 1) {
        QTimer::singleShot(deadlineMs, this, [this, look, step] {
            if (look->step == step && look->open > 0) {
                look->open = 1;
                answered(look);
            }
        });
    }
    answered(look);
}

void RunExaminer::answered(const Shared& look)
{
    if (--look->open != 0) {
        return;
    }
    ++look->step;
    if (look->done) {
        m_ready.push_front(look);
    } else {
        m_ready.push_back(look);
    }
    m_work.start();
}

void RunExaminer::work()
{
    QElapsedTimer slice;
    slice.start();
    do {
        if (!m_ready.empty()) {
            const Shared look = m_ready.front();
            m_ready.pop_front();
            goOn(look);
        } else if (!m_due.empty() && m_open.size() < kMostOpen) {
            const QString run = m_due.front();
            m_due.pop_front();
            m_isDue.remove(run);
            begin(run, {});
        } else {
            return;
        }
    } while (slice.elapsed() < kSliceMs);
    m_work.start();
}

void RunExaminer::goOn(const Shared& look)
{
    for (const auto& [probe, answer] : std::as_const(look->answers)) {
        if (answer.reply) {
            look->facts.addReply(probe, *answer.reply, answer.atMs);
        } else {
            look->facts.addError(probe, answer.reply.error(), answer.atMs);
        }
    }
    if (look->followedUp) {
        conclude(look);
        return;
    }
    look->followedUp = true;
    QList<diagnosis::Probe> more;
    for (const diagnosis::TaskView& view : std::as_const(look->views)) {
        more += m_rules.followUpProbes(view, look->facts);
    }
    ask(look, more, kFollowUpMs);
}

void RunExaminer::conclude(const Shared& look)
{
    if (--m_open[look->run] == 0) {
        m_open.remove(look->run);
    }
    const flow::Run* run = m_flow.run(look->run);
    // If it moves again since the look was begun, what was seen then is no longer the state of things.
    if (run && inTrouble(*run)) {
        QList<diagnosis::Diagnosis> all;
        for (const diagnosis::TaskView& view : std::as_const(look->views)) {
            all.append(diagnosis::diagnose(m_rules, view, look->facts, m_clock.nowMs()));
        }
        m_concluded(*run, diagnosis::together(all));
    }
    if (look->done) {
        look->done(run ? Result<QJsonObject>(m_row(*run, true)) : fail(flow::noSuchRun(look->run)));
    }
}

}  // namespace sluice::engine
