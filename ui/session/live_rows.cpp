#include "ui/session/live_rows.h"

#include <QtCore/QSet>
#include <algorithm>

#include "ui/session/engine_client.h"
#include "ui/session/row.h"

namespace sluice::session {

LiveRows::LiveRows(EngineClient& client, const QString& topic, const QJsonObject& filter, QObject* parent)
    : LiveRows(client, {Wanted{.topic = topic, .filter = filter}}, parent)
{
}

LiveRows::LiveRows(EngineClient& client, const QList<Wanted>& windows, QObject* parent)
    : QObject(parent), m_topic(windows.value(0).topic)
{
    for (const Wanted& wanted : windows) {
        m_parts.push_back(std::make_unique<Part>());
        Part* part = m_parts.back().get();
        part->subscription = client.subscribe(wanted, this);
        connect(part->subscription, &Subscription::snapshot, this,
                [this, part](const QList<QJsonObject>& rows, int total) { replacePart(*part, rows, total); });
        connect(part->subscription, &Subscription::delta, this,
                [this, part](const QList<QJsonObject>& upserts, const QStringList& removed,
                             const QStringList& order,
                             int total) { takeDelta(*part, upserts, removed, order, total); });
        connect(part->subscription, &Subscription::failed, this, [this](const Error& error) {
            m_error = visibleError(error);
            Q_EMIT failed(*m_error);
        });
    }
}

LiveRows::LiveRows(QObject* parent) : QObject(parent)
{
    m_parts.push_back(std::make_unique<Part>());
}

bool LiveRows::isLoaded() const
{
    return std::all_of(m_parts.begin(), m_parts.end(), [](const auto& part) { return part->loaded; });
}

qint64 LiveRows::total() const
{
    qint64 sum = 0;
    for (const auto& part : m_parts) {
        sum += part->total;
    }
    return sum;
}

void LiveRows::moveTo(int offset, int limit)
{
    if (Subscription* subscription = m_parts.front()->subscription) {
        Q_EMIT subscription->windowWanted(offset, limit);
    }
}

QList<QJsonObject> LiveRows::rows() const
{
    QList<QJsonObject> list;
    list.reserve(m_ids.size());
    for (const QString& id : m_ids) {
        list.append(m_rows.value(id));
    }
    return list;
}

void LiveRows::joinIds()
{
    if (m_parts.size() == 1) {
        m_ids = m_parts.front()->ids;
        return;
    }
    m_ids.clear();
    for (const auto& part : m_parts) {
        m_ids += part->ids;
    }
}

void LiveRows::replace(const QList<QJsonObject>& rows)
{
    replacePart(*m_parts.front(), rows, static_cast<int>(rows.size()));
}

void LiveRows::replacePart(Part& part, const QList<QJsonObject>& rows, int total)
{
    QStringList ids;
    QStringList upserted;
    QSet<QString> fresh;
    ids.reserve(rows.size());
    fresh.reserve(rows.size());
    for (const QJsonObject& row : rows) {
        const QString id = str(row, u"id");
        if (fresh.contains(id)) {
            continue;
        }
        fresh.insert(id);
        ids.append(id);
        if (const auto known = m_rows.constFind(id); known == m_rows.cend() || *known != row) {
            upserted.append(id);
            m_rows.insert(id, row);
        }
    }
    QStringList removed;
    for (const QString& id : std::as_const(part.ids)) {
        if (!fresh.contains(id)) {
            removed.append(id);
            m_rows.remove(id);
        }
    }
    part.ids = ids;
    part.total = total;
    part.loaded = true;
    joinIds();
    m_error.reset();
    Q_EMIT changed(upserted, removed);
}

void LiveRows::takeDelta(Part& part, const QList<QJsonObject>& upserts, const QStringList& removed,
                         const QStringList& order, int total)
{
    QStringList gone;
    for (const QString& raw : removed) {
        const QString id = visibleText(raw);
        if (m_rows.remove(id) > 0) {
            part.ids.removeOne(id);
            gone.append(id);
        }
    }
    QStringList upserted;
    upserted.reserve(upserts.size());
    for (const QJsonObject& row : upserts) {
        const QString id = str(row, u"id");
        if (!m_rows.contains(id)) {
            part.ids.append(id);
        }
        m_rows.insert(id, row);
        upserted.append(id);
    }
    if (!order.isEmpty()) {
        QSet<QString> ordered;
        QStringList ids;
        ids.reserve(part.ids.size());
        for (const QString& raw : order) {
            const QString id = visibleText(raw);
            ordered.insert(id);
            if (m_rows.contains(id)) {
                ids.append(id);
            }
        }
        for (const QString& id : std::as_const(part.ids)) {
            if (!ordered.contains(id)) {
                ids.append(id);
            }
        }
        part.ids = ids;
    }
    part.total = total;
    joinIds();
    Q_EMIT changed(upserted, gone);
}

}  // namespace sluice::session
