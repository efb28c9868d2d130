#pragma once

#include <QtCore/QList>
#include <QtCore/QStringList>
#include <QtWidgets/QAbstractScrollArea>
#include <memory>
#include <utility>

#include "ui/style/theme.h"
#include "ui/widgets/dag_node.h"
#include "ui/widgets/parts.h"

namespace sluice::widgets {

/// The graph of a run: layered from left to right, live states, level of detail down to a density picture, up
/// to 100,000 tasks. The layout is made in another thread when the structure changes and never because a
/// state did.
///
/// Keys: arrows follow edges (up and down: neighbours in the layer), N next exception, 0 fit, + and - zoom,
/// M minimap, Enter activates, Escape clears the selection. Ctrl and wheel zoom at the pointer; dragging
/// pans.
class DagView : public QAbstractScrollArea, public Parts {
    Q_OBJECT

public:
    explicit DagView(const style::Theme& theme, QWidget* parent = nullptr);
    ~DagView() override;

    /// The same ids with the same needs only change states; anything else starts a new layout, and the old
    /// graph stays until it is there. Needs that name no node are ignored.
    void setNodes(const QList<DagNode>& nodes);
    /// New states of some nodes; ids that are not there are ignored.
    void updateNodes(const QList<DagNode>& nodes);
    bool isLayingOut() const;
    int nodeCount() const;

    QString currentNode() const;
    /// Scrolls it into sight; an empty or unknown id clears the selection.
    void setCurrentNode(const QString& id);
    /// @return empty between the nodes; the hit area is the node and 4 px around it
    QString nodeAt(const QPoint& viewportPoint) const;
    /// In coordinates of the viewport.
    QRect nodeRect(const QString& id) const;
    /// What the dashed edges mean, by the colour they have; empty: there are none.
    QList<std::pair<style::Tone, QString>> behindLegend() const;
    /// How many tasks wait behind this one, directly or not.
    int waitingBehind(const QString& id) const;

    double zoom() const;
    /// 0.01 to 2.
    void setZoom(double zoom);
    void fit();
    /// The next stalled or failed task, from the current one on.
    void nextException();
    /// Only these states stay in full ink; empty: all.
    void setHighlightedStates(const QStringList& states);
    void setMinimapVisible(bool on);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    int currentPart() const override;
    void setCurrentPart(int part) override;
    void activatePart(int part) override;
    QSize sizeHint() const override;

Q_SIGNALS:
    void currentNodeChanged(const QString& id);
    void nodeActivated(const QString& id);
    void zoomChanged(double zoom);
    void laidOut();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

}  // namespace sluice::widgets
