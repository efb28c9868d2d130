#pragma once

#include "mover/rados_ops.h"

namespace sluice::mover {

/// One rados object, read at one version. A lock taken or released meanwhile changes the version but not the object;
/// then what was read is compared with the object's checksum at the end.
class RadosSourceObject final : public SourceObject {
public:
    RadosSourceObject(RadosPlace& place, QString name);
    quint64 sizeBytes() const override { return m_state.sizeBytes; }
    quint64 version() const override { return m_state.version; }
    Result<QByteArray> read(quint64 offset, quint64 length, ObjectContext& context) override;
    Result<quint32> checksum(ObjectContext& context) override;
    Result<void> confirm(quint32 crcOfBytesRead, ObjectContext& context) override;
    bool hasAttributes() const override { return true; }
    Attributes attributes() const override { return m_attributes; }
    bool hasOmap() const override { return m_state.hasOmap; }
    Result<OmapPage> omapPage(const QByteArray& after, ObjectContext& context) override;
    Result<QByteArray> omapHeader(ObjectContext& context) override;

    enum class Fetch { Nothing, Bytes, Checksum };
    /// Reads state and, of a small object, bytes or checksum in the same operation.
    Result<void> open(const ListedObject& listed, Fetch fetch, ObjectContext& context);
    /// After an operation found another version: takes it on if only locks can have changed.
    /// @error Aborted: the object changed. NotFound: it is gone.
    Result<void> refresh(ObjectContext& context);

    RadosPlace& place() { return m_place; }
    const QString& name() const { return m_name; }
    std::string oid() const { return m_place.oid(m_name); }
    /// Names of its lock attributes.
    std::vector<std::string> locks() const;

private:
    Try<void> openOnce(const ListedObject& listed, Fetch fetch, ObjectContext& context);
    Try<QByteArray> readOnce(quint64 offset, quint64 length, ObjectContext& context);

    RadosPlace& m_place;
    QString m_name;
    RadosState m_state{};
    Attributes m_attributes{};
    std::optional<QByteArray> m_bytes{};
    std::optional<quint32> m_checksum{};
    bool m_versionMoved{false};
};

class RadosSource final : public SourceEnd {
public:
    /// @param fetch what the move needs of small objects
    RadosSource(RadosPlace place, RadosSourceObject::Fetch fetch);
    Result<void> list(const Sink& sink, ObjectContext& context) override;
    Result<std::unique_ptr<SourceObject>> open(const ListedObject& listed, ObjectContext& context) override;

private:
    Try<QList<ListedObject>> page(librados::ObjectCursor& cursor, ObjectContext& context);
    void measure(QList<ListedObject>& objects, ObjectContext& context);
    void leaveOutNoObjects(QList<ListedObject>& objects, ObjectContext& context);

    RadosPlace m_place;
    RadosSourceObject::Fetch m_fetch;
};

}  // namespace sluice::mover
