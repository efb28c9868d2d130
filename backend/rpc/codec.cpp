#include "rpc/codec.h"

#include <QtCore/QCborArray>
#include <QtCore/QCborMap>
#include <QtCore/QCborValue>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <optional>

namespace sluice::rpc {
namespace {

Error malformed(const QString& cause)
{
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = QStringLiteral("The message cannot be read"),
                 .cause = cause,
                 .correction =
                     QStringLiteral("Send one JSON-RPC 2.0 object per frame: JSON in text frames, or CBOR in "
                                    "binary frames if identify asked for it."),
                 .source = QStringLiteral("rpc")};
}

Error refused(const Scan& scan)
{
    Error error = malformed(scan.cause);
    if (scan.problem == ScanProblem::TooMany) {
        error.code = ErrorCode::ResourceExhausted;
        error.message = QStringLiteral("The message holds too much");
        error.correction = QStringLiteral("Send less at a time.");
    }
    return error;
}

/// nullopt for what JSON cannot say.
std::optional<QJsonValue> toJson(const QCborValue& value, int depth)
{
    switch (value.type()) {
        case QCborValue::Null:
        case QCborValue::Undefined:
            return QJsonValue(QJsonValue::Null);
        case QCborValue::False:
            return QJsonValue(false);
        case QCborValue::True:
            return QJsonValue(true);
        case QCborValue::Integer:
            return QJsonValue(value.toInteger());
        case QCborValue::Double:
            return QJsonValue(value.toDouble());
        case QCborValue::String:
            return QJsonValue(value.toString());
        case QCborValue::Array: {
            if (depth >= kMaxDepth) {
                return std::nullopt;
            }
            QJsonArray out;
            const QCborArray array = value.toArray();
            for (const QCborValue& item : array) {
                const auto json = toJson(item, depth + 1);
                if (!json) {
                    return std::nullopt;
                }
                out.append(*json);
            }
            return out;
        }
        case QCborValue::Map: {
            if (depth >= kMaxDepth) {
                return std::nullopt;
            }
            QJsonObject out;
            const QCborMap map = value.toMap();
            for (auto it = map.constBegin(); it != map.constEnd(); ++it) {
                const QCborValue key = it.key();
                const auto json = toJson(QCborValue(it.value()), depth + 1);
                if (!key.isString() || !json) {
                    return std::nullopt;
                }
                out.insert(key.toString(), *json);
            }
            return out;
        }
        default:
            return std::nullopt;
    }
}

Result<QJsonObject> decodeJson(const QByteArray& payload)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(payload, &error);
    if (error.error != QJsonParseError::NoError) {
        return fail(malformed(QStringLiteral("%1 at byte %2").arg(error.errorString()).arg(error.offset)));
    }
    if (!document.isObject()) {
        return fail(malformed(QStringLiteral("not an object (batches are not supported)")));
    }
    return document.object();
}

Result<QJsonObject> decodeCbor(const QByteArray& payload)
{
    QCborParserError error;
    const QCborValue value = QCborValue::fromCbor(payload, &error);
    if (error.error != QCborError::NoError) {
        return fail(malformed(QStringLiteral("%1 at byte %2").arg(error.errorString()).arg(error.offset)));
    }
    if (error.offset != payload.size()) {
        return fail(
            malformed(QStringLiteral("more bytes after the message, from byte %1").arg(error.offset)));
    }
    if (!value.isMap()) {
        return fail(malformed(QStringLiteral("not a map")));
    }
    const auto json = toJson(value, 0);
    if (!json) {
        return fail(
            malformed(QStringLiteral("nested deeper than %1, or holds what JSON cannot say").arg(kMaxDepth)));
    }
    return json->toObject();
}

}  // namespace

QByteArray encode(const QJsonObject& message, Encoding encoding)
{
    if (encoding == Encoding::Cbor) {
        return QCborMap::fromJsonObject(message).toCborValue().toCbor();
    }
    return QJsonDocument(message).toJson(QJsonDocument::Compact);
}

Result<QJsonObject> decode(const QByteArray& payload, Encoding encoding, const ValueLimits& limits)
{
    const Scan scan = encoding == Encoding::Cbor ? scanCbor(payload, limits) : scanJson(payload, limits);
    if (scan.problem != ScanProblem::None) {
        return fail(refused(scan));
    }
    return encoding == Encoding::Cbor ? decodeCbor(payload) : decodeJson(payload);
}

QJsonObject makeCall(const QJsonValue& id, const QString& method, const QJsonObject& params)
{
    return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
}

QJsonObject makeNotification(const QString& method, const QJsonObject& params)
{
    return {{"jsonrpc", "2.0"}, {"method", method}, {"params", params}};
}

QJsonObject makeResult(const QJsonValue& id, const QJsonObject& result)
{
    return {{"jsonrpc", "2.0"}, {"id", id}, {"result", result}};
}

QJsonObject makeError(const QJsonValue& id, int rpcCode, const Error& error)
{
    return {{"jsonrpc", "2.0"},
            {"id", id},
            {"error", QJsonObject{{"code", rpcCode}, {"message", error.message}, {"data", error.toJson()}}}};
}

}  // namespace sluice::rpc
