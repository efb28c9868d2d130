#include <sys/wait.h>
#include <unistd.h>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>
#include <csignal>

#include "engine/doctor.h"
#include "engine/key_service.h"
#include "keys/secret_store.h"
#include "support/task_kinds.h"
#include "systems/ceph/rules/rules.h"
#include "tests/unit/authorities.h"
#include "tests/unit/engine_fakes.h"
#include "tests/unit/flow_fakes.h"

using namespace sluice;
using model::TaskState;

/// Cases as the doctor opens, joins and closes them.
class TestResetCases : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    const diagnosis::RuleBook m_rules{{diagnosis::generalRules(), systems::ceph::rules()}};
    test::FakeClock m_clock;
    test::FakeLink m_link;
    test::FakeExecutor m_executor;
    test::FakeFencer m_fencer;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<keys::ThreadedKeyVault> m_vault;
    std::unique_ptr<engine::KeyService> m_keys;
    std::unique_ptr<estate::Estate> m_estate;
    std::unique_ptr<flow::FlowEngine> m_flow;
    std::unique_ptr<engine::CaseBook> m_cases;
    std::unique_ptr<engine::Doctor> m_doctor;

    void quotaReached()
    {
        m_estate->upsert({.id = "vega/ceph-pool/train",
                          .connection = "vega",
                          .kind = "ceph-pool",
                          .name = "train",
                          .source = "test",
                          .observedAtMs = m_clock.nowMs(),
                          .facts = {{"fullQuota", true}}});
    }

    void refusedForQuota()
    {
        for (const flow::StartOrder& order : std::as_const(m_executor.orders)) {
            m_executor.sink->blocked(
                order.key,
                {{"what", "quota"}, {"connection", "vega"}, {"cephPool", "train"}, {"op", "write"}});
        }
    }

    QString submit(const QString& prefix)
    {
        const model::TaskSpec spec{.name = "a",
                                   .kind = "move",
                                   .stallAfterMs = 10'000,
                                   .body = test::moveBody("file:/a", "rados://vega/train/" + prefix)};
        QString id;
        m_flow->submit({.name = "f", .tasks = {spec}}, "text", "anna",
                       [&id](const Result<QString>& run) { id = *run; });
        return sluice::test::waitUntil([&id] { return !id.isEmpty(); }) ? id : QString();
    }

    /// Which of two runs is ordered first is not said.
    void progress(const QString& run)
    {
        for (const flow::StartOrder& order : std::as_const(m_executor.orders)) {
            if (order.run == run) {
                m_executor.sink->progress(order.key, {{"objectsDone", 1}, {"bytesDone", 1}});
            }
        }
    }

    /// A run that stalled, and moves again since a moment ago.
    void stallAndMoveAgain(QString& run, QString& id)
    {
        run = submit("x/");
        QTRY_COMPARE(m_executor.orders.size(), 1);
        m_clock.ms += 11'000;
        QTRY_VERIFY(state(run) == TaskState::Stalled);
        QTRY_VERIFY(!caseOf(run).isEmpty());
        id = caseOf(run);
        progress(run);
        QTRY_COMPARE(m_cases->row(id)["phase"].toString(), "verify");
        QCOMPARE(m_cases->row(id)["timeline"].toArray().last()["phase"].toString(), QString("verify"));
    }

    /// More than a minute in which the runs move on.
    void moveForAMinute(const QStringList& runs)
    {
        for (int i = 2; i < 10; ++i) {
            m_clock.ms += 9'000;
            for (const flow::StartOrder& order : std::as_const(m_executor.orders)) {
                if (runs.contains(order.run)) {
                    m_executor.sink->progress(
                        order.key, {{"objectsDone", 10 * i}, {"objectsKept", 3}, {"bytesDone", i}});
                }
            }
        }
    }

    TaskState state(const QString& run) { return m_flow->run(run)->tasks[0].state; }
    QString caseOf(const QString& run) { return m_flow->run(run)->caseId; }

    void fail(const QString& run)
    {
        for (const flow::StartOrder& order : std::as_const(m_executor.orders)) {
            if (order.run == run) {
                m_executor.sink->failed(order.key, {.code = ErrorCode::NotFound,
                                                    .message = "'/a' is not there",
                                                    .cause = "no such folder",
                                                    .correction = "Make the folder",
                                                    .source = "mover"});
            }
        }
    }

    bool cancel(const QString& run)
    {
        bool ended = false;
        m_flow->cancel(run, [&ended](const Result<void>& result) { ended = result.has_value(); });
        return sluice::test::waitUntil([&] { return ended && m_flow->run(run)->endedAtMs > 0; });
    }

    QJsonObject examined(const QString& run)
    {
        QJsonObject row;
        m_doctor->examine(run, [&row](const Result<QJsonObject>& result) { row = *result; });
        return sluice::test::waitUntil([&row] { return !row.isEmpty(); }) ? row : QJsonObject();
    }

    QString lastRemark(const QString& id)
    {
        return m_cases->row(id)["timeline"].toArray().last()["text"].toString();
    }

    /// Two runs that one full pool holds up, in one case.
    void stallTwo(QString& first, QString& second)
    {
        first = submit("x/");
        second = submit("y/");
        QTRY_COMPARE(m_executor.orders.size(), 2);
        m_clock.ms += 11'000;
        quotaReached();
        refusedForQuota();
        QTRY_VERIFY(state(first) == TaskState::Stalled && state(second) == TaskState::Stalled);
        QTRY_VERIFY(m_cases->openCount() == 1 && !caseOf(second).isEmpty() &&
                    caseOf(first) == caseOf(second));
    }

private Q_SLOTS:
    void onlyAFreshLossOfTheQuorumStandsInTheWay_data()
    {
        QTest::addColumn<QJsonValue>("quorate");
        QTest::addColumn<qint64>("ageMs");
        QTest::addColumn<bool>("free");
        QTest::newRow("lost") << QJsonValue(false) << qint64(0) << false;
        QTest::newRow("lost a while ago, not read since") << QJsonValue(false) << qint64(15'000) << true;
        QTest::newRow("there") << QJsonValue(true) << qint64(0) << true;
        QTest::newRow("not known") << QJsonValue() << qint64(0) << true;
    }
    void onlyAFreshLossOfTheQuorumStandsInTheWay()
    {
        QFETCH(QJsonValue, quorate);
        QFETCH(qint64, ageMs);
        QFETCH(bool, free);
        m_estate->upsert({.id = "vega/mon-quorum/vega",
                          .connection = "vega",
                          .kind = "mon-quorum",
                          .name = "vega",
                          .source = "test",
                          .observedAtMs = m_clock.nowMs() - ageMs,
                          .facts = {{"quorate", quorate}}});
        const engine::EstateFacts facts(*m_estate);
        QCOMPARE(engine::monitorsAgree(facts, "vega", m_clock.nowMs()).has_value(), free);
        QVERIFY(engine::monitorsAgree(facts, "atlas", m_clock.nowMs()).has_value());
    }

    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        const QList<store::PartSchema> schema{flow::RunStore::schema(), engine::CaseBook::schema(),
                                              engine::KeyService::schema()};
        m_database = std::move(*store::Database::open({.file = m_dir->filePath("s.db"), .parts = schema}));
        m_vault = std::make_unique<keys::ThreadedKeyVault>(std::make_unique<keys::FileSecretStore>(
            *keys::FileSecretStore::open(m_dir->filePath("secrets"))));
        m_keys = std::make_unique<engine::KeyService>(m_link, test::cephAuthorities(), *m_vault, *m_database,
                                                      m_clock);
        m_estate = std::make_unique<estate::Estate>(m_clock);
        m_flow = std::make_unique<flow::FlowEngine>(
            flow::FlowEngine::Options{.maxAttempts = 4,
                                      .manifestFolder = m_dir->filePath("runs"),
                                      .logFolder = m_dir->filePath("logs")},
            *m_database, m_fencer, test::taskKinds(), m_clock);
        m_flow->addExecutor(QStringLiteral("move"), m_executor);
        m_cases = std::make_unique<engine::CaseBook>(*m_database, m_clock);
        m_doctor = std::make_unique<engine::Doctor>(m_rules, *m_flow, *m_estate, m_link, *m_cases, *m_keys,
                                                    *m_vault, m_clock);
        QVERIFY(m_flow->load().has_value());
        m_flow->start();
    }

    void cleanup()
    {
        m_doctor.reset();
        m_cases.reset();
        m_flow.reset();
        m_keys.reset();
        m_vault.reset();
        m_database.reset();
        m_executor = {};
    }

    void runsThatStandForOneFullPoolAreOneCase()
    {
        QString first, second;
        stallTwo(first, second);
        const QString id = caseOf(first);
        QCOMPARE(m_cases->row(id)["rule"].toString(), "R10");
        QCOMPARE(m_cases->row(id)["runs"].toArray().size(), 2);
        for (const QString& run : {first, second}) {
            QVERIFY(m_cases->matches(id, {{"run", run}, {"rule", "R10"}}));
            QVERIFY(!m_cases->matches(id, {{"run", run}, {"rule", "R5"}}));
        }
        QVERIFY(m_cases->matches(id, {{"run", QJsonArray{"R-99", second}}}));
        QVERIFY(!m_cases->matches(id, {{"run", "R-99"}}));
        // Each run is told its own evidence, not that of the run that came first.
        for (const QString& run : {first, second}) {
            const QJsonObject row = examined(run);
            QCOMPARE(row["id"].toString(), id);
            QCOMPARE(row["run"].toString(), run);
            const QString told = QString::fromUtf8(QJsonDocument(row["findings"].toArray()).toJson());
            QVERIFY(told.contains(run + "/a") && !told.contains((run == first ? second : first) + "/a"));
        }

        progress(first);
        QTRY_VERIFY(state(first) == TaskState::Running);
        QCOMPARE(m_cases->openCount(), 1);
        // The one that is still held up speaks for the case.
        QCOMPARE(examined(second)["id"].toString(), id);
        QCOMPARE(m_cases->row(id)["run"].toString(), second);
        QCOMPARE(m_cases->openCaseOf(second)->id, id);

        progress(second);
        QTRY_COMPARE(m_cases->row(id)["phase"].toString(), "verify");
        moveForAMinute({first, second});
        QTRY_COMPARE(m_cases->openCount(), 0);
        QVERIFY(caseOf(first).isEmpty());
        QVERIFY(caseOf(second).isEmpty());
    }

    void aFailedTaskIsExplainedByItsError()
    {
        const QString run = submit("x/");
        QTRY_COMPARE(m_executor.orders.size(), 1);
        m_executor.sink->blocked(m_executor.orders[0].key, {{"what", "timeout"}, {"connection", "vega"}});
        fail(run);
        QTRY_COMPARE(m_cases->row(caseOf(run))["rule"].toString(), "R1");
        const QJsonObject row = m_cases->row(caseOf(run));
        QCOMPARE(row["title"].toString(), "a failed");
        QCOMPARE(row["phase"].toString(), "decide");
        QCOMPARE(row["findings"][0]["title"].toString(), "'/a' is not there");
        QCOMPARE(row["findings"][0]["evidence"][0]["text"].toString(), "no such folder");
        QCOMPARE(row["findings"][0]["evidence"][0]["observedAt"].toString(), toRfc3339(m_clock.nowMs()));
        QCOMPARE(row["remedy"]["steps"][0].toString(), "Make the folder");
        QCOMPARE(examined(run)["id"], row["id"]);
    }

    void aCancelledRunHasNoCaseAnyMore()
    {
        const QString run = submit("x/");
        QTRY_COMPARE(m_executor.orders.size(), 1);
        fail(run);
        QTRY_VERIFY(!caseOf(run).isEmpty());
        const QString id = caseOf(run);
        QVERIFY(cancel(run));
        QTRY_COMPARE(m_cases->openCount(), 0);
        QCOMPARE(lastRemark(id), run + " was cancelled");
        QVERIFY(caseOf(run).isEmpty());
        const QJsonObject row = examined(run);
        QVERIFY(row["id"].isNull());
        QCOMPARE(row["summary"].toString(), "The run was cancelled by a person; nothing is wrong.");
    }

    void aSharedCaseOnlyLosesTheRunThatEnded()
    {
        QString first, second;
        stallTwo(first, second);
        const QString id = caseOf(first);
        QVERIFY(cancel(first));
        QTRY_COMPARE(m_cases->row(id)["runs"].toArray(), QJsonArray{second});
        QCOMPARE(m_cases->row(id)["run"].toString(), second);
        QCOMPARE(m_cases->row(id)["tasks"].toArray(), QJsonArray{second + "/a"});
        QCOMPARE(lastRemark(id), first + " was cancelled");
        QVERIFY(caseOf(first).isEmpty());
        QCOMPARE(caseOf(second), id);
        QVERIFY(cancel(second));
        QTRY_COMPARE(m_cases->openCount(), 0);
    }

    void aWatchedCaseLosesTheRunThatWasCancelled()
    {
        QString first, second;
        stallTwo(first, second);
        const QString id = caseOf(first);
        progress(first);
        progress(second);
        QTRY_COMPARE(m_cases->row(id)["phase"].toString(), "verify");
        QVERIFY(cancel(first));
        QTRY_COMPARE(m_cases->row(id)["runs"].toArray(), QJsonArray{second});
        QCOMPARE(m_cases->row(id)["phase"].toString(), "verify");
        QVERIFY(caseOf(first).isEmpty());
        moveForAMinute({second});
        QTRY_COMPARE(m_cases->openCount(), 0);
        QCOMPARE(lastRemark(id), QString("it moves again without a reset"));
        QCOMPARE(m_cases->row(id)["timeline"].toArray().last()["phase"].toString(), QString("closed"));
    }

    void aCaseWhoseRunEndedWhileTheEngineWasDownIsClosed()
    {
        const QString run = submit("x/");
        QTRY_COMPARE(m_executor.orders.size(), 1);
        fail(run);
        QTRY_VERIFY(state(run) == TaskState::Failed);
        m_doctor.reset();
        QVERIFY(cancel(run));
        // As the engine before left it.
        const QString id = m_cases->openOrJoin(run, run + "/a", "a");
        m_doctor = std::make_unique<engine::Doctor>(m_rules, *m_flow, *m_estate, m_link, *m_cases, *m_keys,
                                                    *m_vault, m_clock);
        QTRY_COMPARE(m_cases->openCount(), 0);
        QCOMPARE(lastRemark(id), run + " was cancelled");
    }

    void aCaseOutlivesARestartUntilItsTaskHasMoved()
    {
        const QString run = submit("x/");
        QTRY_COMPARE(m_executor.orders.size(), 1);
        // As the engine before left it: its task begins anew now, and that proves nothing.
        const QString id = m_cases->openOrJoin(run, run + "/a", "a");
        const QJsonValue opened = m_cases->row(id)["openedAt"];
        m_clock.ms += 1'000;
        m_doctor->begin(true);
        QCOMPARE(lastRemark(id), QString("the engine ended unexpectedly and was started again"));
        const auto moved = [this](int done) {
            m_executor.sink->progress(m_executor.orders[0].key,
                                      {{"objectsDone", done}, {"objectsKept", 3}, {"bytesDone", done}});
        };
        moved(3);
        QTRY_VERIFY(state(run) == TaskState::Running);
        QCOMPARE(m_cases->openCount(), 1);
        // It stalls again: the same case, with the time it has.
        m_clock.ms += 11'000;
        QTRY_VERIFY(state(run) == TaskState::Stalled);
        QTRY_COMPARE(caseOf(run), id);
        QCOMPARE(m_cases->row(id)["openedAt"], opened);
        QCOMPARE(m_cases->openCount(), 1);
        moved(4);
        QTRY_COMPARE(m_cases->row(id)["phase"].toString(), "verify");
        moveForAMinute({run});
        QTRY_COMPARE(m_cases->openCount(), 0);
    }

    void aTaskThatFailsWhileItIsWatchedIsExplained()
    {
        QString run, id;
        stallAndMoveAgain(run, id);
        fail(run);
        QTRY_COMPARE(m_cases->row(id)["rule"].toString(), "R1");
        QTRY_COMPARE(m_cases->row(id)["phase"].toString(), "decide");
        QCOMPARE(m_cases->openCount(), 1);
    }

    void aRunThatMovesAgainIsWatchedForAMinute()
    {
        QString run, id;
        stallAndMoveAgain(run, id);
        QCOMPARE(lastRemark(id), QString("it moves again without a reset"));
        QVERIFY(sluice::test::staysAway([&] { return m_cases->openCount() == 0; }, 600));
        // It stalls again within that minute: the same case.
        m_clock.ms += 11'000;
        QTRY_VERIFY(state(run) == TaskState::Stalled);
        QTRY_VERIFY(m_cases->row(id)["phase"].toString() != "verify");
        QVERIFY(m_cases->row(id)["timeline"].toArray().size() > 2);
        QCOMPARE(m_cases->openCount(), 1);
        QCOMPARE(caseOf(run), id);
        // What is over is not watched any longer, and the case says how it ended.
        progress(run);
        m_executor.sink->progress(m_executor.orders[0].key, {{"objectsDone", 5}, {"bytesDone", 5}});
        QTRY_COMPARE(m_cases->row(id)["phase"].toString(), "verify");
        QVERIFY(cancel(run));
        QTRY_COMPARE(m_cases->openCount(), 0);
        QCOMPARE(lastRemark(id), run + " was cancelled");
    }

    void aClosedCaseSaysNothingAsOfNow()
    {
        const QString run = submit("x/");
        QTRY_COMPARE(m_executor.orders.size(), 1);
        m_clock.ms += 11'000;
        QTRY_VERIFY(state(run) == TaskState::Stalled);
        QTRY_VERIFY(m_cases->row(caseOf(run))["chain"].toArray().size() > 1);
        const QString id = caseOf(run);
        QVERIFY(m_cases->row(id)["title"].toString().endsWith(" does not move"));
        progress(run);
        QTRY_COMPARE(m_cases->row(id)["phase"].toString(), "verify");
        moveForAMinute({run});
        QTRY_COMPARE(m_cases->openCount(), 0);
        QVERIFY(m_cases->row(id)["title"].toString().endsWith(" did not move"));
        const QJsonArray chain = m_cases->row(id)["chain"].toArray();
        QCOMPARE(chain[0]["lines"].toArray().last().toString(), QString("it moves again without a reset"));
        for (const QJsonValue& link : chain) {
            QCOMPARE(link["tone"].toString(), QString("neutral"));
            const QString told = QString::fromUtf8(QJsonDocument(link.toObject()).toJson());
            QVERIFY2(!told.contains("no progress for"), qPrintable(told));
        }
    }

    void aCaseFoundAgainAfterItsRunMovedIsClosed()
    {
        const QString run = submit("x/");
        QTRY_COMPARE(m_executor.orders.size(), 1);
        const QString id = m_cases->openOrJoin(run, run + "/a", "a");
        m_cases->setPhase(id, "verify", "watching");
        m_cases->reopenInterrupted({});
        QTRY_COMPARE(lastRemark(id), QString("it moves again without a reset"));
        QCOMPARE(m_cases->row(id)["timeline"][0]["code"].toString(), QString("found"));
        moveForAMinute({run});
        QTRY_COMPARE(m_cases->openCount(), 0);
        QVERIFY(!m_cases->row(id)["timeline"].toArray().last().toObject().contains("code"));
    }

    void aStoppedWorkerIsSeen()
    {
        const pid_t child = ::fork();
        if (child == 0) {
            ::pause();
            ::_exit(0);
        }
        const auto end = qScopeGuard([child] {
            ::kill(child, SIGKILL);
            ::waitpid(child, nullptr, 0);
        });
        const QString run = submit("x/");
        QTRY_COMPARE(m_executor.orders.size(), 1);
        m_executor.sink->started(m_executor.orders.first().key, child, 1);
        m_clock.ms += 11'000;
        QTRY_VERIFY(state(run) == TaskState::Stalled);
        QVERIFY(examined(run)["rule"].toString() != QLatin1String("R61"));
        ::kill(child, SIGSTOP);
        QTRY_COMPARE(examined(run)["rule"].toString(), QStringLiteral("R61"));
        QVERIFY(examined(run)["summary"].toString().contains(QStringLiteral("kill -CONT %1").arg(child)));
        ::kill(child, SIGCONT);
        QTRY_VERIFY(examined(run)["verdict"].toString() != QLatin1String("confirmed"));
    }
};

QTEST_GUILESS_MAIN(TestResetCases)
#include "tst_reset_cases.moc"
