#include "ui/session/live_rows.h"

#include <QtCore/QSet>

#include "ui/session/engine_client.h"
#include "ui/session/row.h"

namespace sluice::session {

LiveRows::LiveRows(EngineClient& client, const QString& topic, const QJsonObject& filter, QObject* parent)
    : QObject(parent), m_topic(topic)
{
    Subscription* subscription = client.subscribe(topic, filter, this);
    connect(subscription, &Subscription::snapshot, this, &LiveRows::replace);
    connect(subscription, &Subscription::delta, this, &LiveRows::takeDelta);
    connect(subscription, &Subscription::failed, this, [this](const Error& error) {
        m_error = visibleError(error);
        Q_EMIT failed(*m_error);
    });
}

LiveRows::LiveRows(QObject* parent) : QObject(parent) {}

QList<QJsonObject> LiveRows::rows() const
{
    QList<QJsonObject> list;
    list.reserve(m_ids.size());
    for (const QString& id : m_ids) {
        list.append(m_rows.value(id));
    }
    return list;
}

void LiveRows::replace(const QList<QJsonObject>& rows)
{
    QStringList ids;
    QStringList upserted;
    QHash<QString, QJsonObject> fresh;
    ids.reserve(rows.size());
    fresh.reserve(rows.size());
    for (const QJsonObject& row : rows) {
        const QString id = str(row, u"id");
        if (fresh.contains(id)) {
            continue;
        }
        if (const auto known = m_rows.constFind(id); known == m_rows.cend() || *known != row) {
            upserted.append(id);
        }
        fresh.insert(id, row);
        ids.append(id);
    }
    QStringList removed;
    for (const QString& id : std::as_const(m_ids)) {
        if (!fresh.contains(id)) {
            removed.append(id);
        }
    }
    m_rows = fresh;
    m_ids = ids;
    m_error.reset();
    m_loaded = true;
    Q_EMIT changed(upserted, removed);
}

void LiveRows::takeDelta(const QList<QJsonObject>& upserts, const QStringList& removed,
                         const QStringList& order)
{
    QStringList gone;
    for (const QString& raw : removed) {
        const QString id = visibleText(raw);
        if (m_rows.remove(id) > 0) {
            m_ids.removeOne(id);
            gone.append(id);
        }
    }
    QStringList upserted;
    upserted.reserve(upserts.size());
    for (const QJsonObject& row : upserts) {
        const QString id = str(row, u"id");
        if (!m_rows.contains(id)) {
            m_ids.append(id);
        }
        m_rows.insert(id, row);
        upserted.append(id);
    }
    if (!order.isEmpty()) {
        QSet<QString> ordered;
        QStringList ids;
        ids.reserve(m_ids.size());
        for (const QString& raw : order) {
            const QString id = visibleText(raw);
            ordered.insert(id);
            if (m_rows.contains(id)) {
                ids.append(id);
            }
        }
        for (const QString& id : std::as_const(m_ids)) {
            if (!ordered.contains(id)) {
                ids.append(id);
            }
        }
        m_ids = ids;
    }
    Q_EMIT changed(upserted, gone);
}

}  // namespace sluice::session
