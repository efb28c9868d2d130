#include "ui/widgets/dag_minimap.h"

#include <QtGui/QMouseEvent>
#include <QtGui/QPainter>
#include <algorithm>
#include <cmath>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kWidth = 196;
constexpr int kHeight = 136;
constexpr int kPad = 8;

}  // namespace

DagMinimap::DagMinimap(const Theme& theme, QWidget* parent) : ThemedWidget(theme, parent)
{
    setFixedSize(kWidth, kHeight);
    setCursor(Qt::PointingHandCursor);
    hide();
}

void DagMinimap::setPicture(const QImage& picture)
{
    m_picture = picture;
    update();
}

void DagMinimap::setFrame(const QRectF& frame, const QSizeF& scene)
{
    m_frame = frame;
    m_scene = scene;
    setAccessibleName(tr("Overview, view %1 % to %2 %")
                          .arg(std::lround(100 * std::clamp(frame.left(), 0.0, 1.0)))
                          .arg(std::lround(100 * std::clamp(frame.right(), 0.0, 1.0))));
    update();
}

QSize DagMinimap::pictureSize() const
{
    return {kWidth - 2 * kPad, kHeight - 2 * kPad};
}

QSize DagMinimap::sizeHint() const
{
    return {kWidth, kHeight};
}

QRectF DagMinimap::sceneRect() const
{
    const QSizeF room(pictureSize());
    const QSizeF size = m_scene.scaled(room, Qt::KeepAspectRatio);
    return {kPad + (room.width() - size.width()) / 2, kPad + (room.height() - size.height()) / 2,
            size.width(), size.height()};
}

void DagMinimap::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    paintBox(painter, QRectF(rect()), kRadiusControl, theme().surface(Surface::Raised),
             theme().line(Line::Strong), 1);
    painter.drawImage(QPointF(kPad, kPad), m_picture);
    const QRectF scene = sceneRect();
    QRectF frame(scene.left() + m_frame.left() * scene.width(), scene.top() + m_frame.top() * scene.height(),
                 m_frame.width() * scene.width(), m_frame.height() * scene.height());
    frame = frame.intersected(QRectF(rect()).adjusted(4, 4, -4, -4));
    paintBox(painter, frame, kRadiusMark, {}, theme().accent(Accent::Base), 1.5);
}

void DagMinimap::moveTo(const QPointF& point)
{
    const QRectF scene = sceneRect();
    Q_EMIT moved(
        QPointF((point.x() - scene.left()) / scene.width(), (point.y() - scene.top()) / scene.height()));
}

void DagMinimap::mousePressEvent(QMouseEvent* event)
{
    moveTo(event->position());
}

void DagMinimap::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons().testFlag(Qt::LeftButton)) {
        moveTo(event->position());
    }
}

}  // namespace sluice::widgets
