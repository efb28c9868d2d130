#include "engine/estate_facts.h"

namespace sluice::engine {
namespace {

diagnosis::Fact toFact(const estate::Entity& entity)
{
    return {.id = entity.id,
            .connection = entity.connection,
            .kind = entity.kind,
            .name = entity.name,
            .source = entity.source,
            .observedAtMs = entity.observedAtMs,
            .facts = entity.facts};
}

}  // namespace

std::optional<diagnosis::Fact> EstateFacts::fact(const QString& id) const
{
    const auto entity = m_estate.entity(id);
    return entity ? std::optional(toFact(*entity)) : std::nullopt;
}

QList<diagnosis::Fact> EstateFacts::ofKind(const QString& connection, const QString& kind) const
{
    QList<diagnosis::Fact> result;
    const auto entities = connection.isEmpty() ? m_estate.list({}, kind) : m_estate.ofKind(connection, kind);
    for (const estate::Entity& entity : entities) {
        result.append(toFact(entity));
    }
    return result;
}

}  // namespace sluice::engine
