#include "reset_scene.h"

using namespace sluice;
using model::TaskState;
using test::copyTask;
using test::kObject;

class TestReset : public QObject, private test::ResetScene {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }
    void cleanup() { close(); }

    void onlyWhatALockAloneMadeIsAShell_data()
    {
        QTest::addColumn<qint64>("size");
        QTest::addColumn<QStringList>("xattrs");
        QTest::addColumn<QJsonValue>("holderSeen");
        QTest::addColumn<int>("drops");
        QTest::newRow("a dead lock's") << 0LL << QStringList{"lock.l"} << QJsonValue(false) << 1;
        QTest::newRow("a user's attributes")
            << 0LL << QStringList{"lock.l", "user.owner"} << QJsonValue(false) << 0;
        QTest::newRow("no lock made it") << 0LL << QStringList{} << QJsonValue(false) << 0;
        QTest::newRow("with data") << 4LL << QStringList{"lock.l"} << QJsonValue(false) << 0;
        QTest::newRow("holder lives") << 0LL << QStringList{"lock.l"} << QJsonValue(true) << 0;
        QTest::newRow("holder not known") << 0LL << QStringList{"lock.l"} << QJsonValue() << 0;
    }

    void onlyWhatALockAloneMadeIsAShell()
    {
        QFETCH(qint64, size);
        QFETCH(QStringList, xattrs);
        QFETCH(QJsonValue, holderSeen);
        QFETCH(int, drops);
        m_cluster.put(kObject, size, xattrs);
        m_cluster.lock(kObject, holderSeen);
        stall();
        QCOMPARE(dropped().size(), drops);
        QCOMPARE(m_cluster.changes, QStringList());
    }

    void breaksDropsAndStartsAgain()
    {
        m_cluster.put(kObject, 0, {"lock.l"});
        m_cluster.lock(kObject, false);
        stall();
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY2(outcome->result->has_value(),
                 outcome->result->has_value() ? "" : qPrintable(outcome->result->error().toLine()));
        QVERIFY(outcome->begun);
        QCOMPARE(m_cluster.changes, QStringList({"blocklist.add", "lock.break", "object.remove"}));
        QCOMPARE(m_fencer.fenced.size(), 1);
        QTRY_COMPARE(m_executor.orders.size(), 2);
        QCOMPARE(key().attempt, 2);
        QCOMPARE(count("SELECT count(*) FROM action"), 1);
        m_executor.sink->progress(key(), {{"objectsDone", 1}, {"bytesDone", 50}});
        QTRY_VERIFY(outcome->verified.has_value() && outcome->verified->has_value());
        QTRY_COMPARE(count("SELECT count(*) FROM action"), 0);
    }

    void aFailedCopyLeavesNothingHalfWritten()
    {
        bool submitted = false;
        m_flow->submit({.name = "f", .tasks = {copyTask()}}, "text", "anna",
                       [&submitted](const Result<QString>&) { submitted = true; });
        QTRY_VERIFY(submitted);
        QTRY_COMPARE(m_executor.orders.size(), 1);
        for (const auto& [name, mark] : {std::pair("in/big", "R-1/a/1/1"),
                                         {"in/near", "R-1/a/1/1"},
                                         {"in/whole", ""},
                                         {"in/other", "R-7/a/1/1"}}) {
            m_cluster.put(name, 128, {});
            m_cluster.objects[name]["partialOf"] = mark;
        }
        m_executor.sink->progress(
            key(), {{"inFlight", QJsonArray{QJsonObject{{"name", "near"}}, QJsonObject{{"name", "whole"}}}}});
        m_executor.sink->unfinished(key(), {"big", "other"});
        m_executor.sink->failed(key(), {.code = ErrorCode::InvalidArgument, .message = "big is too large"});
        QTRY_VERIFY(task().state == TaskState::Failed);
        restart();
        QCOMPARE(dropped().size(), 2);
        QCOMPARE(dropped().first().toObject()["object"].toString(), "in/big");
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY2(outcome->result->has_value(),
                 outcome->result->has_value() ? "" : qPrintable(outcome->result->error().toLine()));
        const QStringList left = m_cluster.objects.keys();
        QCOMPARE(QSet<QString>(left.begin(), left.end()), QSet<QString>({"in/whole", "in/other"}));
        QTRY_COMPARE(m_executor.orders.size(), 1);
        m_executor.sink->finished(key(), {});
        QTRY_VERIFY(task().state == TaskState::Done);
        QVERIFY(task().unfinished.isEmpty());
    }

    void namesTravelWhole_data()
    {
        QTest::addColumn<QString>("prefix");
        QTest::addColumn<QString>("object");
        QTest::newRow("in a Ceph pool's root") << ""
                                               << "%EF%BB%BFa";
        QTest::newRow("in a folder of such a name") << QString(QChar(0xFEFF)) + "in/"
                                                    << "%EF%BB%BFin/a";
        QTest::newRow("only written like that") << ""
                                                << "%25EF%BB%BFa";
    }

    /// A byte order mark is lost on the way to the cluster, and without it the name is that of another
    /// object.
    void namesTravelWhole()
    {
        QFETCH(QString, prefix);
        QFETCH(QString, object);
        model::TaskSpec spec = copyTask();
        auto body = model::bodyOf<systems::transfer::MoveBody>(spec);
        body.to.prefix = prefix;
        spec.body = model::makeBody(body);
        bool submitted = false;
        m_flow->submit({.name = "f", .tasks = {spec}}, "text", "anna",
                       [&submitted](const Result<QString>&) { submitted = true; });
        QTRY_VERIFY(submitted);
        QTRY_COMPARE(m_executor.orders.size(), 1);
        for (const QString& name : {object, QStringLiteral("a"), QStringLiteral("in/a")}) {
            m_cluster.put(name, 128, {});
            m_cluster.objects[name]["partialOf"] = "R-1/a/1/1";
            m_cluster.lock(name, false);
        }
        m_executor.sink->blocked(key(), {{"what", "lock"}, {"connection", "vega"}, {"object", object}});
        m_clock.ms += 11'000;
        QTRY_VERIFY(task().state == TaskState::Stalled);
        QCOMPARE(dropped().size(), 1);
        QCOMPARE(dropped().first().toObject()["object"].toString(), object);
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY2(outcome->result->has_value(),
                 outcome->result->has_value() ? "" : qPrintable(outcome->result->error().toLine()));
        QVERIFY(!m_cluster.objects.contains(object) && !m_cluster.locks.contains(object));
        QVERIFY(m_cluster.objects.size() == 2 && m_cluster.locks.size() == 2);
    }

    void whatIsUnfinishedIsKeptInMeasure()
    {
        flow::Task task;
        for (int i = 0; i < 100; ++i) {
            task.addUnfinished({QString::number(i), "again"});
        }
        QCOMPARE(task.unfinished.size(), 64);
        QCOMPARE(task.unfinished.mid(0, 3), QStringList({"99", "again", "98"}));
    }

    void aPlanSaysThatMoreMayBeHalfWritten()
    {
        stall();
        const auto said = [this] {
            return QJsonDocument(planned()["plan"].toObject()["touches"].toArray())
                .toJson()
                .contains("Of what a was writing, at most 96 objects are looked at");
        };
        const auto unfinished = [this](int count) {
            QStringList names;
            for (int i = 0; i < count; ++i) {
                names.append(QStringLiteral("part-%1").arg(i));
            }
            m_executor.sink->unfinished(key(), names);
        };
        const auto inFlight = [this](int count) {
            QJsonArray names;
            for (int i = 0; i < count; ++i) {
                names.append(QJsonObject{{"name", QStringLiteral("part-%1").arg(i)}});
            }
            m_executor.sink->progress(key(), {{"inFlight", names}});
        };
        unfinished(63);
        inFlight(31);
        QVERIFY(!said());
        inFlight(32);
        QVERIFY(said());
        inFlight(0);
        QVERIFY(!said());
        unfinished(64);
        QVERIFY(said());
    }

    void isAnsweredWhenThePlanIsDurable()
    {
        stall();
        QList<qint64> kept;
        m_actions->request(
            "flow.reset", request("q1", planned()["planHash"].toString()),
            [&](const Result<QJsonObject>&) { kept.append(count("SELECT count(*) FROM action")); });
        QTRY_VERIFY(!kept.isEmpty());
        QCOMPARE(kept, QList<qint64>{1});
    }

    void aTaskThatEndsBeforeItBeginsIsLeftAlone()
    {
        m_cluster.put(kObject, 0, {"lock.l"});
        m_cluster.lock(kObject, false);
        stall();
        const auto outcome = reset();
        m_executor.sink->finished(key(), {});
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(!outcome->result->has_value());
        QVERIFY(outcome->result->error().code == ErrorCode::FailedPrecondition);
        QVERIFY(task().state == TaskState::Done);
        QVERIFY(!task().resetting);
        QVERIFY(m_cluster.objects.contains(kObject));
        QCOMPARE(m_cluster.changes, QStringList());
        QTRY_COMPARE(count("SELECT count(*) FROM action"), 0);
    }

    void theSameStateMakesTheSamePlanInWhateverOrderItAnswers()
    {
        stall();
        QJsonArray inFlight;
        for (int i = 0; i < 6; ++i) {
            const QString name = QStringLiteral("part-%1").arg(i);
            inFlight.append(QJsonObject{{"name", name}});
            m_cluster.put("in/" + name, 10, {});
            m_cluster.objects["in/" + name]["partialOf"] = "R-1/a/1";
            m_cluster.lock("in/" + name, false);
        }
        m_executor.sink->progress(key(), {{"inFlight", inFlight}});
        const QString hash = planned()["planHash"].toString();
        QCOMPARE(dropped().size(), 6);
        QString again;
        m_cluster.held.emplace();
        m_actions->plan("flow.reset", request({}, {}), [&again](const Result<QJsonObject>& plan) {
            again = plan ? (*plan)["planHash"].toString() : plan.error().toLine();
        });
        QTRY_COMPARE(m_cluster.held->size(), 12);
        for (const auto& answer : std::exchange(*m_cluster.held, {})) {
            answer();
        }
        QTRY_COMPARE(again, hash);
        m_cluster.held.reset();
    }

    void anObjectThatIsNoShellAnyMoreIsNotDropped()
    {
        m_cluster.put(kObject, 0, {"lock.l"});
        m_cluster.lock(kObject, false);
        stall();
        m_cluster.before = [this](const QString& method) {
            if (method == QLatin1String("lock.break")) {
                m_cluster.put(kObject, 0, {"lock.l", "user.owner"});
            }
        };
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(!outcome->result->has_value());
        QVERIFY(outcome->result->error().code == ErrorCode::Aborted);
        QVERIFY(m_cluster.objects.contains(kObject));
        QTRY_VERIFY(task().state == TaskState::Failed);
        QVERIFY(!task().resetting);
    }

    void aLockIsNotBrokenWhileNobodyKnowsWhetherItsHolderLives()
    {
        m_cluster.lock(kObject, false);
        stall();
        int asked = 0;
        m_cluster.before = [&](const QString& method) {
            // The first looks are the plan's; what follows the break only sees that it is gone.
            if (method == QLatin1String("lock.list") && m_cluster.changes.isEmpty()) {
                m_cluster.lock(kObject, ++asked == kLooks + 1 ? QJsonValue() : QJsonValue(false));
            }
        };
        const QString hash = planned()["planHash"].toString();
        asked = 0;
        const auto outcome = reset(hash);
        QTRY_COMPARE(asked, kLooks + 1);
        QCOMPARE(m_cluster.changes, QStringList());
        QTRY_VERIFY(outcome->result.has_value());
        QCOMPARE(asked, kLooks + 2);
        QVERIFY(outcome->result->has_value());
        QCOMPARE(m_cluster.changes, QStringList({"blocklist.add", "lock.break"}));
    }

    void keptObjectsAreNoProgress()
    {
        stall();
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value() && m_executor.orders.size() == 2);
        m_executor.sink->progress(key(), {{"objectsDone", 5}, {"objectsKept", 5}, {"bytesDone", 50}});
        QVERIFY(sluice::test::staysAway([&outcome] { return outcome->verified.has_value(); }, 700));
        m_executor.sink->progress(key(), {{"objectsDone", 6}, {"objectsKept", 5}, {"bytesDone", 60}});
        QTRY_VERIFY(outcome->verified.has_value());
        QVERIFY(outcome->verified->has_value());
    }

    void whatMovedAndFailedDoesNotMove()
    {
        stall();
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value() && m_executor.orders.size() == 2);
        m_executor.sink->progress(key(), {{"objectsDone", 1}, {"bytesDone", 10}});
        m_executor.sink->failed(key(), {.code = ErrorCode::InvalidArgument, .message = "1 of 4, 3 not"});
        QTRY_VERIFY(outcome->verified.has_value());
        QVERIFY(!outcome->verified->has_value());
        QCOMPARE(outcome->verified->error().message, "1 of 4, 3 not");
    }

    void aCaseClosesAfterAMinuteWithoutANewStall_data()
    {
        QTest::addColumn<bool>("stallsAgain");
        QTest::newRow("it goes on") << false;
        QTest::newRow("it stalls again") << true;
    }
    void aCaseClosesAfterAMinuteWithoutANewStall()
    {
        QFETCH(bool, stallsAgain);
        stall();
        const QString id = m_cases->openOrJoin("R-1", "R-1/a", "a");
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value() && m_executor.orders.size() == 2);
        const auto progress = [this](int done) {
            m_executor.sink->progress(key(), {{"objectsDone", done}, {"bytesDone", done}});
        };
        progress(1);
        QTRY_VERIFY(outcome->verified && *outcome->verified);
        QCOMPARE(m_cases->row(id)["phase"].toString(), "verify");
        if (stallsAgain) {
            m_clock.ms += 11'000;
            QTRY_COMPARE(m_cases->row(id)["phase"].toString(), "found");
            QCOMPARE(m_cases->openCaseOf("R-1")->id, id);
            return;
        }
        for (int done = 2; done < 9; ++done) {
            m_clock.ms += 8'000;
            progress(done);
        }
        QVERIFY(sluice::test::staysAway([&] { return m_cases->openCount() == 0; }, 700));
        m_clock.ms += 4'000;
        progress(9);
        QTRY_COMPARE(m_cases->row(id)["phase"].toString(), "closed");
        QVERIFY(m_flow->run("R-1")->caseId.isEmpty());
    }

    void aResetThatStandsStillForAMinuteIsNotVerified()
    {
        stall();
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value() && m_executor.orders.size() == 2);
        m_clock.ms += 59'000;
        m_executor.sink->progress(key(), {{"objectsDone", 5}, {"objectsKept", 5}, {"bytesDone", 50}});
        m_clock.ms += 59'000;
        QVERIFY(sluice::test::staysAway([&outcome] { return outcome->verified.has_value(); }, 700));
        m_clock.ms += 2'000;
        QTRY_VERIFY(outcome->verified.has_value());
        QVERIFY(!outcome->verified->has_value());
        QVERIFY(outcome->verified->error().code == ErrorCode::DeadlineExceeded);
    }

    void aGivenUpResetFencesItsAttemptAsSoonAsItCan()
    {
        stall();
        m_fencer.result = fail(Error{.code = ErrorCode::PermissionDenied, .message = "may not blocklist"});
        const auto first = reset();
        QTRY_VERIFY(first->result.has_value());
        QVERIFY(!first->result->has_value());
        QTRY_VERIFY(task().state == TaskState::Failed);
        QVERIFY(!task().resetting);
        QCOMPARE(count("SELECT count(*) FROM attempt WHERE open = 1"), 1);
        QCOMPARE(m_flow->openAttempts("R-1").size(), 1);  // so that no cancel is called verified
        m_fencer.result = {};
        QTRY_COMPARE(m_flow->openAttempts("R-1").size(), 0);
        QTRY_COMPARE(count("SELECT count(*) FROM attempt WHERE open = 1"), 0);
        const auto second = reset();
        QTRY_VERIFY(second->result.has_value());
        QVERIFY(second->result->has_value());
        QCOMPARE(count("SELECT count(*) FROM attempt WHERE open = 1 AND attempt = 1"), 0);
        QTRY_COMPARE(m_executor.orders.size(), 2);
    }

    void aTaskThatEndedMeanwhileIsLetGo()
    {
        stall();
        m_executor.sink->finished(key(), {});
        QTRY_VERIFY(task().state == TaskState::Done);
        int steps = 0;
        const auto next = [&steps](const Result<void>& result) { steps += result ? 1 : 100; };
        task().resetting = true;
        m_flow->finishReset("R-1", 0, next);
        QTRY_COMPARE(steps, 1);
        QVERIFY(!task().resetting);
        task().resetting = true;
        m_flow->abortReset("R-1", 0, Error{.message = "no"}, next);
        QTRY_COMPARE(steps, 2);
        QVERIFY(!task().resetting);
        QVERIFY(task().state == TaskState::Done);
        QCOMPARE(count("SELECT resetting FROM task"), 0);
    }

    void aRunCancelledInTheMiddleOfAResetEnds()
    {
        stall();
        int steps = 0;
        const auto next = [&steps](const Result<void>& result) { steps += result ? 1 : 100; };
        m_flow->beginReset("R-1", 0, 1, 1, next);
        QTRY_COMPARE(steps, 1);
        m_flow->cancel("R-1", next);
        QTRY_COMPARE(steps, 2);
        QVERIFY(task().state == TaskState::Stalled);
        m_flow->finishReset("R-1", 0, next);
        QTRY_VERIFY(task().state == TaskState::Cancelled);
        QVERIFY(!task().resetting);
    }

    void aPromisedResetThatHadNotBegunIsCarriedOn()
    {
        m_cluster.put(kObject, 0, {"lock.l"});
        m_cluster.lock(kObject, false);
        stall();
        keepPlan();
        restart();
        QTRY_COMPARE(m_executor.orders.size(), 1);
        QCOMPARE(key().attempt, 2);
        QCOMPARE(m_cluster.changes, QStringList({"blocklist.add", "lock.break", "object.remove"}));
        QCOMPARE(outcomes(), QStringList{"carried on after a restart"});
        m_executor.sink->progress(key(), {{"objectsDone", 1}, {"bytesDone", 50}});
        QTRY_COMPARE(outcomes(), QStringList({"carried on after a restart", "verified"}));
        QCOMPARE(count("SELECT count(*) FROM attempt WHERE open = 1 AND attempt = 1"), 0);
    }

    void aTaskThatWasLetGoBeforeTheRestartIsNotResetAgain()
    {
        stall();
        keepPlan();
        int steps = 0;
        const auto next = [&steps](const Result<void>& result) { steps += result ? 1 : 100; };
        m_flow->beginReset("R-1", 0, 1, 1, next);
        QTRY_COMPARE(steps, 1);
        m_flow->finishReset("R-1", 0, next);
        QTRY_COMPARE(steps, 2);
        QTRY_COMPARE(m_executor.orders.size(), 2);
        m_fencer.fenced.clear();
        restart();
        QTRY_COMPARE(m_executor.orders.size(), 1);
        QCOMPARE(m_fencer.fenced.size(), 1);
        QCOMPARE(m_fencer.fenced[0].attempt, 2);
        QCOMPARE(key().attempt, 3);
    }

    void nothingIsCarriedOnBeforeItIsRecorded()
    {
        m_cluster.put(kObject, 0, {"lock.l"});
        m_cluster.lock(kObject, false);
        stall();
        keepPlan();
        close();
        m_executor.orders.clear();
        load();
        QVERIFY(write(m_audit->database(),
                      "CREATE TRIGGER no BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'no'); END"));
        start();
        QVERIFY(sluice::test::staysAway(
            [this] { return !m_fencer.fenced.isEmpty() || !m_executor.orders.isEmpty(); }, 700));
        QCOMPARE(m_cluster.changes, QStringList());
        QCOMPARE(count("SELECT fence FROM task"), 1);
        QVERIFY(write(m_audit->database(), "DROP TRIGGER no"));
        QTRY_COMPARE(m_executor.orders.size(), 1);
        QCOMPARE(outcomes(), QStringList{"carried on after a restart"});
    }

    void aCaseLeftInALatePhaseIsFoundAgain()
    {
        const QString lost = m_cases->openOrJoin("R-7", "R-7/a", "a");
        const QString carried = m_cases->openOrJoin("R-8", "R-8/a", "a");
        m_cases->setPhase(lost, "verify", "watching");
        m_cases->setPhase(carried, "carry out", "reset by anna");
        m_cases->reopenInterrupted({"R-8"});
        QCOMPARE(m_cases->row(lost)["phase"].toString(), "found");
        QCOMPARE(m_cases->row(carried)["phase"].toString(), "carry out");
    }

    void oneOutageIsOneCase()
    {
        const auto full = [](const QString& cephPool) {
            return diagnosis::Diagnosis{.findings = {{.rule = "R10",
                                                      .title = "full",
                                                      .verdict = diagnosis::Verdict::Confirmed,
                                                      .evidence = {{.text = "full", .entity = cephPool}}}},
                                        .rule = "R10",
                                        .verdict = diagnosis::Verdict::Confirmed};
        };
        const QString first = m_cases->openOrJoin("R-1", "R-1/a", "a");
        const QString second = m_cases->openOrJoin("R-2", "R-2/a", "a");
        const QString other = m_cases->openOrJoin("R-3", "R-3/a", "a");
        const QString late = m_cases->openOrJoin("R-5", "R-5/a", "a");
        QCOMPARE(m_cases->diagnosed(first, "R-1", full("vega/ceph-pool/train"), true), first);
        QCOMPARE(m_cases->diagnosed(second, "R-2", full("vega/ceph-pool/train"), true), first);
        QCOMPARE(m_cases->diagnosed(other, "R-3", full("vega/ceph-pool/raw"), true), other);
        m_cases->setPhase(first, "carry out", "reset by anna");
        QCOMPARE(m_cases->diagnosed(late, "R-5", full("vega/ceph-pool/train"), true), late);

        QCOMPARE(m_cases->openCaseOf("R-2")->id, first);
        QCOMPARE(m_cases->row(first)["run"].toString(), "R-1");
        QCOMPARE(m_cases->row(first)["runs"].toArray(), QJsonArray({"R-1", "R-2"}));
        QCOMPARE(m_cases->row(first)["tasks"].toArray(), QJsonArray({"R-1/a", "R-2/a"}));
        QCOMPARE(m_cases->row(second)["phase"].toString(), "closed");
        QCOMPARE(m_cases->row(second)["timeline"].toArray().last()["text"].toString(), "part of C-1");
        restart();
        QCOMPARE(m_cases->openCaseOf("R-2")->id, first);
    }

    void aCaseWithOthersInTroubleOutlivesOneReset()
    {
        stall();
        const QString id = m_cases->openOrJoin("R-1", "R-1/a", "a");
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value() && m_executor.orders.size() == 2);
        bool submitted = false;
        m_flow->submit({.name = "f", .tasks = {copyTask()}}, "text", "anna",
                       [&submitted](const Result<QString>&) { submitted = true; });
        QTRY_VERIFY(submitted);
        QTRY_COMPARE(m_executor.orders.size(), 3);
        m_executor.sink->failed(key(), Error{.message = "full"});
        QTRY_VERIFY(m_flow->run("R-2")->tasks[0].state == TaskState::Failed);
        m_cases->openOrJoin("R-1", "R-2/a", "a");
        m_executor.sink->progress(m_executor.orders[1].key, {{"objectsDone", 1}, {"bytesDone", 1}});
        QTRY_VERIFY(outcome->verified && *outcome->verified);
        QCOMPARE(m_cases->row(id)["phase"].toString(), "found");
    }

    void theNewestClosedCasesAreKept()
    {
        const QString open = m_cases->openOrJoin("R-1", "R-1/a", "a");
        for (int i = 2; i <= 512; ++i) {
            m_cases->close(m_cases->openOrJoin(QStringLiteral("R-%1").arg(i), "t", "a"), "it moves again");
        }
        QCOMPARE(m_cases->ids().size(), 501);
        QVERIFY(!m_cases->row(open).isEmpty());
        QVERIFY(m_cases->row("C-12").isEmpty());
        QVERIFY(!m_cases->row("C-13").isEmpty());
        // Not the number of rows alone, which is passed on the way up too.
        QTRY_COMPARE(count("SELECT max(number) * 1000 + count(*) FROM case_row"), 512'501);
        restart();
        QCOMPARE(m_cases->ids().size(), 501);
    }

    void whatStandsInItsWayIsSaidUpFront()
    {
        stall();
        const QString planHash = planned()["planHash"].toString();
        QStringList asked;
        m_resets->planner().setObstacle([&asked](const QString& connection) -> Result<void> {
            asked.append(connection);
            return fail(Error{.code = ErrorCode::FailedPrecondition,
                              .message = connection + " has no monitor quorum"});
        });
        const auto outcome = reset(planHash);
        QTRY_VERIFY(outcome->result);
        QVERIFY(!*outcome->result && outcome->result->error().code == ErrorCode::FailedPrecondition);
        QVERIFY2(outcome->result->error().message.contains("vega has no monitor quorum"),
                 qPrintable(outcome->result->error().message));
        QVERIFY(asked.contains("vega"));
        QVERIFY(!outcome->begun && !task().resetting && m_cluster.changes.isEmpty());
        m_resets->planner().setObstacle([](const QString&) { return Result<void>(); });
        QVERIFY(!planned().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestReset)
#include "tst_reset.moc"
