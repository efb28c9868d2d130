#include "mover/rados_ops.h"

#include <algorithm>
#include <cstring>

#include "core/utf8.h"

namespace sluice::mover {
namespace {

/// Pairs asked for at once; OSDs give 1024 at most unless told otherwise.
constexpr uint64_t kOmapPairs = 1000;

template <typename Submit>
int await(Submit submit, quint64* version)
{
    librados::AioCompletion* completion = librados::Rados::aio_create_completion();
    int code = submit(completion);
    if (code == 0) {
        completion->wait_for_complete();
        code = completion->get_return_value();
        if (code >= 0 && version) {
            *version = completion->get_version64();
        }
    }
    completion->release();
    return code;
}

struct Meaning {
    ErrorCode code;
    const char* message;
    const char* cause;
    const char* correction;
};

Error errorOf(int code, const OpPlace& place, const QString& op, const Meaning& meaning)
{
    const QString at = place.object.isEmpty() ? place.cephPool : place.cephPool + '/' + place.object;
    return Error{
        .code = meaning.code,
        .message =
            QString::fromUtf8(meaning.message).arg(QStringLiteral("rados://%1/%2").arg(place.connection, at)),
        .cause = QString::fromUtf8(meaning.cause),
        .correction = QString::fromUtf8(meaning.correction),
        .retryable = meaning.code == ErrorCode::Unavailable || meaning.code == ErrorCode::ResourceExhausted,
        .source = QStringLiteral("ceph"),
        .upstream =
            Upstream{.system = place.connection,
                     .code = code,
                     .text = QStringLiteral("%1: %2").arg(op, QString::fromUtf8(std::strerror(-code)))}};
}

}  // namespace

QString textOf(const std::string& bytes)
{
    const QByteArrayView view(bytes.data(), static_cast<qsizetype>(bytes.size()));
    return nameFromBytes(view).value_or(shownBytes(view));
}

int execute(librados::IoCtx& io, const std::string& oid, librados::ObjectWriteOperation& op, quint64* version)
{
    return await([&](librados::AioCompletion* completion) { return io.aio_operate(oid, completion, &op); },
                 version);
}

int execute(librados::IoCtx& io, const std::string& oid, librados::ObjectReadOperation& op, quint64* version)
{
    return await(
        [&](librados::AioCompletion* completion) { return io.aio_operate(oid, completion, &op, nullptr); },
        version);
}

Hindrance hindranceOf(int code, const OpPlace& place, const QString& op)
{
    const auto blocked = [&](Obstacle what, const Meaning& meaning) {
        return Blockage{.what = what,
                        .connection = place.connection,
                        .cephPool = place.cephPool,
                        .object = place.object,
                        .op = op,
                        .error = errorOf(code, place, op, meaning)};
    };
    switch (code) {
        case -EDQUOT:
            return blocked(Obstacle::Quota, {ErrorCode::ResourceExhausted, "%1 cannot be written",
                                             "the quota of the Ceph pool is used up",
                                             "Raise the quota of the Ceph pool or remove objects"});
        case -ENOSPC:
            return blocked(Obstacle::Full, {ErrorCode::ResourceExhausted, "%1 cannot be written",
                                            "the cluster or the Ceph pool is full",
                                            "Add OSDs or remove data; look at nearly full OSDs"});
        case -EPERM:
        case -EACCES:
            return blocked(
                Obstacle::Permission,
                {ErrorCode::PermissionDenied, "%1 was refused", "the key's caps do not allow this operation",
                 "Give the entity 'allow rwx' on this Ceph pool, or use another role"});
        case -ETIMEDOUT:
        case -EAGAIN:
        case -ENOTCONN:
            return blocked(Obstacle::Timeout,
                           {ErrorCode::Unavailable, "%1 does not answer", "the OSDs gave no answer",
                            "Look at the state of its placement group"});
        case -ESHUTDOWN:
            return errorOf(
                code, place, op,
                {ErrorCode::Aborted, "fenced: the cluster refuses this attempt's client, at %1",
                 "its client instance is on the blocklist",
                 "Nothing if a newer attempt does the work; else find who put it there, then reset the run"});
        case -ENOENT:
            return errorOf(code, place, op,
                           {ErrorCode::NotFound, "%1 does not exist", "it was removed",
                            "See who removed it; reset the run to list the source again"});
        case kCephPoolGone:
            return noCephPool(place, op, true);
        case -EFBIG:
            return errorOf(code, place, op,
                           {ErrorCode::InvalidArgument, "%1 is too large for one rados object",
                            "the cluster allows osd_max_object_size bytes (128 MiB unless set)",
                            "Split it, or publish it to S3, where large objects are stored in parts"});
        case -EOPNOTSUPP:
            return errorOf(code, place, op,
                           {ErrorCode::InvalidArgument, "%1 cannot be stored in this Ceph pool",
                            "an erasure coded Ceph pool holds no omap, and without allow_ec_overwrites only "
                            "whole objects",
                            "Use a replicated Ceph pool, or leave out the objects with an omap"});
        case -ENAMETOOLONG:
            return errorOf(code, place, op,
                           {ErrorCode::InvalidArgument, "The name of %1 is too long",
                            "the cluster allows 2048 bytes", "Shorten the name"});
        case -EIO:
            return errorOf(code, place, op,
                           {ErrorCode::DataLoss, "%1 cannot be read", "the OSDs found its data damaged",
                            "Repair its placement group (ceph pg repair), then reset the run"});
        default:
            return errorOf(
                code, place, op,
                {ErrorCode::Internal, "%1 failed in a way that is not expected",
                 "see the code of the cluster", "Look at the cluster's log; reset the run to try again"});
    }
}

Hindrance RadosPlace::hindrance(int code, const QString& name, const QString& op) const
{
    if (code == -EPERM || code == -EACCES) {
        pool->refused();
    }
    return hindranceOf(code, at(name), op);
}

quint64 RadosPlace::remembered(quint64 version) const
{
    constexpr int kBitsOfVersion = 40;
    return version == 0 ? 0 : version | static_cast<quint64>(io()->io.get_id()) << kBitsOfVersion;
}

int RadosPlace::execute(const QString& name, librados::ObjectWriteOperation& op, quint64* version) const
{
    const std::shared_ptr<PoolIo> handle = io();
    return told(mover::execute(handle->io, oid(name), op, version));
}

int RadosPlace::execute(const QString& name, librados::ObjectReadOperation& op, quint64* version) const
{
    const std::shared_ptr<PoolIo> handle = io();
    return told(mover::execute(handle->io, oid(name), op, version));
}

QByteArray bytesOf(librados::bufferlist& list)
{
    return list.length() == 0 ? QByteArray("")
                              : QByteArray(list.c_str(), static_cast<qsizetype>(list.length()));
}

librados::bufferlist listOf(QByteArrayView bytes)
{
    librados::bufferlist list;
    list.append(bytes.data(), static_cast<unsigned>(bytes.size()));
    return list;
}

bool isLock(const std::string& attribute)
{
    return attribute.starts_with(kLockPrefix);
}

bool hasLocks(const RawAttributes& raw)
{
    return std::any_of(raw.begin(), raw.end(), [](const auto& attribute) { return isLock(attribute.first); });
}

Attributes userAttributes(RawAttributes& raw)
{
    Attributes attributes;
    for (auto& [name, value] : raw) {
        if (!isLock(name) && name != kPartialAttribute) {
            attributes.insert(QByteArray::fromStdString(name), bytesOf(value));
        }
    }
    return attributes;
}

QString markOf(RawAttributes& raw)
{
    const auto at = raw.find(kPartialAttribute);
    return at == raw.end() ? QString() : QString::fromUtf8(bytesOf(at->second));
}

Try<RadosState> readState(RadosPlace& place, const QString& name, ObjectContext& context, const QString& op)
{
    RadosState state;
    librados::ObjectReadOperation read;
    std::set<std::string> keys;
    bool more = false;
    int statCode = 0;
    int attributesCode = 0;
    int omapCode = 0;
    read.stat2(&state.sizeBytes, nullptr, &statCode);
    read.getxattrs(&state.raw, &attributesCode);
    read.omap_get_keys2("", 1, &keys, &more, &omapCode);
    librados::bufferlist header;
    read.omap_get_header(&header, nullptr);
    int code = 0;
    {
        const ObjectContext::Step step(context, op, place.at(name));
        code = place.execute(name, read, &state.version);
    }
    if (code == -ENOENT) {
        return RadosState{};
    }
    if (code < 0) {
        return hinder(place.hindrance(code, name, op));
    }
    state.exists = true;
    state.hasOmap = !keys.empty() || header.length() > 0;
    return state;
}

Try<std::optional<LockHolder>> holderOf(RadosPlace& place, const QString& name, RawAttributes& raw,
                                        ObjectContext& context, const QString& op)
{
    // lock_info_t begins with version, oldest version, length (6 bytes), then the number of holders
    constexpr unsigned kCountAt = 6;
    for (auto& [attribute, value] : raw) {
        if (!isLock(attribute)) {
            continue;
        }
        quint32 count = 1;
        if (value.length() >= kCountAt + 4) {
            std::memcpy(&count, value.c_str() + kCountAt, 4);
        }
        if (count == 0) {
            continue;
        }
        const std::string lock = attribute.substr(sizeof(kLockPrefix) - 1);
        int exclusive = 0;
        std::string tag;
        std::list<librados::locker_t> holders;
        int code = 0;
        {
            const ObjectContext::Step step(context, op, place.at(name));
            code = place.io()->io.list_lockers(place.oid(name), lock, &exclusive, &tag, &holders);
        }
        if (code == -ENOENT) {
            continue;
        }
        if (code < 0) {
            return hinder(place.hindrance(code, name, op));
        }
        if (!holders.empty()) {
            const librados::locker_t& first = holders.front();
            return LockHolder{.lock = textOf(lock),
                              .client = QString::fromStdString(first.client),
                              .cookie = textOf(first.cookie),
                              .address = QString::fromStdString(first.address)};
        }
    }
    return std::optional<LockHolder>();
}

Blockage lockedBy(const RadosPlace& place, const QString& name, const LockHolder& holder)
{
    return Blockage{
        .what = Obstacle::Lock,
        .connection = place.connection,
        .cephPool = place.cephPool,
        .object = place.prefix + name,
        .op = QStringLiteral("write"),
        .error = Error{.code = ErrorCode::FailedPrecondition,
                       .message = QStringLiteral("%1 is locked by somebody else").arg(place.text(name)),
                       .cause = QStringLiteral("%1 at %2 holds the lock '%3'")
                                    .arg(holder.client, holder.address, holder.lock),
                       .correction = QStringLiteral("Let it finish; if it is gone, reset the run, which "
                                                    "breaks its lock"),
                       .retryable = true,
                       .source = QStringLiteral("ceph")},
        .holder = holder};
}

void addChecksum(librados::ObjectReadOperation& op, quint32 start, quint64 offset, quint64 length,
                 ChecksumResult* result)
{
    librados::bufferlist init;
    init.append(reinterpret_cast<const char*>(&start), sizeof(start));
    op.checksum(LIBRADOS_CHECKSUM_TYPE_CRC32C, init, offset, length, 0, &result->out, &result->code);
}

std::optional<quint32> ChecksumResult::value(quint32 start)
{
    // count, then that many values; no value for no bytes
    quint32 count = 0;
    if (out.length() < sizeof(count)) {
        return std::nullopt;
    }
    const char* bytes = out.c_str();
    std::memcpy(&count, bytes, sizeof(count));
    if (count == 0) {
        return start;
    }
    quint32 crc = 0;
    if (count != 1 || out.length() != sizeof(count) + sizeof(crc)) {
        return std::nullopt;
    }
    std::memcpy(&crc, bytes + sizeof(count), sizeof(crc));
    return crc;
}

namespace {

/// One checksum at that version, continuing `start`.
Try<quint32> checksumPiece(RadosPlace& place, const QString& name, quint64 version, quint32 start,
                           quint64 offset, quint64 length, ObjectContext& context, const QString& op)
{
    librados::ObjectReadOperation read;
    read.assert_version(version);
    ChecksumResult result;
    addChecksum(read, start, offset, length, &result);
    int code = 0;
    {
        const ObjectContext::Step step(context, op, place.at(name, length));
        code = place.execute(name, read);
    }
    if (guardFailed(code)) {
        return hinder(moved(place.text(name)));
    }
    if (code < 0) {
        return hinder(place.hindrance(code, name, op));
    }
    const auto crc = result.value(start);
    if (!crc) {
        return hinder(place.hindrance(-EINVAL, name, op));
    }
    return *crc;
}

}  // namespace

Try<quint32> checksumAt(RadosPlace& place, const QString& name, quint64 version, quint64 sizeBytes,
                        bool inOne, ObjectContext& context, const QString& op)
{
    if (inOne || sizeBytes <= kRadosChunkBytes) {
        return checksumPiece(place, name, version, kCrc32cStart, 0, 0, context, op);
    }
    quint32 crc = kCrc32cStart;
    for (quint64 at = 0; at < sizeBytes; at += kRadosChunkBytes) {
        const quint64 length = std::min(kRadosChunkBytes, sizeBytes - at);
        auto piece = checksumPiece(place, name, version, crc, at, length, context, op);
        if (!piece) {
            return piece;
        }
        crc = *piece;
    }
    return crc;
}

Result<OmapPage> omapPageOf(RadosPlace& place, const QString& name, const QByteArray& after,
                            ObjectContext& context, const QString& op)
{
    return persist(context, op, [&]() -> Try<OmapPage> {
        std::map<std::string, librados::bufferlist> values;
        bool more = false;
        int code = 0;
        librados::ObjectReadOperation read;
        read.omap_get_vals2(after.toStdString(), kOmapPairs, &values, &more, nullptr);
        {
            const ObjectContext::Step step(context, op, place.at(name));
            code = place.execute(name, read);
        }
        if (code < 0) {
            return hinder(place.hindrance(code, name, op));
        }
        OmapPage page{.pairs = {}, .last = !more || values.empty()};
        for (auto& [key, value] : values) {
            page.pairs.insert(QByteArray::fromStdString(key), bytesOf(value));
        }
        return page;
    });
}

Result<QByteArray> omapHeaderOf(RadosPlace& place, const QString& name, ObjectContext& context,
                                const QString& op)
{
    return persist(context, op, [&]() -> Try<QByteArray> {
        librados::bufferlist header;
        librados::ObjectReadOperation read;
        read.omap_get_header(&header, nullptr);
        int code = 0;
        {
            const ObjectContext::Step step(context, op, place.at(name));
            code = place.execute(name, read);
        }
        if (code < 0) {
            return hinder(place.hindrance(code, name, op));
        }
        return bytesOf(header);
    });
}

Result<quint32> omapChecksum(RadosPlace& place, const QString& name, ObjectContext& context,
                             const QString& op)
{
    const auto header = omapHeaderOf(place, name, context, op);
    if (!header) {
        return fail(header.error());
    }
    const auto add = [](quint32 crc, const QByteArray& bytes) {
        const auto size = static_cast<quint64>(bytes.size());
        crc = crc32c(crc, QByteArrayView(reinterpret_cast<const char*>(&size), sizeof(size)));
        return crc32c(crc, bytes);
    };
    quint32 crc = add(kCrc32cStart, *header);
    QByteArray after;
    for (;;) {
        const auto page = omapPageOf(place, name, after, context, op);
        if (!page) {
            return fail(page.error());
        }
        for (auto at = page->pairs.begin(); at != page->pairs.end(); ++at) {
            crc = add(add(crc, at.key()), at.value());
        }
        if (page->last) {
            return crc;
        }
        after = page->pairs.lastKey();
    }
}

}  // namespace sluice::mover
