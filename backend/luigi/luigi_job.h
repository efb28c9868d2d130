#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QMap>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtCore/QUrl>

#include "core/error.h"

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

}  // namespace sluice::luigi
