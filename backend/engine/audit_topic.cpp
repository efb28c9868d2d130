#include "engine/audit_topic.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "core/units.h"

namespace sluice::engine {
namespace {

constexpr qsizetype kRowsKept = 500;

constexpr qsizetype kShownText = 4096;
constexpr qsizetype kShownDetailBytes = 65'536;
constexpr qsizetype kShownObjects = 1000;

QString shownText(const QString& text)
{
    return text.size() <= kShownText ? text
                                     : shortened(text, kShownText) +
                                           QStringLiteral("… (%1 characters in the record)").arg(text.size());
}

QJsonObject toRow(const audit::Record& record)
{
    QJsonObject row = shownRecord(record);
    row["id"] = QString::number(record.seq);
    return row;
}

}  // namespace

QJsonObject shownRecord(const audit::Record& record)
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

AuditTopic::AuditTopic(audit::AuditLog& audit, QObject* parent) : LiveTopic(parent), m_audit(audit)
{
    connect(&audit, &audit::AuditLog::appended, this, &AuditTopic::add);
}

void AuditTopic::start()
{
    m_audit.list(0, static_cast<int>(kRowsKept), this, [this](Result<QList<audit::Record>> records) {
        if (!records) {
            return;
        }
        QStringList ids;
        QList<QJsonObject> rows;
        for (const audit::Record& record : *records) {
            rows.append(toRow(record));
            ids.append(QString::number(record.seq));
        }
        // Records appended while this was read are newer than all of these, or among them.
        for (qsizetype i = m_rows.size() - 1; i >= 0; --i) {
            if (!ids.contains(m_rows[i]["id"].toString())) {
                rows.prepend(m_rows[i]);
            }
        }
        m_rows = rows;
        announce(ids);
    });
}

void AuditTopic::add(const audit::Record& record)
{
    const QJsonObject row = toRow(record);
    if (!m_rows.isEmpty() && m_rows.first()["id"] == row["id"]) {
        return;
    }
    m_rows.prepend(row);
    QStringList removed;
    while (m_rows.size() > kRowsKept) {
        removed.append(m_rows.takeLast()["id"].toString());
    }
    announce({row["id"].toString()}, removed);
}

QStringList AuditTopic::ids() const
{
    QStringList result;
    for (const QJsonObject& row : m_rows) {
        result.append(row["id"].toString());
    }
    return result;
}

QJsonObject AuditTopic::row(const QString& id) const
{
    for (const QJsonObject& row : m_rows) {
        if (row["id"].toString() == id) {
            return row;
        }
    }
    return {};
}

}  // namespace sluice::engine
