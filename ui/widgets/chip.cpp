#include "ui/widgets/chip.h"

#include <QtGui/QPainter>
#include <cmath>

#include "ui/style/icons.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kPad = 9;
constexpr int kGap = 6;
constexpr int kCross = 12;

}  // namespace

Chip::Chip(const Theme& theme, QWidget* parent) : QAbstractButton(parent), m_theme(theme)
{
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    connect(this, &QAbstractButton::toggled, this, &QWidget::updateGeometry);
}

void Chip::setState(const StateWord& state)
{
    m_state = state;
    refresh();
}

void Chip::setCount(const QString& count)
{
    m_count = count;
    refresh();
}

void Chip::refresh()
{
    setAccessibleName(m_count.isEmpty() ? word() : word() + QLatin1Char(' ') + m_count);
    updateGeometry();
    update();
}

QString Chip::word() const
{
    return text().isEmpty() ? m_state.word : text();
}

QSize Chip::sizeHint() const
{
    const QFont font = m_theme.font(Type::Small, Weight::Medium);
    qreal width = 2 * kPad + textWidth(font, word());
    if (!m_state.word.isEmpty()) {
        width += kGlyphState + kGap;
    }
    if (!m_count.isEmpty()) {
        width += kGap + textWidth(font, m_count);
    }
    if (isChecked()) {
        width += kGap + kCross;
    }
    return {int(std::ceil(width)), kChip};
}

QSize Chip::minimumSizeHint() const
{
    return sizeHint();
}

void Chip::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    const QRectF box(rect());
    const bool on = isChecked();
    const Surface fill = on                            ? Surface::Selected
                         : underMouse() && isEnabled() ? Surface::Hover
                                                       : Surface::Pane;
    paintBox(painter, box, box.height() / 2, m_theme.surface(fill),
             on ? m_theme.accent(Accent::Base) : m_theme.line(Line::Strong), on ? 1.5 : 1);
    const QFont font = m_theme.font(Type::Small, Weight::Medium);
    qreal x = box.left() + kPad;
    if (!m_state.word.isEmpty()) {
        paintGlyph(painter, m_theme, m_state.glyph, m_state.tone,
                   QRectF(x, box.top(), kGlyphState, box.height()), kGlyphState);
        x += kGlyphState + kGap;
    }
    const QColor ink = m_theme.ink(isEnabled() ? on ? Ink::Primary : Ink::Secondary : Ink::Disabled);
    const QRectF line(x, box.top(), box.right() - x, box.height());
    x += paintText(painter, line, word(), font, ink, Qt::AlignLeft, Qt::ElideNone) + kGap;
    x += paintText(painter, QRectF(x, box.top(), box.right() - x, box.height()), m_count, font,
                   m_theme.ink(Ink::Tertiary), Qt::AlignLeft, Qt::ElideNone);
    if (on) {
        const QRectF cross(box.right() - kPad - kCross, box.top(), kCross, box.height());
        paintIcon(painter, QStringLiteral("close"), m_theme.ink(Ink::Secondary), cross, kCross);
    }
}

}  // namespace sluice::widgets
