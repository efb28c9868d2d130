#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

struct evp_md_ctx_st;

namespace sluice::s3 {

/// SHA-256 of the bytes, 32 raw bytes.
QByteArray sha256(QByteArrayView bytes);
/// MD5 of the bytes, 16 raw bytes; what S3 uses as ETag and Content-MD5, not for security.
QByteArray md5(QByteArrayView bytes);
/// HMAC-SHA-256, 32 raw bytes.
QByteArray hmacSha256(QByteArrayView key, QByteArrayView message);

/// MD5 of bytes that come in pieces.
class Md5 {
public:
    Md5();
    ~Md5();
    Md5(const Md5&) = delete;
    Md5& operator=(const Md5&) = delete;
    void add(QByteArrayView bytes);
    /// 16 raw bytes; the object is spent after it.
    QByteArray result();

private:
    evp_md_ctx_st* m_context;
};

}  // namespace sluice::s3
