// Attempts that are lost, hang, are left over or are ended while they begin.
#include <QtCore/QDeadlineTimer>
#include <QtCore/QDir>
#include <QtCore/QJsonArray>
#include <QtCore/QSemaphore>
#include <QtCore/QThread>

#include "flow_scene.h"

using namespace sluice;
using model::TaskState;

class TestFlowAttempts : public QObject, private test::FlowScene {
    Q_OBJECT

    /// Row of an attempt, as the next engine would find it.
    flow::AttemptRecord kept(const QString& run, int attempt)
    {
        std::optional<flow::AttemptRecord> record;
        flow::RunStore store(*m_database, test::taskKinds());
        store.loadAttempt(m_engine->run(run)->number, 0, attempt, m_engine.get(),
                          [&record](Result<flow::AttemptRecord> found) {
                              record = found ? *found : flow::AttemptRecord{.outcome = "not found"};
                          });
        return sluice::test::waitUntil([&record] { return record.has_value(); }) ? *record
                                                                                 : flow::AttemptRecord{};
    }

    void keep(flow::AttemptRecord record)
    {
        flow::RunStore store(*m_database, test::taskKinds());
        bool done = false;
        store.saveAttempt(record, m_engine.get(),
                          [&done](const Result<void>& saved) { done = saved.has_value(); });
        QTRY_VERIFY(done);
    }

private Q_SLOTS:
    void init() { begin(); }
    void cleanup() { end(); }

    void aWorkerThatListsAndDiesIsGivenUp()
    {
        const QString run = submit({task("a", {})});
        for (int i = 1; i <= 6; ++i) {
            QTRY_COMPARE(m_executor.orders.size(), i);
            m_executor.sink->phase(key("a"), "listing");
            m_executor.sink->listed(key("a"), 10, 100);
            m_executor.sink->phase(key("a"), "copying");
            m_executor.sink->progress(
                key("a"), {{"objectsDone", 3}, {"objectsKept", i == 1 ? 0 : 3}, {"bytesDone", 30}});
            m_executor.sink->blocked(key("a"), {{"what", "lock"}, {"object", "x"}});
            m_executor.sink->gone(key("a"), "signal 11");
            if (i <= 5) {
                // It waits for nothing any more: that nobody is there is why it does not move.
                const QJsonObject blocked =
                    flow::taskRow(*m_engine->run(run), 0, m_clock)["blocked"].toObject();
                QCOMPARE(blocked["what"].toString(), QStringLiteral("worker"));
                QVERIFY(blocked["error"]["message"].toString().contains("signal 11"));
                QVERIFY(blocked["error"]["cause"].toString().startsWith(QString::number(i)));
            }
        }
        QTRY_VERIFY(state(run, "a") == TaskState::Failed);
        QVERIFY(taskOf(run, "a").error->message.contains("without progress"));
    }

    void whatIsLeftOutAndWhatIsNotCopiedStaysOnTheRun()
    {
        const QString run = submit({task("a", {})});
        QTRY_COMPARE(m_executor.orders.size(), 1);
        QVERIFY(m_executor.orders[0].submittedAtMs > 0);
        const QJsonArray kinds{QJsonObject{{"what", "link"}, {"count", 3}, {"example", "/a/x"}},
                               QJsonObject{{"what", "omap"}, {"count", 2}, {"example", "y"}},
                               QJsonObject{{"what", "others"}, {"count", 9}, {"example", "z"}}};
        QJsonArray both = kinds;
        both.append(QJsonObject{
            {"what", "versions"}, {"count", 0}, {"example", ""}, {"atLeast", true}, {"why", "x"}});
        m_executor.sink->leftOut(key("a"), kinds);
        m_executor.sink->progress(key("a"), {{"objectsDone", 3}, {"objectsNot", 1}});
        const auto row = [&] { return flow::taskRow(*m_engine->run(run), 0, m_clock); };
        QCOMPARE(row()["leftOut"].toArray(), kinds);
        QCOMPARE(row()["objectsNot"].toInteger(), 1);
        QCOMPARE(flow::runRow(*m_engine->run(run), m_clock)["leftOut"].toInteger(), 5);
        QVERIFY(flow::runRow(*m_engine->run(run), m_clock)["leftOutKnown"].toBool());
        m_executor.sink->leftOut(key("a"), both);
        failTask("a");
        QTRY_VERIFY(state(run, "a") == TaskState::Failed);
        reopen();
        QCOMPARE(row()["leftOut"].toArray(), both);
        QCOMPARE(row()["objectsNot"].toInteger(), 1);
        QCOMPARE(flow::runRow(*m_engine->run(run), m_clock)["leftOut"].toInteger(), 5);
        QVERIFY(!flow::runRow(*m_engine->run(run), m_clock)["leftOutKnown"].toBool());
    }

    void oneMoreThatIsNotCopiedIsProgress()
    {
        const QString run = submit({task("a", {})});
        QTRY_COMPARE(m_executor.orders.size(), 1);
        m_clock.ms = 60'000;
        QTRY_VERIFY(state(run, "a") == TaskState::Stalled);
        m_executor.sink->progress(key("a"), {{"objectsDone", 0}, {"objectsNot", 1}});
        QTRY_VERIFY(state(run, "a") == TaskState::Running);
    }

    void strangersAreWhatNoTaskOfTheRunPutThere()
    {
        model::TaskSpec inner = task("inner", {});
        inner.body = test::moveBody("file:/a", "file:/b/sub");
        model::TaskSpec elsewhere = task("elsewhere", {});
        elsewhere.body = test::moveBody("file:/a", "file:/bb");
        model::TaskSpec check = task("check", {"a"}, "verify");
        check.body = test::verifyBody("a");
        submit({task("a", {}), inner, elsewhere, check});
        QTRY_COMPARE(m_executor.orders.size(), 3);
        const auto commit = [this](const QString& of, const QStringList& names) {
            QList<store::ManifestEntry> entries;
            for (const QString& name : names) {
                entries.append({.name = name, .size = 1});
            }
            bool done = false;
            m_executor.sink->commit(key(of), entries,
                                    [&done](const Result<void>& kept) { done = kept.has_value(); });
            QTRY_VERIFY(done);
        };
        commit("a", {"x", "%EF%BB%BFy"});
        commit("inner", {"z"});
        commit("elsewhere", {"w"});
        m_executor.sink->finished(key("a"), {});
        QTRY_VERIFY(m_executor.last("check"));
        std::optional<QStringList> strangers;
        m_executor.sink->strangers(key("check"), "a", {"x", "sub/z", "w", "%EF%BB%BFy", "y", "sub/x"},
                                   [&strangers](const Result<QStringList>& found) { strangers = *found; });
        QTRY_VERIFY(strangers.has_value());
        strangers->sort();
        QCOMPARE(*strangers, QStringList({"sub/x", "w", "y"}));
    }

    void aWorkerThatGetsFurtherEachTimeIsNotGivenUp()
    {
        const QString run = submit({task("a", {})});
        for (int i = 1; i <= 8; ++i) {
            QTRY_COMPARE(m_executor.orders.size(), i);
            m_executor.sink->progress(key("a"),
                                      {{"objectsDone", i}, {"objectsKept", i - 1}, {"bytesDone", i * 10}});
            m_executor.sink->gone(key("a"), "signal 11");
        }
        QTRY_COMPARE(m_executor.orders.size(), 9);
        QVERIFY(state(run, "a") == TaskState::Running);
    }

    void theManifestKnowsTheNewAttemptBeforeItBegins()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        const flow::AttemptKey old = key("a");
        m_executor.sink->gone(old, "killed");
        QTRY_COMPARE(m_executor.orders.size(), 2);
        auto manifest = store::Manifest::open(m_engine->manifests().file(old.run));
        QVERIFY(manifest.has_value());
        std::optional<Result<void>> late;
        (*manifest)->commit("a", {{.task = "a", .name = "x", .fence = old.fence}}, m_engine.get(),
                            [&late](const Result<void>& done) { late = done; });
        QTRY_VERIFY(late.has_value());
        QVERIFY(!*late && late->error().code == ErrorCode::Aborted);
    }

    void whatAnAttemptMayUseIsWrittenBeforeItUsesIt()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        const flow::Claim client{"client", "vega", {{"address", "10.0.0.1:0/1"}}};
        const flow::Claim s3Key{"key", "rgw", {{"accessKey", "SL1"}}};
        const auto upload = [](const char* id) { return flow::Claim{"upload", "rgw", {{"uploadId", id}}}; };
        const QStringList open{"staged", "upload"};
        int done = 0;
        const auto next = [&done](const Result<void>& r) { done += r ? 1 : 100; };
        m_executor.sink->claim(key("a"), client, next);
        QTRY_COMPARE(done, 1);
        QCOMPARE(kept(run, 1).claims, QList<flow::Claim>{client});
        m_executor.sink->claim(key("a"), client, next);
        m_executor.sink->claim(key("a"), s3Key, next);
        const flow::Claim staged{"staged", "vega", {{"cephPool", "train"}, {"object", "x"}, {"mark", "m"}}};
        m_executor.sink->claimsOf(key("a"), open, {upload("U1"), upload("U2"), staged}, next);
        QTRY_COMPARE(done, 4);
        QCOMPARE(kept(run, 1).claims,
                 (QList<flow::Claim>{client, s3Key, upload("U1"), upload("U2"), staged}));
        // The uploads and staged copies that are open are all there are; the key stays.
        m_executor.sink->claimsOf(key("a"), open, {upload("U2")}, next);
        QTRY_COMPARE(done, 5);
        QCOMPARE(kept(run, 1).claims, (QList<flow::Claim>{client, s3Key, upload("U2")}));
        // What nobody could take back is not given at all.
        m_executor.sink->claim(key("a"), {"nobody's", "vega", {}}, next);
        m_executor.sink->claimsOf(key("a"), open, {upload("U9"), {"nobody's", "vega", {}}}, next);
        QCOMPARE(done, 205);
        // Once it ended, nothing more is given to it.
        m_executor.sink->finished(key("a"), {});
        m_executor.sink->claim(key("a"), s3Key, next);
        m_executor.sink->claimsOf(key("a"), open, {upload("U3")}, next);
        QTRY_COMPARE(done, 405);
        QTRY_VERIFY(state(run, "a") == TaskState::Done);
        QCOMPARE(kept(run, 1).claims, (QList<flow::Claim>{client, s3Key, upload("U2")}));
    }

    void stalledAttemptsLeaveTheirPlaces()
    {
        QList<model::TaskSpec> tasks;
        for (int i = 0; i < 4; ++i) {
            tasks.append(task(QString("t%1").arg(i), {}));
        }
        const QString hung = submit(tasks);
        QTRY_COMPARE(m_executor.orders.size(), 4);
        const QString other = submit({task("a", {})});
        QTRY_COMPARE(taskOf(other, "a").waitsFor, "all 4 places are taken by " + hung);
        m_clock.ms += 11'000;
        QTRY_VERIFY(m_engine->run(hung)->count(TaskState::Stalled) == 4);
        QTRY_VERIFY(m_executor.last("a"));
        QVERIFY(taskOf(other, "a").waitsFor.isEmpty());
    }

    void hangingAttemptsAreNotMadeWithoutEnd()
    {
        QList<model::TaskSpec> tasks;
        for (int i = 0; i < 20; ++i) {
            tasks.append(task(QString("t%1").arg(i), {}));
        }
        const QString run = submit(tasks);
        for (int begun = 4; begun <= 16; begun += 4) {
            QTRY_COMPARE(m_executor.orders.size(), begun);
            m_clock.ms += 11'000;
            QTRY_COMPARE(m_engine->run(run)->count(TaskState::Stalled), begun);
        }
        QTRY_COMPARE(taskOf(run, "t19").waitsFor, "all 4 places are taken by " + run);
        QCOMPARE(m_executor.orders.size(), 16);
    }

    void aLeftoverOfAFailedTaskIsFencedAndNothingElse()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        failTask("a");
        QTRY_VERIFY(state(run, "a") == TaskState::Failed);
        flow::AttemptRecord record = kept(run, 1);
        record.open = true;
        record.outcome = "reset failed";
        keep(record);
        m_fencer.result = fail(Error{.code = ErrorCode::Unavailable, .message = "no monitor"});
        reopen();
        QTRY_VERIFY(m_fencer.fenced.size() > 1);
        QCOMPARE(m_engine->openAttempts(run).size(), 1);
        m_fencer.result = {};
        QTRY_VERIFY(m_engine->openAttempts(run).isEmpty());
        QTRY_VERIFY(!kept(run, 1).open);
        QCOMPARE(kept(run, 1).outcome, "reset failed");
        QVERIFY(state(run, "a") == TaskState::Failed);
        QCOMPARE(m_executor.orders.size(), 0);
    }

    void nothingStartsBesideALeftover()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        m_executor.sink->gone(key("a"), "killed");
        QTRY_COMPARE(key("a").attempt, 2);
        flow::AttemptRecord record = kept(run, 1);
        record.open = true;
        keep(record);
        const qsizetype before = m_fencer.fenced.size();
        m_fencer.result =
            fail(Error{.code = ErrorCode::Unavailable, .message = "no monitor", .correction = "Call lyra."});
        m_fencer.onlyAttempt = 1;
        reopen();
        QTRY_VERIFY(m_fencer.fenced.size() > before);
        QTRY_COMPARE(taskOf(run, "a").waitsFor,
                     "an earlier attempt is still being fenced: no monitor. Call lyra.");
        m_fencer.result = {};
        QTRY_VERIFY(m_executor.last("a"));
        QCOMPARE(key("a").attempt, 3);
    }

    void aRunIsCancelledOnceItIsWritten()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        bool done = false;
        m_engine->cancel(run, [&done](const Result<void>& r) { done = r.has_value(); });
        QVERIFY(!m_engine->run(run)->cancelled);
        QTRY_VERIFY(done);
        QVERIFY(m_engine->run(run)->cancelled);
    }

    void aCancelledRunWithAFailedTaskEnds()
    {
        const QString run = submit({task("a", {}), task("b", {"a"})});
        QTRY_VERIFY(m_executor.last("a"));
        failTask("a");
        QTRY_VERIFY(state(run, "a") == TaskState::Failed);
        QVERIFY(m_engine->hasWork());
        m_engine->cancel(run, [](const Result<void>&) {});
        QTRY_VERIFY(m_engine->run(run)->endedAtMs > 0);
        QVERIFY(state(run, "a") == TaskState::Failed);
        QVERIFY(state(run, "b") == TaskState::Cancelled);
        QVERIFY(!m_engine->hasWork());
    }

    void theManifestOfARunThatRestsIsClosed()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        QCOMPARE(m_engine->manifests().openCount(), 1);
        failTask("a");
        QTRY_VERIFY(state(run, "a") == TaskState::Failed);
        QTRY_COMPARE(m_engine->manifests().openCount(), 0);
        bool opened = false;
        m_engine->manifests().with(m_engine->run(run)->number,
                                   [&opened](Result<store::Manifest*> m) { opened = m.has_value(); });
        QTRY_VERIFY(opened);
    }

    /// A verify against an empty manifest would say that all zero objects are there.
    void aManifestThatLostWhatATaskHasDoneIsNotUsed()
    {
        model::TaskSpec check = task("check", {"gate"}, "verify");
        check.body = test::verifyBody("a");
        const QString run = submit({task("a", {}), task("gate", {"a"}, "approve"), check});
        QTRY_VERIFY(m_executor.last("a"));
        const flow::AttemptKey key = m_executor.last("a")->key;
        bool kept = false;
        m_engine->commit(key, {{.name = "x", .size = 1}, {.name = "y", .size = 1}},
                         [&kept](const Result<void>& done) { kept = done.has_value(); });
        QTRY_VERIFY(kept);
        m_engine->finished(key, {{"objects", 2}, {"bytes", 2}});
        QTRY_VERIFY(state(run, "a") == TaskState::Done);
        const qint64 number = m_engine->run(run)->number;
        for (const bool lost : {false, true}) {
            if (lost) {
                for (const QString& name : QDir(m_dir->filePath("runs")).entryList({"R-*"})) {
                    QVERIFY(QFile::remove(m_dir->filePath("runs/" + name)));
                }
            }
            reopen();
            QString answer;
            m_engine->manifests().with(number, [&answer](const Result<store::Manifest*>& manifest) {
                answer = manifest.has_value() ? QStringLiteral("opened") : manifest.error().message;
            });
            QTRY_VERIFY(!answer.isEmpty());
            QVERIFY2(lost ? answer.contains("is not the whole manifest") : answer == "opened",
                     qPrintable(answer));
            QCOMPARE(m_engine->manifests().exists(number), !lost);
        }
    }

    void noManifestOutlivesThem()
    {
        const QString folder = m_dir->filePath("ended");
        for (int run = 1; run <= 5; ++run) {
            auto manifests = std::make_unique<flow::Manifests>(folder);
            manifests->with(run, [](const Result<store::Manifest*>&) {});
            // No events meanwhile: it is being opened, or was and is not taken yet.
            const QDeadlineTimer limit(test::kPatienceMs);
            while (!QFile::exists(manifests->file(run) + "-wal") && !limit.hasExpired()) {
                QThread::yieldCurrentThread();
            }
            manifests.reset();
            QCOMPARE(QDir(folder).entryList({"*-wal", "*-shm"}), QStringList());
        }
        QCOMPARE(QDir(folder).entryList({"R-*.db"}).size(), 5);
    }

    void aManifestAskedForWhileItIsClosedOpensAgain()
    {
        flow::Manifests manifests(m_dir->filePath("more"));
        int answered = 0;
        bool opened = false;
        manifests.with(1, [&](const Result<store::Manifest*>& manifest) {
            QVERIFY(manifest.has_value());
            opened = true;
            (*manifest)->commit("a", {{.task = "a", .name = "x", .size = 1, .fence = 1}}, &manifests,
                                [&answered](const Result<void>& done) { answered += done ? 1 : 100; });
        });
        QTRY_VERIFY(opened);
        manifests.close(1);
        qint64 found = 0;
        manifests.with(1, [&](const Result<store::Manifest*>& manifest) {
            QVERIFY(manifest.has_value());
            (*manifest)->totals("a", &manifests,
                                [&found](Result<store::ManifestTotals> totals) { found = totals->objects; });
        });
        QTRY_COMPARE(found, 1);
        QCOMPARE(answered, 1);
    }

    void aCancelWhileTheAttemptBeginsStartsNothing()
    {
        // Somebody writes in the manifest, so the attempt's fence is not raised yet when the cancel comes.
        auto busy = store::Manifest::open(m_engine->manifests().file(1));
        QVERIFY(busy.has_value());
        QSemaphore writing;
        (*busy)->database().write(
            [&writing](store::Tx&) -> Result<void> {
                writing.acquire();
                return {};
            },
            m_engine.get(), {});
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(state(run, "a") == TaskState::Running);
        const flow::Task& begun = taskOf(run, "a");
        const flow::AttemptKey key{m_engine->run(run)->number, 0, begun.attempt, begun.fence};
        m_engine->cancel(run, [](const Result<void>&) {});
        QTRY_VERIFY(m_engine->run(run)->cancelled);
        // The executor's first word may come while the end is being written.
        m_engine->started(key, 1, 1);
        writing.release();
        QTRY_VERIFY(m_engine->run(run)->endedAtMs > 0);
        QVERIFY(state(run, "a") == TaskState::Cancelled);
        QTRY_COMPARE(m_engine->manifests().openCount(), 0);
        QVERIFY(!m_executor.last("a"));
    }
};

QTEST_GUILESS_MAIN(TestFlowAttempts)
#include "tst_flow_attempts.moc"
