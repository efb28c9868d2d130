#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>
#include <QtSql/QSqlQuery>
#include <QtTest/QTest>

#include "engine/reset_service.h"
#include "flow_fakes.h"
#include "store/database.h"

using namespace sluice;
using model::TaskState;

namespace {

constexpr auto kObject = "in/part-0";

/// One Ceph pool with objects and locks that can be looked at and changed.
class FakeCluster final : public engine::ClusterLink {
public:
    void call(const QString&, const QString& method, const QJsonObject& params, int, bool mutating, Reply reply) override
    {
        const QString object = params["object"].toString();
        if (mutating) {
            changes.append(method);
        }
        if (before) {
            before(method);
        }
        if (held && !mutating) {
            held->prepend([=, this] { answer(method, object, reply); });
        } else {
            answer(method, object, reply);
        }
    }
    void answer(const QString& method, const QString& object, const Reply& reply)
    {
        if (method == QLatin1String("object.stat")) {
            reply(objects.value(object, {{"exists", false}}));
        } else if (method == QLatin1String("lock.list")) {
            reply(QJsonObject{{"locks", locks.value(object)}});
        } else if (method == QLatin1String("lock.break")) {
            locks.remove(object);
            reply(QJsonObject{});
        } else if (method == QLatin1String("object.remove")) {
            objects.remove(object);
            reply(QJsonObject{});
        } else {
            reply(QJsonObject{});
        }
    }
    Result<void> mayAct(const QString&) const override { return {}; }

    void put(const QString& object, qint64 size, const QStringList& xattrs)
    {
        objects[object] = {{"exists", true},
                           {"sizeBytes", size},
                           {"version", 7},
                           {"omapKeys", 0},
                           {"xattrs", QJsonArray::fromStringList(xattrs)}};
    }
    void lock(const QString& object, const QJsonValue& sessionSeen)
    {
        const QJsonObject holder{{"client", "client.9"}, {"cookie", "c"}, {"address", "1.2.3.4:0/9"}, {"sessionSeen", sessionSeen}};
        locks[object] = QJsonArray{QJsonObject{{"lock", "l"}, {"holders", QJsonArray{holder}}}};
    }

    QHash<QString, QJsonObject> objects{};
    QHash<QString, QJsonArray> locks{};
    QStringList changes{};
    std::function<void(const QString& method)> before{};
    /// Answers that wait, the newest first.
    std::optional<QList<std::function<void()>>> held{};
};

model::TaskSpec copyTask()
{
    model::TaskSpec spec{.name = "a", .kind = model::TaskKind::Move, .stallAfterMs = 10'000};
    spec.from = *model::Location::parse("file:/a");
    spec.to = *model::Location::parse("rados://vega/train/in/");
    return spec;
}

}  // namespace

class TestReset : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<audit::AuditLog> m_audit;
    std::unique_ptr<actions::RequestBook> m_requests;
    std::unique_ptr<actions::ActionRunner> m_actions;
    std::unique_ptr<engine::CaseBook> m_cases;
    std::unique_ptr<flow::FlowEngine> m_flow;
    std::unique_ptr<engine::ResetService> m_resets;
    test::FakeClock m_clock;
    test::FakeExecutor m_executor;
    test::FakeFencer m_fencer;
    FakeCluster m_cluster;
    const actions::Asker m_anna{.principal = "anna", .role = "operator", .via = "test", .requestId = "q1"};

    void load()
    {
        const QStringList schema = flow::RunStore::schema() + engine::CaseBook::schema() + engine::ResetService::schema() +
                                   actions::RequestBook::schema();
        m_database = std::move(*store::Database::open({.file = m_dir->filePath("state.db"), .migrations = {{1, schema}}}));
        m_audit = std::move(*audit::AuditLog::open(m_dir->filePath("audit.db"), m_clock));
        m_requests = std::make_unique<actions::RequestBook>(*m_database);
        m_actions = std::make_unique<actions::ActionRunner>(*m_audit, *m_requests, m_clock);
        m_cases = std::make_unique<engine::CaseBook>(*m_database, m_clock);
        m_flow = std::make_unique<flow::FlowEngine>(
            flow::FlowEngine::Options{.manifestFolder = m_dir->filePath("runs"), .logFolder = m_dir->filePath("logs"), .lossBackoffMs = 5, .fenceRetryMs = 20},
            *m_database, m_fencer, m_clock);
        m_flow->addExecutor(model::TaskKind::Move, m_executor);
        m_resets = std::make_unique<engine::ResetService>(*m_flow, m_fencer, m_cluster, *m_cases, *m_actions, *m_database, m_clock);
        for (const auto& loaded : {m_flow->load(), m_cases->load(), m_resets->load()}) {
            QVERIFY2(loaded.has_value(), loaded ? "" : qPrintable(loaded.error().toLine()));
        }
    }

    void close()
    {
        m_resets.reset();
        m_flow.reset();
        m_cases.reset();
        m_actions.reset();
        m_requests.reset();
        m_audit.reset();
        m_database.reset();
    }

    /// As a kill and a new engine would.
    void restart()
    {
        close();
        m_executor.orders.clear();
        load();
        start();
    }

    void start()
    {
        m_flow->start();
        m_resets->start();
    }

    flow::Task& task() { return const_cast<flow::Task&>(m_flow->run("R-1")->tasks[0]); }
    flow::AttemptKey key() { return m_executor.orders.last().key; }

    /// Run R-1, whose only task waits for kObject until it stalls.
    void stall()
    {
        bool submitted = false;
        m_flow->submit({.name = "f", .tasks = {copyTask()}}, "text", "anna", [&submitted](const Result<QString>&) { submitted = true; });
        QTRY_VERIFY(submitted);
        QTRY_COMPARE(m_executor.orders.size(), 1);
        m_executor.sink->blocked(key(), {{"what", "lock"}, {"connection", "vega"}, {"object", kObject}});
        m_clock.ms += 11'000;
        QTRY_VERIFY(task().state == TaskState::Stalled);
    }

    QJsonObject planned()
    {
        std::optional<Result<QJsonObject>> made;
        m_resets->planner().plan("R-1", [&made](const Result<QJsonObject>& plan) { made = plan; });
        if (!QTest::qWaitFor([&made] { return made.has_value(); }) || !*made) {
            return {};
        }
        return **made;
    }

    QJsonArray dropped() { return planned()["plan"].toObject()["tasks"].toArray().first()["dropped"].toArray(); }

    struct Outcome {
        bool begun{};
        std::optional<Result<QJsonObject>> result{};
    };
    std::shared_ptr<Outcome> reset()
    {
        auto outcome = std::make_shared<Outcome>();
        m_resets->execute("R-1", planned()["planHash"].toString(), m_anna, [outcome] { outcome->begun = true; },
                          [outcome](const Result<QJsonObject>& result) { outcome->result = result; });
        return outcome;
    }

    qint64 count(const QString& sql)
    {
        qint64 number = -1;
        const auto read = m_database->readNow([&](store::Tx& tx) {
            return tx.query(sql, {}, [&number](const QSqlQuery& row) {
                number = row.value(0).toLongLong();
                return false;
            });
        });
        return read ? number : -1;
    }

    bool write(store::Database& database, const QString& sql, const QVariantList& values = {})
    {
        std::optional<bool> written;
        database.write([sql, values](store::Tx& tx) { return tx.exec(sql, values); }, this,
                       [&written](const Result<void>& result) { written = result.has_value(); });
        return QTest::qWaitFor([&written] { return written.has_value(); }) && *written;
    }

    /// The outcomes of the records of flow.reset, oldest first.
    QStringList outcomes()
    {
        std::optional<QStringList> found;
        m_audit->list(0, 100, m_audit.get(), [&found](const Result<QList<audit::Record>>& records) {
            QStringList list;
            for (const audit::Record& record : *records) {
                if (record.action == QLatin1String("flow.reset")) {
                    list.prepend(record.outcome);
                }
            }
            found = list;
        });
        return QTest::qWaitFor([&found] { return found.has_value(); }) ? *found : QStringList();
    }

    void keepPlan()
    {
        const QJsonObject body{{"plan", planned()["plan"]}, {"principal", "anna"}, {"role", "operator"}, {"via", "test"}, {"requestId", "q1"}};
        const QString text = QString::fromUtf8(QJsonDocument(body).toJson(QJsonDocument::Compact));
        QVERIFY(write(*m_database, "INSERT INTO reset (run, body) VALUES (?, ?)", {"R-1", text}));
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_clock.ms = 0;
        m_executor = {};
        m_fencer = {};
        m_cluster = {};
        load();
        start();
    }

    void cleanup() { close(); }

    void onlyWhatALockAloneMadeIsAShell_data()
    {
        QTest::addColumn<qint64>("size");
        QTest::addColumn<QStringList>("xattrs");
        QTest::addColumn<QJsonValue>("holderSeen");
        QTest::addColumn<int>("drops");
        QTest::newRow("a dead lock's") << 0LL << QStringList{"lock.l"} << QJsonValue(false) << 1;
        QTest::newRow("a user's attributes") << 0LL << QStringList{"lock.l", "user.owner"} << QJsonValue(false) << 0;
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
        QVERIFY2(outcome->result->has_value(), outcome->result->has_value() ? "" : qPrintable(outcome->result->error().toLine()));
        QVERIFY(outcome->begun);
        QCOMPARE(m_cluster.changes, QStringList({"blocklist.add", "lock.break", "object.remove"}));
        QCOMPARE(m_fencer.fenced.size(), 1);
        QTRY_COMPARE(m_executor.orders.size(), 2);
        QCOMPARE(key().attempt, 2);
        QTRY_COMPARE(count("SELECT count(*) FROM reset"), 0);
    }

    void aFailedCopyLeavesNothingHalfWritten()
    {
        bool submitted = false;
        m_flow->submit({.name = "f", .tasks = {copyTask()}}, "text", "anna", [&submitted](const Result<QString>&) { submitted = true; });
        QTRY_VERIFY(submitted);
        QTRY_COMPARE(m_executor.orders.size(), 1);
        for (const auto& [name, mark] : {std::pair("in/big", "R-1/a/1/1"), {"in/near", "R-1/a/1/1"}, {"in/whole", ""}, {"in/other", "R-7/a/1/1"}}) {
            m_cluster.put(name, 128, {});
            m_cluster.objects[name]["partialOf"] = mark;
        }
        m_executor.sink->progress(key(), {{"inFlight", QJsonArray{QJsonObject{{"name", "near"}}, QJsonObject{{"name", "whole"}}}}});
        m_executor.sink->unfinished(key(), {"big", "other"});
        m_executor.sink->failed(key(), {.code = ErrorCode::InvalidArgument, .message = "big is too large"});
        QTRY_VERIFY(task().state == TaskState::Failed);
        restart();
        QCOMPARE(dropped().size(), 2);
        QCOMPARE(dropped().first().toObject()["object"].toString(), "in/big");
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value());
        QVERIFY2(outcome->result->has_value(), outcome->result->has_value() ? "" : qPrintable(outcome->result->error().toLine()));
        const QStringList left = m_cluster.objects.keys();
        QCOMPARE(QSet<QString>(left.begin(), left.end()), QSet<QString>({"in/whole", "in/other"}));
        QTRY_COMPARE(m_executor.orders.size(), 1);
        m_executor.sink->finished(key(), {});
        QTRY_VERIFY(task().state == TaskState::Done);
        QVERIFY(task().unfinished.isEmpty());
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

    void isAnsweredWhenThePlanIsDurable()
    {
        stall();
        QList<qint64> kept;
        bool done = false;
        m_resets->execute("R-1", planned()["planHash"].toString(), m_anna,
                          [&] { kept.append(count("SELECT count(*) FROM reset")); },
                          [&done](const Result<QJsonObject>&) { done = true; });
        QTRY_VERIFY(done);
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
        QTRY_COMPARE(count("SELECT count(*) FROM reset"), 0);
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
        m_resets->planner().plan("R-1", [&again](const Result<QJsonObject>& plan) { again = plan ? (*plan)["planHash"].toString() : plan.error().toLine(); });
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
            // The first look is the plan's.
            if (method == QLatin1String("lock.list")) {
                m_cluster.lock(kObject, ++asked == 2 ? QJsonValue() : QJsonValue(false));
            }
        };
        const QString hash = planned()["planHash"].toString();
        asked = 0;
        std::optional<Result<QJsonObject>> result;
        m_resets->execute("R-1", hash, m_anna, [] {}, [&result](const Result<QJsonObject>& r) { result = r; });
        QTRY_COMPARE(asked, 2);
        QCOMPARE(m_cluster.changes, QStringList());
        QTRY_VERIFY(result.has_value());
        QCOMPARE(asked, 3);
        QVERIFY(result->has_value());
        QCOMPARE(m_cluster.changes, QStringList({"blocklist.add", "lock.break"}));
    }

    void keptObjectsAreNoProgress()
    {
        stall();
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value() && m_executor.orders.size() == 2);
        std::optional<bool> verified;
        m_resets->verify("R-1", **outcome->result, [&verified](const Result<void>& result) { verified = result.has_value(); });
        m_executor.sink->progress(key(), {{"objectsDone", 5}, {"objectsKept", 5}, {"bytesDone", 50}});
        QVERIFY(!QTest::qWaitFor([&verified] { return verified.has_value(); }, 700));
        m_executor.sink->progress(key(), {{"objectsDone", 6}, {"objectsKept", 5}, {"bytesDone", 60}});
        QTRY_VERIFY(verified.has_value());
        QVERIFY(*verified);
    }

    void aResetThatStandsStillForAMinuteIsNotVerified()
    {
        stall();
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value() && m_executor.orders.size() == 2);
        std::optional<Result<void>> verified;
        m_resets->verify("R-1", **outcome->result, [&verified](const Result<void>& result) { verified = result; });
        m_clock.ms += 59'000;
        m_executor.sink->progress(key(), {{"objectsDone", 5}, {"objectsKept", 5}, {"bytesDone", 50}});
        m_clock.ms += 59'000;
        QVERIFY(!QTest::qWaitFor([&verified] { return verified.has_value(); }, 700));
        m_clock.ms += 2'000;
        QTRY_VERIFY(verified.has_value());
        QVERIFY(!verified->has_value());
        QVERIFY(verified->error().code == ErrorCode::DeadlineExceeded);
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
        QVERIFY(write(m_audit->database(), "CREATE TRIGGER no BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'no'); END"));
        start();
        QVERIFY(!QTest::qWaitFor([this] { return !m_fencer.fenced.isEmpty() || !m_executor.orders.isEmpty(); }, 700));
        QCOMPARE(m_cluster.changes, QStringList());
        QCOMPARE(count("SELECT fence FROM task"), 1);
        QVERIFY(write(m_audit->database(), "DROP TRIGGER no"));
        QTRY_COMPARE_WITH_TIMEOUT(m_executor.orders.size(), 1, 10'000);
        QCOMPARE(outcomes(), QStringList{"carried on after a restart"});
    }

    void aCaseLeftInALatePhaseIsFoundAgain()
    {
        const QString lost = m_cases->found("R-7", "R-7/a", "a");
        const QString carried = m_cases->found("R-8", "R-8/a", "a");
        m_cases->setPhase(lost, "verify", "watching");
        m_cases->setPhase(carried, "carry out", "reset by anna");
        m_cases->foundAgain({"R-8"});
        QCOMPARE(m_cases->row(lost)["phase"].toString(), "found");
        QCOMPARE(m_cases->row(carried)["phase"].toString(), "carry out");
    }

    void oneOutageIsOneCase()
    {
        const auto full = [](const QString& cephPool, int distance) {
            return diagnosis::Diagnosis{.findings = {{.rule = "R10",
                                                      .title = "full",
                                                      .verdict = diagnosis::Verdict::Confirmed,
                                                      .distance = distance,
                                                      .evidence = {{.text = "full", .entity = cephPool}}}},
                                        .rule = "R10",
                                        .verdict = diagnosis::Verdict::Confirmed};
        };
        const QString first = m_cases->found("R-1", "R-1/a", "a");
        const QString second = m_cases->found("R-2", "R-2/a", "a");
        const QString other = m_cases->found("R-3", "R-3/a", "a");
        const QString near = m_cases->found("R-4", "R-4/a", "a");
        const QString late = m_cases->found("R-5", "R-5/a", "a");
        QCOMPARE(m_cases->diagnosed(first, full("vega/ceph-pool/train", 2)), first);
        QCOMPARE(m_cases->diagnosed(second, full("vega/ceph-pool/train", 2)), first);
        QCOMPARE(m_cases->diagnosed(other, full("vega/ceph-pool/raw", 2)), other);
        QCOMPARE(m_cases->diagnosed(near, full("vega/ceph-pool/train", 1)), near);
        m_cases->setPhase(first, "carry out", "reset by anna");
        QCOMPARE(m_cases->diagnosed(late, full("vega/ceph-pool/train", 2)), late);

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
        const QString id = m_cases->found("R-1", "R-1/a", "a");
        const auto outcome = reset();
        QTRY_VERIFY(outcome->result.has_value() && m_executor.orders.size() == 2);
        bool submitted = false;
        m_flow->submit({.name = "f", .tasks = {copyTask()}}, "text", "anna", [&submitted](const Result<QString>&) { submitted = true; });
        QTRY_VERIFY(submitted);
        QTRY_COMPARE(m_executor.orders.size(), 3);
        m_executor.sink->failed(key(), Error{.message = "full"});
        QTRY_VERIFY(m_flow->run("R-2")->tasks[0].state == TaskState::Failed);
        m_cases->found("R-1", "R-2/a", "a");
        bool verified = false;
        m_resets->verify("R-1", **outcome->result, [&verified](const Result<void>& result) { verified = result.has_value(); });
        m_executor.sink->progress(m_executor.orders[1].key, {{"objectsDone", 1}, {"bytesDone", 1}});
        QTRY_VERIFY(verified);
        QCOMPARE(m_cases->row(id)["phase"].toString(), "found");
    }

    void theNewestClosedCasesAreKept()
    {
        const QString open = m_cases->found("R-1", "R-1/a", "a");
        for (int i = 2; i <= 512; ++i) {
            m_cases->close(m_cases->found(QStringLiteral("R-%1").arg(i), "t", "a"), "it moves again");
        }
        QCOMPARE(m_cases->ids().size(), 501);
        QVERIFY(!m_cases->row(open).isEmpty());
        QVERIFY(m_cases->row("C-12").isEmpty());
        QVERIFY(!m_cases->row("C-13").isEmpty());
        QTRY_COMPARE(count("SELECT count(*) FROM case_row"), 501);
        restart();
        QCOMPARE(m_cases->ids().size(), 501);
    }
};

QTEST_GUILESS_MAIN(TestReset)
#include "tst_reset.moc"
