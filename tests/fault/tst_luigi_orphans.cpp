#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <csignal>

#include "luigi/process_group.h"
#include "patience.h"

using namespace sluice;
using namespace sluice::luigi;

/// What is left of a Luigi task when the engine dies, and how the next engine ends it.
class TestLuigiOrphans : public QObject {
    Q_OBJECT

private:
    SystemClock m_clock;
    QTemporaryDir m_dir;

    QString script(const QByteArray& text)
    {
        QFile file(m_dir.filePath("luigi"));
        if (!file.open(QIODevice::WriteOnly) || file.write("#!/bin/sh\n" + text) < 0 ||
            !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner)) {
            qFatal("no script");
        }
        return file.fileName();
    }
    QString marker() const { return QStringLiteral("orphans-%1").arg(QCoreApplication::applicationPid()); }

    /// Starts the engine and waits for the mark and the word "ready".
    ProcessMark startEngine(QProcess& engine, const QByteArray& text)
    {
        engine.start(SLUICE_BIN_DIR "/luigi_engine_fake", {script(text), m_dir.filePath("work"), marker()});
        QByteArray out;
        if (!sluice::test::waitUntil([&] {
                out += engine.readAllStandardOutput();
                return out.contains("ready");
            })) {
            return {};
        }
        return ProcessMark::fromJson(QJsonDocument::fromJson(out.split('\n').first()).object());
    }

private Q_SLOTS:
    void luigiDiesWithTheEngine()
    {
        QProcess engine;
        const ProcessMark mark = startEngine(engine, "echo ready\nexec sleep 300\n");
        QVERIFY(mark.pid > 0);
        QCOMPARE(membersOf(mark).size(), 1);
        ::kill(pid_t(engine.processId()), SIGKILL);
        QTRY_VERIFY(membersOf(mark).isEmpty());
        QTRY_COMPARE(engine.state(), QProcess::NotRunning);
    }

    void theNextEngineEndsWhatLuigiHadStarted()
    {
        QProcess engine;
        const ProcessMark mark = startEngine(engine, "sleep 300 &\nsetsid sleep 301 &\necho ready\nwait\n");
        QTRY_COMPARE(membersOf(mark).size(), 3);
        ::kill(pid_t(engine.processId()), SIGKILL);
        QTRY_COMPARE(membersOf(mark).size(), 2);  // the leader is gone, its children are not
        QTRY_COMPARE(engine.state(), QProcess::NotRunning);

        std::optional<Result<DeathProof>> proof;
        QObject context;
        killGroup(ProcessMark::fromJson(mark.toJson()), m_clock, 5'000, &context,
                  [&](Result<DeathProof> result) { proof = std::move(result); });
        QTRY_VERIFY(proof.has_value());
        QVERIFY(proof->has_value());
        QCOMPARE((*proof)->killed.size(), 2);
        QVERIFY(membersOf(mark).isEmpty());
    }

    void evenWithoutTheRecordTheMarkerFindsThem()
    {
        QProcess engine;
        const ProcessMark mark = startEngine(engine, "sleep 300 &\necho ready\nwait\n");
        QTRY_COMPARE(membersOf(mark).size(), 2);
        ::kill(pid_t(engine.processId()), SIGKILL);
        QTRY_COMPARE(membersOf({.marker = marker()}).size(), 1);
        std::optional<Result<DeathProof>> proof;
        QObject context;
        killGroup({.marker = marker()}, m_clock, 5'000, &context,
                  [&](Result<DeathProof> result) { proof = std::move(result); });
        QTRY_VERIFY(proof.has_value());
        QVERIFY(proof->has_value());
        QVERIFY(membersOf({.marker = marker()}).isEmpty());
        QTRY_COMPARE(engine.state(), QProcess::NotRunning);
    }

    void aStoppedProcessIsEndedToo()
    {
        QProcess engine;
        const ProcessMark mark = startEngine(engine, "sleep 300 &\necho ready\nwait\n");
        QTRY_COMPARE(membersOf(mark).size(), 2);
        for (const qint64 pid : membersOf(mark)) {
            ::kill(pid_t(pid), SIGSTOP);
        }
        ::kill(pid_t(engine.processId()), SIGKILL);
        QTRY_COMPARE(engine.state(), QProcess::NotRunning);
        std::optional<Result<DeathProof>> proof;
        QObject context;
        killGroup(mark, m_clock, 5'000, &context,
                  [&](Result<DeathProof> result) { proof = std::move(result); });
        QTRY_VERIFY(proof.has_value());
        QVERIFY(proof->has_value());
        QVERIFY(membersOf(mark).isEmpty());
    }

    void noAnswerAfterTheContextIsGone()
    {
        bool called = false;
        {
            QObject context;
            killGroup({.marker = marker()}, m_clock, 1'000, &context,
                      [&](Result<DeathProof>) { called = true; });
        }
        std::optional<Result<DeathProof>> other;
        QObject context;
        killGroup({.marker = marker()}, m_clock, 1'000, &context,
                  [&](Result<DeathProof> result) { other = std::move(result); });
        QTRY_VERIFY(other.has_value());
        QVERIFY(!called);
    }
};

QTEST_GUILESS_MAIN(TestLuigiOrphans)
#include "tst_luigi_orphans.moc"
