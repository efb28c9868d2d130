#pragma once

#include "ui/widgets/parts.h"
#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

/// A drawn widget made of parts that can be pointed at, walked with the keys and read out. Arrow keys, Home
/// and End walk, Enter or Space activates; a part without a hit area is skipped.
class ItemWidget : public ThemedWidget, public Parts {
    Q_OBJECT

public:
    explicit ItemWidget(const style::Theme& theme, QWidget* parent = nullptr);

    int partCount() const override = 0;
    QRect partRect(int part) const override = 0;
    QString partName(int part) const override = 0;
    int currentPart() const override { return m_current; }
    void setCurrentPart(int part) override;
    void activatePart(int part) override;
    /// @return -1 between the parts
    int partAt(const QPoint& point) const;
    int hoveredPart() const { return m_hovered; }
    /// Off: nothing can be picked and the widget takes no focus; its parts are still read out. Off at the
    /// start.
    void setInteractive(bool on);
    bool isInteractive() const { return m_interactive; }
    /// A single click activates, not only a double click; for what looks like a switch or a link.
    void setSingleClick(bool on) { m_singleClick = on; }

Q_SIGNALS:
    void currentPartChanged(int part);
    void partActivated(int part);

protected:
    /// To be called when the parts were replaced.
    void partsChanged();
    /// Shown by the pointer over a part; nothing by default.
    virtual QString partToolTip(int part) const;
    void paintPartFocus(QPainter& painter, const QRectF& rect, qreal radius) const;
    /// @return the part an arrow key leads to, or `from`. The default walks the order of the parts.
    virtual int neighbour(int from, int key) const;

    bool event(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    int m_current{-1};
    int m_hovered{-1};
    bool m_interactive{false};
    bool m_singleClick{false};
};

}  // namespace sluice::widgets
