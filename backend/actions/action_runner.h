#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QSet>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>
#include <memory>

#include "actions/action.h"
#include "actions/action_rows.h"
#include "actions/kept_actions.h"
#include "actions/request_book.h"
#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/live_topic.h"

namespace sluice::actions {

/// One change, as it is authorised, recorded, carried out and verified.
struct Action {
    QString method{};
    QString title{};
    int actionClass{1};
    QStringList objects{};
    QString planHash{};
    QString stateHash{};
    QJsonObject detail{};
    Asker asker{};

    using Done = std::function<void(const Result<QJsonObject>&)>;
    /// Carries it out; the result is the answer to the caller. An error with code OutcomeUnknown says it may
    /// have happened.
    std::function<void(Done)> execute{};
    /// Observes that it worked, and says what it saw. Without it the action ends as done, not as verified.
    using Verified = Step::Seen;
    std::function<void(const QJsonObject& answer, Verified)> verify{};
    /// Instead of these: walked one after another, each with a record before and after it.
    QList<Step> steps{};
    /// Answered when its steps are begun and would be carried on even if the engine ended now.
    bool answersEarly{false};
    /// As of Description.
    bool tireless{false};
    /// Called once more before the first step: whether what was decided on is still so.
    std::function<void(std::function<void(const Result<void>&)>)> stillHolds{};
    /// What the next life of the engine makes the same steps from; empty: it does not carry it on.
    QJsonObject kept{};
    /// No other of this method, or of this word, about its first object at the same time.
    bool alone{false};
    QString aloneAs{};
    /// When the walk is over, before that is recorded.
    std::function<void(const Result<QJsonObject>&, std::function<void()> then)> over{};
};

/// How long the runner pauses.
struct Pace {
    int retryMs{2000};  ///< after a failure that may pass; doubles up to 16 times this for the tireless
    int lookMs{1000};   ///< how often what is waited for is looked at
    qint64 patienceMs{60'000};  ///< so long what may pass is tried again
};

/// Carries out actions: audit first (no record, no act), then execute, then verify, then close the record.
/// A request id seen before gets the first answer again, if it asks for the same; else it is refused.
/// @thread main loop only
class ActionRunner final : public LiveTopic {
    Q_OBJECT

public:
    using Reply = std::function<void(const Result<QJsonObject>&)>;
    using Recorded = std::function<void(const Result<void>&)>;

    /// @param kept may be null: then nothing is carried on after a restart
    ActionRunner(audit::AuditLog& audit, RequestBook& requests, const Clock& clock,
                 KeptActions* kept = nullptr, QObject* parent = nullptr);
    ~ActionRunner() override;

    void setPace(const Pace& pace) { m_pace = pace; }
    /// Reads the last actions of earlier lives of the engine from the record, for the topic.
    void start();
    void run(Action action, Reply reply);

    /// What is asked for by name: its plan, and the change itself with the hash of the plan looked at.
    void add(const Description& description) { m_known.insert(description.method, description); }
    void plan(const QString& method, const rpc::Request& request, Reply reply);
    void request(const QString& method, const rpc::Request& request, Reply reply);
    /// As request, of what the engine does by itself: nobody looks at its plan. @param via as engineItself
    void requestByEngine(const QString& method, const QJsonObject& params, const QString& via, Reply reply);
    /// Carries on what an earlier life left in the middle; once, when the engine may act.
    void carryOn();

    /// A step of an action, or something the engine does by itself: recorded, not asked for. A record that
    /// cannot be written is logged; `then` is for who must not act without it.
    void appendRecord(const Asker& asker, const QString& method, int actionClass, const QStringList& objects,
                      const QString& outcome, const QJsonObject& detail, Recorded then = {});

    // LiveTopic `actions`: newest first, the last 200
    QString name() const override { return QStringLiteral("actions"); }
    QStringList ids() const override { return m_rows.ids(); }
    QJsonObject row(const QString& id) const override { return m_rows.row(id); }
    /// The row with its plan and all its steps.
    QJsonObject full(const QString& id) const { return m_rows.full(id); }
    /// Of a request; empty if none is known.
    QString idOf(const QString& requestId, const QString& method) const
    {
        return m_rows.idOf(requestId, method);
    }

private:
    struct Open;
    using OpenPtr = std::shared_ptr<Open>;
    bool replay(const Action& action, const Reply& reply) const;
    void begin(OpenPtr open);
    void record(const Open& open, const QString& outcome, const QJsonObject& detail,
                std::function<void(Result<audit::Record>)> done);
    void execute(OpenPtr open);
    void executed(OpenPtr open, const Result<QJsonObject>& result);
    void close(OpenPtr open, const QString& outcome, const Result<QJsonObject>& result);
    void recordEnd(OpenPtr open, const QString& outcome, const Result<QJsonObject>& result);
    void ended(OpenPtr open, const QString& outcome, const Result<QJsonObject>& result, qint64 auditSeq);
    void show(const Open& open, const QString& state, const QString& detail, qint64 auditSeq);

    void ask(const Description& description, const Call& call, const QString& planHash, Reply reply);

    // Described actions and the walk through their steps: action_walk.cpp
    void refuse(const Description& description, const Asker& asker, const QStringList& objects,
                const Error& error, const Reply& reply);
    static Action actionOf(const Description& description, const Call& call);
    static QString aloneKey(const QString& word, const QStringList& objects)
    {
        return word + ' ' + objects.value(0);
    }
    void resume(const QString& id, const QJsonObject& kept);
    void keep(OpenPtr open, Recorded then);
    void keepFailure(OpenPtr open, const QString& outcome, const Error& error, Recorded then);
    void walk(OpenPtr open);
    void awaitTime(OpenPtr open);
    void act(OpenPtr open);
    void waits(OpenPtr open, const QString& what, int ms, std::function<void()> again);
    void goBack(OpenPtr open, const Effect& effect);
    void look(OpenPtr open, const Effect& effect);
    void stepEnded(OpenPtr open, Outcome outcome, const QString& by);
    void stepFailed(OpenPtr open, const Error& error, bool passes, Outcome outcome,
                    std::function<void()> again);
    void walked(OpenPtr open);
    void noteStep(OpenPtr open, const QString& outcome, const QJsonObject& detail, Recorded then);

    audit::AuditLog& m_audit;
    RequestBook& m_requests;
    const Clock& m_clock;
    KeptActions* m_kept;
    Pace m_pace{};
    ActionRows m_rows{};
    QHash<QString, Description> m_known{};
    QSet<QString> m_alone{};  ///< method and object of what is under way and alone
};

}  // namespace sluice::actions
