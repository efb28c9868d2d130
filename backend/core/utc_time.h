#pragma once

#include <QtCore/QDateTime>
#include <QtCore/QTimeZone>

namespace sluice {

/// Milliseconds since the epoch as a date in UTC, without a look at the local time zone.
inline QDateTime utcTime(qint64 ms)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    return QDateTime::fromMSecsSinceEpoch(ms, QTimeZone::UTC);
#else
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC);
#endif
}

}  // namespace sluice
