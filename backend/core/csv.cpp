#include "core/csv.h"

namespace sluice::csv {

QString line(const QStringList& cells)
{
    QStringList quoted;
    for (QString cell : cells) {
        if (cell.contains(',') || cell.contains('"') || cell.contains('\n') || cell.contains('\r')) {
            cell.replace('"', QStringLiteral("\"\""));
            cell = '"' + cell + '"';
        }
        quoted.append(cell);
    }
    return quoted.join(',') + QStringLiteral("\r\n");
}

QString inert(const QString& text)
{
    return !text.isEmpty() && QStringLiteral("=+-@\t\r").contains(text.front()) ? '\'' + text : text;
}

}  // namespace sluice::csv
