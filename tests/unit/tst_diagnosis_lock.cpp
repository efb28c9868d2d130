
#include "patience.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

class TestDiagnosisLock : public QObject {
    Q_OBJECT

private:
    /// The scene of the main job: a foreign client took the lock and died.
    static FakeFacts locked()
    {
        FakeFacts facts = healthyVega();
        facts.change(kLockList, {{"locks", QJsonArray{lockFact()}}});
        return facts;
    }
    /// The lock is named, and nothing is offered that would break it.
    static bool holderNotKnown(const Diagnosis& d)
    {
        return d.rule == QLatin1String("R18") && !d.remedy && d.summary.contains("its holder alive or gone");
    }
    /// Another lock on the same object; client.4100 has a session, others have none.
    static QJsonObject secondLock(const QString& client)
    {
        QJsonObject other = lockFact();
        other["lock"] = "aaa";
        other["holders"] = QJsonArray{QJsonObject{{"client", client}, {"address", "10.0.0.9:0/9"}}};
        return other;
    }
    static Diagnosis diagnoseLock(const FakeFacts& facts)
    {
        return diagnose(copyTask("lock", "object is locked by client.48213"), facts, kNow);
    }

private Q_SLOTS:
    void holderGoneIsConfirmedWithReset()
    {
        const Diagnosis d = diagnoseLock(locked());
        QCOMPARE(d.rule, QStringLiteral("R18"));
        QVERIFY(d.verdict == Verdict::Confirmed);
        QVERIFY(d.remedy);
        QCOMPARE(d.remedy->method, QStringLiteral("flow.reset"));
        QCOMPARE(d.remedy->actionClass, 2);
        const Finding r18 = d.findings.first();
        QVERIFY(r18.scope == Scope::Object);
        QCOMPARE(r18.toJson()["distance"].toInt(-1), 0);
        const QString text = textOf(r18);
        QVERIFY2(text.contains("Lock compact on train/part-05120 is held exclusively by client.48213"),
                 qPrintable(text));
        QVERIFY2(text.contains("Held for at least 15 min 37 s"), qPrintable(text));
        QVERIFY2(text.contains("client.48213 has no session on any monitor"), qPrintable(text));
        bool sourceNamed = false;
        for (const Evidence& item : r18.evidence) {
            sourceNamed = sourceNamed || item.source == QLatin1String("sessions of 3 of 3 monitors");
        }
        QVERIFY(sourceNamed);
    }

    void healthAndQuorumAreRefutedWithEvidence()
    {
        const Diagnosis d = diagnoseLock(locked());
        for (const char* rule : {"R5", "R10", "R13", "R21"}) {
            const Finding finding = findingOf(d, rule);
            QVERIFY2(finding.verdict == Verdict::Refuted, rule);
            QVERIFY2(!finding.evidence.isEmpty(), rule);
            QVERIFY2(!finding.evidence.first().text.isEmpty(), rule);
        }
        QVERIFY(textOf(findingOf(d, "R13")).contains("3 of 3 monitors of vega in quorum, leader a"));
        QVERIFY(textOf(findingOf(d, "R5")).contains("active+clean"));
    }

    void chainLeadsFromTaskToHolder()
    {
        const Diagnosis d = diagnoseLock(locked());
        QStringList kinds;
        for (const ChainLink& link : d.chain) {
            kinds.append(link.kind);
        }
        QCOMPARE(kinds, (QStringList{"task", "object", "lock", "holder"}));
        QCOMPARE(d.chain.at(3).title, kHolder);
        QCOMPARE(d.chain.at(3).tone, QStringLiteral("warn"));
        QVERIFY(d.chain.at(3).lines.contains(QStringLiteral("gone, no session left")));
        QVERIFY(d.chain.at(0).lines.contains(QStringLiteral("4 tasks behind")));
    }

    void holderAliveByClientIsConfirmedWithoutReset()
    {
        FakeFacts facts = locked();
        facts.change(
            kSessionsId,
            {{"sessions",
              QJsonArray{QJsonObject{
                  {"mon", "b"}, {"entity", "client.batch"}, {"client", kHolder}, {"address", "x"}}}}});
        const Diagnosis d = diagnoseLock(facts);
        QCOMPARE(d.rule, QStringLiteral("R18"));
        QVERIFY2(d.summary.contains("A live client holds a lock"), qPrintable(d.summary));
        QVERIFY(d.remedy);
        QVERIFY(d.remedy->method.isEmpty());
        QCOMPARE(d.remedy->actionClass, 0);
        QVERIFY(textOf(d.findings.first()).contains("client.batch"));
    }

    void holderAliveByAddressWhateverTheProtocol()
    {
        FakeFacts facts = locked();
        facts.change(kSessionsId, {{"sessions", QJsonArray{QJsonObject{{"mon", "c"},
                                                                       {"entity", "client.batch"},
                                                                       {"client", "client.1"},
                                                                       {"address", "v1:" + kAddress}}}}});
        QCOMPARE(diagnoseLock(facts).remedy->method, QString());
    }

    void sessionSeenByTheObserverIsEnoughForAlive()
    {
        FakeFacts facts = healthyVega();
        QJsonObject lock = lockFact();
        QJsonObject holder = lock["holders"].toArray().first().toObject();
        holder["sessionSeen"] = true;
        lock["holders"] = QJsonArray{holder};
        facts.change(kLockList, {{"locks", QJsonArray{lock}}});
        facts.drop(kSessionsId);
        QVERIFY(diagnoseLock(facts).summary.contains("live client"));
    }

    void sessionSeenFalseIsNotEnoughForGone()
    {
        FakeFacts facts = healthyVega();
        QJsonObject lock = lockFact();
        QJsonObject holder = lock["holders"].toArray().first().toObject();
        holder["sessionSeen"] = false;
        lock["holders"] = QJsonArray{holder};
        facts.change(kLockList, {{"locks", QJsonArray{lock}}});
        facts.drop(kSessionsId);
        QVERIFY(holderNotKnown(diagnoseLock(facts)));
    }

    void sessionsUnreadable_data()
    {
        QTest::addColumn<QString>("how");
        QTest::newRow("absent") << "absent";
        QTest::newRow("stale") << "stale";
        QTest::newRow("no monitor asked") << "none";
        QTest::newRow("one monitor silent but alive") << "silent";
        QTest::newRow("one monitor dead, quorum young") << "young";
    }
    void sessionsUnreadable()
    {
        QFETCH(QString, how);
        FakeFacts facts = locked();
        if (how == "absent") {
            facts.drop(kSessionsId);
        } else if (how == "stale") {
            facts.age(kSessionsId, kFreshMs + 1);
        } else if (how == "none") {
            facts.change(kSessionsId, {{"mons", QJsonArray{}}});
        } else {
            facts.change(kSessionsId, {{"mons", monsAnswered({"a", "b"}, {"c"})}});
            if (how == "young") {
                facts.change("vega/mon/c", {{"answers", false}});
                facts.change(kQuorum, {{"quorumAgeS", 5}});
            }
        }
        const Diagnosis d = diagnoseLock(facts);
        // The lock is the cause, whoever holds it; only what may be done about it is open.
        QVERIFY2(holderNotKnown(d), qPrintable(d.summary));
        QVERIFY2(textOf(findingOf(d, "R18")).contains("Whether client.48213 is alive is not known"),
                 qPrintable(d.summary));
    }

    void deadMonitorDoesNotHideThatTheHolderIsGone()
    {
        FakeFacts facts = locked();
        facts.change(kSessionsId, {{"mons", monsAnswered({"a", "b"}, {"c"})}});
        facts.change("vega/mon/c", {{"answers", false}});
        const Diagnosis d = diagnoseLock(facts);
        QCOMPARE(d.rule, QStringLiteral("R18"));
        bool sourceNamed = false;
        for (const Evidence& item : d.findings.first().evidence) {
            sourceNamed = sourceNamed || item.source == QLatin1String("sessions of 2 of 3 monitors");
        }
        QVERIFY(sourceNamed);
    }

    void everySilentMonitorMustBeKnownToBeDead_data()
    {
        QTest::addColumn<QStringList>("dead");
        QTest::addColumn<QStringList>("alive");
        QTest::addColumn<bool>("confirmed");
        QTest::newRow("both dead") << QStringList{"b", "c"} << QStringList{} << true;
        QTest::newRow("the first lives") << QStringList{"c"} << QStringList{"b"} << false;
        QTest::newRow("the second lives") << QStringList{"b"} << QStringList{"c"} << false;
        QTest::newRow("nothing is known of one") << QStringList{"b"} << QStringList{} << false;
    }
    void everySilentMonitorMustBeKnownToBeDead()
    {
        QFETCH(QStringList, dead);
        QFETCH(QStringList, alive);
        QFETCH(bool, confirmed);
        FakeFacts facts = locked();
        facts.change(kSessionsId, {{"mons", monsAnswered({"a", "d", "e"}, {"b", "c"})}});
        facts.drop("vega/mon/b");
        facts.drop("vega/mon/c");
        for (const QString& mon : dead) {
            facts.put("vega", "mon", mon, {{"name", mon}, {"answers", false}});
        }
        for (const QString& mon : alive) {
            facts.put("vega", "mon", mon, {{"name", mon}, {"answers", true}});
        }
        const Diagnosis d = diagnoseLock(facts);
        const Finding finding = findingOf(d, "R18");
        QCOMPARE(holderNotKnown(d), !confirmed);
        QCOMPARE(d.remedy.has_value(), confirmed);
        QVERIFY2(confirmed || textOf(finding).contains("did not tell its sessions"),
                 qPrintable(textOf(finding)));
    }

    void nothingIsConcludedWhenNoMonitorTold()
    {
        FakeFacts facts = locked();
        facts.change(kSessionsId, {{"mons", monsAnswered({}, {"b", "c"})}});
        for (const char* mon : {"b", "c"}) {
            facts.change(QStringLiteral("vega/mon/") + mon, {{"answers", false}});
        }
        QVERIFY(holderNotKnown(diagnoseLock(facts)));
    }

    void anotherClientAtAnotherAddressIsNotTheHolder()
    {
        FakeFacts facts = locked();
        facts.change(
            kSessionsId,
            {{"sessions", QJsonArray{QJsonObject{
                              {"mon", "a"}, {"entity", "client.batch"}, {"client", ""}, {"address", ""}}}}});
        QCOMPARE(diagnoseLock(facts).remedy->method, QStringLiteral("flow.reset"));
    }

    void blocklistedHolderIsGoneWhateverTheSessionsSay()
    {
        FakeFacts facts = locked();
        facts.drop(kSessionsId);
        facts.put("vega", "blocklisted", kAddress, {{"address", kAddress}, {"listed", true}});
        const Diagnosis d = diagnoseLock(facts);
        QCOMPARE(d.rule, QStringLiteral("R18"));
        QVERIFY(textOf(d.findings.first()).contains("blocklisted"));
        facts.age("vega/blocklisted/" + kAddress, kFreshMs + 1);
        QVERIFY(holderNotKnown(diagnoseLock(facts)));
    }

    void notBlocklistedIsSaid()
    {
        FakeFacts facts = locked();
        facts.put("vega", "blocklisted", kAddress, {{"address", kAddress}, {"listed", false}});
        QVERIFY(textOf(diagnoseLock(facts).findings.first()).contains("is not blocklisted"));
    }

    void sharedLockWithOneLiveHolderIsAlive()
    {
        FakeFacts facts = healthyVega();
        QJsonObject lock = lockFact();
        QJsonArray holders = lock["holders"].toArray();
        holders.append(QJsonObject{{"client", "client.4100"}, {"cookie", "c2"}, {"address", "10.0.0.1:0/1"}});
        lock["holders"] = holders;
        lock["exclusive"] = false;
        facts.change(kLockList, {{"locks", QJsonArray{lock}}});
        const Diagnosis d = diagnoseLock(facts);
        QVERIFY(d.summary.contains("live client"));
        QVERIFY(textOf(d.findings.first()).contains("held shared by client.48213 and client.4100"));
    }

    void lockGoneMeanwhileIsRefuted()
    {
        const Diagnosis d = diagnoseLock(healthyVega());
        QVERIFY(findingOf(d, "R18").verdict == Verdict::Refuted);
        QVERIFY(textOf(findingOf(d, "R18")).contains("Nobody holds a lock"));
        QVERIFY(d.verdict == Verdict::Unknown);
    }

    void freshListOutranksLockFactsOfTheEstate()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "lock", "train/part-05120/compact", lockFact());
        QVERIFY(findingOf(diagnoseLock(facts), "R18").verdict == Verdict::Refuted);
        facts.drop(kLockList);
        QCOMPARE(diagnoseLock(facts).rule, QStringLiteral("R18"));
    }

    void locksUnreadableSaysWhy()
    {
        FakeFacts facts = healthyVega();
        facts.drop(kLockList);
        facts.put("vega", "probe-error", "lock.list",
                  {{"method", "lock.list"}, {"error", QJsonObject{{"message", "timed out after 3 s"}}}});
        const Diagnosis d = diagnoseLock(facts);
        QVERIFY(findingOf(d, "R18").verdict == Verdict::Unknown);
        QVERIFY2(d.summary.contains("timed out after 3 s"), qPrintable(d.summary));
    }

    void theLockTheWorkerNamedComesFirst()
    {
        FakeFacts facts = healthyVega();
        facts.change(kLockList, {{"locks", QJsonArray{secondLock("client.5"), lockFact()}}});
        const Diagnosis d = diagnoseLock(facts);
        QCOMPARE(d.remedy->method, QStringLiteral("flow.reset"));
        QVERIFY(d.findings.first().evidence.first().text.startsWith("Lock compact"));
        for (const char* lock : {"aaa", "compact"}) {
            QVERIFY(d.remedy->steps.contains(QStringLiteral("Break lock %1 on part-05120").arg(lock)));
        }
        QCOMPARE(d.chain.at(2).title, QStringLiteral("compact"));
        QCOMPARE(d.chain.at(4).title, QStringLiteral("aaa"));
    }

    void aSecondLiveLockIsToldBeforeAResetThatCannotHelp()
    {
        FakeFacts facts = healthyVega();
        facts.change(kLockList, {{"locks", QJsonArray{lockFact(), secondLock("client.4100")}}});
        const Diagnosis d = diagnoseLock(facts);
        QCOMPARE(d.rule, QStringLiteral("R18"));
        QVERIFY2(d.summary.contains("A live client holds a lock"), qPrintable(d.summary));
        QVERIFY2(d.summary.contains(
                     "A reset before that cannot help: it breaks lock compact, whose holder is gone, and "
                     "leaves lock aaa alone"),
                 qPrintable(d.summary));
        QVERIFY(d.remedy->method.isEmpty());
        QVERIFY(d.remedy->steps.last().contains("breaks lock compact: sluicectl flow reset R-1"));
        QVERIFY(textOf(d.findings.first()).contains("client.48213 has no session on any monitor"));
        QVERIFY(textOf(d.findings.first()).contains("client.4100 (client.sluice) has a session"));
    }

    void aSecondLockOfSomebodyUnknownKeepsTheResetBack()
    {
        FakeFacts facts = healthyVega();
        facts.put("vega", "blocklisted", kAddress, {{"address", kAddress}, {"listed", true}});
        facts.drop(kSessionsId);
        facts.change(kLockList, {{"locks", QJsonArray{lockFact(), secondLock("client.4100")}}});
        QVERIFY(holderNotKnown(diagnoseLock(facts)));
    }

    void lockOnTheObjectOfATaskRefusedForSomethingElse()
    {
        for (const char* what : {"permission", "quota", "timeout"}) {
            QVERIFY2(
                findingOf(diagnose(copyTask(what, "x"), locked(), kNow), "R18").verdict == Verdict::Unknown,
                "its write will meet the lock");
        }
        TaskView reads = copyTask("permission", "not permitted");
        reads.kind = "verify";
        reads.onlyReads = true;
        QVERIFY(findingOf(diagnose(reads, locked(), kNow), "R18").verdict == Verdict::Refuted);
        reads = copyTask("permission", "not permitted");
        reads.touched = {{"ceph-pool", "vega", "train", false},
                         {"ceph-pool", "vega", "landing", true},
                         {"ceph-pool", "atlas", "train", true}};
        QVERIFY(findingOf(diagnose(reads, locked(), kNow), "R18").verdict == Verdict::Refuted);
    }

    void oldReportOfTheWorkerNamesNothing()
    {
        TaskView task = copyTask("lock", "locked");
        task.blocked["observedAtMs"] = kNow - kFreshMs - 1;
        const Diagnosis d = diagnose(task, locked(), kNow);
        QVERIFY(d.verdict == Verdict::Unknown);
        QVERIFY(findingOf(d, "R18").verdict == Verdict::Unknown);
    }

    void noAgeWithoutAKnownChange()
    {
        FakeFacts facts = healthyVega();
        QJsonObject lock = lockFact();
        lock.remove("objectChangedAt");
        facts.change(kLockList, {{"locks", QJsonArray{lock}}});
        const Diagnosis d = diagnoseLock(facts);
        QCOMPARE(d.rule, QStringLiteral("R18"));
        QVERIFY(!textOf(d.findings.first()).contains("at least"));
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisLock)
#include "tst_diagnosis_lock.moc"
