#include "ui/style/paint.h"

#include <QtGui/QFontMetricsF>
#include <QtGui/QPainter>
#include <QtGui/QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/style/theme.h"

namespace sluice::style {

namespace {

constexpr qreal kKeyCapHeight = 18;
constexpr qreal kHatchStep = 5.5;
constexpr qreal kHatchWidth = 1.1;
/// How far a stroke leans over one pixel of height.
constexpr qreal kHatchLean = 0.65;

qreal devicePixel(const QPainter& painter)
{
    return 1.0 / painter.device()->devicePixelRatioF();
}

/// Antialiasing on for one drawing, as it was afterwards.
class Smooth {
public:
    explicit Smooth(QPainter& painter)
        : m_painter(painter), m_was(painter.testRenderHint(QPainter::Antialiasing))
    {
        painter.setRenderHint(QPainter::Antialiasing, true);
    }
    ~Smooth() { m_painter.setRenderHint(QPainter::Antialiasing, m_was); }
    Smooth(const Smooth&) = delete;
    Smooth& operator=(const Smooth&) = delete;

private:
    QPainter& m_painter;
    bool m_was;
};

}  // namespace

void paintHairline(QPainter& painter, const QRectF& rect, Qt::Edge edge, const QColor& colour)
{
    const qreal px = devicePixel(painter);
    QRectF line = rect;
    switch (edge) {
        case Qt::TopEdge:
            line.setHeight(px);
            break;
        case Qt::BottomEdge:
            line.setTop(rect.bottom() - px);
            break;
        case Qt::LeftEdge:
            line.setWidth(px);
            break;
        case Qt::RightEdge:
            line.setLeft(rect.right() - px);
            break;
    }
    painter.fillRect(line, colour);
}

void paintBox(QPainter& painter, const QRectF& rect, qreal radius, const QColor& fill, const QColor& border,
              qreal borderWidth)
{
    const Smooth smooth(painter);
    const qreal width = borderWidth > 0 ? borderWidth : devicePixel(painter);
    painter.setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
    if (!border.isValid()) {
        painter.setPen(Qt::NoPen);
        painter.drawRoundedRect(rect, radius, radius);
        return;
    }
    painter.setPen(QPen(border, width));
    const qreal inset = width / 2;
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), std::max(0.0, radius - inset),
                            std::max(0.0, radius - inset));
}

void paintFocusRing(QPainter& painter, const Theme& theme, const QRectF& rect, qreal radius)
{
    const Smooth smooth(painter);
    const qreal out = kFocusOffset + kFocusRing / 2.0;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.accent(Accent::Focus), kFocusRing));
    painter.drawRoundedRect(rect.adjusted(-out, -out, out, out), radius + out, radius + out);
}

void paintHatch(QPainter& painter, const QRectF& rect, const QColor& ink, const QColor& ground)
{
    painter.save();
    painter.setClipRect(rect, Qt::IntersectClip);
    if (ground.isValid()) {
        painter.fillRect(rect, ground);
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(QPen(ink, kHatchWidth, Qt::SolidLine, Qt::FlatCap));
    const qreal lean = rect.height() * kHatchLean;
    QList<QLineF> lines;
    for (qreal x = rect.left() - lean; x < rect.right() + kHatchStep; x += kHatchStep) {
        lines.append(QLineF(x, rect.bottom(), x + lean, rect.top()));
    }
    painter.drawLines(lines);
    painter.restore();
}

void paintBar(QPainter& painter, const Theme& theme, const QRectF& rect, double fraction, const QColor& fill)
{
    const Smooth smooth(painter);
    const qreal radius = std::min<qreal>(kRadiusMark, rect.height() / 2);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.line(Line::Hairline));
    painter.drawRoundedRect(rect, radius, radius);
    if (fraction <= 0) {
        return;
    }
    QRectF full = rect;
    full.setWidth(std::max(rect.height(), rect.width() * std::min(1.0, fraction)));
    painter.setBrush(fill);
    painter.drawRoundedRect(full, radius, radius);
}

qreal keyCapWidth(const Theme& theme, const QString& key)
{
    return std::max(kKeyCapHeight, std::ceil(textWidth(theme.font(Type::Tiny), key)) + 10);
}

qreal paintKeyCap(QPainter& painter, const Theme& theme, const QPointF& leftMiddle, const QString& key,
                  const QColor& ink, const QColor& border)
{
    const qreal width = keyCapWidth(theme, key);
    const QRectF cap(leftMiddle.x(), std::round(leftMiddle.y() - kKeyCapHeight / 2), width, kKeyCapHeight);
    paintBox(painter, cap, 3, {}, border, 1);
    paintText(painter, cap, key, theme.font(Type::Tiny), ink, Qt::AlignHCenter, Qt::ElideNone);
    return width;
}

qreal paintText(QPainter& painter, const QRectF& rect, const QString& text, const QFont& font,
                const QColor& colour, Qt::Alignment alignment, Qt::TextElideMode mode)
{
    if (rect.width() <= 0 || text.isEmpty()) {
        return 0;
    }
    const QFontMetricsF metrics(font);
    qreal width = metrics.horizontalAdvance(text);
    QString shown = text;
    if (mode != Qt::ElideNone && width > rect.width() + 0.5) {
        shown = metrics.elidedText(text, mode, rect.width());
        width = metrics.horizontalAdvance(shown);
    }
    qreal x = rect.left();
    if (alignment.testFlag(Qt::AlignRight)) {
        x = rect.right() - width;
    } else if (alignment.testFlag(Qt::AlignHCenter)) {
        x = rect.left() + (rect.width() - width) / 2;
    }
    const qreal baseline = rect.top() + (rect.height() + metrics.ascent() - metrics.descent()) / 2;
    painter.setFont(font);
    painter.setPen(colour);
    painter.drawText(QPointF(x, std::round(baseline)), shown);
    return width;
}

qreal textWidth(const QFont& font, const QString& text)
{
    return QFontMetricsF(font).horizontalAdvance(text);
}

Figure splitFigure(const QString& text)
{
    const qsizetype space = text.indexOf(QLatin1Char(' '));
    const bool startsWithNumber =
        !text.isEmpty() && (text.at(0).isDigit() || (text.size() > 1 && text.at(1).isDigit()));
    if (space < 0 || !startsWithNumber) {
        return {.number = text};
    }
    return {.number = text.left(space), .unit = text.mid(space + 1)};
}

qreal paintFigure(QPainter& painter, const Theme& theme, const QRectF& rect, const QString& text,
                  const QFont& font, const QColor& number, Qt::Alignment alignment)
{
    const Figure figure = splitFigure(text);
    if (figure.unit.isEmpty()) {
        return paintText(painter, rect, text, font, number, alignment);
    }
    QFont unitFont = font;
    unitFont.setWeight(QFont::Normal);
    const QString gap = figure.number + QLatin1Char(' ');
    const qreal numberWidth = textWidth(font, gap);
    const qreal width = numberWidth + textWidth(unitFont, figure.unit);
    if (width > rect.width() + 0.5) {
        return paintText(painter, rect, text, font, number, alignment);
    }
    qreal x = rect.left();
    if (alignment.testFlag(Qt::AlignRight)) {
        x = rect.right() - width;
    } else if (alignment.testFlag(Qt::AlignHCenter)) {
        x = rect.left() + (rect.width() - width) / 2;
    }
    paintText(painter, QRectF(x, rect.top(), numberWidth, rect.height()), gap, font, number, Qt::AlignLeft,
              Qt::ElideNone);
    paintText(painter, QRectF(x + numberWidth, rect.top(), width, rect.height()), figure.unit, unitFont,
              theme.ink(Ink::Tertiary), Qt::AlignLeft, Qt::ElideNone);
    return width;
}

}  // namespace sluice::style
