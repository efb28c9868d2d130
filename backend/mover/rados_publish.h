#pragma once

#include "mover/rados_ops.h"

namespace sluice::mover {

/// What is copied inside a cluster.
struct CopySource {
    std::shared_ptr<PoolIo> io{};
    std::string oid{};
    quint64 version{};
    quint64 sizeBytes{};
    /// Attributes that do not come along: locks, the mark of a staged copy.
    std::vector<std::string> left{};
};

/// Copies an object to its name in one guarded operation: whoever reads sees what was there, or the whole
/// copy.
///
/// An existing object is asserted to have version `over`. A new one is created by the copy itself, guarded by
/// a method of an object class that fails if the object is there: an exclusive `create` in the same operation
/// would be carried out twice by the OSD and counted both times, and the next deep scrub would call the Ceph
/// pool's statistics damaged. A key that may not call object classes (no x) creates it first, empty and with
/// the mark of the attempt.
/// @return the version written
/// @error moved(): source or destination are not as told
Result<quint64> copyIntoPlace(RadosPlace& place, const QString& name, const CopySource& source,
                              std::optional<quint64> over, const QString& mark, ObjectContext& context);

/// The version at which `name` may be replaced, or nothing if it is not there. A lock that came and went
/// since `existing` was seen changes the version but not the object.
/// @error moved(): it is another object by now. A lock that is held is waited for.
Result<std::optional<quint64>> versionToReplace(RadosPlace& place, const QString& name,
                                                const Existing& existing, const QString& mark,
                                                ObjectContext& context);

/// The same once; without a look at locks.
Existing existingOf(RadosState& state);

}  // namespace sluice::mover
