#pragma once

#include <memory>

#include "mover/claim_book.h"
#include "mover/stage.h"

namespace sluice::mover {

/// Writes an object that does not fit into one operation: nobody sees it under its name before it is whole
/// and compared. What is staged is in the book from before its first byte until it is gone.
class StagedWriter final : public ObjectWriter {
public:
    /// The book must outlive the writer.
    StagedWriter(std::unique_ptr<Stage> stage, ClaimBook& claims);
    ~StagedWriter() override;
    quint64 chunkBytes() const override { return m_stage->chunkBytes(); }
    Result<void> write(const QByteArray& chunk, ObjectContext& context) override;
    Result<Stored> finish(quint32 crc, ObjectContext& context) override;

private:
    Result<void> begin(const QByteArray& chunk, ObjectContext& context);
    void remove();

    std::unique_ptr<Stage> m_stage;
    ClaimBook& m_claims;
    bool m_claimed{false};
    quint64 m_written{0};
};

}  // namespace sluice::mover
