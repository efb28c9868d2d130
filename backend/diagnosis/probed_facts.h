#pragma once

#include <QtCore/QHash>

#include "core/error.h"
#include "diagnosis/diagnose.h"
#include "diagnosis/fact_source.h"

namespace sluice::diagnosis {

/// The estate with the replies of probes laid over it. A reply becomes these facts:
///   lock.list: <c>/lock-list/<cephPool>/<object> {cephPool, object, locks}, and each lock as kind `lock`
///   sessions: <c>/sessions/<c> {mons, sessions}
///   object.pg: <c>/object-pg/<cephPool>/<object>, as the observe worker's fact
///   pool.pgs: <c>/pool-pgs/<cephPool>, as the reply
///   osd.answers: <c>/osd-answer/<number> {answers}, one for each OSD
///   auth.get: <c>/auth-entity/<entity> {entity, caps}; an error NotFound: {entity, missing: true}
///   key.probe: <c>/key-probe/<entity> {ok}
///   blocklist.has: <c>/blocklisted/<address> {address, listed}
/// An error becomes <c>/probe-error/<method> {method, params, error}, so that "unknown" can say why.
/// observe.now brings its facts through the estate and adds nothing here.
/// @note `base` must outlive this.
class ProbedFacts final : public FactSource {
public:
    explicit ProbedFacts(const FactSource& base);

    void addReply(const Probe& probe, const QJsonObject& reply, qint64 observedAtMs);
    void addError(const Probe& probe, const Error& error, qint64 observedAtMs);
    void add(const Fact& fact);

    std::optional<Fact> fact(const QString& id) const override;
    QList<Fact> ofKind(const QString& connection, const QString& kind) const override;

private:
    const FactSource& m_base;
    QHash<QString, Fact> m_facts;
};

}  // namespace sluice::diagnosis
