#include "mover/rados_destination.h"

#include <optional>

#include "mover/rados_source.h"
#include "mover/rados_writer.h"

namespace sluice::mover {
namespace {

const QString kLook = QStringLiteral("look");
const QString kWrite = QStringLiteral("write");
const QString kVerify = QStringLiteral("verify");

}  // namespace

RadosDestination::RadosDestination(RadosPlace place, QString mark, bool direct)
    : m_place(std::move(place)), m_mark(std::move(mark)), m_direct(direct)
{
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
    Existing existing{.exists = state->exists,
                      .sizeBytes = state->sizeBytes,
                      .version = state->version,
                      .partialOf = markOf(state->raw),
                      .attributes = userAttributes(state->raw),
                      .hasOmap = state->hasOmap};
    existing.shell = existing.exists && existing.sizeBytes == 0 && hasLocks(state->raw) && existing.partialOf.isEmpty() &&
                     existing.attributes.isEmpty() && !existing.hasOmap;
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

Result<quint32> RadosDestination::checksum(const QString& name, const Existing& existing, ObjectContext& context)
{
    return persist(context, kVerify, [&] {
        return checksumAt(m_place, name, existing.version, existing.sizeBytes, false, context, kVerify);
    });
}

Result<std::unique_ptr<ObjectWriter>> RadosDestination::open(const QString& name, SourceObject& source,
                                                             const Existing& existing, ObjectContext&)
{
    return std::make_unique<RadosWriter>(m_place, name, m_mark, source, existing);
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

Try<quint64> RadosDestination::createOnce(const QString& name, ObjectContext& context)
{
    librados::ObjectWriteOperation op;
    op.create(true);
    op.setxattr(kPartialAttribute, listOf(m_mark.toUtf8()));
    return executeOnce(name, op, 0, context);
}

Try<quint64> RadosDestination::copyOnce(const QString& name, RadosSourceObject& source, quint64 version, ObjectContext& context)
{
    const qint64 since = ObjectContext::nowUs();
    librados::ObjectWriteOperation op;
    op.assert_version(version);
    op.copy_from(source.oid(), source.place().io()->io, source.version(), 0);
    // locks are attributes: they came along with the copy
    for (const std::string& lock : source.locks()) {
        op.rmxattr(lock.c_str());
    }
    auto stored = executeOnce(name, op, source.sizeBytes(), context);
    if (stored) {
        context.passed(Hop::Write, since);
    }
    return stored;
}

Try<quint64> RadosDestination::executeOnce(const QString& name, librados::ObjectWriteOperation& op, quint64 sizeBytes, ObjectContext& context)
{
    quint64 version = 0;
    int code = 0;
    {
        const ObjectContext::Step step(context, kWrite, m_place.at(name, sizeBytes));
        code = m_place.execute(name, op, &version);
    }
    if (code < 0) {
        context.refused();
    }
    if (guardFailed(code)) {
        return hinder(moved(m_place.text(name)));
    }
    if (code < 0) {
        return hinder(m_place.hindrance(code, name, kWrite));
    }
    return version;
}

Result<DirectCopy> RadosDestination::direct(const QString& name, SourceObject& source, const Existing& existing,
                                            ObjectContext& context)
{
    auto* from = dynamic_cast<RadosSourceObject*>(&source);
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
        if (!over) {
            const auto created = persist(context, kWrite, [&] { return createOnce(name, context); });
            if (!created) {
                return fail(created.error());
            }
            over = *created;
        }
        const quint64 sourceVersion = from->version();
        const auto version = persist(context, kWrite, [&] { return copyOnce(name, *from, *over, context); });
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
            return fail(sourceChanged(from->place().text(from->name()), QStringLiteral("its checksum is another one now")));
        }
    }
}

Result<quint64> verifyStored(RadosPlace& place, const QString& name, quint64 version, quint64 sizeBytes, quint32 crc,
                             ObjectContext& context)
{
    const qint64 since = ObjectContext::nowUs();
    for (int interrupted = 0;; ++interrupted) {
        const auto found = persist(context, kVerify, [&] {
            return checksumAt(place, name, version, sizeBytes, interrupted > 2, context, kVerify);
        });
        if (found) {
            if (*found != crc) {
                return fail(interrupted > 0 ? overwritten(place.text(name), QStringLiteral("it holds other bytes than were "
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
            return fail(overwritten(place.text(name), QStringLiteral("it was written again after this attempt wrote it "
                                                                     "(version %1, now %2)")
                                                          .arg(version)
                                                          .arg(state->version)));
        }
        version = state->version;
    }
}

}  // namespace sluice::mover
