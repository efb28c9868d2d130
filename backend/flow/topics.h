#pragma once

#include "core/live_topic.h"

namespace sluice {
class Clock;
}

namespace sluice::flow {

class FlowEngine;

/// Topic `runs`: newest first.
class RunsTopic final : public LiveTopic {
    Q_OBJECT

public:
    RunsTopic(const FlowEngine& engine, const Clock& clock, QObject* parent = nullptr);
    QString name() const override { return QStringLiteral("runs"); }
    QStringList ids() const override;
    QJsonObject row(const QString& id) const override;

private:
    const FlowEngine& m_engine;
    const Clock& m_clock;
};

/// Topic `tasks`, in the order of the flow file; filter {run} is answered without encoding rows.
class TasksTopic final : public LiveTopic {
    Q_OBJECT

public:
    TasksTopic(const FlowEngine& engine, const Clock& clock, QObject* parent = nullptr);
    QString name() const override { return QStringLiteral("tasks"); }
    QStringList ids() const override;
    QJsonObject row(const QString& id) const override;
    bool matches(const QString& id, const QJsonObject& filter) const override;

private:
    const FlowEngine& m_engine;
    const Clock& m_clock;
};

}  // namespace sluice::flow
