#include "ui/pages/layout.h"

#include <QtCore/QEvent>
#include <QtCore/QFile>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QPainter>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QMenu>
#include <QtWidgets/QMessageBox>

#include "ui/dialogs/dialogs.h"
#include "ui/session/live_table.h"
#include "ui/style/paint.h"
#include "ui/widgets/table_view.h"

namespace sluice::pages {

ScrollColumn::ScrollColumn(QWidget* parent) : QScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    auto* inner = new QWidget(this);
    inner->setBackgroundRole(QPalette::Base);
    inner->setAutoFillBackground(true);
    m_content = plain<QVBoxLayout>(inner);
    setWidget(inner);
}

QSize ScrollColumn::sizeHint() const
{
    return {widget()->sizeHint().width(), 400};
}

QSize ScrollColumn::minimumSizeHint() const
{
    return {widget()->minimumSizeHint().width(), 120};
}

void ScrollColumn::resizeEvent(QResizeEvent* event)
{
    // What does not fit gives way inside of the column; nothing hides behind its edge.
    widget()->setMaximumWidth(viewport()->width());
    QScrollArea::resizeEvent(event);
}

SidePanel::SidePanel(const style::Theme& theme, Qt::Edge edge, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_edge(edge)
{
}

void SidePanel::setWidths(int width, int narrowWidth)
{
    m_width = width;
    m_narrowWidth = narrowWidth;
    setFixedWidth(width);
    parentWidget()->installEventFilter(this);
}

bool SidePanel::event(QEvent* event)
{
    // A layout gives it to the widget the layout is of.
    if (event->type() == QEvent::ParentChange && m_width > 0 && parentWidget() != nullptr) {
        parentWidget()->installEventFilter(this);
    }
    return QWidget::event(event);
}

bool SidePanel::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize && watched == parentWidget()) {
        setFixedWidth(parentWidget()->width() < kRoomyPage ? m_narrowWidth : m_width);
    }
    return QWidget::eventFilter(watched, event);
}

void SidePanel::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    style::paintHairline(painter, rect(), m_edge, m_theme.line(style::Line::Hairline));
}

Skeleton::Skeleton(const style::Theme& theme, int rows, int rowHeight, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_rows(rows), m_rowHeight(rowHeight)
{
    setFixedHeight(rows * rowHeight);
    setAccessibleName(tr("Reading…"));
}

QSize Skeleton::sizeHint() const
{
    return {320, m_rows * m_rowHeight};
}

void Skeleton::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    for (int row = 0; row < m_rows; ++row) {
        const QRectF line(0, row * m_rowHeight, width(), m_rowHeight);
        const double part = row % 3 == 0 ? 0.34 : row % 3 == 1 ? 0.22 : 0.28;
        const QRectF bar(style::kCellPadding, line.center().y() - 5, (width() - 16) * part, 10);
        style::paintBox(painter, bar, style::kRadiusMark, m_theme.surface(style::Surface::Hover), QColor());
        style::paintHairline(painter, line, Qt::BottomEdge, m_theme.line(style::Line::Hairline));
    }
}

namespace {

/// Holds the rows of a table while pointer or focus is in its view.
class Holder final : public QObject {
public:
    Holder(widgets::TableView& view, session::LiveTable& table) : QObject(&view), m_view(view), m_table(table)
    {
        view.installEventFilter(this);
        view.viewport()->installEventFilter(this);
    }

protected:
    bool eventFilter(QObject* object, QEvent* event) override
    {
        switch (event->type()) {
            case QEvent::Enter:
                m_pointer = true;
                break;
            case QEvent::Leave:
                m_pointer = false;
                break;
            case QEvent::FocusIn:
                m_focus = true;
                break;
            case QEvent::FocusOut:
                m_focus = false;
                break;
            case QEvent::Hide:
                m_pointer = m_focus = false;
                break;
            default:
                return QObject::eventFilter(object, event);
        }
        m_table.setHeld(m_pointer || m_focus);
        return QObject::eventFilter(object, event);
    }

private:
    widgets::TableView& m_view;
    session::LiveTable& m_table;
    bool m_pointer{false};
    bool m_focus{false};
};

void saveCsv(widgets::TableView& view, const session::LiveTable& table, dialogs::Dialogs& dialogs)
{
    dialogs.pickSaveFile(
        &view, QStringLiteral("sluice.csv"), {QObject::tr("Table (*.csv)")},
        [view = &view, csv = table.toCsv()](const QString& path) {
            QFile file(path);
            const QByteArray bytes = csv.toUtf8();
            if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.flush()) {
                auto* box =
                    new QMessageBox(QMessageBox::Warning, QObject::tr("The rows were not saved"),
                                    QObject::tr("%1 cannot be written: %2").arg(path, file.errorString()),
                                    QMessageBox::Close, view);
                box->setAttribute(Qt::WA_DeleteOnClose);
                box->open();
            }
        });
}

}  // namespace

void bindTable(widgets::TableView& view, session::LiveTable& table, dialogs::Dialogs& dialogs)
{
    view.setModel(&table);
    QHeaderView* head = view.horizontalHeader();
    head->setSortIndicatorClearable(true);
    head->setSortIndicator(-1, Qt::AscendingOrder);
    view.setSortingEnabled(true);
    QList<int> whole;
    for (int column = 0; column < table.columns().size(); ++column) {
        const int width = table.columns()[column].width;
        if (width > 0) {
            head->resizeSection(column, width);
        } else {
            view.setStretchColumn(column);
        }
        if (width > 0 && table.columns()[column].isWhole()) {
            whole.append(column);
        }
    }
    view.setWholeColumns(whole);
    new Holder(view, table);
    view.setContextMenuPolicy(Qt::CustomContextMenu);
    QObject::connect(
        &view, &QWidget::customContextMenuRequested, &view, [&view, &table, &dialogs](const QPoint& point) {
            auto* menu = new QMenu(&view);
            menu->setAttribute(Qt::WA_DeleteOnClose);
            menu->addAction(QObject::tr("Copy selected rows"), &view,
                            [&view] { QGuiApplication::clipboard()->setText(view.selectionAsText()); });
            menu->addAction(QObject::tr("Copy all rows as CSV"), &view,
                            [&table] { QGuiApplication::clipboard()->setText(table.toCsv()); });
            menu->addAction(QObject::tr("Save all rows as CSV…"), &view,
                            [&view, &table, &dialogs] { saveCsv(view, table, dialogs); });
            menu->popup(view.viewport()->mapToGlobal(point));
        });
}

}  // namespace sluice::pages
