#pragma once

#include <QtCore/QSet>
#include <QtGui/QImage>
#include <vector>

#include "ui/style/theme.h"
#include "ui/widgets/dag_scene.h"

class QPainter;

namespace sluice::widgets {

/// From the scene to the viewport: a factor and where the scene's corner stands.
struct DagCamera {
    double zoom{1};
    QPointF corner{};

    QPointF toView(const QPointF& point) const { return corner + point * zoom; }
    QRectF toView(const QRectF& rect) const { return {toView(rect.topLeft()), rect.size() * zoom}; }
    QPointF toScene(const QPointF& point) const { return (point - corner) / zoom; }
    QRectF toScene(const QRectF& rect) const { return {toScene(rect.topLeft()), rect.size() / zoom}; }
};

/// What is special about this picture.
struct DagLook {
    int current{-1};
    int hovered{-1};
    bool focused{false};
    /// While it moves: no antialiasing.
    bool fast{false};
    /// Marks that stay in full ink; empty: all.
    QSet<int> highlighted{};
};

/// From this zoom on names, words and bars are drawn; names; marks. Below the last there is a density
/// picture.
inline constexpr double kDagWords = 0.7;
inline constexpr double kDagNames = 0.4;
inline constexpr double kDagMarks = 0.04;

/// Draws a DagScene at any zoom.
class DagPainter {
public:
    DagPainter(const style::Theme& theme, const DagScene& scene) : m_theme(theme), m_scene(scene) {}

    void paint(QPainter& painter, const QRectF& viewport, const DagCamera& camera, const DagLook& look);
    /// The whole scene as a density picture of this size, for the minimap.
    QImage density(const QSize& size, qreal dpr) const;

private:
    void paintEdges(QPainter& painter, const QRectF& viewport, const DagCamera& camera);
    void paintEdge(QPainter& painter, int edge, const DagCamera& camera);
    void paintThinEdges(QPainter& painter, const QRectF& viewport, const DagCamera& camera);
    void paintNode(QPainter& painter, int node, const DagCamera& camera, const DagLook& look) const;
    void paintNodeWords(QPainter& painter, int node, const QRectF& box, double zoom) const;
    void paintMarks(QPainter& painter, const QRectF& viewport, const DagCamera& camera, const DagLook& look);
    void paintException(QPainter& painter, int node, const DagCamera& camera) const;
    void paintDensity(QPainter& painter, const QRectF& viewport, const DagCamera& camera) const;
    void paintSelection(QPainter& painter, const DagCamera& camera, const DagLook& look) const;
    bool isDimmed(int node, const DagLook& look) const;

    const style::Theme& m_theme;
    const DagScene& m_scene;
    std::vector<int> m_found{};
    std::vector<QPointF> m_points{};
};

}  // namespace sluice::widgets
