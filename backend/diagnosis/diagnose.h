#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <optional>

#include "diagnosis/fact_source.h"
#include "diagnosis/finding.h"
#include "diagnosis/task_view.h"

namespace sluice::diagnosis {

/// One card of the way from the task to the cause. `kind`: task, object, lock, holder, pg, osd, ceph-pool,
/// mon-quorum, mon, auth-entity, report, unknown. `tone`: ok, progress, warn, crit, neutral.
struct ChainLink {
    QString kind{};
    QString title{};
    QStringList lines{};
    QString tone{};

    QJsonObject toJson() const;
};

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

/// A call to the observe worker of `connection` that brings fresh evidence: lock.list, sessions, object.pg,
/// pool.pgs, osd.answers, auth.get, key.probe (whoever sends it adds the key), blocklist.has or observe.now.
/// Put the replies into ProbedFacts.
struct Probe {
    QString method{};
    QString connection{};
    QJsonObject params{};
};

/// What to ask before diagnose(). All of them may be sent at once. `facts` tell what lies behind a gateway.
QList<Probe> probesFor(const TaskView& task, const FactSource& facts);

/// What to ask after the first answers are in, e.g. whether a lock's holder still has a session.
QList<Probe> followUpProbes(const TaskView& task, const FactSource& facts);

/// Pure: the same facts and time give the same diagnosis. Never guesses: a rule whose evidence is missing or
/// older than kFreshMs says unknown.
Diagnosis diagnose(const TaskView& task, const FactSource& facts, qint64 nowMs);

/// What is known about a run of which several tasks do not move: the first diagnosis with a confirmed cause,
/// and the causes confirmed for the other tasks after it.
/// @param all in the order of the tasks, not empty
Diagnosis together(const QList<Diagnosis>& all);

}  // namespace sluice::diagnosis
