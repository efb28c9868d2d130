#pragma once

#include <QtCore/QString>

#include "core/error.h"

namespace sluice::ceph {

/// What was being done, for the words of an error.
struct RadosCall {
    /// "read the locks of train/part-0001"
    QString what{};
    /// It changes something: a timeout is then OutcomeUnknown.
    bool mutates{};
    /// It was a command to the monitors, not an object operation: other caps are missing then.
    bool toMonitors{};
};

/// An Error of a negative errno of librados.
/// @param text what the monitor said to a command, may be empty
Error radosError(int rc, const RadosCall& call, const QString& text = {});

/// An Error of a failed connect, which tells less: a wrong key and an unknown entity look the same.
Error connectError(int rc, const QString& entity);

}  // namespace sluice::ceph
