#pragma once

#include "mover/rados_stage.h"

namespace sluice::mover {

/// Writes a rados object that fits one operation, in one operation: bytes, attributes and omap at once.
class RadosWriter final : public ObjectWriter {
public:
    /// @param omap all of the source's
    RadosWriter(RadosPlace& place, QString name, SourceObject& source, Existing existing, OmapStart omap);
    quint64 chunkBytes() const override { return kRadosChunkBytes; }
    Result<void> write(const QByteArray& chunk, ObjectContext& context) override;
    Result<Stored> finish(quint32 crc, ObjectContext& context) override;

private:
    void build(librados::ObjectWriteOperation& op, const QByteArray& bytes) const;

    RadosPlace& m_place;
    QString m_name;
    SourceObject& m_source;
    Existing m_existing;
    OmapStart m_omap;
    quint64 m_version{0};
};

}  // namespace sluice::mover
