#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QMap>
#include <QtCore/QString>
#include <functional>
#include <memory>
#include <optional>

#include "core/error.h"
#include "mover/blockage.h"
#include "mover/crc32c.h"
#include "mover/object_context.h"

/// The two ends of a move. Every end waits out what may go away by itself (through the ObjectContext it is
/// given), so an error it returns is for good.
namespace sluice::mover {

/// An object of a source as it was listed. `version` changes whenever the object does (rados: its version,
/// file: the time of its last change, S3: part of its ETag); 0 if unknown.
struct ListedObject {
    QString name{};
    quint64 sizeBytes{};
    quint64 version{};
    QString etag{};
    /// rados: the key by which it is placed instead of its name; usually empty.
    QString locator{};
    qint64 changedAtMs{};
    /// Why it cannot be copied at all; then `name` is only for people.
    std::optional<Error> bad{};
};

using Attributes = QMap<QByteArray, QByteArray>;

/// Pairs of an omap in order of key.
struct OmapPage {
    Attributes pairs{};
    bool last{true};
};

/// One object of a source, opened at one version.
/// @thread one at a time
class SourceObject {
public:
    virtual ~SourceObject() = default;
    virtual quint64 sizeBytes() const = 0;
    virtual quint64 version() const = 0;
    /// Who may read, write and run a file, as the lowest nine bits of its mode; nothing where there is no
    /// such thing.
    virtual std::optional<quint32> permissions() const { return std::nullopt; }
    /// @return exactly `length` bytes  @error Aborted: the object changed since it was opened
    [[nodiscard]] virtual Result<QByteArray> read(quint64 offset, quint64 length, ObjectContext& context) = 0;
    /// Checksum of the whole object, reading it if the end cannot do that by itself.
    [[nodiscard]] virtual Result<quint32> checksum(ObjectContext& context);
    /// After the last read: whether what was read is what the object holds.
    /// @error Aborted: it changed meanwhile. DataLoss: the bytes read are not those that were stored.
    [[nodiscard]] virtual Result<void> confirm(quint32 crcOfBytesRead, ObjectContext& context) = 0;
    /// Whether objects of this kind have extended attributes and an omap (rados only).
    virtual bool hasAttributes() const { return false; }
    /// Extended attributes that belong to the object; never locks.
    virtual Attributes attributes() const { return {}; }
    virtual bool hasOmap() const { return false; }
    /// Headers that a reader of the object heeds beside its bytes, such as its content type; known once
    /// something of it was read (S3 only).
    virtual Attributes contentHeaders() const { return {}; }
    /// Once it is at the destination: counts what it has that was not carried along, as far as reading it
    /// told.
    /// @param headersThere its headers there; nothing where the destination knows none
    virtual void countLeftOut(const std::optional<Attributes>&, ObjectContext&) {}
    /// Some pairs after that key.
    [[nodiscard]] virtual Result<OmapPage> omapPage(const QByteArray& after, ObjectContext& context);
    [[nodiscard]] virtual Result<QByteArray> omapHeader(ObjectContext& context);
};

/// Checksum over the attributes, and the header and pairs of the omap, of an object.
[[nodiscard]] Result<quint32> attributesChecksum(SourceObject& object, ObjectContext& context);
/// The same of an object without omap.
quint32 attributesChecksum(const Attributes& attributes);

class SourceEnd {
public:
    virtual ~SourceEnd() = default;
    /// Takes a batch; false: stop listing.
    using Sink = std::function<bool(QList<ListedObject>)>;
    /// Returns only when everything was listed, or the sink stopped it: what cannot be read is waited for.
    [[nodiscard]] virtual Result<void> list(const Sink& sink, ObjectContext& context) = 0;
    /// The one object of that name, if there is one.
    [[nodiscard]] virtual Result<std::optional<ListedObject>> find(const QString& name,
                                                                   ObjectContext& context) = 0;
    /// Why nothing was listed, as far as the end knows more of it.
    virtual QString whyEmpty() const { return {}; }
    /// Whether an object of the same version has the same bytes.
    virtual bool versionProvesBytes() const { return true; }
    /// A version as the manifest keeps it, to be compared with by a later attempt; 0 stays 0. It tells the
    /// place too, where another one of the same name begins its versions anew.
    virtual quint64 remembered(quint64 version) const { return version; }
    /// An object is kept that was not read: says that what it has beside its bytes is not counted.
    virtual void keptUnread(ObjectContext&) {}
    /// Whether anything lies in it; what may not be asked is nothing.
    [[nodiscard]] virtual Result<bool> holdsAnything(ObjectContext& context);
    /// Called once after everything was listed: counts what the place keeps of the past of its objects, which
    /// nothing carries along. Where it may not ask, or cannot tell soon, it says that there may be more: a
    /// number holds nothing up.
    /// @param only the one object that is copied; empty: all that were listed
    virtual void countVersions(const QString&, ObjectContext&) {}
    /// @error NotFound: it is gone. Aborted: it changed since it was listed. FailedPrecondition: an
    /// unfinished copy
    [[nodiscard]] virtual Result<std::unique_ptr<SourceObject>> open(const ListedObject& listed,
                                                                     ObjectContext& context) = 0;
};

/// What is at the destination under a name.
struct Existing {
    bool exists{false};
    /// Only there because somebody took a lock on a name without object: no data, attributes or omap of its
    /// own.
    bool shell{false};
    quint64 sizeBytes{};
    quint64 version{};
    QString etag{};
    /// Mark of the attempt that began and did not finish it.
    QString partialOf{};
    /// Somebody holds a lock on it.
    std::optional<Blockage> locked{};
    Attributes attributes{};
    bool hasOmap{false};
    /// As SourceObject::contentHeaders.
    Attributes headers{};
};

/// What was put in place and verified.
struct Stored {
    quint64 version{};
    QString etag{};
};

/// Writes one object. Nothing of it can be taken for a finished object before `finish` returned.
/// @thread one at a time
class ObjectWriter {
public:
    virtual ~ObjectWriter() = default;
    /// Every piece but the last has this size.
    virtual quint64 chunkBytes() const = 0;
    /// The next piece; exactly one, empty, for an object without bytes.
    /// @error as for DestinationEnd::open
    [[nodiscard]] virtual Result<void> write(const QByteArray& chunk, ObjectContext& context) = 0;
    /// Puts the object in place and compares what is stored with the checksum of the bytes written.
    /// @error Aborted: somebody else overwrote it meanwhile. DataLoss: other bytes are stored than were
    /// written.
    [[nodiscard]] virtual Result<Stored> finish(quint32 crc, ObjectContext& context) = 0;
};

/// A copy that the storage makes by itself, verified at both ends.
struct DirectCopy {
    Stored stored{};
    quint64 sourceVersion{};
    quint64 sizeBytes{};
    quint32 crc{};
};

class DestinationEnd {
public:
    virtual ~DestinationEnd() = default;
    /// Where an object of that name is.
    virtual OpPlace at(const QString& name) const { return {.object = name}; }
    [[nodiscard]] virtual Result<Existing> look(const QString& name, ObjectContext& context) = 0;
    /// Checksum of what `look` found. @error moved(): it is not there any more as it was
    [[nodiscard]] virtual Result<quint32> checksum(const QString& name, const Existing& existing,
                                                   ObjectContext& context) = 0;
    /// @param existing what is to be overwritten, or nothing
    /// @error moved(): the destination is not as `existing` says; nothing was written, look again
    [[nodiscard]] virtual Result<std::unique_ptr<ObjectWriter>> open(const QString& name,
                                                                     SourceObject& source,
                                                                     const Existing& existing,
                                                                     ObjectContext& context) = 0;
    /// Whether an object of that name and size can be stored at all; asked before the first byte is read.
    [[nodiscard]] virtual Result<void> fits(const QString& name, quint64 sizeBytes) const;
    /// Whether an object of the same version and ETag has the same bytes.
    virtual bool versionProvesBytes() const { return true; }
    /// As SourceEnd::remembered.
    virtual quint64 remembered(quint64 version) const { return version; }
    /// Whether writing a new object without looking first is safe and cheap.
    virtual bool createsExclusively() const { return false; }
    /// Bytes of one object of that size that are in memory at once.
    virtual quint64 bufferBytes(quint64 sizeBytes) const = 0;
    /// Whether attributes and omap of a rados source arrive here.
    virtual bool keepsAttributes() const { return false; }
    /// Whether content headers of a source arrive here.
    virtual bool keepsHeaders() const { return false; }
    /// Whether the omaps are equal. Only asked for if keepsAttributes().
    [[nodiscard]] virtual Result<bool> equalOmap(const QString& name, SourceObject& source,
                                                 ObjectContext& context);
    /// Whether `direct` works from that source.
    virtual bool copiesDirectly() const { return false; }
    /// @error moved(), and as for SourceObject and ObjectWriter
    [[nodiscard]] virtual Result<DirectCopy> direct(const QString& name, SourceObject& source,
                                                    const Existing& existing, ObjectContext& context);
};

/// Nothing was written, for the destination changed since it was looked at.
Error moved(const QString& object);
bool isMoved(const Error& error);
/// What to say while the destination never stays as it was looked at.
Blockage movedBlockage(const OpPlace& place);
/// There is no such Ceph pool: it was never there, or it is no more.
Error noCephPool(const OpPlace& place, const QString& op, bool anyMore);
/// Whether it is that of a Ceph pool that was removed under the move.
bool isCephPoolGone(const Error& error);
/// Whether a gateway said that it has no such bucket.
bool isBucketGone(const Error& error);
/// @error codes Aborted and DataLoss with words of their own
Error sourceChanged(const QString& object, const QString& how);
Error overwritten(const QString& object, const QString& how);
Error otherBytes(const QString& object, quint32 expected, quint32 found);

}  // namespace sluice::mover
