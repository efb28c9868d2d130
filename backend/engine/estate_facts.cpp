#include "engine/estate_facts.h"

#include <algorithm>

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

qint64 EstateFacts::freshMs(const QString& connection) const
{
    const auto row = m_estate.entity(estate::entityId(connection, QStringLiteral("connection"), connection));
    return std::max(diagnosis::kFreshMs, row ? row->facts["staleAfterMs"].toInteger() : 0);
}

Result<void> monitorsAgree(const diagnosis::FactSource& facts, const QString& connection, qint64 nowMs)
{
    const auto quorum = facts.fact(QStringLiteral("%1/mon-quorum/%1").arg(connection));
    const bool lost = quorum && diagnosis::isFresh(quorum->observedAtMs, nowMs) &&
                      quorum->facts["quorate"].isBool() && !quorum->facts["quorate"].toBool();
    if (!lost) {
        return {};
    }
    return fail(Error{
        .code = ErrorCode::FailedPrecondition,
        .message = QStringLiteral("%1 has no monitor quorum").arg(connection),
        .cause = QStringLiteral("without it no client can be fenced and no new attempt gets a session"),
        .correction =
            QStringLiteral("Start the monitors of %1 that do not answer, then ask again.").arg(connection),
        .source = connection});
}

}  // namespace sluice::engine
