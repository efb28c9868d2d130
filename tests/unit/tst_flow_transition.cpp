#include <map>

#include "flow/rate.h"
#include "flow/transition.h"
#include "patience.h"

using namespace sluice;
using flow::TaskEvent;
using model::TaskState;

namespace {

constexpr TaskState kStates[] = {TaskState::Waiting,   TaskState::Ready,    TaskState::Running,
                                 TaskState::Verifying, TaskState::Done,     TaskState::Failed,
                                 TaskState::Stalled,   TaskState::Cancelled};
constexpr TaskEvent kEvents[] = {TaskEvent::NeedsMet, TaskEvent::Start,    TaskEvent::Verify,
                                 TaskEvent::Deadline, TaskEvent::Progress, TaskEvent::Finish,
                                 TaskEvent::Fail,     TaskEvent::Cancel,   TaskEvent::Reset};

}  // namespace

class TestFlowTransition : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The whole machine: what is not named here changes nothing.
    void everyStateMeetsEveryEvent()
    {
        using S = TaskState;
        using E = TaskEvent;
        std::map<std::pair<S, E>, S> machine{
            {{S::Waiting, E::NeedsMet}, S::Ready},   {{S::Ready, E::Start}, S::Running},
            {{S::Running, E::Verify}, S::Verifying}, {{S::Stalled, E::Verify}, S::Verifying},
            {{S::Running, E::Deadline}, S::Stalled}, {{S::Verifying, E::Deadline}, S::Stalled},
            {{S::Stalled, E::Progress}, S::Running}, {{S::Ready, E::Finish}, S::Done},
            {{S::Failed, E::Reset}, S::Ready},       {{S::Waiting, E::Cancel}, S::Cancelled},
            {{S::Ready, E::Cancel}, S::Cancelled},
        };
        for (const S active : {S::Running, S::Verifying, S::Stalled}) {
            machine.insert({{active, E::Finish}, S::Done});
            machine.insert({{active, E::Fail}, S::Failed});
            machine.insert({{active, E::Cancel}, S::Cancelled});
            machine.insert({{active, E::Reset}, S::Ready});
        }
        for (const S state : kStates) {
            for (const E event : kEvents) {
                const auto to = flow::next(state, event);
                const auto wanted = machine.find({state, event});
                const QString what =
                    model::toString(state) + QStringLiteral(" meets event %1").arg(int(event));
                QVERIFY2(to.has_value() == (wanted != machine.end()), qPrintable(what));
                QVERIFY2(!to || *to == wanted->second, qPrintable(what));
            }
        }
    }

    void doneAndCancelledAreTheEnd()
    {
        for (const TaskEvent event : kEvents) {
            QVERIFY(!flow::next(TaskState::Done, event));
            QVERIFY(!flow::next(TaskState::Cancelled, event));
        }
    }

    void onlyAResetLeavesFailed()
    {
        for (const TaskEvent event : kEvents) {
            const auto to = flow::next(TaskState::Failed, event);
            QCOMPARE(to.has_value(), event == TaskEvent::Reset);
        }
        QVERIFY(flow::next(TaskState::Failed, TaskEvent::Reset) == TaskState::Ready);
    }

    void nothingStartsBeforeItsNeedsAreMet()
    {
        QVERIFY(!flow::next(TaskState::Waiting, TaskEvent::Start));
        QVERIFY(!flow::next(TaskState::Waiting, TaskEvent::Finish));
        QVERIFY(flow::next(TaskState::Waiting, TaskEvent::NeedsMet) == TaskState::Ready);
        QVERIFY(flow::next(TaskState::Ready, TaskEvent::Start) == TaskState::Running);
    }

    void aStalledTaskThatMovesRunsAgain()
    {
        QVERIFY(flow::next(TaskState::Running, TaskEvent::Deadline) == TaskState::Stalled);
        QVERIFY(flow::next(TaskState::Verifying, TaskEvent::Deadline) == TaskState::Stalled);
        QVERIFY(flow::next(TaskState::Stalled, TaskEvent::Progress) == TaskState::Running);
        QVERIFY(!flow::next(TaskState::Running, TaskEvent::Progress));
    }

    void everyOpenStateCanBeCancelled()
    {
        for (const TaskState state : kStates) {
            QCOMPARE(flow::next(state, TaskEvent::Cancel).has_value(), !isFinal(state));
        }
    }

    void wordsRoundTrip()
    {
        for (const TaskState state : kStates) {
            QCOMPARE(model::taskStateWords().indexOf(model::toString(state)), static_cast<int>(state));
        }
    }

    void rateLooksAtTenSeconds()
    {
        flow::Rate rate;
        QCOMPARE(rate.perSecond(0), 0.0);
        for (int i = 0; i <= 20; ++i) {
            rate.sample(i * 1000, i * 100);
        }
        QCOMPARE(rate.perSecond(20'000), 100.0);
        QCOMPARE(rate.secondsLeft(20'000, 3000), 10);
        QCOMPARE(rate.perSecond(31'000), 0.0);
        QCOMPARE(rate.secondsLeft(31'000, 3000), -1);
        rate.sample(32'000, 0);
        QCOMPARE(rate.perSecond(32'000), 0.0);
    }
};

QTEST_GUILESS_MAIN(TestFlowTransition)
#include "tst_flow_transition.moc"
