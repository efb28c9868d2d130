#include "ui/widgets/item_widget.h"

#include <QtGui/QHelpEvent>
#include <QtGui/QKeyEvent>
#include <QtGui/QMouseEvent>
#include <QtWidgets/QToolTip>

#include "ui/style/paint.h"

namespace sluice::widgets {

ItemWidget::ItemWidget(const style::Theme& theme, QWidget* parent) : ThemedWidget(theme, parent)
{
    makePartsAccessible(this);
    setMouseTracking(true);
}

void ItemWidget::setInteractive(bool on)
{
    m_interactive = on;
    setFocusPolicy(on ? Qt::StrongFocus : Qt::NoFocus);
    if (!on) {
        setCurrentPart(-1);
    }
}

void ItemWidget::setCurrentPart(int part)
{
    const int wanted = part >= 0 && part < partCount() ? part : -1;
    if (wanted == m_current) {
        return;
    }
    m_current = wanted;
    update();
    announceCurrentPart(this, m_current);
    Q_EMIT currentPartChanged(m_current);
}

void ItemWidget::activatePart(int part)
{
    if (m_interactive && part >= 0 && part < partCount()) {
        Q_EMIT partActivated(part);
    }
}

int ItemWidget::partAt(const QPoint& point) const
{
    for (int i = 0; i < partCount(); ++i) {
        if (partRect(i).contains(point)) {
            return i;
        }
    }
    return -1;
}

QString ItemWidget::partToolTip(int part) const
{
    Q_UNUSED(part)
    return {};
}

void ItemWidget::partsChanged()
{
    if (m_current >= partCount()) {
        setCurrentPart(-1);
    }
    m_hovered = -1;
    updateGeometry();
    update();
}

void ItemWidget::paintPartFocus(QPainter& painter, const QRectF& rect, qreal radius) const
{
    // Inside the part, for a widget cannot draw outside of itself.
    constexpr qreal kInside = style::kFocusOffset + style::kFocusRing;
    style::paintFocusRing(painter, theme(), rect.adjusted(kInside, kInside, -kInside, -kInside), radius);
}

int ItemWidget::neighbour(int from, int key) const
{
    const int last = partCount() - 1;
    const int step = key == Qt::Key_Right || key == Qt::Key_Down ? 1
                     : key == Qt::Key_Left || key == Qt::Key_Up  ? -1
                                                                 : 0;
    if (step == 0) {
        return key == Qt::Key_Home ? 0 : key == Qt::Key_End ? last : from;
    }
    for (int part = from + step; part >= 0 && part <= last; part += step) {
        if (!partRect(part).isEmpty()) {
            return part;
        }
    }
    return from;
}

bool ItemWidget::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const int part = partAt(help->pos());
        const QString text = part >= 0 ? partToolTip(part) : QString();
        if (!text.isEmpty()) {
            QToolTip::showText(help->globalPos(), text, this, partRect(part));
            return true;
        }
    }
    return ThemedWidget::event(event);
}

void ItemWidget::mousePressEvent(QMouseEvent* event)
{
    const int part =
        m_interactive && event->button() == Qt::LeftButton ? partAt(event->position().toPoint()) : -1;
    if (part < 0) {
        event->ignore();
        return;
    }
    setCurrentPart(part);
}

void ItemWidget::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_singleClick && event->button() == Qt::LeftButton && m_current >= 0 &&
        partAt(event->position().toPoint()) == m_current) {
        activatePart(m_current);
    }
}

void ItemWidget::mouseDoubleClickEvent(QMouseEvent* event)
{
    const int part = partAt(event->position().toPoint());
    if (!m_singleClick && event->button() == Qt::LeftButton && part >= 0) {
        activatePart(part);
    }
}

void ItemWidget::mouseMoveEvent(QMouseEvent* event)
{
    const int part = m_interactive ? partAt(event->position().toPoint()) : -1;
    if (part != m_hovered) {
        m_hovered = part;
        update();
    }
}

void ItemWidget::leaveEvent(QEvent* event)
{
    Q_UNUSED(event)
    m_hovered = -1;
    update();
}

void ItemWidget::keyPressEvent(QKeyEvent* event)
{
    if (!m_interactive || partCount() == 0) {
        event->ignore();
        return;
    }
    switch (event->key()) {
        case Qt::Key_Left:
        case Qt::Key_Right:
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_Home:
        case Qt::Key_End:
            setCurrentPart(m_current < 0 ? 0 : neighbour(m_current, event->key()));
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space:
            if (m_current >= 0) {
                activatePart(m_current);
                return;
            }
            break;
        default:
            break;
    }
    event->ignore();
}

void ItemWidget::focusInEvent(QFocusEvent* event)
{
    if (m_current < 0 && event->reason() != Qt::MouseFocusReason) {
        setCurrentPart(0);
    }
    update();
}

void ItemWidget::focusOutEvent(QFocusEvent* event)
{
    Q_UNUSED(event)
    update();
}

}  // namespace sluice::widgets
