#pragma once

#include <QtCore/QRectF>
#include <QtCore/QString>
#include <QtGui/QColor>
#include <QtGui/QFont>

#include "ui/style/tokens.h"

class QPainter;

/// Small pieces of drawing that several widgets share. Rectangles are logical pixels.
namespace sluice::style {

class Theme;

/// A line one device pixel thick along the inside of one edge.
void paintHairline(QPainter& painter, const QRectF& rect, Qt::Edge edge, const QColor& colour);
/// A box with a border of one device pixel that stays inside `rect`. Either colour may be invalid.
void paintBox(QPainter& painter, const QRectF& rect, qreal radius, const QColor& fill, const QColor& border,
              qreal borderWidth = 0);
/// The focus ring: 2 px, 2 px outside of `rect`.
void paintFocusRing(QPainter& painter, const Theme& theme, const QRectF& rect, qreal radius);
/// Diagonal strokes: what is old, or waits.
void paintHatch(QPainter& painter, const QRectF& rect, const QColor& ink, const QColor& ground = {});
/// A bar of `fraction`, drawn at once, never animated. A negative fraction draws the empty bar.
void paintBar(QPainter& painter, const Theme& theme, const QRectF& rect, double fraction, const QColor& fill);
/// A small box with the name of a key. @return its width
qreal paintKeyCap(QPainter& painter, const Theme& theme, const QPointF& leftMiddle, const QString& key,
                  const QColor& ink, const QColor& border);
qreal keyCapWidth(const Theme& theme, const QString& key);

/// One line of text, vertically centred, elided at `mode` if it does not fit. @return the width it took
qreal paintText(QPainter& painter, const QRectF& rect, const QString& text, const QFont& font,
                const QColor& colour, Qt::Alignment alignment = Qt::AlignLeft,
                Qt::TextElideMode mode = Qt::ElideRight);
qreal textWidth(const QFont& font, const QString& text);

/// "1.42 GiB/s" → {"1.42", "GiB/s"}; a text that starts with no number comes back whole in `number`.
struct Figure {
    QString number{};
    QString unit{};
};
Figure splitFigure(const QString& text);
/// A number with its unit in tertiary ink. @return the width it took
qreal paintFigure(QPainter& painter, const Theme& theme, const QRectF& rect, const QString& text,
                  const QFont& font, const QColor& number, Qt::Alignment alignment);

}  // namespace sluice::style
