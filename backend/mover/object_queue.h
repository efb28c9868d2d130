#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "mover/object_copy.h"

namespace sluice::mover {

struct QueuedObject {
    ListedObject listed{};
    std::optional<KnownObject> known{};
};

/// Objects that were listed and wait for their turn; bounded, so that listing does not run ahead of copying.
/// Those that were set aside come after all that were not tried yet.
/// @thread any
class ObjectQueue {
public:
    explicit ObjectQueue(size_t limit) : m_limit(limit) {}

    /// Waits for room. @return false once the queue is closed
    bool push(QueuedObject object)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_closed || m_objects.size() < m_limit; });
        if (m_closed) {
            return false;
        }
        m_objects.push_back(std::make_unique<QueuedObject>(std::move(object)));
        m_changed.notify_all();
        return true;
    }

    /// Waits for an object. @return nothing once the queue is closed and empty
    std::unique_ptr<QueuedObject> pop()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_closed || !m_objects.empty() || !m_aside.empty(); });
        auto& from = m_objects.empty() ? m_aside : m_objects;
        if (from.empty()) {
            return nullptr;
        }
        std::unique_ptr<QueuedObject> object = std::move(from.front());
        from.pop_front();
        m_changed.notify_all();
        return object;
    }

    /// Only an object that was given out.
    void setAside(std::unique_ptr<QueuedObject> object)
    {
        const std::lock_guard lock(m_mutex);
        m_aside.push_back(std::move(object));
        m_changed.notify_all();
    }

    /// Whether there are some that were not tried yet, and room to set one aside for them.
    bool hasUntried() const
    {
        const std::lock_guard lock(m_mutex);
        return !m_objects.empty() && m_aside.size() < kMostAside;
    }

    /// Nothing comes any more; what is there is still given out.
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        m_changed.notify_all();
    }

    /// As close, and throws away what is there.
    void abandon()
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        m_objects.clear();
        m_aside.clear();
        m_changed.notify_all();
    }

private:
    static constexpr size_t kMostAside = 10'000;

    const size_t m_limit;
    mutable std::mutex m_mutex{};
    std::condition_variable m_changed{};
    std::deque<std::unique_ptr<QueuedObject>> m_objects{};
    std::deque<std::unique_ptr<QueuedObject>> m_aside{};
    bool m_closed{false};
};

}  // namespace sluice::mover
