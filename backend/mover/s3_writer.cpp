#include "mover/s3_writer.h"

#include "model/object_name.h"
#include "s3/digest.h"

namespace sluice::mover {
namespace {

constexpr quint64 kPartBytes = 16 * 1024 * 1024;
constexpr quint64 kMostParts = 10'000;
const QString kVerify = QStringLiteral("verify");

}  // namespace

quint64 s3PartBytes(quint64 sizeBytes)
{
    constexpr quint64 kMiB = 1024 * 1024;
    const quint64 least = (sizeBytes + kMostParts - 1) / kMostParts;
    return std::max(kPartBytes, (least + kMiB - 1) / kMiB * kMiB);
}

S3Writer::S3Writer(S3Place& place, QString name, const SourceObject& source, Existing existing)
    : m_place(place),
      m_name(std::move(name)),
      m_source(source),
      m_sizeBytes(source.sizeBytes()),
      m_existing(std::move(existing))
{
}

bool refusesCondition(const Error& error)
{
    return error.code == ErrorCode::FailedPrecondition && (error.retryable || isMoved(error));
}

Result<QString> S3Writer::putAll(QByteArrayView bytes)
{
    const QString key = m_place.key(m_name);
    if (m_existing.exists) {
        return m_place.replacing().put(m_place.bucket(), key, bytes, m_existing.etag,
                                       m_source.contentHeaders());
    }
    const s3::Condition absent{.kind = s3::Condition::Kind::Absent, .etag = {}};
    auto put = m_place.client().putObject(
        m_place.bucket(), key, bytes,
        {.condition = absent, .metadata = {}, .content = m_source.contentHeaders()});
    if (!put && put.error().code == ErrorCode::FailedPrecondition) {
        Error error = put.error();
        error.retryable = true;
        return fail(error);
    }
    return put;
}

Result<Stored> S3Writer::verify(const QString& etag, ObjectContext& context)
{
    const qint64 since = ObjectContext::nowUs();
    const auto head = persist(context, kVerify, [&]() -> Try<s3::ObjectHead> {
        const ObjectContext::Step step(context, kVerify, m_place.at(m_name));
        auto answer = m_place.client().headObject(m_place.bucket(), m_place.key(m_name));
        if (!answer && answer.error().code == ErrorCode::NotFound) {
            return hinder(
                overwritten(m_place.text(m_name), QStringLiteral("it was removed after it was written")));
        }
        if (!answer) {
            return hinder(s3Hindrance(answer.error(), m_place.at(m_name), kVerify));
        }
        return std::move(*answer);
    });
    if (!head) {
        return fail(head.error());
    }
    if (head->etag != etag || head->sizeBytes != m_sizeBytes) {
        return fail(overwritten(m_place.text(m_name),
                                QStringLiteral("it has the ETag %1, %2 was written").arg(head->etag, etag)));
    }
    context.passed(Hop::Verify, since);
    return Stored{.version = 0, .etag = etag};
}

Result<void> S3PutWriter::write(const QByteArray& chunk, ObjectContext&)
{
    m_bytes = m_bytes.isEmpty() ? chunk : m_bytes + chunk;
    return {};
}

Result<Stored> S3PutWriter::finish(quint32, ObjectContext& context)
{
    const QString etag = QString::fromLatin1(s3::md5(m_bytes).toHex());
    bool sent = false;
    const auto put = ask(context, [&]() -> Result<QString> {
        auto answer = putAll(m_bytes);
        if (!answer && sent && refusesCondition(answer.error())) {
            // an earlier try without an answer may have been carried out
            const auto head = m_place.client().headObject(m_place.bucket(), m_place.key(m_name));
            if (head && head->etag == etag && head->sizeBytes == m_sizeBytes) {
                return etag;
            }
        }
        sent = true;
        return answer;
    });
    if (!put) {
        return fail(put.error());
    }
    if (*put != etag) {
        return fail(Error{
            .code = ErrorCode::DataLoss,
            .message =
                QStringLiteral("'%1' does not hold the bytes that were written").arg(m_place.text(m_name)),
            .cause = QStringLiteral("the gateway's ETag is %1, the MD5 %2").arg(*put, etag),
            .correction = QStringLiteral("Reset the run to write it again"),
            .source = QStringLiteral("mover")});
    }
    m_bytes.clear();
    return verify(etag, context);
}

S3MultipartWriter::S3MultipartWriter(S3Place& place, QString name, const SourceObject& source,
                                     Existing existing, ClaimBook& claims)
    : S3Writer(place, std::move(name), source, std::move(existing)), m_claims(claims)
{
}

S3MultipartWriter::~S3MultipartWriter()
{
    // what a gateway that is gone keeps stays in the book, and is aborted when the attempt is fenced
    if (!m_upload.isEmpty() &&
        m_place.client().abortUpload(m_place.bucket(), m_place.key(m_name), m_upload)) {
        m_claims.ended(m_upload);
    }
}

Result<void> S3MultipartWriter::write(const QByteArray& chunk, ObjectContext& context)
{
    if (m_upload.isEmpty()) {
        const auto upload = ask(context, [&] {
            return m_place.client().createUpload(
                m_place.bucket(), m_place.key(m_name),
                {.condition = {}, .metadata = {}, .content = m_source.contentHeaders()});
        });
        if (!upload) {
            return fail(upload.error());
        }
        m_upload = *upload;
        const QString key = m_place.key(m_name);
        const QJsonObject claim{{"connection", m_place.connection()},
                                {"bucket", m_place.bucket()},
                                {"key", model::nameOnWire(key)},
                                {"uploadId", m_upload}};
        if (auto told = m_claims.begun(m_upload, claim, context); !told) {
            return told;
        }
    }
    const int number = static_cast<int>(m_etags.size()) + 1;
    const auto etag = ask(context, [&] {
        return m_place.client().uploadPart(m_place.bucket(), m_place.key(m_name), m_upload, number, chunk);
    });
    if (!etag) {
        return fail(etag.error());
    }
    m_etags.append(*etag);
    m_md5s.append(s3::md5(chunk));
    if (*etag != QString::fromLatin1(m_md5s.last().toHex())) {
        return fail(
            Error{.code = ErrorCode::DataLoss,
                  .message = QStringLiteral("A part of '%1' does not hold the bytes that were sent")
                                 .arg(m_place.text(m_name)),
                  .cause = QStringLiteral("the gateway's ETag of part %1 is %2").arg(number).arg(*etag),
                  .correction = QStringLiteral("Reset the run to write it again"),
                  .source = QStringLiteral("mover")});
    }
    return {};
}

/// Completing an upload knows no condition, so the last moment before is looked at.
Result<void> S3MultipartWriter::checkUnchanged(ObjectContext& context)
{
    return ask(context,
               [&]() -> Result<bool> {
                   const auto head = m_place.client().headObject(m_place.bucket(), m_place.key(m_name));
                   if (!head && head.error().code != ErrorCode::NotFound) {
                       return fail(head.error());
                   }
                   const bool same =
                       head ? m_existing.exists && head->etag == m_existing.etag : !m_existing.exists;
                   if (!same) {
                       return fail(moved(m_place.text(m_name)));
                   }
                   return true;
               })
        .map([](bool) {});
}

Result<Stored> S3MultipartWriter::finish(quint32, ObjectContext& context)
{
    if (const auto unchanged = checkUnchanged(context); !unchanged) {
        return fail(unchanged.error());
    }
    const QString expected = s3::multipartEtag(m_md5s);
    const auto etag = ask(context, [&]() -> Result<QString> {
        auto answer =
            m_place.client().completeUpload(m_place.bucket(), m_place.key(m_name), m_upload, m_etags);
        if (!answer && answer.error().code == ErrorCode::NotFound) {
            // an earlier try without an answer may have been carried out
            const auto head = m_place.client().headObject(m_place.bucket(), m_place.key(m_name));
            if (head && head->etag == expected) {
                return expected;
            }
        }
        return answer;
    });
    if (!etag) {
        return fail(etag.error());
    }
    m_claims.ended(m_upload);
    m_upload.clear();
    if (*etag != expected) {
        return fail(Error{
            .code = ErrorCode::DataLoss,
            .message =
                QStringLiteral("'%1' does not hold the bytes that were written").arg(m_place.text(m_name)),
            .cause = QStringLiteral("the gateway's ETag is %1, it should be %2").arg(*etag, expected),
            .correction = QStringLiteral("Reset the run to write it again"),
            .source = QStringLiteral("mover")});
    }
    return verify(expected, context);
}

}  // namespace sluice::mover
