#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <functional>

#include "core/clock.h"
#include "core/error.h"

namespace sluice::luigi {

/// What names a started process beyond doubt, across restarts of the engine: a pid alone may have been
/// reused. `marker` is the value of SLUICE_ATTEMPT in the environment of the process and of all it starts.
struct ProcessMark {
    qint64 pid{};
    quint64 startTicks{};  ///< field 22 of /proc/<pid>/stat
    QString bootId{};
    QString marker{};

    QJsonObject toJson() const;
    static ProcessMark fromJson(const QJsonObject& json);
};

/// Reads the start time and boot id of a process that runs now.
/// @error NotFound: no such process.
Result<ProcessMark> markOf(qint64 pid, const QString& marker);

/// Pids that belong to the mark and still run: the process itself, its process group, and every process of
/// this user that carries the marker. Zombies (ended, not yet reaped) do not count.
QList<qint64> membersOf(const ProcessMark& mark);

/// The proof that nothing of a process group is left.
struct DeathProof {
    ProcessMark mark{};
    QList<qint64> killed{};  ///< pids that were alive
    qint64 goneAtMs{};

    QJsonObject toJson() const;
};

/// What one walk through the processes found of a mark.
struct GroupLook {
    QList<qint64> members{};
    /// Younger than the attempt and without an environment, which a process is between two programs.
    QList<qint64> unclear{};
    bool unclearWaits{false};  ///< one of them in the kernel, where no signal reaches it
};

/// Kills what `look` finds until it finds nothing. Blocks for up to `deadlineMs`.
/// @error DeadlineExceeded: something is still there.
Result<DeathProof> killUntilGone(const ProcessMark& mark, const std::function<GroupLook()>& look,
                                 const Clock& clock, int deadlineMs);

/// Kills the group and whatever carries its marker with SIGKILL, and answers when nothing of it is left.
/// Works as well on the remains of an earlier engine's child. Calling it twice is harmless.
/// @error DeadlineExceeded: something is still there after `deadlineMs` (a process in uninterruptible sleep).
/// @thread one with an event loop; `context` going away drops the callback
void killGroup(const ProcessMark& mark, const Clock& clock, int deadlineMs, QObject* context,
               std::function<void(Result<DeathProof>)> callback);

}  // namespace sluice::luigi
