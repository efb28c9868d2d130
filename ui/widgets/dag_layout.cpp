#include "ui/widgets/dag_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "ui/widgets/dag_order.h"

namespace sluice::widgets {

namespace {

constexpr int kCoordinateSweeps = 6;
constexpr int kMostColumns = 48;
/// Long edges beyond this many dummies are drawn straight.
constexpr size_t kDummiesPerNode = 4;
constexpr size_t kDummiesAtLeast = 200'000;
/// Keeps a node where it is when nothing pulls at it.
constexpr double kInertia = 0.05;
constexpr double kDummyWeight = 4;
constexpr double kRounding = 1e-6;
/// Between a folded layer and its neighbours, for the bundle of their edges.
constexpr double kFoldGap = 120;
constexpr double kFoldGapPerColumn = 20;

bool stopped(const std::atomic_bool* stop)
{
    return stop != nullptr && stop->load(std::memory_order_relaxed);
}

/// Edges that close a cycle, found by walking depth first; true for these.
std::vector<char> backEdges(int count, const std::vector<std::pair<int, int>>& edges, const DagAdjacency& out)
{
    enum : char { New, Open, Done };
    std::vector<char> colour(static_cast<size_t>(count), New);
    std::vector<char> back(edges.size(), 0);
    std::vector<std::pair<int, int>> stack;
    for (int root = 0; root < count; ++root) {
        if (colour[static_cast<size_t>(root)] != New) {
            continue;
        }
        stack.emplace_back(root, out.begin(root));
        colour[static_cast<size_t>(root)] = Open;
        while (!stack.empty()) {
            auto& [node, at] = stack.back();
            if (at == out.end(node)) {
                colour[static_cast<size_t>(node)] = Done;
                stack.pop_back();
                continue;
            }
            const int edge = out.edge(at);
            const int next = out.node(at++);
            char& seen = colour[static_cast<size_t>(next)];
            if (seen == Open) {
                back[static_cast<size_t>(edge)] = 1;
            } else if (seen == New) {
                seen = Open;
                stack.emplace_back(next, out.begin(next));
            }
        }
    }
    return back;
}

/// Longest path from the sources; a source moves right until it stands next to what needs it.
/// @return false if there is a cycle
bool assignLayers(int count, const DagAdjacency& in, const DagAdjacency& out, std::vector<int>& layers)
{
    std::vector<int> missing(static_cast<size_t>(count));
    std::vector<int> order;
    order.reserve(static_cast<size_t>(count));
    layers.assign(static_cast<size_t>(count), 0);
    for (int node = 0; node < count; ++node) {
        missing[static_cast<size_t>(node)] = in.degree(node);
        if (in.degree(node) == 0) {
            order.push_back(node);
        }
    }
    for (size_t i = 0; i < order.size(); ++i) {
        const int node = order[i];
        for (int at = out.begin(node); at < out.end(node); ++at) {
            const auto next = static_cast<size_t>(out.node(at));
            layers[next] = std::max(layers[next], layers[static_cast<size_t>(node)] + 1);
            if (--missing[next] == 0) {
                order.push_back(out.node(at));
            }
        }
    }
    if (static_cast<int>(order.size()) != count) {
        return false;
    }
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
        const int node = *it;
        if (in.degree(node) > 0 || out.degree(node) == 0) {
            continue;
        }
        int nearest = std::numeric_limits<int>::max();
        for (int at = out.begin(node); at < out.end(node); ++at) {
            nearest = std::min(nearest, layers[static_cast<size_t>(out.node(at))]);
        }
        layers[static_cast<size_t>(node)] = nearest - 1;
    }
    return true;
}

/// Positions along the layers: every layer keeps its order and its distances and comes as near as it can to
/// what its nodes are joined with (isotonic regression by pooling neighbours).
class Coordinates {
public:
    Coordinates(const DagOrder& order, int realCount, const DagMetrics& metrics,
                const std::vector<int>& columns)
        : m_order(order),
          m_realCount(realCount),
          m_metrics(metrics),
          m_columns(columns),
          m_at(order.layerOf.size())
    {
        for (size_t layer = 0; layer < order.layers.size(); ++layer) {
            spread(layer);
        }
    }

    void settle(const std::atomic_bool* stop)
    {
        const auto count = static_cast<int>(m_order.layers.size());
        for (int sweep = 0; sweep < kCoordinateSweeps && !stopped(stop); ++sweep) {
            const bool last = sweep + 1 == kCoordinateSweeps;
            if (last) {
                for (int layer = 0; layer < count; ++layer) {
                    place(static_cast<size_t>(layer), true, true);
                }
            } else if (sweep % 2 == 0) {
                for (int layer = 1; layer < count; ++layer) {
                    place(static_cast<size_t>(layer), true, false);
                }
            } else {
                for (int layer = count - 2; layer >= 0; --layer) {
                    place(static_cast<size_t>(layer), false, true);
                }
            }
        }
    }

    /// Puts the nodes on a grid of half a row, so that chains run straight: every layer as a whole on full or
    /// on half rows, whichever is nearer. Order and distances stay.
    void snap()
    {
        shiftToGrid();
        for (size_t layer = 0; layer < m_order.layers.size(); ++layer) {
            if (m_columns[layer] == 1) {
                snapLayer(layer);
            }
        }
    }

    double at(int node) const { return m_at[static_cast<size_t>(node)]; }
    /// The column inside a folded layer.
    int columnOf(int node) const { return m_column.empty() ? 0 : m_column[static_cast<size_t>(node)]; }

private:
    double room(int node) const { return node < m_realCount ? m_metrics.rowStep : m_metrics.lane; }

    void spread(size_t layer)
    {
        const std::vector<int>& nodes = m_order.layers[layer];
        if (m_columns[layer] > 1) {
            fold(layer);
            return;
        }
        double at = 0;
        for (const int node : nodes) {
            m_at[static_cast<size_t>(node)] = at + room(node) / 2;
            at += room(node);
        }
        for (const int node : nodes) {
            m_at[static_cast<size_t>(node)] -= at / 2;
        }
    }

    void fold(size_t layer)
    {
        m_column.resize(m_at.size());
        const int columns = m_columns[layer];
        int real = 0;
        for (const int node : m_order.layers[layer]) {
            real += node < m_realCount ? 1 : 0;
        }
        const int rows = (real + columns - 1) / columns;
        int index = 0;
        for (const int node : m_order.layers[layer]) {
            m_at[static_cast<size_t>(node)] = (index / columns - (rows - 1) / 2.0) * m_metrics.rowStep;
            if (node < m_realCount) {
                m_column[static_cast<size_t>(node)] = index % columns;
                ++index;
            }
        }
    }

    /// Moves everything by less than half a row to where most nodes already stand on half rows (circular
    /// mean).
    void shiftToGrid()
    {
        const double half = m_metrics.rowStep / 2;
        double x = 0;
        double y = 0;
        for (int node = 0; node < m_realCount; ++node) {
            const double angle = 2 * std::numbers::pi * m_at[static_cast<size_t>(node)] / half;
            x += std::cos(angle);
            y += std::sin(angle);
        }
        const double shift = std::atan2(y, x) / (2 * std::numbers::pi) * half;
        for (double& at : m_at) {
            at -= shift;
        }
    }

    void snapLayer(size_t layer)
    {
        const std::vector<int>& nodes = m_order.layers[layer];
        double bestShift = std::numeric_limits<double>::max();
        std::vector<double> best;
        std::vector<double> snapped(nodes.size());
        for (const double phase : {0.0, 0.5}) {
            double shift = 0;
            double low = std::numeric_limits<double>::lowest();
            for (size_t i = 0; i < nodes.size(); ++i) {
                const double wish = m_at[static_cast<size_t>(nodes[i])];
                if (nodes[i] >= m_realCount) {
                    snapped[i] = std::max(wish, low + m_metrics.lane / 2);
                    low = snapped[i] + m_metrics.lane / 2;
                    continue;
                }
                double row = std::round(wish / m_metrics.rowStep - phase);
                const double least = (low + m_metrics.rowStep / 2) / m_metrics.rowStep - phase;
                row = std::max(row, std::ceil(least - kRounding));
                snapped[i] = (row + phase) * m_metrics.rowStep;
                low = snapped[i] + m_metrics.rowStep / 2;
                shift += std::abs(snapped[i] - wish);
            }
            if (shift < bestShift - kRounding) {
                bestShift = shift;
                best = snapped;
            }
        }
        for (size_t i = 0; i < nodes.size(); ++i) {
            m_at[static_cast<size_t>(nodes[i])] = best[i];
        }
    }

    /// @param before, after whether the layers on that side pull
    void place(size_t layer, bool before, bool after)
    {
        if (m_columns[layer] > 1) {
            return;
        }
        const std::vector<int>& nodes = m_order.layers[layer];
        m_blocks.clear();
        m_offsets.assign(nodes.size(), 0);
        double offset = 0;
        for (size_t i = 0; i < nodes.size(); ++i) {
            const int node = nodes[i];
            if (i > 0) {
                offset += (room(nodes[i - 1]) + room(node)) / 2;
            }
            m_offsets[i] = offset;
            double sum = 0;
            int joined = 0;
            const auto pull = [&](const DagAdjacency& side) {
                for (int at = side.begin(node); at < side.end(node); ++at) {
                    sum += m_at[static_cast<size_t>(side.node(at))];
                    ++joined;
                }
            };
            if (before) {
                pull(m_order.in);
            }
            if (after) {
                pull(m_order.out);
            }
            const double weight = joined == 0 ? kInertia : joined * (node >= m_realCount ? kDummyWeight : 1);
            const double wish = (joined == 0 ? m_at[static_cast<size_t>(node)] : sum / joined) - offset;
            m_blocks.push_back({wish * weight, weight, 1});
            while (m_blocks.size() > 1 && m_blocks[m_blocks.size() - 2].mean() > m_blocks.back().mean()) {
                const Block last = m_blocks.back();
                m_blocks.pop_back();
                m_blocks.back().join(last);
            }
        }
        size_t i = 0;
        for (const Block& block : m_blocks) {
            for (int k = 0; k < block.count; ++k, ++i) {
                m_at[static_cast<size_t>(nodes[i])] = block.mean() + m_offsets[i];
            }
        }
    }

    struct Block {
        double sum{};
        double weight{};
        int count{};
        double mean() const { return sum / weight; }
        void join(const Block& other)
        {
            sum += other.sum;
            weight += other.weight;
            count += other.count;
        }
    };

    const DagOrder& m_order;
    int m_realCount;
    const DagMetrics& m_metrics;
    const std::vector<int>& m_columns;
    std::vector<double> m_at;
    std::vector<int> m_column{};
    std::vector<Block> m_blocks{};
    std::vector<double> m_offsets{};
};

/// How many columns each layer is folded into.
std::vector<int> columnsOf(const DagOrder& order, int realCount, const DagMetrics& metrics)
{
    std::vector<int> real(order.layers.size(), 0);
    for (size_t layer = 0; layer < order.layers.size(); ++layer) {
        for (const int node : order.layers[layer]) {
            real[layer] += node < realCount ? 1 : 0;
        }
    }
    const int widest = real.empty() ? 0 : *std::max_element(real.cbegin(), real.cend());
    const double height = widest * metrics.rowStep;
    const double width = std::max<double>(1, double(order.layers.size())) * metrics.layerStep;
    const int columns = std::clamp(static_cast<int>(std::lround(std::sqrt(height / width))), 1, kMostColumns);
    for (int& layer : real) {
        layer = layer > metrics.foldAbove ? columns : 1;
    }
    return real;
}

}  // namespace

DagPlan layoutDag(const DagShape& shape, const DagMetrics& metrics, const std::atomic_bool* stop)
{
    DagPlan plan;
    if (shape.count == 0) {
        return plan;
    }
    // 1. layers
    std::vector<std::pair<int, int>> forward = shape.edges;
    DagAdjacency out(shape.count, forward, false);
    DagAdjacency in(shape.count, forward, true);
    std::vector<char> back(shape.edges.size(), 0);
    if (!assignLayers(shape.count, in, out, plan.layers)) {
        plan.cyclic = true;
        back = backEdges(shape.count, shape.edges, out);
        forward.clear();
        for (size_t i = 0; i < shape.edges.size(); ++i) {
            if (back[i] == 0) {
                forward.push_back(shape.edges[i]);
            }
        }
        out = DagAdjacency(shape.count, forward, false);
        in = DagAdjacency(shape.count, forward, true);
        assignLayers(shape.count, in, out, plan.layers);
    }
    plan.layerCount = *std::max_element(plan.layers.cbegin(), plan.layers.cend()) + 1;
    if (stopped(stop)) {
        return {};
    }

    // 2. dummies where an edge passes a layer
    size_t wanted = 0;
    for (const auto& [from, to] : forward) {
        wanted += static_cast<size_t>(plan.layers[static_cast<size_t>(to)] -
                                      plan.layers[static_cast<size_t>(from)] - 1);
    }
    const size_t most = std::max(kDummiesAtLeast, kDummiesPerNode * static_cast<size_t>(shape.count));
    const bool dummies = wanted <= most;
    std::vector<int> layerOf = plan.layers;
    std::vector<std::pair<int, int>> pieces;
    std::vector<std::pair<int, int>> dummiesOf(shape.edges.size(), {0, 0});
    int next = shape.count;
    for (size_t i = 0; i < shape.edges.size(); ++i) {
        const auto [from, to] = shape.edges[i];
        const int first = plan.layers[static_cast<size_t>(from)];
        const int last = plan.layers[static_cast<size_t>(to)];
        dummiesOf[i] = {next, next};
        if (back[i] != 0 || (!dummies && last - first > 1)) {
            continue;
        }
        int previous = from;
        for (int layer = first + 1; layer < last; ++layer) {
            layerOf.push_back(layer);
            pieces.emplace_back(previous, next);
            previous = next++;
        }
        pieces.emplace_back(previous, to);
        dummiesOf[i].second = next;
    }

    // 3. order, 4. coordinates
    DagOrder order = orderDag(next, plan.layerCount, std::move(layerOf), pieces, stop);
    if (stopped(stop)) {
        return {};
    }
    const std::vector<int> columns = columnsOf(order, shape.count, metrics);
    Coordinates coordinates(order, shape.count, metrics, columns);
    coordinates.settle(stop);
    coordinates.snap();
    if (stopped(stop)) {
        return {};
    }

    // 5. points, with the upper left corner of everything at 0, 0
    const double columnStep = metrics.nodeWidth + 12;
    std::vector<double> left(columns.size(), 0);
    for (size_t layer = 1; layer < columns.size(); ++layer) {
        const int folded = std::max(columns[layer], columns[layer - 1]);
        left[layer] = left[layer - 1] + metrics.layerStep + (columns[layer - 1] - 1) * columnStep +
                      (folded > 1 ? kFoldGap + folded * kFoldGapPerColumn : 0);
    }
    double top = std::numeric_limits<double>::max();
    double bottom = std::numeric_limits<double>::lowest();
    for (int node = 0; node < next; ++node) {
        const double half = (node < shape.count ? metrics.nodeHeight : metrics.lane) / 2;
        top = std::min(top, coordinates.at(node) - half);
        bottom = std::max(bottom, coordinates.at(node) + half);
    }
    const auto pointOf = [&](int node) {
        const auto layer = static_cast<size_t>(order.layerOf[static_cast<size_t>(node)]);
        const double x = left[layer] + coordinates.columnOf(node) * columnStep + metrics.nodeWidth / 2;
        return QPointF(std::round(x), std::round(coordinates.at(node) - top));
    };
    plan.nodes.reserve(static_cast<size_t>(shape.count));
    for (int node = 0; node < shape.count; ++node) {
        plan.nodes.push_back(pointOf(node));
    }
    plan.bends.resize(shape.edges.size());
    for (size_t i = 0; i < shape.edges.size(); ++i) {
        for (int dummy = dummiesOf[i].first; dummy < dummiesOf[i].second; ++dummy) {
            plan.bends[i].push_back(pointOf(dummy));
        }
    }
    plan.width = left.back() + (columns.back() - 1) * columnStep + metrics.nodeWidth;
    plan.height = bottom - top;
    return plan;
}

}  // namespace sluice::widgets
