#include "diagnosis/rule.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QSet>
#include <utility>

namespace sluice::diagnosis {

QString Probe::id() const
{
    return QStringList{connection, method, keyOf,
                       QString::fromUtf8(QJsonDocument(params).toJson(QJsonDocument::Compact))}
        .join(' ');
}

RuleBook::RuleBook(QList<RulePart> parts) : m_parts(std::move(parts)) {}

QList<const Rule*> RuleBook::rulesFor(const TaskView& task) const
{
    QList<const Rule*> rules;
    for (const RulePart& part : m_parts) {
        for (const Rule& rule : part.rules) {
            if (!rule.applies || rule.applies(task)) {
                rules.append(&rule);
            }
        }
    }
    return rules;
}

const Rule* RuleBook::rule(const QString& id) const
{
    for (const RulePart& part : m_parts) {
        for (const Rule& rule : part.rules) {
            if (rule.ids.contains(id)) {
                return &rule;
            }
        }
    }
    return nullptr;
}

QList<Standing> RuleBook::standing(const FactSource& facts, qint64 nowMs) const
{
    const TaskView nobody;
    const Scene scene(nobody, facts, nowMs);
    QList<Standing> all;
    for (const RulePart& part : m_parts) {
        for (const Rule& rule : part.rules) {
            QList<Standing> found = rule.standing ? rule.standing(scene, all) : QList<Standing>();
            for (Standing& one : found) {
                one.finding.version = rule.version;
            }
            all += found;
        }
    }
    return all;
}

const ProbeKind* RuleBook::probeKind(const QString& method) const
{
    for (const RulePart& part : m_parts) {
        for (const ProbeKind& kind : part.probes) {
            if (kind.method == method) {
                return &kind;
            }
        }
    }
    return nullptr;
}

QStringList RuleBook::placeOfObject(const Scene& scene) const
{
    for (const RulePart& part : m_parts) {
        const QStringList lines = part.placeOfObject ? part.placeOfObject(scene) : QStringList();
        if (!lines.isEmpty()) {
            return lines;
        }
    }
    return {};
}

void RuleBook::complete(TaskView& task, const FactSource& facts) const
{
    for (const RulePart& part : m_parts) {
        if (part.complete) {
            part.complete(task, facts);
        }
    }
}

QList<Probe> RuleBook::asked(const TaskView& task, const FactSource& facts,
                             ProbeKind::Ask ProbeKind::*when) const
{
    QStringList wanted;
    for (const Rule* rule : rulesFor(task)) {
        wanted += rule->probes;
    }
    QList<Probe> probes;
    QSet<QString> ids;
    for (const RulePart& part : m_parts) {
        for (const ProbeKind& kind : part.probes) {
            const ProbeKind::Ask& ask = kind.*when;
            if (!ask || !wanted.contains(kind.method)) {
                continue;
            }
            for (const Probe& probe : ask(task, facts)) {
                if (!ids.contains(probe.id())) {
                    ids.insert(probe.id());
                    probes.append(probe);
                }
            }
        }
    }
    return probes;
}

QList<Probe> RuleBook::probesFor(const TaskView& task, const FactSource& facts) const
{
    return asked(task, facts, &ProbeKind::ask);
}

QList<Probe> RuleBook::followUpProbes(const TaskView& task, const FactSource& facts) const
{
    return asked(task, facts, &ProbeKind::askAfter);
}

}  // namespace sluice::diagnosis
