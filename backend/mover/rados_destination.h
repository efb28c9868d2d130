#pragma once

#include "mover/rados_ops.h"

namespace sluice::mover {

class RadosSourceObject;

/// A Ceph pool as destination. Every write is guarded in its own operation: a new object is created exclusively, an
/// existing one is asserted to have the version at which nobody held a lock on it. A copy inside the cluster creates the
/// object in an operation of its own: the OSD carries one with a copy in it out twice, would count the creation both
/// times, and the next deep scrub would call the pool's statistics damaged.
class RadosDestination final : public DestinationEnd {
public:
    /// @param mark this attempt's, on objects that are not finished
    /// @param direct whether sources lie in the same cluster
    RadosDestination(RadosPlace place, QString mark, bool direct);

    Result<Existing> look(const QString& name, ObjectContext& context) override;
    Result<quint32> checksum(const QString& name, const Existing& existing, ObjectContext& context) override;
    Result<std::unique_ptr<ObjectWriter>> open(const QString& name, SourceObject& source, const Existing& existing,
                                               ObjectContext& context) override;
    bool createsExclusively() const override { return true; }
    quint64 bufferBytes(quint64 sizeBytes) const override;
    bool keepsAttributes() const override { return true; }
    Result<bool> equalOmap(const QString& name, SourceObject& source, ObjectContext& context) override;
    bool copiesDirectly() const override { return m_direct; }
    Result<DirectCopy> direct(const QString& name, SourceObject& source, const Existing& existing,
                              ObjectContext& context) override;

private:
    Try<Existing> lookOnce(const QString& name, ObjectContext& context);
    /// An empty object of this attempt's, where there was none. @return its version
    Try<quint64> createOnce(const QString& name, ObjectContext& context);
    Try<quint64> copyOnce(const QString& name, RadosSourceObject& source, quint64 version, ObjectContext& context);
    Try<quint64> executeOnce(const QString& name, librados::ObjectWriteOperation& op, quint64 sizeBytes, ObjectContext& context);

    RadosPlace m_place;
    QString m_mark;
    bool m_direct;
};

/// Compares what is stored with what was written. A version that moved because of a lock is taken on.
/// @param version that of the last write  @return the version at which the object was compared
/// @error Aborted: somebody else wrote it. DataLoss: other bytes are stored.
Result<quint64> verifyStored(RadosPlace& place, const QString& name, quint64 version, quint64 sizeBytes, quint32 crc,
                             ObjectContext& context);

}  // namespace sluice::mover
