#include <QtCore/QRegularExpression>
#include <QtCore/QSet>

#include "diagnosis/general_rules.h"

namespace sluice::diagnosis {
namespace {

/// What the system says of a file or folder leaves nothing open.
bool isCertain(const QString& what)
{
    static const QSet<QString> kCertain{QStringLiteral("full"), QStringLiteral("quota"),
                                        QStringLiteral("permission"), QStringLiteral("limit")};
    return kCertain.contains(what);
}

/// A path that a shell takes as it is.
bool isPlain(const QString& path)
{
    static const QRegularExpression plain(QStringLiteral("^/[A-Za-z0-9_./-]+$"));
    return plain.match(path).hasMatch();
}

/// A call of the worker has not come back: that says that the file system hangs, not why.
Finding hangs(const Scene& scene)
{
    const QString path = scene.blocked().object;
    Remedy remedy{
        .title = QStringLiteral("See why its file system does not answer"),
        .actionClass = 0,
        .steps = {QStringLiteral("On the machine of the engine: look at the disk, the network and the "
                                 "server behind the mount of %1")
                      .arg(path)}};
    if (isPlain(path)) {
        remedy.commands = {QStringLiteral("findmnt -T %1").arg(path),
                           QStringLiteral("timeout -s KILL 5 stat -f %1").arg(path),
                           QStringLiteral("dmesg | tail -n 30")};
        remedy.steps.append(QStringLiteral("What it is mounted from: %1").arg(remedy.commands[0]));
        remedy.steps.append(QStringLiteral("Whether it answers at all: %1").arg(remedy.commands[1]));
        remedy.steps.append(QStringLiteral("What the kernel says of it: %1").arg(remedy.commands[2]));
    }
    remedy.steps.append(QStringLiteral("Check that the task goes on"));
    return {.rule = QStringLiteral("R62"),
            .title = QStringLiteral("The file system of %1 does not answer").arg(path),
            .verdict = Verdict::Confirmed,
            .scope = Scope::Object,
            .evidence = {scene.report()},
            .correction =
                QStringLiteral("Mend the disk or the mount behind it. The task goes on by itself as soon "
                               "as it answers."),
            .remedy = remedy};
}

}  // namespace

QList<Finding> ruleFileSystem(const Scene& scene)
{
    const Blocked& blocked = scene.blocked();
    if (blocked.isFile() && blocked.what == QLatin1String("timeout")) {
        return {hangs(scene)};
    }
    if (!blocked.isFile() || !isCertain(blocked.what) || blocked.error.message.isEmpty()) {
        return {};
    }
    const Error& error = blocked.error;
    const QString title =
        error.cause.isEmpty() ? error.message : QStringLiteral("%1: %2").arg(error.message, error.cause);
    return {
        {.rule = QStringLiteral("R62"),
         .title = title,
         .verdict = Verdict::Confirmed,
         .scope = Scope::Object,
         .evidence = {scene.report()},
         .correction = QStringLiteral("%1. The task goes on by itself.").arg(error.correction),
         .remedy = Remedy{.title = error.correction,
                          .actionClass = 1,
                          .steps = {QStringLiteral("On the machine of the engine: %1").arg(error.correction),
                                    QStringLiteral("Check that the task goes on")}}}};
}

}  // namespace sluice::diagnosis
