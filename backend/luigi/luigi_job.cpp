#include "luigi/luigi_job.h"

#include <QtCore/QRegularExpression>

#include "core/redact.h"
#include "luigi/facts.h"

namespace sluice::luigi {
namespace {

Error invalid(const QString& message, const QString& cause, const QString& correction)
{
    return {.code = ErrorCode::InvalidArgument,
            .message = message,
            .cause = cause,
            .correction = correction,
            .source = QStringLiteral("luigi")};
}

bool matchesAll(const QString& text, const char* pattern)
{
    return QRegularExpression(QRegularExpression::anchoredPattern(QLatin1String(pattern)))
        .match(text)
        .hasMatch();
}

}  // namespace

Result<void> checkModule(const QString& module)
{
    if (!matchesAll(module, "[A-Za-z_]\\w*(\\.[A-Za-z_]\\w*)*")) {
        return fail(invalid(QStringLiteral("“%1” is not a Python module").arg(module),
                            QStringLiteral("a module name has letters, digits, _ and dots"),
                            QStringLiteral("Correct luigi.module in the flow file.")));
    }
    return {};
}

Result<void> checkTaskName(const QString& family)
{
    if (!matchesAll(family, "[A-Za-z_]\\w*(\\.[A-Za-z_]\\w*)*")) {
        return fail(invalid(QStringLiteral("“%1” is not a Luigi task").arg(family),
                            QStringLiteral("a task name has letters, digits, _ and dots"),
                            QStringLiteral("Correct luigi.task in the flow file.")));
    }
    return {};
}

Result<void> checkParam(const QString& name, const QString& value)
{
    if (!matchesAll(name, "[A-Za-z_]\\w*")) {
        return fail(invalid(QStringLiteral("“%1” is not a Luigi parameter").arg(name),
                            QStringLiteral("a parameter name has letters, digits and _"),
                            QStringLiteral("Correct luigi.params in the flow file.")));
    }
    // "key" alone is what many tasks call the name of an object; it is hidden in views, but may be
    // passed.
    if (looksSecret(name) && name.compare(QLatin1String("key"), Qt::CaseInsensitive) != 0) {
        return fail(
            invalid(QStringLiteral("Parameter “%1” must not be passed").arg(name),
                    QStringLiteral("it looks like a secret, and parameters are passed on the command line, "
                                   "which every user of the machine can read"),
                    QStringLiteral("Let the task read it from a file or from its own configuration.")));
    }
    if (redactText(value) != value) {
        return fail(
            invalid(QStringLiteral("The value of parameter “%1” must not be passed").arg(name),
                    QStringLiteral("it looks like a secret, and parameters are passed on the command line, "
                                   "which every user of the machine can read"),
                    QStringLiteral("Let the task read it from a file or from its own configuration.")));
    }
    if (value.contains(QChar::Null)) {
        return fail(invalid(QStringLiteral("The value of parameter “%1” cannot be passed").arg(name),
                            QStringLiteral("it contains a zero character"),
                            QStringLiteral("Correct luigi.params in the flow file.")));
    }
    return {};
}

Result<void> checkJob(const LuigiJob& job)
{
    if (auto checked = checkModule(job.module); !checked) {
        return checked;
    }
    if (auto checked = checkTaskName(job.family); !checked) {
        return checked;
    }
    for (auto it = job.params.begin(); it != job.params.end(); ++it) {
        if (auto checked = checkParam(it.key(), it.value()); !checked) {
            return checked;
        }
    }
    if (job.program.isEmpty() || job.workDir.isEmpty() || job.marker.isEmpty() ||
        !job.schedulerUrl.isValid()) {
        return fail(invalid(QStringLiteral("The Luigi connection is not complete"),
                            QStringLiteral("program and url are needed"),
                            QStringLiteral("Set program and url of the connection.")));
    }
    return {};
}

QStringList luigiArguments(const LuigiJob& job)
{
    QStringList arguments{QStringLiteral("--module"), job.module, job.family};
    for (auto it = job.params.begin(); it != job.params.end(); ++it) {
        // With the task's name in front: argparse takes "--n" for the beginning of "--no-lock".
        const QString flag = QStringLiteral("--") + QString(job.family + '-' + it.key()).replace('_', '-');
        arguments.append(it.value().isEmpty() ? flag : flag + '=' + it.value());
    }
    arguments.append({QStringLiteral("--scheduler-url"), publicUrl(job.schedulerUrl)});
    return arguments;
}

QByteArray luigiConfig()
{
    return "[core]\n"
           "log_level = INFO\n"
           // Two attempts of one command line are told apart by the engine and by luigid, not by a file in
           // /tmp.
           "no_lock = true\n"
           "rpc-retry-attempts = 10\n"
           "rpc-retry-wait = 1\n"
           "[worker]\n"
           "send_failure_email = false\n"
           "[retcode]\n"
           "already_running = 10\n"
           "missing_data = 20\n"
           "not_run = 25\n"
           "task_failed = 30\n"
           "scheduling_error = 35\n"
           "unhandled_exception = 40\n";
}

}  // namespace sluice::luigi
