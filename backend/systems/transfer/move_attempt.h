#pragma once

#include "systems/transfer/move_executor.h"
#include "systems/transfer/move_kind.h"
#include "worker/worker_process.h"

namespace sluice::systems::transfer {

/// One attempt, from the order to the reaped process.
struct MoveExecutor::Attempt {
    flow::StartOrder order{};
    flow::AttemptSink* sink{};
    bool verify{false};
    MoveBody move{};  // the task itself, or the one that is verified
    QString role{};
    int generation{};
    QString entity{};
    QJsonObject clusters{};
    QJsonObject gateways{};
    QHash<QString, QString> accessKeys{};  // asked for and not made yet, by gateway
    int keyWaitMs{};
    std::unique_ptr<worker::WorkerProcess> worker{};
    bool ended{false};
    bool killed{false};
    QList<flow::Executor::Killed> waitingForDeath{};

    void tellTheWaiting(const Result<flow::ProcessEnd>& result)
    {
        for (const flow::Executor::Killed& done : std::exchange(waitingForDeath, {})) {
            done(result);
        }
    }
};

}  // namespace sluice::systems::transfer
