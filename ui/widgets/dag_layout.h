#pragma once

#include <QtCore/QList>
#include <QtCore/QPointF>
#include <atomic>
#include <utility>
#include <vector>

namespace sluice::widgets {

/// A DAG by numbers: nodes 0 … count-1, edges from a need to what needs it.
struct DagShape {
    int count{};
    std::vector<std::pair<int, int>> edges{};
};

struct DagMetrics {
    double nodeWidth{128};
    double nodeHeight{52};
    double layerStep{159};
    double rowStep{102};
    /// The room a long edge takes where it passes a layer.
    double lane{24};
    /// Layers with more nodes than this are folded into several columns where the graph would become a tall
    /// strip.
    int foldAbove{48};
};

/// Where everything stands, in logical pixels at 100 %.
struct DagPlan {
    /// Centres.
    std::vector<QPointF> nodes{};
    std::vector<int> layers{};
    /// For every edge the points it bends through between its two nodes, left to right.
    std::vector<std::vector<QPointF>> bends{};
    int layerCount{};
    double width{};
    double height{};
    /// A cycle: edges that go back were left out of the layering and lead from right to left.
    bool cyclic{false};
};

/// Layered layout, left to right: longest path, dummies for long edges, barycenter sweeps that keep the order
/// with the fewest crossings, then coordinates by isotonic regression. Deterministic; 100,000 nodes take
/// about a second.
/// @param stop set from another thread: gives up and returns an empty plan
/// @thread any
DagPlan layoutDag(const DagShape& shape, const DagMetrics& metrics = {},
                  const std::atomic_bool* stop = nullptr);

}  // namespace sluice::widgets
