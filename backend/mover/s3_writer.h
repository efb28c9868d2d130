#pragma once

#include "mover/claim_book.h"
#include "mover/s3_place.h"

namespace sluice::mover {

inline constexpr quint64 kS3SinglePutBytes = 64 * 1024 * 1024;

/// 16 MiB, or as much as keeps the object within 10,000 parts.
quint64 s3PartBytes(quint64 sizeBytes);

/// Whether somebody changed what is there; a gateway that refuses every condition says the same for good.
bool refusesCondition(const Error& error);

/// What both writers do at the end.
class S3Writer : public ObjectWriter {
public:
    /// @param source must outlive the writer; its content headers are asked for once its bytes are there
    S3Writer(S3Place& place, QString name, const SourceObject& source, Existing existing);

protected:
    /// @param etag that the gateway must show for what was written
    Result<Stored> verify(const QString& etag, ObjectContext& context);
    /// On the condition that what was looked at, or nothing, is still there.
    Result<QString> putAll(QByteArrayView bytes);
    /// Asks the gateway until it answers. @error moved(): the condition of a write does not hold
    template <typename Call>
    auto ask(ObjectContext& context, Call&& call)
    {
        const QString op = QStringLiteral("write");
        return persist(context, op, [&]() -> Try<typename std::invoke_result_t<Call>::value_type> {
            const qint64 since = ObjectContext::nowUs();
            const ObjectContext::Step step(context, op,
                                           m_place.at(m_name, std::min(m_sizeBytes, kS3SinglePutBytes)));
            auto answer = call();
            if (!answer) {
                context.refused();
                if (refusesCondition(answer.error())) {
                    return hinder(moved(m_place.text(m_name)));
                }
                return hinder(s3Hindrance(answer.error(), m_place.at(m_name), op));
            }
            context.passed(Hop::Write, since);
            return std::move(*answer);
        });
    }

    S3Place& m_place;
    QString m_name;
    const SourceObject& m_source;
    quint64 m_sizeBytes;
    Existing m_existing;
};

/// Collects the object and puts it in one request, on the condition that nobody changed what was there.
class S3PutWriter final : public S3Writer {
public:
    using S3Writer::S3Writer;
    quint64 chunkBytes() const override { return kS3SinglePutBytes; }
    Result<void> write(const QByteArray& chunk, ObjectContext& context) override;
    Result<Stored> finish(quint32 crc, ObjectContext& context) override;

private:
    QByteArray m_bytes{};
};

/// Sends part after part; the upload is in the book while it is open, and aborted if it is not completed.
class S3MultipartWriter final : public S3Writer {
public:
    S3MultipartWriter(S3Place& place, QString name, const SourceObject& source, Existing existing,
                      ClaimBook& claims);
    ~S3MultipartWriter() override;
    quint64 chunkBytes() const override { return s3PartBytes(m_sizeBytes); }
    Result<void> write(const QByteArray& chunk, ObjectContext& context) override;
    Result<Stored> finish(quint32 crc, ObjectContext& context) override;

private:
    Result<void> checkUnchanged(ObjectContext& context);

    ClaimBook& m_claims;
    QString m_upload{};
    QStringList m_etags{};
    QList<QByteArray> m_md5s{};
};

}  // namespace sluice::mover
