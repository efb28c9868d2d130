#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include "core/error.h"
#include "core/visible_text.h"

/// Reading the JSON rows of topics: absent and null are the same, nothing throws. Texts come out as they are
/// shown: what is not seen or would turn the line is escaped, so that no name reads like another one or like
/// words of ours.
namespace sluice::session {

inline QString str(const QJsonObject& row, QStringView key)
{
    return visibleText(row.value(key).toString());
}

/// The error in `json`, its texts as they are shown.
Error errorOf(const QJsonObject& json);
/// The same error with its texts as they are shown.
Error visibleError(Error error);

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
