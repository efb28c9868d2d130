#include "mover/rados_writer.h"

#include "mover/rados_destination.h"

namespace sluice::mover {
namespace {

const QString kWrite = QStringLiteral("write");

}  // namespace

RadosWriter::RadosWriter(RadosPlace& place, QString name, QString mark, SourceObject& source, Existing existing)
    : m_place(place), m_name(std::move(name)), m_mark(std::move(mark)), m_source(source), m_existing(std::move(existing))
{
}

void RadosWriter::addGuard(librados::ObjectWriteOperation& op) const
{
    if (m_started) {
        op.assert_version(m_version);
    } else if (m_existing.exists) {
        op.assert_version(m_existing.version);
    } else {
        op.create(true);
    }
}

/// Leaves nothing of what was there but its locks, which nobody holds.
void RadosWriter::addFirst(librados::ObjectWriteOperation& op) const
{
    for (auto at = m_existing.attributes.begin(); at != m_existing.attributes.end(); ++at) {
        op.rmxattr(at.key().constData());
    }
    if (m_existing.hasOmap) {
        op.omap_clear();
    }
    const Attributes attributes = m_source.attributes();
    for (auto at = attributes.begin(); at != attributes.end(); ++at) {
        op.setxattr(at.key().constData(), listOf(at.value()));
    }
}

Try<void> RadosWriter::applyOnce(librados::ObjectWriteOperation& op, ObjectContext& context)
{
    const qint64 since = ObjectContext::nowUs();
    int code = 0;
    {
        const ObjectContext::Step step(context, kWrite, m_place.at(m_name));
        code = m_place.execute(m_name, op, &m_version);
    }
    if (guardFailed(code)) {
        context.refused();
        return hinder(moved(m_place.text(m_name)));
    }
    if (code < 0) {
        context.refused();
        return hinder(m_place.hindrance(code, m_name, kWrite));
    }
    m_started = true;
    context.passed(Hop::Write, since);
    return {};
}

Result<void> RadosWriter::apply(const Build& build, ObjectContext& context)
{
    for (;;) {
        const auto applied = persist(context, kWrite, [&] {
            librados::ObjectWriteOperation op;
            addGuard(op);
            build(op);
            return applyOnce(op, context);
        });
        if (applied || !isMoved(applied.error()) || !m_started) {
            return applied;
        }
        if (const auto recovered = persist(context, kWrite, [&] { return recover(context); }); !recovered) {
            return recovered;
        }
    }
}

/// The version moved between two operations of ours: goes on if that was a lock which is free again.
Try<void> RadosWriter::recover(ObjectContext& context)
{
    auto state = readState(m_place, m_name, context, kWrite);
    if (!state) {
        return hinder(state.error());
    }
    if (!state->exists || markOf(state->raw) != m_mark || state->sizeBytes != m_written) {
        return hinder(overwritten(m_place.text(m_name), QStringLiteral("it is not as this attempt left it while it was "
                                                                       "writing")));
    }
    auto holder = holderOf(m_place, m_name, state->raw, context, kWrite);
    if (!holder) {
        return hinder(holder.error());
    }
    if (*holder) {
        return hinder(lockedBy(m_place, m_name, **holder));
    }
    m_version = state->version;
    return {};
}

Result<void> RadosWriter::write(const QByteArray& chunk, ObjectContext& context)
{
    const bool first = !m_started;
    const bool last = m_written + static_cast<quint64>(chunk.size()) >= m_source.sizeBytes() && !m_source.hasOmap();
    const auto applied = apply(
        [&](librados::ObjectWriteOperation& op) {
            const librados::bufferlist bytes = listOf(chunk);
            if (first) {
                addFirst(op);
                op.write_full(bytes);
            } else {
                op.write(m_written, bytes);
            }
            if (first && !last) {
                op.setxattr(kPartialAttribute, listOf(m_mark.toUtf8()));
            } else if (last && (!first || !m_existing.partialOf.isEmpty())) {
                op.rmxattr(kPartialAttribute);
            }
        },
        context);
    if (applied) {
        m_written += static_cast<quint64>(chunk.size());
    }
    return applied;
}

Result<void> RadosWriter::writeOmap(ObjectContext& context)
{
    QByteArray after;
    for (;;) {
        const auto page = m_source.omapPage(after, context);
        if (!page) {
            return fail(page.error());
        }
        const bool last = page->last;
        QByteArray header;
        if (last) {
            const auto read = m_source.omapHeader(context);
            if (!read) {
                return fail(read.error());
            }
            header = *read;
        }
        std::map<std::string, librados::bufferlist> values;
        for (auto at = page->pairs.begin(); at != page->pairs.end(); ++at) {
            values.emplace(at.key().toStdString(), listOf(at.value()));
        }
        const auto applied = apply(
            [&](librados::ObjectWriteOperation& op) {
                if (!values.empty()) {
                    op.omap_set(values);
                }
                if (!header.isEmpty()) {
                    op.omap_set_header(listOf(header));
                }
                if (last) {
                    op.rmxattr(kPartialAttribute);
                }
            },
            context);
        if (!applied || last) {
            return applied;
        }
        after = page->pairs.lastKey();
    }
}

Result<Stored> RadosWriter::finish(quint32 crc, ObjectContext& context)
{
    if (m_source.hasOmap()) {
        if (const auto written = writeOmap(context); !written) {
            return fail(written.error());
        }
    }
    const auto version = verifyStored(m_place, m_name, m_version, m_written, crc, context);
    if (!version) {
        return fail(version.error());
    }
    return Stored{.version = *version, .etag = {}};
}

}  // namespace sluice::mover
