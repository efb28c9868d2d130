#pragma once

#include "mover/s3_place.h"

namespace sluice::mover {

/// A bucket as destination: one PUT up to 64 MiB, multipart above. What is stored is compared by ETag, and read back if
/// asked for.
class S3Destination final : public DestinationEnd {
public:
    S3Destination(std::shared_ptr<S3Place> place, bool readBack) : m_place(std::move(place)), m_readBack(readBack) {}

    Result<Existing> look(const QString& name, ObjectContext& context) override;
    Result<quint32> checksum(const QString& name, const Existing& existing, ObjectContext& context) override;
    Result<std::unique_ptr<ObjectWriter>> open(const QString& name, SourceObject& source, const Existing& existing,
                                               ObjectContext& context) override;
    quint64 bufferBytes(quint64 sizeBytes) const override;

private:
    std::shared_ptr<S3Place> m_place;
    bool m_readBack;
};

}  // namespace sluice::mover
