#pragma once

#include <QtCore/QString>
#include <mutex>

namespace sluice::engine {

/// A text that one thread writes and another reads.
class SharedText {
public:
    void set(const QString& text)
    {
        const std::scoped_lock lock(m_mutex);
        m_text = text;
    }
    QString get() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_text;
    }

private:
    mutable std::mutex m_mutex{};
    QString m_text{};
};

}  // namespace sluice::engine
