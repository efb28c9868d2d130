#include "worker/work_pool.h"

#include <algorithm>
#include <utility>

namespace sluice::worker {

WorkPool::WorkPool(int threads)
{
    for (int i = 0; i < std::max(1, threads); ++i) {
        m_threads.emplace_back([this] { loop(); });
    }
}

void WorkPool::finish()
{
    {
        const std::lock_guard lock(m_lock);
        m_closed = true;
    }
    m_changed.notify_all();
    for (std::thread& thread : m_threads) {
        thread.join();
    }
    m_threads.clear();
}

void WorkPool::post(std::function<void()> job)
{
    {
        const std::lock_guard lock(m_lock);
        m_jobs.push_back(std::move(job));
    }
    m_changed.notify_one();
}

void WorkPool::loop()
{
    for (;;) {
        std::function<void()> job;
        {
            std::unique_lock lock(m_lock);
            m_changed.wait(lock, [this] { return !m_jobs.empty() || m_closed; });
            if (m_jobs.empty()) {
                return;
            }
            job = std::move(m_jobs.front());
            m_jobs.pop_front();
        }
        job();
    }
}

}  // namespace sluice::worker
