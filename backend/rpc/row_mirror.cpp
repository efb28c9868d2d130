#include "rpc/row_mirror.h"

namespace sluice::rpc {

void RowMirror::apply(const TopicChange& change)
{
    if (change.reset) {
        m_ids.clear();
        m_rows.clear();
    }
    m_total = change.total;
    for (const QString& id : change.removed) {
        m_rows.remove(id);
    }
    for (const QJsonObject& row : change.upserts) {
        const QString id = row.value(QLatin1String("id")).toString();
        if (change.reset) {
            m_ids.append(id);
        }
        m_rows.insert(id, row);
    }
    if (change.order) {
        m_ids = *change.order;
    }
}

QList<QJsonObject> RowMirror::rows() const
{
    QList<QJsonObject> out;
    out.reserve(m_ids.size());
    for (const QString& id : m_ids) {
        out.append(m_rows.value(id));
    }
    return out;
}

}  // namespace sluice::rpc
