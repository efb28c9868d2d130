#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtCore/QVariant>
#include <functional>

#include "actions/asker.h"
#include "core/error.h"
#include "rpc/method_table.h"

namespace sluice::actions {

/// What became of a step or of an action, in the words of the record and of the wire: "done",
/// "already so", "not needed", "verified", "not verified", "failed", "outcome unknown".
enum class Outcome { Done, AlreadySo, NotNeeded, Verified, NotVerified, Failed, Unknown };

QString toString(Outcome outcome);
/// Whether a word of the record ends an action or a step.
bool endsIt(const QString& word);
/// Whether such an end is a good one.
bool succeeded(const QString& word);
/// Whether a step that failed so may work later without anybody's help.
bool mayPass(const Error& error);

/// What acting came to: done, already so or not needed, and by what that was seen; verified, if acting saw
/// it.
struct Effect {
    Outcome outcome{Outcome::Done};
    QString by{};
    QJsonObject answer{};  ///< members of the answer to the caller
    /// It is not over: acted again after a pause, however often. `by` says what it waits for.
    bool waits{false};
    /// Instead of an outcome: the id of an earlier step that has to be done again. `by` says why.
    QString backTo{};
};

/// A unit of an action. Acting reads before it changes anything, so that a step may be begun a second time.
struct Step {
    using Acted = std::function<void(const Result<Effect>&)>;
    /// What was observed afterwards; an error that is retryable is looked at again.
    using Seen = std::function<void(const Result<QString>& by)>;

    QString id{};
    QString title{};
    QString checkedBy{};
    QString name{};  ///< in the record: "lock.break"; empty: the action's method
    QStringList objects{};
    QJsonObject detail{};  ///< goes into its records
    /// It is not acted before this time (wall clock, milliseconds). Asked once: the time is kept, and the
    /// engine's next life waits for the same. A clock that is set back makes it wait longer.
    std::function<qint64()> notBefore{};
    QString waitText{};  ///< what is said until then: "both keys work until %1"
    std::function<void(Acted)> act{};
    std::function<void(Seen)> verify{};  ///< without it a step that acted is done, not verified

    /// As a plan and the topic show it.
    QJsonObject toJson() const { return {{"id", id}, {"title", title}, {"checkedBy", checkedBy}}; }
};

/// What an action would do. A person decides on `decided` and `cannotUndo`; they make the plan's hash.
/// Figures, steps and `touches` are shown with it and may move on without making the plan void.
struct Plan {
    QString title{};
    QStringList objects{};
    QJsonObject decided{};
    QJsonObject figures{};
    QJsonObject state{};  ///< the observed state the plan rests on; only its hash travels
    QStringList touches{};
    QStringList cannotUndo{};
    QVariant carried{};  ///< for the steps, as Call::carried; never kept
};

/// One request, or one that a new life of the engine carries on.
struct Call {
    QJsonObject params{};
    QJsonObject plan{};  ///< `decided` and `figures` of the plan that was made
    Asker asker{};
    bool carriedOn{false};
    QJsonObject times{};  ///< of a call that is carried on: what Step::notBefore said, by the step's id
    QVariant carried{};   ///< what the plan read and its steps need; not in a call that is carried on
};

/// A change that can be asked for: a row of the protocol and what carries it out. The runner makes the rest
/// of it: the plan's own method, replay, the void plan, the record, retries.
struct Description {
    using Planned = std::function<void(const Result<Plan>&)>;

    QString method{};  ///< "flow.cancel"; its plan is "flow.plan_cancel"
    int actionClass{1};
    rpc::Role role{rpc::Role::Operator};
    QList<rpc::Field> params{};
    QString subject{QStringLiteral("%1")};  ///< the object of its first parameter: "role/%1"
    QList<rpc::Field> answer{};             ///< besides the action's id
    QString planMembers{};                  ///< what is decided on and shown, for the document
    QString since{QStringLiteral("0.1")};
    QString doc{};
    QString planDoc{};
    /// Reads, and changes nothing; called again before anything is begun.
    std::function<void(const Call&, Planned)> plan{};
    /// The steps of a plan, in their order. The same plan gives the same steps.
    std::function<QList<Step>(const Call&)> steps{};
    /// Whether the next life of an engine that was killed in the middle carries it on, from the first step
    /// that has no outcome. Without it its outcome is unknown then.
    bool resumes{false};
    /// One at a time for the first object of its plan; a second one is refused.
    bool alone{false};
    /// With `alone`: those with the same word exclude each other too. Empty: its method.
    QString aloneAs{};
    /// What may pass is tried again for as long as it takes, not for a minute.
    bool tireless{false};
    /// Once its steps were begun and are over, before that is recorded: puts right what a failed one left.
    std::function<void(const Call&, const Result<QJsonObject>&, std::function<void()> then)> over{};

    /// Whether a plan has to be looked at first, by its own method; class 2 and above.
    bool showsPlan() const { return actionClass >= 2; }
    QString planMethod() const;
};

}  // namespace sluice::actions
