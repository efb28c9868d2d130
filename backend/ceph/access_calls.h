#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QStringList>

#include "ceph/lease_hold.h"
#include "ceph/object_calls.h"
#include "ceph/rados_session.h"
#include "core/error.h"

namespace sluice::ceph {

/// What the observer does about clients and their keys when it is asked to. @thread any

/// Asks `answering` monitors, all at once, who is connected to them. Blocks for up to 3 s.
/// @param total how many monitors there are
SessionCensus takeCensus(const RadosSession& session, const QStringList& answering, int total);
/// {mons:[{mon, answered}], sessions:[{mon, entity, client, address}]}
QJsonObject censusJson(const SessionCensus& census, const QStringList& allMons);

/// Bars an address, and waits until this client knows the map that says so. @return {epoch}
[[nodiscard]] Result<QJsonObject> addToBlocklist(RadosSession& session, const QString& address,
                                                 int expireSeconds);
/// @return {listed}
[[nodiscard]] Result<QJsonObject> isOnBlocklist(const RadosSession& session, const QString& address);

/// @return {caps:{mon, osd, …}}   @error NotFound: no such entity.
[[nodiscard]] Result<QJsonObject> authGet(const RadosSession& session, const QString& entity);
/// Makes the entity with exactly these caps, or returns the key it has if it is there with the same caps.
/// @return {key, created}
/// @error AlreadyExists: it is there with other caps. InvalidArgument: no client entity, or one of Sluice's
/// own.
///         FailedPrecondition: its role belongs to another engine (see role_claim.h).
[[nodiscard]] Result<QJsonObject> authCreate(RadosSession& session, const QString& entity,
                                             const QJsonObject& caps, const QString& ownEntity,
                                             const LeaseTerms& terms);
/// Well if there is no such entity. @error InvalidArgument, FailedPrecondition: as authCreate.
[[nodiscard]] Result<QJsonObject> authRemove(RadosSession& session, const QString& entity,
                                             const QString& ownEntity, const LeaseTerms& terms);
/// @return {entities:[{entity, caps}]}
/// {osds: [{osd, answers}]}. Asks all at once, over a connection of its own, and gives each a second.
[[nodiscard]] Result<QJsonObject> askOsds(const ClusterAccess& access, const QJsonArray& osds);

[[nodiscard]] Result<QJsonObject> authList(const RadosSession& session);

/// Connects a handle of its own with that key. @return {ok, error?}
/// @error Unavailable: no monitor answered, so nothing is said about the key.
[[nodiscard]] Result<QJsonObject> probeKey(ClusterAccess access, const QString& entity, const QString& key);

}  // namespace sluice::ceph
