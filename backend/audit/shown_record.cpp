#include "audit/shown_record.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "core/units.h"

namespace sluice::audit {
namespace {

constexpr qsizetype kShownText = 4096;
constexpr qsizetype kShownDetailBytes = 65'536;
constexpr qsizetype kShownObjects = 1000;

QString shownText(const QString& text)
{
    return text.size() <= kShownText ? text
                                     : shortened(text, kShownText) +
                                           QStringLiteral("… (%1 characters in the record)").arg(text.size());
}

}  // namespace

QJsonObject shownRecord(const Record& record)
{
    QJsonObject row = record.toJson();
    for (const char* key :
         {"principal", "role", "via", "action", "requestId", "planHash", "stateHash", "outcome", "reason"}) {
        row[QLatin1String(key)] = shownText(row[QLatin1String(key)].toString());
    }
    QJsonArray objects;
    for (const QString& object : record.objects.mid(0, kShownObjects)) {
        objects.append(shownText(object));
    }
    if (record.objects.size() > kShownObjects) {
        objects.append(QStringLiteral("… (%1 objects in the record)").arg(record.objects.size()));
    }
    row["objects"] = objects;
    const qsizetype bytes = QJsonDocument(record.detail).toJson(QJsonDocument::Compact).size();
    if (bytes > kShownDetailBytes) {
        row["detail"] = QJsonObject{{"cut", QStringLiteral("%1 bytes in the record").arg(bytes)}};
    }
    return row;
}

}  // namespace sluice::audit
