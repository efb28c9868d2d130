#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QRectF>
#include <algorithm>
#include <vector>

#include "ui/style/tokens.h"
#include "ui/widgets/dag_layout.h"
#include "ui/widgets/dag_node.h"
#include "ui/widgets/dag_order.h"

namespace sluice::widgets {

/// How a node is drawn, out of its state.
enum class DagMark : quint8 { Waiting, Ready, Running, Verifying, Done, Stalled, Failed, Cancelled, Unknown };

DagMark dagMark(QStringView state);
style::Tone toneOf(DagMark mark);

/// The nodes with their places and states, and an index of what is where. Places change only with the
/// structure.
struct DagScene {
    /// @param nodes needs that name no node, or the node itself, are dropped
    explicit DagScene(const QList<DagNode>& nodes);

    DagShape shape() const;
    DagMetrics metrics() const;
    void setPlan(DagPlan plan);
    /// Same ids in the same order with the same needs.
    bool hasStructureOf(const QList<DagNode>& nodes) const;
    /// @return whether anything of this node changed
    bool setNode(int index, const DagNode& node);
    /// After states changed: which edges stand behind a stalled or failed task.
    void refreshBehind();

    int count() const { return int(m_nodes.size()); }
    const DagNode& node(int index) const { return m_nodes[size_t(index)]; }
    DagMark mark(int index) const { return m_marks[size_t(index)]; }
    bool isException(int index) const;
    int indexOf(const QString& id) const { return m_index.value(id, -1); }
    int edgeCount() const { return int(m_edges.size()); }
    std::pair<int, int> edge(int index) const { return m_edges[size_t(index)]; }
    /// Neutral, or the tone of the task this edge stands behind.
    style::Tone behind(int edge) const { return m_behind[size_t(edge)]; }
    bool anyBehind(style::Tone cause) const
    {
        return std::find(m_behind.begin(), m_behind.end(), cause) != m_behind.end();
    }
    const DagPlan& plan() const { return m_plan; }

    QRectF nodeRect(int index) const;
    QSizeF size() const { return {m_plan.width, m_plan.height}; }
    /// The points an edge leads through, from the right edge of one node to the left edge of the other.
    void edgePoints(int edge, std::vector<QPointF>& points) const;
    /// @return -1 between the nodes
    int nodeAt(const QPointF& point, double reach) const;
    void nodesIn(const QRectF& area, std::vector<int>& found) const;
    void edgesIn(const QRectF& area, std::vector<int>& found) const;

    int waitingBehind(int index) const;
    /// Exceptions in reading order, round and round. @return -1 if there is none
    int nextException(int from) const;
    /// Where an arrow key leads; `from` itself when there is nothing.
    int neighbour(int from, int key) const;

private:
    using Cell = std::vector<int>;
    void buildIndex();
    int cellOf(double x, double y) const;
    template <typename Use>
    void forCells(const QRectF& area, Use use) const;

    std::vector<DagNode> m_nodes{};
    std::vector<DagMark> m_marks{};
    QHash<QString, int> m_index{};
    std::vector<std::pair<int, int>> m_edges{};
    std::vector<style::Tone> m_behind{};
    DagAdjacency m_in{};
    DagAdjacency m_out{};
    DagPlan m_plan{};
    int m_columns{1};
    int m_rows{1};
    std::vector<Cell> m_nodeCells{};
    std::vector<Cell> m_edgeCells{};
    std::vector<int> m_wideEdges{};
    mutable std::vector<quint32> m_stamps{};
    mutable quint32 m_stamp{0};
};

}  // namespace sluice::widgets
