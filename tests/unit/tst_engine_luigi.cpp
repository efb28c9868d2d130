#include <signal.h>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include "connect/connectors.h"
#include "engine/estate_facts.h"
#include "estate/estate.h"
#include "fake_luigid.h"
#include "keys/secret_store.h"
#include "luigi/facts.h"
#include "luigi/process_group.h"
#include "patience.h"
#include "store/database.h"
#include "systems/luigi/luigi_executor.h"
#include "systems/luigi/luigi_kind.h"
#include "systems/luigi/system.h"
#include "tests/unit/connections.h"

using namespace sluice;

namespace {

QByteArray recording(const QString& file)
{
    QFile in(QStringLiteral(SLUICE_SOURCE_DIR "/tests/unit/") + file);
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

/// Notes what an attempt tells.
class NotingSink final : public flow::AttemptSink {
public:
    using Key = flow::AttemptKey;
    void started(const Key&, qint64 process, qint64) override { pid = process; }
    void phase(const Key&, const QString& name) override { told.append(QStringLiteral("phase ") + name); }
    void listed(const Key&, qint64 objects, qint64) override
    {
        tasks = objects;
        ++listings;
    }
    void progress(const Key&, const QJsonObject& figures) override { done = figures["objectsDone"].toInt(); }
    void blocked(const Key&, const QJsonObject& what) override
    {
        told.append(QStringLiteral("blocked ") + what["what"].toString());
        saidAtMs = what["observedAtMs"].toInteger();
    }
    void unblocked(const Key&) override { told.append(QStringLiteral("unblocked")); }
    void leftOut(const Key&, const QJsonArray&) override {}
    void strangers(const Key&, const QString&, const QStringList&, Names found) override
    {
        found(QStringList());
    }
    void logLine(const Key&, const QString&, const QString& text) override { log.append(text); }
    void claim(const Key&, const flow::Claim& claim, flow::Acknowledge kept) override
    {
        mark = claim.body["process"].toObject();
        if (held) {
            held->append(std::move(kept));
        } else {
            kept(refusal.message.isEmpty() ? Result<void>() : fail(refusal));
        }
    }
    void claimsOf(const Key&, const QStringList&, const QList<flow::Claim>&, flow::Acknowledge kept) override
    {
        kept({});
    }
    void commit(const Key&, QList<store::ManifestEntry>, flow::Acknowledge kept) override { kept({}); }
    void lookup(const Key&, const QStringList&, Entries found) override
    {
        found(QList<store::ManifestEntry>());
    }
    void page(const Key&, const QString&, const QString&, int, Entries found) override
    {
        found(QList<store::ManifestEntry>());
    }
    void finished(const Key&, const QJsonObject&) override { told.append(QStringLiteral("finished")); }
    void unfinished(const Key&, const QStringList&) override {}
    void failed(const Key&, const Error& error) override
    {
        told.append(QStringLiteral("failed"));
        why = error.toLine();
    }
    void gone(const Key&, const QString&) override { told.append(QStringLiteral("gone")); }

    /// Claims whose keeping is awaited, once the test has made the list.
    std::optional<QList<flow::Acknowledge>> held{};
    Error refusal{};
    QStringList told{};
    QStringList log{};
    QJsonObject mark{};
    QString why{};
    qint64 pid{};
    qint64 tasks{};
    int listings{};
    qint64 saidAtMs{};
    int done{};
};

}  // namespace

/// The engine's side of Luigi against what luigi and luigid were recorded to say.
class TestEngineLuigi : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    SystemClock m_clock;
    config::Config m_config;
    std::unique_ptr<keys::FileSecretStore> m_secrets;
    std::unique_ptr<store::Database> m_database;
    NotingSink m_sink;
    std::unique_ptr<systems::luigi::LuigiExecutor> m_executor;

    static flow::StartOrder order()
    {
        flow::StartOrder order{.key = {.run = 3, .task = 0, .attempt = 1, .fence = 1}, .run = "R-3"};
        order.spec.name = "features";
        order.spec.kind = "luigi";
        order.spec.body = model::makeBody(systems::luigi::LuigiBody{.connection = "luigid",
                                                                    .module = "sluice_lab",
                                                                    .task = "Features",
                                                                    .params = {{"date", "2026-01-01"}}});
        return order;
    }
    /// A `luigi` that does as the script says.
    void program(const QByteArray& script)
    {
        const QString path = m_dir.filePath("luigi");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate) &&
                file.write("#!/bin/sh\n" + script) > 0);
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        file.close();
        m_config.connections = {test::luigid("luigid", "http://127.0.0.1:1", path, "/opt/dags")};
    }
    /// What the system makes of the configuration.
    std::vector<std::unique_ptr<connect::Connector>> connectors()
    {
        m_secrets =
            std::make_unique<keys::FileSecretStore>(*keys::FileSecretStore::open(m_dir.filePath("secrets")));
        m_database = std::move(*store::Database::open({.file = m_dir.filePath("s.db"), .parts = {}}));
        return systems::luigi::system().makeConnectors(
            {.config = m_config, .secrets = *m_secrets, .database = *m_database, .clock = m_clock});
    }
    static QSet<QString> namesOf(const estate::Estate& estate)
    {
        QSet<QString> names;
        for (const estate::Entity& task : estate.ofKind("luigid", "luigi-task")) {
            names.insert(task.name);
        }
        return names;
    }
    static QByteArray prints(const QByteArray& name)
    {
        return "cat " SLUICE_SOURCE_DIR "/tests/unit/luigi_recordings/" + name + ".txt >&2\n";
    }

    void ask(QStringList& ends, const flow::AttemptKey& key = order().key)
    {
        m_executor->kill(key, this, [&ends](const Result<flow::ProcessEnd>& how) {
            ends.append(!how                               ? how.error().toLine()
                        : *how == flow::ProcessEnd::Reaped ? QStringLiteral("reaped")
                                                           : QStringLiteral("not there"));
        });
    }
    QString end(const flow::AttemptKey& key)
    {
        QStringList ends;
        ask(ends, key);
        return sluice::test::waitUntil([&ends] { return !ends.isEmpty(); }) ? ends.first() : QString();
    }

private Q_SLOTS:
    void init()
    {
        m_sink = {};
        m_executor = std::make_unique<systems::luigi::LuigiExecutor>(m_config, m_dir.filePath("work"),
                                                                     "engine-1", m_clock);
    }
    void cleanup() { m_executor.reset(); }

    void aTaskThatEndsWell()
    {
        program(prints("done") + "exit 0\n");
        QVERIFY(m_executor->admit(order().spec, {}).has_value());
        m_executor->start(order(), m_sink);
        QTRY_COMPARE(m_sink.told, (QStringList{"phase running", "finished"}));
        QVERIFY(m_sink.pid > 0);
        QVERIFY2(m_sink.mark["pid"].toInteger() == m_sink.pid,
                 "the process is kept before it counts as started");
        QCOMPARE(m_sink.tasks, 3);
        QCOMPARE(m_sink.done, 3);
        QVERIFY(!m_sink.log.isEmpty());
    }

    void noProcessBeginsBeforeItsClaimIsKept()
    {
        const sluice::luigi::ProcessMark mark{.marker = "engine-1/R-3/features/1"};
        program("exec sleep 600\n");
        m_sink.held.emplace();
        m_executor->start(order(), m_sink);
        QTRY_COMPARE(m_sink.held->size(), 1);
        QCOMPARE(sluice::luigi::ProcessMark::fromJson(m_sink.mark).marker, mark.marker);
        m_sink.held->takeFirst()(fail(Error{.message = "the disk is full", .retryable = true}));
        QTRY_COMPARE(m_sink.held->size(), 1);
        QCOMPARE(m_sink.pid, 0);
        QVERIFY(sluice::luigi::membersOf(mark).isEmpty());
        const auto asked = std::exchange(m_sink.held, std::nullopt);
        asked->first()({});
        QTRY_VERIFY(m_sink.pid > 0);
        // It is found by what was claimed, whatever was told of it since.
        QTRY_COMPARE(sluice::luigi::membersOf(mark), QList<qint64>{m_sink.pid});
        std::optional<Result<flow::ProcessEnd>> killed;
        m_executor->kill(order().key, this,
                         [&killed](const Result<flow::ProcessEnd>& done) { killed = done; });
        QTRY_VERIFY(killed && *killed);

        m_sink.held.emplace();
        m_executor->start(order(), m_sink);
        QTRY_COMPARE(m_sink.held->size(), 1);
        m_sink.told.clear();
        m_sink.held->takeFirst()(fail(Error{.code = ErrorCode::Aborted, .message = "fenced"}));
        QVERIFY2(m_sink.told.isEmpty(), "who fenced it says what became of it");
        QVERIFY(sluice::luigi::membersOf(mark).isEmpty());
        QCOMPARE(end(order().key), "not there");
    }

    void aClaimThatIsRefusedWhileItsEndIsAwaited()
    {
        program("exec sleep 600\n");
        m_sink.held.emplace();
        m_executor->start(order(), m_sink);
        QTRY_COMPARE(m_sink.held->size(), 1);
        QStringList ends;
        ask(ends);
        m_sink.held->takeFirst()(fail(Error{.code = ErrorCode::Aborted, .message = "fenced"}));
        QTRY_COMPARE(ends, QStringList{"not there"});
        QVERIFY(m_sink.told.isEmpty());
    }

    void aCancelAndAResetBothHearOfItsEnd()
    {
        program("exec sleep 600\n");
        m_executor->start(order(), m_sink);
        QTRY_VERIFY(m_sink.pid > 0);
        QStringList ends;
        ask(ends);
        ask(ends);
        {
            QObject gone;
            m_executor->kill(order().key, &gone, [&ends](const auto&) { ends.append("nobody's"); });
        }
        QVERIFY2(ends.isEmpty(), "what is answered later is never answered at once");
        QTRY_COMPARE(ends, (QStringList{"reaped", "reaped"}));
        QCOMPARE(end(order().key), "not there");
    }

    /// What a try counts anew and that comes to nothing is no progress.
    void whatIsHeldMakesNoProgressUntilItIsLetIn()
    {
        program("[ -e twice ] && { " + prints("done").trimmed() +
                "; exit 0; }\n[ -e once ] && touch twice\ntouch once\n" + prints("held_by_other_worker") +
                "exit 10\n");
        m_executor->start(order(), m_sink);
        QTRY_COMPARE(m_sink.told.count("blocked luigi"), 1);
        const int listed = m_sink.listings;
        QTRY_COMPARE(m_sink.told.count("blocked luigi"), 2);
        QCOMPARE(m_sink.listings, listed);
        QVERIFY(!m_sink.told.contains("unblocked"));
        QTRY_VERIFY(m_sink.told.contains("finished"));
        QCOMPARE(m_sink.told.count("unblocked"), 1);
        QVERIFY(m_sink.listings > listed);
        QCOMPARE(m_sink.done, 3);
    }

    void anotherAttemptIsNotEnded()
    {
        program("exec sleep 600\n");
        m_executor->start(order(), m_sink);
        QTRY_VERIFY(m_sink.pid > 0);
        flow::AttemptKey other = order().key;
        other.attempt = 2;
        QCOMPARE(end(other), "not there");
        QVERIFY(::kill(static_cast<pid_t>(m_sink.pid), 0) == 0);
        QCOMPARE(end(order().key), "reaped");
    }

    /// It waits for another Luigi worker and has no process when it is fenced.
    void whatBeginsAgainAfterItWasFencedIsEnded()
    {
        program(prints("held_by_other_worker") +
                "[ -e again ] || { touch again; exit 10; }\nexec sleep 600\n");
        m_executor->start(order(), m_sink);
        QTRY_VERIFY(m_sink.told.contains("blocked luigi"));
        m_sink.refusal = Error{.code = ErrorCode::Aborted, .message = "fenced"};
        const sluice::luigi::ProcessMark mark{.marker = "engine-1/R-3/features/1"};
        const qint64 before = m_sink.pid;
        QTRY_VERIFY(m_sink.pid != before);
        QTRY_VERIFY(sluice::luigi::membersOf(mark).isEmpty());
        QTRY_COMPARE(end(order().key), "not there");
        QVERIFY(!m_sink.told.contains("failed"));
    }

    void aTaskThatFails()
    {
        program(prints("task_failed") + "exit 30\n");
        m_executor->start(order(), m_sink);
        QTRY_COMPARE(m_sink.told, (QStringList{"phase running", "failed"}));
        QVERIFY2(m_sink.why.contains("column 'price' is missing"), qPrintable(m_sink.why));
    }

    void aTaskThatIsNotGranted()
    {
        program(prints("held_by_other_worker") + "exit 10\n");
        m_executor->start(order(), m_sink);
        const qint64 before = m_clock.nowMs();
        QTRY_VERIFY(m_sink.told.contains("blocked luigi"));
        QVERIFY2(m_sink.saidAtMs >= before && m_sink.saidAtMs <= m_clock.nowMs(),
                 "what nobody says any more gets old");
        std::optional<Result<flow::ProcessEnd>> killed;
        m_executor->kill(order().key, this,
                         [&killed](const Result<flow::ProcessEnd>& done) { killed = done; });
        QTRY_VERIFY(killed);
        QVERIFY(killed->has_value());
    }

    void aTaskThatIsKilledIsProvedDead()
    {
        program("exec sleep 600\n");
        m_executor->start(order(), m_sink);
        QTRY_VERIFY(m_sink.pid > 0);
        std::optional<Result<flow::ProcessEnd>> killed;
        m_executor->kill(order().key, this,
                         [&killed](const Result<flow::ProcessEnd>& done) { killed = done; });
        QTRY_VERIFY(killed);
        QVERIFY(*killed && **killed == flow::ProcessEnd::Reaped);
        QVERIFY2(::kill(static_cast<pid_t>(m_sink.pid), 0) != 0, "what is told as dead is dead");
        QVERIFY2(!m_sink.told.contains("finished") && !m_sink.told.contains("failed"),
                 "it was ended, it did not end");
        QCOMPARE(end(order().key), "not there");
    }

    void aConnectionThatIsNoMore()
    {
        m_config.connections.clear();
        const auto admitted = m_executor->admit(order().spec, {});
        QVERIFY(!admitted);
        QVERIFY(admitted.error().message.contains("luigid"));
    }

    void theWatchFillsTheEstate()
    {
        FakeLuigid luigid;
        luigid.answer = [](const QString& method, const QJsonObject& arguments) {
            if (method == "worker_list" || method == "graph") {
                return recording("luigid_recordings/" + method + ".json");
            }
            const QString status = arguments["status"].toString().toLower();
            const QByteArray answer =
                recording(QStringLiteral("luigid_recordings/task_list_%1.json").arg(status));
            return answer.isEmpty() ? QByteArray(R"({"response": {}})") : answer;
        };
        m_config.connections = {test::luigid("luigid", luigid.url().toString())};
        estate::Estate estate(m_clock);
        connect::Connectors watch(connectors(), estate, m_clock);
        QVERIFY2(estate.ids().isEmpty() && luigid.asked.isEmpty(), "nothing is read before the start");
        watch.start();
        QTRY_VERIFY(!estate.ofKind("luigid", "luigi-worker").isEmpty());
        // Lists have what is under way, the graph what is done.
        QSet<QString> known;
        for (const char* file : {"graph", "task_list_running", "task_list_pending"}) {
            const auto tasks = QJsonDocument::fromJson(recording(
                QStringLiteral("luigid_recordings/%1.json").arg(file)))["response"]
                                   .toObject();
            for (auto it = tasks.begin(); it != tasks.end(); ++it) {
                if (qstrcmp(file, "graph") != 0 || it->toObject()["status"] == "DONE") {
                    known.insert(luigi::shortTaskId(it.key(), it->toObject()["name"].toString()));
                }
            }
        }
        QVERIFY(known.size() > 20);
        QTRY_COMPARE(namesOf(estate), known);
        const auto connection = estate.entity("luigid/connection/luigid");
        QVERIFY(connection);
        QCOMPARE(connection->facts["state"].toString(), "up");
        QCOMPARE(connection->connection, "luigid");
        const diagnosis::RuleBook book({systems::luigi::system().rules});
        const auto told = book.standing(engine::EstateFacts(estate), connection->observedAtMs);
        // It, and the two workers that have something to do.
        QCOMPARE(told.size(), 3);
        QCOMPARE(told[0].finding.broken, QStringList{connection->id});
        for (const diagnosis::Standing& one : told) {
            QVERIFY(one.finding.verdict == diagnosis::Verdict::Refuted);
        }
    }

    void aLuigidThatIsNotThere()
    {
        m_config.connections = {test::luigid("luigid", "http://127.0.0.1:1"), test::cluster("vega")};
        estate::Estate estate(m_clock);
        connect::Connectors watch(connectors(), estate, m_clock);
        watch.start();
        QTRY_VERIFY(estate.entity("luigid/connection/luigid"));
        QCOMPARE(estate.entity("luigid/connection/luigid")->facts["state"].toString(), "down");
        QVERIFY2(!estate.entity("vega/connection/vega"), "another system is not its business");
        // It is broken whether or not a task waits for it, while that is seen.
        const diagnosis::RuleBook book({systems::luigi::system().rules});
        const engine::EstateFacts facts(estate);
        QList<diagnosis::Standing> told = book.standing(facts, m_clock.nowMs());
        QCOMPARE(told.size(), 1);
        QVERIFY(told[0].finding.verdict == diagnosis::Verdict::Confirmed);
        QCOMPARE(told[0].finding.broken, QStringList{"luigid/connection/luigid"});
        QCOMPARE(told[0].finding.remedy->commands, QStringList{"systemctl restart luigid"});
        told = book.standing(facts, m_clock.nowMs() + 60'000);
        QVERIFY(told[0].finding.verdict == diagnosis::Verdict::Unknown);
        // What answers with something else is not started anew.
        estate::Entity odd = *estate.entity("luigid/connection/luigid");
        odd.facts["error"] = Error{.code = ErrorCode::Internal, .message = "not JSON"}.toJson();
        estate.upsert({odd});
        QVERIFY(book.standing(facts, m_clock.nowMs())[0].finding.verdict == diagnosis::Verdict::Unknown);
    }
};

QTEST_GUILESS_MAIN(TestEngineLuigi)
#include "tst_engine_luigi.moc"
