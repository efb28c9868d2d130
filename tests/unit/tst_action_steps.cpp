#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>

#include "actions/action_methods.h"
#include "actions/action_runner.h"
#include "patience.h"
#include "store/database.h"

using namespace sluice;
using actions::Call;
using actions::Effect;
using actions::Outcome;
using actions::Plan;
using actions::Step;

class ShiftedClock final : public Clock {
public:
    qint64 shiftMs{};
    qint64 nowMs() const override { return SystemClock().nowMs() + shiftMs; }
    qint64 monotonicMs() const override { return SystemClock().monotonicMs() + shiftMs; }
};

/// Described actions, from the row of the protocol to the record of each step.
class TestActionSteps : public QObject {
    Q_OBJECT

    using Answer = std::optional<Result<QJsonObject>>;

    std::unique_ptr<QTemporaryDir> m_dir;
    ShiftedClock m_clock;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<audit::AuditLog> m_audit;
    std::unique_ptr<actions::RequestBook> m_requests;
    std::unique_ptr<actions::KeptActions> m_kept;
    std::unique_ptr<actions::ActionRunner> m_runner;
    std::unique_ptr<rpc::MethodTable> m_table;
    // The system that is acted on: a valve that is closed and a tank that is emptied.
    int m_level{};
    QStringList m_acts;
    Step::Acted m_hangs;
    bool m_hang{};
    int m_failures{};
    Outcome m_close{Outcome::Done};
    QStringList m_over;
    QStringList m_overAt;  // the records by then
    bool m_overHangs{};
    Result<QString> m_seen{QString("the gauge says 0")};

    actions::Description drain()
    {
        return {.method = "tank.drain",
                .actionClass = 2,
                .params = {{"tank", "string", true, "its name"}},
                .planMembers = "{tank, level}",
                .doc = "Empties a tank.",
                .planDoc = "What emptying it would lose.",
                .plan =
                    [this](const Call& call, actions::Description::Planned done) {
                        const QString tank = call.params["tank"].toString();
                        if (tank != "t1") {
                            done(fail(Error{.code = ErrorCode::NotFound, .message = "no such tank"}));
                            return;
                        }
                        done(Plan{.title = "Drain " + tank,
                                  .objects = {"tank/" + tank},
                                  .decided = {{"tank", tank}, {"level", m_level}},
                                  .cannotUndo = {"The water is gone."}});
                    },
                .steps =
                    [this](const Call& call) {
                        const QString tank = call.params["tank"].toString();
                        return QList<Step>{
                            {.id = "close",
                             .title = "Close the valve of " + tank,
                             .checkedBy = "it is closed",
                             .name = "valve.close",
                             .act =
                                 [this](Step::Acted done) {
                                     m_acts.append("close");
                                     done(Effect{.outcome = m_close, .by = "the valve says so"});
                                 }},
                            {.id = "empty",
                             .title = "Empty " + tank,
                             .checkedBy = "the gauge says 0",
                             .name = "tank.empty",
                             .act =
                                 [this](Step::Acted done) {
                                     m_acts.append("empty");
                                     if (m_hang) {
                                         m_hangs = std::move(done);
                                     } else if (m_failures-- > 0) {
                                         done(fail(
                                             Error{.code = ErrorCode::Unavailable, .message = "no answer"}));
                                     } else {
                                         done(Effect{});
                                     }
                                 },
                             .verify = [this](Step::Seen seen) { seen(m_seen); }}};
                    },
                .resumes = true,
                .alone = true,
                .over =
                    [this](const Call&, const Result<QJsonObject>& result, std::function<void()> then) {
                        m_over.append(result ? QString("worked") : result.error().message);
                        m_overAt = told();
                        if (!m_overHangs) {
                            then();
                        }
                    }};
    }

    // Heating: it is warm at a time, and boils when the test says so.
    qint64 m_patienceMs{60'000};
    int m_asked{};
    qint64 m_warmAt{};
    QList<Result<Effect>> m_boils;

    actions::Description heat()
    {
        actions::Description heat = drain();
        heat.method = "tank.heat";
        heat.actionClass = 1;
        heat.aloneAs = "tank.drain";
        heat.tireless = true;
        heat.over = {};
        heat.steps = [this](const Call&) {
            return QList<Step>{{.id = "light",
                                .name = "tank.light",
                                .act =
                                    [this](Step::Acted done) {
                                        m_acts.append("light");
                                        done(Effect{});
                                    }},
                               {.id = "warm",
                                .name = "tank.warm",
                                .notBefore =
                                    [this] {
                                        ++m_asked;
                                        return m_warmAt;
                                    },
                                .waitText = "warms until %1",
                                .act =
                                    [this](Step::Acted done) {
                                        m_acts.append("warm");
                                        done(Effect{});
                                    }},
                               {.id = "boil", .name = "tank.boil", .act = [this](Step::Acted done) {
                                    m_acts.append("boil");
                                    done(m_boils.isEmpty() ? Effect{} : m_boils.takeFirst());
                                }}};
        };
        return heat;
    }
    /// Of the row of an action: what is said of a step.
    QString said(const QString& step, const QString& id = "A-1")
    {
        for (const QJsonValue& one : m_runner->row(id)["steps"].toArray()) {
            if (one["id"] == step) {
                return one["detail"].toString();
            }
        }
        return {};
    }
    void begin(const QString& requestId)
    {
        m_table->dispatch({.method = "tank.heat",
                           .params = {{"tank", "t1"}, {"requestId", requestId}},
                           .principal = {.name = "anna", .role = rpc::Role::Operator, .via = "test"},
                           .requestId = requestId},
                          [](const Result<QJsonObject>&) {});
    }

    void open()
    {
        m_table.reset();
        m_runner.reset();
        m_kept.reset();
        m_requests.reset();
        m_audit.reset();
        m_database.reset();
        m_database = std::move(*store::Database::open(
            {.file = m_dir->filePath("s.db"),
             .parts = {actions::RequestBook::schema(), actions::KeptActions::schema()}}));
        m_audit = std::move(*audit::AuditLog::open(m_dir->filePath("audit.db"), m_clock));
        m_requests = std::make_unique<actions::RequestBook>(*m_database);
        m_kept = std::make_unique<actions::KeptActions>(*m_database);
        QVERIFY(m_requests->load(m_clock.nowMs()).has_value() && m_kept->load().has_value());
        m_runner = std::make_unique<actions::ActionRunner>(*m_audit, *m_requests, m_clock, m_kept.get());
        m_table = std::make_unique<rpc::MethodTable>();
        m_runner->setPace({.retryMs = 1, .lookMs = 1, .patienceMs = m_patienceMs});
        actions::addAction(*m_table, m_runner.get(), drain());
        actions::addAction(*m_table, m_runner.get(), heat());
    }

    Result<QJsonObject> call(const QString& method, QJsonObject params)
    {
        Answer answer;
        rpc::Request request{.method = method,
                             .params = params,
                             .principal = {.name = "anna", .role = rpc::Role::Operator, .via = "test"},
                             .requestId = params["requestId"].toString()};
        m_table->dispatch(request, [&answer](const Result<QJsonObject>& r) { answer = r; });
        return sluice::test::waitUntil([&answer] { return answer.has_value(); })
                   ? *answer
                   : fail(Error{.message = "no answer"});
    }
    QString planHash() { return (*call("tank.plan_drain", {{"tank", "t1"}}))["planHash"].toString(); }
    Result<QJsonObject> drainIt(const QString& requestId, const QString& hash)
    {
        return call("tank.drain", {{"tank", "t1"}, {"planHash", hash}, {"requestId", requestId}});
    }
    QString state(const QString& id = "A-1") { return m_runner->row(id)["state"].toString(); }
    QStringList steps(const QString& id = "A-1")
    {
        QStringList list;
        for (const QJsonValue& step : m_runner->row(id)["steps"].toArray()) {
            list.append(step["id"].toString() + ' ' + step["state"].toString());
        }
        return list;
    }
    /// All records, oldest first: "action outcome".
    QStringList told()
    {
        std::optional<QStringList> found;
        m_audit->list(0, 100, m_audit.get(), [&found](const Result<QList<audit::Record>>& records) {
            QStringList list;
            for (const audit::Record& record : *records) {
                list.prepend(record.action + ' ' + record.outcome);
            }
            found = list;
        });
        return sluice::test::waitUntil([&found] { return found.has_value(); }) ? *found : QStringList();
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_level = 7;
        m_clock.shiftMs = 0;
        m_patienceMs = 60'000;
        m_asked = 0;
        m_warmAt = 0;
        m_boils.clear();
        m_acts.clear();
        m_over.clear();
        m_overHangs = false;
        m_hang = false;
        m_hangs = {};
        m_failures = 0;
        m_close = Outcome::Done;
        m_seen = QString("the gauge says 0");
        open();
    }

    void aStepWaitsForItsTimeAlsoInTheNextLife()
    {
        m_warmAt = m_clock.nowMs() + 3'600'000;
        begin("h1");
        const QString says = "warms until " + toRfc3339(m_warmAt);
        QTRY_COMPARE(said("warm"), says);
        QCOMPARE(m_acts, QStringList{"light"});
        open();
        m_warmAt += 3'600'000;
        m_runner->carryOn();
        QTRY_COMPARE(said("warm"), says);
        QCOMPARE(m_acts, QStringList{"light"});
        QCOMPARE(m_asked, 1);
        m_clock.shiftMs = 3'600'000;
        QTRY_COMPARE(state(), "done");
        QCOMPARE(m_acts, (QStringList{"light", "warm", "boil"}));
        QCOMPARE(m_asked, 1);
    }

    void whatWaitsIsLookedAtAgainAndRecordedOnce()
    {
        m_boils = {Effect{.by = "it is 80 degrees", .waits = true},
                   Effect{.by = "it is 90 degrees", .waits = true}};
        QStringList details;
        connect(m_runner.get(), &LiveTopic::changed, this, [&] {
            if (const QString detail = said("boil"); !detail.isEmpty() && !details.contains(detail)) {
                details.append(detail);
            }
        });
        begin("h1");
        QTRY_COMPARE(state(), "done");
        QCOMPARE(m_acts, (QStringList{"light", "warm", "boil", "boil", "boil"}));
        QCOMPARE(details, (QStringList{"it is 80 degrees", "it is 90 degrees"}));
        QCOMPARE(told().filter("tank.boil"), (QStringList{"tank.boil intent", "tank.boil done"}));
    }

    void anEarlierStepIsDoneAgain()
    {
        m_boils = {Effect{.by = "it went out", .backTo = "light"}};
        m_warmAt = m_clock.nowMs() - 1;
        begin("h1");
        QTRY_COMPARE(state(), "done");
        QCOMPARE(m_acts, (QStringList{"light", "warm", "boil", "light", "warm", "boil"}));
        QCOMPARE(m_asked, 1);
        QCOMPARE(told(),
                 (QStringList{"tank.heat intent", "tank.light intent", "tank.light done", "tank.warm intent",
                              "tank.warm done", "tank.boil intent", "tank.boil waits", "tank.light intent",
                              "tank.light done", "tank.warm intent", "tank.warm done", "tank.boil intent",
                              "tank.boil done", "tank.heat done"}));
        QCOMPARE(steps(), (QStringList{"light done", "warm done", "boil done"}));
    }

    void theTirelessTryAgainWhateverItTakes()
    {
        m_patienceMs = 0;
        open();
        m_boils = QList<Result<Effect>>(4, fail(Error{.code = ErrorCode::Unavailable, .message = "no gas"}));
        begin("h1");
        QTRY_COMPARE(state(), "done");
        QCOMPARE(m_acts.count("boil"), 5);
        // Who is not gives up.
        m_failures = 1;
        QVERIFY(drainIt("d1", planHash()).has_value());
        QTRY_COMPARE(state("A-2"), "failed");
    }

    void thoseOfOneWordExcludeEachOther()
    {
        m_hang = true;
        QVERIFY(drainIt("d1", planHash()).has_value());
        QTRY_VERIFY(m_hangs);
        const auto refused = call("tank.heat", {{"tank", "t1"}, {"requestId", "h1"}});
        QVERIFY(!refused && refused.error().message.contains("is under way"));
        std::exchange(m_hangs, {})(Effect{});
        QTRY_COMPARE(state(), "done");
        QVERIFY(call("tank.heat", {{"tank", "t1"}, {"requestId", "h2"}}).has_value());
    }

    void whatTheEngineDoesByItselfIsRecordedAsItsOwn()
    {
        Answer answer;
        m_runner->requestByEngine("tank.heat", {{"tank", "t1"}}, "stoker",
                                  [&answer](const Result<QJsonObject>& r) { answer = r; });
        QTRY_VERIFY(answer);
        QCOMPARE((**answer)["action"].toString(), "A-1");
        QCOMPARE(m_runner->row("A-1")["principal"].toString(), "engine");
        QCOMPARE(told().first(), "tank.heat intent");
        QCOMPARE(told().last(), "tank.heat done");
    }

    void aDescriptionIsTwoRowsOfTheProtocol()
    {
        const rpc::Method* plan = m_table->find("tank.plan_drain");
        const rpc::Method* change = m_table->find("tank.drain");
        QVERIFY(plan && change);
        QVERIFY(plan->role == rpc::Role::Viewer && !plan->mutation && plan->actionClass == 0);
        QVERIFY(change->role == rpc::Role::Operator && change->mutation && change->actionClass == 2);
        const QString document = m_table->toMarkdown();
        for (const char* text : {"tank.plan_drain", "What emptying it would lose.", "Empties a tank."}) {
            QVERIFY2(document.contains(text), text);
        }
        rpc::MethodTable alone;
        actions::addAction(alone, nullptr, drain());
        actions::addAction(alone, nullptr, heat());
        QCOMPARE(alone.toMarkdown(), document);
    }

    void eachStepIsRecordedBeforeAndAfterAndSaysWhatItCameTo()
    {
        const QJsonObject plan = (*call("tank.plan_drain", {{"tank", "t1"}}))["plan"].toObject();
        QCOMPARE(plan["action"].toString(), "tank.drain");
        QCOMPARE(plan["steps"].toArray().size(), 2);
        QCOMPARE(plan["steps"].toArray().at(1)["checkedBy"].toString(), "the gauge says 0");
        const auto answer = drainIt("q1", planHash());
        QVERIFY(answer.has_value());
        QCOMPARE((*answer)["action"].toString(), "A-1");
        QTRY_COMPARE(state(), "done");
        QCOMPARE(steps(), (QStringList{"close done", "empty verified"}));
        QCOMPARE(m_runner->row("A-1")["steps"].toArray().at(1)["detail"].toString(), "the gauge says 0");
        QCOMPARE(told(), (QStringList{"tank.drain intent", "valve.close intent", "valve.close done",
                                      "tank.empty intent", "tank.empty verified", "tank.drain done"}));
    }

    void whatAllStepsComeToTogether_data()
    {
        QTest::addColumn<int>("close");
        QTest::addColumn<QString>("whole");
        QTest::newRow("done") << int(Outcome::Done) << "done";
        QTest::newRow("already so") << int(Outcome::AlreadySo) << "verified";
        QTest::newRow("not needed") << int(Outcome::NotNeeded) << "verified";
    }
    void whatAllStepsComeToTogether()
    {
        QFETCH(int, close);
        QFETCH(QString, whole);
        m_close = Outcome(close);
        QVERIFY(drainIt("q1", planHash()).has_value());
        QTRY_COMPARE(state(), whole);
    }

    void aStepThatIsNotSeenStopsTheRest()
    {
        m_seen = fail(Error{.code = ErrorCode::DeadlineExceeded, .message = "the gauge says 3"});
        QVERIFY(drainIt("q1", planHash()).has_value());
        QTRY_COMPARE(state(), "not verified");
        QCOMPARE(steps(), (QStringList{"close done", "empty not verified"}));
        QCOMPARE(told().mid(4), (QStringList{"tank.empty not verified", "tank.drain not verified"}));
        QVERIFY(m_runner->row("A-1")["detail"].toString().contains("the gauge says 3"));
    }

    void whatMayPassIsTriedAgain()
    {
        m_failures = 1;
        QStringList states;
        connect(m_runner.get(), &LiveTopic::changed, this, [&] {
            if (said("empty").contains("try again")) {
                states.append(state());
            }
        });
        QVERIFY(drainIt("q1", planHash()).has_value());
        QTRY_COMPARE(state(), "done");
        QCOMPARE(states, QStringList{"executing"});
        QCOMPARE(m_acts, (QStringList{"close", "empty", "empty"}));
        // It has been begun once.
        QCOMPARE(told().count("tank.empty intent"), 1);
    }

    void aPlanIsVoidOnceWhatWasDecidedOnIsAnother()
    {
        const QString hash = planHash();
        m_level = 8;
        const auto refused = drainIt("q1", hash);
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains("void"), qPrintable(refused.error().toLine()));
        QTRY_COMPARE(told(), QStringList{"tank.drain refused"});
        QVERIFY(m_acts.isEmpty());
        QVERIFY(!call("tank.plan_drain", {{"tank", "t9"}}));
    }

    void theSameRequestIsCarriedOutOnce()
    {
        const QString hash = planHash();
        QVERIFY(drainIt("q1", hash).has_value());
        QTRY_COMPARE(state(), "done");
        m_level = 0;  // whatever became of the tank
        QCOMPARE((*drainIt("q1", hash))["action"].toString(), "A-1");
        QCOMPARE(m_acts, (QStringList{"close", "empty"}));
    }

    void aNextLifeCarriesItOnFromTheStepThatHasNotEnded()
    {
        m_hang = true;
        const QString hash = planHash();
        QVERIFY(drainIt("q1", hash).has_value());
        QTRY_VERIFY(m_hangs);
        QCOMPARE(steps(), (QStringList{"close done", "empty running"}));
        open();
        m_hang = false;
        m_acts.clear();
        m_runner->start();
        // Who follows it waits: it is carried on as soon as the engine may act.
        QTRY_COMPARE(state(), "executing");
        QCOMPARE(steps(), (QStringList{"close done", "empty running"}));
        m_runner->carryOn();
        QTRY_COMPARE(state(), "done");
        QCOMPARE(m_acts, QStringList{"empty"});
        QCOMPARE(steps(), (QStringList{"close done", "empty verified"}));
        const QStringList records = told();
        QVERIFY(records.contains("tank.drain carried on after a restart"));
        QCOMPARE(records.last(), QString("tank.drain done"));
        const auto again = drainIt("q1", hash);
        QVERIFY2(again.has_value(), again ? "" : qPrintable(again.error().toLine()));
        QCOMPARE((*again)["action"].toString(), "A-1");
        // Once it has ended, a life after that has nothing to carry on.
        open();
        m_acts.clear();
        m_runner->start();
        m_runner->carryOn();
        QTRY_COMPARE(state(), "done");
        QVERIFY(m_acts.isEmpty());
        QCOMPARE(steps(), (QStringList{"close done", "empty verified"}));
    }

    void whatALaterReleaseAddsIsDoneAndNothingTwice_data()
    {
        QTest::addColumn<bool>("inOrder");
        QTest::newRow("outcomes by step") << false;
        QTest::newRow("outcomes in the order of the steps, as an earlier release kept them") << true;
    }
    void whatALaterReleaseAddsIsDoneAndNothingTwice()
    {
        QFETCH(const bool, inOrder);
        m_hang = true;
        QVERIFY(drainIt("q1", planHash()).has_value());
        QTRY_VERIFY(m_hangs);
        if (inOrder) {
            std::optional<Result<void>> written;
            m_database->write(
                [](store::Tx& tx) {
                    return tx.exec(
                        "UPDATE action SET body = json_set(json_remove(body, '$.ended'), "
                        "'$.outcomes', json_array('done'))",
                        {});
                },
                this, [&written](const Result<void>& r) { written = r; });
            QTRY_VERIFY(written && *written);
        }
        open();
        m_hang = false;
        m_acts.clear();
        auto later = drain();
        later.steps = [this, steps = later.steps](const Call& call) {
            return QList<Step>{{.id = "look",
                                .title = "Look at the valve",
                                .checkedBy = "it is there",
                                .act =
                                    [this](Step::Acted done) {
                                        m_acts.append("look");
                                        done(Effect{});
                                    }}} +
                   steps(call);
        };
        m_runner->add(later);
        m_runner->start();
        QTRY_COMPARE(state(), "executing");
        m_runner->carryOn();
        QTRY_COMPARE(state(), "done");
        QCOMPARE(m_acts, (QStringList{"look", "empty"}));
        QCOMPARE(steps(), (QStringList{"look done", "close done", "empty verified"}));
    }

    /// Killed between its failure and the record of its end.
    void whatFailedEndsInTheNextLifeAsItWould()
    {
        m_overHangs = true;
        m_seen = fail(Error{.code = ErrorCode::DeadlineExceeded, .message = "the gauge says 3"});
        QVERIFY(drainIt("q1", planHash()).has_value());
        QTRY_COMPARE(m_over, QStringList{"the gauge says 3"});
        open();
        m_overHangs = false;
        m_seen = QString("the gauge says 0");
        m_acts.clear();
        m_runner->start();
        m_runner->carryOn();
        QTRY_COMPARE(state(), "not verified");
        QVERIFY(m_acts.isEmpty());
        QCOMPARE(m_over, (QStringList{"the gauge says 3", "the gauge says 3"}));
        QCOMPARE(steps(), (QStringList{"close done", "empty not verified"}));
        QTRY_COMPARE(told().last(), QString("tank.drain not verified"));
        QVERIFY(m_runner->row("A-1")["detail"].toString().contains("the gauge says 3"));
        QVERIFY(!drainIt("q1", planHash()));
        // Its end is stored now.
        open();
        QVERIFY(m_kept->left().isEmpty());
    }

    void whatNobodyCarriesOnHasNoStepUnderWay()
    {
        m_hang = true;
        m_hangs = {};
        QVERIFY(drainIt("q1", planHash()).has_value());
        QTRY_VERIFY(m_hangs);
        open();
        m_kept->takeLeft();
        m_runner->start();
        QTRY_COMPARE(state(), "outcome unknown");
        QCOMPARE(steps(), (QStringList{"close done", "empty outcome unknown"}));
        QCOMPARE(m_runner->row("A-1")["stepsEnded"].toInt(), 2);
    }

    void oneAtATimeForAnObject()
    {
        m_hang = true;
        const QString hash = planHash();
        QVERIFY(drainIt("q1", hash).has_value());
        QTRY_VERIFY(m_hangs);
        const auto second = drainIt("q2", hash);
        QVERIFY(!second);
        QVERIFY2(second.error().message.contains("'Drain t1' is under way"),
                 qPrintable(second.error().toLine()));
        QTRY_COMPARE(told().last(), QString("tank.drain refused"));
        // Nor in the next life, which carries the first on.
        open();
        m_hangs = {};
        m_runner->carryOn();
        QTRY_VERIFY(m_hangs);
        QVERIFY(!drainIt("q3", hash));
        m_hang = false;
        std::exchange(m_hangs, {})(Effect{});
        QTRY_COMPARE(state(), "done");
        QVERIFY(drainIt("q4", hash).has_value());
    }

    void whatFailedIsPutRightBeforeItsEndIsRecorded()
    {
        m_seen = fail(Error{.code = ErrorCode::DeadlineExceeded, .message = "the gauge says 3"});
        QVERIFY(drainIt("q1", planHash()).has_value());
        QTRY_COMPARE(state(), "not verified");
        QCOMPARE(m_over, QStringList{"the gauge says 3"});
        QCOMPARE(m_overAt.last(), QString("tank.empty not verified"));
        m_seen = QString("the gauge says 0");
        QVERIFY(drainIt("q2", planHash()).has_value());
        QTRY_COMPARE(state("A-2"), "done");
        QCOMPARE(m_over.last(), QString("worked"));
    }

    void whatThisEngineDoesNotKnowIsLeftForOneThatDoes()
    {
        m_hang = true;
        QVERIFY(drainIt("q1", planHash()).has_value());
        QTRY_VERIFY(m_hangs);
        open();
        auto unknown = drain();
        unknown.steps = {};
        m_runner->add(unknown);
        m_runner->start();
        QTRY_COMPARE(state(), "executing");
        m_acts.clear();
        m_runner->carryOn();
        QCOMPARE(state(), "outcome unknown");
        QVERIFY(m_runner->row("A-1")["detail"].toString().contains("cannot carry on tank.drain"));
        open();
        m_hang = false;
        m_runner->carryOn();
        QTRY_COMPARE(state(), "done");
        QCOMPARE(m_acts, QStringList{"empty"});
    }

    void whatIsUnderWayStaysShownHoweverManyCameAfter()
    {
        actions::ActionRows rows;
        rows.put("A-1", {{"state", "executing"}});
        rows.put("A-2", {{"state", "failed"}});
        for (int i = 3; i <= 202; ++i) {
            rows.put("A-" + QString::number(i), {{"state", "executing"}});
            rows.put("A-" + QString::number(i), {{"state", "verified"}});
        }
        QCOMPARE(rows.ids().size(), 200);
        QCOMPARE(rows.row("A-1")["state"].toString(), "executing");
        QVERIFY(rows.row("A-2").isEmpty() && rows.row("A-3").isEmpty() && !rows.row("A-4").isEmpty());
    }

    void longActionsShowTheStepsAroundTheOneUnderWay()
    {
        actions::ActionRows rows;
        QJsonArray planned;
        for (int i = 0; i < 200; ++i) {
            planned.append(QJsonObject{{"id", QString::number(i)}, {"title", "t"}, {"checkedBy", "c"}});
        }
        rows.put("A-1", {{"steps", actions::ActionRows::waiting(planned)}, {"plan", QJsonObject{{"a", 1}}}});
        for (int i = 0; i < 100; ++i) {
            QVERIFY(rows.setStep("A-1", QString::number(i), "verified", {}, {}));
        }
        const QJsonObject row = rows.row("A-1");
        QCOMPARE(row["steps"].toArray().size(), 60);
        QCOMPARE(row["steps"].toArray().first()["id"].toString(), "70");
        QCOMPARE(row["stepsTotal"].toInt(), 200);
        QCOMPARE(row["stepsEnded"].toInt(), 100);
        QVERIFY(!row.contains("plan"));
        QCOMPARE(rows.full("A-1")["steps"].toArray().size(), 200);
        QVERIFY(!rows.setStep("A-1", "200", "verified", {}, {}));
    }
};

QTEST_GUILESS_MAIN(TestActionSteps)
#include "tst_action_steps.moc"
