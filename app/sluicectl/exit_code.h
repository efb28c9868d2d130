#pragma once

#include "core/error.h"

namespace sluice::ctl {

/// What the shell learns. Part of the interface: scripts depend on it.
enum class ExitCode : int {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    Unreachable = 3,  ///< no engine
    Refused = 4,      ///< the engine did not do it, or the input is wrong
    NotProven = 5,    ///< not verified, or the outcome is unknown: look before doing it again
};

/// For an error that the engine answered.
ExitCode exitCodeOf(const Error& error);

}  // namespace sluice::ctl
