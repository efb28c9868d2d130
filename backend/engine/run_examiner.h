#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <deque>
#include <functional>
#include <memory>

#include "diagnosis/diagnose.h"
#include "diagnosis/rule.h"
#include "engine/estate_facts.h"
#include "engine/shared_probes.h"
#include "flow/flow_engine.h"

namespace sluice::engine {

/// Looks at runs that do not move: asks for fresh evidence and applies the rules. Many at once are looked at
/// one after the other, in slices that leave the main loop free, and share what was asked.
/// @thread main loop only
class RunExaminer final : public QObject {
    Q_OBJECT

public:
    using Done = std::function<void(const Result<QJsonObject>&)>;
    /// What was found out about a run.
    using Concluded = std::function<void(const flow::Run& run, const diagnosis::Diagnosis& found)>;
    /// The answer for who asked. `looked`: the run was in trouble when the look was begun.
    using Row = std::function<QJsonObject(const flow::Run& run, bool looked)>;

    RunExaminer(const diagnosis::RuleBook& rules, flow::FlowEngine& flow, const estate::Estate& estate,
                SharedProbes& probes, const KeyService& keys, const Clock& clock, Concluded concluded,
                Row row, QObject* parent = nullptr);

    /// In its turn, with what others asked since SharedProbes::forget().
    void examineLater(const QString& run);
    /// At once and within five seconds, with evidence asked for from then on.
    void examineNow(const QString& run, Done done);
    /// Nobody is being looked at or waits for it.
    bool idle() const { return m_due.empty() && m_open.isEmpty() && m_ready.empty(); }

private:
    struct Look;
    using Shared = std::shared_ptr<Look>;

    void begin(const QString& run, Done done);
    QList<diagnosis::TaskView> viewsOf(const flow::Run& run) const;
    void ask(const Shared& look, const QList<diagnosis::Probe>& probes, int deadlineMs);
    void answered(const Shared& look);
    /// One slice of what there is to do.
    void work();
    void goOn(const Shared& look);
    void conclude(const Shared& look);

    const diagnosis::RuleBook& m_rules;
    flow::FlowEngine& m_flow;
    EstateFacts m_facts;
    SharedProbes& m_probes;
    const KeyService& m_keys;
    const Clock& m_clock;
    Concluded m_concluded;
    Row m_row;
    std::deque<QString> m_due{};
    QSet<QString> m_isDue{};
    QHash<QString, int> m_open{};
    std::deque<Shared> m_ready{};
    QTimer m_work{};
};

}  // namespace sluice::engine
