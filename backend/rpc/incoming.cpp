#include "rpc/incoming.h"

#include <QtCore/QJsonDocument>

#include "core/canonical_json.h"

namespace sluice::rpc {

Decoded decodeIncoming(const Incoming& incoming, qint64 maxBytes, const ValueLimits& limits)
{
    const QByteArray bytes = incoming.encoding == Encoding::Json ? incoming.text.toUtf8() : incoming.bytes;
    if (bytes.size() > maxBytes) {
        return {fail(
            Error{.code = ErrorCode::ResourceExhausted,
                  .message = QStringLiteral("The message is too large"),
                  .cause = QStringLiteral("it has %1 bytes, the limit is %2").arg(bytes.size()).arg(maxBytes),
                  .correction = QStringLiteral("Send less at a time."),
                  .source = QStringLiteral("rpc")})};
    }
    Decoded decoded{decode(bytes, incoming.encoding, limits)};
    if (decoded.message) {
        const QJsonObject params = (*decoded.message)["params"].toObject();
        decoded.paramsHash = params.contains(QLatin1String("requestId")) ? hashOfParams(params) : QString();
    }
    return decoded;
}

QString hashOfParams(const QJsonObject& params)
{
    QJsonObject asked = params;
    asked.remove(QLatin1String("requestId"));
    // Not canonicalJson: that has no fractions, and two requests may differ in just that.
    return sha256Of(QJsonDocument(asked).toJson(QJsonDocument::Compact));
}

}  // namespace sluice::rpc
