#pragma once

#include <cerrno>
#include <memory>
#include <rados/librados.hpp>

#include "mover/ends.h"

/// What both rados ends are made of. All calls wait for the cluster, as long as it takes.
namespace sluice::mover {

inline constexpr quint64 kRadosChunkBytes = 8 * 1024 * 1024;
/// Attributes of that name are the locks of Ceph's lock class.
inline constexpr char kLockPrefix[] = "lock.";
inline constexpr char kPartialAttribute[] = "sluice.partial";

/// A name of the cluster's for people; bytes that are no text are shown as such.
QString textOf(const std::string& bytes);

/// What librados has no code for: not the object is missing but its Ceph pool.
inline constexpr int kCephPoolGone = -ENODEV;

/// A Ceph pool through one client instance, which lives as long as an operation uses it.
struct PoolIo {
    std::shared_ptr<librados::Rados> rados{};
    librados::IoCtx io{};
};

/// Gives the current handle of a Ceph pool.
/// @thread any
class PoolSource {
public:
    virtual ~PoolSource() = default;
    virtual std::shared_ptr<PoolIo> io() = 0;
    /// Whether the cluster still has the Ceph pool of the handle. One that was made again under the same name
    /// is another.
    virtual bool there() = 0;
    /// An operation was refused for want of a right.
    virtual void refused() = 0;
};

/// One Ceph pool of one cluster, with the prefix of the location.
struct RadosPlace {
    QString connection{};
    QString cephPool{};
    QString prefix{};
    std::shared_ptr<PoolSource> pool{};
    /// What the OSDs take as one object; 0: not known.
    quint64 maxObjectBytes{0};

    std::string oid(const QString& name) const { return (prefix + name).toStdString(); }
    OpPlace at(const QString& name, quint64 bytes = 0) const
    {
        return {.connection = connection, .cephPool = cephPool, .object = prefix + name, .bytes = bytes};
    }
    /// rados://CONNECTION/CEPHPOOL/OBJECT
    QString text(const QString& name) const
    {
        return QStringLiteral("rados://%1/%2/%3").arg(connection, cephPool, prefix + name);
    }
    std::shared_ptr<PoolIo> io() const { return pool->io(); }
    /// A version with the number of the Ceph pool: one that was made again under the same name counts from 1
    /// again.
    quint64 remembered(quint64 version) const;
    /// Code of librados, which says of an object of a Ceph pool that is gone what it says of any absent one:
    /// kCephPoolGone instead of that.
    int told(int code) const { return code == -ENOENT && !pool->there() ? kCephPoolGone : code; }
    /// As hindranceOf.
    Hindrance hindrance(int code, const QString& name, const QString& op) const;
    int execute(const QString& name, librados::ObjectWriteOperation& op, quint64* version = nullptr) const;
    int execute(const QString& name, librados::ObjectReadOperation& op, quint64* version = nullptr) const;
};

/// @return the operation's code; `version` is the object's after a write or at a read, unchanged on failure
int execute(librados::IoCtx& io, const std::string& oid, librados::ObjectWriteOperation& op,
            quint64* version = nullptr);
int execute(librados::IoCtx& io, const std::string& oid, librados::ObjectReadOperation& op,
            quint64* version = nullptr);

/// What a negative code means: quota, full, a missing right and time-outs may go away; -108 is the fence.
Hindrance hindranceOf(int code, const OpPlace& place, const QString& op);

/// Whether the object is not at the version that was asserted, or is not there, or is there already.
inline bool guardFailed(int code)
{
    return code == -ERANGE || code == -EOVERFLOW || code == -EEXIST || code == -ENOENT || code == -ECANCELED;
}

QByteArray bytesOf(librados::bufferlist& list);
librados::bufferlist listOf(QByteArrayView bytes);

using RawAttributes = std::map<std::string, librados::bufferlist>;

/// Without locks and without the mover's own mark.
Attributes userAttributes(RawAttributes& raw);
bool isLock(const std::string& attribute);
bool hasLocks(const RawAttributes& raw);
QString markOf(RawAttributes& raw);

struct RadosState {
    bool exists{false};
    uint64_t sizeBytes{};
    quint64 version{};
    RawAttributes raw{};
    bool hasOmap{false};
};
/// Size, version, attributes of one moment. An absent object is no error.
Try<RadosState> readState(RadosPlace& place, const QString& name, ObjectContext& context, const QString& op);

/// Somebody who holds one of the locks now; nothing if their holders are gone or expired.
Try<std::optional<LockHolder>> holderOf(RadosPlace& place, const QString& name, RawAttributes& raw,
                                        ObjectContext& context, const QString& op);
Blockage lockedBy(const RadosPlace& place, const QString& name, const LockHolder& holder);

/// Adds the checksum of the whole object to a read.
struct ChecksumResult {
    librados::bufferlist out{};
    int code{0};
    /// @return nothing if the answer is not what a checksum looks like
    std::optional<quint32> value(quint32 start);
};
void addChecksum(librados::ObjectReadOperation& op, quint32 start, quint64 offset, quint64 length,
                 ChecksumResult* result);

/// Checksum of the object at exactly that version, computed by the OSDs: piece by piece, or `inOne`
/// operation, which nothing can come between but which costs an OSD the memory of the whole object.
/// @error moved(): it has another version by now
Try<quint32> checksumAt(RadosPlace& place, const QString& name, quint64 version, quint64 sizeBytes,
                        bool inOne, ObjectContext& context, const QString& op);

/// Checksum over header, keys and values of an omap.
Result<quint32> omapChecksum(RadosPlace& place, const QString& name, ObjectContext& context,
                             const QString& op);
Result<OmapPage> omapPageOf(RadosPlace& place, const QString& name, const QByteArray& after,
                            ObjectContext& context, const QString& op);
Result<QByteArray> omapHeaderOf(RadosPlace& place, const QString& name, ObjectContext& context,
                                const QString& op);

}  // namespace sluice::mover
