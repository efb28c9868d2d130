#include "ui/widgets/dag_view_private.h"

#include <QtCore/QPromise>
#include <QtCore/QThreadPool>
#include <QtWidgets/QScrollBar>
#include <algorithm>
#include <chrono>
#include <cmath>

#include "ui/style/paint.h"
#include "ui/style/state_words.h"

namespace sluice::widgets {

using namespace style;
using namespace std::chrono_literals;

namespace {

constexpr double kZoomMin = 0.01;
constexpr double kZoomMax = 2;
/// A layout this small is made at once: the first picture is the graph, not an empty field.
constexpr qsizetype kAtOnce = 200;
constexpr size_t kMostParts = 400;

}  // namespace

DagView::Private::Private(const Theme& theme, DagView* view)
    : theme(theme), view(view), zoomBar(new ZoomBar(theme, view)), minimap(new DagMinimap(theme, view))
{
    settle.setSingleShot(true);
    settle.setInterval(120ms);
    QObject::connect(&settle, &QTimer::timeout, view, [this] {
        moving = false;
        this->view->viewport()->update();
    });
    QObject::connect(&watcher, &QFutureWatcherBase::finished, view, [this] {
        if (watcher.future().resultCount() > 0) {
            takePlan(watcher.result());
        }
    });
}

DagView::Private::~Private()
{
    stopLayout();
}

void DagView::Private::stopLayout()
{
    if (stop != nullptr) {
        stop->store(true);
        stop.reset();
    }
    watcher.setFuture(QFuture<DagPlan>());
    coming.reset();
}

void DagView::Private::startLayout(const QList<DagNode>& nodes)
{
    stopLayout();
    coming = std::make_unique<DagScene>(nodes);
    if (nodes.size() <= kAtOnce) {
        takePlan(layoutDag(coming->shape(), coming->metrics()));
        return;
    }
    stop = std::make_shared<std::atomic_bool>(false);
    auto promise = std::make_shared<QPromise<DagPlan>>();
    watcher.setFuture(promise->future());
    QThreadPool::globalInstance()->start(
        [promise, stop = stop, shape = coming->shape(), metrics = coming->metrics()] {
            promise->start();
            DagPlan plan = layoutDag(shape, metrics, stop.get());
            if (!stop->load()) {
                promise->addResult(std::move(plan));
            }
            promise->finish();
        });
}

void DagView::Private::takePlan(DagPlan plan)
{
    if (coming == nullptr) {
        return;
    }
    const bool first = scene == nullptr;
    coming->setPlan(std::move(plan));
    scene = std::move(coming);
    stop.reset();
    hovered = -1;
    if (scene->indexOf(current) < 0) {
        current.clear();
    }
    minimapStale = true;
    if (first || fitted) {
        view->fit();
    } else {
        setScrollRanges();
    }
    view->viewport()->update();
    Q_EMIT view->laidOut();
}

bool DagView::Private::changeStates(DagScene& target, const QList<DagNode>& nodes)
{
    bool changed = false;
    for (const DagNode& node : nodes) {
        const int index = target.indexOf(node.id);
        if (index >= 0) {
            changed = target.setNode(index, node) || changed;
        }
    }
    if (changed) {
        target.refreshBehind();
    }
    return changed;
}

QSizeF DagView::Private::contentSize() const
{
    const QSizeF size = scene != nullptr ? scene->size() * zoom : QSizeF();
    return {size.width() + 2 * kMargin, size.height() + kMargin + kFooter};
}

DagCamera DagView::Private::camera() const
{
    const QSizeF content = contentSize();
    const QSize port = view->viewport()->size();
    const double left =
        std::max(0.0, (port.width() - content.width()) / 2) + kMargin - view->horizontalScrollBar()->value();
    const double top =
        std::max(0.0, (port.height() - content.height()) / 2) + kMargin - view->verticalScrollBar()->value();
    return {.zoom = zoom, .corner = QPointF(std::round(left), std::round(top))};
}

void DagView::Private::setScrollRanges()
{
    adjusting = true;
    const QSizeF content = contentSize();
    const QSize port = view->viewport()->size();
    const auto set = [](QScrollBar* bar, double length, int page) {
        bar->setRange(0, std::max(0, int(std::ceil(length)) - page));
        bar->setPageStep(page);
        bar->setSingleStep(40);
    };
    set(view->horizontalScrollBar(), content.width(), port.width());
    set(view->verticalScrollBar(), content.height(), port.height());
    adjusting = false;
    refreshMinimap();
}

void DagView::Private::zoomTo(double wanted, const QPointF& anchor)
{
    const double next = std::clamp(wanted, kZoomMin, kZoomMax);
    if (scene == nullptr) {
        return;
    }
    const QPointF held = camera().toScene(anchor);
    const bool changed = next != zoom;
    zoom = next;
    setScrollRanges();
    const QPointF now = camera().toView(held);
    adjusting = true;
    view->horizontalScrollBar()->setValue(view->horizontalScrollBar()->value() +
                                          int(std::lround(now.x() - anchor.x())));
    view->verticalScrollBar()->setValue(view->verticalScrollBar()->value() +
                                        int(std::lround(now.y() - anchor.y())));
    adjusting = false;
    zoomBar->setZoom(zoom);
    refreshMinimap();
    view->viewport()->update();
    if (changed) {
        Q_EMIT view->zoomChanged(zoom);
    }
}

void DagView::Private::ensureVisible(int node)
{
    const QRectF box = camera().toView(scene->nodeRect(node)).adjusted(-kMargin, -kMargin, kMargin, kMargin);
    const QSize port = view->viewport()->size();
    const auto nudge = [](QScrollBar* bar, double low, double high, int room) {
        if (low < 0) {
            bar->setValue(bar->value() + int(std::floor(low)));
        } else if (high > room) {
            bar->setValue(bar->value() + int(std::ceil(std::min(high - room, low))));
        }
    };
    nudge(view->horizontalScrollBar(), box.left(), box.right(), port.width());
    nudge(view->verticalScrollBar(), box.top(), box.bottom(), port.height());
}

void DagView::Private::setCurrent(int node)
{
    const QString id = node >= 0 ? scene->node(node).id : QString();
    if (id == current) {
        return;
    }
    current = id;
    if (node >= 0) {
        ensureVisible(node);
    }
    view->viewport()->update();
    refreshVisible();
    announceCurrentPart(view, view->currentPart());
    Q_EMIT view->currentNodeChanged(current);
}

void DagView::Private::setHovered(int node)
{
    if (node == hovered) {
        return;
    }
    hovered = node;
    view->viewport()->setCursor(node >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    view->viewport()->update();
}

void DagView::Private::placeOverlays()
{
    const QRect port = view->viewport()->geometry();
    zoomBar->move(port.right() - zoomBar->width() - 16, port.bottom() - zoomBar->height() - 12);
    minimap->move(port.right() - minimap->width() - 16, zoomBar->y() - minimap->height() - 8);
}

void DagView::Private::refreshMinimap()
{
    const QSizeF content = contentSize();
    const QSize port = view->viewport()->size();
    const bool all = content.width() <= port.width() + 1 && content.height() <= port.height() + 1;
    minimap->setVisible(scene != nullptr && minimapWanted && !all && port.height() > 2 * minimap->height());
    minimapStale = true;
    refreshMinimapFrame();
}

void DagView::Private::refreshMinimapFrame()
{
    if (!minimap->isVisibleTo(view)) {
        return;
    }
    if (minimapStale) {
        minimap->setPicture(
            DagPainter(theme, *scene).density(minimap->pictureSize(), view->devicePixelRatioF()));
        minimapStale = false;
    }
    const QRectF seen = camera().toScene(QRectF(view->viewport()->rect()));
    const QSizeF size = scene->size();
    minimap->setFrame(QRectF(seen.left() / size.width(), seen.top() / size.height(),
                             seen.width() / size.width(), seen.height() / size.height()),
                      size);
}

void DagView::Private::noteMotion()
{
    moving = true;
    settle.start();
}

void DagView::Private::refreshVisible()
{
    visible.clear();
    if (scene == nullptr || scene->plan().nodes.empty()) {
        return;
    }
    scene->nodesIn(camera().toScene(QRectF(view->viewport()->rect())), visible);
    if (visible.size() > kMostParts) {
        std::vector<int> loud;
        std::copy_if(visible.cbegin(), visible.cend(), std::back_inserter(loud),
                     [this](int node) { return scene->isException(node); });
        visible = std::move(loud);
        visible.resize(std::min(visible.size(), kMostParts));
    }
    const int own = scene->indexOf(current);
    if (own >= 0 && std::find(visible.cbegin(), visible.cend(), own) == visible.cend()) {
        visible.push_back(own);
    }
}

}  // namespace sluice::widgets
