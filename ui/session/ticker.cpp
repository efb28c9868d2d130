#include "ui/session/ticker.h"

#include <algorithm>

namespace sluice::session {

Ticker::Ticker(const Clock& clock, QObject* parent) : QObject(parent), m_clock(clock)
{
    m_timer.setInterval(1000);
    connect(&m_timer, &QTimer::timeout, this, &Ticker::ticked);
    m_timer.start();
}

qint64 Ticker::ageMs(qint64 thenMs) const
{
    return std::max<qint64>(0, nowMs() - thenMs);
}

void Ticker::fire()
{
    Q_EMIT ticked();
}

}  // namespace sluice::session
