#include "engine/case_watch.h"

#include <algorithm>

#include "engine/troubled.h"

namespace sluice::engine {
namespace {

constexpr int kLookMs = 250;

/// What was seen to be broken without a task may be so again, whatever became of its tasks.
bool isOver(const Case& item, const flow::FlowEngine& flow)
{
    return item.subject.isEmpty() &&
           std::all_of(item.tasks.begin(), item.tasks.end(), [&flow](const QString& id) {
               const flow::Task* task = taskGoingOn(id, flow);
               return !task || isFinal(task->state);
           });
}

}  // namespace

CaseWatch::CaseWatch(flow::FlowEngine& flow, CaseBook& cases, const Clock& clock, QObject* parent)
    : QObject(parent), m_flow(flow), m_cases(cases), m_clock(clock)
{
    m_timer.setInterval(kLookMs);
    connect(&m_timer, &QTimer::timeout, this, &CaseWatch::look);
}

void CaseWatch::begin(const QString& caseId, const QString& remark)
{
    m_watched.insert(caseId, {.sinceMs = m_clock.monotonicMs(), .remark = remark});
    m_timer.start();
}

void CaseWatch::setSeen(const QString& caseId, bool seen)
{
    const auto it = m_watched.find(caseId);
    if (it == m_watched.end() || seen == (it->unseenSinceMs < 0)) {
        return;
    }
    const qint64 now = m_clock.monotonicMs();
    if (!seen) {
        it->unseenSinceMs = now;
        return;
    }
    const qint64 gapMs = now - it->unseenSinceMs;
    it->sinceMs = gapMs < kQuietMs ? it->sinceMs + gapMs : now;
    it->unseenSinceMs = -1;
}

void CaseWatch::look()
{
    for (auto it = m_watched.begin(); it != m_watched.end();) {
        it = settled(it.key(), it.value()) ? m_watched.erase(it) : std::next(it);
    }
    if (m_watched.isEmpty()) {
        m_timer.stop();
    }
}

bool CaseWatch::settled(const QString& caseId, const Watched& watched)
{
    const Case* open = m_cases.openCase(caseId);
    if (!open || open->phase != QLatin1String("verify")) {
        return true;
    }
    if (open->stands() || inTrouble(*open, m_flow)) {
        m_cases.setPhase(caseId, QStringLiteral("found"), QStringLiteral("it stopped again within a minute"));
        return true;
    }
    const bool quiet = watched.unseenSinceMs < 0 && m_clock.monotonicMs() - watched.sinceMs >= kQuietMs;
    if (!isOver(*open, m_flow) && !quiet) {
        return false;
    }
    const QStringList runs = open->runs;
    QStringList cancelled;
    for (const QString& run : runs) {
        if (const flow::Run* known = m_flow.run(run); known && known->cancelled) {
            cancelled.append(QStringLiteral("%1 was cancelled").arg(run));
        }
    }
    m_cases.close(caseId, cancelled.isEmpty() ? watched.remark : cancelled.join(QStringLiteral("; ")));
    for (const QString& run : runs) {
        m_flow.setCase(run, {});
    }
    return true;
}

}  // namespace sluice::engine
