#include "table.h"

#include <algorithm>

namespace sluice::ctl {

QString Table::text() const
{
    QList<QStringList> lines = m_rows;
    if (!m_heading.isEmpty()) {
        lines.prepend(m_heading);
    }
    QList<qsizetype> widths;
    for (const QStringList& line : std::as_const(lines)) {
        for (qsizetype column = 0; column < line.size(); ++column) {
            if (column == widths.size()) {
                widths.append(0);
            }
            widths[column] = std::max(widths[column], line[column].size());
        }
    }
    QString out;
    for (const QStringList& line : std::as_const(lines)) {
        QString text;
        for (qsizetype column = 0; column < line.size(); ++column) {
            text += line[column].leftJustified(widths[column] + 2);
        }
        while (text.endsWith(' ')) {
            text.chop(1);
        }
        out += text + '\n';
    }
    return out;
}

}  // namespace sluice::ctl
