#include <QtCore/QFile>

#include "luigi/output_parser.h"
#include "patience.h"

using namespace sluice::luigi;

/// The recordings are what luigi 3.8.1 really wrote, with the paths and names of the machine replaced.
class TestLuigiOutput : public QObject {
    Q_OBJECT

private:
    static OutputParser parsed(const QString& recording, const QString& family)
    {
        OutputParser parser(family);
        QFile file(QStringLiteral(SLUICE_SOURCE_DIR "/tests/unit/luigi_recordings/") + recording + ".txt");
        if (!file.open(QIODevice::ReadOnly)) {
            qFatal("no recording %s", qPrintable(recording));
        }
        for (const QByteArray& line : file.readAll().split('\n')) {
            parser.feed(QString::fromUtf8(line));
        }
        return parser;
    }

private Q_SLOTS:
    void done()
    {
        const OutputParser parser = parsed("done", "Features");
        QCOMPARE(parser.progress().tasksTotal, 3);
        QCOMPARE(parser.progress().tasksDone, 3);
        QCOMPARE(parser.progress().tasksFailed, 0);
        QCOMPARE(parser.progress().current, QString());
        QCOMPARE(parser.progress().rootTaskId, QStringLiteral("Features_9806e499bd"));
        QVERIFY(parser.summary().seen);
        QVERIFY(parser.summary().smiles);
        QCOMPARE(parser.summary().scheduled, 3);
        QCOMPARE(parser.summary().ran, 3);
        QCOMPARE(parser.lastException(), QString());
    }
    void progressMovesStepByStep()
    {
        OutputParser parser("Features");
        QVERIFY(parser.feed(
            "INFO: Informed scheduler that task   Features_2026_01_01_9806e499bd   has status   PENDING"));
        QVERIFY(!parser.feed("INFO: Done scheduling tasks"));
        QVERIFY(
            parser.feed("INFO: [pid 1] Worker Worker(salt=1, pid=1) running   Features(date=2026-01-01, "
                        "password=x1y2z3)"));
        QCOMPARE(parser.progress().current, QStringLiteral("Features(date=2026-01-01, password=(hidden))"));
        QVERIFY(parser.feed(
            "INFO: Informed scheduler that task   Features_2026_01_01_9806e499bd   has status   DONE"));
        QCOMPARE(parser.progress().tasksDone, 1);
        QVERIFY(parser.progress().current.isEmpty());
        QVERIFY(!parser.feed(
            "INFO: Informed scheduler that task   Features_2026_01_01_9806e499bd   has status   DONE"));
    }
    /// Luigi prints every parameter of a task; which of them the job calls HIDDEN it does not say.
    void onlyWhatTheFlowPassedIsShownOfATask()
    {
        OutputParser parser("Job", {{"shop", "north-7"}});
        parser.feed(
            "INFO: [pid 1] Worker Worker(salt=1, pid=1) running   Job(date=2026-01-01, shop=north-7, "
            "dry=True, "
            "pin=4711-x, n=12)");
        QCOMPARE(parser.progress().current,
                 QStringLiteral("Job(date=2026-01-01, shop=north-7, dry=True, pin=(hidden), n=12)"));
        QVERIFY(parser.publicLine().contains("pin=(hidden)"));
        QVERIFY(parser.publicLine().contains("Worker(salt=1, pid=1)"));
        parser.feed("Traceback (most recent call last):");
        parser.feed("ValueError: 4711-x is no pin of north-7");
        QCOMPARE(parser.lastException(), QStringLiteral("ValueError: (hidden) is no pin of north-7"));
        parser.feed(
            "INFO: Informed scheduler that task   Job_2026_01_01_4711_x_9806e499bd   has status   DONE");
        QVERIFY(parser.publicLine().contains("Job_9806e499bd"));
        QVERIFY(!parser.publicLine().contains("4711"));
    }
    void alreadyComplete()
    {
        const ExecutionSummary summary = parsed("already_complete", "Features").summary();
        QVERIFY(summary.smiles);
        QCOMPARE(summary.complete, 1);
        QCOMPARE(summary.ran, 0);
    }
    void taskFailed()
    {
        const OutputParser parser = parsed("task_failed", "Features");
        QVERIFY(parser.summary().seen);
        QVERIFY(!parser.summary().smiles);
        QCOMPARE(parser.summary().failed, 2);
        QCOMPARE(parser.summary().pending, 1);
        QCOMPARE(parser.progress().tasksFailed, 2);
        QCOMPARE(parser.progress().tasksTotal, 3);
        QCOMPARE(parser.lastException(),
                 QStringLiteral(
                     "RuntimeError: Extract was told to fail: column 'price' is missing in 3 of 40 files"));
        QCOMPARE(parser.summary().verdict,
                 QStringLiteral("This progress looks :( because there were failed tasks"));
    }
    void missingData()
    {
        const OutputParser parser = parsed("missing_data", "Wants");
        QCOMPARE(parser.summary().missingData, 1);
        QVERIFY(!parser.summary().smiles);
        QVERIFY(!parser.progress().rootTaskId.contains("hunter2"));
        QCOMPARE(parser.progress().rootTaskId, QStringLiteral("Wants_ed8aef77b3"));
    }
    void heldByAnotherWorkerSmilesWithoutHavingRun()
    {
        const ExecutionSummary summary = parsed("held_by_other_worker", "Slow").summary();
        QCOMPARE(summary.runByOthers, 1);
        QVERIFY(summary.smiles);  // why a smile alone is not taken for the end of the work
        QCOMPARE(summary.ran + summary.complete, 0);
    }
    void notGranted()
    {
        const ExecutionSummary summary = parsed("not_granted", "Gpu").summary();
        QCOMPARE(summary.notGranted, 1);
        QVERIFY(!summary.smiles);
    }
    void schedulingError()
    {
        const OutputParser parser = parsed("scheduling_error", "BadComplete");
        QCOMPARE(parser.summary().failed, 1);
        QCOMPARE(parser.lastException(), QStringLiteral("ValueError: cannot stat s3://x"));
    }
    void schedulerUnreachable()
    {
        const OutputParser parser = parsed("scheduler_unreachable", "Features");
        QVERIFY(parser.schedulerUnreachable());
        QVERIFY(!parser.summary().seen);
    }
    void schedulerBackAgain()
    {
        OutputParser parser("F");
        parser.feed("WARNING: Failed connecting to remote scheduler 'http://127.0.0.1:1'");
        QVERIFY(parser.schedulerUnreachable());
        parser.feed("INFO: Informed scheduler that task   F_1_9806e499bd   has status   PENDING");
        QVERIFY(!parser.schedulerUnreachable());
    }
    void noModule()
    {
        QCOMPARE(parsed("no_module", "Features").lastException(),
                 QStringLiteral("ModuleNotFoundError: No module named 'nope'"));
    }
    void unknownParameter()
    {
        const OutputParser parser = parsed("unknown_parameter", "Features");
        QVERIFY(!parser.summary().seen);
        QVERIFY(parser.usageError().contains("unrecognized arguments: --Features-nope=1"));
    }
    void secretsInExceptions()
    {
        OutputParser parser("F");
        parser.feed("Traceback (most recent call last):");
        parser.feed("  File \"x.py\", line 1");
        parser.feed("botocore.exceptions.ClientError: secret_key=abcdef12345 refused");
        QCOMPARE(parser.lastException(),
                 QStringLiteral("botocore.exceptions.ClientError: secret_key=(hidden) refused"));
    }
};

QTEST_GUILESS_MAIN(TestLuigiOutput)
#include "tst_luigi_output.moc"
