#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include "core/error.h"
#include "rpc/codec.h"

namespace sluice::rpc {

/// One message as it came: text of a text frame, or bytes of a binary one.
struct Incoming {
    QString text{};
    QByteArray bytes{};
    Encoding encoding{Encoding::Json};

    /// At least so many bytes were sent.
    qint64 size() const { return encoding == Encoding::Json ? text.size() : bytes.size(); }
};

/// What it says. `paramsHash` is that of a call with a requestId (see hashOfParams).
struct Decoded {
    Result<QJsonObject> message{};
    QString paramsHash{};
};

/// A message larger than this is decoded in a thread of the pool: reading 16 MiB takes longer than the main
/// loop may stand still.
inline constexpr qint64 kInlineBytes = 64 * 1024;

/// @error as decode(); ResourceExhausted: more than `maxBytes`
/// @thread any
Decoded decodeIncoming(const Incoming& incoming, qint64 maxBytes, const ValueLimits& limits);

/// The hash by which two requests of one id are told apart: all of `params` but the id itself.
QString hashOfParams(const QJsonObject& params);

}  // namespace sluice::rpc
