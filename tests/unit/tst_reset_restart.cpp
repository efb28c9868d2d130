#include "engine/parts.h"
#include "reset_scene.h"

using namespace sluice;
using model::TaskState;
using test::copyTask;
using test::kObject;

/// What a reset finds when it looks a second time: after a restart, or because something did not work at
/// once.
class TestResetRestart : public QObject, private test::ResetScene {
    Q_OBJECT

    void stallOnADeadLock()
    {
        m_cluster.put(kObject, 0, {"lock.l"});
        m_cluster.lock(kObject, false);
        stall();
        m_journal.clear();
    }
    /// A reset that has come to the end of the process, where it waits.
    std::shared_ptr<Outcome> resetUpToTheKill()
    {
        m_executor.heldKills.emplace();
        const auto outcome = reset();
        [&] { QTRY_COMPARE(m_executor.heldKills->size(), 1); }();
        return outcome;
    }
    flow::Acknowledge next()
    {
        return [this](const Result<void>& result) { m_steps += result ? 1 : 100; };
    }
    int m_steps{};

private Q_SLOTS:
    void init()
    {
        m_steps = 0;
        begin();
    }
    void cleanup() { close(); }

    void aProcessThatWasGoneIsNotCalledReaped()
    {
        stall();
        m_executor.ending =
            fail(Error{.code = ErrorCode::DeadlineExceeded, .message = "it hangs", .retryable = true});
        const auto outcome = reset();
        QTRY_COMPARE(m_executor.killed.size(), 1);
        m_executor.ending = flow::ProcessEnd::NotThere;
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(outcome->result->has_value());
        QCOMPARE(told().filter("attempt.kill"),
                 QStringList({"anna attempt.kill intent", "anna attempt.kill already so"}));
    }

    void whatNothingHereCanEndIsNotProvedDead()
    {
        stall();
        flow::FlowEngine other({}, *m_database, m_fencer, test::taskKinds(), m_clock);
        QVERIFY(other.load().has_value());
        m_fencer.held.emplace();
        other.start();
        std::optional<Result<flow::ProcessEnd>> how;
        other.killAttempt("R-1", 0, &m_context, [&how](const Result<flow::ProcessEnd>& end) { how = end; });
        QVERIFY2(!how, "what is answered later is never answered at once");
        QTRY_VERIFY(how);
        QVERIFY(!*how);
        QCOMPARE(how->error().cause, "nothing in this engine runs tasks of kind move");
    }

    /// Killed after it failed and before that was stored.
    void aResetThatFailedIsNotCarriedOnForTheOthers()
    {
        bool submitted = false;
        model::TaskSpec second = copyTask();
        second.name = "b";
        m_flow->submit({.name = "f", .tasks = {copyTask(), second}}, "text", "anna",
                       [&submitted](const Result<QString>&) { submitted = true; });
        QTRY_VERIFY(submitted);
        QTRY_COMPARE(m_executor.orders.size(), 2);
        m_clock.ms += 11'000;
        const auto& tasks = m_flow->run("R-1")->tasks;
        QTRY_VERIFY(tasks[0].state == TaskState::Stalled && tasks[1].state == TaskState::Stalled);
        QVERIFY(write(*m_database,
                      "CREATE TRIGGER no BEFORE UPDATE ON request BEGIN SELECT RAISE(ABORT, 'no'); END"));
        m_fencer.result = fail(Error{.code = ErrorCode::PermissionDenied, .message = "may not blocklist"});
        reset();
        QTRY_COMPARE(outcomes(), QStringList({"intent", "failed"}));
        QCOMPARE(count("SELECT count(*) FROM action"), 1);
        QVERIFY(write(*m_database, "DROP TRIGGER no"));
        m_fencer.result = {};
        restart();
        QTRY_COMPARE(outcomes(), QStringList({"intent", "failed", "failed"}));
        QTRY_COMPARE(count("SELECT count(*) FROM action"), 0);
        const auto request = m_requests->find(QStringLiteral("reset-%1").arg(m_asked));
        QVERIFY(request && request->stage == actions::RequestBook::Stage::Failed);
        QCOMPARE(Error::fromJson(request->answer).message, "may not blocklist");
        QVERIFY(m_flow->run("R-1")->tasks[0].state == TaskState::Failed);
        // The other starts again as after any restart, and no step of the reset was made for it.
        QTRY_COMPARE(m_executor.orders.size(), 1);
        QCOMPARE(m_executor.orders[0].spec.name, "b");
        QCOMPARE(m_executor.orders[0].key.fence, 2);
        QCOMPARE(told().filter("attempt.fence"),
                 QStringList({"anna attempt.fence intent", "anna attempt.fence verified"}));
    }

    void aLockThatIsStillNamedEndsItAfterARestartToo()
    {
        stallOnADeadLock();
        const auto outcome = resetUpToTheKill();
        m_executor.heldKills.reset();
        m_cluster.keepsLocks = true;
        restart();
        const auto detail = [&] {
            QString found;
            for (const QJsonValue& one : m_actions->full(outcome->action)["steps"].toArray()) {
                found = one["id"] == "a.lock.1" ? one["detail"].toString() : found;
            }
            return found;
        };
        QTRY_VERIFY(detail().contains("was broken and is still held"));
        QCOMPARE(outcomes(), QStringList({"intent", "carried on after a restart"}));
        m_clock.ms += 61'000;
        QTRY_COMPARE(outcomes().last(), "not verified");
        QTRY_VERIFY(task().state == TaskState::Failed && !task().resetting);
        QVERIFY(!m_cluster.changes.contains("object.remove"));
    }

    /// Time that went by until it could act is none in which it was looked at.
    void whatCouldNotBeDoneForLongIsLookedAtForAsLongAsAnythingElse()
    {
        stallOnADeadLock();
        const auto outcome = resetUpToTheKill();
        m_executor.heldKills.reset();
        m_cluster.keepsLocks = true;
        m_cluster.refusal = Error{.code = ErrorCode::Unavailable, .message = "no monitor", .retryable = true};
        restart();
        QTRY_VERIFY(m_cluster.changes.contains("blocklist.add"));
        m_clock.ms += 300'000;
        m_cluster.refusal.reset();
        QTRY_VERIFY(m_cluster.changes.contains("lock.break"));
        const auto detail = [&] {
            return QJsonDocument(m_actions->full(outcome->action)["steps"].toArray()).toJson();
        };
        QTRY_VERIFY(detail().contains("was broken and is still held"));
        m_cluster.locks.clear();
        QTRY_VERIFY(m_cluster.changes.contains("object.remove"));
    }

    void anObjectWhoseHolderLivesAgainIsNotRemoved()
    {
        stallOnADeadLock();
        const QString hash = planned()["planHash"].toString();
        int lists = 0;
        m_cluster.before = [&](const QString& method) {
            if (method == QLatin1String("lock.list") && ++lists == kLooks + 1) {
                m_cluster.lock(kObject, true);
            }
        };
        const auto outcome = reset(hash);
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(!outcome->result->has_value());
        QCOMPARE(outcome->result->error().message, "in/part-0 is not removed");
        QCOMPARE(outcome->result->error().cause, "client.9 holds lock l on it and is alive");
        QCOMPARE(m_cluster.changes, QStringList());
        QVERIFY(m_cluster.objects.contains(kObject));
        QTRY_VERIFY(task().state == TaskState::Failed && !task().resetting);
    }

    void anObjectIsNotRemovedWhileNobodyKnowsWhetherItsHolderLives()
    {
        stallOnADeadLock();
        const QString hash = planned()["planHash"].toString();
        m_cluster.before = [&](const QString& method) {
            if (method == QLatin1String("lock.break")) {
                m_cluster.keepsLocks = true;
            } else if (method == QLatin1String("lock.list") && m_cluster.changes.contains("lock.break")) {
                // The look that sees it broken, then the one right before the removal.
                ++m_steps;
                m_cluster.locks.clear();
                if (m_steps == 2) {
                    m_cluster.lock(kObject, QJsonValue());
                }
            }
        };
        const auto outcome = reset(hash);
        QTRY_COMPARE(m_steps, 2);
        QVERIFY(!m_cluster.changes.contains("object.remove"));
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(outcome->result->has_value());
        QVERIFY(m_cluster.changes.contains("object.remove"));
    }

    /// A fence is raised once: it tells one reset of a task from another.
    void aTaskThatAnotherResetHasIsNotItsOwn()
    {
        stallOnADeadLock();
        resetUpToTheKill();
        m_flow->abortReset("R-1", 0, Error{.message = "no"}, next());
        QTRY_COMPARE(m_steps, 1);
        m_flow->beginReset("R-1", 0, 1, 2, next());
        QTRY_COMPARE(m_steps, 2);
        QVERIFY(task().resetting && task().fence == 3);
        m_executor.heldKills.reset();
        m_executor.killed.clear();
        restart();
        QTRY_COMPARE(outcomes().last(), "not verified");
        QCOMPARE(m_cluster.changes, QStringList());
        QVERIFY(m_executor.killed.isEmpty());
        // Nobody carries the other one on.
        QTRY_VERIFY(task().state == TaskState::Failed && !task().resetting);
        QCOMPARE(task().error->message, "A reset was begun and its plan is gone");
        QCOMPARE(told().filter("attempt.kill"),
                 QStringList({"anna attempt.kill intent", "anna attempt.kill intent",
                              "anna attempt.kill not needed"}));
    }

    void aTaskThatSomethingElseLetGoIsNotTouched()
    {
        stallOnADeadLock();
        const auto outcome = resetUpToTheKill();
        m_flow->finishReset("R-1", 0, next());
        QTRY_COMPARE(m_steps, 1);
        m_executor.heldKills->takeFirst()(flow::ProcessEnd::Reaped);
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(!outcome->result->has_value());
        QCOMPARE(outcome->result->error().message, "R-1/a is not fenced");
        QCOMPARE(m_cluster.changes, QStringList());
        QVERIFY(!task().resetting);
    }

    void whatCannotBeReadIsNotWrittenTo()
    {
        stall();
        keepPlan();
        QVERIFY(write(*m_database, "INSERT INTO reset (run, body) VALUES ('R-2', 'no plan')"));
        actions::KeptActions kept(*m_database);
        actions::RequestBook requests(*m_database);
        QVERIFY(kept.load().has_value() && requests.load(m_clock.nowMs()).has_value());
        QVERIFY(!m_resets->load(*m_database, kept, requests));
        // What a write on its way would have done by now.
        QVERIFY(write(*m_database, "DELETE FROM reset WHERE run = 'R-9'"));
        QCOMPARE(count("SELECT count(*) FROM reset"), 2);
        QCOMPARE(count("SELECT count(*) FROM action"), 0);
        QVERIFY(kept.left().isEmpty() && !task().resetting);
    }

    void whatComesAfterAPartThatCannotBeReadIsNotLoaded()
    {
        QStringList loaded;
        const auto part = [&loaded](const char* name, bool works) {
            return [&loaded, name, works]() -> Result<void> {
                loaded.append(name);
                return works ? Result<void>() : fail(Error{.message = name});
            };
        };
        QVERIFY(engine::loadInOrder({part("a", true), part("b", true)}).has_value());
        const auto result = engine::loadInOrder({part("c", true), part("d", false), part("e", true)});
        QVERIFY(!result);
        QCOMPARE(result.error().message, "d");
        QCOMPARE(loaded, QStringList({"a", "b", "c", "d"}));
    }

    void anAttemptThatCannotBeReadIsNotStartedAgain()
    {
        m_cluster.put("in/big", 128, {});
        m_cluster.objects["in/big"]["partialOf"] = "R-1/a/1/1";
        stall();
        m_executor.sink->unfinished(key(), {"big"});
        m_executor.sink->failed(key(), {.code = ErrorCode::InvalidArgument, .message = "too large"});
        QTRY_VERIFY(task().state == TaskState::Failed);
        const QString hash = planned()["planHash"].toString();
        m_cluster.before = [this](const QString& method) {
            if (method == QLatin1String("object.remove")) {
                QVERIFY(write(*m_database, "ALTER TABLE attempt RENAME COLUMN outcome TO lost"));
            }
        };
        const auto outcome = reset(hash);
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(!outcome->result->has_value());
        QCOMPARE(told().filter("attempt.start"),
                 QStringList({"anna attempt.start intent", "anna attempt.start failed"}));
        QTRY_VERIFY(task().state == TaskState::Failed && !task().resetting);
    }
};

QTEST_GUILESS_MAIN(TestResetRestart)
#include "tst_reset_restart.moc"
