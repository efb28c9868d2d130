#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>

/// Reading the JSON rows of topics: absent and null are the same, nothing throws.
namespace sluice::session {

inline QString str(const QJsonObject& row, QStringView key)
{
    return row.value(key).toString();
}

/// @return 0 when absent or null; JSON numbers are exact up to 2^53.
inline qint64 num(const QJsonObject& row, QStringView key)
{
    return static_cast<qint64>(row.value(key).toDouble());
}

inline bool has(const QJsonObject& row, QStringView key)
{
    const QJsonValue value = row.value(key);
    return !value.isUndefined() && !value.isNull();
}

inline QJsonObject obj(const QJsonObject& row, QStringView key)
{
    return row.value(key).toObject();
}

inline QJsonArray arr(const QJsonObject& row, QStringView key)
{
    return row.value(key).toArray();
}

/// The facts of an estate row.
inline QJsonObject facts(const QJsonObject& row)
{
    return obj(row, u"facts");
}

/// Milliseconds since the epoch of an RFC 3339 member; 0 when absent.
qint64 time(const QJsonObject& row, QStringView key);

/// The strings of an array member.
QStringList strings(const QJsonObject& row, QStringView key);

/// "03:14:08" in UTC; empty for 0.
QString clockText(qint64 ms);
/// "03:14:08" in UTC, with the day in front if it is another one than today: "15 Nov 03:14"; empty for 0.
QString whenText(qint64 ms, qint64 nowMs);
/// "03:14" in UTC; empty for 0.
QString minuteText(qint64 ms);

}  // namespace sluice::session
