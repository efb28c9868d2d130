#include <QtCore/QElapsedTimer>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QApplication>
#include <QtWidgets/QScrollBar>
#include <memory>

#include "gallery/samples.h"
#include "patience.h"
#include "ui/style/state_words.h"
#include "ui/style/theme.h"
#include "ui/widgets/dag_view.h"
#include "widgets_support.h"

using namespace sluice;
using namespace sluice::widgets;
using gallery::nightlyRun;
using gallery::wideRun;
using style::Theme;
using style::ThemeMode;
using style::Tone;

class TestDagView : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<Theme> m_theme{};
    std::unique_ptr<DagView> m_view{};

    QPoint middle(const char* id) const { return m_view->nodeRect(QString::fromLatin1(id)).center(); }

    static QList<DagNode> with(QList<DagNode> nodes, const QString& id, const QString& state)
    {
        for (DagNode& node : nodes) {
            if (node.id == id) {
                node.state = state;
            }
        }
        return nodes;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme = std::make_unique<Theme>(ThemeMode::Light);
        m_theme->applyTo(*qApp);
    }

    void init()
    {
        m_view = std::make_unique<DagView>(*m_theme);
        m_view->resize(1180, 420);
        m_view->setNodes(nightlyRun());
        test::give(*m_view);
    }

    void cleanup() { m_view.reset(); }

    void aSmallGraphIsThereAtOnceAndFits()
    {
        QVERIFY(!m_view->isLayingOut());
        QCOMPARE(m_view->nodeCount(), 14);
        QCOMPARE(m_view->zoom(), 1.0);
        for (const DagNode& node : nightlyRun()) {
            QVERIFY(m_view->viewport()->rect().contains(m_view->nodeRect(node.id)));
        }
    }

    void aPointFindsItsNodeAndFourPixelsAround()
    {
        const QRect rect = m_view->nodeRect(QStringLiteral("copy-holdout"));
        QCOMPARE(m_view->nodeAt(rect.center()), QStringLiteral("copy-holdout"));
        QCOMPARE(m_view->nodeAt(rect.topLeft() - QPoint(3, 3)), QStringLiteral("copy-holdout"));
        QCOMPARE(m_view->nodeAt(rect.topLeft() - QPoint(8, 8)), QString());
    }

    void aClickPicksAndADoubleClickOpens()
    {
        const QSignalSpy current(m_view.get(), &DagView::currentNodeChanged);
        const QSignalSpy activated(m_view.get(), &DagView::nodeActivated);
        QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, middle("copy-labels"));
        QCOMPARE(m_view->currentNode(), QStringLiteral("copy-labels"));
        QTest::mouseDClick(m_view->viewport(), Qt::LeftButton, {}, middle("copy-labels"));
        QCOMPARE(activated.count(), 1);
        QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, QPoint(3, 3));
        QCOMPARE(m_view->currentNode(), QString());
        QCOMPARE(current.count(), 2);
    }

    void arrowsFollowEdges()
    {
        m_view->setCurrentNode(QStringLiteral("build-features"));
        QTest::keyClick(m_view.get(), Qt::Key_Right);
        QCOMPARE(m_view->currentNode(), QStringLiteral("copy-holdout"));
        QTest::keyClick(m_view.get(), Qt::Key_Up);
        QCOMPARE(m_view->currentNode(), QStringLiteral("copy-train-set"));
        QTest::keyClick(m_view.get(), Qt::Key_Up);
        QCOMPARE(m_view->currentNode(), QStringLiteral("copy-train-set"));
        QTest::keyClick(m_view.get(), Qt::Key_Right);
        QCOMPARE(m_view->currentNode(), QStringLiteral("train-embed"));
        QTest::keyClick(m_view.get(), Qt::Key_Left);
        QCOMPARE(m_view->currentNode(), QStringLiteral("copy-holdout"));
        const QSignalSpy activated(m_view.get(), &DagView::nodeActivated);
        QTest::keyClick(m_view.get(), Qt::Key_Return);
        QCOMPARE(activated.count(), 1);
        QTest::keyClick(m_view.get(), Qt::Key_Escape);
        QCOMPARE(m_view->currentNode(), QString());
    }

    void nWalksTheExceptionsRoundAndRound()
    {
        m_view->setNodes(with(nightlyRun(), QStringLiteral("land-orders"), QStringLiteral("failed")));
        QTest::keyClick(m_view.get(), Qt::Key_N);
        QCOMPARE(m_view->currentNode(), QStringLiteral("land-orders"));
        QTest::keyClick(m_view.get(), Qt::Key_N);
        QCOMPARE(m_view->currentNode(), QStringLiteral("copy-train-set"));
        QTest::keyClick(m_view.get(), Qt::Key_N);
        QCOMPARE(m_view->currentNode(), QStringLiteral("land-orders"));
    }

    void zoomKeysZoomAndZeroFits()
    {
        const QSignalSpy zoomed(m_view.get(), &DagView::zoomChanged);
        QTest::keyClick(m_view.get(), Qt::Key_Minus);
        QVERIFY(m_view->zoom() < 0.9);
        QTest::keyClick(m_view.get(), Qt::Key_Plus);
        QTest::keyClick(m_view.get(), Qt::Key_Plus);
        QVERIFY(m_view->zoom() > 1.1);
        QTest::keyClick(m_view.get(), Qt::Key_0);
        QCOMPARE(m_view->zoom(), 1.0);
        QCOMPARE(zoomed.count(), 4);
        m_view->setZoom(1000);
        QCOMPARE(m_view->zoom(), 2.0);
    }

    void whatIsPickedComesIntoSight()
    {
        m_view->setZoom(2);
        m_view->setCurrentNode(QStringLiteral("publish-index"));
        QVERIFY(m_view->viewport()->rect().contains(m_view->nodeRect(QStringLiteral("publish-index"))));
        m_view->setCurrentNode(QStringLiteral("land-clicks"));
        QVERIFY(m_view->viewport()->rect().contains(m_view->nodeRect(QStringLiteral("land-clicks"))));
    }

    void everyStateIsDrawnDifferently()
    {
        QList<QImage> pictures;
        const QStringList states = style::statesOf(style::Domain::Task);
        for (const QString& state : states) {
            m_view->setNodes(with(nightlyRun(), QStringLiteral("copy-holdout"), state));
            pictures.append(
                m_view->viewport()->grab(m_view->nodeRect(QStringLiteral("copy-holdout"))).toImage());
        }
        for (qsizetype i = 0; i < pictures.size(); ++i) {
            for (qsizetype k = i + 1; k < pictures.size(); ++k) {
                QVERIFY2(pictures.at(i) != pictures.at(k),
                         qPrintable(states.at(i) + QLatin1Char(' ') + states.at(k)));
            }
        }
    }

    void aStateChangesNothingButItsNode()
    {
        const QSignalSpy laidOut(m_view.get(), &DagView::laidOut);
        QHash<QString, QRect> before;
        for (const DagNode& node : nightlyRun()) {
            before.insert(node.id, m_view->nodeRect(node.id));
        }
        m_view->setNodes(with(nightlyRun(), QStringLiteral("train-embed"), QStringLiteral("running")));
        m_view->updateNodes({{.id = "no such task", .state = "failed"}});
        for (const DagNode& node : nightlyRun()) {
            QCOMPARE(m_view->nodeRect(node.id), before.value(node.id));
        }
        QCOMPARE(laidOut.count(), 0);
        QList<DagNode> more = nightlyRun();
        more.append({.id = "late", .name = "late", .state = "waiting", .needs = {"train-embed"}});
        m_view->setNodes(more);
        QCOMPARE(laidOut.count(), 1);
        QCOMPARE(m_view->nodeCount(), 15);
    }

    void theLegendNamesWhatIsWaitedFor()
    {
        const auto words = [this] {
            QStringList said;
            for (const auto& [tone, text] : m_view->behindLegend()) {
                said << text;
            }
            return said;
        };
        QCOMPARE(words(), QStringList{"waits behind the stalled task"});
        m_view->setNodes(with(nightlyRun(), QStringLiteral("copy-train-set"), QStringLiteral("failed")));
        QCOMPARE(words(), QStringList{"waits behind the failed task"});
    }

    void whatWaitsBehindAStalledTaskIsAmber()
    {
        QCOMPARE(m_view->waitingBehind(QStringLiteral("copy-train-set")), 4);
        const QImage stalled = m_view->viewport()->grab().toImage();
        const QRect between(m_view->nodeRect(QStringLiteral("train-embed")).topRight() + QPoint(6, 0),
                            m_view->nodeRect(QStringLiteral("approve-publish")).bottomLeft() - QPoint(6, 0));
        const QColor amber = m_theme->shape(Tone::Warn);
        QVERIFY(test::contains(stalled.copy(between), amber));
        m_view->setNodes(with(nightlyRun(), QStringLiteral("copy-train-set"), QStringLiteral("running")));
        QVERIFY(!test::contains(m_view->viewport()->grab().toImage().copy(between), amber));
    }

    void dimmedStatesLoseInk()
    {
        const QRect rect = m_view->nodeRect(QStringLiteral("land-clicks"));
        const QImage before = m_view->viewport()->grab(rect).toImage();
        const QImage stalledBefore =
            m_view->viewport()->grab(m_view->nodeRect(QStringLiteral("copy-train-set"))).toImage();
        m_view->setHighlightedStates({QStringLiteral("stalled")});
        QVERIFY(m_view->viewport()->grab(rect).toImage() != before);
        QCOMPARE(m_view->viewport()->grab(m_view->nodeRect(QStringLiteral("copy-train-set"))).toImage(),
                 stalledBefore);
    }

    void theTasksInSightCanBeReadOut()
    {
        const QStringList names = test::accessibleNames(*m_view);
        QCOMPARE(names.size(), 14);
        QVERIFY(names.contains(QStringLiteral("copy-train-set, stalled 6 min 12 s, 4 tasks behind")));
        QVERIFY(names.contains(QStringLiteral("copy-holdout, running, 62 %")));
        QVERIFY(names.contains(QStringLiteral("train-embed, waiting, Luigi")));
        QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(m_view.get());
        QAccessibleInterface* child =
            interface->child(int(names.indexOf(QStringLiteral("copy-holdout, running, 62 %"))));
        const QPoint corner =
            m_view->viewport()->mapToGlobal(m_view->nodeRect(QStringLiteral("copy-holdout")).topLeft());
        QCOMPARE(child->rect().topLeft(), corner);
        child->actionInterface()->doAction(QAccessibleActionInterface::setFocusAction());
        QCOMPARE(m_view->currentNode(), QStringLiteral("copy-holdout"));
        QVERIFY(child->state().selected);
    }

    void aLargeGraphIsLaidOutBesideTheLoop()
    {
        const QSignalSpy laidOut(m_view.get(), &DagView::laidOut);
        m_view->setNodes(wideRun(480, 4));
        QVERIFY(m_view->isLayingOut());
        QCOMPARE(m_view->nodeCount(), 14);
        QTRY_COMPARE(laidOut.count(), 1);
        QCOMPARE(m_view->nodeCount(), 480 * 4 + 2);
        QVERIFY(m_view->zoom() < 0.4);
    }

    void statesThatComeDuringTheLayoutAreNotLost()
    {
        const QSignalSpy laidOut(m_view.get(), &DagView::laidOut);
        QList<DagNode> nodes = wideRun(480, 4);
        m_view->setNodes(nodes);
        m_view->setNodes(with(nodes, QStringLiteral("t3-0"), QStringLiteral("stalled")));
        QTRY_COMPARE(laidOut.count(), 1);
        m_view->setCurrentNode(QStringLiteral("t2-479"));
        QTest::keyClick(m_view.get(), Qt::Key_N);
        QCOMPARE(m_view->currentNode(), QStringLiteral("t3-0"));
    }

    void aNewerGraphWinsOverOneBeingLaidOut()
    {
        m_view->setNodes(wideRun(2000, 4));
        m_view->setNodes(nightlyRun().mid(0, 3));
        QVERIFY(!m_view->isLayingOut());
        QCOMPARE(m_view->nodeCount(), 3);
        // Nothing tells that it stays as it is: a moment must pass.
        QTest::qWait(0);
        QCOMPARE(m_view->nodeCount(), 3);
    }

    void exceptionsStayLargeAtAnyZoom()
    {
        const QSignalSpy laidOut(m_view.get(), &DagView::laidOut);
        m_view->setNodes(wideRun(480, 4));
        QTRY_COMPARE(laidOut.count(), 1);
        m_view->setMinimapVisible(false);
        for (const double zoom : {0.3, 0.08, 0.03}) {
            m_view->setZoom(zoom);
            m_view->setCurrentNode({});
            m_view->nextException();
            const QImage image = m_view->viewport()->grab().toImage();
            QVERIFY2(test::count(image, m_theme->shape(Tone::Crit)) >= 100,
                     qPrintable(QString::number(zoom)));
        }
    }

    void aHundredThousandTasksAreDrawnQuickly()
    {
        const QSignalSpy laidOut(m_view.get(), &DagView::laidOut);
        m_view->setNodes(wideRun(12'500, 8));
        QTRY_COMPARE(laidOut.count(), 1);
        QCOMPARE(m_view->nodeCount(), 100'002);
        for (const double zoom : {0.02, 0.05, 0.25, 1.0}) {
            m_view->setZoom(zoom);
            QElapsedTimer timer;
            timer.start();
            const QImage image = m_view->viewport()->grab().toImage();
            qInfo("zoom %.2f: %lld ms", zoom, timer.elapsed());
            QVERIFY(!image.isNull());
        }
        QVERIFY(m_view->partCount() <= 402);
    }

    void anEmptyRunClearsTheView()
    {
        m_view->setCurrentNode(QStringLiteral("land-clicks"));
        m_view->setNodes({});
        QCOMPARE(m_view->nodeCount(), 0);
        QCOMPARE(m_view->currentNode(), QString());
        QCOMPARE(m_view->partCount(), 0);
        QTest::keyClick(m_view.get(), Qt::Key_N);
    }

    void draggingPans()
    {
        m_view->setZoom(2);
        const int before = m_view->horizontalScrollBar()->value();
        QTest::mousePress(m_view->viewport(), Qt::LeftButton, {}, QPoint(600, 5));
        QTest::mouseMove(m_view->viewport(), QPoint(500, 5));
        QTest::mouseMove(m_view->viewport(), QPoint(400, 5));
        QTest::mouseRelease(m_view->viewport(), Qt::LeftButton, {}, QPoint(400, 5));
        QCOMPARE(m_view->horizontalScrollBar()->value(), before + 200);
    }
};

QTEST_MAIN(TestDagView)
#include "tst_dag_view.moc"
