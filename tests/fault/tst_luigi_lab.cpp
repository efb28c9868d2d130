#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QProcess>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>

#include "luigi/connector.h"
#include "luigi/luigi_run.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::luigi;

/// Against a real luigid and a real luigi.
class TestLuigiLab : public QObject {
    Q_OBJECT

private:
    static constexpr int kNoPackageIndex = 75;
    SystemClock m_clock;
    QTemporaryDir m_dir;
    QMap<QString, QString> m_env;
    bool m_up{};

    static QString labProgram() { return QStringLiteral(SLUICE_SOURCE_DIR "/tests/lab/luigi-lab"); }

    int lab(const QStringList& verb, QByteArray* out = nullptr)
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        process.start(labProgram(), QStringList{"--dir", m_dir.path()} + verb);
        if (!process.waitForFinished(300'000)) {
            process.kill();
            process.waitForFinished();
            return -1;
        }
        if (out) {
            *out = process.readAllStandardOutput();
        }
        return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    }
    LuigiJob job(const QString& date, const QMap<QString, QString>& more = {})
    {
        QMap<QString, QString> params{{"date", date}, {"out", m_dir.filePath("out")}, {"seconds", "0.2"}};
        params.insert(more);
        return {.program = m_env["SLUICE_LAB_LUIGI_PROGRAM"],
                .module = "sluice_lab",
                .family = "Features",
                .params = params,
                .schedulerUrl = QUrl(m_env["SLUICE_LAB_LUIGI_URL"]),
                .pythonPath = m_env["SLUICE_LAB_LUIGI_PYTHONPATH"],
                .workDir = m_dir.filePath("work-" + date),
                .marker = m_dir.path() + '/' + date,
                .heldRetryMs = 1'000};
    }
    static QJsonObject factsOf(const QSignalSpy& spy, const QString& kind, const QString& family = {})
    {
        for (qsizetype i = spy.size() - 1; i >= 0; --i) {
            for (const QJsonObject& entity : spy.at(i).at(0).value<QList<QJsonObject>>()) {
                const QJsonObject facts = entity["facts"].toObject();
                if (entity["kind"] == kind && (family.isEmpty() || facts["family"] == family)) {
                    return facts;
                }
            }
        }
        return {};
    }

private Q_SLOTS:
    void initTestCase()
    {
        qRegisterMetaType<QList<QJsonObject>>();
        if (!QFile::exists(labProgram())) {
            QSKIP("there is no tests/lab/luigi-lab");
        }
        const int code = lab({"up"});
        if (code == kNoPackageIndex) {
            QSKIP("PyPI cannot be reached, so there is no Luigi to test with");
        }
        QCOMPARE(code, 0);
        m_up = true;
        QByteArray out;
        QCOMPARE(lab({"env"}, &out), 0);
        static const QRegularExpression line(QStringLiteral("^export (\\w+)=(.*)$"));
        for (const QString& text : QString::fromUtf8(out).split('\n')) {
            const auto match = line.match(text);
            if (match.hasMatch()) {
                m_env[match.captured(1)] = match.captured(2);
            }
        }
        QVERIFY(!m_env["SLUICE_LAB_LUIGI_PROGRAM"].isEmpty());
    }
    void cleanupTestCase()
    {
        if (m_up) {
            QCOMPARE(lab({"down"}), 0);
        }
    }

    void runsToTheEndAndIsSeen()
    {
        LuigiConnector connector(
            {.connection = "luigid", .url = QUrl(m_env["SLUICE_LAB_LUIGI_URL"]), .pollMs = 100}, m_clock);
        QSignalSpy facts(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(factsOf(facts, "connection")["state"].toString(), QStringLiteral("up"));

        LuigiRun run(job("2026-01-01", {{"seconds", "2"}}), m_clock);
        QSignalSpy done(&run, &LuigiRun::done);
        QSignalSpy failed(&run, &LuigiRun::failed);
        run.start();
        QTRY_COMPARE(factsOf(facts, "luigi-task", "Extract")["status"].toString(), QStringLiteral("RUNNING"));
        QTRY_VERIFY(factsOf(facts, "luigi-task", "Extract")["progressPercent"].toInt() > 0);
        QCOMPARE(factsOf(facts, "luigi-worker")["state"].toString(), QStringLiteral("active"));

        QTRY_COMPARE(factsOf(facts, "luigi-task", "Features")["dependsOn"].toArray().size(), 2);

        QTRY_COMPARE(done.size() + failed.size(), 1);
        QCOMPARE(done.size(), 1);
        QCOMPARE(run.progress().tasksDone, 3);
        QVERIFY(QFile::exists(m_dir.filePath("out/2026-01-01/features.json")));
        QTRY_COMPARE(factsOf(facts, "luigi-task", "Features")["status"].toString(), QStringLiteral("DONE"));
        connector.stop();
    }
    void aSecondRunFindsItComplete()
    {
        LuigiRun run(job("2026-01-01"), m_clock);
        QSignalSpy done(&run, &LuigiRun::done);
        run.start();
        QTRY_COMPARE(done.size(), 1);
        QCOMPARE(done.at(0).at(0).value<ExecutionSummary>().complete, 1);
        QCOMPARE(done.at(0).at(0).value<ExecutionSummary>().ran, 0);
    }
    void aFailureNamesItsCause()
    {
        LuigiRun run(job("2026-01-02", {{"fail", "Features"}}), m_clock);
        QSignalSpy failed(&run, &LuigiRun::failed);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        const Error error = failed.at(0).at(0).value<Error>();
        QVERIFY2(error.cause.contains("column 'price' is missing"), qPrintable(error.toLine()));
        QCOMPARE(run.progress().tasksDone, 2);
        QCOMPARE(run.progress().tasksFailed, 1);
    }
    void aWrongParameterIsRefused()
    {
        LuigiRun run(job("2026-01-03", {{"nope", "1"}}), m_clock);
        QSignalSpy failed(&run, &LuigiRun::failed);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        QCOMPARE(int(failed.at(0).at(0).value<Error>().code), int(ErrorCode::InvalidArgument));
    }
    void noSchedulerIsSaid()
    {
        LuigiJob alone = job("2026-01-04");
        alone.schedulerUrl = QUrl("http://127.0.0.1:1");
        LuigiRun run(alone, m_clock);
        QSignalSpy failed(&run, &LuigiRun::failed);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        QCOMPARE(int(failed.at(0).at(0).value<Error>().code), int(ErrorCode::Unavailable));
    }
    void killedAndStartedAgain()
    {
        const LuigiJob work = job("2026-01-05", {{"seconds", "4"}});
        {
            LuigiRun run(work, m_clock);
            QSignalSpy progressed(&run, &LuigiRun::progressed);
            run.start();
            QTRY_VERIFY(run.progress().tasksDone == 1);
            std::optional<Result<DeathProof>> proof;
            run.kill([&](Result<DeathProof> result) { proof = std::move(result); });
            QTRY_VERIFY(proof.has_value());
            QVERIFY(proof->has_value());
        }
        QVERIFY(!QFile::exists(m_dir.filePath("out/2026-01-05/features.json")));
        LuigiJob again = work;
        again.params["seconds"] = "0.2";
        LuigiRun run(again, m_clock);
        QSignalSpy done(&run, &LuigiRun::done);
        QSignalSpy failed(&run, &LuigiRun::failed);
        QSignalSpy held(&run, &LuigiRun::held);
        run.start();
        QTRY_COMPARE_WITH_TIMEOUT(done.size() + failed.size(), 1, 120'000);
        QCOMPARE(done.size(), 1);
        QVERIFY2(held.size() > 0, "luigid should have taken the dead worker for alive at first");
        QVERIFY(QFile::exists(m_dir.filePath("out/2026-01-05/features.json")));
    }
    void luigidGone()
    {
        LuigiConnector connector(
            {.connection = "luigid", .url = QUrl(m_env["SLUICE_LAB_LUIGI_URL"]), .pollMs = 100}, m_clock);
        QSignalSpy facts(&connector, &LuigiConnector::facts);
        connector.start();
        QTRY_COMPARE(factsOf(facts, "connection")["state"].toString(), QStringLiteral("up"));
        QCOMPARE(lab({"kill"}), 0);
        QTRY_COMPARE(factsOf(facts, "connection")["state"].toString(), QStringLiteral("degraded"));
        QVERIFY(facts.last().at(1).toStringList().isEmpty());
        connector.stop();
    }
};

QTEST_GUILESS_MAIN(TestLuigiLab)
#include "tst_luigi_lab.moc"
