#include "ui/widgets/dag_painter.h"

#include <QtGui/QPainter>
#include <QtGui/QPainterPath>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/style/glyphs.h"
#include "ui/style/paint.h"
#include "ui/style/state_words.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr double kRadius = 4;
constexpr double kBarHeight = 3;
constexpr double kGlyphLeft = 9;
constexpr double kTextLeft = 26;
constexpr double kTextRight = 4;
constexpr int kGlyph = 12;
constexpr double kArrow = 5;
constexpr double kDim = 0.3;
constexpr double kHalo = 2;

QColor mixed(const QColor& a, const QColor& b, double share)
{
    return QColor::fromRgbF(float(a.redF() * (1 - share) + b.redF() * share),
                            float(a.greenF() * (1 - share) + b.greenF() * share),
                            float(a.blueF() * (1 - share) + b.blueF() * share));
}

}  // namespace

void DagPainter::paint(QPainter& painter, const QRectF& viewport, const DagCamera& camera,
                       const DagLook& look)
{
    if (m_scene.plan().nodes.empty()) {
        return;
    }
    painter.setRenderHint(QPainter::Antialiasing, !look.fast);
    if (camera.zoom < kDagMarks) {
        paintDensity(painter, viewport, camera);
    } else if (camera.zoom < kDagNames) {
        paintThinEdges(painter, viewport, camera);
        paintMarks(painter, viewport, camera, look);
    } else {
        paintEdges(painter, viewport, camera);
        m_scene.nodesIn(camera.toScene(viewport), m_found);
        for (const int node : m_found) {
            paintNode(painter, node, camera, look);
        }
    }
    paintSelection(painter, camera, look);
}

bool DagPainter::isDimmed(int node, const DagLook& look) const
{
    return !look.highlighted.isEmpty() && !look.highlighted.contains(int(m_scene.mark(node)));
}

void DagPainter::paintEdges(QPainter& painter, const QRectF& viewport, const DagCamera& camera)
{
    const double far = 60 / camera.zoom;
    m_scene.edgesIn(camera.toScene(viewport).adjusted(-far, -far, far, far), m_found);
    // Plain ones first: what stands behind a stalled task is never covered.
    for (const bool behind : {false, true}) {
        for (const int edge : m_found) {
            if ((m_scene.behind(edge) != Tone::Neutral) == behind) {
                paintEdge(painter, edge, camera);
            }
        }
    }
}

void DagPainter::paintEdge(QPainter& painter, int edge, const DagCamera& camera)
{
    m_scene.edgePoints(edge, m_points);
    const Tone tone = m_scene.behind(edge);
    const bool plain = tone == Tone::Neutral;
    const QPointF end = camera.toView(m_points.back());
    const double arrow = kArrow * std::min(1.0, camera.zoom + 0.2);
    QPainterPath path(camera.toView(m_points.front()));
    for (size_t i = 1; i < m_points.size(); ++i) {
        const QPointF from = path.currentPosition();
        QPointF to = camera.toView(m_points[i]);
        if (i + 1 == m_points.size()) {
            to -= QPointF(arrow, 0);
        }
        if (std::abs(from.y() - to.y()) < 0.5) {
            path.lineTo(to);
            continue;
        }
        const double reach = std::max((to.x() - from.x()) / 2, 8 * camera.zoom);
        path.cubicTo(from + QPointF(reach, 0), to - QPointF(reach, 0), to);
    }
    QPen pen(plain ? m_theme.line(Line::Strong) : m_theme.shape(tone), plain ? 1.25 : 1.75, Qt::SolidLine,
             Qt::FlatCap);
    if (!plain) {
        pen.setDashPattern({3, 2});
    }
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    painter.setPen(Qt::NoPen);
    painter.setBrush(plain ? m_theme.line(Line::Control) : m_theme.shape(tone));
    painter.drawPolygon(QPolygonF(
        {end, end + QPointF(-arrow * 1.3, -arrow * 0.8), end + QPointF(-arrow * 1.3, arrow * 0.8)}));
}

void DagPainter::paintNode(QPainter& painter, int node, const DagCamera& camera, const DagLook& look) const
{
    const DagMark mark = m_scene.mark(node);
    const DagNode& data = m_scene.node(node);
    const QRectF box = camera.toView(m_scene.nodeRect(node));
    const double radius = kRadius * camera.zoom;
    const bool dimmed = isDimmed(node, look);
    if (dimmed) {
        painter.setOpacity(kDim);
    }
    const bool quiet = mark == DagMark::Waiting || mark == DagMark::Ready || mark == DagMark::Cancelled ||
                       mark == DagMark::Unknown;
    const bool exception = m_scene.isException(node);
    QColor fill = m_theme.surface(quiet ? Surface::Inset : Surface::Pane);
    QPen pen(m_theme.line(mark == DagMark::Done ? Line::Hairline : Line::Strong), 1);
    if (exception) {
        fill = m_theme.wash(toneOf(mark));
        pen = QPen(m_theme.shape(toneOf(mark)), 1.25);
    } else if (quiet) {
        pen.setDashPattern({3, 2.5});
    }
    if (node == look.hovered) {
        fill = exception ? fill : m_theme.surface(Surface::Hover);
        pen.setColor(exception ? m_theme.shape(toneOf(mark)) : m_theme.line(Line::Control));
    }
    painter.setPen(pen);
    painter.setBrush(fill);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);

    const bool bar = (data.fraction >= 0 && toneOf(mark) == Tone::Progress) || exception;
    if (bar && camera.zoom >= kDagWords) {
        const double share = exception && data.fraction < 0 ? 1 : std::clamp(data.fraction, 0.0, 1.0);
        const double height = kBarHeight * camera.zoom;
        painter.save();
        QPainterPath clip;
        clip.addRoundedRect(box, radius, radius);
        painter.setClipPath(clip, Qt::IntersectClip);
        const QRectF line(box.left(), box.bottom() - height, box.width() * (exception ? 1 : share), height);
        painter.fillRect(line, m_theme.shape(data.stale ? Tone::Neutral : toneOf(mark)));
        painter.restore();
    }
    if (data.stale) {
        paintHatch(painter, QRectF(box.left() + 1, box.top() + 1, 5 * camera.zoom, box.height() - 2),
                   m_theme.shape(Tone::Warn));
    }
    paintNodeWords(painter, node, box, camera.zoom);
    if (dimmed) {
        painter.setOpacity(1);
    }
}

void DagPainter::paintNodeWords(QPainter& painter, int node, const QRectF& box, double zoom) const
{
    const DagNode& data = m_scene.node(node);
    const DagMark mark = m_scene.mark(node);
    const StateWord state = stateWord(Domain::Task, data.state);
    const bool words = zoom >= kDagWords;
    const DagMetrics metrics = m_scene.metrics();
    painter.save();
    painter.translate(box.topLeft());
    painter.scale(zoom, zoom);
    const double middle = words ? 17.5 : metrics.nodeHeight / 2;
    const Tone tone = data.stale ? Tone::Neutral : state.tone;
    painter.save();
    painter.translate(kGlyphLeft, middle - kGlyph / 2.0);
    painter.scale(kGlyph / 16.0, kGlyph / 16.0);
    painter.fillPath(glyphPath(state.glyph), m_theme.shape(tone));
    painter.restore();

    const bool loud = m_scene.isException(node) || toneOf(mark) == Tone::Progress;
    const double room = metrics.nodeWidth - kTextLeft - kTextRight;
    QFont name = m_theme.font(Type::Small, Weight::Medium);
    if (!words) {
        name.setPixelSize(15);
    }
    paintText(painter, QRectF(kTextLeft, middle - 10, room, 20), data.name, name,
              m_theme.ink(loud ? Ink::Primary : Ink::Secondary), Qt::AlignLeft, Qt::ElideMiddle);
    if (words) {
        const bool exception = m_scene.isException(node);
        paintText(painter, QRectF(kTextLeft, 27, room, 16), data.detail, m_theme.font(Type::Tiny),
                  m_theme.ink(exception ? Ink::Primary : Ink::Tertiary));
    }
    painter.restore();
}

void DagPainter::paintSelection(QPainter& painter, const DagCamera& camera, const DagLook& look) const
{
    if (look.current < 0) {
        return;
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
    QRectF box = camera.toView(m_scene.nodeRect(look.current));
    const double least = 12;
    if (box.height() < least) {
        box = QRectF(box.center() - QPointF(std::max(box.width(), least) / 2, least / 2),
                     QSizeF(std::max(box.width(), least), least));
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(m_theme.accent(look.focused ? Accent::Focus : Accent::Base), kSelectionLine));
    painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), kRadius * camera.zoom + 3, kRadius * camera.zoom + 3);
}

QImage DagPainter::density(const QSize& size, qreal dpr) const
{
    const QSize pixels = size * dpr;
    QImage image(pixels, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(dpr);
    image.fill(Qt::transparent);
    if (m_scene.plan().nodes.empty()) {
        return image;
    }
    const QSizeF whole = m_scene.size();
    const double zoom = std::min(size.width() / whole.width(), size.height() / whole.height());
    const DagCamera camera{.zoom = zoom,
                           .corner = QPointF((size.width() - whole.width() * zoom) / 2,
                                             (size.height() - whole.height() * zoom) / 2)};
    QPainter painter(&image);
    paintDensity(painter, QRectF(QPointF(0, 0), QSizeF(size)), camera);
    return image;
}

void DagPainter::paintDensity(QPainter& painter, const QRectF& viewport, const DagCamera& camera) const
{
    // One mark per cell of a coarse grid, in the tone that matters most there.
    constexpr double kCell = 2;
    const int columns = int(viewport.width() / kCell) + 1;
    const int rows = int(viewport.height() / kCell) + 1;
    std::vector<quint8> cells(size_t(columns) * size_t(rows), 0);
    const auto weight = [](DagMark mark) -> quint8 {
        switch (toneOf(mark)) {
            case Tone::Crit:
                return 5;
            case Tone::Warn:
                return 4;
            case Tone::Progress:
                return 3;
            case Tone::Ok:
                return 2;
            default:
                return 1;
        }
    };
    const double width = m_scene.metrics().nodeWidth * camera.zoom;
    std::vector<int> exceptions;
    for (int i = 0; i < m_scene.count(); ++i) {
        const QPointF centre = camera.toView(m_scene.plan().nodes[size_t(i)]);
        const int row = int(centre.y() / kCell);
        const int first = std::max(0, int((centre.x() - width / 2) / kCell));
        const int last = std::min(columns - 1, int((centre.x() + width / 2) / kCell));
        if (row < 0 || row >= rows) {
            continue;
        }
        const quint8 own = weight(m_scene.mark(i));
        for (int column = first; column <= last; ++column) {
            quint8& cell = cells[size_t(row) * size_t(columns) + size_t(column)];
            cell = std::max(cell, own);
        }
        if (m_scene.isException(i)) {
            exceptions.push_back(i);
        }
    }
    // What is done takes less ink, what waits least of all.
    const QColor quiet = mixed(m_theme.surface(Surface::Inset), m_theme.shape(Tone::Neutral), 0.4);
    const QColor done = mixed(m_theme.surface(Surface::Inset), m_theme.shape(Tone::Ok), 0.6);
    const std::array<QColor, 6> colours{QColor(),
                                        quiet,
                                        done,
                                        m_theme.shape(Tone::Progress),
                                        m_theme.shape(Tone::Warn),
                                        m_theme.shape(Tone::Crit)};
    std::array<QList<QRectF>, 6> batches;
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns;) {
            const quint8 own = cells[size_t(row) * size_t(columns) + size_t(column)];
            int end = column + 1;
            while (end < columns && cells[size_t(row) * size_t(columns) + size_t(end)] == own) {
                ++end;
            }
            if (own > 0) {
                batches[own].append(QRectF(viewport.left() + column * kCell, viewport.top() + row * kCell,
                                           (end - column) * kCell, kCell));
            }
            column = end;
        }
    }
    painter.setPen(Qt::NoPen);
    for (size_t i = 1; i < batches.size(); ++i) {
        painter.setBrush(colours[i]);
        painter.drawRects(batches[i]);
    }
    for (const int node : exceptions) {
        paintException(painter, node, camera);
    }
}

void DagPainter::paintException(QPainter& painter, int node, const DagCamera& camera) const
{
    constexpr double kLeast = 10;
    QRectF box = camera.toView(m_scene.nodeRect(node));
    const QSizeF size(std::max(box.width(), kLeast), std::max(box.height(), kLeast));
    box = QRectF(box.center() - QPointF(size.width() / 2, size.height() / 2), size);
    const QColor colour = m_theme.shape(toneOf(m_scene.mark(node)));
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.surface(Surface::Pane));
    painter.drawRect(box.adjusted(-kHalo, -kHalo, kHalo, kHalo));
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colour, 1.5));
    painter.drawRect(box.adjusted(-kHalo, -kHalo, kHalo, kHalo));
    painter.fillRect(box, colour);
}

}  // namespace sluice::widgets
