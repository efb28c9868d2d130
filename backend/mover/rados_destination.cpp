#include "mover/rados_destination.h"

#include <algorithm>
#include <optional>

#include "mover/rados_publish.h"
#include "mover/rados_source.h"
#include "mover/rados_stage.h"
#include "mover/rados_writer.h"
#include "mover/staged_writer.h"

namespace sluice::mover {
namespace {

const QString kLook = QStringLiteral("look");
const QString kWrite = QStringLiteral("write");
const QString kVerify = QStringLiteral("verify");

}  // namespace

RadosDestination::RadosDestination(RadosPlace place, QString mark, bool direct, ClaimBook& claims)
    : m_place(std::move(place)), m_mark(std::move(mark)), m_direct(direct), m_claims(claims)
{
}

Result<void> RadosDestination::fits(const QString& name, quint64 sizeBytes) const
{
    if (m_place.maxObjectBytes == 0 || sizeBytes <= m_place.maxObjectBytes) {
        return {};
    }
    Error error = std::get<Error>(m_place.hindrance(-EFBIG, name, kWrite));
    error.cause = QStringLiteral("it has %1 bytes, and the cluster allows %2 (osd_max_object_size)")
                      .arg(sizeBytes)
                      .arg(m_place.maxObjectBytes);
    return fail(error);
}

quint64 RadosDestination::bufferBytes(quint64 sizeBytes) const
{
    return m_direct ? 0 : std::min(sizeBytes, kRadosChunkBytes);
}

Try<Existing> RadosDestination::lookOnce(const QString& name, ObjectContext& context)
{
    auto state = readState(m_place, name, context, kLook);
    if (!state) {
        return hinder(state.error());
    }
    Existing existing = existingOf(*state);
    auto holder = holderOf(m_place, name, state->raw, context, kLook);
    if (!holder) {
        return hinder(holder.error());
    }
    if (*holder) {
        existing.locked = lockedBy(m_place, name, **holder);
    }
    return existing;
}

Result<Existing> RadosDestination::look(const QString& name, ObjectContext& context)
{
    return persist(context, kLook, [&] { return lookOnce(name, context); });
}

Result<quint32> RadosDestination::checksum(const QString& name, const Existing& existing,
                                           ObjectContext& context)
{
    return persist(context, kVerify, [&] {
        return checksumAt(m_place, name, existing.version, existing.sizeBytes, false, context, kVerify);
    });
}

Result<std::unique_ptr<ObjectWriter>> RadosDestination::open(const QString& name, SourceObject& source,
                                                             const Existing& existing, ObjectContext& context)
{
    auto omap = omapStart(source, context);
    if (!omap) {
        return fail(omap.error());
    }
    if (omap->page.last && source.sizeBytes() <= kRadosChunkBytes && omap->bytes() <= kRadosChunkBytes) {
        return std::make_unique<RadosWriter>(m_place, name, source, existing, std::move(*omap));
    }
    const std::shared_ptr<PoolIo> handle = m_place.io();
    bool aligns = false;
    uint64_t alignment = 0;
    if (handle->io.pool_requires_alignment2(&aligns) == 0 && aligns) {
        static_cast<void>(handle->io.pool_required_alignment2(&alignment));
    }
    auto stage = std::make_unique<RadosStage>(m_place, m_room, name, m_mark, source, existing,
                                              std::move(*omap), chunkBytesFor(alignment));
    return std::make_unique<StagedWriter>(std::move(stage), m_claims);
}

quint64 chunkBytesFor(quint64 alignment)
{
    if (alignment == 0) {
        return kRadosChunkBytes;
    }
    return std::max(alignment, kRadosChunkBytes / alignment * alignment);
}

Result<bool> RadosDestination::equalOmap(const QString& name, SourceObject& source, ObjectContext& context)
{
    auto* from = dynamic_cast<RadosSourceObject*>(&source);
    if (!from) {
        return true;
    }
    const auto there = omapChecksum(m_place, name, context, kVerify);
    if (!there) {
        return fail(there.error());
    }
    const auto here = omapChecksum(from->place(), from->name(), context, kVerify);
    if (!here) {
        return fail(here.error());
    }
    return *there == *here;
}

Result<DirectCopy> RadosDestination::direct(const QString& name, SourceObject& object,
                                            const Existing& existing, ObjectContext& context)
{
    auto* from = dynamic_cast<RadosSourceObject*>(&object);
    if (!from) {
        return fail(moved(m_place.text(name)));
    }
    std::optional<quint64> over;
    if (existing.exists) {
        over = existing.version;
    }
    for (;;) {
        const auto crc = from->checksum(context);
        if (!crc) {
            return fail(crc.error());
        }
        const quint64 sourceVersion = from->version();
        const CopySource source{.io = from->place().io(),
                                .oid = from->oid(),
                                .version = sourceVersion,
                                .sizeBytes = from->sizeBytes(),
                                .left = from->locks()};
        const auto version = copyIntoPlace(m_place, name, source, over, m_mark, context);
        if (version) {
            const auto verified = verifyStored(m_place, name, *version, from->sizeBytes(), *crc, context);
            if (!verified) {
                return fail(verified.error());
            }
            return DirectCopy{.stored = {.version = *verified, .etag = {}},
                              .sourceVersion = sourceVersion,
                              .sizeBytes = from->sizeBytes(),
                              .crc = *crc};
        }
        if (!isMoved(version.error())) {
            return fail(version.error());
        }
        // the same code stands for a source and for a destination that moved: look which it was
        if (const auto fresh = from->refresh(context); !fresh) {
            return fail(fresh.error());
        }
        if (from->version() == sourceVersion) {
            return fail(version.error());
        }
        const auto again = from->checksum(context);
        if (!again) {
            return fail(again.error());
        }
        if (*again != *crc) {
            return fail(sourceChanged(from->place().text(from->name()),
                                      QStringLiteral("its checksum is another one now")));
        }
    }
}

Result<quint64> verifyStored(RadosPlace& place, const QString& name, quint64 version, quint64 sizeBytes,
                             quint32 crc, ObjectContext& context)
{
    const qint64 since = ObjectContext::nowUs();
    for (int interrupted = 0;; ++interrupted) {
        const auto found = persist(context, kVerify, [&] {
            return checksumAt(place, name, version, sizeBytes, interrupted > 2, context, kVerify);
        });
        if (found) {
            if (*found != crc) {
                return fail(interrupted > 0 ? overwritten(place.text(name),
                                                          QStringLiteral("it holds other bytes than were "
                                                                         "written"))
                                            : otherBytes(place.text(name), crc, *found));
            }
            context.passed(Hop::Verify, since);
            return version;
        }
        if (!isMoved(found.error())) {
            return fail(found.error());
        }
        auto state = persist(context, kVerify, [&] { return readState(place, name, context, kVerify); });
        if (!state) {
            return fail(state.error());
        }
        if (!state->exists) {
            return fail(overwritten(place.text(name), QStringLiteral("it was removed after it was written")));
        }
        if (!hasLocks(state->raw) || state->sizeBytes != sizeBytes || !markOf(state->raw).isEmpty()) {
            return fail(overwritten(place.text(name),
                                    QStringLiteral("it was written again after this attempt wrote it "
                                                   "(version %1, now %2)")
                                        .arg(version)
                                        .arg(state->version)));
        }
        version = state->version;
    }
}

}  // namespace sluice::mover
