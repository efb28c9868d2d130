#pragma once

#include <QtCore/QString>

#include "s3/transport.h"

namespace sluice::s3 {

/// The error of an answer with status >= 300: its XML code and message with a cause and a correction.
/// NotFound, PermissionDenied, Unauthenticated, ResourceExhausted (quota, retryable), FailedPrecondition
/// (If-Match), AlreadyExists, InvalidArgument, Unavailable (retryable), Internal.
/// @param what the thing the request was about, such as "s3://rgw.vega/bucket/key"
Error errorOf(const HttpAnswer& answer, const QString& system, const QString& what);

/// How long the gateway asks to be left alone (Retry-After: seconds, or a time that is compared with the
/// gateway's own clock), ten minutes at most; 0: it does not ask.
qint64 retryAfterMs(const HttpAnswer& answer);

}  // namespace sluice::s3
