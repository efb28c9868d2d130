#pragma once

#include "mover/claim_book.h"
#include "mover/s3_place.h"

namespace sluice::mover {

/// A bucket as destination: one PUT up to 64 MiB, multipart above. The crc32c that the source confirms and
/// the MD5 of each request are of the same bytes in memory; the gateway refuses a body that has another MD5
/// (Content-MD5), and the ETag of what it shows afterwards must be made of these MD5s. A copy reads no byte
/// back; a `verify` task does.
class S3Destination final : public DestinationEnd {
public:
    /// The book must outlive the destination.
    S3Destination(std::shared_ptr<S3Place> place, ClaimBook& claims)
        : m_place(std::move(place)), m_claims(claims)
    {
    }

    OpPlace at(const QString& name) const override { return m_place->at(name); }
    Result<Existing> look(const QString& name, ObjectContext& context) override;
    Result<quint32> checksum(const QString& name, const Existing& existing, ObjectContext& context) override;
    Result<std::unique_ptr<ObjectWriter>> open(const QString& name, SourceObject& source,
                                               const Existing& existing, ObjectContext& context) override;
    quint64 bufferBytes(quint64 sizeBytes) const override;
    bool keepsHeaders() const override { return true; }

private:
    std::shared_ptr<S3Place> m_place;
    ClaimBook& m_claims;
};

}  // namespace sluice::mover
