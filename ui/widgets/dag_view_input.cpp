#include <QtGui/QHelpEvent>
#include <QtGui/QKeyEvent>
#include <QtGui/QMouseEvent>
#include <QtGui/QWheelEvent>
#include <QtWidgets/QApplication>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QToolTip>
#include <cmath>

#include "ui/widgets/dag_view_private.h"

namespace sluice::widgets {

namespace {

constexpr double kZoomStep = 1.25;
constexpr double kWheelNotch = 120;
constexpr int kPanStep = 80;

}  // namespace

void DagView::keyPressEvent(QKeyEvent* event)
{
    if (d->scene == nullptr) {
        event->ignore();
        return;
    }
    const int own = d->scene->indexOf(d->current);
    switch (event->key()) {
        case Qt::Key_Left:
        case Qt::Key_Right:
        case Qt::Key_Up:
        case Qt::Key_Down:
            if (event->modifiers().testFlag(Qt::ShiftModifier)) {
                QScrollBar* bar = event->key() == Qt::Key_Up || event->key() == Qt::Key_Down
                                      ? verticalScrollBar()
                                      : horizontalScrollBar();
                bar->setValue(bar->value() + (event->key() == Qt::Key_Up || event->key() == Qt::Key_Left
                                                  ? -kPanStep
                                                  : kPanStep));
            } else {
                d->setCurrent(own < 0 ? 0 : d->scene->neighbour(own, event->key()));
            }
            return;
        case Qt::Key_N:
            nextException();
            return;
        case Qt::Key_0:
            fit();
            return;
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            setZoom(d->zoom * kZoomStep);
            return;
        case Qt::Key_Minus:
            setZoom(d->zoom / kZoomStep);
            return;
        case Qt::Key_M:
            setMinimapVisible(!d->minimapWanted);
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (own >= 0) {
                Q_EMIT nodeActivated(d->current);
                return;
            }
            break;
        case Qt::Key_Escape:
            if (own >= 0) {
                d->setCurrent(-1);
                return;
            }
            break;
        default:
            break;
    }
    event->ignore();
}

void DagView::wheelEvent(QWheelEvent* event)
{
    if (!event->modifiers().testFlag(Qt::ControlModifier)) {
        QAbstractScrollArea::wheelEvent(event);
        return;
    }
    d->fitted = false;
    d->noteMotion();
    d->zoomTo(d->zoom * std::pow(kZoomStep, event->angleDelta().y() / kWheelNotch), event->position());
    event->accept();
}

void DagView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || d->scene == nullptr) {
        QAbstractScrollArea::mousePressEvent(event);
        return;
    }
    d->dragFrom = event->position().toPoint();
    d->dragScroll = {horizontalScrollBar()->value(), verticalScrollBar()->value()};
    d->dragging = false;
    const QString id = nodeAt(d->dragFrom);
    if (!id.isEmpty()) {
        setCurrentNode(id);
    }
}

void DagView::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    if (!event->buttons().testFlag(Qt::LeftButton)) {
        d->setHovered(d->scene != nullptr ? d->scene->indexOf(nodeAt(at)) : -1);
        return;
    }
    const QPoint way = at - d->dragFrom;
    if (!d->dragging && way.manhattanLength() < QApplication::startDragDistance()) {
        return;
    }
    d->dragging = true;
    viewport()->setCursor(Qt::ClosedHandCursor);
    horizontalScrollBar()->setValue(d->dragScroll.x() - way.x());
    verticalScrollBar()->setValue(d->dragScroll.y() - way.y());
}

void DagView::mouseReleaseEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    if (d->dragging) {
        viewport()->setCursor(Qt::ArrowCursor);
    } else if (event->button() == Qt::LeftButton && nodeAt(at).isEmpty()) {
        setCurrentNode({});
    }
    d->dragging = false;
}

void DagView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const QString id = nodeAt(event->position().toPoint());
    if (!id.isEmpty() && event->button() == Qt::LeftButton) {
        Q_EMIT nodeActivated(id);
    }
}

bool DagView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::Leave) {
        d->setHovered(-1);
    } else if (event->type() == QEvent::ToolTip && d->scene != nullptr) {
        auto* help = static_cast<QHelpEvent*>(event);
        const int node = d->scene->indexOf(nodeAt(help->pos()));
        if (node >= 0) {
            const DagNode& data = d->scene->node(node);
            QToolTip::showText(
                help->globalPos(),
                data.detail.isEmpty() ? data.name : data.name + QLatin1Char('\n') + data.detail, viewport());
        }
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

}  // namespace sluice::widgets
