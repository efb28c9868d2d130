#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "ceph/access_facts.h"
#include "ceph/facts.h"
#include "core/error.h"

namespace sluice::ceph {

class RadosSession;

/// What the observer does to single objects when it is asked to. All block for up to 3 s per operation. Names
/// of objects and locks, and cookies, are as they travel: see model::nameOnWire().
/// @thread any

/// Who has sessions with the monitors, and how many of them told.
struct SessionCensus {
    QList<MonSession> sessions{};
    /// Monitors that told.
    QStringList told{};
    int answered{};
    int total{};
};

/// The `lock` facts of one object, those without holders left out. Nothing if there is no such object.
[[nodiscard]] Result<QList<Fact>> listLocks(const RadosSession& session, const QString& cephPool,
                                            const QString& object, const SessionCensus& census);

/// @error NotFound: that holder has no such lock (any more).
[[nodiscard]] Result<void> breakLock(const RadosSession& session, const QString& cephPool,
                                     const QString& object, const QString& lock, const QString& client,
                                     const QString& cookie);

/// {exists, sizeBytes, version, changedAt, partialOf?, xattrs:[names], omapKeys}; {exists: false} if there is
/// none. omapKeys counts up to 10,000.
[[nodiscard]] Result<QJsonObject> statObject(const RadosSession& session, const QString& cephPool,
                                             const QString& object);

/// Removes the object if it is still of that version and nobody holds a lock on it; a lock taken meanwhile
/// changes the version too.
/// @error NotFound; Aborted: another version; FailedPrecondition: locked.
[[nodiscard]] Result<void> removeObject(const RadosSession& session, const QString& cephPool,
                                        const QString& object, quint64 version);

/// Removes a staged copy if it carries that mark; one that is gone, or is somebody else's, is no error.
[[nodiscard]] Result<void> removeStaged(const RadosSession& session, const QString& cephPool,
                                        const QString& object, const QString& mark);

/// The `object-pg` fact; its state is empty if the manager does not answer, which is not asked if that is
/// known before: waiting for it would take longer than the caller waits.
[[nodiscard]] Result<Fact> locateObject(const RadosSession& session, const QString& cephPool,
                                        const QString& object, bool managerAnswers);

/// As poolPgs. Asks for as many placement groups as there is time for. @error NotFound: no such Ceph pool.
[[nodiscard]] Result<QJsonObject> readPoolPgs(const RadosSession& session, const QString& cephPool,
                                              bool managerAnswers);

}  // namespace sluice::ceph
