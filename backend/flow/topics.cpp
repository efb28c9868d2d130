#include "flow/topics.h"

#include "flow/flow_engine.h"

namespace sluice::flow {

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
    if (filter.size() == 1 && filter.contains(QLatin1String("run"))) {
        const QString run = filter["run"].toString();
        return id.size() > run.size() && id.startsWith(run) && id[run.size()] == '/';
    }
    return LiveTopic::matches(id, filter);
}

}  // namespace sluice::flow
