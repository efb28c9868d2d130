#include "systems/ceph/rules/standing.h"

#include <algorithm>

namespace sluice::systems::ceph {

Standing standing(const QString& rule, const QString& subject, const QString& title)
{
    return {.finding = {.rule = rule, .title = title, .scope = Scope::System, .broken = {subject}}};
}

void well(Standing& one, const Fact& fact, const QString& text)
{
    one.finding.verdict = Verdict::Refuted;
    one.finding.evidence = {evidenceOf(fact, text)};
}

void broken(Standing& one, const diagnosis::Remedy& remedy, const QString& correction)
{
    one.finding.verdict = Verdict::Confirmed;
    one.finding.remedy = remedy;
    one.finding.correction = correction;
}

bool monitorsAgree(const Scene& scene, const QString& connection)
{
    const auto quorum = scene.freshFact(idOf(connection, QStringLiteral("mon-quorum"), connection));
    return quorum && quorum->facts["quorate"].toBool();
}

bool clusterIsBroken(const QList<Standing>& others, const QString& connection)
{
    const QString prefix = connection + '/';
    return std::any_of(others.begin(), others.end(), [&prefix](const Standing& other) {
        return other.finding.verdict == Verdict::Confirmed && other.finding.scope == Scope::System &&
               other.finding.broken.first().startsWith(prefix);
    });
}

}  // namespace sluice::systems::ceph
