#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <optional>

#include "diagnosis/chain.h"
#include "diagnosis/fact_source.h"
#include "diagnosis/finding.h"
#include "diagnosis/task_view.h"

namespace sluice::diagnosis {

struct Standing;

/// All that is known about why one task does not move. Findings are ordered: confirmed, unknown, refuted;
/// among equals the one nearest to the task's own object first. `rule`, `verdict` and `remedy` are those of
/// the first confirmed finding; without one, rule is empty, verdict Unknown, and the summary says what is
/// missing.
struct Diagnosis {
    QList<Finding> findings{};
    QList<ChainLink> chain{};
    QString summary{};
    QString rule{};
    Verdict verdict{Verdict::Unknown};
    std::optional<Remedy> remedy{};

    /// Shape: {summary, rule, verdict, findings, chain, remedy|null}: the members of a case row of these
    /// names.
    QJsonObject toJson() const;
};

/// Pure: the same facts and time give the same diagnosis. Never guesses: a rule whose evidence is missing or
/// older than kFreshMs says unknown.
Diagnosis diagnose(const RuleBook& rules, const TaskView& task, const FactSource& facts, qint64 nowMs);

/// What is known about something that is broken without a task that says so.
Diagnosis diagnosisOf(const Standing& broken);

/// What is known about a run of which several tasks do not move: the first diagnosis with a confirmed cause,
/// and the causes confirmed for the other tasks after it.
/// @param all in the order of the tasks, not empty
Diagnosis together(const QList<Diagnosis>& all);

}  // namespace sluice::diagnosis
