#pragma once

#include <QtCore/QList>
#include <QtCore/QString>

#include "systems/ceph/rules/ceph_scene.h"

namespace sluice::systems::ceph {

enum class Life { Gone, Alive, Unknown };

struct LockHolder {
    QString client{};
    QString cookie{};
    QString address{};
    Life life{Life::Unknown};
    QString entity{};  ///< cephx entity of its live session, if it has one
    QList<Evidence> why{};
};

/// The lock in the way of the task's object.
struct HeldLock {
    QString name{};
    bool exclusive{};
    qint64 objectChangedAtMs{};
    Fact fact{};
    QList<LockHolder> holders{};

    /// Gone only if every holder is; alive if one is.
    Life life() const;
};

struct LockEvidence {
    bool read{};  ///< the object's locks were read, and freshly
    QList<HeldLock> locks{};
};

/// Address without the protocol in front: "v1:10.0.0.1:0/42" and "10.0.0.1:0/42" are the same instance.
QString plainAddress(const QString& address);

/// All locks with holders on the blocked object, the one the worker named first.
LockEvidence lockEvidence(const CephScene& scene);

}  // namespace sluice::systems::ceph
