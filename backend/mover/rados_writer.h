#pragma once

#include "mover/rados_ops.h"

namespace sluice::mover {

/// Writes one rados object. What needs more than one operation carries the mark of the attempt until the last of them,
/// and every operation asserts the version that the one before left.
class RadosWriter final : public ObjectWriter {
public:
    RadosWriter(RadosPlace& place, QString name, QString mark, SourceObject& source, Existing existing);
    quint64 chunkBytes() const override { return kRadosChunkBytes; }
    Result<void> write(const QByteArray& chunk, ObjectContext& context) override;
    Result<Stored> finish(quint32 crc, ObjectContext& context) override;

private:
    void addGuard(librados::ObjectWriteOperation& op) const;
    void addFirst(librados::ObjectWriteOperation& op) const;
    Try<void> applyOnce(librados::ObjectWriteOperation& op, ObjectContext& context);
    using Build = std::function<void(librados::ObjectWriteOperation&)>;
    Result<void> apply(const Build& build, ObjectContext& context);
    Try<void> recover(ObjectContext& context);
    Result<void> writeOmap(ObjectContext& context);

    RadosPlace& m_place;
    QString m_name;
    QString m_mark;
    SourceObject& m_source;
    Existing m_existing;
    bool m_started{false};
    quint64 m_version{0};
    quint64 m_written{0};
};

}  // namespace sluice::mover
