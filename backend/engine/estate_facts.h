#pragma once

#include "core/error.h"
#include "diagnosis/fact_source.h"
#include "estate/estate.h"

namespace sluice::engine {

/// The estate as diagnosis sees it.
class EstateFacts final : public diagnosis::FactSource {
public:
    explicit EstateFacts(const estate::Estate& estate) : m_estate(estate) {}
    std::optional<diagnosis::Fact> fact(const QString& id) const override;
    QList<diagnosis::Fact> ofKind(const QString& connection, const QString& kind) const override;
    /// What is read rarely is evidence for longer: until the connection counts as silent.
    qint64 freshMs(const QString& connection) const override;

private:
    const estate::Estate& m_estate;
};

/// @error FailedPrecondition: the monitors of that cluster are known to have no quorum now, so nothing can be
/// fenced there
///        and nobody gets a new session.
[[nodiscard]] Result<void> monitorsAgree(const diagnosis::FactSource& facts, const QString& connection,
                                         qint64 nowMs);

}  // namespace sluice::engine
