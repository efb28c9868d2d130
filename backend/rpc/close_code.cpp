#include "rpc/close_code.h"

namespace sluice::rpc {

QString describe(CloseCode code)
{
    switch (code) {
        case CloseCode::Malformed:
            return QStringLiteral("a message could not be read");
        case CloseCode::NotIdentified:
            return QStringLiteral("the first message must be identify");
        case CloseCode::BadToken:
            return QStringLiteral("the proof was not made with the engine's token");
        case CloseCode::UnsupportedProtocol:
            return QStringLiteral("the engine speaks protocol %1").arg(kProtocolVersion);
        case CloseCode::MessageTooLarge:
            return QStringLiteral("a message was too large or held too many values");
        case CloseCode::RateExceeded:
            return QStringLiteral("too many messages in a short time");
        case CloseCode::OriginRefused:
            return QStringLiteral("web pages of other machines are refused");
        case CloseCode::TooManyClients:
            return QStringLiteral("too many clients");
        case CloseCode::TooSlow:
            return QStringLiteral("the client read too slowly");
        case CloseCode::EngineStops:
            return QStringLiteral("the engine stops");
        case CloseCode::TokenSent:
            return QStringLiteral("the token is proved, never sent: use a client of protocol %1")
                .arg(kProtocolVersion);
    }
    return QStringLiteral("unknown reason");
}

Error errorForClose(int code, const QString& reason)
{
    Error error{.code = ErrorCode::Unavailable,
                .message = QStringLiteral("The engine closed the connection"),
                .cause = reason.isEmpty() ? QStringLiteral("it gave no reason") : reason,
                .correction = QStringLiteral("Look into the engine's log, then connect again."),
                .retryable = true,
                .source = QStringLiteral("rpc"),
                .upstream = Upstream{QStringLiteral("websocket"), code, reason}};
    switch (static_cast<CloseCode>(code)) {
        case CloseCode::Malformed:
        case CloseCode::NotIdentified:
            error.code = ErrorCode::Internal;
            error.correction = QStringLiteral(
                "Client and engine do not understand each other: use the same version of both.");
            error.retryable = false;
            break;
        case CloseCode::BadToken:
            error.code = ErrorCode::Unauthenticated;
            error.message = QStringLiteral("The engine refused the token");
            error.correction = QStringLiteral(
                "Use the state folder of the engine you want to talk to (--state-dir); its "
                "token is new after every start.");
            error.retryable = false;
            break;
        case CloseCode::UnsupportedProtocol:
        case CloseCode::TokenSent:
            error.code = ErrorCode::FailedPrecondition;
            error.message = QStringLiteral("Client and engine speak different protocols");
            error.correction = QStringLiteral("Use the same version of both.");
            error.retryable = false;
            break;
        case CloseCode::MessageTooLarge:
            error.code = ErrorCode::InvalidArgument;
            error.correction = QStringLiteral("Send less at a time.");
            error.retryable = false;
            break;
        case CloseCode::OriginRefused:
            error.code = ErrorCode::PermissionDenied;
            error.correction = QStringLiteral("Connect from a page that this machine serves.");
            error.retryable = false;
            break;
        case CloseCode::RateExceeded:
        case CloseCode::TooManyClients:
        case CloseCode::TooSlow:
            error.code = ErrorCode::ResourceExhausted;
            error.correction =
                QStringLiteral("Wait a little, then connect again; close clients that are not needed.");
            break;
        case CloseCode::EngineStops:
            error.message = QStringLiteral("The engine stops");
            error.cause = QStringLiteral("it was asked to");
            error.correction = QStringLiteral("Start it again to go on; runs continue where they stood.");
            break;
        default:
            break;
    }
    return error;
}

}  // namespace sluice::rpc
