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

    /// Shape: {method, params, title, class, steps}.
    QJsonObject toJson() const;
};

/// What one rule says about one stalled task. `distance` is how far the cause is from the task's own object:
/// 0 the object itself, 1 what carries it (placement group, entity), 2 its Ceph pool, 3 its cluster, 9
/// elsewhere.
struct Finding {
    QString rule{};
    int version{1};
    QString title{};
    Verdict verdict{Verdict::Unknown};
    int distance{};
    QList<Evidence> evidence{};
    /// Ids of what is broken, if that is not what the first evidence is about. Whoever suffers from one of
    /// them suffers from the same outage.
    QStringList broken{};
    QString correction{};
    std::optional<Remedy> remedy{};

    /// Shape: {rule, version, title, verdict, distance, evidence, broken (absent if empty), correction,
    /// remedy (null if there is none)}.
    QJsonObject toJson() const;
};

}  // namespace sluice::diagnosis
