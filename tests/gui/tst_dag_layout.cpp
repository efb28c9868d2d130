#include <QtCore/QRectF>
#include <random>

#include "patience.h"
#include "ui/widgets/dag_layout.h"

using namespace sluice::widgets;

namespace {

using Edges = std::vector<std::pair<int, int>>;

DagShape randomDag(int count, int reach, unsigned seed)
{
    DagShape shape{.count = count};
    std::mt19937 random(seed);
    for (int node = 1; node < count; ++node) {
        const unsigned needs = 1 + random() % 3;
        for (unsigned i = 0; i < needs; ++i) {
            const int from = node - 1 - int(random() % unsigned(std::min(node, reach)));
            const std::pair<int, int> edge(from, node);
            if (std::find(shape.edges.cbegin(), shape.edges.cend(), edge) == shape.edges.cend()) {
                shape.edges.push_back(edge);
            }
        }
    }
    return shape;
}

QRectF rectOf(const DagPlan& plan, int node, const DagMetrics& metrics)
{
    const QPointF& centre = plan.nodes[size_t(node)];
    return {centre.x() - metrics.nodeWidth / 2, centre.y() - metrics.nodeHeight / 2, metrics.nodeWidth,
            metrics.nodeHeight};
}

void verifyPlan(const DagShape& shape, const DagPlan& plan, const DagMetrics& metrics = {})
{
    QCOMPARE(int(plan.nodes.size()), shape.count);
    const QRectF whole(0, 0, plan.width, plan.height);
    QList<QRectF> rects;
    for (int node = 0; node < shape.count; ++node) {
        rects.append(rectOf(plan, node, metrics));
        QVERIFY(whole.adjusted(-1, -1, 1, 1).contains(rects.last()));
    }
    QList<int> byX;
    for (int node = 0; node < shape.count; ++node) {
        byX.append(node);
    }
    std::sort(byX.begin(), byX.end(), [&](int a, int b) { return rects.at(a).left() < rects.at(b).left(); });
    for (int i = 0; i < byX.size(); ++i) {
        for (int k = i + 1; k < byX.size() && rects.at(byX.at(k)).left() < rects.at(byX.at(i)).right(); ++k) {
            QVERIFY2(!rects.at(byX.at(i)).intersects(rects.at(byX.at(k))),
                     qPrintable(QStringLiteral("%1 lies on %2").arg(byX.at(i)).arg(byX.at(k))));
        }
    }
    for (size_t edge = 0; edge < shape.edges.size(); ++edge) {
        const auto [from, to] = shape.edges[edge];
        double x = rects.at(from).right();
        for (const QPointF& bend : plan.bends[edge]) {
            QVERIFY(bend.x() > x);
            x = bend.x();
        }
        QVERIFY2(rects.at(to).left() > x, "an edge does not lead to the right");
    }
}

}  // namespace

class TestDagLayout : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingOverlapsAndEdgesLeadRight_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("reach");
        QTest::newRow("one") << 1 << 1;
        QTest::newRow("chain") << 12 << 1;
        QTest::newRow("few") << 14 << 6;
        QTest::newRow("near") << 300 << 8;
        QTest::newRow("far") << 300 << 300;
        QTest::newRow("many") << 3000 << 60;
    }

    void nothingOverlapsAndEdgesLeadRight()
    {
        QFETCH(int, count);
        QFETCH(int, reach);
        for (unsigned seed = 1; seed <= 4; ++seed) {
            const DagShape shape = randomDag(count, reach, seed);
            const DagPlan plan = layoutDag(shape);
            QVERIFY(!plan.cyclic);
            verifyPlan(shape, plan);
        }
    }

    void layersAreLongestPaths_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<Edges>("edges");
        QTest::addColumn<std::vector<int>>("layers");
        QTest::addColumn<bool>("cyclic");
        using Layers = std::vector<int>;
        QTest::newRow("none joined") << 3 << Edges{} << Layers{0, 0, 0} << false;
        QTest::newRow("a short cut") << 3 << Edges{{0, 2}, {0, 1}, {1, 2}} << Layers{0, 1, 2} << false;
        QTest::newRow("the short cut told last")
            << 3 << Edges{{0, 1}, {1, 2}, {0, 2}} << Layers{0, 1, 2} << false;
        QTest::newRow("numbers against the edges") << 3 << Edges{{2, 1}, {1, 0}} << Layers{2, 1, 0} << false;
        QTest::newRow("a source stands next to what needs it")
            << 5 << Edges{{0, 1}, {1, 2}, {2, 3}, {4, 3}} << Layers{0, 1, 2, 3, 2} << false;
        QTest::newRow("next to the nearest that does")
            << 5 << Edges{{0, 1}, {1, 2}, {2, 3}, {4, 3}, {4, 2}} << Layers{0, 1, 2, 3, 1} << false;
        QTest::newRow("only sources move")
            << 5 << Edges{{0, 1}, {0, 2}, {2, 3}, {3, 4}, {1, 4}} << Layers{0, 1, 1, 2, 3} << false;
        QTest::newRow("the same edge twice") << 2 << Edges{{0, 1}, {0, 1}} << Layers{0, 1} << false;
        QTest::newRow("a cycle") << 4 << Edges{{0, 1}, {1, 2}, {2, 1}, {2, 3}} << Layers{0, 1, 2, 3} << true;
        QTest::newRow("a longer way into a cycle")
            << 5 << Edges{{0, 1}, {1, 2}, {2, 1}, {0, 3}, {3, 4}, {4, 2}} << Layers{0, 1, 3, 1, 2} << true;
        QTest::newRow("needs itself") << 2 << Edges{{0, 0}, {0, 1}} << Layers{0, 1} << true;
        QTest::newRow("nothing but a cycle") << 3 << Edges{{0, 1}, {1, 2}, {2, 0}} << Layers{0, 1, 2} << true;
    }

    void layersAreLongestPaths()
    {
        QFETCH(int, count);
        QFETCH(Edges, edges);
        QFETCH(std::vector<int>, layers);
        QFETCH(bool, cyclic);
        const DagPlan plan = layoutDag({.count = count, .edges = edges});
        QCOMPARE(plan.layers, layers);
        QCOMPARE(plan.cyclic, cyclic);
        QCOMPARE(plan.layerCount, *std::max_element(layers.cbegin(), layers.cend()) + 1);
        for (int a = 0; a < count; ++a) {
            for (int b = 0; b < count; ++b) {
                const bool left = layers[size_t(a)] < layers[size_t(b)];
                QVERIFY(!left || plan.nodes[size_t(a)].x() < plan.nodes[size_t(b)].x());
            }
        }
        for (size_t i = 0; i < edges.size(); ++i) {
            const int passed = layers[size_t(edges[i].second)] - layers[size_t(edges[i].first)] - 1;
            QCOMPARE(int(plan.bends[i].size()), std::max(0, passed));
        }
    }

    void everyLayerFollowsFromItsNeeds()
    {
        for (unsigned seed = 1; seed <= 6; ++seed) {
            const DagShape shape = randomDag(400, 30, seed);
            const DagPlan plan = layoutDag(shape);
            std::vector<int> wanted(size_t(shape.count), -1);
            std::vector<int> nearest(size_t(shape.count), plan.layerCount);
            for (const auto& [from, to] : shape.edges) {
                wanted[size_t(to)] = std::max(wanted[size_t(to)], plan.layers[size_t(from)] + 1);
                nearest[size_t(from)] = std::min(nearest[size_t(from)], plan.layers[size_t(to)] - 1);
            }
            for (size_t node = 0; node < wanted.size(); ++node) {
                const bool source = wanted[node] < 0;
                const bool joined = nearest[node] < plan.layerCount;
                // A source that moved right may have left its neighbours further on than they need to be.
                if (source) {
                    QCOMPARE(plan.layers[node], joined ? nearest[node] : 0);
                } else {
                    QVERIFY(plan.layers[node] >= wanted[node]);
                }
            }
        }
    }

    void wideLayersAreFolded()
    {
        DagShape shape{.count = 1 + 2 * 600};
        for (int i = 0; i < 600; ++i) {
            shape.edges.emplace_back(0, 1 + i);
            shape.edges.emplace_back(1 + i, 601 + i);
        }
        const DagPlan plan = layoutDag(shape);
        verifyPlan(shape, plan);
        QVERIFY2(plan.height < 8 * plan.width, "a strip nobody can look at");
    }

    void aChainIsStraight()
    {
        const DagShape shape{.count = 6, .edges = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}};
        const DagPlan plan = layoutDag(shape);
        for (int node = 1; node < 6; ++node) {
            QCOMPARE(plan.nodes[size_t(node)].y(), plan.nodes[0].y());
            QCOMPARE(plan.layers[size_t(node)], node);
        }
    }

    void aDiamondIsSymmetric()
    {
        const DagShape shape{.count = 4, .edges = {{0, 1}, {0, 2}, {1, 3}, {2, 3}}};
        const DagPlan plan = layoutDag(shape);
        QCOMPARE(plan.nodes[0].y(), plan.nodes[3].y());
        QCOMPARE(plan.nodes[0].y() - plan.nodes[1].y(), plan.nodes[2].y() - plan.nodes[0].y());
    }

    void parallelChainsDoNotCross()
    {
        DagShape shape{.count = 20};
        for (int chain = 0; chain < 4; ++chain) {
            for (int i = 0; i < 4; ++i) {
                shape.edges.emplace_back(chain * 5 + i, chain * 5 + i + 1);
            }
        }
        const DagPlan plan = layoutDag(shape);
        for (int chain = 0; chain < 4; ++chain) {
            for (int i = 1; i < 5; ++i) {
                QCOMPARE(plan.nodes[size_t(chain * 5 + i)].y(), plan.nodes[size_t(chain * 5)].y());
            }
        }
    }

    void aLongEdgeGoesRoundTheNodesBetween()
    {
        const DagShape shape{.count = 5, .edges = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 4}}};
        const DagMetrics metrics;
        const DagPlan plan = layoutDag(shape, metrics);
        QCOMPARE(plan.bends[4].size(), size_t(3));
        for (const QPointF& bend : plan.bends[4]) {
            for (int node = 0; node < shape.count; ++node) {
                QVERIFY(!rectOf(plan, node, metrics).contains(bend));
            }
        }
    }

    void aCycleIsToldAndStillDrawn()
    {
        const DagShape shape{.count = 4, .edges = {{0, 1}, {1, 2}, {2, 1}, {2, 3}}};
        const DagPlan plan = layoutDag(shape);
        QVERIFY(plan.cyclic);
        QCOMPARE(int(plan.nodes.size()), 4);
        QVERIFY(plan.layers[3] > plan.layers[0]);
        QVERIFY(plan.nodes[1] != plan.nodes[2]);
    }

    void theSameGraphIsLaidOutTheSame()
    {
        const DagShape shape = randomDag(500, 40, 7);
        QCOMPARE(layoutDag(shape).nodes, layoutDag(shape).nodes);
    }

    void anEmptyGraphHasNoPlan() { QVERIFY(layoutDag({}).nodes.empty()); }

    void itStopsWhenTold()
    {
        const std::atomic_bool stop{true};
        QVERIFY(layoutDag(randomDag(2000, 50, 3), {}, &stop).nodes.empty());
    }

    void aHundredThousandTasksAreLaidOut()
    {
        DagShape shape{.count = 100'001};
        for (int i = 0; i < 12'500; ++i) {
            shape.edges.emplace_back(100'000, i);
            for (int layer = 1; layer < 8; ++layer) {
                shape.edges.emplace_back((layer - 1) * 12'500 + i, layer * 12'500 + i);
            }
        }
        const DagPlan plan = layoutDag(shape);
        QCOMPARE(plan.layerCount, 9);
        QCOMPARE(int(plan.nodes.size()), shape.count);
    }
};

QTEST_GUILESS_MAIN(TestDagLayout)
#include "tst_dag_layout.moc"
