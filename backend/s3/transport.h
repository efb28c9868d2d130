#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QHash>

#include "core/error.h"
#include "s3/signer.h"

namespace sluice::s3 {

struct HttpRequest {
    QByteArray method{};
    /// http://host:port
    QByteArray origin{};
    /// Encoded, starting with '/'.
    QByteArray path{};
    /// Encoded, without '?'.
    QByteArray query{};
    Headers headers{};
    /// Must stay alive until the answer is there.
    QByteArrayView body{};
    /// More bytes than this in the answer are an error.
    qint64 maxAnswerBytes{16 * 1024 * 1024};
    /// The whole answer must be there by then; 0: as long as bytes move.
    qint64 withinMs{0};
};

struct HttpAnswer {
    int status{};
    /// Names in lower case.
    QHash<QByteArray, QByteArray> headers{};
    QByteArray body{};
};

/// Sends one request and waits for its answer; any HTTP status is an answer, not an error.
/// @error Unavailable (retryable): nobody answers. DeadlineExceeded (retryable): no byte moved for the stall
/// time and
///        the request changes nothing. OutcomeUnknown: the same, but the request may have been carried out.
/// @thread any; calls may overlap
class Transport {
public:
    virtual ~Transport() = default;
    [[nodiscard]] virtual Result<HttpAnswer> send(const HttpRequest& request) = 0;
};

}  // namespace sluice::s3
