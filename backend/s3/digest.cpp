#include "s3/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace sluice::s3 {
namespace {

QByteArray digest(const EVP_MD* kind, QByteArrayView bytes)
{
    QByteArray out(EVP_MD_get_size(kind), Qt::Uninitialized);
    EVP_Digest(bytes.data(), static_cast<size_t>(bytes.size()), reinterpret_cast<unsigned char*>(out.data()),
               nullptr, kind, nullptr);
    return out;
}

}  // namespace

QByteArray sha256(QByteArrayView bytes)
{
    return digest(EVP_sha256(), bytes);
}

QByteArray md5(QByteArrayView bytes)
{
    return digest(EVP_md5(), bytes);
}

QByteArray hmacSha256(QByteArrayView key, QByteArrayView message)
{
    QByteArray out(32, Qt::Uninitialized);
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(message.data()), static_cast<size_t>(message.size()),
         reinterpret_cast<unsigned char*>(out.data()), nullptr);
    return out;
}

Md5::Md5() : m_context(EVP_MD_CTX_new())
{
    EVP_DigestInit_ex(m_context, EVP_md5(), nullptr);
}

Md5::~Md5()
{
    EVP_MD_CTX_free(m_context);
}

void Md5::add(QByteArrayView bytes)
{
    EVP_DigestUpdate(m_context, bytes.data(), static_cast<size_t>(bytes.size()));
}

QByteArray Md5::result()
{
    QByteArray out(16, Qt::Uninitialized);
    EVP_DigestFinal_ex(m_context, reinterpret_cast<unsigned char*>(out.data()), nullptr);
    return out;
}

}  // namespace sluice::s3
