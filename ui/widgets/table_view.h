#pragma once

#include <QtCore/QHash>
#include <QtCore/QTimer>
#include <QtWidgets/QListView>
#include <QtWidgets/QTableView>

#include "ui/style/theme.h"

namespace sluice::widgets {

/// A table as we show it; give it 12 px less margin than the page's padding, for its cells bring 8 px.
/// Hairlines between rows, quiet heads, whole rows selected, Tab leaves it, Enter activates, Ctrl C copies
/// the selected rows as text. Draws its cells with CellDelegate.
class TableView : public QTableView {
    Q_OBJECT

public:
    explicit TableView(const style::Theme& theme, QWidget* parent = nullptr);

    void setDensity(style::Density density);
    /// As high as its rows, never scrolls up and down: for short tables inside a page that scrolls itself.
    void setFitRows(bool on);
    /// A column that takes what is left.
    void setStretchColumn(int column);
    /// Columns that grow with what they show, so that nothing in them is elided. Where the room is short they
    /// give what they do not need, then the others are elided; only then does the table scroll sideways.
    void setWholeColumns(const QList<int>& columns);
    /// Selected rows, tab between columns, line per row.
    QString selectionAsText() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    void setModel(QAbstractItemModel* model) override;
    /// Letters are keys of the page, not a search.
    void keyboardSearch(const QString& search) override;

Q_SIGNALS:
    /// Enter or a double click on a row.
    void rowActivated(const QModelIndex& index);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void growWholeColumns();
    void layOutColumns();
    void stretch(bool on);
    int leastWidth(int column) const;
    void paintRows(QPainter& painter) const;
    void paintLines(QPainter& painter) const;
    void setHoveredRow(int row);

    const style::Theme& m_theme;
    bool m_fitRows{false};
    QList<int> m_stretch{};
    /// As wide as the columns are when there is room, by number.
    QHash<int, int> m_wanted{};
    bool m_layingOut{false};
    int m_hovered{-1};
    QList<int> m_whole{};
    QTimer m_grow{};
};

/// The list at the left of a page: rows of two lines with shape, name, id (NoteRole, at the right),
/// SecondLineRole and bar; rows with GroupRole head a group and cannot be picked.
class SideList : public QListView {
    Q_OBJECT

public:
    explicit SideList(const style::Theme& theme, QWidget* parent = nullptr);

    void keyboardSearch(const QString& search) override;

Q_SIGNALS:
    void rowActivated(const QModelIndex& index);

protected:
    void keyPressEvent(QKeyEvent* event) override;
};

}  // namespace sluice::widgets
