#include "ui/widgets/dag_scene.h"

#include <QtCore/QSet>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sluice::widgets {

using style::Tone;

namespace {

constexpr double kCellWidth = 640;
constexpr double kCellHeight = 480;
constexpr int kWideEdgeCells = 64;
constexpr int kSmallGraph = 80;
constexpr double kTightRowStep = 72;
constexpr int kVirtualReading = 1'000'000;

constexpr std::array<const char*, 9> kMarkNames{"waiting", "ready",  "running",   "verifying", "done",
                                                "stalled", "failed", "cancelled", "unknown"};

}  // namespace

DagMark dagMark(QStringView state)
{
    for (size_t i = 0; i < kMarkNames.size(); ++i) {
        if (state == QLatin1String(kMarkNames[i])) {
            return static_cast<DagMark>(i);
        }
    }
    return DagMark::Unknown;
}

Tone toneOf(DagMark mark)
{
    switch (mark) {
        case DagMark::Running:
        case DagMark::Verifying:
            return Tone::Progress;
        case DagMark::Done:
            return Tone::Ok;
        case DagMark::Stalled:
            return Tone::Warn;
        case DagMark::Failed:
            return Tone::Crit;
        default:
            return Tone::Neutral;
    }
}

DagScene::DagScene(const QList<DagNode>& nodes) : m_nodes(nodes.cbegin(), nodes.cend())
{
    m_marks.reserve(m_nodes.size());
    m_index.reserve(nodes.size());
    for (int i = 0; i < count(); ++i) {
        m_index.insert(node(i).id, i);
        m_marks.push_back(dagMark(node(i).state));
    }
    for (int i = 0; i < count(); ++i) {
        for (const QString& need : node(i).needs) {
            const int from = indexOf(need);
            if (from >= 0 && from != i) {
                m_edges.emplace_back(from, i);
            }
        }
    }
    m_behind.assign(m_edges.size(), Tone::Neutral);
    m_in = DagAdjacency(count(), m_edges, true);
    m_out = DagAdjacency(count(), m_edges, false);
    refreshBehind();
}

DagShape DagScene::shape() const
{
    return {.count = count(), .edges = m_edges};
}

DagMetrics DagScene::metrics() const
{
    DagMetrics metrics;
    if (count() > kSmallGraph) {
        metrics.rowStep = kTightRowStep;
    }
    return metrics;
}

void DagScene::setPlan(DagPlan plan)
{
    m_plan = std::move(plan);
    buildIndex();
}

bool DagScene::hasStructureOf(const QList<DagNode>& nodes) const
{
    if (nodes.size() != count()) {
        return false;
    }
    for (int i = 0; i < count(); ++i) {
        if (node(i).id != nodes.at(i).id || node(i).needs != nodes.at(i).needs) {
            return false;
        }
    }
    return true;
}

bool DagScene::setNode(int index, const DagNode& node)
{
    DagNode& own = m_nodes[size_t(index)];
    if (own == node) {
        return false;
    }
    const QStringList needs = own.needs;
    own = node;
    own.needs = needs;
    m_marks[size_t(index)] = dagMark(node.state);
    return true;
}

bool DagScene::isException(int index) const
{
    return mark(index) == DagMark::Stalled || mark(index) == DagMark::Failed;
}

void DagScene::refreshBehind()
{
    std::vector<Tone> reached(m_nodes.size(), Tone::Neutral);
    std::fill(m_behind.begin(), m_behind.end(), Tone::Neutral);
    // What waits behind a stalled task is amber even where a failed one stands before it, too: amber can be
    // helped.
    for (const DagMark cause : {DagMark::Failed, DagMark::Stalled}) {
        std::vector<int> open;
        std::vector<char> seen(m_nodes.size(), 0);
        for (int i = 0; i < count(); ++i) {
            if (mark(i) == cause) {
                open.push_back(i);
                seen[size_t(i)] = 1;
            }
        }
        while (!open.empty()) {
            const int node = open.back();
            open.pop_back();
            for (int at = m_out.begin(node); at < m_out.end(node); ++at) {
                const int next = m_out.node(at);
                if (mark(next) == DagMark::Done) {
                    continue;
                }
                m_behind[size_t(m_out.edge(at))] = toneOf(cause);
                if (seen[size_t(next)] == 0) {
                    seen[size_t(next)] = 1;
                    open.push_back(next);
                }
            }
        }
    }
}

QRectF DagScene::nodeRect(int index) const
{
    const DagMetrics metrics = this->metrics();
    const QPointF centre = m_plan.nodes[size_t(index)];
    return {centre.x() - metrics.nodeWidth / 2, centre.y() - metrics.nodeHeight / 2, metrics.nodeWidth,
            metrics.nodeHeight};
}

void DagScene::edgePoints(int edge, std::vector<QPointF>& points) const
{
    const double half = metrics().nodeWidth / 2;
    const auto [from, to] = m_edges[size_t(edge)];
    points.clear();
    points.push_back(m_plan.nodes[size_t(from)] + QPointF(half, 0));
    for (const QPointF& bend : m_plan.bends[size_t(edge)]) {
        // Level across the layer, so that it passes between the nodes.
        points.push_back(bend - QPointF(half, 0));
        points.push_back(bend + QPointF(half, 0));
    }
    points.push_back(m_plan.nodes[size_t(to)] - QPointF(half, 0));
}

int DagScene::cellOf(double x, double y) const
{
    const int column = std::clamp(int(x / kCellWidth), 0, m_columns - 1);
    const int row = std::clamp(int(y / kCellHeight), 0, m_rows - 1);
    return row * m_columns + column;
}

template <typename Use>
void DagScene::forCells(const QRectF& area, Use use) const
{
    const int left = std::clamp(int(area.left() / kCellWidth), 0, m_columns - 1);
    const int right = std::clamp(int(area.right() / kCellWidth), 0, m_columns - 1);
    const int top = std::clamp(int(area.top() / kCellHeight), 0, m_rows - 1);
    const int bottom = std::clamp(int(area.bottom() / kCellHeight), 0, m_rows - 1);
    for (int row = top; row <= bottom; ++row) {
        for (int column = left; column <= right; ++column) {
            use(row * m_columns + column);
        }
    }
}

void DagScene::buildIndex()
{
    m_columns = std::max(1, int(std::ceil(m_plan.width / kCellWidth)));
    m_rows = std::max(1, int(std::ceil(m_plan.height / kCellHeight)));
    const auto cells = size_t(m_columns) * size_t(m_rows);
    m_nodeCells.assign(cells, {});
    m_edgeCells.assign(cells, {});
    m_wideEdges.clear();
    for (int i = 0; i < count(); ++i) {
        m_nodeCells[size_t(cellOf(m_plan.nodes[size_t(i)].x(), m_plan.nodes[size_t(i)].y()))].push_back(i);
    }
    std::vector<QPointF> points;
    for (int i = 0; i < edgeCount(); ++i) {
        edgePoints(i, points);
        QRectF box(points.front(), QSizeF(1, 1));
        for (const QPointF& point : points) {
            box = box.united(QRectF(point, QSizeF(1, 1)));
        }
        const double cellsOfBox = (box.width() / kCellWidth + 1) * (box.height() / kCellHeight + 1);
        if (cellsOfBox > kWideEdgeCells) {
            m_wideEdges.push_back(i);
        } else {
            forCells(box, [this, i](int cell) { m_edgeCells[size_t(cell)].push_back(i); });
        }
    }
    m_stamps.assign(m_edges.size(), 0);
}

int DagScene::nodeAt(const QPointF& point, double reach) const
{
    int hit = -1;
    double nearest = std::numeric_limits<double>::max();
    std::vector<int> near;
    nodesIn(QRectF(point, QSizeF(0, 0)).adjusted(-reach, -reach, reach, reach), near);
    for (const int index : near) {
        const QRectF rect = nodeRect(index).adjusted(-reach, -reach, reach, reach);
        const QPointF way = rect.center() - point;
        const double distance = std::hypot(way.x(), way.y());
        if (rect.contains(point) && distance < nearest) {
            nearest = distance;
            hit = index;
        }
    }
    return hit;
}

void DagScene::nodesIn(const QRectF& area, std::vector<int>& found) const
{
    found.clear();
    if (m_plan.nodes.empty()) {
        return;
    }
    const DagMetrics metrics = this->metrics();
    const QRectF wide = area.adjusted(-metrics.nodeWidth / 2, -metrics.nodeHeight / 2, metrics.nodeWidth / 2,
                                      metrics.nodeHeight / 2);
    forCells(wide, [&](int cell) {
        for (const int index : m_nodeCells[size_t(cell)]) {
            const QPointF& centre = m_plan.nodes[size_t(index)];
            if (centre.x() >= wide.left() && centre.x() <= wide.right() && centre.y() >= wide.top() &&
                centre.y() <= wide.bottom()) {
                found.push_back(index);
            }
        }
    });
}

void DagScene::edgesIn(const QRectF& area, std::vector<int>& found) const
{
    found.clear();
    if (m_plan.nodes.empty()) {
        return;
    }
    ++m_stamp;
    forCells(area, [&](int cell) {
        for (const int edge : m_edgeCells[size_t(cell)]) {
            if (m_stamps[size_t(edge)] != m_stamp) {
                m_stamps[size_t(edge)] = m_stamp;
                found.push_back(edge);
            }
        }
    });
    found.insert(found.end(), m_wideEdges.cbegin(), m_wideEdges.cend());
}

int DagScene::waitingBehind(int index) const
{
    std::vector<int> open{index};
    QSet<int> seen{index};
    int waiting = 0;
    while (!open.empty()) {
        const int node = open.back();
        open.pop_back();
        for (int at = m_out.begin(node); at < m_out.end(node); ++at) {
            const int next = m_out.node(at);
            if (mark(next) == DagMark::Done || seen.contains(next)) {
                continue;
            }
            seen.insert(next);
            ++waiting;
            open.push_back(next);
        }
    }
    return waiting;
}

int DagScene::nextException(int from) const
{
    const auto reading = [this](int index) {
        return qint64(m_plan.layers[size_t(index)]) * kVirtualReading * 10 +
               qint64(m_plan.nodes[size_t(index)].y());
    };
    const qint64 start = from >= 0 ? reading(from) : -1;
    int next = -1;
    int first = -1;
    for (int i = 0; i < count(); ++i) {
        if (!isException(i)) {
            continue;
        }
        if (first < 0 || reading(i) < reading(first)) {
            first = i;
        }
        if (i != from && reading(i) > start && (next < 0 || reading(i) < reading(next))) {
            next = i;
        }
    }
    return next >= 0 ? next : first;
}

int DagScene::neighbour(int from, int key) const
{
    const QPointF here = m_plan.nodes[size_t(from)];
    int best = from;
    double nearest = std::numeric_limits<double>::max();
    const auto consider = [&](int candidate) {
        const double distance = std::abs(m_plan.nodes[size_t(candidate)].y() - here.y());
        if (distance < nearest) {
            nearest = distance;
            best = candidate;
        }
    };
    if (key == Qt::Key_Left || key == Qt::Key_Right) {
        const DagAdjacency& side = key == Qt::Key_Left ? m_in : m_out;
        for (int at = side.begin(from); at < side.end(from); ++at) {
            consider(side.node(at));
        }
        return best;
    }
    const int layer = m_plan.layers[size_t(from)];
    for (int i = 0; i < count(); ++i) {
        const double way = m_plan.nodes[size_t(i)].y() - here.y();
        const bool ahead = key == Qt::Key_Down ? way > 0.5 : way < -0.5;
        if (m_plan.layers[size_t(i)] == layer && ahead) {
            consider(i);
        }
    }
    return best;
}

}  // namespace sluice::widgets
