#pragma once

#include <atomic>

#include "mover/rados_ops.h"

namespace sluice::mover {

/// One rados object, read at one version. A lock taken or released meanwhile changes the version but not the
/// object; then what was read is compared with the object's checksum at the end.
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

/// Whether the name is left only for what snapshots of the Ceph pool keep of it.
bool onlySnapshotsHave(const RadosPlace& place, const QString& name);

/// The objects of a folder in the default RADOS namespace of a Ceph pool. Those of other namespaces are
/// counted, and so are attributes, omaps and snapshots that the move cannot carry.
class RadosSource final : public SourceEnd {
public:
    struct Options {
        /// What the move needs of small objects.
        RadosSourceObject::Fetch fetch{RadosSourceObject::Fetch::Bytes};
        /// Whether attributes and omaps arrive at the other end.
        bool carriesAttributes{true};
        /// Whether what objects have besides their bytes, and snapshots of them, is told.
        bool tells{true};
    };
    RadosSource(RadosPlace place, Options options);
    Result<void> list(const Sink& sink, ObjectContext& context) override;
    Result<std::optional<ListedObject>> find(const QString& name, ObjectContext& context) override;
    QString whyEmpty() const override;
    quint64 remembered(quint64 version) const override { return m_place.remembered(version); }
    Result<std::unique_ptr<SourceObject>> open(const ListedObject& listed, ObjectContext& context) override;

private:
    struct Page;
    Try<QList<ListedObject>> page(Page& at, ObjectContext& context);
    std::optional<ListedObject> listedOf(const librados::ObjectItem& item, ObjectContext& context);
    void measure(QList<ListedObject>& objects, ObjectContext& context);
    void leaveOutNoObjects(QList<ListedObject>& objects, ObjectContext& context);

    RadosPlace m_place;
    Options m_options;
    /// Whether the Ceph pool has or had snapshots.
    bool m_snapshots{false};
    std::atomic<qint64> m_elsewhere{0};
};

}  // namespace sluice::mover
