#pragma once

#include <QtGui/QImage>

#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

/// The whole graph, small, with a frame round what is in sight. A click or a drag moves the view.
class DagMinimap : public ThemedWidget {
    Q_OBJECT

public:
    DagMinimap(const style::Theme& theme, QWidget* parent);

    /// @param picture of the whole scene, in this widget's size less its padding
    void setPicture(const QImage& picture);
    /// @param frame in shares of the scene: 0 to 1 each way
    /// @param scene its size, for the proportions
    void setFrame(const QRectF& frame, const QSizeF& scene);
    QSize pictureSize() const;

    QSize sizeHint() const override;

Q_SIGNALS:
    /// Shares of the scene that should stand in the middle.
    void moved(const QPointF& centre);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    /// Where the scene lies inside this widget.
    QRectF sceneRect() const;
    void moveTo(const QPointF& point);

    QImage m_picture{};
    QRectF m_frame{};
    QSizeF m_scene{1, 1};
};

}  // namespace sluice::widgets
