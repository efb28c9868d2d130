#pragma once

#include <QtCore/QtGlobal>
#include <algorithm>

namespace sluice::rpc {

/// Lets `burst` through at once and `perSecond` for ever. Times in milliseconds of a clock that never goes
/// back.
class TokenBucket {
public:
    TokenBucket(double perSecond, double burst, qint64 nowMs)
        : m_perMs(perSecond / 1000), m_burst(burst), m_tokens(burst), m_atMs(nowMs)
    {
    }

    bool take(qint64 nowMs)
    {
        m_tokens = std::min(m_burst, m_tokens + static_cast<double>(nowMs - m_atMs) * m_perMs);
        m_atMs = nowMs;
        if (m_tokens < 1) {
            return false;
        }
        m_tokens -= 1;
        return true;
    }

private:
    double m_perMs;
    double m_burst;
    double m_tokens;
    qint64 m_atMs;
};

}  // namespace sluice::rpc
