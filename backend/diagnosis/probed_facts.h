#pragma once

#include <QtCore/QHash>

#include "core/error.h"
#include "diagnosis/fact_source.h"
#include "diagnosis/rule.h"

namespace sluice::diagnosis {

/// The estate with the replies of probes laid over it, as the facts that the kind of each probe makes of
/// them. Another error becomes <c>/probe-error/<method> {method, params, error}, so that "unknown" can say
/// why. A reply that no kind reads, or that comes through the estate, adds nothing here.
/// @note `base` and `rules` must outlive this.
class ProbedFacts final : public FactSource {
public:
    ProbedFacts(const FactSource& base, const RuleBook& rules);

    void addReply(const Probe& probe, const QJsonObject& reply, qint64 observedAtMs);
    void addError(const Probe& probe, const Error& error, qint64 observedAtMs);
    void add(const Fact& fact);

    std::optional<Fact> fact(const QString& id) const override;
    QList<Fact> ofKind(const QString& connection, const QString& kind) const override;

private:
    /// With the id, source and time that every fact of an answer has.
    void add(Fact fact, const Probe& probe, qint64 observedAtMs);

    const FactSource& m_base;
    const RuleBook& m_rules;
    QHash<QString, Fact> m_facts;
};

}  // namespace sluice::diagnosis
