#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <functional>

#include "connect/link.h"
#include "core/clock.h"
#include "diagnosis/rule.h"
#include "engine/case_book.h"
#include "engine/case_watch.h"
#include "engine/estate_facts.h"
#include "flow/flow_engine.h"
#include "keys/key_vault.h"

namespace sluice::engine {

class KeyService;

/// Whether a task of the case is stalled, has failed or is in the hands of a reset, and its run has not
/// ended.
bool inTrouble(const Case& item, const flow::FlowEngine& flow);

/// Finds out why a run does not move: asks the clusters for fresh evidence, applies the rules, keeps the
/// case.
/// @thread main loop only
class Doctor final : public QObject {
    Q_OBJECT

public:
    using Done = std::function<void(const Result<QJsonObject>&)>;

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
    struct Look;
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
    void probe(std::shared_ptr<Look> look, const QList<diagnosis::Probe>& probes, int deadlineMs,
               std::function<void()> then);
    /// Whether the cluster accepts the key that the secret store has for that entity.
    void probeKey(std::shared_ptr<Look> look, const diagnosis::Probe& item, int deadlineMs,
                  std::function<void()> finish);
    void send(std::shared_ptr<Look> look, const diagnosis::Probe& item, const QJsonObject& params,
              int deadlineMs, std::function<void()> finish);
    void conclude(std::shared_ptr<Look> look);
    QJsonObject withoutCase(const flow::Run& run) const;

    const diagnosis::RuleBook& m_rules;
    flow::FlowEngine& m_flow;
    EstateFacts m_facts;
    connect::Link& m_link;
    CaseBook& m_cases;
    const KeyService& m_keys;
    keys::KeyVault& m_vault;
    const Clock& m_clock;
    /// Open since before the start, and no task of theirs has moved yet.
    QSet<QString> m_unproven{};
    QTimer m_watch{};
    CaseWatch m_quiet;
    QSet<QString> m_looking{};
};

}  // namespace sluice::engine
