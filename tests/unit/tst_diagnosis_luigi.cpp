#include <QtTest/QTest>

#include "systems/luigi/luigi_rules.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice::diagnosis;
using test::FakeFacts;
using test::kNow;

/// What holds up a Luigi task, told from what luigid lists.
class TestDiagnosisLuigi : public QObject {
    Q_OBJECT

    const RuleBook m_book{{generalRules(), sluice::systems::luigi::rules()}};
    FakeFacts m_facts;
    TaskView m_task;

    static QString at(qint64 ms) { return sluice::toRfc3339(kNow - ms); }
    static QString worker(int pid) { return QStringLiteral("Worker(salt=1, pid=%1)").arg(pid); }
    void putLuigid(const QJsonObject& more = {})
    {
        QJsonObject facts{{"type", "luigi"}, {"state", "up"}, {"url", "http://127.0.0.1:8082"}};
        for (auto it = more.begin(); it != more.end(); ++it) {
            facts[it.key()] = it.value();
        }
        m_facts.put("luigid", "connection", "luigid", facts);
    }
    void putWorker(int pid, const QString& state = "active", qint64 spokeAgoMs = 1000, int pending = 2)
    {
        m_facts.put("luigid", "luigi-worker", worker(pid),
                    {{"name", worker(pid)},
                     {"state", state},
                     {"host", "h1"},
                     {"pid", pid},
                     {"running", 0},
                     {"pending", pending},
                     {"lastActiveAt", at(spokeAgoMs)}});
    }
    void putTask(const QString& name, const QString& status, int pid,
                 const QString& id = "Extract_morning_0123456789")
    {
        m_facts.put("luigid", "luigi-task", name,
                    {{"taskId", id},
                     {"family", "Extract"},
                     {"displayName", "Extract(half=morning)"},
                     {"status", status},
                     {"workers", QJsonArray{worker(pid)}},
                     {"workerRunning", worker(pid)},
                     {"startedAt", at(120'000)},
                     {"statusMessage", "step 3 of 10"},
                     {"progressPercent", 20}});
    }
    Diagnosis judged() const { return diagnose(m_book, m_task, m_facts, kNow); }
    Finding found(const QString& rule) const
    {
        for (const Finding& finding : judged().findings) {
            if (finding.rule == rule) {
                return finding;
            }
        }
        return {};
    }
    QStringList confirmed() const
    {
        QStringList rules;
        for (const Finding& finding : judged().findings) {
            if (finding.verdict == Verdict::Confirmed) {
                rules.append(finding.rule);
            }
        }
        return rules;
    }
    QStringList standing(Verdict verdict) const
    {
        QStringList told;
        for (const Standing& one : m_book.standing(m_facts, kNow)) {
            if (one.finding.verdict == verdict) {
                told.append(one.finding.rule + ' ' + one.finding.broken.first());
            }
        }
        told.sort();
        return told;
    }

private Q_SLOTS:
    void init()
    {
        m_facts = {};
        m_task = {.id = "R-1/features",
                  .run = "R-1",
                  .task = "features",
                  .kind = "luigi",
                  .state = "stalled",
                  .connections = {"luigid"},
                  .lastProgressAtMs = kNow - 60'000,
                  .pid = 77};
        putLuigid();
        putWorker(77);
    }

    void aTaskThatRunsAndSaysNothingHangs()
    {
        putTask("Extract_0123456789", "RUNNING", 77);
        QCOMPARE(confirmed(), QStringList{"R64"});
        const Finding r64 = found("R64");
        QCOMPARE(r64.title, "Luigi task Extract runs and does not move");
        QVERIFY2(r64.evidence[0].text.contains("RUNNING for 2 min, and it said last “step 3 of 10” (20 %)"),
                 qPrintable(r64.evidence[0].text));
        QVERIFY(r64.evidence[1].text.contains("process 77"));
        QVERIFY(r64.evidence[2].text.contains("for 1 min"));
        QVERIFY(r64.remedy->commands.contains("py-spy dump --pid 77"));
        QVERIFY(r64.remedy->commands.contains("sluicectl flow reset R-1"));
    }

    void whatIsNotSeenToHangIsNotSaidTo_data()
    {
        QTest::addColumn<std::function<void(TestDiagnosisLuigi&)>>("change");
        const auto row = [](const char* name, std::function<void(TestDiagnosisLuigi&)> change) {
            QTest::newRow(name) << change;
        };
        row("of another worker", [](auto& t) { t.m_task.pid = 78; });
        row("its process is stopped", [](auto& t) { t.m_task.stoppedPid = 77; });
        row("its worker spoke long ago", [](auto& t) { t.putWorker(77, "active", 61'000); });
        row("read too long ago", [](auto& t) { t.m_facts.age("luigid/luigi-worker/" + worker(77), 60'000); });
        row("the task was read too long ago", [](auto& t) { t.m_facts.age("luigid/luigi-task/x", 60'000); });
        row("it is done", [](auto& t) { t.putTask("x", "DONE", 77); });
        row("it waits to be let in", [](auto& t) {
            t.m_task.blocked = {{"what", "luigi"}, {"op", "run"}, {"observedAtMs", kNow - 1000}};
        });
        row("two machines have a process of that number", [](auto& t) {
            t.m_facts.put("luigid", "luigi-worker", "other", {{"name", "other"}, {"pid", 77}});
        });
        row("no process", [](auto& t) {
            t.m_task.pid = 0;
            t.putWorker(0);
            t.putTask("x", "RUNNING", 0);
        });
    }
    void whatIsNotSeenToHangIsNotSaidTo()
    {
        QFETCH(const std::function<void(TestDiagnosisLuigi&)>, change);
        putTask("x", "RUNNING", 77);
        QCOMPARE(confirmed(), QStringList{"R64"});
        change(*this);
        QVERIFY(!confirmed().contains("R64"));
    }

    void aPausedLuigidIsTheCause()
    {
        m_task.blocked = {{"what", "luigi"}, {"op", "run"}, {"observedAtMs", kNow - 1000}};
        QCOMPARE(confirmed(), QStringList());
        putLuigid({{"paused", true}});
        QCOMPARE(confirmed(), QStringList{"R55"});
        QCOMPARE(found("R55").title, "luigid luigid is paused");
        QCOMPARE(found("R55").remedy->commands,
                 QStringList{"curl -sG --data-urlencode 'data={}' 'http://127.0.0.1:8082/api/unpause'"});
        QCOMPARE(standing(Verdict::Confirmed), QStringList{"R55 luigid/connection/luigid"});
        // What is typed in a shell has no quote of its own.
        putLuigid({{"paused", true}, {"url", "http://a'b"}});
        QVERIFY(found("R55").remedy->commands.isEmpty());
    }

    void aLuigidThatWasPausedAndIsSilentIsSilent()
    {
        putLuigid(
            {{"paused", true},
             {"state", "down"},
             {"error", sluice::Error{.code = sluice::ErrorCode::Unavailable, .message = "no"}.toJson()}});
        QCOMPARE(confirmed(), QStringList{"R57"});
        QCOMPARE(standing(Verdict::Confirmed), QStringList{"R57 luigid/connection/luigid"});
    }

    void aTaskThatFailedTooOftenIsStartedNoMore()
    {
        putTask("Extract_0123456789", "DISABLED", 77);
        QCOMPARE(confirmed(), QStringList{"R56"});
        const Finding r56 = found("R56");
        QCOMPARE(r56.broken, QStringList{"luigid/luigi-task/Extract_0123456789"});
        QVERIFY(r56.evidence[0].text.contains("Extract(half=morning)"));
        QCOMPARE(r56.remedy->commands.size(), 2);
        QCOMPARE(r56.remedy->commands[1],
                 "curl -sG --data-urlencode 'data={\"task_id\": \"Extract_morning_0123456789\"}' "
                 "'http://127.0.0.1:8082/api/re_enable_task'");
        // Another worker's is none of its business.
        m_task.pid = 78;
        putWorker(78);
        QCOMPARE(confirmed(), QStringList());
    }

    void anIdThatTellsASecretIsNotShown()
    {
        putTask("Extract_0123456789", "DISABLED", 77, "Extract_0123456789");
        QVERIFY(found("R56").remedy->commands.isEmpty());
        QVERIFY(found("R56").remedy->steps.first().contains("Re-enable"));
        putTask("Extract_0123456789", "DISABLED", 77, "'; rm -rf ~; '");
        QVERIFY(found("R56").remedy->commands.isEmpty());
    }

    void aDisabledWorkerIsACaseWhileItHasSomethingToDo()
    {
        QCOMPARE(standing(Verdict::Refuted),
                 QStringList({"R55 luigid/luigi-worker/" + worker(77), "R57 luigid/connection/luigid"}));
        putWorker(77, "disabled");
        QCOMPARE(standing(Verdict::Confirmed), QStringList{"R55 luigid/luigi-worker/" + worker(77)});
        QCOMPARE(confirmed(), QStringList{"R55"});
        QVERIFY(found("R55").remedy->commands == QStringList{"kill 77"});
        putWorker(77, "disabled", 1000, 0);
        QCOMPARE(standing(Verdict::Confirmed), QStringList());
        putWorker(77, "disabled");
        m_facts.age("luigid/luigi-worker/" + worker(77), 60'000);
        QCOMPARE(standing(Verdict::Unknown), QStringList{"R55 luigid/luigi-worker/" + worker(77)});
        QCOMPARE(confirmed(), QStringList());
    }

    void aTaskOfAnotherKindIsNotLuigis()
    {
        putLuigid({{"paused", true}});
        m_task.kind = "move";
        QVERIFY(judged().findings.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisLuigi)
#include "tst_diagnosis_luigi.moc"
