#pragma once

#include <QtCore/QString>

#include "core/error.h"

namespace sluice::rpc {

inline constexpr int kProtocolVersion = 2;

/// Why the engine closed a connection.
enum class CloseCode : int {
    Malformed = 4000,
    NotIdentified = 4001,
    BadToken = 4002,
    UnsupportedProtocol = 4003,
    MessageTooLarge = 4004,
    RateExceeded = 4005,
    OriginRefused = 4006,
    TooManyClients = 4007,
    TooSlow = 4008,
    EngineStops = 4009,
    TokenSent = 4010,
};

/// One line, also the reason text of the close frame.
QString describe(CloseCode code);

/// The error for the person at the client, for codes of ours and of WebSocket itself (1000…1015).
Error errorForClose(int code, const QString& reason);

}  // namespace sluice::rpc
