#include <QtCore/QJsonDocument>
#include <QtCore/QRandomGenerator>

#include "patience.h"
#include "systems/ceph/rules/health_words.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::systems::ceph;
using namespace sluice::diagnosis::test;

/// Properties that must hold for any facts at all. The seeds are fixed, so a failure is found again.
class TestDiagnosisRandom : public QObject {
    Q_OBJECT

private:
    static QJsonValue anyValue(QRandomGenerator& random, int depth)
    {
        switch (random.bounded(depth > 2 ? 7 : 9)) {
            case 0:
                return QJsonValue();
            case 1:
                return random.bounded(2) == 1;
            case 2:
                return random.bounded(-5, 70);
            case 3:
                return random.generateDouble() * 1e19 - 1e18;
            case 4:
                return QString();
            case 5:
                return QStringList{
                    "a",   "client.48213",        "active+clean", "HEALTH_ERR", "allow rw pool=train",
                    "=,=", "2026-01-01T00:00:00Z"}
                    .at(random.bounded(7));
            case 6:
                return QStringLiteral("\u0000\u2028x").repeated(random.bounded(3));
            case 7: {
                QJsonArray array;
                for (int i = random.bounded(4); i > 0; --i) {
                    array.append(anyValue(random, depth + 1));
                }
                return array;
            }
            default: {
                QJsonObject object;
                for (const char* key :
                     {"client", "address", "mon", "answered", "holders", "osd", "message"}) {
                    if (random.bounded(2) == 1) {
                        object[QLatin1String(key)] = anyValue(random, depth + 1);
                    }
                }
                return object;
            }
        }
    }

    /// Bends some members of some facts into anything.
    static void bend(FakeFacts& facts, QRandomGenerator& random)
    {
        for (const QString& id : facts.ids()) {
            const int how = random.bounded(6);
            if (how == 0) {
                facts.drop(id);
            } else if (how < 4) {
                const QStringList keys = facts.fact(id)->facts.keys();
                if (!keys.isEmpty()) {
                    facts.change(id, {{keys.at(random.bounded(int(keys.size()))), anyValue(random, 0)}});
                }
            }
        }
    }

    static FakeFacts everythingWrong()
    {
        FakeFacts facts = healthyVega();
        facts.change(kLockList, {{"locks", QJsonArray{lockFact()}}});
        facts.change(kPgId, {{"state", "peered"}, {"acting", QJsonArray{1}}});
        facts.change(kPool, {{"fullQuota", true}, {"full", true}, {"quotaBytes", 100.0}});
        facts.change("vega/ceph-pool/landing", {{"full", true}});
        facts.change(kQuorum, {{"quorate", false}});
        facts.change(kAuth, {{"caps", QJsonObject{}}});
        facts.put("vega", "blocklisted", kAddress, {{"address", kAddress}, {"listed", true}});
        facts.put("vega", "health-check", "OSD_DOWN", {{"check", "OSD_DOWN"}});
        return facts;
    }

    static QList<TaskView> everyTask()
    {
        QList<TaskView> tasks;
        for (const char* what :
             {"", "connect", "lock", "full", "quota", "min_size", "permission", "gateway", "timeout"}) {
            tasks.append(copyTask(QLatin1String(what), "something"));
            tasks.last().phase = "connecting";
            tasks.append(copyTask(QLatin1String(what), "something"));
        }
        return tasks;
    }

private Q_SLOTS:
    void anyFactsGiveADiagnosis()
    {
        const QList<TaskView> tasks = everyTask();
        for (quint32 seed = 1; seed <= 1'500; ++seed) {
            QRandomGenerator random(seed);
            FakeFacts facts = seed % 2 == 0 ? everythingWrong() : healthyVega();
            bend(facts, random);
            TaskView task = tasks.at(random.bounded(int(tasks.size())));
            if (random.bounded(3) == 0 && !task.blocked.isEmpty()) {
                const QStringList keys = task.blocked.keys();
                task.blocked[keys.at(random.bounded(int(keys.size())))] = anyValue(random, 0);
            }
            const Diagnosis d = diagnose(task, facts, kNow);
            const QByteArray context = "seed " + QByteArray::number(seed);
            QVERIFY2(!d.summary.isEmpty(), context);
            QVERIFY2(d.chain.size() >= 2, context);
            QVERIFY2(d.findings.size() >= 4, context);
            int last = 0;
            for (const Finding& finding : d.findings) {
                const int rank = finding.verdict == Verdict::Confirmed ? 0
                                 : finding.verdict == Verdict::Unknown ? 1
                                                                       : 2;
                QVERIFY2(rank >= last, context);
                last = rank;
                QVERIFY2(!finding.title.isEmpty() && !finding.evidence.isEmpty(), context);
                QVERIFY2(finding.verdict != Verdict::Confirmed || !finding.correction.isEmpty(), context);
            }
            QCOMPARE(d.verdict == Verdict::Confirmed, !d.rule.isEmpty());
            QVERIFY2(d.verdict == Verdict::Confirmed || !d.remedy, context);
            // The same question has the same answer.
            QCOMPARE(QJsonDocument(diagnose(task, facts, kNow).toJson()).toJson(),
                     QJsonDocument(d.toJson()).toJson());
            (void)healthWords(facts, "vega", kNow).toJson();
            (void)probesFor(task, facts);
            (void)followUpProbes(task, facts);
        }
    }

    void oldFactsConfirmNothing()
    {
        for (const qint64 age : {kFreshMs, kFreshMs + 1, qint64(60'000), qint64(86'400'000)}) {
            FakeFacts facts = everythingWrong();
            facts.ageAll(age);
            for (const TaskView& task : everyTask()) {
                const Diagnosis d = diagnose(task, facts, kNow);
                for (const Finding& finding : d.findings) {
                    QVERIFY2(finding.verdict != Verdict::Confirmed, qPrintable(finding.title));
                }
            }
            const HealthWords words = healthWords(facts, "vega", kNow);
            QCOMPARE(words.availability.word, QStringLiteral("unknown"));
        }
    }

    void factsFromTheFutureConfirmNothing()
    {
        FakeFacts facts = everythingWrong();
        facts.ageAll(-60'000);
        for (const TaskView& task : everyTask()) {
            QVERIFY(diagnose(task, facts, kNow).verdict == Verdict::Unknown);
        }
    }

    void missingFactsConfirmNothing()
    {
        for (const TaskView& task : everyTask()) {
            const Diagnosis d = diagnose(task, FakeFacts(), kNow);
            QVERIFY(d.verdict == Verdict::Unknown);
        }
    }

    /// Taking evidence away may turn confirmed into unknown, but never into another confirmed cause of the
    /// same rule.
    void lessEvidenceNeverConfirmsMore()
    {
        const FakeFacts whole = healthyVega();
        for (const TaskView& task : everyTask()) {
            const Diagnosis before = diagnose(task, whole, kNow);
            for (const QString& id : whole.ids()) {
                FakeFacts less = whole;
                less.drop(id);
                const Diagnosis after = diagnose(task, less, kNow);
                QVERIFY2(before.verdict == Verdict::Confirmed || after.verdict != Verdict::Confirmed,
                         qPrintable(id));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisRandom)
#include "tst_diagnosis_random.moc"
