#include "ui/session/engine_launcher.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtCore/QStandardPaths>

namespace sluice::session {

Result<qint64> ProcessEngineLauncher::launch(const QString& stateDir, const QString& configFile)
{
    const QString name = QStringLiteral("sluiced");
    QString program = QStandardPaths::findExecutable(name, {m_programDir});
    if (program.isEmpty()) {
        program = QStandardPaths::findExecutable(name);
    }
    if (program.isEmpty()) {
        return fail(
            {.code = ErrorCode::NotFound,
             .message = QStringLiteral("No engine could be started"),
             .cause = QStringLiteral("sluiced is neither in %1 nor in PATH").arg(m_programDir),
             .correction = QStringLiteral("Install sluiced, or name a running engine with --state-dir"),
             .source = name});
    }
    const QString logs = QDir(stateDir).filePath(QStringLiteral("logs"));
    QDir().mkpath(logs);
    QFile::setPermissions(stateDir, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QProcess process;
    process.setProgram(program);
    QStringList arguments{QStringLiteral("--state-dir"), stateDir, QStringLiteral("--private")};
    if (!configFile.isEmpty()) {
        arguments << QStringLiteral("--config") << configFile;
    }
    process.setArguments(arguments);
    process.setWorkingDirectory(QDir::rootPath());
    const QString output = logs + QStringLiteral("/sluiced.out");
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(output, QIODevice::Append);
    process.setStandardErrorFile(output, QIODevice::Append);
    qint64 pid = 0;
    if (!process.startDetached(&pid)) {
        return fail({.code = ErrorCode::Unavailable,
                     .message = QStringLiteral("No engine could be started"),
                     .cause = QStringLiteral("%1 did not start: %2").arg(program, process.errorString()),
                     .correction = QStringLiteral("Start it by hand and read what it says: %1 --state-dir %2")
                                       .arg(program, stateDir),
                     .source = name});
    }
    return pid;
}

}  // namespace sluice::session
