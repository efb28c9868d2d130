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
        m_changed.wait(lock, [this] { return m_closed || !m_objects.empty(); });
        if (m_objects.empty()) {
            return nullptr;
        }
        std::unique_ptr<QueuedObject> object = std::move(m_objects.front());
        m_objects.pop_front();
        m_changed.notify_all();
        return object;
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
        m_changed.notify_all();
    }

private:
    const size_t m_limit;
    std::mutex m_mutex{};
    std::condition_variable m_changed{};
    std::deque<std::unique_ptr<QueuedObject>> m_objects{};
    bool m_closed{false};
};

}  // namespace sluice::mover
