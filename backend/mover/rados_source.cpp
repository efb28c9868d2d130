#include "mover/rados_source.h"

#include <algorithm>

#include "mover/rados_stage.h"

namespace sluice::mover {
namespace {

const QString kRead = QStringLiteral("read");
const QString kList = QStringLiteral("list");
constexpr size_t kListed = 1000;

Error unfinished(const QString& object, const QString& mark)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = QStringLiteral("The source '%1' is an unfinished copy").arg(object),
                 .cause = QStringLiteral("the attempt %1 began it and did not finish it").arg(mark),
                 .correction = QStringLiteral("Let that task finish, or remove the object"),
                 .source = QStringLiteral("mover")};
}

Error placedByKey(const QString& object, const QString& locator)
{
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = QStringLiteral("The source '%1' has a locator key").arg(object),
                 .cause = QStringLiteral("it is placed by the key '%1' instead of its name, and under its name alone nobody "
                                         "finds it")
                              .arg(locator),
                 .correction = QStringLiteral("Copy it by hand (rados --object-locator KEY get), or choose a source without "
                                              "it"),
                 .source = QStringLiteral("mover")};
}

Error gone(const QString& object, bool inSnapshot)
{
    Error error{.code = ErrorCode::NotFound,
                .message = QStringLiteral("The source '%1' is gone").arg(object),
                .cause = QStringLiteral("it was removed after it was listed"),
                .correction = QStringLiteral("Find who removes objects there; reset the run to list it again"),
                .source = QStringLiteral("mover")};
    if (inSnapshot) {
        error.message = QStringLiteral("Only a snapshot of the Ceph pool still has the source '%1'").arg(object);
        error.correction = QStringLiteral("Bring it back from the snapshot (rados rollback), or reset the run to go on "
                                          "without it");
    }
    return error;
}

/// Whether the name is left only for what snapshots of the Ceph pool keep of it.
bool onlySnapshotsHave(const RadosPlace& place, const QString& name)
{
    const std::shared_ptr<PoolIo> handle = place.io();
    librados::IoCtx io;
    io.dup(handle->io);
    io.snap_set_read(LIBRADOS_SNAP_DIR);
    librados::snap_set_t all;
    const auto isHead = [](const librados::clone_info_t& clone) { return clone.cloneid == librados::SNAP_HEAD; };
    return io.list_snaps(place.oid(name), &all) == 0 && !all.clones.empty() &&
           std::none_of(all.clones.begin(), all.clones.end(), isHead);
}

}  // namespace

RadosSourceObject::RadosSourceObject(RadosPlace& place, QString name) : m_place(place), m_name(std::move(name)) {}

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
    ChecksumResult checksum;
    const bool small = listed.sizeBytes <= kRadosChunkBytes;
    read.stat2(&m_state.sizeBytes, nullptr, nullptr);
    read.getxattrs(&m_state.raw, nullptr);
    read.omap_get_keys2("", 1, &keys, &more, nullptr);
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
    m_state.hasOmap = !keys.empty();
    m_attributes = userAttributes(m_state.raw);
    if (const QString mark = markOf(m_state.raw); !mark.isEmpty()) {
        return hinder(unfinished(m_place.text(m_name), mark));
    }
    if (listed.version != 0 && listed.version != m_state.version &&
        (listed.sizeBytes != m_state.sizeBytes || !hasLocks(m_state.raw))) {
        return hinder(sourceChanged(m_place.text(m_name), QStringLiteral("it was written after it was listed (version "
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
    const bool same = now->exists && now->sizeBytes == m_state.sizeBytes && userAttributes(now->raw) == m_attributes &&
                      markOf(now->raw).isEmpty();
    if (now->version == m_state.version && same) {
        return {};
    }
    if (!same || !(hasLocks(now->raw) || hasLocks(m_state.raw))) {
        return fail(sourceChanged(m_place.text(m_name), QStringLiteral("it was written while it was read (version %1, now %2)")
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
            return checksumAt(m_place, m_name, m_state.version, m_state.sizeBytes, interrupted > 2, context, kRead);
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
        return fail(sourceChanged(m_place.text(m_name), QStringLiteral("its checksum is not that of what was read")));
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

RadosSource::RadosSource(RadosPlace place, RadosSourceObject::Fetch fetch) : m_place(std::move(place)), m_fetch(fetch) {}

Try<QList<ListedObject>> RadosSource::page(librados::ObjectCursor& cursor, ObjectContext& context)
{
    std::vector<librados::ObjectItem> items;
    librados::ObjectCursor next;
    int code = 0;
    {
        const ObjectContext::Step step(context, kList, m_place.at(QString()));
        const std::shared_ptr<PoolIo> handle = m_place.io();
        code = handle->io.object_list(cursor, handle->io.object_list_end(), kListed, {}, &items, &next);
    }
    if (code < 0) {
        return hinder(m_place.hindrance(code, QString(), kList));
    }
    QList<ListedObject> objects;
    const std::string prefix = m_place.prefix.toStdString();
    for (const librados::ObjectItem& item : items) {
        if (!item.oid.starts_with(prefix) || item.oid.size() == prefix.size()) {
            continue;
        }
        const QByteArrayView bytes(item.oid.data() + prefix.size(), static_cast<qsizetype>(item.oid.size() - prefix.size()));
        if (!QUtf8StringView(bytes.data(), bytes.size()).isValidUtf8()) {
            return hinder(Error{.code = ErrorCode::InvalidArgument,
                                .message = QStringLiteral("The name of an object in %1 is no UTF-8").arg(m_place.text({})),
                                .cause = QStringLiteral("its bytes are %1").arg(QString::fromLatin1(bytes.toByteArray().toPercentEncoding())),
                                .correction = QStringLiteral("Move it by hand, or choose a prefix without it"),
                                .source = QStringLiteral("mover")});
        }
        objects.append({.name = QString::fromUtf8(bytes)});
        objects.last().locator = QString::fromStdString(item.locator);
    }
    cursor = next;
    return objects;
}

/// Sizes and versions, many at once.
void RadosSource::measure(QList<ListedObject>& objects, ObjectContext& context)
{
    struct One {
        librados::AioCompletion* completion{nullptr};
        uint64_t size{0};
    };
    constexpr qsizetype kAtOnce = 64;
    const std::shared_ptr<PoolIo> handle = m_place.io();
    for (qsizetype begin = 0; begin < objects.size(); begin += kAtOnce) {
        const qsizetype end = std::min(objects.size(), begin + kAtOnce);
        std::vector<One> ones(static_cast<size_t>(end - begin));
        const ObjectContext::Step step(context, kList, m_place.at(objects[begin].name));
        for (qsizetype i = begin; i < end; ++i) {
            One& one = ones[static_cast<size_t>(i - begin)];
            one.completion = librados::Rados::aio_create_completion();
            librados::ObjectReadOperation stat;
            stat.stat2(&one.size, nullptr, nullptr);
            if (handle->io.aio_operate(m_place.oid(objects[i].name), one.completion, &stat, nullptr) < 0) {
                one.completion->release();
                one.completion = nullptr;
            }
        }
        for (qsizetype i = begin; i < end; ++i) {
            One& one = ones[static_cast<size_t>(i - begin)];
            if (!one.completion) {
                continue;
            }
            one.completion->wait_for_complete();
            // a failure shows again, and is dealt with, when the object is opened
            if (one.completion->get_return_value() == 0) {
                objects[i].sizeBytes = one.size;
                objects[i].version = one.completion->get_version64();
            }
            one.completion->release();
        }
    }
}

/// What has a name and is no object of its own: a copy that an attempt stages, and what only snapshots still have.
void RadosSource::leaveOutNoObjects(QList<ListedObject>& objects, ObjectContext& context)
{
    objects.removeIf([&](const ListedObject& object) {
        if (isStagedName(m_place.oid(object.name))) {
            auto state = persist(context, kList, [&] { return readState(m_place, object.name, context, kList); });
            return state && !markOf(state->raw).isEmpty();
        }
        return object.version == 0 && object.locator.isEmpty() && onlySnapshotsHave(m_place, object.name);
    });
}

Result<void> RadosSource::list(const Sink& sink, ObjectContext& context)
{
    const std::shared_ptr<PoolIo> handle = m_place.io();
    librados::ObjectCursor cursor = handle->io.object_list_begin();
    while (!handle->io.object_list_is_end(cursor)) {
        auto objects = persist(context, kList, [&] { return page(cursor, context); });
        if (!objects) {
            return fail(objects.error());
        }
        measure(*objects, context);
        leaveOutNoObjects(*objects, context);
        if (!objects->isEmpty() && !sink(std::move(*objects))) {
            return {};
        }
    }
    return {};
}

Result<std::unique_ptr<SourceObject>> RadosSource::open(const ListedObject& listed, ObjectContext& context)
{
    if (!listed.locator.isEmpty()) {
        return fail(placedByKey(m_place.text(listed.name), listed.locator));
    }
    auto object = std::make_unique<RadosSourceObject>(m_place, listed.name);
    if (const auto opened = object->open(listed, m_fetch, context); !opened) {
        return fail(opened.error());
    }
    return std::unique_ptr<SourceObject>(std::move(object));
}

}  // namespace sluice::mover
