#include <QtCore/QSet>

#include "diagnosis/general_rules.h"

namespace sluice::diagnosis {
namespace {

/// What the system says of a file or folder leaves nothing open. That it gives no answer does.
bool isCertain(const QString& what)
{
    static const QSet<QString> kCertain{QStringLiteral("full"), QStringLiteral("quota"),
                                        QStringLiteral("permission"), QStringLiteral("limit")};
    return kCertain.contains(what);
}

}  // namespace

QList<Finding> ruleFileSystem(const Scene& scene)
{
    const Blocked& blocked = scene.blocked();
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
