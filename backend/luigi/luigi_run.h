#pragma once

#include <QtCore/QObject>
#include <QtCore/QProcess>
#include <functional>
#include <memory>

#include "core/clock.h"
#include "core/error.h"
#include "luigi/luigi_job.h"
#include "luigi/output_parser.h"
#include "luigi/process_group.h"

namespace sluice::luigi {

/// Runs one Luigi task by starting `luigi` as a child and follows it.
/// The child leads a process group of its own, dies with the engine (PR_SET_PDEATHSIG), and gets a reduced
/// environment. If another Luigi worker holds the task (one that died a moment ago, say), it waits and tries
/// again. Starting the same job again after a crash is safe: Luigi skips targets that exist. Order of
/// signals: started (again after each retry), then logLine, progressed and held in any number, then exactly
/// one of done and failed, after which the whole process group is gone. After kill() none of these comes; the
/// callback of kill() is the end.
/// @thread the main thread of the engine only: PR_SET_PDEATHSIG is bound to the thread that starts the child.
class LuigiRun final : public QObject {
    Q_OBJECT

public:
    LuigiRun(LuigiJob job, const Clock& clock, QObject* parent = nullptr);
    /// Kills the group without waiting for proof, if it still runs.
    ~LuigiRun() override;

    void start();
    /// Kills the process group; answers with the proof that nothing of it is left (also if it had ended
    /// before).
    void kill(std::function<void(Result<DeathProof>)> callback);

    const LuigiProgress& progress() const;

Q_SIGNALS:
    /// Persist the mark before anything else: a later engine finds the remains by it.
    void started(const sluice::luigi::ProcessMark& mark);
    void logLine(const QString& level, const QString& text);
    void progressed(const sluice::luigi::LuigiProgress& progress);
    /// The task waits for another Luigi worker that holds it.
    void held(const QString& why);
    void done(const sluice::luigi::ExecutionSummary& summary);
    void failed(const sluice::Error& error);

private:
    void spawn();
    void readLines(bool last);
    void ended(int exitCode, QProcess::ExitStatus status);
    void conclude(Result<ExecutionSummary> result);
    Error errorFor(int exitCode) const;

    LuigiJob m_job;
    const Clock& m_clock;
    std::unique_ptr<QProcess> m_process;
    std::unique_ptr<OutputParser> m_parser;
    ProcessMark m_mark;
    QByteArray m_buffer;
    bool m_killed{};
    bool m_over{};
    int m_heldTries{};
};

}  // namespace sluice::luigi

Q_DECLARE_METATYPE(sluice::luigi::ProcessMark)
Q_DECLARE_METATYPE(sluice::luigi::LuigiProgress)
Q_DECLARE_METATYPE(sluice::luigi::ExecutionSummary)
