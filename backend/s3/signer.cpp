#include "s3/signer.h"

#include <QtCore/QMap>

#include "s3/digest.h"

namespace sluice::s3 {
namespace {

/// Without space at either end, runs of spaces as one.
QByteArray trimmed(const QByteArray& value)
{
    return value.simplified();
}

/// Lower-case name to its values joined by a comma in the order given; sorted by name.
QMap<QByteArray, QByteArray> merged(const Headers& headers)
{
    QMap<QByteArray, QByteArray> out;
    for (const auto& [name, value] : headers) {
        const QByteArray key = name.toLower();
        const auto at = out.find(key);
        if (at == out.end()) {
            out.insert(key, trimmed(value));
        } else {
            *at += ',' + trimmed(value);
        }
    }
    return out;
}

QByteArray scope(const SigningInput& input)
{
    return input.timestamp.first(8) + '/' + input.region + '/' + input.service + "/aws4_request";
}

}  // namespace

QByteArray canonicalRequest(const SigningInput& input)
{
    const QMap<QByteArray, QByteArray> headers = merged(input.headers);
    QByteArray lines;
    for (auto at = headers.begin(); at != headers.end(); ++at) {
        lines += at.key() + ':' + at.value() + '\n';
    }
    return input.method + '\n' + input.path + '\n' + canonicalQuery(input.query) + '\n' + lines + '\n' +
           headers.keys().join(';') + '\n' + input.payloadHash;
}

QByteArray stringToSign(const SigningInput& input)
{
    return "AWS4-HMAC-SHA256\n" + input.timestamp + '\n' + scope(input) + '\n' +
           sha256(canonicalRequest(input)).toHex();
}

QByteArray authorization(const SigningInput& input, const Credentials& credentials)
{
    QByteArray key = hmacSha256(QByteArray("AWS4") + credentials.secretKey, input.timestamp.first(8));
    key = hmacSha256(key, input.region);
    key = hmacSha256(key, input.service);
    key = hmacSha256(key, "aws4_request");
    const QByteArray signature = hmacSha256(key, stringToSign(input)).toHex();
    return "AWS4-HMAC-SHA256 Credential=" + credentials.accessKey + '/' + scope(input) +
           ", SignedHeaders=" + merged(input.headers).keys().join(';') + ", Signature=" + signature;
}

}  // namespace sluice::s3
