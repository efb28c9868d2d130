#pragma once

#include <QtCore/QPointF>
#include <QtCore/QRectF>
#include <QtCore/QStringView>
#include <QtGui/QColor>
#include <QtGui/QPainterPath>
#include <QtGui/QPixmap>

#include "ui/style/tokens.h"

class QPainter;

namespace sluice::style {

class Theme;

/// The shapes of states, drawn on a grid of 16.
enum class Glyph {
    None,
    Disc,
    DiscCheck,
    DiscRing,
    DiscLid,
    Ring,
    RingDot,
    RingCheck,
    RingSlash,
    RingX,
    RingQ,
    RingArc,
    RingPlus,
    RingDown,
    Play,
    DiamondBang,
    SquareX,
    SquareLid,
    TriDown,
    Half,
    HalfX,
    Bars3,
    Bars2,
    Bars1,
    Bars0,
    Dash,
    FlagO,
    Flag,
    FlagX,
    Link,
    LinkDash,
    LinkCut,
    LinkX,
};

inline constexpr int kGlyphCount = static_cast<int>(Glyph::LinkX) + 1;

/// "disc-check" and so on; empty for None.
QString glyphName(Glyph glyph);
/// @return None for a name there is no shape of.
Glyph glyphFromName(QStringView name);

/// The whole shape as one filled path on a grid of 16, cut-outs being holes: what lies below shows through.
/// Stays in memory for the life of the program.
const QPainterPath& glyphPath(Glyph glyph);

/// Paints a glyph, centred in `rect`, `size` logical pixels wide. Comes from QPixmapCache by (glyph, colour,
/// size, dpr).
void paintGlyph(QPainter& painter, Glyph glyph, const QColor& colour, const QRectF& rect, int size);
void paintGlyph(QPainter& painter, const Theme& theme, Glyph glyph, Tone tone, const QRectF& rect, int size);

/// @return `size` logical pixels square, in device pixels of `dpr`.
QPixmap glyphPixmap(Glyph glyph, const QColor& colour, int size, qreal dpr);

}  // namespace sluice::style
