#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>

#include "diagnosis/chain.h"
#include "diagnosis/finding.h"
#include "diagnosis/probe.h"
#include "diagnosis/scene.h"

namespace sluice::diagnosis {

/// Something that is seen to be broken, or well, whether or not a task waits for it.
struct Standing {
    /// Confirmed while fresh evidence says that it is broken, refuted while it says the contrary, else
    /// unknown. The first of `broken` is its id, and the title names it without a verb of time.
    Finding finding{};
    QList<ChainLink> chain{};  ///< empty: one card
    /// It is told when it was broken for so long without a break: a daemon that is started anew is not.
    qint64 afterMs{5'000};
};

/// A possible cause of a stall, a row of a table: pure functions from what was seen to what it means.
struct Rule {
    /// Of the findings it may give, as in the catalogue of the manual.
    QStringList ids{};
    int version{1};
    /// Whether it has anything to look at for this task; one that does not apply says nothing. Empty: any
    /// task.
    std::function<bool(const TaskView& task)> applies{};
    /// Methods of the probe kinds whose answers it judges by.
    QStringList probes{};
    /// @param others what the rules before it found
    std::function<QList<Finding>(const Scene& scene, const QList<Finding>& others)> judge{};
    /// Says more about what was found, when every rule has judged.
    std::function<void(const Scene& scene, QList<Finding>& findings)> revise{};
    /// The cards between the object and the end of the way, if a finding of it is the cause. Empty: one
    /// card.
    std::function<QList<ChainLink>(const Scene& scene, const Finding& cause)> chain{};
    /// What can be told without a task, from observed facts alone; the scene's task is empty. Empty: nothing.
    /// @param others what the rules before it found so
    std::function<QList<Standing>(const Scene& scene, const QList<Standing>& others)> standing{};
    /// The way to its cause does not lead through the object the task waits at.
    bool besidesTheObject{};
};

/// What one system, or Sluice itself, brings to diagnosis.
struct RulePart {
    QList<Rule> rules{};
    QList<ProbeKind> probes{};
    /// Where the object lies that the task waits at, line by line. Empty list: not in this system.
    std::function<QStringList(const Scene& scene)> placeOfObject{};
    /// Adds to what the task touches what was observed about it, e.g. what stands behind it.
    std::function<void(TaskView& task, const FactSource& facts)> complete{};
};

/// The rules and probes of all parts, in order: what stands earlier is judged earlier.
class RuleBook {
public:
    explicit RuleBook(QList<RulePart> parts);

    /// The rules that have something to look at for this task.
    QList<const Rule*> rulesFor(const TaskView& task) const;
    /// The first rule that gives findings of this id, or null.
    const Rule* rule(const QString& id) const;
    /// Everything that is looked at without a task, in the order of the rules.
    QList<Standing> standing(const FactSource& facts, qint64 nowMs) const;
    const ProbeKind* probeKind(const QString& method) const;
    QStringList placeOfObject(const Scene& scene) const;
    void complete(TaskView& task, const FactSource& facts) const;

    /// What to ask before diagnose(). All of them may be sent at once.
    QList<Probe> probesFor(const TaskView& task, const FactSource& facts) const;
    /// What to ask when the first answers are in, e.g. whether a lock's holder still has a session.
    QList<Probe> followUpProbes(const TaskView& task, const FactSource& facts) const;

private:
    QList<Probe> asked(const TaskView& task, const FactSource& facts, ProbeKind::Ask ProbeKind::*when) const;

    QList<RulePart> m_parts;
};

/// The rules that are about any task, whatever it works with.
RulePart generalRules();

}  // namespace sluice::diagnosis
