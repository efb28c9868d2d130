#include "diagnosis/diagnose.h"

#include <QtCore/QJsonArray>
#include <algorithm>

#include "diagnosis/general_rules.h"
#include "diagnosis/rule.h"

namespace sluice::diagnosis {
namespace {

int rank(Verdict verdict)
{
    switch (verdict) {
        case Verdict::Confirmed:
            return 0;
        case Verdict::Unknown:
            return 1;
        case Verdict::Refuted:
            break;
    }
    return 2;
}

/// Titles without doubles, in order.
QStringList titlesOf(const QList<Finding>& findings, Verdict verdict)
{
    QStringList titles;
    for (const Finding& finding : findings) {
        if (finding.verdict == verdict && !finding.aside && !titles.contains(finding.title)) {
            titles.append(finding.title);
        }
    }
    return titles;
}

QString unknownSummary(const Scene& scene, const QList<Finding>& findings)
{
    const QStringList refuted = titlesOf(findings, Verdict::Refuted);
    QStringList missing;
    for (const Finding& finding : findings) {
        // What the worker said is no missing evidence: it stands at the end.
        if (finding.verdict == Verdict::Unknown && !finding.aside && finding.rule != kReported &&
            !finding.evidence.isEmpty()) {
            missing.append(QStringLiteral("%1 (%2)").arg(finding.title, finding.evidence.first().text));
        }
    }
    QString summary =
        QStringLiteral("Unknown: no rule explains why %1 does not move.").arg(scene.task().task);
    if (!refuted.isEmpty()) {
        summary += QStringLiteral(" Checked and ruled out: %1.").arg(refuted.join(QStringLiteral(", ")));
    }
    if (!missing.isEmpty()) {
        summary += QStringLiteral(" Missing: %1.").arg(missing.join(QStringLiteral("; ")));
    }
    if (!scene.task().blocked.isEmpty()) {
        summary += ' ' + scene.report().text + '.';
    }
    return summary;
}

}  // namespace

QJsonObject Diagnosis::toJson() const
{
    QJsonArray found;
    for (const Finding& finding : findings) {
        found.append(finding.toJson());
    }
    QJsonArray links;
    for (const ChainLink& link : chain) {
        links.append(link.toJson());
    }
    return {{"summary", summary},
            {"rule", rule},
            {"verdict", toString(verdict)},
            {"findings", found},
            {"chain", links},
            {"remedy", remedy ? QJsonValue(remedy->toJson()) : QJsonValue()}};
}

Diagnosis diagnose(const RuleBook& rules, const TaskView& task, const FactSource& facts, qint64 nowMs)
{
    const Scene scene(task, facts, nowMs);
    Diagnosis diagnosis;
    QList<Finding>& findings = diagnosis.findings;
    const QList<const Rule*> applying = rules.rulesFor(task);
    for (const Rule* rule : applying) {
        QList<Finding> found = rule->judge ? rule->judge(scene, findings) : QList<Finding>();
        for (Finding& finding : found) {
            finding.version = rule->version;
        }
        findings += found;
    }
    for (const Rule* rule : applying) {
        if (rule->revise) {
            rule->revise(scene, findings);
        }
    }
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        return rank(a.verdict) != rank(b.verdict) ? rank(a.verdict) < rank(b.verdict) : a.scope < b.scope;
    });

    const Finding* cause =
        !findings.isEmpty() && findings.first().verdict == Verdict::Confirmed ? &findings.first() : nullptr;
    diagnosis.chain =
        chainFor(rules, scene, cause, titlesOf(findings, Verdict::Unknown), !findings.isEmpty());
    if (!cause) {
        diagnosis.summary = unknownSummary(scene, findings);
        return diagnosis;
    }
    diagnosis.rule = cause->rule;
    diagnosis.verdict = Verdict::Confirmed;
    diagnosis.remedy = cause->remedy;
    // A failed task says itself what went wrong, with more words than a title has.
    const bool itsOwnWords = scene.blocked().what == QLatin1String("failed") && cause->rule == kReported;
    diagnosis.summary = itsOwnWords
                            ? QStringLiteral("%1 failed. %2").arg(task.task, scene.blocked().error.toLine())
                            : QStringLiteral("%1. %2").arg(cause->title, cause->correction);
    return diagnosis;
}

Diagnosis diagnosisOf(const Standing& broken)
{
    const Finding& cause = broken.finding;
    return {.findings = {cause},
            .chain = broken.chain.isEmpty() ? QList<ChainLink>{plainCard(QStringLiteral("broken"),
                                                                         QStringLiteral("crit"), cause)}
                                            : broken.chain,
            .summary = QStringLiteral("%1. %2").arg(cause.title, cause.correction),
            .rule = cause.rule,
            .verdict = cause.verdict,
            .remedy = cause.remedy};
}

Diagnosis together(const QList<Diagnosis>& all)
{
    const auto confirmed = [](const auto& item) { return item.verdict == Verdict::Confirmed; };
    const auto first = std::find_if(all.begin(), all.end(), confirmed);
    const Diagnosis& speaker = first == all.end() ? all.first() : *first;
    Diagnosis whole = speaker;
    const auto told = [&](const Finding& finding) {
        return std::any_of(whole.findings.begin(), whole.findings.end(), [&](const Finding& other) {
            return other.rule == finding.rule && other.title == finding.title &&
                   rank(other.verdict) <= rank(finding.verdict);
        });
    };
    for (const Diagnosis& one : all) {
        for (const Finding& finding : one.findings) {
            if (&one == &speaker || finding.verdict == Verdict::Refuted || told(finding)) {
                continue;
            }
            // What is ruled out for one task is not for the run if another task may wait for it.
            whole.findings.removeIf([&finding](const Finding& other) {
                const bool same =
                    other.rule == finding.rule && (!other.aside || other.title == finding.title);
                return same && other.verdict == Verdict::Refuted;
            });
            const auto after = std::find_if(
                whole.findings.begin(), whole.findings.end(),
                [&finding](const Finding& other) { return rank(other.verdict) > rank(finding.verdict); });
            whole.findings.insert(after, finding);
        }
    }
    return whole;
}

}  // namespace sluice::diagnosis
