#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "rpc/client.h"

namespace sluice::rpc {

/// The rows of one subscription as the client holds them: apply every TopicChange, read rows in order.
class RowMirror {
public:
    void apply(const TopicChange& change);

    QStringList ids() const { return m_ids; }
    QJsonObject row(const QString& id) const { return m_rows.value(id); }
    QList<QJsonObject> rows() const;
    /// Rows that match the filter, inside the window or not.
    int total() const { return m_total; }

private:
    QStringList m_ids;
    QHash<QString, QJsonObject> m_rows;
    int m_total{};
};

}  // namespace sluice::rpc
