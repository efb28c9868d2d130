#include "case_text.h"

#include <QtCore/QJsonArray>

#include "words.h"

namespace sluice::ctl {
namespace {

QString evidenceText(const QJsonObject& evidence, qint64 nowMs)
{
    QString source = evidence["source"].toString();
    if (!evidence["observedAt"].toString().isEmpty()) {
        source += (source.isEmpty() ? QString() : QStringLiteral(", ")) +
                  ago(evidence["observedAt"].toString(), nowMs);
    }
    return QStringLiteral("      %1%2\n")
        .arg(evidence["text"].toString(),
             source.isEmpty() ? QString() : QStringLiteral("  [%1]").arg(source));
}

QString findingText(const QJsonObject& finding, qint64 nowMs)
{
    const QString verdict = finding["verdict"].toString();
    const QString mark = verdict == QLatin1String("confirmed") ? QStringLiteral("●")
                         : verdict == QLatin1String("refuted") ? QStringLiteral("○")
                                                               : QStringLiteral("?");
    QString out =
        QStringLiteral("  %1 %2  %3  %4\n")
            .arg(mark, verdict.leftJustified(9), finding["rule"].toString(), finding["title"].toString());
    for (const QJsonValue& evidence : finding["evidence"].toArray()) {
        out += evidenceText(evidence.toObject(), nowMs);
    }
    if (verdict == QLatin1String("confirmed") && !finding["correction"].toString().isEmpty()) {
        out += QStringLiteral("      do: %1\n").arg(finding["correction"].toString());
    }
    return out;
}

/// The other runs that stand in the case, each with what was found out about it.
QString othersText(const QJsonObject& row)
{
    QString out;
    for (const QJsonValue& value : row["byRun"].toArray()) {
        if (value["run"] != row["run"]) {
            out += QStringLiteral("  %1  %2  %3\n")
                       .arg(value["run"].toString(), value["rule"].toString().leftJustified(3),
                            value["summary"].toString());
        }
    }
    return out.isEmpty() ? out : QStringLiteral("\nIn the same case\n") + out;
}

/// What can be copied to a shell.
QString commandsText(const QJsonObject& remedy)
{
    QString out;
    for (const QJsonValue& command : remedy["commands"].toArray()) {
        out += QStringLiteral("    %1\n").arg(command.toString());
    }
    return out.isEmpty() ? out : QStringLiteral("  Command to copy:\n") + out;
}

/// Whether what is to be done is still to be done.
bool isToBeMended(const QJsonObject& row)
{
    return row["phase"] != QLatin1String("verify") && row["phase"] != QLatin1String("closed");
}

QString remedyText(const QJsonObject& remedy, const QString& run)
{
    QString out = QStringLiteral("\nRemedy: %1 (class %2)\n")
                      .arg(remedy["title"].toString(), QString::number(remedy["class"].toInt()));
    int n = 0;
    for (const QJsonValue& step : remedy["steps"].toArray()) {
        out += QStringLiteral("  %1. %2\n")
                   .arg(++n)
                   .arg(step.isObject() ? step["title"].toString() : step.toString());
    }
    out += commandsText(remedy);
    if (remedy["method"] == QLatin1String("flow.reset")) {
        out += QStringLiteral("  See its plan: sluicectl flow reset %1\n").arg(run);
    }
    return out;
}

}  // namespace

QString casesText(const QList<QJsonObject>& rows, qint64 total, qint64 nowMs)
{
    if (rows.isEmpty()) {
        return QStringLiteral("No case is open: no run stands still, and nothing is seen to be broken.\n");
    }
    QString out;
    for (const QJsonObject& row : rows) {
        const QString runs = joined(row["runs"], QStringLiteral(", "));
        out += QStringLiteral("%1  %2  (%3, opened %4)\n  %5\n  Runs: %6\n")
                   .arg(row["id"].toString(), row["title"].toString(), row["phase"].toString(),
                        ago(row["openedAt"].toString(), nowMs), row["summary"].toString(),
                        runs.isEmpty() ? QStringLiteral("none waits for it") : runs);
        out += isToBeMended(row) ? commandsText(row["remedy"].toObject()) : QString();
    }
    if (total > rows.size()) {
        out += QStringLiteral("%1 of %2 cases shown.\n").arg(rows.size()).arg(total);
    }
    return out + QStringLiteral("Evidence and remedy of one: sluicectl doctor CASE\n");
}

QString caseText(const QJsonObject& row, qint64 nowMs)
{
    const QString id = row["id"].toString();
    const QString run = row["run"].toString();
    QString out;
    if (id.isEmpty()) {
        out = QStringLiteral("%1: no case\n").arg(run);
    } else {
        out = QStringLiteral("%1  %2  (%3, opened %4)\n")
                  .arg(id, row["title"].toString(), row["phase"].toString(),
                       ago(row["openedAt"].toString(), nowMs));
    }
    if (!row["summary"].toString().isEmpty()) {
        out += row["summary"].toString() + '\n';
    }
    const QJsonArray findings = row["findings"].toArray();
    if (!findings.isEmpty()) {
        out += run.isEmpty() ? QStringLiteral("\nWhat is seen\n")
                             : QStringLiteral("\nCauses, nearest to the job first\n");
        for (const QJsonValue& finding : findings) {
            out += findingText(finding.toObject(), nowMs);
        }
    }
    if (row["remedy"].isObject() && isToBeMended(row)) {
        out += remedyText(row["remedy"].toObject(), run);
    }
    out += othersText(row);
    return out;
}

}  // namespace sluice::ctl
