#pragma once

#include <QtCore/QStringList>
#include <optional>

#include "core/error.h"
#include "diagnosis/fact_source.h"
#include "diagnosis/finding.h"
#include "diagnosis/task_view.h"

namespace sluice::diagnosis {

/// What an operation does at the place it goes to.
enum class Access { Unknown, Connect, List, Read, Write };

/// What the worker said it waits for, parsed. `what` is empty if it said nothing.
struct Blocked {
    QString what{};
    QString connection{};
    QString object{};  ///< empty for a listing, which goes through all of a place
    QString op{};
    qint64 sinceMs{};  ///< wall clock
    qint64 observedAtMs{};
    Error error{};
    QJsonObject said{};  ///< as it was said, with what its system adds

    static Blocked fromJson(const QJsonObject& json, qint64 nowMs);
    bool any() const { return !what.isEmpty(); }
    bool isFile() const { return connection == QLatin1String("file"); }
    Access access() const;
};

/// The task, the facts and the time, as the rules see them.
class Scene {
public:
    Scene(const TaskView& task, const FactSource& facts, qint64 nowMs);

    const TaskView& task() const { return m_task; }
    const FactSource& facts() const { return m_facts; }
    qint64 nowMs() const { return m_nowMs; }
    /// The worker's report; empty if it is too old to be believed.
    const Blocked& blocked() const { return m_blocked; }
    /// This task changes nothing anywhere.
    bool onlyReads() const { return m_task.onlyReads; }
    /// Wall clock: since when the task does not move. What was seen before says nothing about why.
    qint64 waitsSinceMs() const
    {
        return m_blocked.sinceMs > 0 ? m_blocked.sinceMs : m_task.lastProgressAtMs;
    }
    bool fresh(const Fact& fact) const
    {
        return isFresh(fact.observedAtMs, m_nowMs, m_facts.freshMs(fact.connection));
    }
    /// The fact if it is there and fresh.
    std::optional<Fact> freshFact(const QString& id) const;
    /// "6 min 12 s" from `ms` to now.
    QString age(qint64 ms) const;
    /// A sentence on why there is no fresh fact: never read, too old, or the error of the probe.
    Evidence missing(const QString& id, const QString& what, const QString& connection,
                     const QString& probeMethod = {}) const;
    /// What the worker reported, as evidence.
    Evidence report() const;

private:
    const TaskView& m_task;
    const FactSource& m_facts;
    qint64 m_nowMs;
    Blocked m_blocked;
};

QString idOf(const QString& connection, const QString& kind, const QString& name);
Evidence evidenceOf(const Fact& fact, const QString& text);
Evidence evidenceOf(const Fact& fact, const QString& text, const QString& source);
/// "a, b and c"
QString joined(const QStringList& words);

}  // namespace sluice::diagnosis
