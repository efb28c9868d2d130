#include "core/clock.h"

#include <chrono>

#include "core/utc_time.h"

namespace sluice {

qint64 SystemClock::nowMs() const
{
    return QDateTime::currentMSecsSinceEpoch();
}

qint64 SystemClock::monotonicMs() const
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

QString toRfc3339(qint64 ms)
{
    if (ms <= 0) {
        return {};
    }
    return utcTime(ms).toString(Qt::ISODateWithMs);
}

qint64 fromRfc3339(const QString& text)
{
    const QDateTime time = QDateTime::fromString(text, Qt::ISODateWithMs);
    return time.isValid() ? time.toMSecsSinceEpoch() : 0;
}

}  // namespace sluice
