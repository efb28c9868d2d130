#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace sluice::mover {

/// So many units, taken and given back; whoever wants more than are free waits.
/// A wish for more than there are at all is cut to all of them, so that nobody waits for ever.
/// @thread any
class Budget {
public:
    explicit Budget(std::uint64_t units) : m_total(units), m_free(units) {}

    /// @return how many were taken: give exactly these back
    std::uint64_t take(std::uint64_t wanted)
    {
        std::unique_lock lock(m_mutex);
        const std::uint64_t units = std::min(wanted, m_total);
        ++m_waiting;
        m_freed.wait(lock, [&] { return m_free >= units; });
        --m_waiting;
        m_free -= units;
        return units;
    }

    /// Whether somebody waits for more than is free.
    bool wanted() const
    {
        const std::lock_guard lock(m_mutex);
        return m_waiting > 0;
    }

    void giveBack(std::uint64_t units)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_free += units;
        }
        m_freed.notify_all();
    }

private:
    const std::uint64_t m_total;
    mutable std::mutex m_mutex{};
    std::condition_variable m_freed{};
    std::uint64_t m_free;
    int m_waiting{0};
};

/// Units held as long as this object lives.
class Share {
public:
    Share(Budget& budget, std::uint64_t wanted) : m_budget(budget), m_units(budget.take(wanted)) {}
    ~Share() { m_budget.giveBack(m_units); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

private:
    Budget& m_budget;
    std::uint64_t m_units;
};

}  // namespace sluice::mover
