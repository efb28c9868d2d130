#include "exit_code.h"

namespace sluice::ctl {

ExitCode exitCodeOf(const Error& error)
{
    switch (error.code) {
        case ErrorCode::InvalidArgument:
        case ErrorCode::NotFound:
        case ErrorCode::AlreadyExists:
        case ErrorCode::PermissionDenied:
        case ErrorCode::ResourceExhausted:
        case ErrorCode::FailedPrecondition:
        case ErrorCode::Aborted:
        case ErrorCode::Unauthenticated:
            return ExitCode::Refused;
        case ErrorCode::OutcomeUnknown:
            return ExitCode::NotProven;
        default:
            return ExitCode::Failed;
    }
}

}  // namespace sluice::ctl
