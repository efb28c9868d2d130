#pragma once

#include <QtCore/QFutureWatcher>
#include <QtCore/QTimer>
#include <atomic>
#include <memory>
#include <vector>

#include "ui/widgets/dag_minimap.h"
#include "ui/widgets/dag_painter.h"
#include "ui/widgets/dag_scene.h"
#include "ui/widgets/dag_view.h"
#include "ui/widgets/zoom_bar.h"

namespace sluice::widgets {

inline constexpr double kMargin = 24;
/// Room at the bottom for the legend and the zoom bar.
inline constexpr double kFooter = 44;

struct DagView::Private {
    Private(const style::Theme& theme, DagView* view);
    ~Private();

    void startLayout(const QList<DagNode>& nodes);
    void takePlan(DagPlan plan);
    void stopLayout();
    bool changeStates(DagScene& target, const QList<DagNode>& nodes);

    DagCamera camera() const;
    QSizeF contentSize() const;
    void setScrollRanges();
    /// @param anchor in the viewport; what is there stays there
    void zoomTo(double zoom, const QPointF& anchor);
    void ensureVisible(int node);
    void setCurrent(int node);
    void setHovered(int node);
    void placeOverlays();
    void refreshMinimap();
    void refreshMinimapFrame();
    void noteMotion();
    void refreshVisible();

    const style::Theme& theme;
    DagView* view;
    std::unique_ptr<DagScene> scene{};
    /// The graph whose layout is being made; the old one stays until then.
    std::unique_ptr<DagScene> coming{};
    QFutureWatcher<DagPlan> watcher{};
    std::shared_ptr<std::atomic_bool> stop{};
    ZoomBar* zoomBar{};
    DagMinimap* minimap{};
    bool minimapWanted{true};
    bool minimapStale{true};
    QTimer settle{};
    bool moving{false};
    double zoom{1};
    /// Nobody has zoomed or scrolled yet: the graph follows the size of the view.
    bool fitted{true};
    bool adjusting{false};
    QString current{};
    int hovered{-1};
    QSet<int> highlighted{};
    QPoint dragFrom{};
    QPoint dragScroll{};
    bool dragging{false};
    /// The nodes in sight, for assistive programs.
    std::vector<int> visible{};
};

}  // namespace sluice::widgets
