#include "ui/widgets/note_bar.h"

#include <QtGui/QPainter>
#include <QtGui/QResizeEvent>

#include "ui/widgets/text_block.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kBar = 3;
constexpr int kIndent = 13;
constexpr int kPad = 2;

}  // namespace

NoteBar::NoteBar(const Theme& theme, QWidget* parent) : ThemedWidget(theme, parent)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void NoteBar::setTexts(const QString& strong, const QString& rest)
{
    m_strong = strong;
    m_rest = rest;
    setAccessibleName(rest.isEmpty() ? strong : strong + QLatin1Char(' ') + rest);
    updateGeometry();
    update();
}

void NoteBar::setTone(Tone tone)
{
    m_tone = tone;
    update();
}

TextBlock NoteBar::block() const
{
    TextBlock block(theme(), Type::Body);
    block.add(m_strong, Ink::Primary);
    if (!m_rest.isEmpty()) {
        block.add(QStringLiteral(" ") + m_rest, Ink::Secondary);
    }
    return block;
}

int NoteBar::heightForWidth(int width) const
{
    return block().height(width - kIndent) + 2 * kPad;
}

QSize NoteBar::sizeHint() const
{
    return {360, heightForWidth(width() > 120 ? width() : 360)};
}

QSize NoteBar::minimumSizeHint() const
{
    return {160, heightForWidth(std::max(160, width()))};
}

void NoteBar::resizeEvent(QResizeEvent* event)
{
    ThemedWidget::resizeEvent(event);
    updateGeometry();
}

void NoteBar::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.fillRect(QRectF(0, 0, kBar, height()), theme().shape(m_tone));
    block().paint(painter, QPointF(kIndent, kPad), width() - kIndent);
}

}  // namespace sluice::widgets
