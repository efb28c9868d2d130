
#include "patience.h"
#include "worker/pending_calls.h"

using namespace sluice;
using namespace sluice::worker;

class TestWorkerPendingCalls : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void replyReachesItsCall();
    void readingCallExpires();
    void changingCallIsUnknown();
    void lateReplyIsDropped();
    void overdueIsNamed();
    void failAllTellsApart();
    void deadContextIsNotCalled();

private:
    PendingCalls::Call make(qint64 dueMs, Effect effect = Effect::Reads)
    {
        return {.method = QStringLiteral("lock.break"),
                .dueMs = dueMs,
                .effect = effect,
                .context = this,
                .callback = [this](const Result<QJsonObject>& result) { m_results << result; }};
    }
    QList<Result<QJsonObject>> takeResults() { return std::exchange(m_results, {}); }

    QList<Result<QJsonObject>> m_results{};
};

void TestWorkerPendingCalls::replyReachesItsCall()
{
    PendingCalls calls(2000);
    calls.add(make(100));
    const quint64 second = calls.add(make(100));
    calls.settle(second, QJsonObject{{"n", 2}});
    const auto results = takeResults();
    QCOMPARE(results.size(), 1);
    QCOMPARE(results[0]->value("n").toInt(), 2);
    QCOMPARE(calls.size(), 1);
}

void TestWorkerPendingCalls::readingCallExpires()
{
    PendingCalls calls(2000);
    calls.add(make(100));
    QCOMPARE(calls.nextDueMs().value(), 100);
    QCOMPARE(calls.expire(99), QString());
    QVERIFY(takeResults().isEmpty());
    QCOMPARE(calls.expire(100), QString());
    const auto results = takeResults();
    QCOMPARE(results.size(), 1);
    QCOMPARE(toString(results[0].error().code), toString(ErrorCode::DeadlineExceeded));
    QVERIFY(results[0].error().retryable);
    QCOMPARE(calls.nextDueMs().value(), 2100);
}

void TestWorkerPendingCalls::changingCallIsUnknown()
{
    PendingCalls calls(2000);
    calls.add(make(100, Effect::Mutates));
    QCOMPARE(calls.expire(150), QString());
    const auto results = takeResults();
    QCOMPARE(results.size(), 1);
    QCOMPARE(toString(results[0].error().code), toString(ErrorCode::OutcomeUnknown));
    QVERIFY(!results[0].error().retryable);
}

void TestWorkerPendingCalls::lateReplyIsDropped()
{
    PendingCalls calls(2000);
    const quint64 id = calls.add(make(100));
    QCOMPARE(calls.expire(150), QString());
    QCOMPARE(takeResults().size(), 1);
    calls.settle(id, QJsonObject());
    QVERIFY(takeResults().isEmpty());
    QCOMPARE(calls.size(), 0);
    QCOMPARE(calls.expire(99999), QString());
}

void TestWorkerPendingCalls::overdueIsNamed()
{
    PendingCalls calls(2000);
    calls.add(make(100));
    QCOMPARE(calls.expire(2099), QString());
    QCOMPARE(calls.expire(2100), QStringLiteral("lock.break"));
    QCOMPARE(takeResults().size(), 1);
}

void TestWorkerPendingCalls::failAllTellsApart()
{
    PendingCalls calls(2000);
    calls.add(make(100));
    calls.add(make(100, Effect::Mutates));
    calls.failAll(Error{.code = ErrorCode::Unavailable, .message = QStringLiteral("gone")});
    const auto results = takeResults();
    QCOMPARE(results.size(), 2);
    QCOMPARE(toString(results[0].error().code), toString(ErrorCode::Unavailable));
    QCOMPARE(toString(results[1].error().code), toString(ErrorCode::OutcomeUnknown));
    QCOMPARE(calls.size(), 0);
}

void TestWorkerPendingCalls::deadContextIsNotCalled()
{
    PendingCalls calls(2000);
    auto context = std::make_unique<QObject>();
    PendingCalls::Call call = make(100);
    call.context = context.get();
    const quint64 id = calls.add(call);
    context.reset();
    calls.settle(id, QJsonObject());
    QVERIFY(takeResults().isEmpty());
}

QTEST_GUILESS_MAIN(TestWorkerPendingCalls)
#include "tst_worker_pending_calls.moc"
