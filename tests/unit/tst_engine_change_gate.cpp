#include <QtCore/QJsonArray>

#include "core/clock.h"
#include "patience.h"
#include "systems/ceph/change_gate.h"

using namespace sluice;
using systems::ceph::ChangeGate;

namespace {

constexpr qint64 kNow = 1'700'000'000'000;
constexpr qint64 kSilent = 15'000;

QJsonObject held(qint64 untilMs = kNow + 20'000)
{
    return {{"state", "held"}, {"owner", "e-1"}, {"until", toRfc3339(untilMs)}};
}

QJsonObject quorum(bool quorate)
{
    return {{"quorate", quorate},
            {"why", quorate ? "the monitors say so" : "2 of 3 monitors refuse connections: b, c"},
            {"absent", quorate ? QJsonArray() : QJsonArray{"b", "c"}}};
}

Error timedOut(ErrorCode code)
{
    return {.code = code, .message = "auth.create got no answer", .cause = "the cluster is silent"};
}

}  // namespace

class TestEngineChangeGate : public QObject {
    Q_OBJECT

private:
    ChangeGate m_gate{"vega", kSilent};

    Error why(qint64 now = kNow) const
    {
        const auto may = m_gate.mayChange(now);
        return may ? Error{} : may.error();
    }
    bool open(qint64 now = kNow) const { return m_gate.mayChange(now).has_value(); }

private Q_SLOTS:
    void init()
    {
        m_gate = ChangeGate("vega", kSilent);
        m_gate.leaseIs(held());
        m_gate.monitorsAre(quorum(true));
        m_gate.heard(kNow);
        QVERIFY(open());
    }

    void whoLeadsMayBeginTasksWhateverTheClusterDoes()
    {
        m_gate.monitorsAre(quorum(false));
        QVERIFY(!open());
        QVERIFY(m_gate.leads().has_value());
        m_gate.changeEnded("blocklist.add", fail(timedOut(ErrorCode::DeadlineExceeded)), kNow);
        QVERIFY(m_gate.leads().has_value());
        for (const char* state : {"other", "none", "lost"}) {
            m_gate.leaseIs({{"state", state}});
            QVERIFY2(!m_gate.leads().has_value(), state);
        }
    }

    void aLeaseThatRanOutIsNotHeld()
    {
        QVERIFY(open(kNow + 14'999));
        m_gate.heard(kNow + 20'000);
        QVERIFY(open(kNow + 19'999));
        QVERIFY(!open(kNow + 20'000));
        QVERIFY(why(kNow + 20'000).message.contains("ran out"));
        m_gate.leaseIs(held(kNow + 40'000));
        QVERIFY(open(kNow + 20'000));
    }

    void aRenewalThatFailedBlocksAtOnce()
    {
        QJsonObject failing = held();
        failing["error"] = Error{.code = ErrorCode::DeadlineExceeded,
                                 .message = "Cannot take the lease",
                                 .cause = "3 s without an answer"}
                               .toJson();
        m_gate.leaseIs(failing);
        QVERIFY(why().message.contains("could not be renewed"));
        QVERIFY(why().cause.contains("3 s without an answer"));
        QVERIFY(why().retryable);
        m_gate.leaseIs(held());
        QVERIFY(open());
    }

    void noQuorumNoChange()
    {
        m_gate.monitorsAre(quorum(false));
        QVERIFY(why().message.contains("no monitor quorum"));
        QVERIFY(why().cause.contains("refuse connections: b, c"));
        QVERIFY(why().correction.contains("b, c"));
        // The OSDs still renew the lease; that says nothing about the monitors.
        m_gate.leaseIs(held(kNow + 50'000));
        QVERIFY(!open());
        // What the lease fails for then is the same, and another owner stays another owner.
        m_gate.leaseIs({{"state", "lost"}});
        QVERIFY(why().message.contains("no monitor quorum"));
        m_gate.leaseIs({{"state", "other"}, {"owner", "e-2"}});
        QVERIFY(why().message.contains("e-2"));
        m_gate.leaseIs(held());
        m_gate.monitorsAre(quorum(true));
        QVERIFY(open());
    }

    void silenceIsNoYes()
    {
        QVERIFY(open(kNow + kSilent));
        m_gate.leaseIs(held(kNow + 60'000));
        QVERIFY(!open(kNow + kSilent + 1));
        m_gate.heard(kNow + kSilent);
        QVERIFY(open(kNow + kSilent + 1));
    }

    void aChangeThatTheMonitorsRefuseBlocksUntilItIsTriedAgain()
    {
        const auto refused = [](int code) {
            return fail(Error{.code = ErrorCode::PermissionDenied,
                              .message = "Cannot put it on the blocklist",
                              .cause = "no mon caps",
                              .upstream = Upstream{"ceph", code, "x"}});
        };
        m_gate.changeEnded("blocklist.add", refused(-1), kNow);
        QVERIFY2(open(), "what an OSD refuses is of one Ceph pool");
        m_gate.changeEnded("blocklist.add", refused(-13), kNow);
        QVERIFY(!open());
        QVERIFY(why().cause.contains("no mon caps"));
        QVERIFY(!why().retryable);
        m_gate.leaseIs(held(kNow + 90'000));
        QVERIFY2(!open(), "the lease takes another right");
        m_gate.heard(kNow + 60'000);
        QVERIFY(!open(kNow + 59'999));
        QVERIFY(open(kNow + 60'000));
        m_gate.changeEnded("blocklist.add", refused(-13), kNow);
        m_gate.changeEnded("staged.remove", QJsonObject(), kNow);
        QVERIFY2(!open(), "that takes another right");
        m_gate.changeEnded("blocklist.add", QJsonObject(), kNow);
        QVERIFY(open());
    }

    void aChangeWithoutAnAnswerBlocksUntilSomethingWorks_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<bool>("blocks");
        QTest::newRow("silent") << int(ErrorCode::DeadlineExceeded) << true;
        QTest::newRow("unknown") << int(ErrorCode::OutcomeUnknown) << true;
        QTest::newRow("not reached") << int(ErrorCode::Unavailable) << true;
        QTest::newRow("refused") << int(ErrorCode::PermissionDenied) << false;
        QTest::newRow("gone") << int(ErrorCode::NotFound) << false;
        QTest::newRow("changed meanwhile") << int(ErrorCode::Aborted) << false;
    }
    void aChangeWithoutAnAnswerBlocksUntilSomethingWorks()
    {
        QFETCH(int, code);
        QFETCH(bool, blocks);
        m_gate.changeEnded("blocklist.add", fail(timedOut(ErrorCode(code))), kNow);
        QCOMPARE(open(), !blocks);
        if (!blocks) {
            return;
        }
        QVERIFY(why().cause.contains("the cluster is silent"));
        // A lease that is held still, and was not renewed, is no news.
        QJsonObject failing = held();
        failing["error"] = timedOut(ErrorCode::DeadlineExceeded).toJson();
        m_gate.leaseIs(failing);
        QVERIFY(!open());
        m_gate.leaseIs(held(kNow + 30'000));
        QVERIFY(open());
        m_gate.changeEnded("blocklist.add", fail(timedOut(ErrorCode(code))), kNow);
        m_gate.changeEnded("blocklist.add", QJsonObject(), kNow);
        QVERIFY(open());
    }
};

QTEST_GUILESS_MAIN(TestEngineChangeGate)
#include "tst_engine_change_gate.moc"
