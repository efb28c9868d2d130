#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace sluice::ceph {

/// A thread that does one thing again and again, with a pause that can be cut short. It ends with the object.
class LoopThread {
public:
    /// `turn` returns how long to pause before the next one.
    explicit LoopThread(std::function<std::chrono::milliseconds()> turn)
        : m_turn(std::move(turn)), m_thread([this] { run(); })
    {
    }
    ~LoopThread() { stop(); }
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;

    /// Returns after the turn that runs. @thread not from a turn
    void stop()
    {
        {
            const std::lock_guard lock(m_lock);
            m_stop = true;
        }
        m_changed.notify_all();
        if (m_thread.joinable()) {
            m_thread.join();
        }
    }
    /// The next turn begins at once. @thread any
    void poke()
    {
        {
            const std::lock_guard lock(m_lock);
            m_poked = true;
        }
        m_changed.notify_all();
    }

private:
    void run()
    {
        for (;;) {
            const std::chrono::milliseconds pause = m_turn();
            std::unique_lock lock(m_lock);
            m_changed.wait_for(lock, pause, [this] { return m_stop || m_poked; });
            if (m_stop) {
                return;
            }
            m_poked = false;
        }
    }

    std::function<std::chrono::milliseconds()> m_turn;
    std::mutex m_lock{};
    std::condition_variable m_changed{};
    bool m_stop{false};
    bool m_poked{false};
    std::thread m_thread;
};

}  // namespace sluice::ceph
