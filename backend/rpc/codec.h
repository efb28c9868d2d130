#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>

#include "core/error.h"
#include "core/value_scan.h"

namespace sluice::rpc {

/// How a message is written: JSON in text frames, or CBOR in binary frames with the same shape.
enum class Encoding { Json, Cbor };

/// Nesting deeper than this is refused.
inline constexpr int kMaxDepth = 64;
/// What one may say before it is identified, what a client may say to the engine, and the engine to a client.
inline constexpr ValueLimits kStrangerLimits{.values = 64, .depth = 8};
inline constexpr ValueLimits kCallLimits{.values = 50'000, .depth = kMaxDepth};
inline constexpr ValueLimits kAnswerLimits{.values = 50'000'000, .depth = kMaxDepth};

QByteArray encode(const QJsonObject& message, Encoding encoding);

/// Nothing is built of what is beyond the limits.
/// @error InvalidArgument: not of that encoding, cut off, followed by other bytes, nested too deep, not an
/// object at
///        the top, or CBOR that JSON cannot say (tags, byte strings, keys that are no text).
///        ResourceExhausted: more values than the limit.
/// @thread any
[[nodiscard]] Result<QJsonObject> decode(const QByteArray& payload, Encoding encoding,
                                         const ValueLimits& limits = kCallLimits);

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

}  // namespace sluice::rpc
