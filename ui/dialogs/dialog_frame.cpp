#include "ui/dialogs/dialog_frame.h"

#include <QtCore/QEvent>
#include <QtGui/QPainter>
#include <QtGui/QScreen>
#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QScrollArea>
#include <algorithm>

#include "ui/style/glyphs.h"
#include "ui/style/paint.h"
#include "ui/widgets/text_label.h"
#include "ui/widgets/themed_widget.h"

namespace sluice::dialogs {
namespace {

constexpr int kHead = 60;
constexpr int kFoot = 64;
constexpr int kEdge = 24;
constexpr int kWidth = 800;
constexpr double kVeil = 0.38;

int heightOf(const QLayout& layout, int width)
{
    return layout.hasHeightForWidth() ? layout.totalHeightForWidth(width) : layout.totalSizeHint().height();
}

/// Dims the window below.
class Veil final : public widgets::ThemedWidget {
public:
    using ThemedWidget::ThemedWidget;

protected:
    void paintEvent(QPaintEvent*) override
    {
        QColor colour = theme().surface(style::Surface::Scrim);
        colour.setAlphaF(kVeil);
        QPainter(this).fillRect(rect(), colour);
    }
};

}  // namespace

/// Head, foot or pinned part: a surface with a hairline towards the body.
class DialogFrame::Band final : public widgets::ThemedWidget {
public:
    Band(const style::Theme& theme, Qt::Edge line, style::Surface surface, QWidget* parent)
        : ThemedWidget(theme, parent), m_line(line), m_surface(surface)
    {
    }
    style::Glyph glyph{style::Glyph::None};
    style::Tone tone{style::Tone::Neutral};
    widgets::TextLabel* title{};

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), theme().surface(m_surface));
        style::paintHairline(painter, rect(), m_line, theme().line(style::Line::Hairline));
        if (glyph != style::Glyph::None) {
            style::paintGlyph(painter, theme(), glyph, tone, QRectF(kEdge, 0, style::kGlyphBig, height()),
                              style::kGlyphBig);
        }
    }

private:
    Qt::Edge m_line;
    style::Surface m_surface;
};

DialogFrame::DialogFrame(const style::Theme& theme, QWidget* parent) : QDialog(parent), m_theme(theme)
{
    setModal(true);
    setWindowModality(Qt::WindowModal);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);

    m_head = new Band(theme, Qt::BottomEdge, style::Surface::Raised, this);
    m_head->setFixedHeight(kHead);
    auto* headRow = new QHBoxLayout(m_head);
    headRow->setContentsMargins(kEdge, 0, kEdge, 0);
    headRow->setSpacing(12);
    m_head->title = new widgets::TextLabel(theme, style::Type::Title, style::Ink::Primary, m_head);
    headRow->addWidget(m_head->title, 1);
    column->addWidget(m_head);

    auto* scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    m_bodyWidget = new QWidget(scroll);
    m_bodyWidget->setBackgroundRole(QPalette::Base);
    m_bodyWidget->setAutoFillBackground(true);
    m_body = new QVBoxLayout(m_bodyWidget);
    m_body->setContentsMargins(kEdge, 8, kEdge, 16);
    m_body->setSpacing(8);
    scroll->setWidget(m_bodyWidget);
    m_bodyWidget->installEventFilter(this);
    column->addWidget(scroll, 1);

    m_footBand = new Band(theme, Qt::TopEdge, style::Surface::Inset, this);
    m_footBand->setFixedHeight(kFoot);
    m_foot = new QHBoxLayout(m_footBand);
    m_foot->setContentsMargins(kEdge, 0, kEdge, 0);
    m_foot->setSpacing(8);
    column->addWidget(m_footBand);
}

DialogFrame::~DialogFrame()
{
    delete m_veil;
}

void DialogFrame::setHead(const QString& title, style::Glyph glyph, style::Tone tone)
{
    setWindowTitle(title);
    m_head->title->setText(title);
    m_head->glyph = glyph;
    m_head->tone = tone;
    m_head->layout()->setContentsMargins(glyph == style::Glyph::None ? kEdge : kEdge + style::kGlyphBig + 12,
                                         0, kEdge, 0);
    m_head->update();
}

void DialogFrame::addToHead(QWidget* widget)
{
    static_cast<QHBoxLayout*>(m_head->layout())->addWidget(widget, 0, Qt::AlignVCenter);
}

QVBoxLayout* DialogFrame::pinned()
{
    if (m_pinnedBand == nullptr) {
        m_pinnedBand = new Band(m_theme, Qt::TopEdge, style::Surface::Pane, this);
        auto* inner = new QVBoxLayout(m_pinnedBand);
        inner->setContentsMargins(kEdge, 4, kEdge, 16);
        inner->setSpacing(8);
        m_pinnedBand->installEventFilter(this);
        auto* column = static_cast<QVBoxLayout*>(layout());
        column->insertWidget(column->indexOf(m_footBand), m_pinnedBand);
    }
    return static_cast<QVBoxLayout*>(m_pinnedBand->layout());
}

void DialogFrame::fit()
{
    const QWidget* below = parentWidget() ? parentWidget()->window() : nullptr;
    const QSize room = below ? below->size() : screen()->availableSize();
    const int width = std::min(kWidth, room.width() - 2 * kEdge);
    m_body->activate();
    int wanted = kHead + heightOf(*m_body, width) + kFoot;
    if (m_pinnedBand != nullptr) {
        m_pinnedBand->layout()->activate();
        wanted += heightOf(*m_pinnedBand->layout(), width);
    }
    // A size that a person gave it stays until the content asks for another one.
    if (wanted == m_fittedTo) {
        return;
    }
    m_fittedTo = wanted;
    resize(width, std::min(wanted, room.height() - 2 * kEdge));
    if (below != nullptr) {
        move(below->mapToGlobal(
            QPoint((room.width() - width) / 2, std::max(kEdge, (room.height() - height()) / 3))));
    }
}

bool DialogFrame::eventFilter(QObject* watched, QEvent* event)
{
    // What was added or is worded anew has its height only when it is laid out.
    if (event->type() == QEvent::LayoutRequest && isVisible()) {
        fit();
    }
    return QDialog::eventFilter(watched, event);
}

void DialogFrame::showEvent(QShowEvent* event)
{
    if (QWidget* below = parentWidget() ? parentWidget()->window() : nullptr;
        below != nullptr && m_veil == nullptr) {
        m_veil = new Veil(m_theme, below);
        m_veil->setGeometry(below->rect());
        m_veil->setAttribute(Qt::WA_TransparentForMouseEvents);
        m_veil->show();
    }
    m_fittedTo = 0;
    fit();
    QDialog::showEvent(event);
}

void DialogFrame::hideEvent(QHideEvent* event)
{
    delete m_veil;
    m_veil = nullptr;
    QDialog::hideEvent(event);
}

}  // namespace sluice::dialogs
