#include "luigi/public_output.h"

#include <QtCore/QRegularExpression>

namespace sluice::luigi {
namespace {

constexpr qsizetype kMostLearned = 256;
constexpr qsizetype kLeastLearned = 6;

/// Hidden elsewhere too only if it cannot be an ordinary word or number of the log.
bool isTelling(const QString& value)
{
    static const QRegularExpression letter(QStringLiteral("[A-Za-z]"));
    static const QRegularExpression other(QStringLiteral("[^A-Za-z]"));
    return value.size() >= kLeastLearned && value.contains(letter) && value.contains(other);
}

}  // namespace

PublicOutput::PublicOutput(const QMap<QString, QString>& params) : m_params(params) {}

QString PublicOutput::line(const QString& raw)
{
    // Ids of tasks carry the values of their first parameters, whatever these are called: of an id only its
    // two ends stay.
    static const QRegularExpression taskId(QStringLiteral("\\b([A-Za-z][\\w.]*?)_\\w*_([0-9a-f]{10})\\b"));
    return m_lines.feed(withoutValues(QString(raw).replace(taskId, QStringLiteral("\\1_\\2"))), m_hidden);
}

bool PublicOutput::mayBeSeen(const QString& name, const QString& value) const
{
    static const QRegularExpression plain(QRegularExpression::anchoredPattern(
        QStringLiteral("\\d{4}-\\d{2}(?:-\\d{2}(?:[T ][\\d:]{2,8})?)?|True|False|None|\\d{1,3}|")));
    return !looksSecret(name) && (m_params.value(name) == value || m_params.values().contains(value) ||
                                  plain.match(value).hasMatch());
}

QString PublicOutput::withoutValues(const QString& line)
{
    static const QRegularExpression task(
        QStringLiteral("\\b([A-Za-z_][\\w.]*)\\((\\w+=.*?)\\)(?=$|[\\s,;:.'\"])"));
    static const QRegularExpression next(QStringLiteral(", (?=\\w+=)"));
    QString out;
    qsizetype from = 0;
    auto matches = task.globalMatch(line);
    while (matches.hasNext()) {
        const QRegularExpressionMatch match = matches.next();
        if (match.captured(1) == QLatin1String("Worker")) {
            continue;
        }
        QStringList shown;
        for (const QString& pair : match.captured(2).split(next)) {
            const QString name = pair.section('=', 0, 0);
            const QString value = pair.section('=', 1);
            if (mayBeSeen(name, value)) {
                shown.append(pair);
                continue;
            }
            shown.append(name + QStringLiteral("=(hidden)"));
            if (isTelling(value) && !m_hidden.contains(value) && m_hidden.size() < kMostLearned) {
                m_hidden.append(value);
            }
        }
        out += QStringView(line).mid(from, match.capturedStart(2) - from);
        out += shown.join(QStringLiteral(", "));
        from = match.capturedEnd(2);
    }
    return out.append(QStringView(line).mid(from));
}

}  // namespace sluice::luigi
