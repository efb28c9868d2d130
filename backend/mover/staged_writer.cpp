#include "mover/staged_writer.h"

namespace sluice::mover {

StagedWriter::StagedWriter(std::unique_ptr<Stage> stage, ClaimBook& claims)
    : m_stage(std::move(stage)), m_claims(claims)
{
}

StagedWriter::~StagedWriter()
{
    remove();
}

/// What cannot be removed stays in the book, and is removed by whoever ends the attempt.
void StagedWriter::remove()
{
    if (m_claimed && m_stage->remove()) {
        m_claims.ended(m_stage->id());
    }
    m_claimed = false;
}

Result<void> StagedWriter::begin(const QByteArray& chunk, ObjectContext& context)
{
    if (auto room = m_stage->reserve(context); !room) {
        return room;
    }
    m_claimed = true;
    if (auto told = m_claims.begun(m_stage->id(), m_stage->claim(), context); !told) {
        return told;
    }
    return m_stage->begin(chunk, context);
}

Result<void> StagedWriter::write(const QByteArray& chunk, ObjectContext& context)
{
    auto written = m_claimed ? m_stage->append(m_written, chunk, context) : begin(chunk, context);
    if (written) {
        m_written += static_cast<quint64>(chunk.size());
    }
    return written;
}

Result<Stored> StagedWriter::finish(quint32 crc, ObjectContext& context)
{
    if (const auto whole = m_stage->complete(crc, context); !whole) {
        return fail(whole.error());
    }
    auto stored = m_stage->publish(crc, context);
    remove();
    return stored;
}

}  // namespace sluice::mover
