#include "support/rows_topic.h"

namespace sluice::test {

void RowsTopic::set(const QList<QJsonObject>& rows, qsizetype at)
{
    QStringList upserted;
    for (const QJsonObject& row : rows) {
        const QString id = row["id"].toString();
        if (!m_rows.contains(id)) {
            m_ids.insert(at < 0 ? m_ids.size() : std::min(at, m_ids.size()), id);
        }
        m_rows.insert(id, row);
        upserted.append(id);
    }
    announce(upserted);
}

void RowsTopic::remove(const QStringList& ids)
{
    for (const QString& id : ids) {
        m_rows.remove(id);
        m_ids.removeAll(id);
    }
    announce({}, ids);
}

void RowsTopic::move(qsizetype from, qsizetype to)
{
    const QString id = m_ids.at(from);
    m_ids.move(from, to);
    announce({id});
}

}  // namespace sluice::test
