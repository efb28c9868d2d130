#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice::worker {

/// A few threads that run what is posted, in order of posting.
/// @thread any
class WorkPool {
public:
    explicit WorkPool(int threads);
    ~WorkPool() { finish(); }
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    void post(std::function<void()> job);
    /// Returns after everything posted was run, what the jobs themselves post too.
    void finish();

private:
    void loop();

    std::mutex m_lock{};
    std::condition_variable m_changed{};
    std::deque<std::function<void()>> m_jobs{};
    bool m_closed{false};
    std::vector<std::thread> m_threads{};
};

}  // namespace sluice::worker
