#include "flow/rate.h"

#include <cmath>

namespace sluice::flow {
namespace {

constexpr qint64 kWindowMs = 10'000;

}  // namespace

void Rate::sample(qint64 monotonicMs, qint64 total)
{
    if (!m_samples.empty() && total < m_samples.back().total) {
        m_samples.clear();
    }
    m_samples.push_back({monotonicMs, total});
    while (m_samples.size() > 2 && m_samples[1].atMs < monotonicMs - kWindowMs) {
        m_samples.pop_front();
    }
}

double Rate::perSecond(qint64 monotonicMs) const
{
    if (m_samples.size() < 2 || m_samples.back().atMs < monotonicMs - kWindowMs) {
        return 0;
    }
    const qint64 span = monotonicMs - m_samples.front().atMs;
    return span <= 0 ? 0
                     : 1000.0 * static_cast<double>(m_samples.back().total - m_samples.front().total) /
                           static_cast<double>(span);
}

qint64 Rate::secondsLeft(qint64 monotonicMs, qint64 total) const
{
    const double rate = perSecond(monotonicMs);
    if (rate <= 0 || m_samples.empty()) {
        return -1;
    }
    return static_cast<qint64>(std::ceil(static_cast<double>(total - m_samples.back().total) / rate));
}

}  // namespace sluice::flow
