#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>
#include <memory>
#include <vector>

#include "config/config.h"
#include "connect/link.h"
#include "core/clock.h"
#include "flow/executor.h"
#include "flow/task_kind.h"
#include "keys/role_book.h"

namespace sluice::estate {
class Estate;
}
namespace sluice::flow {
class FlowEngine;
}
namespace sluice::keys {
class KeyVault;
}

namespace sluice::connect {

/// What the executors of a system are made with. All of it outlives them.
struct TaskContext {
    const config::Config& config;
    const QString workerProgram{};
    const QString engineId{};
    const QString stateDir{};
    /// Records what goes through it.
    Link& link;
    /// @error as RoleBook::currentOf
    std::function<Result<keys::Generation>(const QString& role)> keyOf{};
    keys::KeyVault& vault;
    estate::Estate& estate;
    const Clock& clock;
};

/// What runs the tasks of some kinds.
struct TaskRunner {
    QStringList kinds{};
    std::unique_ptr<flow::Executor> executor{};
};

/// All that runs tasks, of all systems.
/// @thread main loop only
class TaskRunners {
public:
    TaskRunners() = default;
    explicit TaskRunners(std::vector<TaskRunner> runners) : m_runners(std::move(runners)) {}

    void addTo(flow::FlowEngine& flow) const;
    /// How many attempts hold the key of that generation of a role.
    int holders(const QString& role, int generation) const;
    /// As Executor::stop, of all; `done` comes after the last.
    void stop(QObject* context, std::function<void()> done) const;

private:
    std::vector<TaskRunner> m_runners{};
};

/// Tasks of flows that a system brings.
struct TaskPart {
    std::function<QList<std::shared_ptr<const flow::TaskKind>>(const config::Config&)> makeKinds{};
    std::function<std::vector<TaskRunner>(const TaskContext&)> makeRunners{};
};

}  // namespace sluice::connect
