#pragma once

#include <QtCore/QString>
#include <optional>

namespace sluice {

/// What tells one process from every other, also from one that got the same number later.
struct ProcessIdentity {
    qint64 pid{};
    quint64 startTicks{};  ///< since the machine's start
    quint32 uid{};         ///< effective
    bool operator==(const ProcessIdentity&) const = default;
};

/// @return nothing if there is no such process, or it has ended and waits to be reaped.
/// @source proc(5)
std::optional<ProcessIdentity> processOf(qint64 pid);

/// Since the machine's start, or 0 if there is no such process: with the pid it names a process beyond doubt.
qint64 processStartTicks(qint64 pid);

/// Whether a signal or a debugger keeps it from running.
bool isStopped(qint64 pid);

/// Names the set of processes among which this one's numbers mean something: "pid:[4026531836]".
QString pidNamespace();

}  // namespace sluice
