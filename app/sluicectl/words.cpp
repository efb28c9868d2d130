#include "words.h"

#include <QtCore/QDateTime>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QStringList>
#include <algorithm>
#include <cmath>

#include "core/clock.h"
#include "core/units.h"
#include "core/utc_time.h"
#include "core/visible_text.h"

namespace sluice::ctl {

QString since(const QString& rfc3339, qint64 nowMs)
{
    const qint64 at = fromRfc3339(rfc3339);
    return at <= 0 ? QStringLiteral("-") : formatDuration(nowMs - at);
}

QString ago(const QString& rfc3339, qint64 nowMs)
{
    const qint64 at = fromRfc3339(rfc3339);
    return at <= 0 ? QStringLiteral("never") : formatDuration(nowMs - at) + QStringLiteral(" ago");
}

QString when(const QString& rfc3339, qint64 nowMs)
{
    const qint64 at = fromRfc3339(rfc3339);
    if (at <= 0) {
        return QStringLiteral("-");
    }
    const QDateTime time = utcTime(at);
    const bool today = time.date() == utcTime(nowMs).date();
    return time.toString(today ? QStringLiteral("HH:mm:ss'Z'") : QStringLiteral("yyyy-MM-dd HH:mm:ss'Z'"));
}

QString percent(double done, double of)
{
    return of <= 0 ? QStringLiteral("-")
                   : QStringLiteral("%1 %").arg(std::floor(100 * std::min(done / of, 1.0)));
}

QString eta(const QJsonValue& seconds)
{
    return seconds.isDouble() ? formatDuration(static_cast<qint64>(seconds.toDouble() * 1000))
                              : QStringLiteral("-");
}

QString orDash(const QString& text)
{
    return text.isEmpty() ? QStringLiteral("-") : text;
}

QString joined(const QJsonValue& array, const QString& separator)
{
    QStringList texts;
    for (const QJsonValue& item : array.toArray()) {
        texts.append(item.isString() ? item.toString() : item.toVariant().toString());
    }
    return texts.join(separator);
}

QList<QJsonObject> objects(const QJsonValue& array)
{
    QList<QJsonObject> out;
    for (const QJsonValue& item : array.toArray()) {
        out.append(item.toObject());
    }
    return out;
}

QString plainFacts(const QJsonObject& facts)
{
    QStringList texts;
    for (auto it = facts.begin(); it != facts.end(); ++it) {
        if (it->isString() || it->isDouble() || it->isBool()) {
            texts.append(it.key() + '=' + it->toVariant().toString());
        }
    }
    return texts.join(' ');
}

QString compactJson(const QJsonObject& object)
{
    return QString::fromUtf8(visibleJson(QJsonDocument(object).toJson(QJsonDocument::Compact)));
}

QString folded(const QString& text, const QString& indent, int columns)
{
    const qsizetype width = std::max<qsizetype>(20, columns - 1 - indent.size());
    QString out;
    QString rest = text;
    while (rest.size() > width) {
        // A name that is longer than a line is cut anywhere.
        const qsizetype space = rest.lastIndexOf(' ', width);
        const qsizetype end = space > 0 ? space : width;
        out += indent + rest.left(end) + '\n';
        rest = rest.mid(end).trimmed();
    }
    return out + indent + rest + '\n';
}

}  // namespace sluice::ctl
