#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <functional>

#include "engine/case_book.h"
#include "engine/case_watch.h"
#include "engine/run_examiner.h"

namespace sluice::engine {

class KeyService;

/// Finds out why a run does not move: asks the clusters for fresh evidence, applies the rules, keeps the
/// case.
/// @thread main loop only
class Doctor final : public QObject {
    Q_OBJECT

public:
    using Done = RunExaminer::Done;

    Doctor(const diagnosis::RuleBook& rules, flow::FlowEngine& flow, estate::Estate& estate,
           connect::Link& link, CaseBook& cases, const KeyService& keys, keys::KeyVault& vault,
           const Clock& clock, QObject* parent = nullptr);

    /// At start, after the cases are known: those that are open stay so until their tasks were seen to move
    /// or end, for a task that begins anew after the engine ended is no proof. `crashed`: each says so in its
    /// timeline.
    void begin(bool crashed);
    /// Within five seconds: the row of the run's case, or one of the same shape that says why there is no
    /// case.
    void examine(const QString& run, Done done);

private:
    void stalled(const QString& run, int task);
    void stateChanged(const QString& run, int task);
    void runsChanged(const QStringList& runs);
    void watch();
    /// Takes the runs that have ended out of an open case, and watches for a minute before it closes it if no
    /// task in it is in trouble; not while a reset has it in hand.
    void settle(const QString& caseId);
    void settleCaseOf(const QString& run);
    void setCase(const QStringList& runs, const QString& id);
    /// A case of several runs is told by the first that is still in trouble, not by whoever was looked at
    /// last.
    bool leadsCase(const flow::Run& run, const Case& item) const;
    /// Puts what was found out where it belongs.
    void concluded(const flow::Run& run, const diagnosis::Diagnosis& found);
    /// Of the case of the run, if it was in trouble; else of none.
    QJsonObject rowFor(const flow::Run& run, bool looked);
    /// Looks again at the runs of open cases: at some of a case of many, each in its turn.
    void lookAgain();
    QJsonObject withoutCase(const flow::Run& run) const;

    flow::FlowEngine& m_flow;
    CaseBook& m_cases;
    SharedProbes m_probes;
    RunExaminer m_examiner;
    /// Open since before the start, and no task of theirs has moved yet.
    QSet<QString> m_unproven{};
    QTimer m_watch{};
    CaseWatch m_quiet;
    /// Of each case of many runs the one that is looked at next.
    QHash<QString, qsizetype> m_next{};
};

}  // namespace sluice::engine
