#include "engine/outage_watch.h"

#include <utility>

#include "core/units.h"

namespace sluice::engine {

using diagnosis::Verdict;

namespace {

constexpr int kLookMs = 1000;
/// So often the evidence of an open case is brought up to date.
constexpr qint64 kTellMs = 5000;
/// What is not observed at all for so long is not there any more.
constexpr qint64 kGoneMs = 60'000;

}  // namespace

OutageWatch::OutageWatch(const diagnosis::RuleBook& rules, const estate::Estate& estate,
                         flow::FlowEngine& flow, CaseBook& cases, QSet<QString> connections,
                         const Clock& clock, QObject* parent)
    : QObject(parent),
      m_rules(rules),
      m_facts(estate),
      m_cases(cases),
      m_connections(std::move(connections)),
      m_clock(clock),
      m_quiet(flow, cases, clock)
{
    m_timer.setInterval(kLookMs);
    connect(&m_timer, &QTimer::timeout, this, &OutageWatch::look);
}

void OutageWatch::start()
{
    closeUnwatched();
    m_timer.start();
}

void OutageWatch::closeUnwatched()
{
    for (const QString& id : m_cases.openIds()) {
        const Case* open = m_cases.openCase(id);
        const QString connection = open->subject.section('/', 0, 0);
        if (connection.isEmpty() || m_connections.contains(connection)) {
            continue;
        }
        const QString remark =
            QStringLiteral("no longer watched: the configuration does not name connection %1 any more")
                .arg(connection);
        if (open->runs.isEmpty()) {
            m_cases.close(id, remark);
        } else if (open->stands()) {
            m_cases.endStanding(id, remark);
        }
    }
}

void OutageWatch::look()
{
    QSet<QString> told;
    for (const diagnosis::Standing& one : m_rules.standing(m_facts, m_clock.nowMs())) {
        const QString subject = one.finding.broken.value(0);
        told.insert(subject);
        m_seen[subject].goneSinceMs = -1;
        switch (one.finding.verdict) {
            case Verdict::Confirmed:
                broken(subject, one);
                break;
            case Verdict::Refuted:
                m_seen.remove(subject);
                over(subject, one.finding.evidence.value(0).text);
                break;
            case Verdict::Unknown:
                m_seen[subject].brokenSinceMs = -1;
                // What nobody sees is not quiet.
                if (const Case* open = m_cases.openCaseAbout(subject)) {
                    m_quiet.setSeen(open->id, false);
                }
                break;
        }
    }
    lookForGone(told);
    m_quiet.look();
}

void OutageWatch::broken(const QString& subject, const diagnosis::Standing& told)
{
    Seen& seen = m_seen[subject];
    const qint64 now = m_clock.monotonicMs();
    const qint64 evidenceMs = told.finding.evidence.value(0).observedAtMs;
    if (seen.brokenSinceMs < 0) {
        seen.brokenSinceMs = now;
        seen.firstEvidenceMs = evidenceMs;
    }
    // One look that failed proves nothing, however long ago it is.
    const bool twice = evidenceMs != seen.firstEvidenceMs;
    const Case* open = m_cases.openCaseAbout(subject);
    const bool due = open ? !open->stands() || seen.toldAtMs < 0 || now - seen.toldAtMs >= kTellMs
                          : twice && now - seen.brokenSinceMs >= told.afterMs;
    if (due) {
        seen.toldAtMs = now;
        m_cases.openStanding(diagnosis::diagnosisOf(told));
    }
}

void OutageWatch::over(const QString& subject, const QString& why)
{
    const Case* open = m_cases.openCaseAbout(subject);
    if (open) {
        m_quiet.setSeen(open->id, true);
    }
    // After a restart nobody watches a case that was about to close.
    const bool left = open && open->runs.isEmpty() && !m_quiet.watches(open->id);
    if (!open || (!open->stands() && !left)) {
        return;
    }
    const QString id = open->id;
    const QString remark =
        QStringLiteral("over after %1: %2").arg(formatDuration(m_clock.nowMs() - open->openedAtMs), why);
    m_cases.endStanding(id, remark);
    if (open->runs.isEmpty()) {
        m_quiet.begin(id, remark);
    }
}

void OutageWatch::lookForGone(const QSet<QString>& told)
{
    for (const QString& id : m_cases.openIds()) {
        const Case* open = m_cases.openCase(id);
        if (open->subject.isEmpty() || told.contains(open->subject)) {
            continue;
        }
        Seen& seen = m_seen[open->subject];
        if (seen.goneSinceMs < 0) {
            seen.goneSinceMs = m_clock.monotonicMs();
        } else if (m_clock.monotonicMs() - seen.goneSinceMs >= kGoneMs) {
            over(QString(open->subject), QStringLiteral("it is not observed any more"));
        }
    }
}

}  // namespace sluice::engine
