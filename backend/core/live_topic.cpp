#include "core/live_topic.h"

#include <QtCore/QJsonArray>

namespace sluice {

bool LiveTopic::matches(const QString& id, const QJsonObject& filter) const
{
    if (filter.isEmpty()) {
        return true;
    }
    const QJsonObject values = row(id);
    for (auto it = filter.begin(); it != filter.end(); ++it) {
        const QJsonValue value = values.value(it.key());
        if (it.value().isArray()) {
            if (!it.value().toArray().contains(value)) {
                return false;
            }
        } else if (it.value() != value) {
            return false;
        }
    }
    return true;
}

QStringList LiveTopic::idsOf(const QJsonObject& filter) const
{
    QStringList found = ids();
    if (!filter.isEmpty()) {
        found.removeIf([this, &filter](const QString& id) { return !matches(id, filter); });
    }
    return found;
}

void LiveTopic::announce(const QStringList& upserted, const QStringList& removed)
{
    if (upserted.isEmpty() && removed.isEmpty()) {
        return;
    }
    ++m_revision;
    Q_EMIT changed(upserted, removed);
}

}  // namespace sluice
