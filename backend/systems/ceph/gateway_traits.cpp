#include "systems/ceph/gateway_traits.h"

namespace sluice::systems::ceph {
namespace {

const QString kKind = QStringLiteral("gateway-write");

}  // namespace

void GatewayTraits::learned(const QString& gateway, const QJsonObject& facts)
{
    QJsonObject known = of(gateway);
    for (auto it = facts.begin(); it != facts.end(); ++it) {
        known[it.key()] = it.value();
    }
    m_estate.upsert(estate::Entity{.id = estate::entityId(gateway, kKind, gateway),
                                   .connection = gateway,
                                   .kind = kKind,
                                   .name = gateway,
                                   .source = QStringLiteral("found by writing"),
                                   .observedAtMs = m_clock.nowMs(),
                                   .facts = known});
}

QJsonObject GatewayTraits::of(const QString& gateway) const
{
    const auto entity = m_estate.entity(estate::entityId(gateway, kKind, gateway));
    return entity ? entity->facts : QJsonObject();
}

}  // namespace sluice::systems::ceph
