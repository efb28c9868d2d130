#include "engine/loop_lag.h"

#include <algorithm>
#include <vector>

namespace sluice::engine {
namespace {

constexpr int kTickMs = 10;

}  // namespace

LoopLag::LoopLag(QObject* parent) : QObject(parent)
{
    m_timer.setTimerType(Qt::PreciseTimer);
    m_timer.setInterval(kTickMs);
    connect(&m_timer, &QTimer::timeout, this, &LoopLag::tick);
    m_since.start();
    m_timer.start();
}

void LoopLag::tick()
{
    const double late = static_cast<double>(m_since.nsecsElapsed()) / 1e6 - kTickMs;
    m_since.restart();
    m_lag[m_count++ % kTicks] = static_cast<float>(std::max(0.0, late));
}

double LoopLag::p99Ms() const
{
    const size_t n = std::min(m_count, kTicks);
    if (n == 0) {
        return 0;
    }
    std::vector<float> sorted(m_lag.begin(), m_lag.begin() + static_cast<std::ptrdiff_t>(n));
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(n * 99 / 100);
    std::nth_element(sorted.begin(), at, sorted.end());
    return static_cast<double>(*at);
}

double LoopLag::maxMs() const
{
    const size_t n = std::min(m_count, kTicks);
    return n == 0 ? 0
                  : static_cast<double>(
                        *std::max_element(m_lag.begin(), m_lag.begin() + static_cast<std::ptrdiff_t>(n)));
}

}  // namespace sluice::engine
