#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "mover/move_host.h"
#include "mover/object_copy.h"
#include "mover/progress.h"
#include "mover/stop_flag.h"

namespace sluice::mover {

/// Hands verified objects to the host in batches and counts them as done once it says they are durable. A
/// batch that is refused for now is handed over again; one that is refused for good stops the move.
/// @thread any
class Committer {
public:
    /// All must outlive the committer.
    Committer(MoveHost& host, Progress& progress, StopFlag& stop);
    /// Waits for the answers that are out; what was not committed by `flush` is not committed.
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    /// Waits while many are waiting already.
    void add(CopiedObject object);
    /// Waits until everything added is durable, or a batch was refused for good or after the move had
    /// stopped.
    void flush();

private:
    void work();
    void send(std::vector<CopiedObject> batch);
    void answered(std::vector<CopiedObject> batch, qint64 sinceUs, const Result<QJsonObject>& answer);
    void durable(const std::vector<CopiedObject>& batch, qint64 sinceUs);

    MoveHost& m_host;
    Progress& m_progress;
    StopFlag& m_stop;
    const Progress::Id m_id;
    std::mutex m_mutex{};
    std::condition_variable m_changed{};
    std::vector<CopiedObject> m_waiting{};
    int m_out{0};
    /// Refusals for now since the host last took a batch.
    int m_tries{0};
    bool m_pauseDue{false};
    bool m_flushing{false};
    bool m_ending{false};
    bool m_failed{false};
    std::thread m_thread;
};

}  // namespace sluice::mover
