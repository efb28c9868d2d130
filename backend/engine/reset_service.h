#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <functional>
#include <optional>

#include "actions/action.h"
#include "actions/kept_actions.h"
#include "actions/request_book.h"
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

/// What a reset of a run is made of, for the runner of actions: of each task in turn fence → blocklist →
/// prove dead → break dead holders' locks → drop what is partial → start again, and at the end see that it
/// moves. Every step reads before it acts, so that the next life of a killed engine may begin it a second
/// time.
/// @thread main loop only
class ResetService final : public QObject {
    Q_OBJECT

public:
    static store::PartSchema schema();

    ResetService(flow::FlowEngine& flow, flow::Fencer& fencer, CaseBook& cases, const Clock& clock,
                 QObject* parent = nullptr);

    ResetPlanner& planner() { return m_planner; }
    /// Blocking; at start only. Holds the tasks of resets that are carried on, among them those that an
    /// earlier release kept in a table of its own: they become actions as all others.
    Result<void> load(store::Database& database, actions::KeptActions& kept, actions::RequestBook& requests);
    /// Lets go what was being reset and is carried on by nobody.
    void start();

    void plan(const actions::Call& call, actions::Description::Planned done);
    QList<actions::Step> steps(const actions::Call& call);
    /// Lets go what a reset that failed still holds.
    void over(const actions::Call& call, const Result<QJsonObject>& result, std::function<void()> then);

private:
    /// One task of one reset.
    struct Target {
        QString run{};
        QString name{};
        int index{};
        int attempt{};
        qint64 fence{};
        QJsonObject plan{};
        actions::Call call{};

        QString id() const { return run + '/' + name; }
        /// Whether it is this reset, and no other, that has the task: a fence is raised once.
        bool holds(const flow::Task& task) const
        {
            return task.resetting && task.attempt == attempt && task.fence == fence + 1;
        }
    };
    /// Does `act`, unless a life before let the task go already or its run is not there any more.
    std::function<void(actions::Step::Acted)> guarded(
        const Target& target, std::function<void(const Target&, actions::Step::Acted)> act) const;
    static QList<Target> targetsOf(const actions::Call& call);
    /// As guarded, for the steps after the fence: only on a task that this reset has.
    std::function<void(actions::Step::Acted)> whileHeld(
        const Target& target, std::function<void(const Target&, actions::Step::Acted)> act) const;
    QList<actions::Step> stepsOf(const Target& target);
    actions::Step fenceStep(const Target& target);
    actions::Step blocklistStep(const Target& target);
    actions::Step deadStep(const Target& target);
    actions::Step startStep(const Target& target);
    const flow::Task* taskOf(const Target& target) const;
    void tellCase(const actions::Call& call);

    // What changes a system: reset_changes.cpp
    actions::Step remainsStep(const Target& target, const connect::RemainsFinder::MakeStep& make,
                              const QJsonObject& remains);
    actions::Step lockStep(const Target& target, const connect::RemainsFinder& finder,
                           const QJsonObject& lock, int number);
    actions::Step dropStep(const Target& target, const connect::RemainsFinder& finder,
                           const QJsonObject& object, int number);
    static QJsonObject wordsOf(const Target& target, const QString& id);
    static QJsonObject named(const Target& target, QJsonObject params);

    /// Every task that was reset has done something new or is done; 60 s without progress end it.
    void verify(const QString& run, const QJsonArray& tasks, actions::Step::Seen seen);

    flow::FlowEngine& m_flow;
    flow::Fencer& m_fencer;
    CaseBook& m_cases;
    const Clock& m_clock;
    CaseWatch m_watch;
    ResetPlanner m_planner;
    QList<Target> m_carriedOn{};
};

/// @param resets may be null: then only the document is made
actions::Description resetAction(ResetService* resets);

}  // namespace sluice::engine
