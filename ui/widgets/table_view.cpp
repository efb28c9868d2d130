#include "ui/widgets/table_view.h"

#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QKeyEvent>
#include <QtGui/QMouseEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QScrollBar>
#include <algorithm>

#include "ui/style/paint.h"
#include "ui/widgets/cell_delegate.h"

namespace sluice::widgets {

using namespace style;

namespace {

/// A text that is elided still says something.
constexpr int kLeastElided = 72;

bool isEnter(const QKeyEvent& event)
{
    return event.key() == Qt::Key_Return || event.key() == Qt::Key_Enter;
}

}  // namespace

TableView::TableView(const Theme& theme, QWidget* parent) : QTableView(parent), m_theme(theme)
{
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setItemDelegate(new CellDelegate(theme, this));
    setCornerButtonEnabled(false);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setMinimumSectionSize(kRowCompact);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setMinimumSectionSize(40);
    // What is in sight is enough to be as wide as.
    horizontalHeader()->setResizeContentsPrecision(0);
    m_grow.setSingleShot(true);
    m_grow.setInterval(0);
    connect(&m_grow, &QTimer::timeout, this, &TableView::growWholeColumns);
    connect(horizontalHeader(), &QHeaderView::sectionResized, this, [this](int column, int, int width) {
        if (!m_layingOut) {
            m_wanted[column] = width;
        }
    });
    connect(verticalScrollBar(), &QScrollBar::valueChanged, &m_grow, qOverload<>(&QTimer::start));
    horizontalHeader()->setFixedHeight(kTableHead);
    horizontalHeader()->setFocusPolicy(Qt::NoFocus);
    viewport()->setMouseTracking(true);
    setDensity(Density::Normal);
    connect(&theme, &Theme::changed, viewport(), qOverload<>(&QWidget::update));
    connect(this, &QAbstractItemView::doubleClicked, this, &TableView::rowActivated);
}

void TableView::setDensity(Density density)
{
    verticalHeader()->setDefaultSectionSize(style::rowHeight(density));
    updateGeometry();
}

void TableView::setFitRows(bool on)
{
    m_fitRows = on;
    setVerticalScrollBarPolicy(on ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAsNeeded);
    setSizePolicy(QSizePolicy::Expanding, on ? QSizePolicy::Fixed : QSizePolicy::Expanding);
    updateGeometry();
}

void TableView::setStretchColumn(int column)
{
    if (!m_stretch.contains(column)) {
        m_stretch.append(column);
    }
    layOutColumns();
}

void TableView::setWholeColumns(const QList<int>& columns)
{
    m_whole = columns;
    layOutColumns();
}

void TableView::growWholeColumns()
{
    const auto grown = [this](int column) {
        return column < horizontalHeader()->count() && sizeHintForColumn(column) > columnWidth(column);
    };
    if (model() != nullptr && std::any_of(m_whole.cbegin(), m_whole.cend(), grown)) {
        layOutColumns();
    }
}

int TableView::leastWidth(int column) const
{
    const int least = std::max(horizontalHeader()->sectionSizeHint(column),
                               m_whole.contains(column) ? sizeHintForColumn(column) : kLeastElided);
    return std::min(least, m_wanted.value(column));
}

void TableView::stretch(bool on)
{
    for (const int column : std::as_const(m_stretch)) {
        if (column < horizontalHeader()->count()) {
            horizontalHeader()->setSectionResizeMode(column,
                                                     on ? QHeaderView::Stretch : QHeaderView::Interactive);
            if (!on) {
                horizontalHeader()->resizeSection(column, kLeastElided);
            }
        }
    }
}

void TableView::layOutColumns()
{
    QHeaderView* head = horizontalHeader();
    if (model() == nullptr || m_layingOut) {
        return;
    }
    if (!isVisible()) {
        stretch(true);
        return;
    }
    m_layingOut = true;
    QList<int> fixed;
    int excess = -viewport()->width();
    for (int column = 0; column < head->count(); ++column) {
        if (isColumnHidden(column)) {
            continue;
        }
        if (m_stretch.contains(column)) {
            excess += kLeastElided;
            continue;
        }
        const int shown = m_whole.contains(column) ? sizeHintForColumn(column) : 0;
        m_wanted[column] = std::max(shown, m_wanted.value(column, columnWidth(column)));
        excess += m_wanted[column];
        fixed.append(column);
    }
    QHash<int, int> widths = m_wanted;
    for (const bool whole : {true, false}) {
        for (const int column : std::as_const(fixed)) {
            if (m_whole.contains(column) == whole && excess > 0) {
                const int given = std::min(excess, widths[column] - leastWidth(column));
                widths[column] -= given;
                excess -= given;
            }
        }
    }
    for (const int column : std::as_const(fixed)) {
        head->resizeSection(column, widths[column]);
    }
    stretch(excess <= 0);
    m_layingOut = false;
    updateGeometry();
}

void TableView::showEvent(QShowEvent* event)
{
    QTableView::showEvent(event);
    layOutColumns();
}

void TableView::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    if (event->size().width() != event->oldSize().width()) {
        layOutColumns();
    }
}

void TableView::setModel(QAbstractItemModel* model)
{
    QTableView::setModel(model);
    layOutColumns();
    if (model == nullptr) {
        return;
    }
    const auto again = [this] {
        updateGeometry();
        m_grow.start();
    };
    connect(model, &QAbstractItemModel::dataChanged, &m_grow, qOverload<>(&QTimer::start));
    connect(model, &QAbstractItemModel::rowsInserted, this, again);
    connect(model, &QAbstractItemModel::rowsRemoved, this, again);
    connect(model, &QAbstractItemModel::modelReset, this, again);
    connect(model, &QAbstractItemModel::columnsInserted, this, &TableView::layOutColumns);
}

void TableView::keyboardSearch(const QString& search)
{
    Q_UNUSED(search)
}

QString TableView::selectionAsText() const
{
    if (selectionModel() == nullptr) {
        return {};
    }
    QModelIndexList rows = selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    QStringList lines;
    for (const QModelIndex& row : std::as_const(rows)) {
        QStringList cells;
        for (int column = 0; column < model()->columnCount(); ++column) {
            if (isColumnHidden(column)) {
                continue;
            }
            const QModelIndex cell = row.siblingAtColumn(column);
            QString text = cell.data(Qt::DisplayRole).toString();
            if (text.isEmpty() && cell.data(StateRole).canConvert<StateWord>()) {
                text = cell.data(StateRole).value<StateWord>().word;
            }
            const QString note = cell.data(NoteRole).toString();
            cells.append(note.isEmpty() ? text : text + QLatin1Char(' ') + note);
        }
        lines.append(cells.join(QLatin1Char('\t')));
    }
    return lines.join(QLatin1Char('\n'));
}

QSize TableView::sizeHint() const
{
    if (!m_fitRows || model() == nullptr) {
        return QTableView::sizeHint();
    }
    const int head = horizontalHeader()->isHidden() ? 0 : kTableHead;
    const int sideways =
        horizontalHeader()->length() > viewport()->width() ? horizontalScrollBar()->sizeHint().height() : 0;
    return {480, head + verticalHeader()->length() + sideways};
}

QSize TableView::minimumSizeHint() const
{
    return m_fitRows ? QSize(200, sizeHint().height()) : QSize(200, kTableHead + 3 * kRowNormal);
}

void TableView::keyPressEvent(QKeyEvent* event)
{
    if (isEnter(*event) && currentIndex().isValid()) {
        Q_EMIT rowActivated(currentIndex());
        return;
    }
    if (event->matches(QKeySequence::Copy)) {
        QGuiApplication::clipboard()->setText(selectionAsText());
        return;
    }
    if (event->key() == Qt::Key_Escape) {
        event->ignore();
        return;
    }
    QTableView::keyPressEvent(event);
}

bool TableView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::MouseMove) {
        setHoveredRow(rowAt(static_cast<QMouseEvent*>(event)->position().toPoint().y()));
    } else if (event->type() == QEvent::Leave) {
        setHoveredRow(-1);
    }
    return QTableView::viewportEvent(event);
}

void TableView::setHoveredRow(int row)
{
    if (row != m_hovered) {
        m_hovered = row;
        viewport()->update();
    }
}

void TableView::focusInEvent(QFocusEvent* event)
{
    if (event->reason() != Qt::MouseFocusReason && model() != nullptr && !currentIndex().isValid() &&
        model()->rowCount() > 0) {
        setCurrentIndex(model()->index(0, 0));
    }
    QTableView::focusInEvent(event);
    viewport()->update();
}

void TableView::focusOutEvent(QFocusEvent* event)
{
    QTableView::focusOutEvent(event);
    viewport()->update();
}

void TableView::paintEvent(QPaintEvent* event)
{
    {
        QPainter painter(viewport());
        paintRows(painter);
    }
    QTableView::paintEvent(event);
    QPainter painter(viewport());
    paintLines(painter);
}

void TableView::paintRows(QPainter& painter) const
{
    if (model() == nullptr || m_hovered < 0 || m_hovered >= model()->rowCount()) {
        return;
    }
    painter.fillRect(0, rowViewportPosition(m_hovered), viewport()->width(), QTableView::rowHeight(m_hovered),
                     m_theme.surface(Surface::Hover));
}

void TableView::paintLines(QPainter& painter) const
{
    if (model() == nullptr) {
        return;
    }
    const int rows = model()->rowCount();
    const int first = std::max(0, rowAt(0));
    for (int row = first; row < rows; ++row) {
        const QRectF line(0, rowViewportPosition(row), viewport()->width(), QTableView::rowHeight(row));
        if (line.top() > viewport()->height()) {
            break;
        }
        if (row + 1 < rows || !m_fitRows) {
            paintHairline(painter, line, Qt::BottomEdge, m_theme.line(Line::Hairline));
        }
        if (selectionModel()->isRowSelected(row)) {
            painter.fillRect(QRectF(line.left(), line.top(), kSelectionBar, line.height()),
                             hasFocus() ? m_theme.accent(Accent::Base) : m_theme.line(Line::Control));
        }
    }
}

SideList::SideList(const Theme& theme, QWidget* parent) : QListView(parent)
{
    setFrameShape(QFrame::NoFrame);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setItemDelegate(new CellDelegate(theme, this));
    setMouseTracking(true);
    setMinimumWidth(180);
    connect(&theme, &Theme::changed, viewport(), qOverload<>(&QWidget::update));
    connect(this, &QAbstractItemView::doubleClicked, this, &SideList::rowActivated);
}

void SideList::keyboardSearch(const QString& search)
{
    Q_UNUSED(search)
}

void SideList::keyPressEvent(QKeyEvent* event)
{
    if (isEnter(*event) && currentIndex().isValid()) {
        Q_EMIT rowActivated(currentIndex());
        return;
    }
    if (event->key() == Qt::Key_Escape) {
        event->ignore();
        return;
    }
    QListView::keyPressEvent(event);
}

}  // namespace sluice::widgets
