#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include "core/clock.h"
#include "estate/estate.h"

namespace sluice::systems::ceph {

/// What moves found out about gateways by writing to them, kept among the facts of each: {etagMatch:
/// "quoted"|"plain"}.
/// @thread main loop only
class GatewayTraits {
public:
    GatewayTraits(estate::Estate& estate, const Clock& clock) : m_estate(estate), m_clock(clock) {}
    void learned(const QString& gateway, const QJsonObject& facts);
    /// Empty if nothing is known.
    QJsonObject of(const QString& gateway) const;

private:
    estate::Estate& m_estate;
    const Clock& m_clock;
};

}  // namespace sluice::systems::ceph
