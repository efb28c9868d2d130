#include "patience.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

/// What stands in the way on the engine's own machine.
class TestDiagnosisMachine : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatTheFileSystemSaysIsTheCause_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<bool>("certain");
        for (const char* what : {"full", "quota", "permission", "limit"}) {
            QTest::newRow(what) << what << true;
        }
        QTest::newRow("unreadable") << "unreadable" << false;
    }
    void whatTheFileSystemSaysIsTheCause()
    {
        QFETCH(QString, what);
        QFETCH(bool, certain);
        FakeFacts facts = healthyVega();
        facts.change(kPool, {{"full", true}, {"fullQuota", true}});
        facts.change(kAuth, {{"caps", QJsonObject{}}});
        TaskView file = copyTask(what, "x");
        file.blocked["connection"] = "file";
        file.blocked["cephPool"] = "";
        file.blocked["object"] = "/mnt/out/a";
        file.blocked["error"] = Error{.code = ErrorCode::PermissionDenied,
                                      .message = "'/mnt/out/a' cannot be written",
                                      .cause = "its file system is mounted read-only",
                                      .correction = "Mount it for writing"}
                                    .toJson();
        const Diagnosis d = diagnose(file, facts, kNow);
        QCOMPARE(d.rule, certain ? QStringLiteral("R62") : QString());
        QVERIFY(findingOf(d, "R21").verdict == Verdict::Refuted);
        QVERIFY(findingOf(d, "R10").verdict == Verdict::Unknown);
        if (certain) {
            QVERIFY2(d.summary.contains("mounted read-only. Mount it for writing"), qPrintable(d.summary));
            QCOMPARE(d.remedy->method, QString());
            QCOMPARE(d.chain.last().kind, QStringLiteral("report"));
        }
        file.blocked["connection"] = "vega";
        QVERIFY(findingOf(diagnose(file, facts, kNow), "R62").rule.isEmpty());
    }
    void aFileSystemThatHangsIsTheCause()
    {
        TaskView file = copyTask("timeout", "'/mnt/out/a' gives no answer");
        file.blocked["connection"] = "file";
        file.blocked["cephPool"] = "";
        file.blocked["object"] = "/mnt/out/a";
        const Diagnosis d = diagnose(file, healthyVega(), kNow);
        QCOMPARE(d.rule, QStringLiteral("R62"));
        QCOMPARE(d.findings.first().title, "The file system of /mnt/out/a does not answer");
        QVERIFY(d.remedy->commands.contains("findmnt -T /mnt/out/a"));
        file.blocked["object"] = "/mnt/out/a; reboot";
        QVERIFY(diagnose(file, healthyVega(), kNow).remedy->commands.isEmpty());
        file.blocked["connection"] = "rgw.vega";
        QVERIFY(findingOf(diagnose(file, healthyVega(), kNow), "R62").rule.isEmpty());
    }
    void aWorkerThatEndedWaitsForNothing()
    {
        TaskView task = copyTask();
        task.phase = "lost";
        task.blocked = {
            {"what", "worker"},
            {"op", "run"},
            {"error",
             Error{.message = "The worker of copy ended in the middle of its work: ended by a signal",
                   .cause = "3 of its attempts ended so without progress",
                   .correction = "See who ends it"}
                 .toJson()}};
        const Diagnosis d = diagnose(task, healthyVega(), kNow);
        QCOMPARE(d.rule, QStringLiteral("R61"));
        QVERIFY2(d.summary.contains("ended by a signal"), qPrintable(d.summary));
        QVERIFY(textOf(d.findings.first()).contains("3 of its attempts"));
        QCOMPARE(d.remedy->steps.first(), QStringLiteral("sluicectl flow log R-1 copy-train"));
    }
    void aFileLiesInNoCephPool()
    {
        TaskView file = copyTask("full", "'/mnt/out/a' cannot be written");
        file.blocked["connection"] = "file";
        file.blocked["cephPool"] = "";
        file.blocked["object"] = "/mnt/out/a";
        const Diagnosis d = diagnose(file, healthyVega(), kNow);
        QCOMPARE(d.chain.at(1).kind, QStringLiteral("object"));
        QCOMPARE(d.chain.at(1).lines.first(), QStringLiteral("file"));
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisMachine)
#include "tst_diagnosis_machine.moc"
