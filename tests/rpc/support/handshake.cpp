#include "support/handshake.h"

#include "rpc/close_code.h"
#include "rpc/proof.h"

namespace sluice::test {
namespace {

rpc::Challenge challengeOf(const QJsonObject& hello, const QByteArray& clientNonce)
{
    return {.engineId = hello["engineId"].toString(),
            .engineNonce = hello["nonce"].toString().toLatin1(),
            .clientNonce = clientNonce};
}

}  // namespace

QJsonObject proofFor(const QString& token, const QJsonObject& hello, const QByteArray& nonce)
{
    const QByteArray mine = nonce.isEmpty() ? rpc::newNonce() : nonce;
    const QByteArray proof = rpc::proofOf(rpc::Side::Client, token.toUtf8(), challengeOf(hello, mine));
    return {{"protocol", rpc::kProtocolVersion},
            {"nonce", QString::fromLatin1(mine)},
            {"proof", QString::fromLatin1(proof)},
            {"client", "raw/1"}};
}

QString engineProof(const QString& token, const QJsonObject& hello, const QJsonObject& identify)
{
    const rpc::Challenge challenge = challengeOf(hello, identify["nonce"].toString().toLatin1());
    return QString::fromLatin1(rpc::proofOf(rpc::Side::Engine, token.toUtf8(), challenge));
}

}  // namespace sluice::test
