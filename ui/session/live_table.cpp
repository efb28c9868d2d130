#include "ui/session/live_table.h"

#include <QtCore/QCollator>
#include <algorithm>

#include "core/csv.h"
#include "ui/session/list_change.h"
#include "ui/session/live_rows.h"
#include "ui/session/row.h"
#include "ui/session/ticker.h"

namespace sluice::session {

LiveTable::LiveTable(LiveRows* rows, Ticker& ticker, QList<Column> columns, RowTraits traits, QObject* parent)
    : QAbstractTableModel(parent),
      m_ticker(ticker),
      m_columns(std::move(columns)),
      m_traits(std::move(traits))
{
    connect(&ticker, &Ticker::ticked, this, &LiveTable::tick);
    setRows(rows);
}

void LiveTable::setRows(LiveRows* rows)
{
    if (m_rows == rows && rows != nullptr) {
        return;
    }
    if (m_rows != nullptr) {
        m_rows->disconnect(this);
    }
    if (m_rows != nullptr || rows == nullptr) {
        arrange({});
    }
    m_rows = rows;
    if (rows != nullptr) {
        connect(rows, &LiveRows::changed, this, &LiveTable::apply);
        refresh();
    }
}

void LiveTable::setFilter(Filter filter)
{
    m_filter = std::move(filter);
    refresh();
}

void LiveTable::setSearch(const QString& text)
{
    m_words = text.split(' ', Qt::SkipEmptyParts);
    refresh();
}

void LiveTable::setOrder(Less less)
{
    m_less = std::move(less);
    refresh();
}

void LiveTable::setLimit(int rows)
{
    m_limit = rows;
    refresh();
}

void LiveTable::setHeld(bool held)
{
    m_held = held;
    if (!held && m_unordered) {
        refresh();
    }
}

QJsonObject LiveTable::rowAt(int row) const
{
    return m_rows == nullptr || row < 0 || row >= m_ids.size() ? QJsonObject() : m_rows->row(m_ids[row]);
}

bool LiveTable::accepts(const QJsonObject& row) const
{
    if (m_filter && !m_filter(row)) {
        return false;
    }
    return std::all_of(m_words.begin(), m_words.end(), [&](const QString& word) {
        return std::any_of(m_columns.begin(), m_columns.end(), [&](const Column& column) {
            if (cellText(column, row).contains(word, Qt::CaseInsensitive)) {
                return true;
            }
            return column.note && column.note(row, m_ticker.nowMs()).contains(word, Qt::CaseInsensitive);
        });
    });
}

bool LiveTable::accepts(const QString& id) const
{
    return m_rows != nullptr && m_rows->contains(id) && accepts(m_rows->row(id));
}

QStringList LiveTable::inOrder(QStringList ids) const
{
    if (m_sortColumn >= 0) {
        const Column& column = m_columns[m_sortColumn];
        QHash<QString, QVariant> keys;
        for (const QString& id : std::as_const(ids)) {
            const QJsonObject row = m_rows->row(id);
            keys.insert(id, column.sortKey ? column.sortKey(row) : QVariant(cellText(column, row)));
        }
        QCollator collator(QLocale::English);
        collator.setNumericMode(true);
        std::stable_sort(ids.begin(), ids.end(), [&](const QString& a, const QString& b) {
            const QString& first = m_sortOrder == Qt::AscendingOrder ? a : b;
            const QString& second = m_sortOrder == Qt::AscendingOrder ? b : a;
            const QVariant left = keys.value(first);
            const QVariant right = keys.value(second);
            if (left.userType() == QMetaType::QString && right.userType() == QMetaType::QString) {
                return collator.compare(left.toString(), right.toString()) < 0;
            }
            return QVariant::compare(left, right) == QPartialOrdering::Less;
        });
    } else if (m_less) {
        std::stable_sort(ids.begin(), ids.end(), [&](const QString& a, const QString& b) {
            return m_less(m_rows->row(a), m_rows->row(b));
        });
    }
    return ids;
}

void LiveTable::arrange(const QStringList& wanted)
{
    changeList(m_ids, wanted,
               {.beginRemove = [this](int first, int last) { beginRemoveRows({}, first, last); },
                .endRemove = [this] { endRemoveRows(); },
                .beginInsert = [this](int first, int last) { beginInsertRows({}, first, last); },
                .endInsert = [this] { endInsertRows(); },
                .beginMove = [this](int from, int to) { beginMoveRows({}, from, from, {}, to); },
                .endMove = [this] { endMoveRows(); }});
}

void LiveTable::refresh()
{
    if (m_rows == nullptr) {
        return;
    }
    QStringList wanted;
    for (const QString& id : m_rows->ids()) {
        if (accepts(id)) {
            wanted.append(id);
        }
    }
    m_unordered = false;
    wanted = inOrder(std::move(wanted));
    arrange(m_limit > 0 ? wanted.mid(0, m_limit) : wanted);
}

void LiveTable::apply(const QStringList& upserted, const QStringList& removed)
{
    Q_UNUSED(removed)
    if (m_held) {
        // What is shown stays where it is; what is new comes to the end until the view lets go.
        QStringList wanted;
        for (const QString& id : std::as_const(m_ids)) {
            if (accepts(id)) {
                wanted.append(id);
            }
        }
        for (const QString& id : upserted) {
            const bool room = m_limit == 0 || wanted.size() < m_limit;
            if (room && !wanted.contains(id) && accepts(id)) {
                wanted.append(id);
            }
        }
        arrange(wanted);
        m_unordered = true;
    } else {
        refresh();
    }
    int first = static_cast<int>(m_ids.size());
    int last = -1;
    for (const QString& id : upserted) {
        int row = rowOf(id);
        if (row < 0 && m_related) {
            row = rowOf(m_related(m_rows->row(id)));
        }
        if (row >= 0) {
            first = std::min(first, row);
            last = std::max(last, row);
        }
    }
    if (last >= 0) {
        Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
    }
}

void LiveTable::tick()
{
    if (m_ids.isEmpty()) {
        return;
    }
    const int last = static_cast<int>(m_ids.size()) - 1;
    for (int column = 0; column < m_columns.size(); ++column) {
        // Words lose their green when what they rest on grows old, and no row tells of that.
        const bool wearsOut = m_traits.staleAfterMs && m_columns[column].state;
        if (m_columns[column].ages || wearsOut) {
            Q_EMIT dataChanged(index(0, column), index(last, column));
        }
    }
    tellOfOldRows();
}

/// A row that has just grown old, or is no longer so, looks different as a whole.
void LiveTable::tellOfOldRows()
{
    if (!m_traits.staleAfterMs) {
        return;
    }
    QHash<QString, bool> now;
    now.reserve(m_ids.size());
    for (int i = 0; i < m_ids.size(); ++i) {
        const QJsonObject row = m_rows->row(m_ids[i]);
        const bool old = ageOf(row) > m_traits.staleAfterMs(row);
        now.insert(m_ids[i], old);
        if (m_old.value(m_ids[i], old) != old) {
            Q_EMIT dataChanged(index(i, 0), index(i, columnCount() - 1));
        }
    }
    m_old = now;
}

int LiveTable::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_ids.size());
}

int LiveTable::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QString LiveTable::cellText(const Column& column, const QJsonObject& row) const
{
    if (column.text) {
        return column.text(row, m_ticker.nowMs());
    }
    if (column.state) {
        return column.state(row).word;
    }
    return {};
}

qint64 LiveTable::ageOf(const QJsonObject& row) const
{
    const qint64 at = m_traits.observedAt.isEmpty() ? 0 : time(row, m_traits.observedAt);
    return at <= 0 ? -1 : m_ticker.ageMs(at);
}

QVariant LiveTable::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const QJsonObject row = rowAt(index.row());
    const Column& column = m_columns[index.column()];
    switch (role) {
        case Qt::DisplayRole:
            return cellText(column, row);
        case Qt::AccessibleTextRole: {
            const QString text = cellText(column, row);
            return text.isEmpty() ? QString() : column.title + QStringLiteral(": ") + text;
        }
        case Qt::ToolTipRole:
            return column.toolTip ? column.toolTip(row, m_ticker.nowMs()) : QVariant();
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(Qt::Alignment(
                (column.right || column.figure ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
        case RowRole:
            return QVariant::fromValue(row);
        case IdRole:
            return m_ids[index.row()];
        case StateRole: {
            if (!column.state) {
                return {};
            }
            const style::StateWord word = column.state(row);
            return word.glyph == style::Glyph::None ? QVariant() : QVariant::fromValue(word);
        }
        case AgeRole:
            return ageOf(row);
        case StaleRole:
            return m_traits.staleAfterMs && ageOf(row) > m_traits.staleAfterMs(row);
        case NoteRole:
            return column.note ? QVariant(column.note(row, m_ticker.nowMs())) : QVariant();
        case FractionRole: {
            const double fraction = column.fraction ? column.fraction(row) : -1;
            return fraction < 0 ? QVariant() : QVariant(fraction);
        }
        case ToneRole:
            return column.tone ? QVariant(static_cast<int>(column.tone(row))) : QVariant();
        case InkRole:
            return column.quiet ? QVariant(static_cast<int>(style::Ink::Secondary)) : QVariant();
        case NameRole:
            return column.name;
        case FigureRole:
            return column.figure;
        case MonoRole:
            return column.mono;
        case SortRole:
            return column.sortKey ? column.sortKey(row) : QVariant(cellText(column, row));
        default:
            return {};
    }
}

QVariant LiveTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size()) {
        return {};
    }
    if (role == Qt::DisplayRole) {
        return m_columns[section].title;
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment(
            (m_columns[section].right || m_columns[section].figure ? Qt::AlignRight : Qt::AlignLeft) |
            Qt::AlignVCenter));
    }
    return {};
}

void LiveTable::sort(int column, Qt::SortOrder order)
{
    m_sortColumn = column < m_columns.size() ? column : -1;
    m_sortOrder = order;
    refresh();
}

QString LiveTable::toCsv() const
{
    QString text;
    for (int row = -1; row < m_ids.size(); ++row) {
        QStringList cells;
        for (const Column& column : m_columns) {
            cells.append(row < 0 ? column.title : cellText(column, rowAt(row)));
        }
        text += csv::line(cells);
    }
    return text;
}

}  // namespace sluice::session
