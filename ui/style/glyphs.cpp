#include "ui/style/glyphs.h"

#include <QtCore/QHash>
#include <QtCore/QString>
#include <QtGui/QPainter>
#include <QtGui/QPixmapCache>
#include <array>
#include <cmath>

#include "ui/style/theme.h"

namespace sluice::style {

namespace {

constexpr std::array<const char*, kGlyphCount> kNames{
    "",           "disc",         "disc-check", "disc-ring",  "disc-lid", "ring",      "ring-dot",
    "ring-check", "ring-slash",   "ring-x",     "ring-q",     "ring-arc", "ring-plus", "ring-down",
    "play",       "diamond-bang", "square-x",   "square-lid", "tri-down", "half",      "half-x",
    "bars3",      "bars2",        "bars1",      "bars0",      "dash",     "flag-o",    "flag",
    "flag-x",     "link",         "link-dash",  "link-cut",   "link-x"};

}  // namespace

QString glyphName(Glyph glyph)
{
    return QLatin1String(kNames[static_cast<size_t>(glyph)]);
}

Glyph glyphFromName(QStringView name)
{
    for (size_t i = 1; i < kNames.size(); ++i) {
        if (name == QLatin1String(kNames[i])) {
            return static_cast<Glyph>(i);
        }
    }
    return Glyph::None;
}

QPixmap glyphPixmap(Glyph glyph, const QColor& colour, int size, qreal dpr)
{
    const QString key = QStringLiteral("sluice.glyph.%1.%2.%3.%4")
                            .arg(static_cast<int>(glyph))
                            .arg(colour.rgba(), 8, 16)
                            .arg(size)
                            .arg(qRound(dpr * 100));
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) {
        return pixmap;
    }
    const int side = static_cast<int>(std::ceil(size * dpr));
    pixmap = QPixmap(side, side);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(side / 16.0, side / 16.0);
    painter.fillPath(glyphPath(glyph), colour);
    painter.end();
    pixmap.setDevicePixelRatio(dpr);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

void paintGlyph(QPainter& painter, Glyph glyph, const QColor& colour, const QRectF& rect, int size)
{
    if (glyph == Glyph::None) {
        return;
    }
    const qreal dpr = painter.device()->devicePixelRatioF();
    const QPointF corner = rect.center() - QPointF(size / 2.0, size / 2.0);
    // On whole device pixels, or the pixmap would be resampled.
    const QPointF snapped(std::round(corner.x() * dpr) / dpr, std::round(corner.y() * dpr) / dpr);
    painter.drawPixmap(snapped, glyphPixmap(glyph, colour, size, dpr));
}

void paintGlyph(QPainter& painter, const Theme& theme, Glyph glyph, Tone tone, const QRectF& rect, int size)
{
    paintGlyph(painter, glyph, theme.shape(tone), rect, size);
}

}  // namespace sluice::style
