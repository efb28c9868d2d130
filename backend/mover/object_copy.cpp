#include "mover/object_copy.h"

#include <algorithm>

namespace sluice::mover {
namespace {

constexpr quint64 kReadBytes = 8 * 1024 * 1024;

Error existsAlready(const QString& name, const Existing& existing)
{
    Error error{
        .code = ErrorCode::AlreadyExists,
        .message = QStringLiteral("'%1' exists at the destination and differs from the source").arg(name),
        .cause = QStringLiteral("it has %1 bytes, and the task may not replace what exists")
                     .arg(existing.sizeBytes),
        .correction = QStringLiteral("Remove it, choose another destination, or set onExisting: replace"),
        .source = QStringLiteral("mover")};
    if (!existing.partialOf.isEmpty()) {
        error.message =
            QStringLiteral("'%1' exists at the destination as the unfinished copy of another task").arg(name);
        error.cause = QStringLiteral("%1 began it").arg(existing.partialOf);
    }
    return error;
}

/// The next piece of a source, assembled from reads of a moderate size.
Result<QByteArray> readPiece(SourceObject& source, quint64 offset, quint64 length, ObjectContext& context)
{
    if (length <= kReadBytes) {
        return source.read(offset, length, context);
    }
    QByteArray piece;
    piece.reserve(static_cast<qsizetype>(length));
    while (static_cast<quint64>(piece.size()) < length) {
        const quint64 done = static_cast<quint64>(piece.size());
        const auto part = source.read(offset + done, std::min(kReadBytes, length - done), context);
        if (!part) {
            return part;
        }
        piece += *part;
    }
    return piece;
}

}  // namespace

Plan planFor(const Existing& existing, quint64 sourceBytes, const QString& name, const MoveRequest& request)
{
    if (!existing.exists) {
        return Plan::Create;
    }
    if (existing.shell) {
        return Plan::Overwrite;
    }
    const Plan otherwise = request.mayReplace(name) ? Plan::Overwrite : Plan::Refuse;
    if (!existing.partialOf.isEmpty()) {
        return request.ownsMark(existing.partialOf) ? Plan::Overwrite : otherwise;
    }
    return existing.sizeBytes == sourceBytes ? Plan::Compare : otherwise;
}

ObjectCopy::ObjectCopy(const MoveRequest& request, SourceEnd& source, DestinationEnd& destination)
    : m_request(request), m_source(source), m_destination(destination)
{
}

Result<CopiedObject> ObjectCopy::run(const ListedObject& listed, const std::optional<KnownObject>& known,
                                     ObjectContext& context)
{
    if (listed.bad) {
        return fail(*listed.bad);
    }
    if (auto fits = m_destination.fits(listed.name, listed.sizeBytes); !fits) {
        return fail(fits.error());
    }
    if (known) {
        auto copy = lookAtKnown(listed, *known, context);
        if (!copy) {
            return fail(copy.error());
        }
        if (copy->kept) {
            return std::move(*copy->kept);
        }
    }
    bool looked = known.has_value() || m_request.resume || !m_destination.createsExclusively();
    for (;;) {
        auto copied = once(listed, looked, known, context);
        if (copied || !isMoved(copied.error())) {
            if (copied) {
                context.movedBytes(copied->sizeBytes);
            }
            return copied;
        }
        if (const auto waited = context.lookAgain(movedBlockage(m_destination.at(listed.name))); !waited) {
            return fail(waited.error());
        }
        looked = true;
    }
}

/// Where anybody can set size and time, and where somebody locked it since, the bytes are read.
Result<bool> ObjectCopy::isOwn(const ListedObject& listed, const KnownObject& known, const Existing& existing,
                               ObjectContext& context)
{
    if (!existing.exists || existing.shell || !existing.partialOf.isEmpty() ||
        existing.sizeBytes != known.sizeBytes || existing.etag != known.etag) {
        return false;
    }
    if (m_destination.versionProvesBytes() && m_destination.remembered(existing.version) == known.version) {
        return true;
    }
    const auto crc = m_destination.checksum(listed.name, existing, context);
    if (!crc) {
        return isMoved(crc.error()) ? Result<bool>(false) : fail(crc.error());
    }
    return *crc == known.crc;
}

Result<bool> ObjectCopy::sourceIsKnown(const ListedObject& listed, const KnownObject& known,
                                       const Existing& existing, ObjectContext& context)
{
    if (listed.sizeBytes != known.sizeBytes) {
        return false;
    }
    if (m_source.versionProvesBytes() && known.sourceVersion != 0 &&
        known.sourceVersion == m_source.remembered(listed.version)) {
        m_source.keptUnread(context);
        return true;
    }
    const auto source = m_source.open(listed, context);
    if (!source) {
        return fail(source.error());
    }
    const auto crc = (*source)->checksum(context);
    if (!crc) {
        return fail(crc.error());
    }
    if (*crc != known.crc) {
        return false;
    }
    if (const auto confirmed = (*source)->confirm(*crc, context); !confirmed) {
        return fail(confirmed.error());
    }
    const auto attributes = attributesOf(**source, context);
    if (!attributes) {
        return fail(attributes.error());
    }
    if (*attributes != known.attributesCrc) {
        return false;
    }
    (*source)->countLeftOut(headersOf(existing), context);
    return true;
}

/// What the manifest knows is kept if the destination still is as it was committed, and the source still is,
/// or holds the same bytes.
Result<ObjectCopy::KnownCopy> ObjectCopy::lookAtKnown(const ListedObject& listed, const KnownObject& known,
                                                      ObjectContext& context)
{
    const auto existing = m_destination.look(listed.name, context);
    if (!existing) {
        return fail(existing.error());
    }
    const auto own = isOwn(listed, known, *existing, context);
    if (!own || !*own) {
        return own ? Result<KnownCopy>(KnownCopy{}) : fail(own.error());
    }
    // another version there may hold other attributes: those are compared with the source
    if (m_destination.remembered(existing->version) != known.version) {
        return KnownCopy{.own = true};
    }
    const auto same = sourceIsKnown(listed, known, *existing, context);
    if (!same) {
        return fail(same.error());
    }
    if (!*same) {
        return KnownCopy{.own = true};
    }
    context.movedBytes(known.sizeBytes);
    return KnownCopy{.own = true,
                     .kept = CopiedObject{.name = listed.name,
                                          .sizeBytes = known.sizeBytes,
                                          .crc = known.crc,
                                          .version = known.version,
                                          .sourceVersion = m_source.remembered(listed.version),
                                          .etag = known.etag,
                                          .attributesCrc = known.attributesCrc,
                                          .kept = true}};
}

std::optional<Attributes> ObjectCopy::headersOf(const Existing& existing) const
{
    return m_destination.keepsHeaders() ? std::optional(existing.headers) : std::nullopt;
}

Result<std::optional<quint32>> ObjectCopy::attributesOf(SourceObject& source, ObjectContext& context)
{
    if (!m_destination.keepsAttributes()) {
        return std::optional<quint32>();
    }
    return attributesChecksum(source, context).map([](quint32 crc) { return std::optional(crc); });
}

/// Where the source has no such things, those that were there stay, and are what a verify has to find.
Result<std::optional<quint32>> ObjectCopy::attributesKept(SourceObject& source, const Existing& existing,
                                                          ObjectContext& context)
{
    if (source.hasAttributes() || !m_destination.keepsAttributes()) {
        return attributesOf(source, context);
    }
    return existing.hasOmap ? std::optional<quint32>()
                            : std::optional(attributesChecksum(existing.attributes));
}

Result<CopiedObject> ObjectCopy::once(const ListedObject& listed, bool looked,
                                      const std::optional<KnownObject>& known, ObjectContext& context)
{
    const auto source = m_source.open(listed, context);
    if (!source) {
        return fail(source.error());
    }
    if (auto fits = m_destination.fits(listed.name, (*source)->sizeBytes()); !fits) {
        return fail(fits.error());
    }
    Existing existing;
    if (looked) {
        auto there = m_destination.look(listed.name, context);
        if (!there) {
            return fail(there.error());
        }
        existing = std::move(*there);
    }
    Plan plan = planFor(existing, (*source)->sizeBytes(), listed.name, m_request);
    if (plan == Plan::Compare) {
        const auto equal = compare(listed.name, **source, existing, context);
        if (!equal) {
            return fail(equal.error());
        }
        if (*equal) {
            const auto attributes = attributesKept(**source, existing, context);
            if (!attributes) {
                return fail(attributes.error());
            }
            (*source)->countLeftOut(headersOf(existing), context);
            return CopiedObject{.name = listed.name,
                                .sizeBytes = existing.sizeBytes,
                                .crc = **equal,
                                .version = m_destination.remembered(existing.version),
                                .sourceVersion = m_source.remembered((*source)->version()),
                                .etag = existing.etag,
                                .attributesCrc = *attributes,
                                .kept = true};
        }
        plan = m_request.mayReplace(listed.name) ? Plan::Overwrite : Plan::Refuse;
    }
    if (plan == Plan::Refuse && known) {
        // looked at once more, at the version that will be overwritten: only what this task put there may go
        const auto own = isOwn(listed, *known, existing, context);
        if (!own) {
            return fail(own.error());
        }
        plan = *own ? Plan::Overwrite : Plan::Refuse;
    }
    if (existing.locked) {
        context.refused();
        if (const auto waited = context.pause(*existing.locked); !waited) {
            return fail(waited.error());
        }
        return fail(moved(listed.name));
    }
    if (plan == Plan::Refuse) {
        return fail(existsAlready(listed.name, existing));
    }
    auto copied = transfer(listed.name, **source, existing, context);
    if (!copied) {
        return copied;
    }
    const auto attributes = attributesOf(**source, context);
    if (!attributes) {
        return fail(attributes.error());
    }
    copied->attributesCrc = *attributes;
    (*source)->countLeftOut(
        m_destination.keepsHeaders() ? std::optional((*source)->contentHeaders()) : std::nullopt, context);
    copied->replaced = existing.exists && !existing.shell && existing.partialOf.isEmpty();
    return copied;
}

Result<std::optional<quint32>> ObjectCopy::compare(const QString& name, SourceObject& source,
                                                   const Existing& existing, ObjectContext& context)
{
    const bool attributes = m_destination.keepsAttributes() && source.hasAttributes();
    if (attributes && source.attributes() != existing.attributes) {
        return std::optional<quint32>();
    }
    const auto here = source.checksum(context);
    if (!here) {
        return fail(here.error());
    }
    const auto there = m_destination.checksum(name, existing, context);
    if (!there) {
        return fail(there.error());
    }
    if (*here != *there) {
        return std::optional<quint32>();
    }
    if (const auto confirmed = source.confirm(*here, context); !confirmed) {
        return fail(confirmed.error());
    }
    if (attributes && (source.hasOmap() || existing.hasOmap)) {
        const auto equal = m_destination.equalOmap(name, source, context);
        if (!equal) {
            return fail(equal.error());
        }
        if (!*equal) {
            return std::optional<quint32>();
        }
    }
    return std::optional(*here);
}

Result<CopiedObject> ObjectCopy::transfer(const QString& name, SourceObject& source, const Existing& existing,
                                          ObjectContext& context)
{
    if (!m_destination.copiesDirectly()) {
        return stream(name, source, existing, context);
    }
    return m_destination.direct(name, source, existing, context).map([&](const DirectCopy& copy) {
        return CopiedObject{.name = name,
                            .sizeBytes = copy.sizeBytes,
                            .crc = copy.crc,
                            .version = m_destination.remembered(copy.stored.version),
                            .sourceVersion = m_source.remembered(copy.sourceVersion),
                            .etag = copy.stored.etag};
    });
}

Result<CopiedObject> ObjectCopy::stream(const QString& name, SourceObject& source, const Existing& existing,
                                        ObjectContext& context)
{
    const auto writer = m_destination.open(name, source, existing, context);
    if (!writer) {
        return fail(writer.error());
    }
    const quint64 size = source.sizeBytes();
    quint32 crc = kCrc32cStart;
    quint64 done = 0;
    do {
        const auto piece = readPiece(source, done, std::min((*writer)->chunkBytes(), size - done), context);
        if (!piece) {
            return fail(piece.error());
        }
        crc = crc32c(crc, *piece);
        // before the last piece, for after it the object looks finished
        if (done + static_cast<quint64>(piece->size()) == size) {
            if (const auto confirmed = source.confirm(crc, context); !confirmed) {
                return fail(confirmed.error());
            }
        }
        if (const auto written = (*writer)->write(*piece, context); !written) {
            return fail(written.error());
        }
        done += static_cast<quint64>(piece->size());
        if (done < size) {
            context.movedBytes(done);  // the last piece counts when the object is in its place
        }
    } while (done < size);
    return (*writer)->finish(crc, context).map([&](const Stored& stored) {
        return CopiedObject{.name = name,
                            .sizeBytes = size,
                            .crc = crc,
                            .version = m_destination.remembered(stored.version),
                            .sourceVersion = m_source.remembered(source.version()),
                            .etag = stored.etag};
    });
}

}  // namespace sluice::mover
