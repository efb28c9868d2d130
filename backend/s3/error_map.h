#pragma once

#include <QtCore/QString>

#include "s3/transport.h"

namespace sluice::s3 {

/// The error of an answer with status >= 300: its XML code and message with a cause and a correction.
/// NotFound, PermissionDenied, Unauthenticated, ResourceExhausted (quota, retryable), FailedPrecondition (If-Match),
/// AlreadyExists, InvalidArgument, Unavailable (retryable), Internal.
/// @param what the thing the request was about, such as "s3://rgw.vega/bucket/key"
Error errorOf(const HttpAnswer& answer, const QString& system, const QString& what);

}  // namespace sluice::s3
