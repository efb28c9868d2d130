#include "ui/widgets/dag_view.h"

#include <QtCore/QPromise>
#include <QtCore/QThreadPool>
#include <QtGui/QPainter>
#include <QtWidgets/QScrollBar>
#include <algorithm>
#include <chrono>
#include <cmath>

#include "ui/style/paint.h"
#include "ui/style/state_words.h"
#include "ui/widgets/dag_view_private.h"

namespace sluice::widgets {

using namespace style;
using namespace std::chrono_literals;

namespace {

constexpr double kMargin = 24;
constexpr double kZoomMin = 0.01;
constexpr double kZoomMax = 2;
/// Room at the bottom for the legend and the zoom bar.
constexpr double kFooter = 44;
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
    QThreadPool::globalInstance()->start([promise, stop = stop, shape = coming->shape(), metrics = coming->metrics()] {
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
    const double left = std::max(0.0, (port.width() - content.width()) / 2) + kMargin - view->horizontalScrollBar()->value();
    const double top = std::max(0.0, (port.height() - content.height()) / 2) + kMargin - view->verticalScrollBar()->value();
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
    view->horizontalScrollBar()->setValue(view->horizontalScrollBar()->value() + int(std::lround(now.x() - anchor.x())));
    view->verticalScrollBar()->setValue(view->verticalScrollBar()->value() + int(std::lround(now.y() - anchor.y())));
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
        minimap->setPicture(DagPainter(theme, *scene).density(minimap->pictureSize(), view->devicePixelRatioF()));
        minimapStale = false;
    }
    const QRectF seen = camera().toScene(QRectF(view->viewport()->rect()));
    const QSizeF size = scene->size();
    minimap->setFrame(QRectF(seen.left() / size.width(), seen.top() / size.height(), seen.width() / size.width(),
                             seen.height() / size.height()),
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
        std::copy_if(visible.cbegin(), visible.cend(), std::back_inserter(loud), [this](int node) { return scene->isException(node); });
        visible = std::move(loud);
        visible.resize(std::min(visible.size(), kMostParts));
    }
    const int own = scene->indexOf(current);
    if (own >= 0 && std::find(visible.cbegin(), visible.cend(), own) == visible.cend()) {
        visible.push_back(own);
    }
}

DagView::DagView(const Theme& theme, QWidget* parent) : QAbstractScrollArea(parent), d(std::make_unique<Private>(theme, this))
{
    makePartsAccessible(this, QAccessible::Graphic);
    setAccessibleName(tr("Tasks of the run"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    d->zoomBar->hide();
    connect(&theme, &Theme::changed, this, [this] {
        d->minimapStale = true;
        d->refreshMinimapFrame();
        viewport()->update();
    });
    connect(d->zoomBar, &ItemWidget::partActivated, this, [this](int part) {
        switch (part) {
            case ZoomBar::Out:
                setZoom(zoom() / 1.25);
                break;
            case ZoomBar::In:
                setZoom(zoom() * 1.25);
                break;
            case ZoomBar::Fit:
                fit();
                break;
            default:
                setZoom(1);
                break;
        }
    });
    connect(d->minimap, &DagMinimap::moved, this, [this](const QPointF& share) {
        const QSizeF size = d->scene->size();
        const QPointF wanted = d->camera().toView(QPointF(share.x() * size.width(), share.y() * size.height()));
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() + int(wanted.x() - viewport()->width() / 2.0));
        verticalScrollBar()->setValue(verticalScrollBar()->value() + int(wanted.y() - viewport()->height() / 2.0));
    });
}

DagView::~DagView() = default;

void DagView::setNodes(const QList<DagNode>& nodes)
{
    DagScene* latest = d->coming != nullptr ? d->coming.get() : d->scene.get();
    if (latest == nullptr || !latest->hasStructureOf(nodes)) {
        if (nodes.isEmpty()) {
            d->stopLayout();
            d->scene.reset();
            setCurrentNode({});
            d->zoomBar->hide();
            d->minimap->hide();
            viewport()->update();
            return;
        }
        d->zoomBar->show();
        d->startLayout(nodes);
        return;
    }
    updateNodes(nodes);
}

void DagView::updateNodes(const QList<DagNode>& nodes)
{
    if (d->coming != nullptr) {
        d->changeStates(*d->coming, nodes);
    }
    if (d->scene != nullptr && d->changeStates(*d->scene, nodes)) {
        d->minimapStale = true;
        d->refreshMinimapFrame();
        viewport()->update();
    }
}

bool DagView::isLayingOut() const
{
    return d->coming != nullptr;
}

int DagView::nodeCount() const
{
    return d->scene != nullptr ? d->scene->count() : 0;
}

QString DagView::currentNode() const
{
    return d->current;
}

void DagView::setCurrentNode(const QString& id)
{
    d->setCurrent(d->scene != nullptr ? d->scene->indexOf(id) : -1);
}

QString DagView::nodeAt(const QPoint& viewportPoint) const
{
    if (d->scene == nullptr) {
        return {};
    }
    constexpr double kReach = 4;
    const int node = d->scene->nodeAt(d->camera().toScene(QPointF(viewportPoint)), kReach / d->zoom);
    return node >= 0 ? d->scene->node(node).id : QString();
}

QRect DagView::nodeRect(const QString& id) const
{
    const int node = d->scene != nullptr ? d->scene->indexOf(id) : -1;
    return node >= 0 ? d->camera().toView(d->scene->nodeRect(node)).toAlignedRect() : QRect();
}

int DagView::waitingBehind(const QString& id) const
{
    const int node = d->scene != nullptr ? d->scene->indexOf(id) : -1;
    return node >= 0 ? d->scene->waitingBehind(node) : 0;
}

double DagView::zoom() const
{
    return d->zoom;
}

void DagView::setZoom(double zoom)
{
    d->fitted = false;
    d->zoomTo(zoom, QRectF(viewport()->rect()).center());
}

void DagView::fit()
{
    if (d->scene == nullptr) {
        return;
    }
    const QSizeF size = d->scene->size();
    const QSizeF room(viewport()->width() - 2 * kMargin, viewport()->height() - kMargin - kFooter);
    const double zoom = std::min({1.0, room.width() / std::max(1.0, size.width()), room.height() / std::max(1.0, size.height())});
    d->zoomTo(zoom, QPointF(0, 0));
    d->fitted = true;
}

void DagView::nextException()
{
    if (d->scene == nullptr) {
        return;
    }
    const int node = d->scene->nextException(d->scene->indexOf(d->current));
    if (node >= 0) {
        d->setCurrent(node);
        d->ensureVisible(node);
    }
}

void DagView::setHighlightedStates(const QStringList& states)
{
    d->highlighted.clear();
    for (const QString& state : states) {
        d->highlighted.insert(int(dagMark(state)));
    }
    viewport()->update();
}

void DagView::setMinimapVisible(bool on)
{
    d->minimapWanted = on;
    d->refreshMinimap();
}

QSize DagView::sizeHint() const
{
    return {720, 360};
}

void DagView::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), d->theme.surface(Surface::Inset));
    if (d->scene == nullptr) {
        return;
    }
    DagLook look{.current = d->scene->indexOf(d->current),
                 .hovered = d->hovered,
                 .focused = hasFocus(),
                 .fast = d->moving,
                 .highlighted = d->highlighted};
    DagPainter(d->theme, *d->scene).paint(painter, QRectF(viewport()->rect()), d->camera(), look);
    QRectF line(kMargin, viewport()->height() - 12 - kButton, 0, kButton);
    for (const auto& [tone, words] : behindLegend()) {
        const QFont font = d->theme.font(Type::Small);
        line.setWidth(38 + textWidth(font, words));
        painter.fillRect(line.adjusted(-8, 4, 14, -4), d->theme.surface(Surface::Inset));
        QPen pen(d->theme.shape(tone), 1.75, Qt::CustomDashLine, Qt::FlatCap);
        pen.setDashPattern({3, 2});
        painter.setPen(pen);
        painter.drawLine(QPointF(line.left(), line.center().y()), QPointF(line.left() + 30, line.center().y()));
        paintText(painter, line.adjusted(38, 0, 2, 0), words, font, d->theme.ink(Ink::Secondary));
        line.moveLeft(line.right() + 24);
    }
}

void DagView::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    d->placeOverlays();
    if (d->fitted) {
        fit();
    } else {
        d->setScrollRanges();
    }
}

void DagView::scrollContentsBy(int dx, int dy)
{
    Q_UNUSED(dx)
    Q_UNUSED(dy)
    if (!d->adjusting) {
        d->fitted = false;
        d->noteMotion();
    }
    d->refreshMinimapFrame();
    viewport()->update();
}

}  // namespace sluice::widgets
