#include "mover/s3_destination.h"

#include "mover/s3_writer.h"

namespace sluice::mover {
namespace {

const QString kLook = QStringLiteral("look");

}  // namespace

quint64 S3Destination::bufferBytes(quint64 sizeBytes) const
{
    return sizeBytes <= kS3SinglePutBytes ? sizeBytes : s3PartBytes(sizeBytes);
}

Result<Existing> S3Destination::look(const QString& name, ObjectContext& context)
{
    return persist(context, kLook, [&]() -> Try<Existing> {
        const ObjectContext::Step step(context, kLook, m_place->at(name));
        const auto head = m_place->client().headObject(m_place->bucket(), m_place->key(name));
        if (!head && head.error().code == ErrorCode::NotFound) {
            return Existing{};
        }
        if (!head) {
            return hinder(s3Hindrance(head.error(), m_place->at(name), kLook));
        }
        return Existing{.exists = true,
                        .sizeBytes = head->sizeBytes,
                        .etag = head->etag,
                        .headers = head->extras.content};
    });
}

Result<quint32> S3Destination::checksum(const QString& name, const Existing& existing, ObjectContext& context)
{
    return checksumOfS3(*m_place, name, existing.sizeBytes, existing.etag, context);
}

Result<std::unique_ptr<ObjectWriter>> S3Destination::open(const QString& name, SourceObject& source,
                                                          const Existing& existing, ObjectContext&)
{
    if (source.sizeBytes() > kS3SinglePutBytes) {
        return std::make_unique<S3MultipartWriter>(*m_place, name, source, existing, m_claims);
    }
    return std::make_unique<S3PutWriter>(*m_place, name, source, existing);
}

}  // namespace sluice::mover
