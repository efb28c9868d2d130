#pragma once

#include "diagnosis/fact_source.h"
#include "estate/estate.h"

namespace sluice::engine {

/// The estate as diagnosis sees it.
class EstateFacts final : public diagnosis::FactSource {
public:
    explicit EstateFacts(const estate::Estate& estate) : m_estate(estate) {}
    std::optional<diagnosis::Fact> fact(const QString& id) const override;
    QList<diagnosis::Fact> ofKind(const QString& connection, const QString& kind) const override;

private:
    const estate::Estate& m_estate;
};

}  // namespace sluice::engine
