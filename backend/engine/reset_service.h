#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <functional>
#include <memory>

#include "actions/action_runner.h"
#include "connect/link.h"
#include "core/clock.h"
#include "engine/case_book.h"
#include "engine/case_watch.h"
#include "engine/reset_plan.h"
#include "flow/flow_engine.h"
#include "store/migration.h"

namespace sluice::store {
class Database;
}

namespace sluice::engine {

/// Resets runs: fence → prove dead → break dead holders' locks → drop what is partial → start again → verify.
/// The plan is kept until the end, so a reset that a killed engine left in the middle is carried on by the
/// next one; every step is idempotent.
/// @thread main loop only
class ResetService final : public QObject {
    Q_OBJECT

public:
    using Done = std::function<void(const Result<QJsonObject>&)>;

    static store::PartSchema schema();

    ResetService(flow::FlowEngine& flow, flow::Fencer& fencer, connect::Link& link, CaseBook& cases,
                 actions::ActionRunner& actions, store::Database& database, const Clock& clock,
                 QObject* parent = nullptr);

    ResetPlanner& planner() { return m_planner; }
    /// Blocking; at start only.
    Result<void> load();
    /// Carries on what was left in the middle.
    void start();

    /// Plans again; if the plan differs from `planHash` it is void (FailedPrecondition). Else carries it out;
    /// `started` comes when the plan is durable, `done` when every task may start again.
    void execute(const QString& run, const QString& planHash, const actions::Asker& asker,
                 actions::Action::Started started, Done done);
    /// After execute: every task that was reset has done something new or is done; 60 s without progress end
    /// it.
    void verify(const QString& run, const QJsonObject& answer, actions::Action::Verified done);

private:
    struct Reset;
    void keep(std::shared_ptr<Reset> reset, std::function<void(const Result<void>&)> then);
    void forget(const QString& run);
    void carryOn(std::shared_ptr<Reset> reset);
    void executeSteps(std::shared_ptr<Reset> reset);
    void step(std::shared_ptr<Reset> reset);
    void stepDone(std::shared_ptr<Reset> reset, const Result<void>& result,
                  const QString& outcome = QStringLiteral("done"), const QString& by = {});
    actions::StepNote note(const Reset& reset, const QString& outcome, const QString& by) const;
    /// Parameters of a change that this reset makes.
    QJsonObject named(const Reset& reset, QJsonObject params) const;
    void breakLock(std::shared_ptr<Reset> reset, const QJsonObject& lock);
    void lockGone(std::shared_ptr<Reset> reset, const QJsonObject& lock);
    void objectGone(std::shared_ptr<Reset> reset, const QJsonObject& object);
    void dropObject(std::shared_ptr<Reset> reset, const QJsonObject& object);
    void giveUp(std::shared_ptr<Reset> reset, const Error& error);
    QJsonObject currentTask(const Reset& reset) const;

    flow::FlowEngine& m_flow;
    flow::Fencer& m_fencer;
    connect::Link& m_link;
    CaseBook& m_cases;
    actions::ActionRunner& m_actions;
    store::Database& m_database;
    const Clock& m_clock;
    CaseWatch m_watch;
    ResetPlanner m_planner;
    QHash<QString, QJsonObject> m_left{};
    QSet<QString> m_underWay{};
};

}  // namespace sluice::engine
