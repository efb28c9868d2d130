#pragma once

#include <optional>

#include "ceph/lease_hold.h"

namespace sluice::ceph {

/// Where a cluster keeps which engine a role belongs to, for as long as nobody removes it. Two engines with a
/// role of one name would each take the other's key for a leftover and revoke it. @thread any, one at a time
class ClaimStore {
public:
    virtual ~ClaimStore() = default;
    /// @return the engine, or nothing if nobody has claimed it
    virtual Result<std::optional<QString>> read(const QString& name) = 0;
    /// @error AlreadyExists: another one was faster
    virtual Result<void> create(const QString& name, const QString& engineId) = 0;
    /// For a person: how the claim of an engine that is gone for good is removed.
    virtual QString howToRemove(const QString& name) const = 0;
};

/// "client.ingest" of "client.ingest.g12": the entity that all generations of a role's key have in common.
QString roleEntityOf(const QString& entity);

/// Makes sure that the role of `entity` belongs to this engine; claims it if nobody has.
/// @error FailedPrecondition: it belongs to another. As the store.
Result<void> claimRole(ClaimStore& store, const LeaseTerms& terms, const QString& entity);

/// As above, in objects of the lease's Ceph pool, or in keys of the monitors where there is no such pool.
Result<void> claimRole(RadosSession& session, const LeaseTerms& terms, const QString& entity);

}  // namespace sluice::ceph
