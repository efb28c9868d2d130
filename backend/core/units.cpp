#include "core/units.h"

#include <QtCore/QLocale>
#include <array>
#include <cmath>

namespace sluice {

QString formatBytes(double bytes)
{
    static constexpr std::array<const char*, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t unit = 0;
    double value = bytes;
    while (std::abs(value) >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    const int decimals = unit == 0 || std::abs(value) >= 100 ? 0 : std::abs(value) >= 10 ? 1 : 2;
    QString number = QString::number(value, 'f', decimals);
    if (decimals > 0) {
        while (number.endsWith('0')) {
            number.chop(1);
        }
        if (number.endsWith('.')) {
            number.chop(1);
        }
    }
    return number + ' ' + QLatin1String(kUnits[unit]);
}

QString formatRate(double bytesPerSecond)
{
    return formatBytes(bytesPerSecond) + QStringLiteral("/s");
}

QString formatDuration(qint64 ms)
{
    if (ms < 0) {
        ms = 0;
    }
    const qint64 s = ms / 1000;
    if (s < 60) {
        return QStringLiteral("%1 s").arg(s);
    }
    if (s < 3600) {
        return s % 60 == 0 ? QStringLiteral("%1 min").arg(s / 60)
                           : QStringLiteral("%1 min %2 s").arg(s / 60).arg(s % 60);
    }
    const qint64 min = s / 60;
    if (min < 24 * 60) {
        return QStringLiteral("%1 h %2 min").arg(min / 60).arg(min % 60);
    }
    return QStringLiteral("%1 d %2 h").arg(min / 1440).arg(min % 1440 / 60);
}

QString formatCount(qint64 count)
{
    return QLocale(QLocale::English).toString(count);
}

QString shortened(const QString& text, qsizetype most)
{
    const bool cutsPair = most > 0 && most < text.size() && text[most - 1].isHighSurrogate();
    return text.left(cutsPair ? most - 1 : most);
}

qint64 parseDuration(const QString& text)
{
    struct Unit {
        const char* suffix;
        qint64 ms;
    };
    static constexpr std::array<Unit, 5> kUnits{
        {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    for (const Unit& unit : kUnits) {
        const QLatin1String suffix(unit.suffix);
        if (!text.endsWith(suffix)) {
            continue;
        }
        bool ok = false;
        const QString digits = text.chopped(suffix.size());
        const qint64 number = digits.toLongLong(&ok);
        if (ok && digits.front().isDigit() && digits.back().isDigit() && number >= 0 &&
            number <= 366LL * 86'400'000 / unit.ms) {
            return number * unit.ms;
        }
    }
    return -1;
}

}  // namespace sluice
