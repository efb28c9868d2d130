#include "ui/widgets/dag_order.h"

#include <algorithm>

namespace sluice::widgets {

namespace {

constexpr int kSweeps = 8;
constexpr int kSweepsLarge = 4;
constexpr int kLarge = 60'000;

/// Crossings between all pairs of neighbouring layers, counted with a Fenwick tree.
long long countCrossings(const DagOrder& order, const std::vector<int>& positions)
{
    long long total = 0;
    std::vector<int> tree;
    std::vector<int> targets;
    for (size_t layer = 0; layer + 1 < order.layers.size(); ++layer) {
        const auto size = static_cast<int>(order.layers[layer + 1].size());
        tree.assign(static_cast<size_t>(size) + 1, 0);
        long long seen = 0;
        for (const int node : order.layers[layer]) {
            targets.clear();
            for (int at = order.out.begin(node); at < order.out.end(node); ++at) {
                targets.push_back(positions[static_cast<size_t>(order.out.node(at))]);
            }
            std::sort(targets.begin(), targets.end());
            for (const int target : targets) {
                long long notBelow = 0;
                for (int i = target + 1; i > 0; i -= i & -i) {
                    notBelow += tree[static_cast<size_t>(i)];
                }
                total += seen - notBelow;
            }
            // Edges of one node share its end and do not cross each other.
            for (const int target : targets) {
                ++seen;
                for (int i = target + 1; i <= size; i += i & -i) {
                    ++tree[static_cast<size_t>(i)];
                }
            }
        }
    }
    return total;
}

/// A first order: depth first from the sources, so that what belongs together stands together.
void startDepthFirst(DagOrder& order, std::vector<int>& positions, int count)
{
    std::vector<char> seen(static_cast<size_t>(count), 0);
    std::vector<int> stack;
    for (int root = 0; root < count; ++root) {
        if (seen[static_cast<size_t>(root)] != 0 || order.in.degree(root) > 0) {
            continue;
        }
        stack.push_back(root);
        seen[static_cast<size_t>(root)] = 1;
        while (!stack.empty()) {
            const int node = stack.back();
            stack.pop_back();
            std::vector<int>& layer =
                order.layers[static_cast<size_t>(order.layerOf[static_cast<size_t>(node)])];
            positions[static_cast<size_t>(node)] = static_cast<int>(layer.size());
            layer.push_back(node);
            for (int at = order.out.end(node) - 1; at >= order.out.begin(node); --at) {
                char& known = seen[static_cast<size_t>(order.out.node(at))];
                if (known == 0) {
                    known = 1;
                    stack.push_back(order.out.node(at));
                }
            }
        }
    }
}

/// Sorts one layer by the mean position of its neighbours on one side.
void sortLayer(std::vector<int>& layer, const DagAdjacency& side, std::vector<int>& positions,
               std::vector<std::pair<double, int>>& keys)
{
    keys.clear();
    for (size_t i = 0; i < layer.size(); ++i) {
        const int node = layer[i];
        double sum = 0;
        for (int at = side.begin(node); at < side.end(node); ++at) {
            sum += positions[static_cast<size_t>(side.node(at))];
        }
        const int degree = side.degree(node);
        keys.emplace_back(degree > 0 ? sum / degree : double(i), node);
    }
    std::stable_sort(keys.begin(), keys.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (size_t i = 0; i < layer.size(); ++i) {
        layer[i] = keys[i].second;
        positions[static_cast<size_t>(layer[i])] = static_cast<int>(i);
    }
}

}  // namespace

DagAdjacency::DagAdjacency(int count, const std::vector<std::pair<int, int>>& edges, bool reverse)
    : m_offsets(static_cast<size_t>(count) + 1, 0), m_nodes(edges.size()), m_edges(edges.size())
{
    for (const auto& [from, to] : edges) {
        ++m_offsets[static_cast<size_t>(reverse ? to : from) + 1];
    }
    for (size_t i = 1; i < m_offsets.size(); ++i) {
        m_offsets[i] += m_offsets[i - 1];
    }
    std::vector<int> cursor(m_offsets.begin(), m_offsets.end() - 1);
    for (size_t i = 0; i < edges.size(); ++i) {
        const auto [from, to] = edges[i];
        const auto at = static_cast<size_t>(cursor[static_cast<size_t>(reverse ? to : from)]++);
        m_nodes[at] = reverse ? from : to;
        m_edges[at] = static_cast<int>(i);
    }
}

DagOrder orderDag(int count, int layerCount, std::vector<int> layerOf,
                  const std::vector<std::pair<int, int>>& edges, const std::atomic_bool* stop)
{
    DagOrder order;
    order.layerOf = std::move(layerOf);
    order.layers.resize(static_cast<size_t>(layerCount));
    order.in = DagAdjacency(count, edges, true);
    order.out = DagAdjacency(count, edges, false);
    std::vector<int> positions(static_cast<size_t>(count), 0);
    startDepthFirst(order, positions, count);

    std::vector<std::vector<int>> best = order.layers;
    order.crossings = countCrossings(order, positions);
    std::vector<std::pair<double, int>> keys;
    const int sweeps = count > kLarge ? kSweepsLarge : kSweeps;
    for (int sweep = 0; sweep < sweeps && order.crossings > 0; ++sweep) {
        if (stop != nullptr && stop->load(std::memory_order_relaxed)) {
            break;
        }
        if (sweep % 2 == 0) {
            for (size_t layer = 1; layer < order.layers.size(); ++layer) {
                sortLayer(order.layers[layer], order.in, positions, keys);
            }
        } else {
            for (size_t layer = order.layers.size() - 1; layer-- > 0;) {
                sortLayer(order.layers[layer], order.out, positions, keys);
            }
        }
        const long long crossings = countCrossings(order, positions);
        if (crossings < order.crossings) {
            order.crossings = crossings;
            best = order.layers;
        }
    }
    order.layers = std::move(best);
    return order;
}

}  // namespace sluice::widgets
