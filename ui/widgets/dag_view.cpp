#include "ui/widgets/dag_view.h"

#include <QtGui/QPainter>
#include <QtWidgets/QScrollBar>
#include <algorithm>
#include <cmath>

#include "ui/style/paint.h"
#include "ui/style/state_words.h"
#include "ui/widgets/dag_view_private.h"

namespace sluice::widgets {

using namespace style;

DagView::DagView(const Theme& theme, QWidget* parent)
    : QAbstractScrollArea(parent), d(std::make_unique<Private>(theme, this))
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
        const QPointF wanted =
            d->camera().toView(QPointF(share.x() * size.width(), share.y() * size.height()));
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() +
                                        int(wanted.x() - viewport()->width() / 2.0));
        verticalScrollBar()->setValue(verticalScrollBar()->value() +
                                      int(wanted.y() - viewport()->height() / 2.0));
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
    const double zoom = std::min(
        {1.0, room.width() / std::max(1.0, size.width()), room.height() / std::max(1.0, size.height())});
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
        painter.drawLine(QPointF(line.left(), line.center().y()),
                         QPointF(line.left() + 30, line.center().y()));
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
