#include "flow/topics.h"

#include <QtCore/QJsonArray>

#include "flow/flow_engine.h"

namespace sluice::flow {
namespace {

/// One value of a filter: absent, the text itself, or an array that holds it.
bool allows(const QJsonValue& wanted, const QString& text)
{
    return wanted.isUndefined() || (wanted.isArray() ? wanted.toArray().contains(text) : wanted == text);
}

}  // namespace

RunsTopic::RunsTopic(const FlowEngine& engine, const Clock& clock, QObject* parent)
    : LiveTopic(parent), m_engine(engine), m_clock(clock)
{
    connect(&engine, &FlowEngine::runsChanged, this, [this](const QStringList& ids) { announce(ids); });
}

QStringList RunsTopic::ids() const
{
    QStringList result;
    for (auto it = m_engine.runs().rbegin(); it != m_engine.runs().rend(); ++it) {
        result.append(it->second->id);
    }
    return result;
}

QJsonObject RunsTopic::row(const QString& id) const
{
    const Run* run = m_engine.run(id);
    return run ? runRow(*run, m_clock) : QJsonObject{};
}

TasksTopic::TasksTopic(const FlowEngine& engine, const Clock& clock, QObject* parent)
    : LiveTopic(parent), m_engine(engine), m_clock(clock)
{
    connect(&engine, &FlowEngine::tasksChanged, this, [this](const QStringList& ids) { announce(ids); });
}

QStringList TasksTopic::ids() const
{
    QStringList result;
    for (const auto& [number, run] : m_engine.runs()) {
        for (int i = 0; i < static_cast<int>(run->tasks.size()); ++i) {
            result.append(run->taskId(i));
        }
    }
    return result;
}

QJsonObject TasksTopic::row(const QString& id) const
{
    const Run* run = m_engine.run(id.section('/', 0, 0));
    const int task = run ? run->index.value(id.section('/', 1), -1) : -1;
    return task < 0 ? QJsonObject{} : taskRow(*run, task, m_clock);
}

bool TasksTopic::matches(const QString& id, const QJsonObject& filter) const
{
    // What clients ask for is compared with the task itself: rows of 100,000 tasks would hold up the loop.
    QJsonObject rest = filter;
    const QJsonValue runs = rest.take(QStringLiteral("run"));
    const QJsonValue kinds = rest.take(QStringLiteral("kind"));
    const QJsonValue states = rest.take(QStringLiteral("state"));
    const QJsonValue asks = rest.take(QStringLiteral("asksAPerson"));
    const QString runId = id.section('/', 0, 0);
    if (!allows(runs, runId)) {
        return false;
    }
    if (!kinds.isUndefined() || !states.isUndefined() || !asks.isUndefined()) {
        const Run* run = m_engine.run(runId);
        const int index = run ? run->index.value(id.section('/', 1), -1) : -1;
        if (index < 0) {
            return false;
        }
        const Task& task = run->tasks[static_cast<size_t>(index)];
        if (!allows(kinds, task.kind->name()) || !allows(states, model::toString(task.state)) ||
            (!asks.isUndefined() && asks != task.traits().asksAPerson)) {
            return false;
        }
    }
    return rest.isEmpty() || LiveTopic::matches(id, rest);
}

}  // namespace sluice::flow
