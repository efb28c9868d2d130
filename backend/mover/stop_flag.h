#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "core/error.h"

namespace sluice::mover {

/// The first failure of a move; it stops everything else.
/// @thread any
class StopFlag {
public:
    struct Failure {
        Error error{};
        QString object{};
    };

    static constexpr qsizetype kNamed = 64;

    /// Keeps the first failure only, and the name of each object that did not come to its end.
    void raise(Error error, QString object = {})
    {
        {
            const std::lock_guard lock(m_mutex);
            if (!object.isEmpty() && m_unfinished.size() < kNamed) {
                m_unfinished.append(object);
            }
            if (m_failure) {
                return;
            }
            m_failure = Failure{std::move(error), std::move(object)};
        }
        m_raised.notify_all();
    }

    /// An object that did not come to its end, while the others go on.
    void note(const QString& object)
    {
        const std::lock_guard lock(m_mutex);
        if (m_unfinished.size() < kNamed) {
            m_unfinished.append(object);
        }
    }

    bool raised() const
    {
        const std::lock_guard lock(m_mutex);
        return m_failure.has_value();
    }

    std::optional<Failure> failure() const
    {
        const std::lock_guard lock(m_mutex);
        return m_failure;
    }

    /// Objects that may be half written; at most 64.
    QStringList unfinished() const
    {
        const std::lock_guard lock(m_mutex);
        return m_unfinished;
    }

    /// @return false if the flag was raised before the time was over
    bool sleep(std::chrono::milliseconds time) const
    {
        std::unique_lock lock(m_mutex);
        return !m_raised.wait_for(lock, time, [this] { return m_failure.has_value(); });
    }

private:
    mutable std::mutex m_mutex{};
    mutable std::condition_variable m_raised{};
    std::optional<Failure> m_failure{};
    QStringList m_unfinished{};
};

}  // namespace sluice::mover
