#include "ui/widgets/text_label.h"

#include <QtGui/QPainter>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

Weight defaultWeight(Type type)
{
    return type == Type::Lead || type == Type::Title || type == Type::Figure ? Weight::SemiBold
                                                                             : Weight::Regular;
}

}  // namespace

TextLabel::TextLabel(const Theme& theme, Type type, Ink ink, QWidget* parent)
    : QLabel(parent), m_theme(theme), m_type(type), m_ink(ink), m_weight(defaultWeight(type))
{
    setTextFormat(Qt::PlainText);
    connect(&theme, &Theme::changed, this, &TextLabel::refresh);
    refresh();
}

TextLabel::TextLabel(const Theme& theme, const QString& text, Type type, Ink ink, QWidget* parent)
    : TextLabel(theme, type, ink, parent)
{
    setText(text);
}

void TextLabel::setInk(Ink ink)
{
    m_ink = ink;
    m_toned = false;
    refresh();
}

void TextLabel::setWeight(Weight weight)
{
    m_weight = weight;
    refresh();
}

void TextLabel::setTone(Tone tone)
{
    m_tone = tone;
    m_toned = true;
    refresh();
}

void TextLabel::setElide(Qt::TextElideMode mode)
{
    m_elide = mode;
    updateGeometry();
    update();
}

void TextLabel::refresh()
{
    setFont(m_theme.font(m_type, m_weight));
    QPalette palette = this->palette();
    const QColor ink = m_toned ? m_theme.word(m_tone) : m_theme.ink(m_ink);
    // On a pane, whose background is Base, Qt takes Text instead of WindowText.
    palette.setColor(QPalette::WindowText, ink);
    palette.setColor(QPalette::Text, ink);
    setPalette(palette);
}

QSize TextLabel::sizeHint() const
{
    const QSize base = QLabel::sizeHint();
    return {base.width() + 1, std::max(base.height(), Theme::lineHeight(m_type))};
}

QSize TextLabel::minimumSizeHint() const
{
    if (m_elide == Qt::ElideNone) {
        return wordWrap() ? QLabel::minimumSizeHint() : sizeHint();
    }
    return {40, sizeHint().height()};
}

void TextLabel::paintEvent(QPaintEvent* event)
{
    if (m_elide == Qt::ElideNone) {
        QLabel::paintEvent(event);
        return;
    }
    QPainter painter(this);
    const QRect room = contentsRect();
    const bool cut = textWidth(font(), text()) > room.width();
    setToolTip(cut ? text() : QString());
    paintText(painter, QRectF(room), text(), font(), palette().color(QPalette::WindowText), alignment(),
              m_elide);
}

}  // namespace sluice::widgets
