#include "ui/session/row.h"

#include <QtCore/QLocale>

#include "core/clock.h"
#include "core/utc_time.h"

namespace sluice::session {

Error visibleError(Error error)
{
    for (QString* text : {&error.message, &error.cause, &error.correction}) {
        *text = visibleText(*text);
    }
    if (error.upstream) {
        error.upstream->text = visibleText(error.upstream->text);
    }
    return error;
}

Error errorOf(const QJsonObject& json)
{
    return visibleError(Error::fromJson(json));
}

qint64 time(const QJsonObject& row, QStringView key)
{
    const QString text = str(row, key);
    return text.isEmpty() ? 0 : fromRfc3339(text);
}

QStringList strings(const QJsonObject& row, QStringView key)
{
    QStringList list;
    const QJsonArray values = arr(row, key);
    list.reserve(values.size());
    for (const QJsonValue& value : values) {
        list.append(visibleText(value.toString()));
    }
    return list;
}

QString clockText(qint64 ms)
{
    return ms <= 0 ? QString() : utcTime(ms).toString(QStringLiteral("HH:mm:ss"));
}

QString whenText(qint64 ms, qint64 nowMs)
{
    if (ms <= 0) {
        return {};
    }
    const QDateTime then = utcTime(ms);
    if (then.date() == utcTime(nowMs).date()) {
        return clockText(ms);
    }
    return QLocale(QLocale::English).toString(then, QStringLiteral("d MMM HH:mm"));
}

QString minuteText(qint64 ms)
{
    return ms <= 0 ? QString() : utcTime(ms).toString(QStringLiteral("HH:mm"));
}

}  // namespace sluice::session
