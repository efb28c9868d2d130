#include <QtCore/QTemporaryDir>
#include <QtSql/QSqlQuery>

#include "actions/action_runner.h"
#include "patience.h"
#include "store/database.h"

using namespace sluice;
using actions::Action;

class TestActions : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    SystemClock m_clock;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<audit::AuditLog> m_audit;
    std::unique_ptr<actions::RequestBook> m_requests;
    std::unique_ptr<actions::ActionRunner> m_runner;
    int m_executed{};

    void open()
    {
        m_runner.reset();
        m_requests.reset();
        m_audit.reset();
        m_database.reset();
        using actions::RequestBook;
        m_database = std::move(
            *store::Database::open({.file = m_dir->filePath("s.db"), .parts = {RequestBook::schema()}}));
        m_audit = std::move(*audit::AuditLog::open(m_dir->filePath("audit.db"), m_clock));
        m_requests = std::make_unique<actions::RequestBook>(*m_database);
        QVERIFY(m_requests->load(m_clock.nowMs()).has_value());
        m_runner = std::make_unique<actions::ActionRunner>(*m_audit, *m_requests, m_clock);
    }

    Action action(const QString& requestId)
    {
        return {.method = "flow.cancel",
                .title = "Cancel",
                .actionClass = 2,
                .objects = {"R-1"},
                .asker = {.principal = "anna",
                          .role = "operator",
                          .via = "test",
                          .requestId = requestId,
                          .reason = "because"},
                .execute = [this](Action::Done done) {
                    ++m_executed;
                    done(QJsonObject{{"n", m_executed}});
                }};
    }

    Result<QJsonObject> run(const Action& item)
    {
        std::optional<Result<QJsonObject>> answer;
        m_runner->run(item, [&answer](const Result<QJsonObject>& r) { answer = r; });
        if (!sluice::test::waitUntil([&answer] { return answer.has_value(); })) {
            return fail(Error{.message = "no answer"});
        }
        return *answer;
    }

    QList<audit::Record> records()
    {
        std::optional<QList<audit::Record>> found;
        m_audit->list(0, 100, m_audit.get(), [&found](Result<QList<audit::Record>> r) { found = *r; });
        if (!sluice::test::waitUntil([&found] { return found.has_value(); })) {
            return {};
        }
        return found.value_or(QList<audit::Record>());
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_executed = 0;
        open();
    }

    void recordsBeforeAndAfter()
    {
        const auto answer = run(action("q1"));
        QVERIFY(answer.has_value());
        QCOMPARE((*answer)["n"].toInt(), 1);
        const auto written = records();
        QCOMPARE(written.size(), 2);
        QCOMPARE(written[1].outcome, "intent");
        QCOMPARE(written[0].outcome, "done");
        QCOMPARE(written[0].principal, "anna");
        QCOMPARE(written[1].reason, "because");
        QCOMPARE(m_runner->row("A-1")["state"].toString(), "done");
    }

    void theSameRequestIsCarriedOutOnceAlsoAcrossARestart()
    {
        QVERIFY(run(action("q1")).has_value());
        QCOMPARE((*run(action("q1")))["n"].toInt(), 1);
        open();
        QCOMPARE((*run(action("q1")))["n"].toInt(), 1);
        QCOMPARE(m_executed, 1);
        Action other = action("q1");
        other.method = "flow.reset";
        const auto refused = run(other);
        QVERIFY(!refused.has_value());
        QVERIFY(refused.error().code == ErrorCode::InvalidArgument);
    }

    void theLastActionsOutliveARestart()
    {
        QVERIFY(run(action("q1")).has_value());
        Action failing = action("q2");
        failing.title = "Fail";
        failing.execute = [](Action::Done done) {
            done(fail(Error{.code = ErrorCode::Aborted, .message = "no luck"}));
        };
        QVERIFY(!run(failing).has_value());
        Action lost = action("q3");
        lost.method = "flow.reset";
        lost.title = "Reset R-1";
        lost.execute = [](Action::Done) {};  // the engine ends before it is over
        m_runner->run(lost, [](const Result<QJsonObject>&) {});
        QTRY_COMPARE(m_runner->row("A-3")["state"].toString(), "executing");
        const QJsonObject first = m_runner->row("A-1");
        const QJsonObject second = m_runner->row("A-2");

        open();
        QVERIFY(m_runner->ids().isEmpty());
        m_runner->start();
        QTRY_COMPARE(m_runner->ids(), (QStringList{"A-3", "A-2", "A-1"}));
        for (const QJsonObject& before : {first, second}) {
            const QJsonObject now = m_runner->row(before["id"].toString());
            for (const char* member :
                 {"action", "title", "class", "principal", "objects", "state", "auditSeq"}) {
                QCOMPARE(now[QLatin1String(member)], before[QLatin1String(member)]);
            }
        }
        QVERIFY(m_runner->row("A-2")["detail"].toString().contains("no luck"));
        QCOMPARE(m_runner->row("A-3")["state"].toString(), "outcome unknown");
        QCOMPARE(m_runner->row("A-3")["title"].toString(), "Reset R-1");
        // What the next life says of it changes its row; a step of it does not.
        m_runner->appendRecord(lost.asker, "attempt.fence", 2, {"R-1"}, "verified", {});
        m_runner->appendRecord(lost.asker, "flow.reset", 2, {"R-1"}, "carried on after a restart", {});
        QTRY_COMPARE(m_runner->row("A-3")["state"].toString(), "executing");
        m_runner->appendRecord(lost.asker, "flow.reset", 2, {"R-1"}, "verified", {});
        QTRY_COMPARE(m_runner->row("A-3")["state"].toString(), "verified");
        QVERIFY(run(action("q4")).has_value());
        QCOMPARE(m_runner->ids().first(), QString("A-4"));
        open();
        m_runner->start();
        QTRY_COMPARE(m_runner->ids().size(), 4);
        QCOMPARE(m_runner->row("A-3")["state"].toString(), "verified");
    }

    void anIntentIsWrittenBeforeAnythingIsDone()
    {
        Action item = action("q1");
        QStringList before;
        Action::Done finish;
        item.planHash = "p";
        item.stateHash = "s";
        item.detail = {{"what", "R-1"}};
        item.execute = [&](Action::Done done) {
            finish = std::move(done);
            for (const audit::Record& record : records()) {
                before.append(record.outcome);
            }
        };
        std::optional<Result<QJsonObject>> answer;
        m_runner->run(item, [&answer](const Result<QJsonObject>& r) { answer = r; });
        QTRY_VERIFY(finish && !before.isEmpty());
        QCOMPARE(before, QStringList{"intent"});
        const audit::Record intent = records().first();
        QCOMPARE(intent.action, "flow.cancel");
        QCOMPARE(intent.role, "operator");
        QCOMPARE(intent.via, "test");
        QCOMPARE(intent.requestId, "q1");
        QCOMPARE(intent.planHash, "p");
        QCOMPARE(intent.stateHash, "s");
        QCOMPARE(intent.actionClass, 2);
        QCOMPARE(intent.objects, QStringList{"R-1"});
        QCOMPARE(intent.detail["what"].toString(), "R-1");
        QCOMPARE(intent.detail["actionId"].toString(), "A-1");
        QVERIFY(!answer);
        finish(QJsonObject());
        QTRY_VERIFY(answer.has_value());
        QCOMPARE(records().size(), 2);
    }

    void whatIsUnderWayIsNotBegunASecondTime()
    {
        Action item = action("q1");
        Action::Done finish;
        item.execute = [&](Action::Done done) {
            ++m_executed;
            finish = std::move(done);
        };
        std::optional<Result<QJsonObject>> first;
        m_runner->run(item, [&first](const Result<QJsonObject>& r) { first = r; });
        const auto atOnce = run(item);
        QVERIFY(!atOnce && atOnce.error().code == ErrorCode::OutcomeUnknown);
        QTRY_VERIFY(finish);
        const auto meanwhile = run(item);
        QVERIFY(!meanwhile && meanwhile.error().code == ErrorCode::OutcomeUnknown);
        finish(QJsonObject{{"n", 7}});
        QTRY_VERIFY(first.has_value());
        QCOMPARE((*run(item))["n"].toInt(), 7);
        QCOMPARE(m_executed, 1);
    }

    void anUnknownOutcomeIsNoFailure()
    {
        Action item = action("q1");
        item.execute = [](Action::Done done) {
            done(fail(Error{.code = ErrorCode::OutcomeUnknown, .message = "no answer in time"}));
        };
        QVERIFY(!run(item));
        QCOMPARE(records().first().outcome, "outcome unknown");
        QCOMPARE(records().first().detail["error"].toObject()["code"].toString(), "OutcomeUnknown");
        QCOMPARE(m_runner->row("A-1")["state"].toString(), "outcome unknown");
        QVERIFY(m_runner->row("A-1")["detail"].toString().contains("no answer in time"));
    }

    void isVerifiedBeforeItIsAnswered()
    {
        Action item = action("q1");
        Action::Verified verified;
        QJsonObject looksAt;
        item.verify = [&](const QJsonObject& answer, const Action::Verified& done) {
            looksAt = answer;
            verified = done;
        };
        std::optional<Result<QJsonObject>> answer;
        m_runner->run(item, [&answer](const Result<QJsonObject>& r) { answer = r; });
        QTRY_VERIFY(verified);
        QCOMPARE(looksAt["n"].toInt(), 1);
        QCOMPARE(looksAt["action"].toString(), "A-1");
        QVERIFY(!answer);
        QCOMPARE(records().size(), 1);
        QCOMPARE(m_runner->row("A-1")["state"].toString(), "executing");
        verified(QString("the run has ended"));
        QTRY_VERIFY(answer.has_value());
        QVERIFY(answer->has_value());
        QCOMPARE(records().first().outcome, "verified");
        QCOMPARE(records().first().detail["by"].toString(), "the run has ended");
        QCOMPARE(m_runner->row("A-1")["detail"].toString(), "the run has ended");
        QVERIFY(m_runner->row("A-1")["auditSeq"].toInteger() == records().first().seq);
    }

    void aFailureThatWasVerifiedNotIsToldAgainAfterARestart()
    {
        Action item = action("q1");
        item.verify = [](const QJsonObject&, const Action::Verified& done) {
            done(fail(Error{.code = ErrorCode::DeadlineExceeded, .message = "does not move"}));
        };
        QVERIFY(!run(item));
        open();
        const auto again = run(action("q1"));
        QVERIFY(!again && again.error().code == ErrorCode::DeadlineExceeded);
        QCOMPARE(m_executed, 1);
    }

    void everyActionHasANumberOfItsOwn()
    {
        QVERIFY(run(action("q1")).has_value());
        QVERIFY(run(action("q2")).has_value());
        open();
        QCOMPARE((*run(action("q3")))["action"].toString(), "A-3");
        QCOMPARE(m_runner->ids(), QStringList{"A-3"});
    }

    void theNewestTwoHundredRowsAreShown()
    {
        int answered = 0;
        for (int i = 0; i < 203; ++i) {
            m_runner->run(action(QString::number(i)),
                          [&answered](const Result<QJsonObject>&) { ++answered; });
        }
        QTRY_COMPARE(answered, 203);
        const QStringList ids = m_runner->ids();
        QCOMPARE(ids.size(), 200);
        QVERIFY(ids.contains("A-203") && ids.contains("A-4") && !ids.contains("A-3"));
        QVERIFY(m_runner->row("A-3").isEmpty());
    }

    void aRequestIdStandsForItsParameters()
    {
        const auto asking = [this](const QString& params) {
            Action item = action("q1");
            item.asker.paramsHash = params;
            return item;
        };
        QVERIFY(run(asking("h1")).has_value());
        for (const bool restarted : {false, true}) {
            if (restarted) {
                open();
            }
            for (const char* other : {"h2", ""}) {
                const auto refused = run(asking(other));
                QVERIFY2(!refused, other);
                QVERIFY(refused.error().code == ErrorCode::InvalidArgument);
                QVERIFY(refused.error().cause.contains("other parameters"));
                QVERIFY(refused.error().message.contains("A-1"));
            }
            QCOMPARE((*run(asking("h1")))["n"].toInt(), 1);
        }
        QCOMPARE(m_executed, 1);
    }

    void aFailedRequestIsNotRepeatedWithOtherParameters()
    {
        Action bad = action("q1");
        bad.asker.paramsHash = "h1";
        bad.execute = [](Action::Done done) {
            done(fail(Error{.code = ErrorCode::Unavailable, .message = "gone"}));
        };
        QVERIFY(!run(bad).has_value());
        open();
        bad.asker.paramsHash = "h2";
        QVERIFY(run(bad).error().code == ErrorCode::InvalidArgument);
        bad.asker.paramsHash = "h1";
        QCOMPARE(run(bad).error().message, "gone");
    }

    void aRequestLeftInTheMiddleIsNotSentAgainBlindly()
    {
        Action hanging = action("q1");
        hanging.execute = [this](Action::Done) { ++m_executed; };
        m_runner->run(hanging, [](const Result<QJsonObject>&) {});
        QTRY_COMPARE(m_executed, 1);
        open();
        const auto answer = run(action("q1"));
        QVERIFY(!answer.has_value());
        QVERIFY(answer.error().code == ErrorCode::OutcomeUnknown);
        QCOMPARE(m_executed, 1);
    }

    void aFailureIsRecordedAndRepeated()
    {
        Action bad = action("q1");
        bad.execute = [](Action::Done done) {
            done(fail(Error{.code = ErrorCode::Unavailable, .message = "gone"}));
        };
        QVERIFY(!run(bad).has_value());
        QCOMPARE(records().first().outcome, "failed");
        const auto again = run(action("q1"));
        QVERIFY(!again.has_value());
        QCOMPARE(again.error().message, "gone");
        QCOMPARE(m_executed, 0);
    }

    void whatDoesNotVerifyIsNotCalledDone()
    {
        Action item = action("q1");
        item.verify = [](const QJsonObject&, const Action::Verified& done) {
            done(fail(Error{.code = ErrorCode::DeadlineExceeded, .message = "does not move"}));
        };
        QVERIFY(!run(item).has_value());
        QCOMPARE(records().first().outcome, "not verified");
        QCOMPARE(m_runner->row("A-1")["state"].toString(), "not verified");
    }

    void withoutARecordNothingIsDone()
    {
        // Filled up to its last page, the record can take no more.
        bool closed = false;
        m_audit->database().write([](store::Tx& tx) { return tx.exec("PRAGMA query_only = 1"); }, this,
                                  [&closed](const Result<void>&) { closed = true; });
        QTRY_VERIFY(closed);
        const auto answer = run(action("q1"));
        QVERIFY(!answer.has_value());
        QVERIFY2(answer.error().message.contains("could not be written"),
                 qPrintable(answer.error().toLine()));
        QCOMPARE(m_executed, 0);
    }

    void anEarlyAnswerNamesTheAction()
    {
        Action item = action("q1");
        actions::Step::Acted finish;
        item.execute = {};
        item.steps = {{.id = "a", .act = [&](actions::Step::Acted done) { finish = std::move(done); }}};
        item.answersEarly = true;
        std::optional<Result<QJsonObject>> answer;
        int answers = 0;
        m_runner->run(item, [&](const Result<QJsonObject>& r) {
            answer = r;
            ++answers;
        });
        QVERIFY(!answer);
        QTRY_VERIFY(answer);
        QCOMPARE((**answer)["action"].toString(), "A-1");
        QTRY_VERIFY(finish);
        QCOMPARE(m_runner->row("A-1")["state"].toString(), "executing");
        finish(actions::Effect{});
        QTRY_COMPARE(m_runner->row("A-1")["state"].toString(), "done");
        // Its end is known once the next request is answered.
        QVERIFY(run(action("q2")).has_value());
        QCOMPARE(answers, 1);
    }

    void whatEndsBeforeItBeginsIsAnsweredWithItsError()
    {
        Action item = action("q1");
        item.execute = {};
        item.steps = {{.id = "a", .act = [this](const actions::Step::Acted&) { ++m_executed; }}};
        item.answersEarly = true;
        item.stillHolds = [](const auto& done) {
            done(fail(Error{.code = ErrorCode::FailedPrecondition, .message = "void"}));
        };
        const auto answer = run(item);
        QVERIFY(!answer);
        QCOMPARE(answer.error().message, "void");
        QCOMPARE(m_executed, 0);
    }

    void aRequestThatCouldNotBeKeptMayBeSentAgain()
    {
        const auto change = [this](const QString& sql) {
            bool done = false;
            m_database->write([sql](store::Tx& tx) { return tx.exec(sql); }, this,
                              [&done](const Result<void>& r) { done = r.has_value(); });
            return sluice::test::waitUntil([&done] { return done; });
        };
        QVERIFY(change("CREATE TRIGGER no BEFORE INSERT ON request BEGIN SELECT RAISE(ABORT, 'no'); END"));
        QVERIFY(!run(action("q1")));
        QVERIFY(!m_requests->find("q1"));
        QVERIFY(change("DROP TRIGGER no"));
        QVERIFY(run(action("q1")).has_value());
        QCOMPARE(m_executed, 1);
    }

    void oldRequestsAreForgottenButNeverTheLastNumber()
    {
        constexpr qint64 kDayMs = 24LL * 3600 * 1000;
        const qint64 now = m_clock.nowMs();
        const auto put = [this](const QString& id, qint64 at) {
            bool kept = false;
            m_requests->put(id, {.method = "m", .action = m_requests->nextActionId()}, at,
                            [&kept](const Result<void>& r) { kept = r.has_value(); });
            return sluice::test::waitUntil([&kept] { return kept; });
        };
        QVERIFY(put("old", now - 31 * kDayMs));
        QVERIFY(put("newer", now - 29 * kDayMs));
        open();
        QVERIFY(!m_requests->find("old"));
        QVERIFY(m_requests->find("newer"));
        QVERIFY(put("today", now + 60 * kDayMs));
        QVERIFY(!m_requests->find("newer"));
        open();
        QCOMPARE(m_requests->nextActionId(), "A-4");
    }

    void whatWasRefusedKeepsItsReason()
    {
        m_runner->appendRecord(action("r1").asker, "flow.cancel", 2, {"R-1"}, "refused", {});
        QTRY_COMPARE(records().size(), 1);
        QCOMPARE(records().first().reason, "because");
        QCOMPARE(records().first().outcome, "refused");
    }

    void theNewestTenThousandRequestsAreKept()
    {
        int open = 0;
        for (int i = 0; i < 10'600; ++i) {
            ++open;
            m_requests->put(QString::number(i), {.method = "m", .action = m_requests->nextActionId()},
                            m_clock.nowMs(), [&open](const Result<void>&) { --open; });
        }
        QTRY_COMPARE(open, 0);
        QVERIFY(!m_requests->find("0"));
        QVERIFY(m_requests->find("600"));
        int rows = 0;
        const auto counted = m_database->readNow([&rows](store::Tx& tx) {
            return tx.query("SELECT count(*) FROM request", {}, [&rows](const QSqlQuery& row) {
                rows = row.value(0).toInt();
                return false;
            });
        });
        QVERIFY(counted.has_value());
        QVERIFY2(rows <= 10'500, qPrintable(QString::number(rows)));
    }
};

QTEST_GUILESS_MAIN(TestActions)
#include "tst_actions.moc"
