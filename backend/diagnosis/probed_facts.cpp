#include "diagnosis/probed_facts.h"

namespace sluice::diagnosis {

ProbedFacts::ProbedFacts(const FactSource& base, const RuleBook& rules) : m_base(base), m_rules(rules) {}

void ProbedFacts::add(const Fact& fact)
{
    m_facts.insert(fact.id, fact);
}

void ProbedFacts::add(Fact fact, const Probe& probe, qint64 observedAtMs)
{
    if (fact.connection.isEmpty()) {
        fact.connection = probe.connection;
    }
    if (fact.source.isEmpty()) {
        fact.source = QStringLiteral("%1, %2").arg(probe.method, probe.connection);
    }
    fact.observedAtMs = observedAtMs;
    fact.id = idOf(fact.connection, fact.kind, fact.name);
    add(fact);
}

void ProbedFacts::addReply(const Probe& probe, const QJsonObject& reply, qint64 observedAtMs)
{
    const ProbeKind* kind = m_rules.probeKind(probe.method);
    for (const Fact& fact : kind && kind->facts ? kind->facts(probe, reply) : QList<Fact>()) {
        add(fact, probe, observedAtMs);
    }
}

void ProbedFacts::addError(const Probe& probe, const Error& error, qint64 observedAtMs)
{
    const ProbeKind* kind = m_rules.probeKind(probe.method);
    std::optional<Fact> fact = kind && kind->errorFact ? kind->errorFact(probe, error) : std::nullopt;
    if (!fact) {
        fact = Fact{.kind = QStringLiteral("probe-error"), .name = probe.method};
        fact->facts = {{"method", probe.method}, {"params", probe.params}, {"error", error.toJson()}};
    }
    fact->source = probe.method;
    add(*fact, probe, observedAtMs);
}

std::optional<Fact> ProbedFacts::fact(const QString& id) const
{
    const auto it = m_facts.find(id);
    return it == m_facts.end() ? m_base.fact(id) : std::optional<Fact>(*it);
}

QList<Fact> ProbedFacts::ofKind(const QString& connection, const QString& kind) const
{
    QList<Fact> facts;
    for (const Fact& fact : m_base.ofKind(connection, kind)) {
        if (!m_facts.contains(fact.id)) {
            facts.append(fact);
        }
    }
    for (const Fact& fact : m_facts) {
        if (fact.kind == kind && (connection.isEmpty() || fact.connection == connection)) {
            facts.append(fact);
        }
    }
    return facts;
}

}  // namespace sluice::diagnosis
