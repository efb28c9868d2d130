#pragma once

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "mover/budget.h"

namespace sluice::mover {

/// Threads that do the same work, so many at once. One that waits (parks) lends its place to another, which
/// is started if need be: objects that are blocked do not hold up those that are not. There is an end to
/// that: see crowded().
class Workers {
public:
    /// A thread's place among those at work.
    class Place {
    public:
        explicit Place(Workers& workers) : m_workers(workers) { take(); }
        ~Place() { leave(); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        void park(bool parked)
        {
            if (parked) {
                leave();
                m_workers.parked(1);
            } else {
                m_workers.parked(-1);
                take();
            }
        }

    private:
        void take()
        {
            m_workers.m_places.take(1);
            m_held = true;
        }
        void leave()
        {
            if (m_held) {
                m_held = false;
                m_workers.m_places.giveBack(1);
            }
        }
        Workers& m_workers;
        bool m_held{false};
    };

    /// @param work runs on every thread and returns when nothing is left to do
    Workers(int atOnce, std::function<void()> work)
        : m_places(static_cast<std::uint64_t>(atOnce)),
          m_atOnce(static_cast<size_t>(atOnce)),
          m_work(std::move(work))
    {
    }
    ~Workers() { join(); }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    void start()
    {
        const std::lock_guard lock(m_mutex);
        for (size_t i = 0; i < m_atOnce; ++i) {
            startAnother();
        }
    }

    /// Whether so many wait that no other can be started in the place of one more.
    bool crowded() const
    {
        const std::lock_guard lock(m_mutex);
        return m_parked > static_cast<int>(kMostParked);
    }

    void join()
    {
        for (;;) {
            std::thread thread;
            {
                const std::lock_guard lock(m_mutex);
                if (m_threads.empty()) {
                    return;
                }
                thread = std::move(m_threads.back());
                m_threads.pop_back();
            }
            thread.join();
        }
    }

private:
    void parked(int more)
    {
        const std::lock_guard lock(m_mutex);
        m_parked += more;
        if (m_started < m_atOnce + static_cast<size_t>(m_parked)) {
            startAnother();
        }
    }

    void startAnother()
    {
        if (m_started < m_atOnce + kMostParked) {
            ++m_started;
            m_threads.emplace_back(m_work);
        }
    }

    static constexpr size_t kMostParked = 112;

    Budget m_places;
    const size_t m_atOnce;
    std::function<void()> m_work;
    mutable std::mutex m_mutex{};
    std::vector<std::thread> m_threads{};
    size_t m_started{0};
    int m_parked{0};
};

}  // namespace sluice::mover
