#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <optional>

namespace sluice::diagnosis {

/// One thing that was observed, in one sentence, with where it came from and when.
/// `observedAtMs` is wall clock in milliseconds since the epoch; 0 if it was never observed.
struct Evidence {
    QString text{};
    QString source{};
    QString entity{};
    qint64 observedAtMs{};

    /// Shape: {text, source, observedAt (RFC 3339), entity}.
    QJsonObject toJson() const;
};

/// What a rule says about one possible cause. Unknown is an answer: the evidence is missing or too old.
enum class Verdict { Confirmed, Refuted, Unknown };

/// "confirmed", "refuted", "unknown".
QString toString(Verdict verdict);

/// The smallest safe fix. An empty `method` is a thing a person does outside of Sluice.
struct Remedy {
    QString method{};
    QJsonObject params{};  ///< what the method and its plan want, without the plan's hash
    QString title{};
    int actionClass{};
    QStringList steps{};
    QStringList commands{};  ///< of the steps, exactly as they are typed in a shell

    /// Shape: {method, params, title, class, steps, commands (absent if empty)}.
    QJsonObject toJson() const;
};

/// How far a cause is from the task's own object, nearest first. The numbers are those of the wire.
enum class Scope {
    Object = 0,     ///< the object itself, or the task's own worker
    Carrier = 1,    ///< what carries or guards it: a placement group, an entity with its rights
    Container = 2,  ///< what it is kept in, with others
    System = 3,     ///< the whole system behind one connection
    Nearby = 4,     ///< on a connection the task uses, and not known to reach it
    Elsewhere = 9,  ///< on a connection the task does not use
};

/// "object", "carrier", "container", "system", "nearby", "elsewhere".
QString toString(Scope scope);

/// What one rule says about one stalled task.
struct Finding {
    QString rule{};
    int version{1};
    QString title{};
    Verdict verdict{Verdict::Unknown};
    Scope scope{Scope::Object};
    QList<Evidence> evidence{};
    /// Ids of what is broken, if that is not what the first evidence is about. Whoever suffers from one of
    /// them suffers from the same outage.
    QStringList broken{};
    QString correction{};
    std::optional<Remedy> remedy{};
    /// One of many that say nothing about the task: the list shows it, the sentence does not.
    bool aside{};

    /// Shape: {rule, version, title, verdict, distance (number), scope (word), evidence, broken (absent if
    /// empty), correction, remedy (null if there is none)}.
    QJsonObject toJson() const;
};

}  // namespace sluice::diagnosis
