#include "mover/rados_writer.h"

#include "mover/rados_destination.h"

namespace sluice::mover {
namespace {

const QString kWrite = QStringLiteral("write");

}  // namespace

RadosWriter::RadosWriter(RadosPlace& place, QString name, SourceObject& source, Existing existing,
                         OmapStart omap)
    : m_place(place),
      m_name(std::move(name)),
      m_source(source),
      m_existing(std::move(existing)),
      m_omap(std::move(omap))
{
}

/// Leaves nothing of what was there but its locks, which nobody holds.
void RadosWriter::build(librados::ObjectWriteOperation& op, const QByteArray& bytes) const
{
    if (m_existing.exists) {
        op.assert_version(m_existing.version);
    } else {
        op.create(true);
    }
    for (auto at = m_existing.attributes.begin(); at != m_existing.attributes.end(); ++at) {
        op.rmxattr(at.key().constData());
    }
    if (!m_existing.partialOf.isEmpty()) {
        op.rmxattr(kPartialAttribute);
    }
    if (m_existing.hasOmap) {
        op.omap_clear();
    }
    const Attributes attributes = m_source.attributes();
    for (auto at = attributes.begin(); at != attributes.end(); ++at) {
        op.setxattr(at.key().constData(), listOf(at.value()));
    }
    op.write_full(listOf(bytes));
    addOmap(op, m_omap.page.pairs);
    if (!m_omap.header.isEmpty()) {
        op.omap_set_header(listOf(m_omap.header));
    }
}

Result<void> RadosWriter::write(const QByteArray& chunk, ObjectContext& context)
{
    return persist(context, kWrite, [&]() -> Try<void> {
        const qint64 since = ObjectContext::nowUs();
        librados::ObjectWriteOperation op;
        build(op, chunk);
        int code = 0;
        {
            const ObjectContext::Step step(context, kWrite, m_place.at(m_name));
            code = m_place.execute(m_name, op, &m_version);
        }
        if (code < 0) {
            context.refused();
            return guardFailed(code) ? hinder(moved(m_place.text(m_name)))
                                     : hinder(m_place.hindrance(code, m_name, kWrite));
        }
        context.passed(Hop::Write, since);
        return {};
    });
}

Result<Stored> RadosWriter::finish(quint32 crc, ObjectContext& context)
{
    return verifyStored(m_place, m_name, m_version, m_source.sizeBytes(), crc, context)
        .map([](quint64 version) { return Stored{.version = version, .etag = {}}; });
}

}  // namespace sluice::mover
