#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <utility>

#include "s3/uri.h"

namespace sluice::s3 {

/// Name and value as sent; a name may come several times.
using Headers = QList<std::pair<QByteArray, QByteArray>>;

struct Credentials {
    QByteArray accessKey{};
    QByteArray secretKey{};
};

/// What is signed. Every header given is signed, so give only those that are sent unchanged.
struct SigningInput {
    QByteArray method{};
    /// Encoded exactly as it is sent, starting with '/'; never normalised (S3 keys may hold "//" and "..").
    QByteArray path{};
    Query query{};
    Headers headers{};
    /// Lower-case hex SHA-256 of the body, or UNSIGNED-PAYLOAD.
    QByteArray payloadHash{};
    /// UTC, 20150830T123600Z; the same as in the x-amz-date header.
    QByteArray timestamp{};
    QByteArray region{};
    QByteArray service{"s3"};
};

/// The text whose hash is signed.
QByteArray canonicalRequest(const SigningInput& input);
/// Algorithm, time, scope and hash of the canonical request.
QByteArray stringToSign(const SigningInput& input);
/// Value of the Authorization header. A pure function.
/// @source AWS Signature Version 4, header form
QByteArray authorization(const SigningInput& input, const Credentials& credentials);

}  // namespace sluice::s3
