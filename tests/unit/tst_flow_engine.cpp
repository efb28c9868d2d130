#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonArray>
#include <QtTest/QSignalSpy>

#include "flow/topics.h"
#include "flow_scene.h"

using namespace sluice;
using model::TaskState;

class TestFlowEngine : public QObject, private test::FlowScene {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }
    void cleanup() { end(); }

    void runsADagInOrder()
    {
        const QString run =
            submit({task("a", {}), task("b", {"a"}), task("c", {"a"}), task("d", {"b", "c"})});
        QTRY_COMPARE(m_executor.orders.size(), 1);
        QCOMPARE(m_executor.orders[0].spec.name, "a");
        QVERIFY(!m_executor.orders[0].resume);
        m_executor.sink->finished(key("a"), {{"objects", 3}, {"bytes", 30}});
        QTRY_COMPARE(m_executor.orders.size(), 3);
        m_executor.sink->finished(key("b"), {});
        QTRY_VERIFY(state(run, "b") == TaskState::Done);
        QVERIFY(state(run, "d") == TaskState::Waiting);
        m_executor.sink->finished(key("c"), {});
        QTRY_VERIFY(m_executor.last("d"));
        m_executor.sink->finished(key("d"), {});
        QTRY_VERIFY(m_engine->run(run)->state() == TaskState::Done);
        QVERIFY(m_engine->run(run)->endedAtMs > 0);
        QCOMPARE(m_fencer.released.size(), 4);
        QCOMPARE(m_fencer.noted.size(), 4);
        QCOMPARE(m_fencer.fenced.size(), 0);
        QVERIFY(!m_engine->hasWork());
    }

    void findsAStallByItselfAndItsEnd()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        QSignalSpy stalled(m_engine.get(), &flow::FlowEngine::taskStalled);
        m_executor.sink->progress(key("a"), {{"objectsDone", 1}, {"bytesDone", 10}});
        m_clock.ms += 9'000;
        m_executor.sink->progress(key("a"), {{"objectsDone", 2}, {"bytesDone", 11}});
        m_clock.ms += 9'900;
        QVERIFY(sluice::test::staysAway([&] { return stalled.count() > 0; }, 1200));
        QVERIFY(state(run, "a") == TaskState::Running);
        m_executor.sink->progress(key("a"), {{"objectsDone", 2}, {"bytesDone", 11}});
        m_clock.ms += 100;  // 10 s to the millisecond
        QTRY_VERIFY(state(run, "a") == TaskState::Stalled);
        QCOMPARE(stalled.count(), 1);
        QVERIFY(m_engine->run(run)->state() == TaskState::Stalled);
        m_executor.sink->progress(key("a"), {{"objectsDone", 3}, {"bytesDone", 12}});
        QTRY_VERIFY(state(run, "a") == TaskState::Running);
    }

    void aStalledTaskThatComparesGoesOnVerifying()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        m_clock.ms += 11'000;
        QTRY_VERIFY(state(run, "a") == TaskState::Stalled);
        m_executor.sink->phase(key("a"), "verifying");
        QTRY_VERIFY(state(run, "a") == TaskState::Verifying);
    }

    void aGrowingListIsProgressAndConnectingIsNone()
    {
        const QString run = submit({task("a", {}), task("b", {})});
        QTRY_VERIFY(m_executor.last("a") && m_executor.last("b"));
        m_clock.ms += 9'000;
        m_executor.sink->listed(key("a"), 10, 100);
        m_executor.sink->phase(key("b"), "connecting");
        m_clock.ms += 2'000;
        QTRY_VERIFY(state(run, "b") == TaskState::Stalled);
        QVERIFY(state(run, "a") == TaskState::Running);
        m_clock.ms += 7'999;
        // The same figures again are none.
        m_executor.sink->listed(key("a"), 10, 100);
        m_clock.ms += 1;
        QTRY_VERIFY(state(run, "a") == TaskState::Stalled);
    }

    void whatIsNotWrittenHasNotHappened()
    {
        const auto change = [this](const QString& sql) {
            bool done = false;
            m_database->write([sql](store::Tx& tx) { return tx.exec(sql); }, m_engine.get(),
                              [&done](const Result<void>& r) { done = r.has_value(); });
            return sluice::test::waitUntil([&done] { return done; });
        };
        const QString run = submit({task("a", {}), task("b", {"a"})});
        QTRY_VERIFY(m_executor.last("a"));
        QVERIFY(change("CREATE TRIGGER no BEFORE UPDATE ON task BEGIN SELECT RAISE(ABORT, 'no'); END"));
        m_executor.sink->finished(key("a"), {});
        // Behind the write that is refused.
        QVERIFY(change("CREATE TABLE behind (n INTEGER)"));
        QVERIFY(state(run, "a") == TaskState::Running);
        QVERIFY(state(run, "b") == TaskState::Waiting);
        QVERIFY(m_fencer.released.isEmpty());
        QVERIFY(change("DROP TRIGGER no"));
        QTRY_VERIFY(state(run, "a") == TaskState::Done);
        QTRY_VERIFY(m_executor.last("b"));
        QCOMPARE(m_fencer.released.size(), 1);
    }

    void aGateIsApprovedOnceAndNotBeforeItsTime()
    {
        const QString run = submit({task("a", {}), task("gate", {"a"}, "approve")});
        QTRY_VERIFY(m_executor.last("a"));
        std::optional<Result<void>> early;
        m_engine->approve(run, "gate", "anna", [&early](const Result<void>& r) { early = r; });
        QVERIFY(early && !*early && early->error().code == ErrorCode::FailedPrecondition);
        m_executor.sink->finished(key("a"), {});
        QTRY_VERIFY(state(run, "gate") == TaskState::Ready);
        std::optional<Result<void>> first, second;
        m_engine->approve(run, "gate", "anna", [&first](const Result<void>& r) { first = r; });
        m_engine->approve(run, "gate", "bert", [&second](const Result<void>& r) { second = r; });
        QVERIFY(second && !*second && second->error().code == ErrorCode::FailedPrecondition);
        QTRY_VERIFY(first && first->has_value());
        QCOMPARE(taskOf(run, "gate").approvedBy, "anna");
    }

    void whatWasCancelledAndNotCarriedOutIsEndedByTheNextEngine()
    {
        const QString run = submit({task("a", {}), task("b", {"a"}), task("gate", {}, "approve")});
        QTRY_VERIFY(m_executor.last("a"));
        bool kept = false;
        m_database->write([](store::Tx& tx) { return tx.exec("UPDATE run SET cancelled = 1"); },
                          m_engine.get(), [&kept](const Result<void>& r) { kept = r.has_value(); });
        QTRY_VERIFY(kept);
        reopen();
        for (const char* name : {"a", "b", "gate"}) {
            QTRY_VERIFY2(state(run, name) == TaskState::Cancelled, name);
        }
        QCOMPARE(m_fencer.fenced.size(), 1);
        QTRY_VERIFY(m_engine->run(run)->endedAtMs > 0);
        QCOMPARE(m_executor.orders.size(), 0);
    }

    void aRunThatEndsWhileItsCancelIsWrittenIsNotCancelled()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        std::optional<Result<void>> cancelled;
        m_executor.sink->finished(key("a"), {});
        m_engine->cancel(run, [&cancelled](const Result<void>& r) { cancelled = r; });
        QTRY_VERIFY(cancelled.has_value());
        QVERIFY(!*cancelled && cancelled->error().code == ErrorCode::FailedPrecondition);
        QVERIFY(state(run, "a") == TaskState::Done);
        QVERIFY(!m_engine->run(run)->cancelled);
        QVERIFY(m_executor.killed.isEmpty());
        std::optional<Result<void>> late;
        m_engine->cancel(run, [&late](const Result<void>& r) { late = r; });
        QVERIFY(late && !*late && late->error().code == ErrorCode::FailedPrecondition);
    }

    void theLogTellsWhatHeldItUpOnce()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        const QJsonObject what{
            {"what", "lock"},
            {"object", "o"},
            {"error", Error{.message = "o is locked", .cause = "client.9 holds it"}.toJson()}};
        m_executor.sink->blocked(key("a"), what);
        m_executor.sink->blocked(key("a"), what);
        m_clock.ms += 11'000;
        QTRY_VERIFY(state(run, "a") == TaskState::Stalled);
        m_executor.sink->unblocked(key("a"));
        m_executor.sink->unblocked(key("a"));
        QList<QJsonObject> lines;
        m_engine->taskLog().tail(run + "/a", 9, [&lines](const QList<QJsonObject>& found) { lines = found; });
        QTRY_COMPARE(lines.size(), 3);
        QVERIFY(lines[0]["text"].toString().startsWith("o is locked: client.9 holds it"));
        QCOMPARE(lines[1]["text"].toString(), QString("stalled: no progress for 10 s"));
        QCOMPARE(lines[2]["text"].toString(), QString("it goes on"));
    }

    void anApprovalWaitsForAPerson()
    {
        const QString run = submit({task("gate", {}, "approve"), task("b", {"gate"})});
        QTRY_VERIFY(state(run, "gate") == TaskState::Ready);
        QCOMPARE(m_executor.orders.size(), 0);
        Result<void> answer = fail(Error{});
        m_engine->approve(run, "b", "anna", [&answer](const Result<void>& r) { answer = r; });
        QVERIFY(!answer);
        QVERIFY(answer.error().code == ErrorCode::FailedPrecondition);
        m_engine->approve(run, "nosuch", "anna", [&answer](const Result<void>& r) { answer = r; });
        QVERIFY(!answer && answer.error().code == ErrorCode::NotFound);
        QCOMPARE(answer.error().message, run + " has no task 'nosuch'");
        QVERIFY(answer.error().correction.contains("sluicectl flow show " + run));
        m_engine->approve("R-99", "gate", "anna", [&answer](const Result<void>& r) { answer = r; });
        QCOMPARE(answer.error().message, QStringLiteral("There is no run 'R-99'"));
        m_engine->approve(run, "gate", "anna", [&answer](const Result<void>& r) { answer = r; });
        QTRY_VERIFY(answer.has_value());
        QVERIFY(state(run, "gate") == TaskState::Done);
        QTRY_VERIFY(m_executor.last("b"));
        reopen();
        const flow::Run* r = m_engine->run(run);
        QCOMPARE(r->tasks[0].approvedBy, "anna");
    }

    void aGateWaitsSinceItsNeedEnded()
    {
        const QString run = submit({task("a", {}), task("gate", {"a"}, "approve")});
        QTRY_VERIFY(m_executor.last("a"));
        m_clock.ms += 60'000;
        m_executor.sink->finished(key("a"), {});
        QTRY_VERIFY(state(run, "gate") == TaskState::Ready);
        const qint64 since = taskOf(run, "gate").stateSinceMs;
        QCOMPARE(since, taskOf(run, "a").stateSinceMs);
        QVERIFY(since >= m_engine->run(run)->submittedAtMs + 60'000);
        m_clock.ms += 60'000;
        reopen();
        QTRY_VERIFY(state(run, "gate") == TaskState::Ready);
        QCOMPARE(taskOf(run, "gate").stateSinceMs, since);
    }

    void aKilledEngineFencesWhatItLeftBeforeItStartsAgain()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        bool kept = false;
        m_executor.sink->claim(key("a"), {"client", "vega", {{"address", "127.0.0.1:0/77"}}},
                               [&kept](const Result<void>& r) { kept = r.has_value(); });
        QTRY_VERIFY(kept);
        m_fencer.result =
            fail(Error{.code = ErrorCode::Unavailable, .message = "no monitor", .retryable = true});
        reopen();
        QTRY_VERIFY(m_fencer.fenced.size() > 3);
        QCOMPARE(m_fencer.fenced[0].claims.size(), 1);
        QCOMPARE(m_fencer.fenced[0].claims[0].body["address"].toString(), "127.0.0.1:0/77");
        QCOMPARE(m_executor.orders.size(), 0);
        m_fencer.result = {};
        QTRY_VERIFY(m_executor.last("a"));
        QCOMPARE(key("a").attempt, 2);
        QVERIFY(key("a").fence > 1);
        QVERIFY(m_executor.last("a")->resume);
        QVERIFY(state(run, "a") == TaskState::Running);
    }

    void aFencedAttemptIsNotListenedTo()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        const flow::AttemptKey old = key("a");
        m_executor.sink->gone(old, "killed");
        QTRY_COMPARE(m_executor.orders.size(), 2);
        m_executor.sink->finished(old, {});
        m_executor.sink->progress(old, {{"objectsDone", 99}});
        Result<void> commit{};
        m_executor.sink->commit(old, {{.name = "x"}}, [&commit](const Result<void>& r) { commit = r; });
        QTRY_VERIFY(!commit);
        QVERIFY(commit.error().code == ErrorCode::Aborted);
        QVERIFY(state(run, "a") == TaskState::Running);
        Result<void> fresh = fail(Error{});
        m_executor.sink->commit(key("a"), {{.name = "x", .size = 5}},
                                [&fresh](const Result<void>& r) { fresh = r; });
        QTRY_VERIFY(fresh.has_value());
    }

    void givesUpOnAWorkerThatAlwaysDies()
    {
        const QString run = submit({task("a", {})});
        QElapsedTimer took;
        took.start();
        for (int i = 1; i <= 6; ++i) {
            QTRY_COMPARE(m_executor.orders.size(), i);
            // Twice as long from each to the next: 10, 20, 40, 80 and 160 ms.
            QVERIFY(i == 1 || took.elapsed() >= (5 << (i - 1)) - 2);
            m_executor.sink->phase(key("a"), "listing");
            took.restart();
            m_executor.sink->gone(key("a"), "signal 11");
        }
        QTRY_VERIFY(state(run, "a") == TaskState::Failed);
        QVERIFY(m_engine->run(run)->tasks[0].error->message.contains("without progress"));
    }

    void resetFencesKillsAndStartsAgain()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        const flow::AttemptKey old = key("a");
        m_clock.ms += 11'000;
        QTRY_VERIFY(state(run, "a") == TaskState::Stalled);
        int step = 0;
        m_engine->beginReset(run, 0, 1, 1, [&](const Result<void>& r) { step += r ? 1 : 100; });
        QTRY_COMPARE(step, 1);
        Result<void> commit{};
        m_executor.sink->commit(old, {{.name = "late"}}, [&commit](const Result<void>& r) { commit = r; });
        QTRY_VERIFY(!commit);
        m_engine->killAttempt(run, 0, this, [&](const Result<flow::ProcessEnd>& r) { step += r ? 1 : 100; });
        QTRY_COMPARE(step, 2);
        QCOMPARE(m_executor.killed.size(), 1);
        QCOMPARE(m_engine->resetting().size(), 1);
        reopen();
        QCOMPARE(m_engine->resetting().size(), 1);
        QCOMPARE(m_executor.orders.size(), 0);
        m_engine->finishReset(run, 0, [&](const Result<void>& r) { step += r ? 1 : 100; });
        QTRY_COMPARE(step, 3);
        QTRY_VERIFY(m_executor.last("a"));
        QVERIFY(key("a").fence > old.fence);
        QCOMPARE(key("a").attempt, 2);
        QVERIFY(m_engine->resetting().isEmpty());
    }

    void aFailedTaskCanBeReset()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        m_executor.sink->failed(key("a"), Error{.code = ErrorCode::PermissionDenied, .message = "refused"});
        QTRY_VERIFY(state(run, "a") == TaskState::Failed);
        QVERIFY(m_engine->hasWork());
        QCOMPARE(m_engine->run(run)->endedAtMs, 0);
        QCOMPARE(m_fencer.released.size(), 1);
        QCOMPARE(m_fencer.noted.size(), 1);
        reopen();
        QCOMPARE(m_engine->run(run)->tasks[0].error->message, "refused");
        QCOMPARE(m_executor.orders.size(), 0);
        int step = 0;
        m_engine->beginReset(run, 0, 1, 1, [&](const Result<void>& r) { step += r ? 1 : 100; });
        QTRY_COMPARE(step, 1);
        m_engine->finishReset(run, 0, [&](const Result<void>& r) { step += r ? 1 : 100; });
        QTRY_COMPARE(step, 2);
        QTRY_VERIFY(m_executor.last("a"));
        QVERIFY(!m_engine->run(run)->tasks[0].error);
    }

    void cancelKillsFencesAndStays()
    {
        const QString run = submit({task("a", {}), task("b", {"a"})});
        QTRY_VERIFY(m_executor.last("a"));
        bool done = false;
        m_engine->cancel(run, [&done](const Result<void>& r) { done = r.has_value(); });
        QTRY_VERIFY(done);
        QTRY_VERIFY(state(run, "a") == TaskState::Cancelled);
        QTRY_VERIFY(state(run, "b") == TaskState::Cancelled);
        QCOMPARE(m_executor.killed.size(), 1);
        QCOMPARE(m_fencer.fenced.size(), 1);
        QTRY_VERIFY(m_engine->run(run)->endedAtMs > 0);
        reopen();
        QVERIFY(m_engine->run(run)->state() == TaskState::Cancelled);
        QCOMPARE(m_executor.orders.size(), 0);
    }

    void waitsWithAReasonUntilAdmitted()
    {
        m_executor.admission = fail(Error{.message = "the lease of vega is not held"});
        const QString run = submit({task("a", {})});
        QTRY_COMPARE(m_engine->run(run)->tasks[0].waitsFor, "the lease of vega is not held");
        m_executor.admission = {};
        QTRY_VERIFY(m_executor.last("a"));
        QVERIFY(m_engine->run(run)->tasks[0].waitsFor.isEmpty());
    }

    void aTaskOfNoKnownKindIsNotTaken()
    {
        std::optional<Result<QString>> answer;
        m_engine->submit({.name = "f", .tasks = {task("a", {}), task("odd", {}, "frobnicate")}}, "text",
                         "anna", [&answer](const Result<QString>& run) { answer = run; });
        QVERIFY(answer.has_value() && !answer->has_value());
        QCOMPARE(answer->error().message, "Task odd is of kind 'frobnicate', which is not known here");
        QCOMPARE(answer->error().correction, "Use one of move, verify, luigi, approve.");
        QVERIFY(m_engine->runs().empty());
    }

    void neverRunsMoreAttemptsThanAllowed()
    {
        QList<model::TaskSpec> tasks;
        for (int i = 0; i < 10; ++i) {
            tasks.append(task(QString("t%1").arg(i), {}));
        }
        const QString run = submit(tasks);
        QTRY_COMPARE(m_executor.orders.size(), 4);
        m_executor.sink->finished(m_executor.orders[0].key, {});
        QTRY_COMPARE(m_executor.orders.size(), 5);
        QVERIFY(m_engine->run(run)->count(TaskState::Running) == 4);
    }

    void rowsSayWhatIsKnown()
    {
        flow::TasksTopic topic(*m_engine, m_clock);
        QSignalSpy changed(&topic, &LiveTopic::changed);
        const QString run = submit({task("a", {}), task("b", {"a"})});
        QTRY_VERIFY(m_executor.last("a"));
        m_executor.sink->listed(key("a"), 10, 1000);
        m_executor.sink->blocked(key("a"), {{"what", "lock"}, {"object", "part-1"}, {"sinceMs", 5000}});
        QTRY_VERIFY(changed.count() > 0);
        const QJsonObject row = topic.row(run + "/a");
        QCOMPARE(row["state"].toString(), "running");
        QCOMPARE(row["objectsTotal"].toInt(), 10);
        QCOMPARE(row["blocked"].toObject()["object"].toString(), "part-1");
        QCOMPARE(row["blocked"].toObject()["since"].toString(), toRfc3339(m_clock.nowMs() - 5000));
        QCOMPARE(topic.row(run + "/b")["needs"].toArray()[0].toString(), "a");
        QVERIFY(topic.matches(run + "/a", {{"run", run}}));
        QVERIFY(!topic.matches("R-11/a", {{"run", "R-1"}}));
        QVERIFY(topic.row("R-9/x").isEmpty());
        // by their traits, so that nobody needs to know kinds by name
        QCOMPARE(row["asksAPerson"].toBool(true), false);
        QVERIFY(row["keepsManifest"].toBool());
        QVERIFY(!row["onlyReads"].toBool());
        QCOMPARE(row["kindTitle"].toString(), "move");
        QVERIFY(topic.matches(run + "/a", {{"asksAPerson", false}, {"state", "running"}}));
        QVERIFY(!topic.matches(run + "/a", {{"asksAPerson", true}}));
        const QString asking = submit({task("gate", {}, "approve")});
        QVERIFY(topic.row(asking + "/gate")["asksAPerson"].toBool());
        QCOMPARE(topic.row(asking + "/gate")["kindTitle"].toString(), "approval");
        QVERIFY(topic.matches(asking + "/gate", {{"asksAPerson", true}}));
        m_executor.sink->unblocked(key("a"));
        QVERIFY(topic.row(run + "/a")["blocked"].isNull());
    }

    /// Luigi tells of each try to be let in: that is no progress, or it would never be seen to wait.
    void whatAnAttemptSaysWhileItIsBlockedIsNoProgress()
    {
        const QString run = submit({task("a", {}, "luigi")});
        QTRY_VERIFY(m_executor.last("a"));
        const auto state = [this, run] { return m_engine->run(run)->tasks[0].state; };
        m_clock.ms += 9'000;
        m_executor.sink->logLine(key("a"), "info", "it runs");
        m_clock.ms += 9'000;
        m_executor.sink->blocked(key("a"), {{"what", "luigi"}});
        m_executor.sink->logLine(key("a"), "info", "another try");
        m_clock.ms += 2'000;
        QTRY_VERIFY(state() == model::TaskState::Stalled);
        m_executor.sink->unblocked(key("a"));
        m_executor.sink->logLine(key("a"), "info", "it runs");
        QTRY_VERIFY(state() == model::TaskState::Running);
    }

    void logsAreReadBack()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        for (int i = 0; i < 20; ++i) {
            m_executor.sink->logLine(key("a"), "info", QString("line %1").arg(i));
        }
        QList<QJsonObject> lines;
        m_engine->taskLog().tail(run + "/a", 5, [&lines](const QList<QJsonObject>& found) { lines = found; });
        QTRY_COMPARE(lines.size(), 5);
        QCOMPARE(lines.last()["text"].toString(), "line 19");
    }

    void aLongLogKeepsItsNewestLines()
    {
        flow::TaskLog log(m_dir->filePath("long"));
        QList<QJsonObject> lines;
        const auto tail = [&](int count) {
            lines.clear();
            log.tail("R-1/a", count, [&lines](const QList<QJsonObject>& found) { lines = found; });
            return sluice::test::waitUntil([&lines] { return !lines.isEmpty(); });
        };
        const QString padding(3900, 'x');
        for (int i = 0; i < 3100; ++i) {
            log.append("R-1/a", "2026-01-01T00:00:00Z", "info", QString::number(i) + padding);
            if (i % 500 == 499) {
                QVERIFY(tail(1));
            }
        }
        log.append("R-1/a", "2026-01-01T00:00:00Z", "info", "the newest");
        // More than the file that is written holds: the one before it is read as well.
        QVERIFY(tail(200));
        QCOMPARE(lines.size(), 200);
        QCOMPARE(lines.last()["text"].toString(), "the newest");
        QVERIFY(lines[198]["text"].toString().startsWith("3099x"));
        QVERIFY(lines[0]["text"].toString().startsWith("2901x"));
        qint64 bytes = 0;
        for (const QFileInfo& file : QDir(m_dir->filePath("long/R-1")).entryInfoList(QDir::Files)) {
            bytes += file.size();
        }
        QVERIFY2(bytes < 9 * 1024 * 1024, qPrintable(QString::number(bytes)));
    }
};

QTEST_GUILESS_MAIN(TestFlowEngine)
#include "tst_flow_engine.moc"
