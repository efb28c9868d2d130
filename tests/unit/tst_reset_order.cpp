#include "reset_scene.h"
#include "store/manifest.h"

using namespace sluice;
using test::kObject;

/// What a reset does to the outside, seen where it arrives: fences, ended processes, calls to the cluster,
/// starts.
class TestResetOrder : public QObject, private test::ResetScene {
    Q_OBJECT

    /// A dead stranger's lock made an empty object of the name that the task waits for.
    void stallOnADeadLock()
    {
        m_cluster.put(kObject, 0, {"lock.l"});
        m_cluster.lock(kObject, false);
        stall();
        m_journal.clear();
    }

    bool commit(const flow::AttemptKey& by, const QString& name)
    {
        std::optional<bool> kept;
        m_executor.sink->commit(by, {{.task = "a", .name = name, .fence = by.fence}},
                                [&kept](const Result<void>& result) { kept = result.has_value(); });
        return sluice::test::waitUntil([&kept] { return kept.has_value(); }) && *kept;
    }

private Q_SLOTS:
    void init() { begin(); }
    void cleanup() { close(); }

    void aPlanThatWasNotShownIsNotCarriedOut()
    {
        stallOnADeadLock();
        const auto outcome = reset("another plan");
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(!outcome->result->has_value());
        QVERIFY(outcome->result->error().code == ErrorCode::FailedPrecondition);
        QVERIFY(!outcome->begun);
        QCOMPARE(m_journal, QStringList());
        QCOMPARE(count("SELECT count(*) FROM action"), 0);
        QCOMPARE(count("SELECT fence FROM task"), 1);
        QVERIFY(task().state == model::TaskState::Stalled);
    }

    void aPlanIsVoidOnceTheStateIsAnother()
    {
        stallOnADeadLock();
        const QString hash = planned()["planHash"].toString();
        m_cluster.put("in/other", 5, {});
        m_cluster.objects["in/other"]["partialOf"] = "R-1/a/1/1";
        m_executor.sink->unfinished(key(), {"other"});
        const auto outcome = reset(hash);
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(!outcome->result->has_value());
        QVERIFY(outcome->result->error().code == ErrorCode::FailedPrecondition);
        QCOMPARE(m_journal, QStringList());
        const auto second = reset();
        QTRY_VERIFY(second->result.has_value());
        QVERIFY(second->result->has_value());
    }

    void fencesThenEndsThenBreaksThenDropsThenStarts()
    {
        stallOnADeadLock();
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(outcome->result->has_value());
        QTRY_COMPARE(m_executor.orders.size(), 2);
        QCOMPARE(m_journal, QStringList({"fence 1", "kill 1", "blocklist.add", "lock.break", "object.remove",
                                         "start 2"}));
    }

    void eachStepWaitsForTheOneBefore()
    {
        stallOnADeadLock();
        m_fencer.held.emplace();
        m_executor.heldKills.emplace();
        const auto outcome = reset();
        QTRY_COMPARE(m_fencer.held->size(), 1);
        // Raised on disk before anything is fenced, so that a next life knows of it.
        QCOMPARE(count("SELECT fence FROM task WHERE resetting"), 2);
        QCOMPARE(m_journal, QStringList{"fence 1"});
        m_fencer.held->takeFirst()({});
        QTRY_COMPARE(m_executor.heldKills->size(), 1);
        QCOMPARE(m_journal, QStringList({"fence 1", "kill 1"}));
        m_executor.heldKills->takeFirst()(flow::ProcessEnd::Reaped);
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(outcome->result->has_value());
        QTRY_COMPARE(m_journal.last(), "start 2");
    }

    void whatCannotBeFencedIsLeftAsItIs()
    {
        stallOnADeadLock();
        m_fencer.result = fail(Error{.code = ErrorCode::PermissionDenied, .message = "may not blocklist"});
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(!outcome->result->has_value());
        QCOMPARE(m_cluster.changes, QStringList());
        QCOMPARE(m_executor.orders.size(), 1);
    }

    void everyChangeIsRecordedBeforeItIsMadeInTheNameOfWhoAsked()
    {
        stallOnADeadLock();
        QStringList before;
        m_cluster.before = [&](const QString& method) {
            if (method == QLatin1String("object.remove")) {
                before = told();
            }
        };
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(outcome->result->has_value());
        const QStringList all{"anna attempt.fence intent",    "anna attempt.fence verified",
                              "anna client.blocklist intent", "anna client.blocklist not needed",
                              "anna attempt.kill intent",     "anna attempt.kill verified",
                              "anna lock.break intent",       "anna blocklist.add intent",
                              "anna blocklist.add done",      "anna lock.break intent",
                              "anna lock.break done",         "anna lock.break verified",
                              "anna object.remove intent",    "anna object.remove intent",
                              "anna object.remove done",      "anna object.remove verified",
                              "anna attempt.start intent",    "anna attempt.start verified",
                              "anna run.watch intent"};
        QCOMPARE(before, all.mid(0, 14));
        QTRY_COMPARE(told(), all);
    }

    void whatWasGoneAlreadyIsNotCalledVerified()
    {
        stallOnADeadLock();
        const QString hash = planned()["planHash"].toString();
        int lists = 0, stats = 0;
        m_cluster.before = [&](const QString& method) {
            // The plan looks first; the look after it is that of the step.
            if (method == QLatin1String("lock.list") && ++lists == kLooks + 1) {
                m_cluster.locks.clear();
            }
            if (method == QLatin1String("object.stat") && ++stats == kLooks + 1) {
                m_cluster.objects.clear();
            }
        };
        const auto outcome = reset(hash);
        QTRY_VERIFY(outcome->result.has_value());
        QCOMPARE(m_cluster.changes, QStringList());
        QTRY_VERIFY(told().contains("anna attempt.start verified"));
        QCOMPARE(told().filter("lock.break"),
                 QStringList({"anna lock.break intent", "anna lock.break already so"}));
        QCOMPARE(told().filter("object.remove"),
                 QStringList({"anna object.remove intent", "anna object.remove already so"}));
    }

    void aLockWhoseHolderLivesAgainIsNotNeededToBreak()
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
        QTRY_COMPARE(told().filter("lock.break"),
                     QStringList({"anna lock.break intent", "anna lock.break not needed"}));
    }

    void aHolderThatTurnsOutToLiveKeepsItsLock()
    {
        m_cluster.lock(kObject, false);
        stall();
        m_journal.clear();
        const QString hash = planned()["planHash"].toString();
        int asked = 0;
        m_cluster.before = [&](const QString& method) {
            // The plan looks first; the look after it is that of the step.
            if (method == QLatin1String("lock.list") && ++asked == kLooks + 1) {
                m_cluster.lock(kObject, true);
            }
        };
        const auto outcome = reset(hash);
        QTRY_VERIFY(outcome->result.has_value());
        QCOMPARE(asked, kLooks + 1);
        QCOMPARE(m_cluster.changes, QStringList());
        QVERIFY(m_cluster.locks.contains(kObject));
    }

    void onlyTheLockThatWasPlannedIsBroken()
    {
        m_cluster.lock(kObject, false);
        stall();
        const QString hash = planned()["planHash"].toString();
        int asked = 0;
        m_cluster.before = [&](const QString& method) {
            if (method == QLatin1String("lock.list") && ++asked == kLooks + 1) {
                // Its holder is gone, and another one, dead too, holds it by now.
                QJsonArray& locks = m_cluster.locks[kObject];
                const QJsonObject other{{"client", "client.10"},
                                        {"cookie", "c"},
                                        {"address", "1.2.3.4:0/10"},
                                        {"sessionSeen", false}};
                locks = {QJsonObject{{"lock", "l"}, {"holders", QJsonArray{other}}}};
            }
        };
        const auto outcome = reset(hash);
        QTRY_VERIFY(outcome->result.has_value());
        QCOMPARE(m_cluster.changes, QStringList());
    }

    void aLockOfWhichNothingIsKnownIsLeftAlone()
    {
        m_cluster.lock(kObject, QJsonValue());
        stall();
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(outcome->result->has_value());
        QCOMPARE(m_cluster.changes, QStringList());
    }

    void whatTheManifestKnowsIsNotDropped()
    {
        m_cluster.put(kObject, 0, {"lock.l"});
        m_cluster.lock(kObject, false);
        stall();
        QCOMPARE(dropped().size(), 1);
        QVERIFY(commit(key(), "part-0"));
        QCOMPARE(dropped(), QJsonArray());
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(outcome->result->has_value());
        QVERIFY(!m_cluster.changes.contains("object.remove"));
    }

    void aManifestThatCannotBeReadMakesNoPlan()
    {
        stallOnADeadLock();
        QVERIFY(commit(key(), "part-0"));
        auto manifest = store::Manifest::open(m_flow->manifests().file(1));
        QVERIFY(manifest.has_value());
        // Totals can still be read, names cannot.
        QVERIFY(write((*manifest)->database(), "ALTER TABLE entry RENAME COLUMN etag TO lost"));
        const auto made = plan();
        QVERIFY(!made);
        QVERIFY2(made.error().message.contains("cannot be planned"), qPrintable(made.error().toLine()));
        QCOMPARE(m_journal, QStringList());
    }

    void whatBlocksATaskElsewhereIsNotTouched_data()
    {
        QTest::addColumn<QJsonObject>("blocked");
        QTest::newRow("at the source, in another Ceph pool")
            << QJsonObject{{"connection", "vega"}, {"cephPool", "raw"}, {"object", kObject}};
        QTest::newRow("on another cluster")
            << QJsonObject{{"connection", "lyra"}, {"cephPool", "train"}, {"object", kObject}};
        QTest::newRow("outside of the destination's folder")
            << QJsonObject{{"connection", "vega"}, {"cephPool", "train"}, {"object", "out/part-0"}};
    }

    void whatBlocksATaskElsewhereIsNotTouched()
    {
        QFETCH(QJsonObject, blocked);
        for (const char* object : {kObject, "out/part-0"}) {
            m_cluster.put(object, 0, {"lock.l"});
            m_cluster.lock(object, false);
        }
        stall();
        blocked["what"] = "lock";
        m_executor.sink->blocked(key(), blocked);
        QCOMPARE(dropped(), QJsonArray());
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY(outcome->result->has_value());
        QCOMPARE(m_cluster.changes, QStringList());
    }

    void whatAnAttemptCommitsAfterItWasFencedIsNotTaken()
    {
        stall();
        const flow::AttemptKey old = key();
        QVERIFY(commit(old, "before"));
        m_fencer.held.emplace();
        reset();
        QTRY_COMPARE(m_fencer.held->size(), 1);
        QVERIFY(!commit(old, "after"));
        // Nor is what another door than the engine's brings to the file of the manifest.
        auto manifest = store::Manifest::open(m_flow->manifests().file(1));
        QVERIFY(manifest.has_value());
        std::optional<Result<void>> kept;
        (*manifest)->commit("a", {{.task = "a", .name = "late", .fence = old.fence}}, &m_context,
                            [&kept](const Result<void>& result) { kept = result; });
        QTRY_VERIFY(kept.has_value());
        QVERIFY(!kept->has_value());
        QVERIFY(kept->error().code == ErrorCode::Aborted);
        m_fencer.held->takeFirst()({});
        QTRY_COMPARE(m_executor.orders.size(), 2);
    }

    void whatAnAttemptSaysAfterItWasFencedIsNotHeard()
    {
        stall();
        const flow::AttemptKey old = key();
        m_fencer.held.emplace();
        reset();
        QTRY_COMPARE(m_fencer.held->size(), 1);
        m_executor.sink->progress(old, {{"objectsDone", 99}, {"bytesDone", 99}});
        m_executor.sink->finished(old, {});
        m_executor.sink->failed(old, Error{.message = "late"});
        m_executor.sink->gone(old, "killed");
        QVERIFY(task().resetting && !task().committing);
        QVERIFY(task().state == model::TaskState::Stalled);
        m_fencer.held->takeFirst()({});
        QTRY_COMPARE(m_executor.orders.size(), 2);
        QCOMPARE(key().attempt, 2);
        QVERIFY(!task().error);
    }

    /// Killed while the attempt is being ended: what was fenced stays so, and no process of before lives on.
    void aNextLifeCarriesItOnFromTheStepThatHadNotEnded()
    {
        stallOnADeadLock();
        m_executor.heldKills.emplace();
        const auto outcome = reset();
        QTRY_COMPARE(m_executor.heldKills->size(), 1);
        QCOMPARE(m_journal, QStringList({"fence 1", "kill 1"}));
        m_executor.heldKills.reset();
        m_journal.clear();
        restart();
        QTRY_COMPARE(m_journal.value(m_journal.size() - 1), "start 2");
        QCOMPARE(m_journal.first(), "fence 1");
        QCOMPARE(m_journal.mid(m_journal.indexOf("blocklist.add")),
                 QStringList({"blocklist.add", "lock.break", "object.remove", "start 2"}));
        QCOMPARE(outcomes(), QStringList({"intent", "carried on after a restart"}));
        QCOMPARE(count("SELECT count(*) FROM attempt WHERE open = 1 AND attempt = 1"), 0);
        m_executor.sink->progress(key(), {{"objectsDone", 1}, {"bytesDone", 50}});
        QTRY_COMPARE(outcomes(), QStringList({"intent", "carried on after a restart", "verified"}));
        QCOMPARE(told().count("anna attempt.fence intent"), 1);
        QCOMPARE(m_actions->full(outcome->action)["state"].toString(), "verified");
        QCOMPARE(count("SELECT count(*) FROM action"), 0);
    }

    void whileItIsWatchedAKillLosesNothing()
    {
        stallOnADeadLock();
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value() && m_executor.orders.size() == 2);
        m_journal.clear();
        restart();
        QTRY_COMPARE(m_executor.orders.size(), 1);
        QVERIFY(!m_journal.contains("lock.break") && !m_journal.contains("object.remove"));
        m_executor.sink->progress(key(), {{"objectsDone", 1}, {"bytesDone", 50}});
        QTRY_COMPARE(outcomes().last(), QString("verified"));
    }

    void oneResetOfARunAtATime()
    {
        stallOnADeadLock();
        const QString hash = planned()["planHash"].toString();
        m_fencer.held.emplace();
        const auto first = reset(hash);
        const auto second = reset(hash);
        QTRY_VERIFY(second->result.has_value());
        QVERIFY(!second->result->has_value() && !second->begun);
        QVERIFY2(second->result->error().message.contains("is under way"),
                 qPrintable(second->result->error().toLine()));
        QTRY_COMPARE(m_fencer.held->size(), 1);
        m_fencer.held->takeFirst()({});
        QTRY_VERIFY(first->result.has_value() && first->result->has_value());
        QCOMPARE(m_journal.count("fence 1"), 1);
    }

    void whatAnEarlierReleaseKeptKeepsItsNumber()
    {
        stallOnADeadLock();
        keepPlan();
        m_requests->put("q1", {.method = "flow.reset", .action = "A-7"}, m_clock.nowMs(),
                        [](const Result<void>&) {});
        QTRY_COMPARE(count("SELECT count(*) FROM request"), 1);
        restart();
        QTRY_COMPARE(m_executor.orders.size(), 1);
        QCOMPARE(m_actions->row("A-7")["title"].toString(), "Reset R-1");
        QCOMPARE(m_actions->row("A-7")["state"].toString(), "executing");
        QCOMPARE(count("SELECT count(*) FROM reset"), 0);
        QCOMPARE(count("SELECT count(*) FROM action"), 1);
        m_executor.sink->progress(key(), {{"objectsDone", 1}, {"bytesDone", 50}});
        QTRY_COMPARE(m_actions->row("A-7")["state"].toString(), "verified");
        QVERIFY(m_requests->find("q1")->stage == actions::RequestBook::Stage::Succeeded);
    }

    void aResetThatIsOverHoldsNoTaskInTheNextLife()
    {
        stallOnADeadLock();
        keepPlan();
        m_requests->put(
            "q1", {.stage = actions::RequestBook::Stage::Failed, .method = "flow.reset", .action = "A-7"},
            m_clock.nowMs(), [](const Result<void>&) {});
        QTRY_COMPARE(count("SELECT count(*) FROM request"), 1);
        restart();
        QTRY_COMPARE(count("SELECT count(*) FROM reset"), 0);
        QTRY_COMPARE(count("SELECT count(*) FROM action"), 0);
        // The attempt of the life before is replaced, as without a reset.
        QTRY_COMPARE(task().fence, 2);
        QVERIFY(!task().resetting);
        QVERIFY(!m_journal.contains("lock.break"));
    }

    void aRunThatWasCancelledMeanwhileEndsItWithARecord_data()
    {
        QTest::addColumn<bool>("failed");
        QTest::newRow("stalled") << false;
        QTest::newRow("failed") << true;
    }

    void aRunThatWasCancelledMeanwhileEndsItWithARecord()
    {
        QFETCH(bool, failed);
        stallOnADeadLock();
        if (failed) {
            m_executor.sink->failed(key(), Error{.code = ErrorCode::PermissionDenied, .message = "refused"});
            QTRY_VERIFY(task().state == model::TaskState::Failed);
        }
        keepPlan();
        bool cancelled = false;
        m_flow->cancel("R-1", [&cancelled](const Result<void>&) { cancelled = true; });
        QTRY_VERIFY(cancelled && m_flow->run("R-1")->endedAtMs > 0);
        restart();
        QTRY_COMPARE(outcomes(), QStringList({"carried on after a restart", "failed"}));
        QTRY_COMPARE(count("SELECT count(*) FROM action"), 0);
        QVERIFY(!m_journal.contains("lock.break"));
    }

    void itsCaseIsToldWhatBecameOfIt_data()
    {
        QTest::addColumn<bool>("fences");
        QTest::addColumn<QString>("remark");
        QTest::newRow("not carried out") << false << "the reset was not carried out: may not blocklist";
        QTest::newRow("carried out, and it does not move") << true << "not verified: a does not move";
    }

    void itsCaseIsToldWhatBecameOfIt()
    {
        QFETCH(bool, fences);
        QFETCH(QString, remark);
        stallOnADeadLock();
        const QString id = m_cases->openOrJoin("R-1", "R-1/a", "a");
        if (!fences) {
            m_fencer.result =
                fail(Error{.code = ErrorCode::PermissionDenied, .message = "may not blocklist"});
        }
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        if (fences) {
            QTRY_COMPARE(m_cases->row(id)["phase"].toString(), "verify");
            m_clock.ms += 61'000;
        }
        QTRY_VERIFY(outcome->verified.has_value());
        QVERIFY(!outcome->verified->has_value());
        QCOMPARE(m_cases->row(id)["phase"].toString(), "decide");
        QStringList lines;
        for (const QJsonValue& line : m_cases->row(id)["timeline"].toArray()) {
            lines.append(line["phase"].toString());
        }
        QCOMPARE(m_cases->row(id)["timeline"].toArray().last()["text"].toString(), remark);
        QCOMPARE(lines.count("carry out"), 1);
    }
};

QTEST_GUILESS_MAIN(TestResetOrder)
#include "tst_reset_order.moc"
