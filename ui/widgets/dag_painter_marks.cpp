#include <QtGui/QPainter>
#include <algorithm>
#include <array>

#include "ui/widgets/dag_painter.h"

namespace sluice::widgets {

using namespace style;

namespace {

/// More lines than this cannot be told apart and cost time.
constexpr size_t kEdgeBudget = 6000;
constexpr qsizetype kCrowd = 600;
constexpr double kDoneLine = 2.5;

enum Batch { DoneLines, RunningBlocks, CheckedBlocks, Outlines, Dots, BatchCount };

}  // namespace

void DagPainter::paintThinEdges(QPainter& painter, const QRectF& viewport, const DagCamera& camera)
{
    m_scene.edgesIn(camera.toScene(viewport), m_found);
    const size_t step = m_found.size() / kEdgeBudget + 1;
    QList<QLineF> plain;
    QList<QLineF> amber;
    QList<QLineF> red;
    for (size_t i = 0; i < m_found.size(); ++i) {
        const Tone tone = m_scene.behind(m_found[i]);
        if (tone == Tone::Neutral && i % step != 0) {
            continue;
        }
        m_scene.edgePoints(m_found[i], m_points);
        QList<QLineF>& lines = tone == Tone::Warn ? amber : tone == Tone::Crit ? red : plain;
        for (size_t k = 1; k < m_points.size(); ++k) {
            lines.append(QLineF(camera.toView(m_points[k - 1]), camera.toView(m_points[k])));
        }
    }
    const bool smooth = painter.testRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::Antialiasing, smooth && plain.size() < int(kEdgeBudget / 4));
    QColor faint = m_theme.line(Line::Strong);
    faint.setAlphaF(plain.size() > kCrowd ? 0.25F : 0.6F);
    painter.setPen(QPen(faint, 1));
    painter.drawLines(plain);
    painter.setPen(QPen(m_theme.shape(Tone::Crit), 1));
    painter.drawLines(red);
    painter.setPen(QPen(m_theme.shape(Tone::Warn), 1));
    painter.drawLines(amber);
    painter.setRenderHint(QPainter::Antialiasing, smooth);
}

void DagPainter::paintMarks(QPainter& painter, const QRectF& viewport, const DagCamera& camera,
                            const DagLook& look)
{
    m_scene.nodesIn(camera.toScene(viewport), m_found);
    std::array<QList<QRectF>, BatchCount> full;
    std::array<QList<QRectF>, BatchCount> dimmed;
    std::vector<int> exceptions;
    for (const int node : m_found) {
        const QRectF box = camera.toView(m_scene.nodeRect(node)).adjusted(0.5, 0.5, -0.5, -0.5);
        std::array<QList<QRectF>, BatchCount>& into = isDimmed(node, look) ? dimmed : full;
        switch (m_scene.mark(node)) {
            case DagMark::Done:
                into[DoneLines].append(
                    QRectF(box.left(), box.center().y() - kDoneLine / 2, box.width(), kDoneLine));
                break;
            case DagMark::Running:
                into[RunningBlocks].append(box);
                break;
            case DagMark::Verifying:
                into[CheckedBlocks].append(box);
                break;
            case DagMark::Stalled:
            case DagMark::Failed:
                exceptions.push_back(node);
                break;
            case DagMark::Ready:
                into[Dots].append(QRectF(box.left() + 2, box.center().y() - 1.25, 2.5, 2.5));
                into[Outlines].append(box);
                break;
            default:
                into[Outlines].append(box);
                break;
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    const auto draw = [&](const std::array<QList<QRectF>, BatchCount>& batches) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.shape(Tone::Ok));
        painter.drawRects(batches[DoneLines]);
        painter.setBrush(m_theme.shape(Tone::Progress));
        painter.drawRects(batches[RunningBlocks]);
        painter.setPen(QPen(m_theme.shape(Tone::Progress), 1));
        painter.setBrush(m_theme.wash(Tone::Progress));
        painter.drawRects(batches[CheckedBlocks]);
        painter.setPen(QPen(m_theme.shape(Tone::Neutral), 1));
        painter.setBrush(m_theme.surface(Surface::Inset));
        painter.drawRects(batches[Outlines]);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.shape(Tone::Neutral));
        painter.drawRects(batches[Dots]);
    };
    painter.setOpacity(0.3);
    draw(dimmed);
    painter.setOpacity(1);
    draw(full);
    for (const int node : exceptions) {
        paintException(painter, node, camera);
    }
}

}  // namespace sluice::widgets
