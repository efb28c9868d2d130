// Figures of one outage that stops a thousand tasks, printed; nothing here passes or fails by time.
#include <ctime>

#include <QtCore/QAbstractEventDispatcher>
#include <QtCore/QElapsedTimer>
#include <QtCore/QEventLoop>
#include <algorithm>
#include <functional>

#include "engine/loop_lag.h"
#include "outage_scene.h"
#include "patience.h"

using namespace sluice;

namespace {

double cpuMs()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// What the turns of the main loop cost in time of the processor, however busy the machine is with others.
class Turns {
public:
    Turns()
    {
        auto* loop = QAbstractEventDispatcher::instance();
        QObject::connect(loop, &QAbstractEventDispatcher::awake, &m_context, [this] { end(); });
        QObject::connect(loop, &QAbstractEventDispatcher::aboutToBlock, &m_context, [this] { end(); });
    }
    double p99Ms()
    {
        std::sort(m_turns.begin(), m_turns.end());
        return m_turns.isEmpty() ? 0 : m_turns.at(m_turns.size() * 99 / 100);
    }
    double maxMs() const { return m_turns.isEmpty() ? 0 : *std::max_element(m_turns.begin(), m_turns.end()); }

private:
    void end()
    {
        const double now = cpuMs();
        m_turns.append(now - m_began);
        m_began = now;
    }

    QObject m_context;
    QList<double> m_turns;
    double m_began{cpuMs()};
};

/// As the engine's own loop, which does not sleep between two turns as waiting in a test does.
bool runUntil(const std::function<bool()>& done)
{
    constexpr int kLookMs = 20;
    QEventLoop loop;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (done()) {
            loop.quit();
        }
    });
    look.start(kLookMs);
    bool late = false;
    QTimer::singleShot(sluice::test::kPatienceMs, &loop, [&] {
        late = true;
        loop.quit();
    });
    loop.exec();
    return !late;
}

}  // namespace

class OutageBench : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aThousandTasksStall_data()
    {
        QTest::addColumn<int>("runs");
        QTest::addColumn<int>("tasks");
        QTest::newRow("a run each") << 1000 << 1;
        QTest::newRow("in one run") << 1 << 1000;
    }
    void aThousandTasksStall()
    {
        QFETCH(int, runs);
        QFETCH(int, tasks);
        test::OutageScene scene;
        QVERIFY(scene.start(runs, tasks));
        scene.stopAll();
        engine::LoopLag lag;
        Turns turns;
        QElapsedTimer timer;
        timer.start();
        QVERIFY(runUntil([&] {
            const engine::Case* open = scene.cases->openCase("C-1");
            return open && open->runs.size() == runs && open->tasks.size() == runs * tasks &&
                   open->diagnosis["rule"] == QLatin1String("R10");
        }));
        const double seconds = static_cast<double>(timer.nsecsElapsed()) / 1e9;
        qsizetype asked = 0;
        int mostOften = 0;
        const QMap<QString, int> questions = scene.asked();
        for (const int times : questions) {
            asked += times;
            mostOften = qMax(mostOften, times);
        }
        qInfo(
            "one outage stalls %d tasks (%s): %lld cases, %lld probes asked, %lld distinct, each %d times at "
            "most; explained in %.2f s; loop lag p99 %.1f ms, max %.1f ms; a turn of the loop takes p99 %.1f "
            "ms, max %.1f ms "
            "of the processor",
            runs * tasks, QTest::currentDataTag(), static_cast<long long>(scene.cases->ids().size()),
            static_cast<long long>(asked), static_cast<long long>(questions.size()), mostOften, seconds,
            lag.p99Ms(), lag.maxMs(), turns.p99Ms(), turns.maxMs());
    }
};

QTEST_GUILESS_MAIN(OutageBench)
#include "tst_outage_bench.moc"
