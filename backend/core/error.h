#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <optional>
#include <tl/expected.hpp>

namespace sluice {

/// What kind of failure. The names are those of gRPC; OutcomeUnknown is ours: a call that changes something
/// timed out, so it neither failed nor may be sent again before the state was read back.
enum class ErrorCode {
    Cancelled,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    Unavailable,
    Unauthenticated,
    DataLoss,
    Internal,
    OutcomeUnknown,
};

QString toString(ErrorCode code);
/// @return Internal for a name this version does not know.
ErrorCode errorCodeFromString(const QString& name);

/// What the other system answered, in its own words.
struct Upstream {
    QString system{};
    int code{};
    QString text{};
};

/// One failure, complete enough for the person who meets it: what happened, why, what to do.
/// `retryable` is true only if the same call may succeed unchanged. What leaves it as JSON or line is
/// redacted.
struct Error {
    ErrorCode code{ErrorCode::Internal};
    QString message{};
    QString cause{};
    QString correction{};
    bool retryable{};
    QString source{};
    std::optional<Upstream> upstream{};

    /// Shape: {code, message, cause, correction, retryable, source, upstream?: {system, code, text}}.
    QJsonObject toJson() const;
    static Error fromJson(const QJsonObject& json);
    /// One line for a terminal or a log: "message: cause. correction [upstream]".
    QString toLine() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace sluice
