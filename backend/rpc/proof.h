#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

namespace sluice::rpc {

/// Whose proof it is. The two can never be mistaken for each other, so none can be sent back to its maker.
enum class Side { Client, Engine };

/// What both ends of one connection know before anybody has proved anything.
struct Challenge {
    QString engineId{};  ///< from hello
    QByteArray engineNonce{};
    QByteArray clientNonce{};
};

/// 32 random bytes in hex, new for every connection.
QByteArray newNonce();
/// The shape of newNonce(): an empty or a short one would let an old proof be used again.
bool isNonce(const QByteArray& text);

/// HMAC-SHA256 with the token as its key over the side, the engine's id and both nonces, in hex. It shows
/// that the side holds the token, and nothing of the token. Compare with equalInConstantTime().
QByteArray proofOf(Side side, const QByteArray& token, const Challenge& challenge);

/// Takes as long whatever the bytes are; only a difference of length shows.
bool equalInConstantTime(const QByteArray& a, const QByteArray& b);

}  // namespace sluice::rpc
