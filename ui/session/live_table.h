#pragma once

#include <QtCore/QAbstractTableModel>
#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QPointer>

#include "ui/session/column.h"
#include "ui/session/live_rows.h"

namespace sluice::session {

class Ticker;

/// A table over live rows: columns from a spec, a filter, an order. Changes arrive as inserts, removals,
/// moves and dataChanged, never as a reset. While held (pointer or focus in the view), rows change in place
/// but do not move; new ones are appended.
/// @thread main loop
class LiveTable : public QAbstractTableModel {
    Q_OBJECT

public:
    using Filter = std::function<bool(const QJsonObject& row)>;
    using Less = std::function<bool(const QJsonObject& a, const QJsonObject& b)>;

    /// `rows` may be null and set later. Both outlive the table.
    LiveTable(LiveRows* rows, Ticker& ticker, QList<Column> columns, RowTraits traits = {},
              QObject* parent = nullptr);

    /// Another source; the rows are exchanged by the smallest change.
    void setRows(LiveRows* rows);
    LiveRows* rows() const { return m_rows; }
    void setFilter(Filter filter);
    /// Keeps rows of which some column contains every word of `text`; empty keeps all.
    void setSearch(const QString& text);
    /// The order while no column is sorted by; default: the order of the topic.
    void setOrder(Less less);
    /// Shows the first `rows` of them; 0: all.
    void setLimit(int rows);
    void setHeld(bool held);
    /// Names the shown row that also changes when `row`, itself not shown, does; empty: none.
    void setRelated(std::function<QString(const QJsonObject& row)> related)
    {
        m_related = std::move(related);
    }

    const QList<Column>& columns() const { return m_columns; }
    const QStringList& shownIds() const { return m_ids; }
    int rowOf(const QString& id) const { return static_cast<int>(m_ids.indexOf(id)); }
    QJsonObject rowAt(int row) const;
    /// RFC 4180, header line first, the columns' texts.
    QString toCsv() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    /// column -1: back to the default order
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    void apply(const QStringList& upserted, const QStringList& removed);
    void refresh();
    void arrange(const QStringList& wanted);
    void tick();
    void tellOfOldRows();
    bool accepts(const QJsonObject& row) const;
    bool accepts(const QString& id) const;
    QStringList inOrder(QStringList ids) const;
    QString cellText(const Column& column, const QJsonObject& row) const;
    qint64 ageOf(const QJsonObject& row) const;

    QPointer<LiveRows> m_rows{};
    Ticker& m_ticker;
    QList<Column> m_columns{};
    RowTraits m_traits{};
    Filter m_filter{};
    QStringList m_words{};
    Less m_less{};
    std::function<QString(const QJsonObject&)> m_related{};
    int m_sortColumn{-1};
    Qt::SortOrder m_sortOrder{Qt::AscendingOrder};
    QStringList m_ids{};
    int m_limit{0};
    /// Whether a row was old at the last tick.
    QHash<QString, bool> m_old{};
    bool m_held{false};
    bool m_unordered{false};
};

}  // namespace sluice::session
