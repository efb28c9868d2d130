#pragma once

#include "mover/ends.h"
#include "mover/move_request.h"
#include "s3/client.h"
#include "s3/conditional_put.h"
#include "s3/curl_transport.h"

namespace sluice::mover {

/// One bucket of a gateway, with the prefix of the location.
class S3Place {
public:
    /// @param learned called when a write showed how the gateway matches ETags
    S3Place(const GatewayAccess& access, const model::Location& location,
            std::function<void(s3::EtagStyle)> learned = {});

    s3::Client& client() { return m_client; }
    s3::ConditionalPut& replacing() { return m_replacing; }
    const QString& connection() const { return m_connection; }
    const QString& bucket() const { return m_bucket; }
    QString key(const QString& name) const { return m_prefix + name; }
    const QString& prefix() const { return m_prefix; }
    OpPlace at(const QString& name, quint64 bytes = 0) const
    {
        return {.connection = m_connection, .object = m_bucket + '/' + m_prefix + name, .bytes = bytes};
    }
    QString text(const QString& name) const
    {
        return QStringLiteral("s3://%1/%2/%3").arg(m_connection, m_bucket, m_prefix + name);
    }

private:
    QString m_connection;
    QString m_bucket;
    QString m_prefix;
    SystemClock m_clock{};
    s3::CurlTransport m_transport;
    s3::Client m_client;
    s3::ConditionalPut m_replacing;
};

/// A dead or slow gateway, a used up quota and a missing right may go away; anything else is for good.
Hindrance s3Hindrance(const Error& error, const OpPlace& place, const QString& op);

/// A number that changes with the ETag: its first 60 bits.
quint64 versionOfEtag(const QString& etag);

/// Checksum of the object's bytes, read back.
/// @error moved(): it has another ETag by now
Result<quint32> checksumOfS3(S3Place& place, const QString& name, quint64 sizeBytes, const QString& etag,
                             ObjectContext& context);

}  // namespace sluice::mover
