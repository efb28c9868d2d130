#pragma once

#include <atomic>
#include <utility>
#include <vector>

namespace sluice::widgets {

/// Neighbours of every node on one side, in one block of memory.
class DagAdjacency {
public:
    DagAdjacency() = default;
    /// @param reverse neighbours are where edges come from
    DagAdjacency(int count, const std::vector<std::pair<int, int>>& edges, bool reverse);

    int begin(int node) const { return m_offsets[static_cast<size_t>(node)]; }
    int end(int node) const { return m_offsets[static_cast<size_t>(node) + 1]; }
    int degree(int node) const { return end(node) - begin(node); }
    int node(int at) const { return m_nodes[static_cast<size_t>(at)]; }
    /// The index of the edge in the list it was made of.
    int edge(int at) const { return m_edges[static_cast<size_t>(at)]; }

private:
    std::vector<int> m_offsets{};
    std::vector<int> m_nodes{};
    std::vector<int> m_edges{};
};

/// The nodes of every layer from top to bottom.
struct DagOrder {
    std::vector<std::vector<int>> layers{};
    std::vector<int> layerOf{};
    DagAdjacency in{};
    DagAdjacency out{};
    long long crossings{};
};

/// Orders the layers: depth first from the sources, then barycenter sweeps to and fro; the order with the
/// fewest crossings is kept. Every edge leads to the next layer.
DagOrder orderDag(int count, int layerCount, std::vector<int> layerOf,
                  const std::vector<std::pair<int, int>>& edges, const std::atomic_bool* stop);

}  // namespace sluice::widgets
