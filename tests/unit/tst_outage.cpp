#include "engine/run_examiner.h"
#include "engine/shared_probes.h"
#include "patience.h"
#include "tests/unit/outage_scene.h"

using namespace sluice;
using model::TaskState;

namespace {

/// A link whose answers come when the test gives them.
class HeldLink final : public connect::Link {
public:
    void call(const QString& connection, const QString& method, const QJsonObject& params, int, bool,
              Reply reply) override
    {
        asked.append({method, connection, params});
        replies.append(std::move(reply));
    }
    Result<void> mayAct(const QString&) const override { return {}; }
    Result<void> isLeader(const QString&) const override { return {}; }

    QList<diagnosis::Probe> asked{};
    QList<Reply> replies{};
};

}  // namespace

/// One outage is one case and is asked about once, however many runs it stops.
class TestOutage : public QObject {
    Q_OBJECT

    static QStringList remarks(const engine::CaseBook& cases, const QString& id)
    {
        QStringList texts;
        for (const QJsonValue& line : cases.row(id)["timeline"].toArray()) {
            texts.append(line["text"].toString());
        }
        return texts;
    }

    static diagnosis::Probe sessions() { return {.method = "sessions", .connection = "vega"}; }

private Q_SLOTS:
    void aThousandTasksAreOneCaseAndEachQuestionOne_data()
    {
        QTest::addColumn<int>("runs");
        QTest::addColumn<int>("tasks");
        QTest::newRow("in many runs") << 200 << 5;
        QTest::newRow("in one run") << 1 << 1000;
    }
    void aThousandTasksAreOneCaseAndEachQuestionOne()
    {
        QFETCH(int, runs);
        QFETCH(int, tasks);
        test::OutageScene scene;
        QVERIFY(scene.start(runs, tasks));
        scene.stopAll();
        QTRY_COMPARE(scene.inCases(), runs);
        QTRY_COMPARE(scene.cases->row("C-1")["tasks"].toArray().size(), runs * tasks);
        // There never was another case, which had to be closed again.
        QCOMPARE(scene.cases->ids(), QStringList{"C-1"});
        QTRY_COMPARE(scene.cases->row("C-1")["rule"].toString(), "R10");
        QCOMPARE(scene.cases->row("C-1")["runs"].toArray().size(), runs);
        const QMap<QString, int> asked = scene.asked();
        QStringList methods;
        for (auto it = asked.begin(); it != asked.end(); ++it) {
            QVERIFY2(it.value() == 1,
                     qPrintable(QStringLiteral("%1 asked %2 times").arg(it.key()).arg(it.value())));
            methods.append(it.key().section(' ', 1, 1));
        }
        methods.sort();
        QCOMPARE(methods, (QStringList{"lock.list", "object.pg", "observe.now"}));
        if (runs > 1) {
            const QStringList told = remarks(*scene.cases, "C-1");
            QVERIFY(told.contains(QStringLiteral("%1 runs stand for the same cause").arg(runs)));

            QVERIFY(std::any_of(told.begin(), told.end(),
                                [](const QString& line) { return line.startsWith("cause named by R10"); }));
            for (const auto& [number, run] : scene.flow->runs()) {
                QCOMPARE(run->caseId, "C-1");
            }
        }
    }

    void twoOutagesStayTwoCases()
    {
        test::OutageScene scene;
        QVERIFY(scene.start(3, 1));
        scene.stopAll("train");
        QTRY_COMPARE(scene.inCases(), 3);
        QVERIFY(scene.start(3, 1));
        scene.stopAll("landing");
        QTRY_COMPARE(scene.inCases(), 6);
        QTRY_COMPARE(scene.cases->openCount(), 2);
        QTRY_COMPARE(scene.cases->row("C-2")["runs"].toArray().size(), 3);
        QCOMPARE(scene.cases->row("C-1")["runs"].toArray().size(), 3);
    }

    /// Without a cause that is known to be shared, every run has its own case.
    void whoIsNotKnownWhyHasACaseOfItsOwn()
    {
        test::OutageScene scene;
        QVERIFY(scene.start(3, 1));
        scene.clock.ms += 11'000;
        QTRY_COMPARE(scene.inCases(), 3);
        QCOMPARE(scene.cases->openCount(), 3);
    }

    void whoAsksIsToldWhatIsSoThen()
    {
        test::OutageScene scene;
        QVERIFY(scene.start(1, 1));
        scene.stopAll();
        QTRY_COMPARE(scene.cases->row("C-1")["rule"].toString(), "R10");
        const qsizetype before = scene.link.calls.size();
        int told = 0;
        for (int i = 0; i < 2; ++i) {
            scene.doctor->examine("R-1", [&told](const Result<QJsonObject>& row) {
                told += row && (*row)["rule"] == QLatin1String("R10") ? 1 : 0;
            });
        }
        QTRY_COMPARE(told, 2);
        // Asked for anew, and at the same time for both.
        QCOMPARE(scene.link.calls.size(), before + 3);
        std::optional<Error> unknown;
        scene.doctor->examine("R-99", [&](const Result<QJsonObject>& row) { unknown = row.error(); });
        QVERIFY(unknown && unknown->code == ErrorCode::NotFound);
    }

    /// Who asks anew while another's answers are in but not judged yet does not take them away.
    void answersAreKeptForWhoWaitedForThem()
    {
        test::OutageScene scene;
        QVERIFY(scene.start(1, 1));
        scene.stopAll();
        HeldLink link;
        engine::SharedProbes probes(link, *scene.keys, *scene.vault, scene.clock);
        engine::RunExaminer examiner(
            scene.rules, *scene.flow, *scene.estate, probes, *scene.keys, scene.clock,
            [](const flow::Run&, const diagnosis::Diagnosis&) {},
            [](const flow::Run& run, bool) {
                return QJsonObject{{"id", run.id}};
            });
        QTRY_COMPARE(scene.cases->row("C-1")["rule"].toString(), "R10");
        scene.executor.sink->blocked(scene.executor.orders[0].key, {{"what", "timeout"},
                                                                    {"connection", "vega"},
                                                                    {"cephPool", "train"},
                                                                    {"object", "part-1"},
                                                                    {"op", "write"}});
        examiner.examineNow("R-1", [](const Result<QJsonObject>&) {});
        const QList<diagnosis::Probe> asked = link.asked;
        QCOMPARE(asked.size(), 3);
        const QJsonObject holder{{"client", "client.7"}, {"address", "10.0.0.7:0/1"}};
        const QJsonObject held{
            {"locks", QJsonArray{QJsonObject{{"lock", "l"}, {"holders", QJsonArray{holder}}}}}};
        const auto replies = std::exchange(link.replies, {});
        for (const connect::Link::Reply& reply : replies) {
            reply(held);
        }
        for (const diagnosis::Probe& probe : asked) {
            probes.ask(probe, 1000, true, [] {});
        }
        // Who holds the lock was answered, so what became of that client is asked next.
        QTRY_VERIFY(std::any_of(link.asked.begin(), link.asked.end(), [](const diagnosis::Probe& probe) {
            return probe.method == QLatin1String("blocklist.has");
        }));
    }

    void aQuestionIsAskedOnceUntilItsAnswerIsForgotten()
    {
        test::OutageScene scene;
        engine::SharedProbes probes(scene.link, *scene.keys, *scene.vault, scene.clock);
        int answered = 0;
        const auto ask = [&](bool anew) { probes.ask(sessions(), 1000, anew, [&answered] { ++answered; }); };
        ask(false);
        ask(false);
        ask(true);
        QCOMPARE(answered, 0);
        QVERIFY(!probes.answer(sessions()));
        QTRY_COMPARE(answered, 3);
        QCOMPARE(scene.link.calls.size(), 1);
        QVERIFY(probes.answer(sessions()));

        ask(false);
        QCOMPARE(answered, 3);
        QTRY_COMPARE(answered, 4);
        QCOMPARE(scene.link.calls.size(), 1);
        ask(true);
        QVERIFY(!probes.answer(sessions()));
        QTRY_COMPARE(answered, 5);
        QCOMPARE(scene.link.calls.size(), 2);

        // Evidence must still be fresh when the last run is judged by it.
        scene.clock.ms += diagnosis::kFreshMs / 2;
        QVERIFY(!probes.answer(sessions()));
        ask(false);
        QTRY_COMPARE(answered, 6);
        QCOMPARE(scene.link.calls.size(), 3);

        ask(true);
        probes.forget();
        QTRY_COMPARE(answered, 7);
        QVERIFY(probes.answer(sessions()));
        probes.forget();
        QVERIFY(!probes.answer(sessions()));
    }

    /// Without the key there is nothing to ask with, which holds nobody up.
    void aQuestionWithAKeyThatIsNotThereIsNotAsked()
    {
        test::OutageScene scene;
        engine::SharedProbes probes(scene.link, *scene.keys, *scene.vault, scene.clock);
        diagnosis::Probe probe = sessions();
        probe.keyOf = "client.nobody.g1";
        bool answered = false;
        probes.ask(probe, 1000, false, [&answered] { answered = true; });
        QVERIFY(!answered);
        QTRY_VERIFY(answered);
        QVERIFY(!probes.answer(probe));
        QVERIFY(scene.link.calls.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestOutage)
#include "tst_outage.moc"
