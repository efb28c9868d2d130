#pragma once

#include <QtCore/QMap>
#include <QtCore/QObject>
#include <QtCore/QProcess>
#include <QtCore/QUrl>
#include <functional>
#include <memory>

#include "core/clock.h"
#include "core/error.h"
#include "luigi/output_parser.h"
#include "luigi/process_group.h"

namespace sluice::luigi {

/// One Luigi task to be run for one attempt of a flow's task.
struct LuigiJob {
    QString program{};  ///< path of `luigi`
    QString module{};
    QString family{};
    QMap<QString, QString> params{};
    QUrl schedulerUrl{};
    QString pythonPath{};
    QString workDir{};  ///< private folder of this attempt (0700, made if absent): the generated luigi.cfg
                        ///< lies there
    QString marker{};   ///< names the attempt among all engines of this machine: "<engine state
                        ///< id>/R-1/features/2"
    QMap<QString, QString> environment{};  ///< added to the reduced environment
    int heldRetryMs{2'000};  ///< pause before trying again while another Luigi worker holds the task
};

Result<void> checkModule(const QString& module);
Result<void> checkTaskName(const QString& family);
Result<void> checkParam(const QString& name, const QString& value);
/// Checks names and values before anything is started; the three above for each of them.
/// @error InvalidArgument: a bad module, task or parameter name, or a parameter that looks like a secret
/// (argv is
///        readable by every user of the machine).
Result<void> checkJob(const LuigiJob& job);

/// argv of the `luigi` process, without the program.
QStringList luigiArguments(const LuigiJob& job);

/// The generated configuration: exit codes that tell failures apart, short retries of calls to the scheduler.
QByteArray luigiConfig();

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
