#pragma once

#include <atomic>
#include <functional>

#include "s3/client.h"

namespace sluice::s3 {

/// How a gateway wants the ETag of an If-Match: in quotes, as the standard says, or without (RGW 16).
enum class EtagStyle { Unknown, Quoted, Plain };
/// "quoted", "plain"; empty if it is not known.
QString toString(EtagStyle style);
EtagStyle etagStyleFromString(const QString& text);

/// Replaces objects on the condition that they still have an ETag, in the way in which the gateway
/// understands it: that is found by trying, once. A refusal is believed only if the object has another ETag
/// by now.
/// @thread any
class ConditionalPut {
public:
    /// @param learned called when the way was found out; may be empty
    ConditionalPut(Client& client, EtagStyle style, std::function<void(EtagStyle)> learned = {});

    /// @return ETag of what was put
    /// @error FailedPrecondition, retryable: the object has another ETag. FailedPrecondition, not retryable:
    /// the gateway
    ///        refuses either way although the object is unchanged, and a bucket without versions keeps
    ///        nothing of it.
    [[nodiscard]] Result<QString> put(const QString& bucket, const QString& key, QByteArrayView body,
                                      const QString& etag, const ContentHeaders& content = {});

private:
    Result<QString> putAs(EtagStyle style, const QString& bucket, const QString& key, QByteArrayView body,
                          const QString& etag, const ContentHeaders& content);
    /// Nobody changed it, and yet it was refused.
    Result<bool> unchanged(const QString& bucket, const QString& key, const QString& etag);
    Result<QString> putKeepingVersions(const QString& bucket, const QString& key, QByteArrayView body,
                                       const ContentHeaders& content, const Error& refused);

    Client& m_client;
    std::atomic<EtagStyle> m_style;
    std::function<void(EtagStyle)> m_learned;
};

}  // namespace sluice::s3
