#include "engine/outage_watch.h"
#include "patience.h"
#include "tests/unit/outage_scene.h"

using namespace sluice;

/// What is broken has a case although no run waits for it.
class TestOutageWatch : public QObject {
    Q_OBJECT

    std::unique_ptr<test::OutageScene> m_scene;
    std::unique_ptr<engine::OutageWatch> m_watch;

    void see(const QString& kind, const QString& name, const QJsonObject& facts)
    {
        m_scene->estate->upsert({.id = estate::entityId("vega", kind, name),
                                 .connection = "vega",
                                 .kind = kind,
                                 .name = name,
                                 .source = "test",
                                 .observedAtMs = m_scene->clock.nowMs(),
                                 .facts = facts});
    }
    void seeQuorum(bool quorate)
    {
        see("mon-quorum", "vega", {{"quorate", quorate}, {"total", 3}, {"needed", 2}});
        for (const QString& mon : {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")}) {
            see("mon", mon, {{"answers", quorate || mon == "a"}, {"fault", "refused"}});
        }
    }
    void seeQuota(bool full, const QString& name = QStringLiteral("train"))
    {
        see("ceph-pool", name, {{"fullQuota", full}, {"full", full}});
    }
    /// Seconds pass in which the same is seen again and again.
    template <typename See>
    void seeFor(int seconds, See see)
    {
        for (int i = 0; i < seconds; ++i) {
            m_scene->clock.ms += 1000;
            see();
            m_watch->look();
        }
    }
    void lose(int seconds)
    {
        seeFor(seconds, [this] { seeQuorum(false); });
    }
    void find(int seconds)
    {
        seeFor(seconds, [this] { seeQuorum(true); });
    }
    QJsonObject row(const QString& id = QStringLiteral("C-1")) const { return m_scene->cases->row(id); }
    QString phase(const QString& id = QStringLiteral("C-1")) const { return row(id)["phase"].toString(); }
    QString lastRemark(const QString& id = QStringLiteral("C-1")) const
    {
        return row(id)["timeline"].toArray().last()["text"].toString();
    }
    void watchAnew(const QSet<QString>& connections = {QStringLiteral("vega")})
    {
        m_watch = std::make_unique<engine::OutageWatch>(m_scene->rules, *m_scene->estate, *m_scene->flow,
                                                        *m_scene->cases, connections, m_scene->clock);
    }
    void seeConnection(qint64 staleAfterMs) { see("connection", "vega", {{"staleAfterMs", staleAfterMs}}); }

private Q_SLOTS:
    void init()
    {
        m_scene = std::make_unique<test::OutageScene>();
        watchAnew();
    }
    void cleanup()
    {
        m_watch.reset();
        m_scene.reset();
    }

    void aLostQuorumIsACaseAtOnce()
    {
        find(3);
        lose(5);
        QCOMPARE(m_scene->cases->openCount(), 0);
        lose(1);
        QCOMPARE(m_scene->cases->openIds(), QStringList{"C-1"});
        QCOMPARE(row()["title"], "No monitor quorum on vega");
        QCOMPARE(row()["rule"], "R13");
        QCOMPARE(row()["verdict"], "confirmed");
        QCOMPARE(phase(), "cause named");
        QCOMPARE(row()["run"], "");
        QCOMPARE(row()["runs"].toArray(), QJsonArray());
        QCOMPARE(row()["subject"], "vega/mon-quorum/vega");
        QCOMPARE(row()["remedy"].toObject()["commands"].toArray(), QJsonArray{"systemctl start ceph-mon@b"});
        QVERIFY(!row()["chain"].toArray().isEmpty());
        lose(600);
        QCOMPARE(m_scene->cases->ids(), QStringList{"C-1"});
        QVERIFY2(row()["timeline"].toArray().size() < 5, "it says nothing twice");
        // Its evidence is kept young.
        QVERIFY(m_scene->clock.nowMs() - fromRfc3339(row()["lookedAt"].toString()) <= 5000);
    }

    void whatPassesBySoonIsNone()
    {
        for (int i = 0; i < 20; ++i) {
            lose(4);
            find(1);
        }
        QCOMPARE(m_scene->cases->ids(), QStringList());
    }

    void itClosesByItselfAndSaysHowLongItWas()
    {
        lose(6);
        lose(60);
        find(1);
        QCOMPARE(phase(), "verify");
        QVERIFY2(lastRemark().startsWith("over after 1 min 1 s: the monitors of vega have a quorum"),
                 qPrintable(lastRemark()));
        find(58);
        QCOMPARE(m_scene->cases->openCount(), 1);
        find(3);
        QTRY_COMPARE(m_scene->cases->openCount(), 0);
        QCOMPARE(phase(), "closed");
        QVERIFY(lastRemark().startsWith("over after 1 min 1 s"));
        lose(7);
        QCOMPARE(m_scene->cases->openIds(), QStringList{"C-2"});
    }

    void whatComesAndGoesIsOneCase()
    {
        lose(6);
        for (int i = 0; i < 10; ++i) {
            find(20);
            QCOMPARE(phase(), "verify");
            lose(1);
            QCOMPARE(phase(), "cause named");
        }
        QCOMPARE(m_scene->cases->ids(), QStringList{"C-1"});
    }

    void oldFactsOpenNoneAndCloseNone()
    {
        lose(6);
        QCOMPARE(m_scene->cases->openCount(), 1);
        seeFor(300, [] {});
        QCOMPARE(phase(), "cause named");
        seeFor(6, [this] { seeQuota(true); });
        QCOMPARE(phase("C-2"), "cause named");
        find(1);
        QCOMPARE(phase(), "verify");
        // Nobody sees that the one stays well, which of the other is seen.
        seeFor(300, [this] { seeQuota(false); });
        QTRY_COMPARE(phase("C-2"), "closed");
        QCOMPARE(phase(), "verify");
        // It was of before when it was seen first.
        m_scene->clock.ms += 20'000;
        see("cluster", "vega", {{"flags", QJsonArray{"pauserd"}}});
        m_scene->clock.ms += 16'000;
        seeFor(10, [] {});
        QCOMPARE(m_scene->cases->openCount(), 1);
    }

    void oneLookThatFailedIsNoCase()
    {
        seeQuorum(false);
        seeFor(14, [] {});
        QCOMPARE(m_scene->cases->ids(), QStringList());
        lose(1);
        QCOMPARE(m_scene->cases->openIds(), QStringList{"C-1"});
    }

    /// Of a connection that is asked once a minute.
    void whatIsReadRarelyIsEvidenceForLonger()
    {
        seeConnection(300'000);
        const auto lookFor = [this](int minutes, bool quorate) {
            for (int i = 0; i < minutes; ++i) {
                seeQuorum(quorate);
                seeFor(60, [] {});
            }
        };
        lookFor(1, false);
        QCOMPARE(m_scene->cases->openCount(), 0);
        lookFor(3, false);
        QCOMPARE(m_scene->cases->openIds(), QStringList{"C-1"});
        QCOMPARE(phase(), "cause named");
        lookFor(1, true);
        QCOMPARE(phase(), "verify");
        lookFor(1, true);
        QCOMPARE(phase(), "closed");
        // Without that it is old after a quarter of a minute.
        seeConnection(5'000);
        seeFor(6, [this] { seeQuota(true); });
        seeFor(30, [] {});
        seeQuota(false);
        seeFor(14, [] {});
        QCOMPARE(phase("C-2"), "verify");
        seeFor(200, [] {});
        QCOMPARE(phase("C-2"), "verify");
    }

    void aShortGapDoesNotCountAndBeginsNothingAnew()
    {
        lose(6);
        find(41);
        // The last of these looks sees facts that are just too old.
        seeFor(34, [] {});
        QCOMPARE(phase(), "verify");
        find(2);
        QCOMPARE(phase(), "verify");
        find(4);
        QCOMPARE(phase(), "closed");
    }

    void afterALongGapTheMinuteBeginsAnew()
    {
        lose(6);
        find(40);
        seeFor(90, [] {});
        find(30);
        QCOMPARE(phase(), "verify");
        find(32);
        QCOMPARE(phase(), "closed");
    }

    void aConnectionThatIsNotConfiguredAnyMoreIsNotWatched()
    {
        lose(6);
        seeFor(6, [this] { seeQuota(true); });
        QVERIFY(m_scene->start(1, 1));
        m_scene->stopAll();
        QTRY_COMPARE(row("C-2")["run"], "R-1");
        m_watch->start();
        QCOMPARE(m_scene->cases->openIds(), (QStringList{"C-1", "C-2"}));
        watchAnew({QStringLiteral("lyra")});
        m_watch->start();
        QCOMPARE(phase(), "closed");
        QVERIFY(!row().contains("broken"));
        QVERIFY2(lastRemark().startsWith("no longer watched: ") && lastRemark().contains("connection vega "),
                 qPrintable(lastRemark()));
        // What a run waits for is its case on.
        QCOMPARE(phase("C-2"), "cause named");
        QVERIFY(!row("C-2").contains("broken"));
        QVERIFY(lastRemark("C-2").startsWith("no longer watched: "));
        const qsizetype lines = row("C-2")["timeline"].toArray().size();
        watchAnew({});
        m_watch->start();
        QCOMPARE(row("C-2")["timeline"].toArray().size(), lines);
    }

    void aRunThatStallsOnItJoins()
    {
        seeFor(6, [this] { seeQuota(true); });
        QCOMPARE(m_scene->cases->openIds(), QStringList{"C-1"});
        QVERIFY(m_scene->start(3, 1));
        m_scene->stopAll();
        QTRY_COMPARE(m_scene->inCases(), 3);
        QCOMPARE(m_scene->cases->ids(), QStringList{"C-1"});
        QTRY_COMPARE(row()["run"], "R-1");
        QCOMPARE(row()["title"], "Ceph pool train of vega at its quota");
        for (const auto& [number, run] : m_scene->flow->runs()) {
            QCOMPARE(run->caseId, "C-1");
        }
        // When it is over, the case is that of the runs until they move.
        seeFor(1, [this] { seeQuota(false); });
        QCOMPARE(phase(), "cause named");
        QVERIFY(!row().contains("broken"));
        QCOMPARE(row()["runs"].toArray().size(), 3);
        QVERIFY(lastRemark().startsWith("over after"));
    }

    void whoStallsFirstIsJoined()
    {
        QVERIFY(m_scene->start(2, 1));
        m_scene->stopAll();
        QTRY_COMPARE(m_scene->inCases(), 2);
        QTRY_COMPARE(row()["rule"], "R10");
        seeQuota(false, "landing");
        seeFor(6, [this] { seeQuota(true); });
        QCOMPARE(m_scene->cases->openIds(), QStringList{"C-1"});
        QCOMPARE(row()["subject"], "vega/ceph-pool/train");
        QCOMPARE(row()["run"], "R-1");
        seeFor(6, [this] { seeQuota(true, "landing"); });
        QCOMPARE(m_scene->cases->openIds(), (QStringList{"C-1", "C-2"}));
    }

    /// A run whose cause was not known at first had a case of its own.
    void aCaseOfARunAloneGoesIntoIt()
    {
        QVERIFY(m_scene->start(1, 1));
        m_scene->clock.ms += 11'000;
        QTRY_COMPARE(m_scene->inCases(), 1);
        QTRY_COMPARE(row()["rule"], "");
        seeFor(6, [this] { seeQuota(true); });
        QCOMPARE(m_scene->cases->openIds(), (QStringList{"C-1", "C-2"}));
        m_scene->stopAll();
        seeQuota(false, "landing");
        m_scene->doctor->examine("R-1", [](const Result<QJsonObject>&) {});
        QTRY_COMPARE(m_scene->cases->openIds(), QStringList{"C-2"});
        QCOMPARE(row("C-2")["runs"].toArray(), QJsonArray{"R-1"});
        QVERIFY(lastRemark().startsWith("part of C-2"));
    }

    void itStaysWhenItsRunsHaveEnded()
    {
        seeFor(6, [this] { seeQuota(true); });
        QVERIFY(m_scene->start(1, 1));
        m_scene->stopAll();
        QTRY_COMPARE(row()["run"], "R-1");
        m_scene->flow->cancel("R-1", [](const Result<void>&) {});
        QTRY_COMPARE(row()["runs"].toArray(), QJsonArray());
        QCOMPARE(row()["run"], "");
        QCOMPARE(m_scene->cases->openIds(), QStringList{"C-1"});
        QCOMPARE(row()["rule"], "R10");
        QVERIFY(row()["summary"].toString().startsWith("Ceph pool train of vega at its quota."));
        seeFor(1, [this] { seeQuota(false); });
        QCOMPARE(phase(), "verify");
    }

    void itOutlivesTheEngine_data()
    {
        QTest::addColumn<bool>("ended");
        QTest::newRow("while it stands") << false;
        QTest::newRow("while it is watched") << true;
    }
    void itOutlivesTheEngine()
    {
        QFETCH(bool, ended);
        lose(6);
        if (ended) {
            find(1);
        }
        m_watch.reset();
        m_scene->doctor.reset();
        bool written = false;
        m_scene->database->write([](store::Tx&) { return Result<void>(); }, this,
                                 [&written](const Result<void>&) { written = true; });
        QTRY_VERIFY(written);
        m_scene->cases = std::make_unique<engine::CaseBook>(*m_scene->database, m_scene->clock);
        QVERIFY(m_scene->cases->load().has_value());
        m_scene->cases->reopenInterrupted({});
        watchAnew();
        QCOMPARE(m_scene->cases->openIds(), QStringList{"C-1"});
        QCOMPARE(m_scene->cases->openCase("C-1")->runs, QStringList());
        QCOMPARE(m_scene->cases->openCase("C-1")->stands(), !ended);
        if (!ended) {
            lose(1);
            QCOMPARE(m_scene->cases->ids(), QStringList{"C-1"});
            QCOMPARE(phase(), "cause named");
        }
        find(1);
        QCOMPARE(phase(), "verify");
        find(61);
        QTRY_COMPARE(m_scene->cases->openCount(), 0);
    }

    /// The engine ends before the run that failed was looked at.
    void aFailedRunIsNotMissedWhileAnotherCaseIsOpen()
    {
        lose(6);
        QVERIFY(m_scene->start(1, 1));
        QObject here;
        connect(m_scene->flow.get(), &flow::FlowEngine::taskStateChanged, &here,
                [this](const QString& run, int) {
                    if (m_scene->flow->run(run)->count(model::TaskState::Failed) == 1) {
                        m_scene->doctor.reset();
                    }
                });
        m_scene->executor.sink->failed(
            m_scene->executor.orders[0].key,
            Error{.code = ErrorCode::NotFound, .message = "the source is gone", .source = "file"});
        QTRY_VERIFY(!m_scene->doctor);
        QVERIFY(!m_scene->cases->openCaseOf("R-1"));
        m_scene->doctor = std::make_unique<engine::Doctor>(m_scene->rules, *m_scene->flow, *m_scene->estate,
                                                           m_scene->link, *m_scene->cases, *m_scene->keys,
                                                           *m_scene->vault, m_scene->clock);
        QTRY_COMPARE(m_scene->inCases(), 1);
        QCOMPARE(m_scene->cases->openCaseOf("R-1")->id, "C-2");
    }

    void aCephPoolThatWasRemovedIsNoOutage()
    {
        seeFor(6, [this] { seeQuota(true); });
        m_scene->estate->removeKind("vega", "ceph-pool");
        seeFor(59, [] {});
        QCOMPARE(phase(), "cause named");
        seeFor(2, [] {});
        QCOMPARE(phase(), "verify");
        QVERIFY2(lastRemark().contains("not observed any more"), qPrintable(lastRemark()));
        seeFor(70, [] {});
        QTRY_COMPARE(m_scene->cases->openCount(), 0);
    }
};

QTEST_GUILESS_MAIN(TestOutageWatch)
#include "tst_outage_watch.moc"
