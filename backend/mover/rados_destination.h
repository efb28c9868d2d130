#pragma once

#include "mover/claim_book.h"
#include "mover/rados_room.h"

namespace sluice::mover {

class RadosSourceObject;

/// A Ceph pool as destination. Every write is guarded in its own operation: a new object is created
/// exclusively, an existing one is asserted to have the version at which nobody held a lock on it. What fits
/// one operation is written at once; anything larger is staged in the same Ceph pool and put in place by a
/// copy inside the cluster, as objects of the same cluster are: nobody sees part of an object under its name.
class RadosDestination final : public DestinationEnd {
public:
    /// @param mark this attempt's, on objects that are not finished
    /// @param direct whether sources lie in the same cluster
    /// The book must outlive the destination.
    RadosDestination(RadosPlace place, QString mark, bool direct, ClaimBook& claims);

    OpPlace at(const QString& name) const override { return m_place.at(name); }
    Result<Existing> look(const QString& name, ObjectContext& context) override;
    Result<quint32> checksum(const QString& name, const Existing& existing, ObjectContext& context) override;
    Result<std::unique_ptr<ObjectWriter>> open(const QString& name, SourceObject& source,
                                               const Existing& existing, ObjectContext& context) override;
    Result<void> fits(const QString& name, quint64 sizeBytes) const override;
    /// The guard of a copy inside the cluster takes an object last changed at the epoch for none.
    bool createsExclusively() const override { return !m_direct; }
    quint64 bufferBytes(quint64 sizeBytes) const override;
    bool keepsAttributes() const override { return true; }
    quint64 remembered(quint64 version) const override { return m_place.remembered(version); }
    Result<bool> equalOmap(const QString& name, SourceObject& source, ObjectContext& context) override;
    bool copiesDirectly() const override { return m_direct; }
    Result<DirectCopy> direct(const QString& name, SourceObject& source, const Existing& existing,
                              ObjectContext& context) override;

private:
    Try<Existing> lookOnce(const QString& name, ObjectContext& context);

    RadosPlace m_place;
    QString m_mark;
    bool m_direct;
    ClaimBook& m_claims;
    RadosRoom m_room{};
};

/// Compares what is stored with what was written. A version that moved because of a lock is taken on.
/// @param version that of the last write  @return the version at which the object was compared
/// @error Aborted: somebody else wrote it. DataLoss: other bytes are stored.
Result<quint64> verifyStored(RadosPlace& place, const QString& name, quint64 version, quint64 sizeBytes,
                             quint32 crc, ObjectContext& context);

/// The size of the pieces in which an object is written to that Ceph pool: kRadosChunkBytes, or a little less
/// or more where appends must be aligned (erasure coded without overwrites).
/// @param alignment in bytes, 0: none
quint64 chunkBytesFor(quint64 alignment);

}  // namespace sluice::mover
