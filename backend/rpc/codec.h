#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>

#include "core/error.h"

namespace sluice::rpc {

/// How a message is written: JSON in text frames, or CBOR in binary frames with the same shape.
enum class Encoding { Json, Cbor };

/// Nesting deeper than this is refused.
inline constexpr int kMaxDepth = 64;

QByteArray encode(const QJsonObject& message, Encoding encoding);

/// @error InvalidArgument: not of that encoding, cut off, followed by other bytes, deeper than kMaxDepth, not an
///        object at the top, or CBOR that JSON cannot say (tags, byte strings, keys that are no text).
[[nodiscard]] Result<QJsonObject> decode(const QByteArray& payload, Encoding encoding);

/// The error codes of JSON-RPC 2.0; kEngineError carries an Error in `data`, as all of them do here.
enum RpcCode : int {
    kParseError = -32700,
    kInvalidRequest = -32600,
    kMethodNotFound = -32601,
    kInvalidParams = -32602,
    kEngineError = -32000,
};

QJsonObject makeCall(const QJsonValue& id, const QString& method, const QJsonObject& params);
QJsonObject makeNotification(const QString& method, const QJsonObject& params);
QJsonObject makeResult(const QJsonValue& id, const QJsonObject& result);
QJsonObject makeError(const QJsonValue& id, int rpcCode, const Error& error);

/// Takes as long whatever the bytes are; only a difference of length shows.
bool equalInConstantTime(const QByteArray& a, const QByteArray& b);

}  // namespace sluice::rpc
