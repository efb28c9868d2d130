#include "diagnosis/chain.h"

#include <QtCore/QJsonArray>

#include "core/counted.h"
#include "diagnosis/rule.h"

namespace sluice::diagnosis {
namespace {

const QString kNeutral = QStringLiteral("neutral");
const QString kWarn = QStringLiteral("warn");

ChainLink taskLink(const Scene& scene)
{
    const TaskView& task = scene.task();
    ChainLink link{.kind = QStringLiteral("task"), .title = task.task, .tone = kNeutral};
    link.lines.append(task.phase.isEmpty() ? task.run : QStringLiteral("%1, %2").arg(task.run, task.phase));
    if (task.lastProgressAtMs > 0) {
        link.lines.append((scene.blocked().what == QLatin1String("failed")
                               ? QStringLiteral("failed %1 ago")
                               : QStringLiteral("no progress for %1"))
                              .arg(scene.age(task.lastProgressAtMs)));
    }
    if (task.tasksBehind > 0) {
        link.lines.append(counted(task.tasksBehind, QStringLiteral("task")) + QStringLiteral(" behind"));
    }
    return link;
}

ChainLink objectLink(const RuleBook& rules, const Scene& scene)
{
    const Blocked& blocked = scene.blocked();
    ChainLink link{.kind = QStringLiteral("object"), .title = blocked.object, .tone = kNeutral};
    link.lines = rules.placeOfObject(scene);
    if (link.lines.isEmpty() && !blocked.connection.isEmpty()) {
        link.lines.append(blocked.connection);
    }
    if (!blocked.op.isEmpty()) {
        const QString code = blocked.error.upstream ? blocked.error.upstream->text : QString();
        link.lines.append(code.isEmpty() ? QStringLiteral("%1 waits").arg(blocked.op)
                                         : QStringLiteral("%1 refused, %2").arg(blocked.op, code));
    }
    return link;
}

ChainLink unknownLink(const QStringList& unknowns, bool looked)
{
    ChainLink link{.kind = QStringLiteral("unknown"),
                   .title = QStringLiteral("Cause not known"),
                   .lines = unknowns.mid(0, 3),
                   .tone = kWarn};
    if (unknowns.isEmpty()) {
        link.lines.append(looked ? QStringLiteral("every rule is refuted")
                                 : QStringLiteral("no rule is about a task like this"));
    }
    return link;
}

}  // namespace

QJsonObject ChainLink::toJson() const
{
    return {{"kind", kind}, {"title", title}, {"lines", QJsonArray::fromStringList(lines)}, {"tone", tone}};
}

ChainLink plainCard(const QString& kind, const QString& tone, const Finding& cause)
{
    ChainLink link{.kind = kind, .title = cause.title, .tone = tone};
    for (const Evidence& item : cause.evidence.mid(0, 3)) {
        link.lines.append(item.text);
    }
    return link;
}

QList<ChainLink> chainFor(const RuleBook& rules, const Scene& scene, const Finding* cause,
                          const QStringList& unknowns, bool looked)
{
    QList<ChainLink> chain{taskLink(scene)};
    const Rule* rule = cause ? rules.rule(cause->rule) : nullptr;
    if (!scene.blocked().object.isEmpty() && !(rule && rule->besidesTheObject)) {
        chain.append(objectLink(rules, scene));
    }
    if (!cause) {
        chain.append(unknownLink(unknowns, looked));
    } else if (rule && rule->chain) {
        chain += rule->chain(scene, *cause);
    } else {
        chain.append(plainCard(QStringLiteral("report"), kWarn, *cause));
    }
    return chain;
}

}  // namespace sluice::diagnosis
