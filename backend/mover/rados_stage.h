#pragma once

#include "mover/rados_room.h"
#include "mover/stage.h"

namespace sluice::mover {

/// The start of a source's omap, read before anything is written: what has more pairs than one operation
/// takes is staged.
struct OmapStart {
    OmapPage page{};
    QByteArray header{};
    quint64 bytes() const;
};
/// @return nothing to write for a source without
Result<OmapStart> omapStart(SourceObject& source, ObjectContext& context);
void addOmap(librados::ObjectWriteOperation& op, const Attributes& pairs);

/// Whether an object is of the names that staged copies have: NAME.sluice-staged.16 hex digits. It is one
/// only if it carries a mark too. Begins with the name it is for, so that a key limited to an object prefix
/// may write it.
bool isStagedName(const std::string& oid);
/// A fresh one for that object, not longer than the OSDs allow.
QString stagedName(const QString& oid);

/// Stages a rados object beside its place, in the same Ceph pool.
class RadosStage final : public Stage {
public:
    /// All must outlive the stage. @param chunkBytes of the Ceph pool: a multiple of what it aligns to
    RadosStage(RadosPlace& place, RadosRoom& room, QString name, QString mark, SourceObject& source,
               Existing existing, OmapStart omap, quint64 chunkBytes);
    ~RadosStage() override;
    QString id() const override;
    QJsonObject claim() const override;
    quint64 chunkBytes() const override { return m_chunkBytes; }
    Result<void> reserve(ObjectContext& context) override;
    Result<void> begin(const QByteArray& chunk, ObjectContext& context) override;
    Result<void> append(quint64 offset, const QByteArray& chunk, ObjectContext& context) override;
    Result<void> complete(quint32 crc, ObjectContext& context) override;
    Result<Stored> publish(quint32 crc, ObjectContext& context) override;
    bool remove() override;

private:
    using Build = std::function<void(librados::ObjectWriteOperation&)>;
    Result<void> apply(const Build& build, quint64 bytes, ObjectContext& context);
    Result<void> checkUntouched(ObjectContext& context);

    RadosPlace& m_place;
    RadosRoom& m_room;
    QString m_name;
    QString m_staged;
    QString m_mark;
    SourceObject& m_source;
    Existing m_existing;
    OmapStart m_omap;
    quint64 m_chunkBytes;
    quint64 m_version{0};
    bool m_reserved{false};
};

}  // namespace sluice::mover
