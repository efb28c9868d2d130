#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

namespace sluice::test {

/// Params of a right identify to the engine that said this hello (its params). `nonce` empty: a new one.
QJsonObject proofFor(const QString& token, const QJsonObject& hello, const QByteArray& nonce = {});
/// What the engine that said this hello proves to a client that sent these params of identify.
QString engineProof(const QString& token, const QJsonObject& hello, const QJsonObject& identify);

}  // namespace sluice::test
