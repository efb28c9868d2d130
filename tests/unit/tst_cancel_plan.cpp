#include <QtCore/QJsonArray>

#include "actions/action_methods.h"
#include "engine/approve_action.h"
#include "engine/cancel_plan.h"
#include "flow_scene.h"

using namespace sluice;

class TestCancelPlan : public QObject, private test::FlowScene {
    Q_OBJECT

    Result<QJsonObject> planned(const QString& run) const
    {
        const actions::Description action = engine::cancelAction(m_engine.get(), &m_clock);
        const actions::Call call{.params = {{"run", run}}};
        std::optional<Result<QJsonObject>> answer;
        action.plan(call, [&](const Result<actions::Plan>& plan) {
            answer = plan ? Result<QJsonObject>(actions::planAnswer(action, call, *plan))
                          : Result<QJsonObject>(fail(plan.error()));
        });
        return answer.value_or(fail(Error{.message = "no answer at once"}));
    }
    QString hash(const QString& run) const { return (*planned(run))["planHash"].toString(); }

private Q_SLOTS:
    void init() { begin(); }
    void cleanup() { end(); }

    void saysWhatEnds()
    {
        const QString run = submit({task("a", {}), task("b", {"a"}), task("c", {"b"})});
        QTRY_VERIFY(m_executor.last("a"));
        m_executor.sink->finished(key("a"), {});
        QTRY_VERIFY(m_executor.last("b"));
        bool kept = false;
        m_executor.sink->claim(key("b"), {"client", "vega", {{"address", "127.0.0.1:0/77"}}},
                               [&kept](const Result<void>& r) { kept = r.has_value(); });
        QTRY_VERIFY(kept);
        const auto shown = planned(run);
        QVERIFY(shown.has_value());
        const QJsonObject plan = (*shown)["plan"].toObject();
        QCOMPARE(plan["action"].toString(), "flow.cancel");
        QCOMPARE(plan["ending"].toInt(), 1);
        QCOMPARE(plan["notStarted"].toInt(), 1);
        QCOMPARE(plan["done"].toInt(), 1);
        const QJsonObject ended = plan["tasks"].toArray().at(0).toObject();
        QCOMPARE(ended["task"].toString(), "b");
        QCOMPARE(ended["fenced"].toArray(), QJsonArray{"127.0.0.1:0/77"});
        QCOMPARE(plan["steps"].toArray().at(0).toObject()["title"].toString(),
                 "Kill and fence attempt 1 of b");
        QCOMPARE(plan["steps"].toArray().at(0).toObject()["checkedBy"].toString(),
                 "its process is reaped, its claims are gone");
        QCOMPARE(plan["steps"].toArray().size(), 2);
    }

    void eachStepHasANameOfItsOwn()
    {
        const QString run = submit({task("run", {}), task("a", {})});
        QTRY_COMPARE(m_engine->openAttempts(run).size(), 2);
        QSet<QString> ids;
        for (const QJsonValue& step : (*planned(run))["plan"].toObject()["steps"].toArray()) {
            ids.insert(step["id"].toString());
        }
        QCOMPARE(ids, (QSet<QString>{"run.end", "a.end", "run"}));
    }

    void isValidUntilTheRunEnds()
    {
        const QString run = submit({task("a", {}), task("b", {"a"})});
        QTRY_VERIFY(m_executor.last("a"));
        const QJsonObject first = *planned(run);
        m_executor.sink->progress(key("a"), {{"objectsDone", 3}});
        QCOMPARE(hash(run), first["planHash"].toString());
        m_executor.sink->finished(key("a"), {});
        QTRY_VERIFY(m_executor.last("b"));
        bool kept = false;
        m_executor.sink->claim(key("b"), {"client", "vega", {{"address", "127.0.0.1:0/77"}}},
                               [&kept](const Result<void>& r) { kept = r.has_value(); });
        QTRY_VERIFY(kept);
        const QJsonObject second = *planned(run);
        QCOMPARE(second["planHash"].toString(), first["planHash"].toString());
        // The record says what was really there to be ended.
        QVERIFY(second["stateHash"] != first["stateHash"]);
        QCOMPARE(second["plan"].toObject()["tasks"].toArray().at(0).toObject()["task"].toString(), "b");
        m_executor.sink->finished(key("b"), {});
        QTRY_VERIFY(m_engine->run(run)->endedAtMs > 0);
        QVERIFY(planned(run).error().code == ErrorCode::FailedPrecondition);
    }

    void isOfOneRunThatNobodyCancelledYet()
    {
        const QString run = submit({task("a", {})});
        const QString other = submit({task("a", {})});
        QTRY_COMPARE(m_engine->openAttempts(run).size(), 1);
        const QString first = hash(run);
        QVERIFY(hash(other) != first);
        m_fencer.result = fail(Error{.code = ErrorCode::Unavailable, .message = "no monitor"});
        m_engine->cancel(run, [](const Result<void>&) {});
        QTRY_VERIFY(m_engine->run(run)->cancelled);
        QVERIFY(hash(run) != first);
    }

    void anEndedOrUnknownRunHasNone()
    {
        QVERIFY(planned("R-9").error().code == ErrorCode::NotFound);
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        m_executor.sink->finished(key("a"), {});
        QTRY_VERIFY(m_engine->run(run)->endedAtMs > 0);
        QVERIFY(planned(run).error().code == ErrorCode::FailedPrecondition);
    }

    void isVerifiedOnlyWhenEveryAttemptIsFenced()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        m_fencer.result = fail(Error{.code = ErrorCode::Unavailable, .message = "no monitor"});
        m_engine->cancel(run, [](const Result<void>&) {});
        std::optional<Result<QString>> verified;
        engine::verifyCancel(*m_engine, run, m_clock,
                             [&verified](const Result<QString>& r) { verified = r; });
        QTRY_VERIFY(m_fencer.fenced.size() > 2);
        QVERIFY(!verified);
        m_fencer.result = {};
        QTRY_VERIFY(verified.has_value());
        QVERIFY(verified->has_value());
        QVERIFY(m_engine->openAttempts(run).isEmpty());
    }

    void isNotVerifiedAfterAMinute()
    {
        const QString run = submit({task("a", {})});
        QTRY_VERIFY(m_executor.last("a"));
        m_fencer.result =
            fail(Error{.code = ErrorCode::Unavailable, .message = "no monitor", .cause = "b and c are down"});
        m_engine->cancel(run, [](const Result<void>&) {});
        std::optional<Result<QString>> verified;
        engine::verifyCancel(*m_engine, run, m_clock,
                             [&verified](const Result<QString>& r) { verified = r; });
        QTRY_VERIFY(m_fencer.fenced.size() > 1);
        m_clock.ms += 60'000;
        QTRY_VERIFY(verified.has_value());
        QVERIFY(!verified->has_value());
        QCOMPARE(verified->error().cause, QString("not proved to be reaped and fenced within 60 s: attempt 1 "
                                                  "of a (no monitor: b and c are down)"));
    }

    void anApprovalIsSeenOnlyIfItIsThisOne()
    {
        const QString run = submit({task("gate", {}, "approve")});
        const auto step = [&](const QString& who, const QString& name) {
            const actions::Call call{.params = {{"run", run}, {"task", name}}, .asker = {.principal = who}};
            return engine::approveAction(m_engine.get()).steps(call).first();
        };
        const auto seen = [](const actions::Step& step) {
            std::optional<Result<QString>> by;
            step.verify([&by](const Result<QString>& result) { by = result; });
            return by.value_or(fail(Error{.message = "no answer at once"}));
        };
        QVERIFY2(seen(step("anna", "gate")).error().cause.contains("approved by nobody"),
                 qPrintable(seen(step("anna", "gate")).error().toLine()));
        std::optional<bool> acted;
        QTRY_VERIFY(taskOf(run, "gate").state == model::TaskState::Ready);
        step("anna", "gate").act([&acted](const Result<actions::Effect>& e) { acted = e.has_value(); });
        QTRY_VERIFY(acted.has_value());
        QVERIFY(*acted);
        QCOMPARE(seen(step("anna", "gate")).value_or(QString()), run + "/gate is done, approved by anna");
        QVERIFY(!seen(step("bert", "gate")));
        QVERIFY(!seen(step("anna", "nothing")));
    }
};

QTEST_GUILESS_MAIN(TestCancelPlan)
#include "tst_cancel_plan.moc"
