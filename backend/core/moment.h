#pragma once

#include <QtCore/QString>

namespace sluice {

enum class DayPart { Begin, End };

/// A time as a person writes it, in UTC: "2026-11-19", "2026-11-19 03:14", RFC 3339, or "2h" for that long
/// ago.
/// @param part what a day without a time of day stands for; its end is the beginning of the next
/// @return milliseconds since the epoch; 0 if it is none of these
qint64 parseMoment(const QString& text, qint64 nowMs, DayPart part);

}  // namespace sluice
