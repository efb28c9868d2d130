#include "ui/widgets/text_block.h"

#include <QtCore/QStringList>
#include <QtGui/QFontMetricsF>
#include <QtGui/QPainter>
#include <QtGui/QTextLayout>
#include <algorithm>
#include <cmath>

namespace sluice::widgets {

TextBlock::TextBlock(const style::Theme& theme, style::Type type) : m_theme(theme), m_type(type) {}

TextBlock& TextBlock::add(const QString& text, style::Ink ink, style::Weight weight)
{
    return add(text, m_theme.ink(ink), weight);
}

TextBlock& TextBlock::add(const QString& text, const QColor& colour, style::Weight weight)
{
    const QStringList spans = text.split(QLatin1Char('`'));
    for (qsizetype i = 0; i < spans.size(); ++i) {
        if (spans.at(i).isEmpty()) {
            continue;
        }
        const bool code = i % 2 == 1;
        QFont font = code ? m_theme.font(style::Type::Mono) : m_theme.font(m_type, weight);
        m_pieces.append(
            {.start = m_text.size(), .length = spans.at(i).size(), .colour = colour, .font = font});
        m_text += spans.at(i);
    }
    return *this;
}

template <typename Use>
int TextBlock::layOut(qreal width, Use use) const
{
    QTextLayout layout(m_text, m_theme.font(m_type, style::Weight::Regular));
    QList<QTextLayout::FormatRange> formats;
    for (const Piece& piece : m_pieces) {
        QTextLayout::FormatRange range;
        range.start = int(piece.start);
        range.length = int(piece.length);
        range.format.setFont(piece.font);
        range.format.setForeground(piece.colour);
        formats.append(range);
    }
    layout.setFormats(formats);
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    const int step = style::Theme::lineHeight(m_type);
    int lines = 0;
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(std::max(1.0, width));
        const qreal slack = (step - line.height()) / 2;
        line.setPosition(QPointF(0, std::round(lines * step + slack)));
        ++lines;
    }
    layout.endLayout();
    use(layout);
    return lines * step;
}

int TextBlock::height(qreal width) const
{
    return isEmpty() ? 0 : layOut(width, [](const QTextLayout&) {});
}

qreal TextBlock::naturalWidth() const
{
    qreal widest = 0;
    layOut(1e6, [&widest](const QTextLayout& layout) { widest = layout.maximumWidth(); });
    return std::ceil(widest);
}

int TextBlock::paint(QPainter& painter, const QPointF& corner, qreal width) const
{
    if (isEmpty()) {
        return 0;
    }
    return layOut(width, [&painter, &corner](const QTextLayout& layout) { layout.draw(&painter, corner); });
}

}  // namespace sluice::widgets
