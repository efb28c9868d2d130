#include "ui/widgets/chain_view.h"

#include <QtGui/QPainter>
#include <cmath>

#include "ui/style/icons.h"
#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kArrow = 28;
constexpr int kPad = 12;
constexpr int kKindHeight = 18;
constexpr int kTitleHeight = 22;
constexpr int kTitleGap = 2;
constexpr int kLineHeight = 17;
constexpr int kNarrowest = 128;
constexpr int kKindIcon = 14;

}  // namespace

ChainView::ChainView(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setInteractive(true);
    setAccessibleName(tr("From the task to the cause"));
}

void ChainView::setCards(const QList<ChainCard>& cards)
{
    m_cards = cards;
    partsChanged();
}

void ChainView::setCompact(bool on)
{
    m_compact = on;
    partsChanged();
}

int ChainView::partCount() const
{
    return int(m_cards.size());
}

int ChainView::cardHeight() const
{
    qsizetype lines = 0;
    for (const ChainCard& card : m_cards) {
        lines = std::max(lines, card.lines.size());
    }
    lines = m_compact ? std::min<qsizetype>(1, lines) : lines;
    const int pad = m_compact ? 8 : kPad;
    return 2 * pad + kKindHeight + kTitleHeight + (m_compact ? 0 : kTitleGap) + int(lines) * kLineHeight;
}

QRect ChainView::partRect(int part) const
{
    const int count = partCount();
    const double card = (width() - kArrow * (count - 1)) / double(count);
    const int left = int(std::lround(part * (card + kArrow)));
    return {left, 0, int(std::lround(part * (card + kArrow) + card)) - left, height()};
}

QString ChainView::partName(int part) const
{
    const ChainCard& card = m_cards.at(part);
    QStringList words{card.kind + QLatin1Char(' ') + card.title};
    if (!card.mark.word.isEmpty()) {
        words.append(card.mark.word);
    }
    words.append(card.lines);
    return words.join(QStringLiteral(", "));
}

QString ChainView::partToolTip(int part) const
{
    const ChainCard& card = m_cards.at(part);
    const qreal room = partRect(part).width() - 2 * kPad;
    const QFont title = theme().font(card.monoTitle ? Type::Mono : Type::Body, Weight::Medium);
    bool cut = textWidth(title, card.title) > room;
    for (const QString& line : card.lines) {
        cut = cut || textWidth(theme().font(Type::Small), line) > room;
    }
    return cut || (m_compact && card.lines.size() > 1)
               ? card.title + QLatin1Char('\n') + card.lines.join(QLatin1Char('\n'))
               : QString();
}

QSize ChainView::sizeHint() const
{
    const int count = std::max(1, partCount());
    return {count * 170 + (count - 1) * kArrow, cardHeight()};
}

QSize ChainView::minimumSizeHint() const
{
    const int count = std::max(1, partCount());
    return {count * kNarrowest + (count - 1) * kArrow, cardHeight()};
}

bool ChainView::focusNextPrevChild(bool next)
{
    const int part = currentPart() + (next ? 1 : -1);
    if (part >= 0 && part < partCount()) {
        setCurrentPart(part);
        return true;
    }
    setCurrentPart(-1);
    return ItemWidget::focusNextPrevChild(next);
}

void ChainView::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int i = 0; i < partCount(); ++i) {
        paintCard(painter, i);
        if (i == 0) {
            continue;
        }
        const ChainCard& card = m_cards.at(i);
        const bool culprit = !isQuiet(card.tone) && card.tone != Tone::Progress;
        const QColor ink = culprit ? theme().shape(card.tone) : theme().line(Line::Control);
        const qreal tip = partRect(i).left() - 4;
        const qreal tail = tip - kArrow + 8;
        const qreal y = std::floor(height() / 2.0) + 0.5;
        painter.setPen(QPen(ink, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawLine(QPointF(tail, y), QPointF(tip - 1, y));
        painter.drawPolyline(QPolygonF({{tip - 6, y - 4.5}, {tip - 1, y}, {tip - 6, y + 4.5}}));
    }
}

void ChainView::paintCard(QPainter& painter, int part) const
{
    const ChainCard& card = m_cards.at(part);
    const QRectF box(partRect(part));
    const bool culprit = !isQuiet(card.tone) && card.tone != Tone::Progress;
    const bool hover = part == hoveredPart();
    QColor fill = theme().surface(m_compact ? Surface::Inset : Surface::Pane);
    QColor border = theme().line(m_compact ? Line::Hairline : Line::Strong);
    if (culprit) {
        fill = theme().wash(card.tone);
        border = theme().shape(card.tone);
    } else if (hover) {
        border = theme().line(Line::Control);
    }
    paintBox(painter, box, kRadiusControl, fill, border, 1);
    if (part == currentPart() && hasFocus()) {
        paintPartFocus(painter, box, kRadiusControl);
    }

    const int pad = m_compact ? 8 : kPad;
    const int side = m_compact ? 10 : kPad;
    QRectF line(box.left() + side, box.top() + pad, box.width() - 2 * side, kKindHeight);
    const QColor kindInk = culprit ? theme().ink(Ink::Secondary) : theme().ink(Ink::Tertiary);
    qreal right = line.right();
    if (!card.mark.word.isEmpty()) {
        paintGlyph(painter, theme(), card.mark.glyph, card.mark.tone,
                   QRectF(right - kGlyphState, line.top(), kGlyphState, line.height()), kGlyphState);
        right -= kGlyphState + 6;
    }
    qreal x = line.left();
    if (hasIcon(card.icon)) {
        paintIcon(painter, card.icon, kindInk, QRectF(x, line.top(), kKindIcon, line.height()), kKindIcon);
        x += kKindIcon + 7;
    }
    paintText(painter, QRectF(x, line.top(), right - x, line.height()), card.kind, theme().font(Type::Small),
              kindInk);

    line.moveTop(line.bottom());
    line.setHeight(kTitleHeight);
    QFont title = theme().font(card.monoTitle ? Type::Mono : Type::Body, Weight::Medium);
    if (card.monoTitle) {
        title.setPixelSize(Theme::pixelSize(Type::Body));
    }
    paintText(painter, line, card.title, title, theme().ink(Ink::Primary), Qt::AlignLeft, Qt::ElideMiddle);

    line.moveTop(line.bottom() + (m_compact ? 0 : kTitleGap));
    line.setHeight(kLineHeight);
    const qsizetype lines = m_compact ? std::min<qsizetype>(1, card.lines.size()) : card.lines.size();
    for (qsizetype i = 0; i < lines; ++i) {
        paintText(painter, line, card.lines.at(i), theme().font(Type::Small), theme().ink(Ink::Secondary));
        line.moveTop(line.bottom());
    }
}

}  // namespace sluice::widgets
