#pragma once

#include "systems/ceph/rules/ceph_scene.h"

namespace sluice::systems::ceph {

/// What a cluster without a monitor quorum lacks, and how it comes back.
struct QuorumCure {
    QString said{};  ///< "vega has no monitor quorum: 1 of 3 monitors answer, 2 are needed, for 2 min"
    QList<Evidence> evidence{};  ///< of the monitors that do not answer
    QString what{};              ///< "Start mon.b or mon.c: one is enough", without a full stop
    Remedy remedy{};
    /// So many answer that they could agree: they may be electing a leader.
    bool enoughAnswer{};
};

/// @param quorum the fresh fact that there is none
QuorumCure cureOf(const Scene& scene, const Fact& quorum);

}  // namespace sluice::systems::ceph
