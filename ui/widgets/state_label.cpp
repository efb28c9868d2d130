#include "ui/widgets/state_label.h"

#include <QtGui/QPainter>
#include <cmath>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

StateLabel::StateLabel(const Theme& theme, QWidget* parent) : ThemedWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void StateLabel::setState(const StateWord& state)
{
    if (state != m_state) {
        m_state = state;
        refresh();
    }
}

void StateLabel::setDetail(const QString& detail)
{
    if (detail != m_detail) {
        m_detail = detail;
        refresh();
    }
}

void StateLabel::setText(const QString& text)
{
    if (text != m_text) {
        m_text = text;
        refresh();
    }
}

void StateLabel::setType(Type type)
{
    m_type = type;
    refresh();
}

void StateLabel::setGlyphOnly(bool on)
{
    m_glyphOnly = on;
    refresh();
}

QString StateLabel::text() const
{
    return m_text.isEmpty() ? m_state.word : m_text;
}

void StateLabel::refresh()
{
    setAccessibleName(m_detail.isEmpty() ? text() : text() + QLatin1Char(' ') + m_detail);
    setToolTip(m_glyphOnly && m_state.meaning.isEmpty() ? text() : m_state.meaning);
    updateGeometry();
    update();
}

int StateLabel::glyphSize() const
{
    switch (m_type) {
        case Type::Tiny:
            return kGlyphSmall;
        case Type::Lead:
            return kGlyphHead;
        case Type::Title:
        case Type::Figure:
            return kGlyphBig;
        default:
            return kGlyphState;
    }
}

QFont StateLabel::wordFont() const
{
    if (m_type == Type::Lead || m_type == Type::Title || m_type == Type::Figure) {
        return theme().font(m_type);
    }
    return theme().font(m_type, isQuiet(m_state.tone) ? Weight::Regular : Weight::Medium);
}

QSize StateLabel::sizeHint() const
{
    const int height = std::max(Theme::lineHeight(m_type), glyphSize());
    if (m_glyphOnly) {
        return {glyphSize(), height};
    }
    qreal width = glyphSize() + kGlyphToWord + textWidth(wordFont(), text());
    if (!m_detail.isEmpty()) {
        width += kGlyphToWord + textWidth(theme().font(detailType()), m_detail);
    }
    return {int(std::ceil(width)) + 1, height};
}

QSize StateLabel::minimumSizeHint() const
{
    // The word of a state is never elided; what stands behind it may be.
    const int height = sizeHint().height();
    if (m_glyphOnly) {
        return {glyphSize(), height};
    }
    return {int(std::ceil(glyphSize() + kGlyphToWord + textWidth(wordFont(), text()))) + 1, height};
}

Type StateLabel::detailType() const
{
    return m_type == Type::Lead || m_type == Type::Title || m_type == Type::Figure ? Type::Body : m_type;
}

void StateLabel::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    const QRectF area(rect());
    const int size = glyphSize();
    paintGlyph(painter, theme(), m_state.glyph, m_state.tone,
               QRectF(area.left(), area.top(), size, area.height()), size);
    if (m_glyphOnly) {
        return;
    }
    QRectF words = area.adjusted(size + kGlyphToWord, 0, 0, 0);
    const bool head = m_type == Type::Lead || m_type == Type::Title || m_type == Type::Figure;
    const QColor ink = head && isQuiet(m_state.tone) && m_state.known && m_state.glyph != Glyph::RingQ
                           ? theme().ink(Ink::Primary)
                           : theme().word(m_state.tone);
    const qreal width = paintText(painter, words, text(), wordFont(), ink);
    words.setLeft(words.left() + width + kGlyphToWord);
    paintText(painter, words, m_detail, theme().font(detailType()), theme().ink(Ink::Tertiary));
}

}  // namespace sluice::widgets
