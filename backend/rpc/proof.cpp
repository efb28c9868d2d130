#include "rpc/proof.h"

#include <QtCore/QMessageAuthenticationCode>
#include <QtCore/QRandomGenerator>
#include <algorithm>
#include <array>

namespace sluice::rpc {
namespace {

constexpr qsizetype kNonceHexDigits = 64;

/// With its length before it, so that no two lists of fields are the same bytes.
void add(QMessageAuthenticationCode& code, const QByteArray& field)
{
    code.addData(QByteArray::number(field.size()) + ':');
    code.addData(field);
}

}  // namespace

QByteArray newNonce()
{
    std::array<quint32, 8> random{};
    QRandomGenerator::system()->fillRange(random.data(), static_cast<qsizetype>(random.size()));
    return QByteArray(reinterpret_cast<const char*>(random.data()), sizeof(random)).toHex();
}

bool isNonce(const QByteArray& text)
{
    return text.size() == kNonceHexDigits && std::all_of(text.cbegin(), text.cend(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

QByteArray proofOf(Side side, const QByteArray& token, const Challenge& challenge)
{
    QMessageAuthenticationCode code(QCryptographicHash::Sha256, token);
    add(code,
        side == Side::Client ? QByteArrayLiteral("sluice 2 client") : QByteArrayLiteral("sluice 2 engine"));
    add(code, challenge.engineId.toUtf8());
    add(code, challenge.engineNonce);
    add(code, challenge.clientNonce);
    return code.result().toHex();
}

bool equalInConstantTime(const QByteArray& a, const QByteArray& b)
{
    if (a.size() != b.size()) {
        return false;
    }
    unsigned difference = 0;
    for (qsizetype i = 0; i < a.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    }
    return difference == 0;
}

}  // namespace sluice::rpc
