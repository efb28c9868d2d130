#pragma once

#include <QtCore/QString>

namespace sluice {

/// Binary units with three significant digits: "1.42 GiB", "64 MiB", "12 B".
QString formatBytes(double bytes);
/// As formatBytes, per second: "1.42 GiB/s".
QString formatRate(double bytesPerSecond);
/// "6 min 12 s", "15 h 3 min", "2 d 4 h", "12 s", "0.3 s" below ten seconds where it matters.
QString formatDuration(qint64 ms);
/// Groups of three: 7,439.
QString formatCount(qint64 count);
/// The first `most` UTF-16 units, one less where that would cut a character in two.
QString shortened(const QString& text, qsizetype most);

/// @return milliseconds of "500ms", "10s", "5m", "2h", "1d"; -1 if the text is none of these.
qint64 parseDuration(const QString& text);

}  // namespace sluice
