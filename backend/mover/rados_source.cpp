#include "mover/rados_source.h"

#include <algorithm>

namespace sluice::mover {
namespace {

const QString kRead = QStringLiteral("read");

Error unfinished(const QString& object, const QString& mark)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("The source '%1' is an unfinished copy").arg(object),
                 .cause = QStringLiteral("the attempt %1 began it and did not finish it").arg(mark),
                 .correction = QStringLiteral("Let that task finish, or remove the object"),
                 .source = QStringLiteral("mover")};
}

Error gone(const QString& object, bool inSnapshot)
{
    Error error{
        .code = ErrorCode::NotFound,
        .message = QStringLiteral("The source '%1' is gone").arg(object),
        .cause = QStringLiteral("it was removed after it was listed"),
        .correction = QStringLiteral("Find who removes objects there; reset the run to list it again"),
        .source = QStringLiteral("mover")};
    if (inSnapshot) {
        error.message =
            QStringLiteral("Only a snapshot of the Ceph pool still has the source '%1'").arg(object);
        error.correction = QStringLiteral(
            "Bring it back from the snapshot (rados rollback), or reset the run to go on "
            "without it");
    }
    return error;
}

}  // namespace

bool onlySnapshotsHave(const RadosPlace& place, const QString& name)
{
    const std::shared_ptr<PoolIo> handle = place.io();
    librados::IoCtx io;
    io.dup(handle->io);
    io.snap_set_read(LIBRADOS_SNAP_DIR);
    librados::snap_set_t all;
    const auto isHead = [](const librados::clone_info_t& clone) {
        return clone.cloneid == librados::SNAP_HEAD;
    };
    return io.list_snaps(place.oid(name), &all) == 0 && !all.clones.empty() &&
           std::none_of(all.clones.begin(), all.clones.end(), isHead);
}

RadosSourceObject::RadosSourceObject(RadosPlace& place, QString name)
    : m_place(place), m_name(std::move(name))
{
}

std::vector<std::string> RadosSourceObject::locks() const
{
    std::vector<std::string> names;
    for (const auto& [name, value] : m_state.raw) {
        if (isLock(name)) {
            names.push_back(name);
        }
    }
    return names;
}

Result<void> RadosSourceObject::open(const ListedObject& listed, Fetch fetch, ObjectContext& context)
{
    return persist(context, kRead, [&] { return openOnce(listed, fetch, context); });
}

Try<void> RadosSourceObject::openOnce(const ListedObject& listed, Fetch fetch, ObjectContext& context)
{
    const qint64 since = ObjectContext::nowUs();
    m_state = {};
    librados::ObjectReadOperation read;
    std::set<std::string> keys;
    bool more = false;
    librados::bufferlist bytes;
    librados::bufferlist header;
    ChecksumResult checksum;
    const bool small = listed.sizeBytes <= kRadosChunkBytes;
    read.stat2(&m_state.sizeBytes, nullptr, nullptr);
    read.getxattrs(&m_state.raw, nullptr);
    read.omap_get_keys2("", 1, &keys, &more, nullptr);
    read.omap_get_header(&header, nullptr);
    if (small && fetch == Fetch::Bytes) {
        read.read(0, kRadosChunkBytes, &bytes, nullptr);
    } else if (small && fetch == Fetch::Checksum) {
        addChecksum(read, kCrc32cStart, 0, 0, &checksum);
    }
    int code = 0;
    {
        const ObjectContext::Step step(context, kRead, m_place.at(m_name));
        code = m_place.execute(m_name, read, &m_state.version);
    }
    if (code == -ENOENT) {
        return hinder(gone(m_place.text(m_name), onlySnapshotsHave(m_place, m_name)));
    }
    if (code < 0) {
        return hinder(m_place.hindrance(code, m_name, kRead));
    }
    m_state.exists = true;
    m_state.hasOmap = !keys.empty() || header.length() > 0;
    m_attributes = userAttributes(m_state.raw);
    if (const QString mark = markOf(m_state.raw); !mark.isEmpty()) {
        return hinder(unfinished(m_place.text(m_name), mark));
    }
    if (listed.version != 0 && listed.version != m_state.version &&
        (listed.sizeBytes != m_state.sizeBytes || !hasLocks(m_state.raw))) {
        return hinder(
            sourceChanged(m_place.text(m_name), QStringLiteral("it was written after it was listed (version "
                                                               "%1, now %2)")
                                                    .arg(listed.version)
                                                    .arg(m_state.version)));
    }
    if (small && fetch == Fetch::Bytes && bytes.length() == m_state.sizeBytes) {
        m_bytes = bytesOf(bytes);
    } else if (small && fetch == Fetch::Checksum) {
        m_checksum = checksum.value(kCrc32cStart);
    }
    context.passed(Hop::Read, since);
    return {};
}

Result<void> RadosSourceObject::refresh(ObjectContext& context)
{
    auto now = persist(context, kRead, [&] { return readState(m_place, m_name, context, kRead); });
    if (!now) {
        return fail(now.error());
    }
    const bool same = now->exists && now->sizeBytes == m_state.sizeBytes &&
                      userAttributes(now->raw) == m_attributes && markOf(now->raw).isEmpty();
    if (now->version == m_state.version && same) {
        return {};
    }
    if (!same || !(hasLocks(now->raw) || hasLocks(m_state.raw))) {
        return fail(sourceChanged(m_place.text(m_name),
                                  QStringLiteral("it was written while it was read (version %1, now %2)")
                                      .arg(m_state.version)
                                      .arg(now->version)));
    }
    m_state = std::move(*now);
    m_versionMoved = true;
    m_checksum.reset();
    return {};
}

Try<QByteArray> RadosSourceObject::readOnce(quint64 offset, quint64 length, ObjectContext& context)
{
    const qint64 since = ObjectContext::nowUs();
    librados::ObjectReadOperation read;
    librados::bufferlist bytes;
    read.assert_version(m_state.version);
    read.read(offset, length, &bytes, nullptr);
    int code = 0;
    {
        const ObjectContext::Step step(context, kRead, m_place.at(m_name));
        code = m_place.execute(m_name, read);
    }
    if (guardFailed(code)) {
        return hinder(moved(m_place.text(m_name)));
    }
    if (code < 0) {
        return hinder(m_place.hindrance(code, m_name, kRead));
    }
    if (bytes.length() != length) {
        return hinder(sourceChanged(m_place.text(m_name), QStringLiteral("it became shorter")));
    }
    context.passed(Hop::Read, since);
    return bytesOf(bytes);
}

Result<QByteArray> RadosSourceObject::read(quint64 offset, quint64 length, ObjectContext& context)
{
    if (m_bytes && offset + length <= static_cast<quint64>(m_bytes->size())) {
        return m_bytes->mid(static_cast<qsizetype>(offset), static_cast<qsizetype>(length));
    }
    for (;;) {
        auto bytes = persist(context, kRead, [&] { return readOnce(offset, length, context); });
        if (bytes || !isMoved(bytes.error())) {
            return bytes;
        }
        if (const auto fresh = refresh(context); !fresh) {
            return fail(fresh.error());
        }
    }
}

Result<quint32> RadosSourceObject::checksum(ObjectContext& context)
{
    for (int interrupted = 0; !m_checksum; ++interrupted) {
        auto crc = persist(context, kRead, [&] {
            return checksumAt(m_place, m_name, m_state.version, m_state.sizeBytes, interrupted > 2, context,
                              kRead);
        });
        if (crc) {
            m_checksum = *crc;
        } else if (!isMoved(crc.error())) {
            return crc;
        } else if (const auto fresh = refresh(context); !fresh) {
            return fail(fresh.error());
        }
    }
    return *m_checksum;
}

Result<void> RadosSourceObject::confirm(quint32 crcOfBytesRead, ObjectContext& context)
{
    if (!m_versionMoved) {
        return {};
    }
    const auto crc = checksum(context);
    if (!crc) {
        return fail(crc.error());
    }
    if (*crc != crcOfBytesRead) {
        return fail(
            sourceChanged(m_place.text(m_name), QStringLiteral("its checksum is not that of what was read")));
    }
    return {};
}

Result<OmapPage> RadosSourceObject::omapPage(const QByteArray& after, ObjectContext& context)
{
    return omapPageOf(m_place, m_name, after, context, kRead);
}

Result<QByteArray> RadosSourceObject::omapHeader(ObjectContext& context)
{
    return omapHeaderOf(m_place, m_name, context, kRead);
}

}  // namespace sluice::mover
