#include <QtGui/QPainterPathStroker>
#include <QtGui/QTransform>
#include <array>
#include <cmath>

#include "ui/style/glyphs.h"

namespace sluice::style {

namespace {

constexpr QPointF kCentre{8, 8};
constexpr qreal kStroke = 1.5;
constexpr qreal kRingRadius = 5.75;
constexpr qreal kFullRadius = 6.75;

QPainterPath disc(const QPointF& centre, qreal radius)
{
    QPainterPath path;
    path.addEllipse(centre, radius, radius);
    return path;
}

QPainterPath box(qreal x, qreal y, qreal width, qreal height, qreal radius = 0)
{
    QPainterPath path;
    path.addRoundedRect(QRectF(x, y, width, height), radius, radius);
    return path;
}

QPainterPath outlined(const QPainterPath& line, qreal width, Qt::PenCapStyle cap = Qt::RoundCap)
{
    QPainterPathStroker stroker;
    stroker.setWidth(width);
    stroker.setCapStyle(cap);
    stroker.setJoinStyle(Qt::RoundJoin);
    return stroker.createStroke(line).simplified();
}

QPainterPath line(std::initializer_list<QPointF> points, qreal width = kStroke,
                  Qt::PenCapStyle cap = Qt::RoundCap)
{
    QPainterPath path(*points.begin());
    for (const QPointF& point : points) {
        path.lineTo(point);
    }
    return outlined(path, width, cap);
}

QPainterPath polygon(std::initializer_list<QPointF> points, qreal rounding = 0)
{
    QPainterPath path(*points.begin());
    for (const QPointF& point : points) {
        path.lineTo(point);
    }
    path.closeSubpath();
    return rounding > 0 ? path.united(outlined(path, rounding * 2)) : path;
}

QPainterPath ring(qreal radius = kRingRadius, qreal width = kStroke)
{
    return disc(kCentre, radius + width / 2).subtracted(disc(kCentre, radius - width / 2));
}

QPainterPath arc(qreal startDegrees, qreal spanDegrees, qreal radius = kRingRadius,
                 Qt::PenCapStyle cap = Qt::FlatCap)
{
    const QRectF rect(kCentre.x() - radius, kCentre.y() - radius, radius * 2, radius * 2);
    QPainterPath path;
    path.arcMoveTo(rect, startDegrees);
    path.arcTo(rect, startDegrees, spanDegrees);
    return outlined(path, kStroke, cap);
}

QPainterPath check(qreal width)
{
    return line({{5.0, 8.2}, {7.1, 10.3}, {11.0, 5.9}}, width);
}

QPainterPath cross(const QPointF& centre, qreal reach, qreal width)
{
    return line({centre - QPointF(reach, reach), centre + QPointF(reach, reach)}, width)
        .united(line({centre + QPointF(-reach, reach), centre + QPointF(reach, -reach)}, width));
}

QPainterPath dashedRing()
{
    constexpr int kDashes = 8;
    QPainterPath path;
    for (int i = 0; i < kDashes; ++i) {
        path = path.united(arc(360.0 / kDashes * i + 9, 27));
    }
    return path;
}

QPainterPath questionMark()
{
    QPainterPath hook(QPointF(6.35, 6.6));
    hook.cubicTo({6.35, 4.5}, {9.75, 4.5}, {9.75, 6.5});
    hook.cubicTo({9.75, 7.8}, {8.05, 7.7}, {8.05, 9.1});
    return outlined(hook, 1.3).united(disc({8.05, 11.1}, 0.85));
}

QPainterPath diamondBang()
{
    const QPainterPath bang = line({{8, 4.6}, {8, 8.4}}, 1.8).united(disc({8, 11.2}, 1.05));
    return polygon({{8, 1.3}, {14.7, 8}, {8, 14.7}, {1.3, 8}}, 0.8).subtracted(bang);
}

QPainterPath half()
{
    QPainterPath left;
    left.addRect(QRectF(0, 0, 8, 16));
    return ring().united(disc(kCentre, kRingRadius).intersected(left));
}

/// @param filled of the three bars
QPainterPath bars(int filled)
{
    QPainterPath path;
    for (int i = 0; i < 3; ++i) {
        const qreal height = 4.5 + 3.75 * i;
        const QRectF bar(1.75 + 4.5 * i, 14 - height, 3.5, height);
        QPainterPath part = box(bar.x(), bar.y(), bar.width(), bar.height(), 0.5);
        if (i >= filled) {
            const QRectF inner = bar.adjusted(1.1, 1.1, -1.1, -1.1);
            part = part.subtracted(box(inner.x(), inner.y(), inner.width(), inner.height()));
        }
        path = path.united(part);
    }
    return path;
}

QPainterPath bars0()
{
    const QPainterPath slash = line({{1.75, 2}, {14.25, 14.5}}, 1.5);
    const QPainterPath gap = line({{1.75, 2}, {14.25, 14.5}}, 3.6);
    return bars(0).subtracted(gap).united(slash);
}

QPainterPath flagPole()
{
    return line({{3.25, 1.75}, {3.25, 14.25}});
}

QPainterPath flagCloth()
{
    QPainterPath path(QPointF(3.25, 2.5));
    path.lineTo(13.25, 2.5);
    path.lineTo(11, 5.9);
    path.lineTo(13.25, 9.3);
    path.lineTo(3.25, 9.3);
    path.closeSubpath();
    return path;
}

QPainterPath linkEnds()
{
    return disc({2.9, 8}, 2.4).united(disc({13.1, 8}, 2.4));
}

QPainterPath lid()
{
    return box(2, 1.5, 12, 2, 0.6);
}

QPainterPath make(Glyph glyph)
{
    switch (glyph) {
        case Glyph::None:
            return {};
        case Glyph::Disc:
            return disc(kCentre, 4.75);
        case Glyph::DiscCheck:
            return disc(kCentre, kFullRadius).subtracted(check(1.8));
        case Glyph::DiscRing:
            return ring(6).united(disc(kCentre, 3.4));
        case Glyph::DiscLid:
            return disc({8, 9.9}, 4.7).united(lid());
        case Glyph::Ring:
            return ring();
        case Glyph::RingDot:
            return ring().united(disc(kCentre, 2.4));
        case Glyph::RingCheck:
            return ring().united(check(1.5));
        case Glyph::RingSlash:
            return ring().united(line({{4.1, 11.9}, {11.9, 4.1}}));
        case Glyph::RingX:
            return ring().united(cross(kCentre, 2.2, 1.5));
        case Glyph::RingQ:
            return dashedRing().united(questionMark());
        case Glyph::RingArc:
            return arc(-5, -265, kRingRadius, Qt::RoundCap)
                .united(line({{13.75, 2.2}, {13.75, 5.6}, {10.3, 5.6}}));
        case Glyph::RingPlus:
            return ring().united(line({{8, 5.4}, {8, 10.6}})).united(line({{5.4, 8}, {10.6, 8}}));
        case Glyph::RingDown:
            return ring()
                .united(line({{8, 4.9}, {8, 10.6}}, 1.4))
                .united(line({{5.8, 8.5}, {8, 10.7}, {10.2, 8.5}}, 1.4));
        case Glyph::Play:
            return polygon({{4.1, 3.2}, {12.9, 8}, {4.1, 12.8}}, 0.7);
        case Glyph::DiamondBang:
            return diamondBang();
        case Glyph::SquareX:
            return box(1.75, 1.75, 12.5, 12.5, 1.75).subtracted(cross(kCentre, 2.7, 1.8));
        case Glyph::SquareLid:
            return box(2.5, 5, 11, 9.5, 1).united(lid());
        case Glyph::TriDown:
            return polygon({{2, 3.4}, {14, 3.4}, {8, 13.4}}, 0.7);
        case Glyph::Half:
            return half();
        case Glyph::HalfX:
            return half().subtracted(line({{2.5, 13.5}, {13.5, 2.5}}, 3.8)).united(line({{3, 13}, {13, 3}}));
        case Glyph::Bars3:
            return bars(3);
        case Glyph::Bars2:
            return bars(2);
        case Glyph::Bars1:
            return bars(1);
        case Glyph::Bars0:
            return bars0();
        case Glyph::Dash:
            return box(3, 7.1, 10, 1.8, 0.9);
        case Glyph::FlagO:
            return flagPole().united(outlined(flagCloth(), kStroke));
        case Glyph::Flag:
            return flagPole().united(flagCloth().united(outlined(flagCloth(), kStroke)));
        case Glyph::FlagX:
            return flagPole().united(
                flagCloth().united(outlined(flagCloth(), kStroke)).subtracted(cross({7.2, 5.9}, 1.8, 1.3)));
        case Glyph::Link:
            return linkEnds().united(line({{3, 8}, {13, 8}}));
        case Glyph::LinkDash:
            return linkEnds()
                .united(line({{6.4, 8}, {7.2, 8}}, kStroke, Qt::FlatCap))
                .united(line({{8.8, 8}, {9.6, 8}}, kStroke, Qt::FlatCap));
        case Glyph::LinkCut:
            return linkEnds()
                .united(line({{3, 8}, {6.3, 8}}))
                .united(line({{9.7, 8}, {13, 8}}))
                .united(line({{6.3, 5}, {6.3, 11}}))
                .united(line({{9.7, 5}, {9.7, 11}}));
        case Glyph::LinkX:
            return linkEnds()
                .united(line({{3, 8}, {13, 8}}).subtracted(cross(kCentre, 2.6, 3.2)))
                .united(cross(kCentre, 2.1, 1.4));
    }
    return {};
}

}  // namespace

const QPainterPath& glyphPath(Glyph glyph)
{
    static const std::array<QPainterPath, kGlyphCount> kPaths = [] {
        std::array<QPainterPath, kGlyphCount> paths;
        for (int i = 0; i < kGlyphCount; ++i) {
            paths[static_cast<size_t>(i)] = make(static_cast<Glyph>(i));
        }
        return paths;
    }();
    return kPaths[static_cast<size_t>(glyph)];
}

}  // namespace sluice::style
