#include "luigi/output_parser.h"

#include <QtCore/QRegularExpression>

#include "luigi/facts.h"

namespace sluice::luigi {

OutputParser::OutputParser(QString family, const QMap<QString, QString>& params)
    : m_family(std::move(family)), m_public(params)
{
}

bool OutputParser::feed(const QString& line)
{
    static const QRegularExpression informed(
        QStringLiteral("Informed scheduler that task\\s+(\\S+)\\s+has status\\s+(\\S+)"));
    static const QRegularExpression running(QStringLiteral("\\] Worker .* running\\s{3}(.+)$"));
    static const QRegularExpression exception(
        QStringLiteral("^([A-Za-z_][\\w.]*(?:Error|Exception|Interrupt|Exit|Warning|Failure)\\b.*)$"));

    const QString text = line.trimmed();
    m_publicLine = m_public.line(line);
    const QString seen = m_publicLine.trimmed();
    if (text == QLatin1String("===== Luigi Execution Summary =====")) {
        m_inSummary = !m_inSummary;
        m_summary.seen = true;
        return false;
    }
    if (m_inSummary) {
        feedSummary(text);
        return false;
    }
    if (text.contains(QLatin1String("when connecting to remote scheduler")) ||
        text.contains(QLatin1String("Failed connecting to remote scheduler"))) {
        m_schedulerUnreachable = true;
    }
    if (text.startsWith(QLatin1String("luigi: error: "))) {
        m_usageError = seen.mid(14);
    }
    if (text.startsWith(QLatin1String("Traceback (most recent call last)"))) {
        m_inTraceback = true;
    } else if (m_inTraceback && !line.startsWith(' ')) {
        const QRegularExpressionMatch match = exception.match(seen);
        if (match.hasMatch()) {
            m_lastException = match.captured(1);
        }
        m_inTraceback = false;
    }

    const LuigiProgress before = m_progress;
    if (const QRegularExpressionMatch match = informed.match(text); match.hasMatch()) {
        const QString id = match.captured(1);
        if (m_progress.rootTaskId.isEmpty() && id.startsWith(m_family + '_')) {
            m_progress.rootTaskId = shortTaskId(id, m_family);
        }
        m_status[id] = match.captured(2);
        m_schedulerUnreachable = false;
        m_progress.tasksTotal = int(m_status.size());
        m_progress.tasksDone = 0;
        m_progress.tasksFailed = 0;
        for (const QString& status : std::as_const(m_status)) {
            m_progress.tasksDone += status == QLatin1String("DONE") ? 1 : 0;
            m_progress.tasksFailed += status == QLatin1String("FAILED") ? 1 : 0;
        }
        if (match.captured(2) != QLatin1String("PENDING")) {
            m_progress.current.clear();
        }
    } else if (const QRegularExpressionMatch work = running.match(seen); work.hasMatch()) {
        m_progress.current = work.captured(1);
    }
    return !(m_progress == before);
}

void OutputParser::feedSummary(const QString& text)
{
    static const QRegularExpression scheduled(QStringLiteral("^Scheduled (\\d+) tasks of which:$"));
    static const QRegularExpression counted(QStringLiteral("^\\* (\\d+) (.+?):?$"));
    if (text.startsWith(QLatin1String("This progress looks "))) {
        m_summary.verdict = text;
        m_summary.smiles = text.startsWith(QLatin1String("This progress looks :)"));
        return;
    }
    if (const QRegularExpressionMatch match = scheduled.match(text); match.hasMatch()) {
        m_summary.scheduled = match.captured(1).toInt();
        return;
    }
    const QRegularExpressionMatch match = counted.match(text);
    if (!match.hasMatch()) {
        return;
    }
    const int count = match.captured(1).toInt();
    const QString what = match.captured(2);
    if (what.startsWith(QLatin1String("complete ones"))) {
        m_summary.complete = count;
    } else if (what == QLatin1String("ran successfully")) {
        m_summary.ran = count;
    } else if (what == QLatin1String("failed") || what == QLatin1String("failed scheduling")) {
        m_summary.failed += count;
    } else if (what.startsWith(QLatin1String("were left pending"))) {
        m_summary.pending = count;
    } else if (what.startsWith(QLatin1String("were missing external dependencies"))) {
        m_summary.missingData = count;
    } else if (what.startsWith(QLatin1String("was not granted run permission"))) {
        m_summary.notGranted = count;
    } else if (what.startsWith(QLatin1String("were being run by another worker"))) {
        m_summary.runByOthers = count;
    }
}

}  // namespace sluice::luigi
