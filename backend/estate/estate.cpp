#include "estate/estate.h"

#include <QtCore/QJsonArray>

#include "core/clock.h"
#include "core/log.h"

namespace sluice::estate {
namespace {

bool accepts(const QJsonValue& wanted, const QString& value)
{
    return wanted.isArray() ? wanted.toArray().contains(QJsonValue(value)) : wanted.toString() == value;
}

const Clock& systemClock()
{
    static const SystemClock clock;
    return clock;
}

}  // namespace

QString entityId(const QString& connection, const QString& kind, const QString& name)
{
    return connection + '/' + kind + '/' + name;
}

QJsonObject Entity::toJson() const
{
    QJsonObject json{{"id", id},         {"connection", connection},
                     {"kind", kind},     {"name", name},
                     {"source", source}, {"observedAt", toRfc3339(observedAtMs)},
                     {"facts", facts},   {"revision", static_cast<qint64>(revision)}};
    if (staleAfterMs > 0) {
        json["staleAfterMs"] = staleAfterMs;
    }
    return json;
}

Entity Entity::fromJson(const QJsonObject& json)
{
    return Entity{.id = json["id"].toString(),
                  .connection = json["connection"].toString(),
                  .kind = json["kind"].toString(),
                  .name = json["name"].toString(),
                  .source = json["source"].toString(),
                  .observedAtMs = fromRfc3339(json["observedAt"].toString()),
                  .staleAfterMs = json["staleAfterMs"].toInteger(),
                  .facts = json["facts"].toObject()};
}

Estate::Estate(QObject* parent) : Estate(systemClock(), parent) {}

Estate::Estate(const Clock& clock, QObject* parent) : LiveTopic(parent), m_clock(clock) {}

QStringList Estate::ids() const
{
    QStringList result;
    for (const auto& [id, entity] : m_entities) {
        result.append(id);
    }
    return result;
}

QJsonObject Estate::row(const QString& id) const
{
    const auto it = m_entities.find(id);
    return it == m_entities.end() ? QJsonObject{} : it->second.toJson();
}

bool Estate::matches(const QString& id, const QJsonObject& filter) const
{
    const auto it = m_entities.find(id);
    if (it == m_entities.end()) {
        return false;
    }
    for (auto f = filter.begin(); f != filter.end(); ++f) {
        if (f.key() == QLatin1String("connection") ? !accepts(f.value(), it->second.connection)
            : f.key() == QLatin1String("kind")
                ? !accepts(f.value(), it->second.kind)
                : !accepts(f.value(), it->second.toJson()[f.key()].toString())) {
            return false;
        }
    }
    return true;
}

bool Estate::put(Entity entity)
{
    auto it = m_entities.find(entity.id);
    if (it != m_entities.end() && it->second.observedAtMs > entity.observedAtMs &&
        it->second.observedAtMs <= m_clock.nowMs()) {
        return false;
    }
    const bool same = it != m_entities.end() && it->second.facts == entity.facts;
    entity.revision = same ? it->second.revision : revision() + 1;
    m_dirty.insert(entity.id);
    m_entities.insert_or_assign(entity.id, std::move(entity));
    return true;
}

void Estate::apply(const QString& connection, const QList<Entity>& entities, const QStringList& complete)
{
    QStringList upserted;
    QSet<QString> seen;
    const QString prefix = connection + '/';
    for (const Entity& entity : entities) {
        if (!entity.id.startsWith(prefix) && entity.kind != QLatin1String("gateway")) {
            log::warn(
                "estate",
                QStringLiteral("%1 reported a fact of another connection: %2").arg(connection, entity.id));
            continue;
        }
        seen.insert(entity.id);
        if (put(entity)) {
            upserted.append(entity.id);
        }
    }
    QStringList removed;
    for (const QString& kind : complete) {
        for (const Entity& entity : ofKind(connection, kind)) {
            if (!seen.contains(entity.id)) {
                m_entities.erase(entity.id);
                m_dirty.insert(entity.id);
                removed.append(entity.id);
            }
        }
    }
    announce(upserted, removed);
}

void Estate::upsert(Entity entity)
{
    const QString id = entity.id;
    if (put(std::move(entity))) {
        announce({id});
    }
}

void Estate::removeKind(const QString& connection, const QString& kind)
{
    apply(connection, {}, {kind});
}

void Estate::restore(const QList<Entity>& entities)
{
    QStringList upserted;
    for (const Entity& entity : entities) {
        if (put(entity)) {
            upserted.append(entity.id);
        }
    }
    m_dirty.clear();
    announce(upserted);
}

std::optional<Entity> Estate::entity(const QString& id) const
{
    const auto it = m_entities.find(id);
    return it == m_entities.end() ? std::nullopt : std::optional(it->second);
}

QList<Entity> Estate::ofKind(const QString& connection, const QString& kind) const
{
    QList<Entity> result;
    const QString prefix = entityId(connection, kind, {});
    for (auto it = m_entities.lower_bound(prefix); it != m_entities.end() && it->first.startsWith(prefix);
         ++it) {
        result.append(it->second);
    }
    return result;
}

OldestFact Estate::oldestFact(const QString& connection, qint64 nowMs) const
{
    OldestFact oldest;
    bool old = false;
    const QString prefix = connection + '/';
    for (auto it = m_entities.lower_bound(prefix); it != m_entities.end() && it->first.startsWith(prefix);
         ++it) {
        const Entity& entity = it->second;
        if (entity.staleAfterMs <= 0 || entity.observedAtMs <= 0) {
            continue;
        }
        const bool thisIsOld = nowMs - entity.observedAtMs > entity.staleAfterMs;
        const bool older = oldest.observedAtMs == 0 || entity.observedAtMs < oldest.observedAtMs;
        if ((thisIsOld && !old) || (thisIsOld == old && older)) {
            old = thisIsOld;
            oldest = {.observedAtMs = entity.observedAtMs, .staleAfterMs = entity.staleAfterMs};
        }
    }
    return oldest;
}

QList<Entity> Estate::list(const QString& connection, const QString& kind) const
{
    QList<Entity> result;
    for (const auto& [id, entity] : m_entities) {
        if ((connection.isEmpty() || entity.connection == connection) &&
            (kind.isEmpty() || entity.kind == kind)) {
            result.append(entity);
        }
    }
    return result;
}

QSet<QString> Estate::takeDirty()
{
    return std::exchange(m_dirty, {});
}

}  // namespace sluice::estate
