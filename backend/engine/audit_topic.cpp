#include "engine/audit_topic.h"

#include "audit/shown_record.h"

namespace sluice::engine {
namespace {

constexpr qsizetype kRowsKept = 500;

QJsonObject toRow(const audit::Record& record)
{
    QJsonObject row = audit::shownRecord(record);
    row["id"] = QString::number(record.seq);
    return row;
}

}  // namespace

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
