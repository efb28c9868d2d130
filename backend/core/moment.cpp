#include "core/moment.h"

#include <QtCore/QDateTime>

#include "core/units.h"

namespace sluice {

qint64 parseMoment(const QString& text, qint64 nowMs, DayPart part)
{
    const QString trimmed = text.trimmed();
    if (const qint64 ago = trimmed.isEmpty() ? -1 : parseDuration(trimmed); ago >= 0) {
        return nowMs - ago;
    }
    if (QDate day = QDate::fromString(trimmed, Qt::ISODate); day.isValid() && trimmed.size() == 10) {
        day = part == DayPart::End ? day.addDays(1) : day;
        return day.startOfDay(Qt::UTC).toMSecsSinceEpoch();
    }
    QDateTime time = QDateTime::fromString(trimmed, Qt::ISODateWithMs);
    if (!time.isValid()) {
        return 0;
    }
    if (time.timeSpec() == Qt::LocalTime) {
        time = QDateTime(time.date(), time.time(), Qt::UTC);
    }
    return time.toMSecsSinceEpoch();
}

}  // namespace sluice
