#include "estate/estate.h"

#include <QtCore/QJsonArray>
#include <algorithm>

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

template <typename Visit>
void Estate::each(const QString& connection, const QString& kind, Visit visit) const
{
    for (const auto& [name, kinds] : m_counts) {
        if (!connection.isEmpty() && name != connection) {
            continue;
        }
        if (!kind.isEmpty() && kinds.find(kind) == kinds.end()) {
            continue;
        }
        const QString prefix = kind.isEmpty() ? name + '/' : entityId(name, kind, {});
        for (auto it = m_entities.lower_bound(prefix); it != m_entities.end() && it->first.startsWith(prefix);
             ++it) {
            visit(it->second);
        }
    }
}

QStringList Estate::ids() const
{
    if (m_ids.isEmpty()) {
        m_ids.reserve(qsizetype(m_entities.size()));
        for (const auto& [id, entity] : m_entities) {
            m_ids.append(id);
        }
    }
    return m_ids;
}

QStringList Estate::idsOf(const QJsonObject& filter) const
{
    if (filter.isEmpty()) {
        return ids();
    }
    const QJsonValue ofConnection = filter.value(QLatin1String("connection"));
    const QJsonValue ofKind = filter.value(QLatin1String("kind"));
    QJsonObject rest = filter;
    rest.remove(QStringLiteral("connection"));
    rest.remove(QStringLiteral("kind"));
    QStringList found;
    for (const auto& [connection, kinds] : m_counts) {
        if (!ofConnection.isUndefined() && !accepts(ofConnection, connection)) {
            continue;
        }
        for (const auto& [kind, number] : kinds) {
            if (ofKind.isUndefined() || accepts(ofKind, kind)) {
                each(connection, kind, [&](const Entity& entity) {
                    if (rest.isEmpty() || matches(entity.id, rest)) {
                        found.append(entity.id);
                    }
                });
            }
        }
    }
    // "a-b/…" sorts before "a/…", though "a" sorts before "a-b".
    std::sort(found.begin(), found.end());
    return found;
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

void Estate::tally(const Entity& entity, qsizetype by)
{
    auto& kinds = m_counts[entity.connection];
    if ((kinds[entity.kind] += by) == 0) {
        kinds.erase(entity.kind);
    }
    if (kinds.empty()) {
        m_counts.erase(entity.connection);
    }
    if (entity.staleAfterMs <= 0 || entity.observedAtMs <= 0) {
        return;
    }
    Ages& ages = m_ages[entity.connection];
    auto& times = ages[entity.staleAfterMs];
    if ((times[entity.observedAtMs] += by) == 0) {
        times.erase(entity.observedAtMs);
    }
    if (times.empty()) {
        ages.erase(entity.staleAfterMs);
    }
}

bool Estate::put(Entity entity)
{
    if (!entity.id.startsWith(entityId(entity.connection, entity.kind, {}))) {
        log::warn(
            "estate",
            QStringLiteral("refused a fact whose id is not of its connection and kind: %1").arg(entity.id));
        return false;
    }
    auto it = m_entities.find(entity.id);
    if (it != m_entities.end() && it->second.observedAtMs > entity.observedAtMs &&
        it->second.observedAtMs <= m_clock.nowMs()) {
        return false;
    }
    const bool same = it != m_entities.end() && it->second.facts == entity.facts;
    entity.revision = same ? it->second.revision : revision() + 1;
    m_dirty.insert(entity.id);
    tally(entity, 1);
    if (it == m_entities.end()) {
        m_ids.clear();
        m_entities.emplace(entity.id, std::move(entity));
    } else {
        tally(it->second, -1);
        it->second = std::move(entity);
    }
    return true;
}

void Estate::remove(Entities::iterator it)
{
    tally(it->second, -1);
    m_dirty.insert(it->first);
    m_ids.clear();
    m_entities.erase(it);
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
        each(connection, kind, [&](const Entity& entity) {
            if (!seen.contains(entity.id)) {
                removed.append(entity.id);
            }
        });
    }
    for (const QString& id : std::as_const(removed)) {
        remove(m_entities.find(id));
    }
    announce(upserted, removed);
}

void Estate::drop(const QStringList& ids)
{
    QStringList removed;
    for (const QString& id : ids) {
        if (const auto it = m_entities.find(id); it != m_entities.end()) {
            remove(it);
            removed.append(id);
        }
    }
    announce({}, removed);
}

void Estate::keepOnly(const QSet<QString>& connections)
{
    QStringList others;
    for (const auto& [id, entity] : m_entities) {
        if (!connections.contains(entity.connection)) {
            others.append(id);
        }
    }
    drop(others);
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
    if (!connection.isEmpty() && !kind.isEmpty()) {
        each(connection, kind, [&result](const Entity& entity) { result.append(entity); });
    }
    return result;
}

OldestFact Estate::oldestFact(const QString& connection, qint64 nowMs) const
{
    const auto ages = m_ages.find(connection);
    OldestFact oldest;
    if (ages == m_ages.end()) {
        return oldest;
    }
    bool old = false;
    for (const auto& [staleAfterMs, times] : ages->second) {
        const qint64 at = times.begin()->first;
        const bool thisIsOld = nowMs - at > staleAfterMs;
        const bool older = oldest.observedAtMs == 0 || at < oldest.observedAtMs;
        if ((thisIsOld && !old) || (thisIsOld == old && older)) {
            old = thisIsOld;
            oldest = {.observedAtMs = at, .staleAfterMs = staleAfterMs};
        }
    }
    return oldest;
}

QList<Entity> Estate::list(const QString& connection, const QString& kind) const
{
    QList<Entity> result;
    result.reserve(count(connection, kind));
    each(connection, kind, [&result](const Entity& entity) { result.append(entity); });
    const auto byId = [](const Entity& a, const Entity& b) { return a.id < b.id; };
    if (!std::is_sorted(result.begin(), result.end(), byId)) {
        std::sort(result.begin(), result.end(), byId);
    }
    return result;
}

QStringList Estate::idsAfter(const QString& connection, const QString& kind, const QString& id,
                             qsizetype most) const
{
    QStringList found;
    const QString prefix = entityId(connection, kind, {});
    for (auto it = id.isEmpty() ? m_entities.lower_bound(prefix) : m_entities.upper_bound(id);
         it != m_entities.end() && it->first.startsWith(prefix) && found.size() < most; ++it) {
        found.append(it->first);
    }
    return found;
}

qsizetype Estate::count(const QString& connection, const QString& kind) const
{
    qsizetype sum = 0;
    for (const auto& [name, kinds] : m_counts) {
        for (const auto& [of, number] : kinds) {
            const bool counts =
                (connection.isEmpty() || name == connection) && (kind.isEmpty() || of == kind);
            sum += counts ? number : 0;
        }
    }
    return sum;
}

QSet<QString> Estate::takeDirty(qsizetype most)
{
    if (most == 0 || m_dirty.size() <= most) {
        return std::exchange(m_dirty, {});
    }
    QSet<QString> taken;
    taken.reserve(most);
    for (auto it = m_dirty.begin(); taken.size() < most; it = m_dirty.erase(it)) {
        taken.insert(*it);
    }
    return taken;
}

}  // namespace sluice::estate
