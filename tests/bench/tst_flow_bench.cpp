// Figures of the flow engine, printed; nothing here passes or fails by time.
#include <sys/resource.h>

#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>
#include <algorithm>

#include "connect/link.h"
#include "engine/loop_lag.h"
#include "engine/reset_plan.h"
#include "flow/flow_engine.h"
#include "flow/topics.h"
#include "flow_fakes.h"
#include "patience.h"
#include "store/database.h"
#include "support/task_kinds.h"
#include "systems/ceph/remains.h"

using namespace sluice;

namespace {

constexpr int kStartedTasks = 5000;
constexpr int kLargeRun = 100'000;
constexpr int kLargeManifest = 1'000'000;

model::TaskSpec task(int i, const QStringList& needs)
{
    return {.name = QStringLiteral("task-%1").arg(i),
            .kind = "move",
            .needs = needs,
            .body = test::moveBody("rados://vega/landing", "rados://vega/train")};
}

class NoLink final : public connect::Link {
public:
    void call(const QString&, const QString&, const QJsonObject&, int, bool, Reply reply) override
    {
        reply(QJsonObject{{"exists", false}, {"locks", QJsonArray()}});
    }
    Result<void> mayAct(const QString&) const override { return {}; }
};

double peakMiB()
{
    struct rusage usage {};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

class FlowBench : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    SystemClock m_clock;
    test::FakeFencer m_fencer;
    test::FakeExecutor m_executor;

    std::unique_ptr<store::Database> database(const QString& name)
    {
        return std::move(
            *store::Database::open({.file = m_dir.filePath(name), .parts = {flow::RunStore::schema()}}));
    }

    std::unique_ptr<flow::FlowEngine> engine(store::Database& database, int attempts)
    {
        auto made = std::make_unique<flow::FlowEngine>(
            flow::FlowEngine::Options{.maxAttempts = attempts,
                                      .manifestFolder = m_dir.filePath("runs"),
                                      .logFolder = m_dir.filePath("logs")},
            database, m_fencer, test::taskKinds(), m_clock);
        made->addExecutor("luigi", m_executor);
        made->addExecutor("move", m_executor);
        return made;
    }

    QString submit(flow::FlowEngine& engine, const QList<model::TaskSpec>& tasks)
    {
        QString run;
        engine.submit({.name = "bench", .tasks = tasks}, "", "bench",
                      [&run](Result<QString> id) { run = *id; });
        return QTest::qWaitFor([&run] { return !run.isEmpty(); }, 60'000) ? run : QString();
    }

private Q_SLOTS:
    void tasksStartedPerSecond()
    {
        auto db = database("started.db");
        auto flows = engine(*db, 64);
        flows->start();
        m_executor.finishesAtOnce = true;
        QList<model::TaskSpec> tasks;
        for (int i = 0; i < kStartedTasks; ++i) {
            tasks.append(
                task(i, i < 50 ? QStringList() : QStringList{QStringLiteral("task-%1").arg(i - 50)}));
            tasks.last().kind = "luigi";
        }
        const QString run = submit(*flows, tasks);
        engine::LoopLag lag;
        QElapsedTimer timer;
        timer.start();
        QTRY_VERIFY_WITH_TIMEOUT(flows->run(run)->state() == model::TaskState::Done, 120'000);
        const double seconds = static_cast<double>(timer.nsecsElapsed()) / 1e9;
        const auto figures = db->figures();
        qInfo(
            "tasks started, each transition durable: %.0f/s (%d tasks, 2 transitions each, %.2f s; %llu "
            "commits, commit p99 %.1f ms; loop lag p99 %.1f ms)",
            kStartedTasks / seconds, kStartedTasks, seconds, static_cast<unsigned long long>(figures.commits),
            figures.commitP99Ms, lag.p99Ms());
        m_executor.finishesAtOnce = false;
    }

    void restartWithALargeRun()
    {
        QList<model::TaskSpec> tasks;
        tasks.reserve(kLargeRun);
        for (int i = 0; i < kLargeRun; ++i) {
            tasks.append(
                task(i, i == 0 ? QStringList() : QStringList{QStringLiteral("task-%1").arg((i - 1) / 3)}));
        }
        {
            auto db = database("large.db");
            auto flows = engine(*db, 8);
            QVERIFY(!submit(*flows, tasks).isEmpty());
        }
        QList<double> seconds;
        for (int round = 0; round < 5; ++round) {
            QElapsedTimer timer;
            timer.start();
            auto db = database("large.db");
            auto flows = engine(*db, 8);
            QVERIFY(flows->load().has_value());
            flow::TasksTopic topic(*flows, m_clock);
            QCOMPARE(topic.row("R-1/task-99999")["task"].toString(), "task-99999");
            seconds.append(static_cast<double>(timer.nsecsElapsed()) / 1e9);
        }
        std::sort(seconds.begin(), seconds.end());
        qInfo(
            "restart with a run of %d tasks to its first answer: median %.2f s (min %.2f, max %.2f), peak "
            "%.0f MiB",
            kLargeRun, seconds[2], seconds.first(), seconds.last(), peakMiB());
    }

    void planOfALargeReset()
    {
        auto db = database("plan.db");
        auto flows = engine(*db, 8);
        flows->start();
        m_executor.orders.clear();
        const QString run = submit(*flows, {task(0, {})});
        QTRY_VERIFY(!m_executor.orders.isEmpty());
        const flow::AttemptKey key = m_executor.orders.last().key;
        int acknowledged = 0;
        for (int i = 0; i < kLargeManifest; i += 10'000) {
            QList<store::ManifestEntry> entries;
            entries.reserve(10'000);
            for (int j = i; j < i + 10'000; ++j) {
                entries.append({.name = QStringLiteral("part-%1").arg(j, 8, 10, QLatin1Char('0')),
                                .size = 65'536,
                                .crc32c = 7,
                                .version = 3});
            }
            flows->commit(key, entries,
                          [&acknowledged](const Result<void>& done) { acknowledged += done ? 1 : 0; });
        }
        QTRY_COMPARE_WITH_TIMEOUT(acknowledged, kLargeManifest / 10'000, 240'000);
        flows->failed(key, Error{.code = ErrorCode::Aborted, .message = "bench"});
        QTRY_VERIFY(flows->run(run)->state() == model::TaskState::Failed);
        const double before = peakMiB();
        NoLink link;
        engine::ResetPlanner planner(*flows);
        planner.setRemains({systems::ceph::remainsFinder(link)});
        QList<double> seconds;
        for (int round = 0; round < 5; ++round) {
            QElapsedTimer timer;
            timer.start();
            std::optional<Result<QJsonObject>> plan;
            planner.plan(run, [&plan](const Result<QJsonObject>& made) { plan = made; });
            QTRY_VERIFY_WITH_TIMEOUT(plan.has_value(), 60'000);
            seconds.append(static_cast<double>(timer.nsecsElapsed()) / 1e9);
            QCOMPARE((**plan)["plan"]
                         .toObject()["tasks"]
                         .toArray()[0]
                         .toObject()["kept"]
                         .toObject()["objects"]
                         .toInteger(),
                     kLargeManifest);
        }
        std::sort(seconds.begin(), seconds.end());
        qInfo("reset plan of a manifest of %d objects: median %.3f s (max %.3f), memory grew by %.1f MiB",
              kLargeManifest, seconds[2], seconds.last(), peakMiB() - before);
    }
};

QTEST_GUILESS_MAIN(FlowBench)
#include "tst_flow_bench.moc"
