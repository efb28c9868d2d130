#include "ui/session/list_change.h"

#include <QtCore/QSet>

namespace sluice::session {

void changeList(QStringList& current, const QStringList& wanted, const ListChange& change)
{
    if (current == wanted) {
        return;
    }
    const QSet<QString> stays(wanted.begin(), wanted.end());
    for (qsizetype last = current.size() - 1; last >= 0;) {
        if (stays.contains(current[last])) {
            --last;
            continue;
        }
        qsizetype first = last;
        while (first > 0 && !stays.contains(current[first - 1])) {
            --first;
        }
        change.beginRemove(static_cast<int>(first), static_cast<int>(last));
        current.remove(first, last - first + 1);
        change.endRemove();
        last = first - 1;
    }
    QSet<QString> known(current.begin(), current.end());
    for (qsizetype at = 0; at < wanted.size();) {
        if (at < current.size() && current[at] == wanted[at]) {
            ++at;
            continue;
        }
        if (known.contains(wanted[at])) {
            const qsizetype from = current.indexOf(wanted[at], at);
            change.beginMove(static_cast<int>(from), static_cast<int>(at));
            current.move(from, at);
            change.endMove();
            ++at;
            continue;
        }
        qsizetype last = at;
        while (last + 1 < wanted.size() && !known.contains(wanted[last + 1])) {
            ++last;
        }
        change.beginInsert(static_cast<int>(at), static_cast<int>(last));
        current = current.mid(0, at) + wanted.mid(at, last - at + 1) + current.mid(at);
        change.endInsert();
        at = last + 1;
    }
}

}  // namespace sluice::session
