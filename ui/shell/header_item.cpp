#include "ui/shell/header_item.h"

#include <QtGui/QPainter>
#include <cmath>

#include "ui/style/icons.h"
#include "ui/style/paint.h"

namespace sluice::shell {

using namespace style;

namespace {

constexpr int kPad = 13;
constexpr int kGap = 7;
constexpr int kQuietGap = 5;

}  // namespace

HeaderItem::HeaderItem(const Theme& theme, QWidget* parent) : QAbstractButton(parent), m_theme(theme)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setPressable(false);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void HeaderItem::setGlyph(Glyph glyph, Tone tone)
{
    m_glyph = glyph;
    m_glyphTone = tone;
    m_icon.clear();
    updateGeometry();
    update();
}

void HeaderItem::setIconName(const QString& icon)
{
    m_icon = icon;
    m_glyph = Glyph::None;
    updateGeometry();
    update();
}

void HeaderItem::setWords(const QString& words, const QString& quiet, Tone tone)
{
    if (words == text() && quiet == m_quiet && tone == m_tone) {
        return;
    }
    setText(words);
    m_quiet = quiet;
    m_tone = tone;
    setAccessibleName(quiet.isEmpty() ? words : words + QLatin1Char(' ') + quiet);
    updateGeometry();
    update();
}

void HeaderItem::setStrong(bool on)
{
    m_strong = on;
    updateGeometry();
}

void HeaderItem::setCompact(bool on)
{
    m_compact = on;
    update();
}

void HeaderItem::setPressable(bool on)
{
    setFocusPolicy(on ? Qt::StrongFocus : Qt::NoFocus);
    setAttribute(Qt::WA_Hover, on);
    setCursor(on ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void HeaderItem::setRuled(bool on)
{
    m_ruled = on;
    update();
}

QFont HeaderItem::wordFont() const
{
    return m_theme.font(Type::Small, m_strong || !isQuiet(m_tone) ? Weight::SemiBold : Weight::Regular);
}

QSize HeaderItem::sizeHint() const
{
    if (m_compact) {
        return {2 * kPad + kGlyphState, kButton};
    }
    qreal width = 2 * kPad + textWidth(wordFont(), text());
    if (m_glyph != Glyph::None || !m_icon.isEmpty()) {
        width += kGlyphState + kGap;
    }
    if (!m_quiet.isEmpty()) {
        width += kQuietGap + textWidth(m_theme.font(Type::Small), m_quiet);
    }
    return {int(std::ceil(width)) + 1, kButton};
}

void HeaderItem::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    const QRectF box(rect());
    if (m_ruled) {
        paintHairline(painter, box.adjusted(0, 5, 0, -5), Qt::LeftEdge, m_theme.line(Line::Strong));
    }
    const bool hover = focusPolicy() != Qt::NoFocus && underMouse();
    if (hover) {
        paintBox(painter, box.adjusted(4, 1, -4, -1), kRadiusControl, m_theme.surface(Surface::Selected), {});
    }
    const QColor ink =
        isQuiet(m_tone) ? m_theme.ink(m_strong ? Ink::Primary : Ink::Secondary) : m_theme.word(m_tone);
    qreal x = box.left() + kPad;
    const QRectF mark(x, box.top(), kGlyphState, box.height());
    if (m_glyph != Glyph::None) {
        paintGlyph(painter, m_theme, m_glyph, m_glyphTone, mark, kGlyphState);
        x += kGlyphState + kGap;
    } else if (!m_icon.isEmpty()) {
        paintIcon(painter, m_icon, ink, mark, kIconButton);
        x += kGlyphState + kGap;
    }
    if (m_compact) {
        return;
    }
    x += paintText(painter, QRectF(x, box.top(), box.right() - x, box.height()), text(), wordFont(), ink,
                   Qt::AlignLeft, Qt::ElideNone);
    paintText(painter, QRectF(x + kQuietGap, box.top(), box.right() - x, box.height()), m_quiet,
              m_theme.font(Type::Small), m_theme.ink(Ink::Tertiary), Qt::AlignLeft, Qt::ElideNone);
}

}  // namespace sluice::shell
