#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QtCore/QTemporaryDir>

#include "connect/system.h"
#include "engine/systems.h"
#include "keys/secret_store.h"
#include "support/task_kinds.h"
#include "systems/ceph/claims/claims.h"
#include "systems/transfer/move_executor.h"
#include "tests/unit/authorities.h"
#include "tests/unit/connections.h"
#include "tests/unit/engine_fakes.h"

using namespace sluice;
using namespace sluice::test;

namespace {

bool signalsReachNobody = false;

/// As long as it lives no signal of this process ends another, as with one that hangs in the kernel.
class DeafProcesses {
public:
    DeafProcesses() { signalsReachNobody = true; }
    ~DeafProcesses() { signalsReachNobody = false; }
    DeafProcesses(const DeafProcesses&) = delete;
    DeafProcesses& operator=(const DeafProcesses&) = delete;
};

}  // namespace

/// Stands in front of the C library's, for Qt's processes too.
extern "C" int kill(pid_t pid, int signal) noexcept
{
    if (signalsReachNobody && signal != 0) {
        return 0;
    }
    return static_cast<int>(::syscall(SYS_kill, pid, signal));
}

namespace {

/// Keeps everything at once and notes which keys it was told.
class FakeSink final : public flow::AttemptSink {
public:
    using Key = flow::AttemptKey;
    void started(const Key&, qint64 process, qint64) override { pid = static_cast<pid_t>(process); }
    void phase(const Key&, const QString&) override {}
    void listed(const Key&, qint64, qint64) override {}
    void progress(const Key&, const QJsonObject&) override {}
    void blocked(const Key&, const QJsonObject& what) override { blockedOn.append(what["op"].toString()); }
    void unblocked(const Key&) override {}
    void leftOut(const Key&, const QJsonArray&) override {}
    void strangers(const Key&, const QString&, const QStringList&, Names done) override
    {
        done(QStringList());
    }
    void logLine(const Key&, const QString&, const QString& text) override { lines.append(text); }
    void claim(const Key&, const flow::Claim& claim, flow::Acknowledge done) override
    {
        if (claim.kind == systems::ceph::kKeyClaim) {
            named.append(claim.body["accessKey"].toString());
        }
        done({});
    }
    void claimsOf(const Key&, const QStringList&, const QList<flow::Claim>&, flow::Acknowledge done) override
    {
        done({});
    }
    void commit(const Key&, QList<store::ManifestEntry>, flow::Acknowledge done) override { done({}); }
    void lookup(const Key&, const QStringList&, Entries done) override
    {
        done(QList<store::ManifestEntry>());
    }
    void page(const Key&, const QString&, const QString&, int, Entries done) override
    {
        done(QList<store::ManifestEntry>());
    }
    void finished(const Key&, const QJsonObject&) override {}
    void unfinished(const Key&, const QStringList&) override {}
    void failed(const Key&, const Error& error) override { errors.append(error.toLine()); }
    void gone(const Key&, const QString&) override {}

    QStringList named{};
    QStringList blockedOn{};
    QStringList errors{};
    QStringList lines{};
    pid_t pid{};
};

Error unknown()
{
    return {.code = ErrorCode::OutcomeUnknown, .message = "no answer in time"};
}

}  // namespace

class TestEngineMove : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    SetClock m_clock;
    config::Config m_config;
    FakeLink m_link;
    FakeSink m_sink;
    std::unique_ptr<keys::ThreadedKeyVault> m_vault;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<engine::KeyService> m_keys;
    std::unique_ptr<estate::Estate> m_estate;
    std::unique_ptr<systems::ceph::GatewayTraits> m_traits;
    std::unique_ptr<systems::transfer::MoveExecutor> m_executor;

    static flow::StartOrder order()
    {
        flow::StartOrder order{.key = {.run = 7, .task = 0, .attempt = 1, .fence = 1}, .run = "R-7"};
        order.spec.name = "copy";
        order.spec.kind = "move";
        order.spec.body = test::moveBody("file:/in", "s3://rgw/out");
        return order;
    }
    /// "method name" of all calls; names in the order in which the engine made them.
    QStringList asked() const
    {
        QStringList list;
        for (const FakeLink::Call& call : m_link.calls) {
            list.append(QStringLiteral("%1 %2")
                            .arg(call.method)
                            .arg(m_sink.named.indexOf(call.params["accessKey"].toString())));
        }
        return list;
    }

    void startWorker()
    {
        m_link.answer = [](const FakeLink::Call&) { return QJsonObject{{"secretKey", "S"}}; };
        m_executor->start(order(), m_sink);
        QTRY_VERIFY(m_sink.pid > 0);
    }

private Q_SLOTS:
    void systemsBringTheKindsOfTasks()
    {
        QCOMPARE(connect::taskKindsOf(engine::systems(), {}).names(), test::taskKinds().names());
    }

    void whatRunsTasksHasStoppedWhenTheLastHas()
    {
        class Held final : public flow::Executor {
        public:
            explicit Held(QList<std::function<void()>>& held) : m_held(held) {}
            Result<void> admit(const model::TaskSpec&, const model::TaskSpec&) override { return {}; }
            void start(const flow::StartOrder&, flow::AttemptSink&) override {}
            void kill(const flow::AttemptKey&, QObject* context, Killed done) override
            {
                callLater(context, [done] { done(flow::ProcessEnd::NotThere); });
            }
            void stop(QObject*, std::function<void()> done) override { m_held.append(std::move(done)); }
            int holders(const QString& role, int generation) const override
            {
                return role == QLatin1String("ingest") ? generation : 0;
            }

        private:
            QList<std::function<void()>>& m_held;
        };
        QList<std::function<void()>> held;
        std::vector<connect::TaskRunner> list;
        list.push_back({.kinds = {"a"}, .executor = std::make_unique<Held>(held)});
        list.push_back({.kinds = {"b"}, .executor = std::make_unique<Held>(held)});
        const connect::TaskRunners runners(std::move(list));
        QCOMPARE(runners.holders("ingest", 3), 6);
        QCOMPARE(runners.holders("train", 3), 0);
        int stopped = 0;
        runners.stop(this, [&stopped] { ++stopped; });
        QCOMPARE(held.size(), 2);
        held[0]();
        QCOMPARE(stopped, 0);
        held[1]();
        QTRY_COMPARE(stopped, 1);
        connect::TaskRunners().stop(this, [&stopped] { ++stopped; });
        QVERIFY2(stopped == 1, "what is answered later is never answered at once");
        QTRY_COMPARE(stopped, 2);
    }

    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_config = {};
        m_config.connections = {test::cluster("vega", {"rgw"}), test::gateway("rgw")};
        m_link.calls.clear();
        m_sink = {};
        m_vault = std::make_unique<keys::ThreadedKeyVault>(std::make_unique<keys::FileSecretStore>(
            *keys::FileSecretStore::open(m_dir->filePath("secrets"))));
        m_database = std::move(*store::Database::open(
            {.file = m_dir->filePath("s.db"), .parts = {engine::KeyService::schema()}}));
        m_keys = std::make_unique<engine::KeyService>(m_link, test::cephAuthorities(), *m_vault, *m_database,
                                                      m_clock);
        m_estate = std::make_unique<estate::Estate>(m_clock);
        m_traits = std::make_unique<systems::ceph::GatewayTraits>(*m_estate, m_clock);
        m_executor = std::make_unique<systems::transfer::MoveExecutor>(
            WORKER_FAKE, m_config, m_link, [this](const QString& role) { return m_keys->currentOf(role); },
            *m_vault, *m_traits, m_clock);
    }
    void cleanup()
    {
        m_executor.reset();
        m_keys.reset();
        m_vault.reset();
        m_database.reset();
    }

    void aTaskBeginsWhereThisEngineLeadsAndWaitsWhereAnotherDoes()
    {
        m_link.takesChanges = false;  // no monitor quorum: that is found and explained where the task stands
        QVERIFY(m_executor->admit(order().spec, {}).has_value());
        m_link.leads = false;
        const auto waits = m_executor->admit(order().spec, {});
        QVERIFY(!waits && waits.error().retryable);
        m_link.leads = m_link.takesChanges = true;
    }

    void whatAWorkerFindsOutAboutAGatewayIsKeptForTheNext()
    {
        startWorker();
        const QString id = estate::entityId("rgw", "gateway-write", "rgw");
        QTRY_VERIFY(m_estate->entity(id));
        QCOMPARE(m_estate->entity(id)->facts["etagMatch"].toString(), QStringLiteral("plain"));
        QCOMPARE(m_estate->entity(id)->connection, QStringLiteral("rgw"));
        QTRY_COMPARE(m_sink.lines, QStringList{"told: "});
        bool reaped = false;
        m_executor->kill(order().key, this, [&reaped](const Result<flow::ProcessEnd>&) { reaped = true; });
        QTRY_VERIFY(reaped);
        flow::StartOrder next = order();
        next.key.attempt = 2;
        m_executor->start(next, m_sink);
        QTRY_COMPARE(m_sink.lines, (QStringList{"told: ", "told: plain"}));
        m_executor->kill(next.key, this, [](const Result<flow::ProcessEnd>&) {});
    }

    void aKeyThatMayBeThereIsGoneBeforeAnotherIsMade()
    {
        int removals = 0;
        m_link.answer = [&](const FakeLink::Call& call) -> Result<QJsonObject> {
            if (call.method == "s3.key.remove" && ++removals > 1) {
                return QJsonObject();
            }
            return fail(unknown());
        };
        m_executor->start(order(), m_sink);
        QTRY_VERIFY(m_link.calls.size() >= 4);
        QCOMPARE(asked(),
                 QStringList({"s3.key.create 0", "s3.key.remove 0", "s3.key.remove 0", "s3.key.create 1"}));
        QTRY_COMPARE(m_sink.blockedOn, QStringList({"make key", "remove key", "make key"}));
        QCOMPARE(m_sink.errors, QStringList());
        m_executor->kill(order().key, this, [](const Result<flow::ProcessEnd>&) {});
    }

    void aKeyThatComesAfterTheEndIsTakenBack_data()
    {
        QTest::addColumn<bool>("sure");
        QTest::newRow("made") << true;
        QTest::newRow("outcome unknown") << false;
    }
    void aKeyThatComesAfterTheEndIsTakenBack()
    {
        QFETCH(const bool, sure);
        m_link.answer = [&](const FakeLink::Call& call) -> Result<QJsonObject> {
            if (call.method == "s3.key.create") {
                m_executor->kill(order().key, this, [](const Result<flow::ProcessEnd>&) {});
                return sure ? Result<QJsonObject>(QJsonObject{{"secretKey", "S"}}) : fail(unknown());
            }
            return QJsonObject();
        };
        m_executor->start(order(), m_sink);
        QTRY_COMPARE(asked(), QStringList({"s3.key.create 0", "s3.key.remove 0"}));
        QTRY_COMPARE(m_link.open, 0);
    }

    void aWorkerThatDoesNotEndHoldsUpNobodyForever()
    {
        startWorker();
        std::optional<Result<flow::ProcessEnd>> killed;
        bool stopped = false;
        {
            const DeafProcesses deaf;
            m_executor->kill(order().key, this,
                             [&killed](const Result<flow::ProcessEnd>& done) { killed = done; });
            m_executor->stop(this, [&stopped] { stopped = true; });
        }
        QTRY_VERIFY(killed && stopped);
        QVERIFY(!*killed && killed->error().retryable);
        QVERIFY2(killed->error().toLine().contains(QString::number(m_sink.pid)),
                 qPrintable(killed->error().toLine()));
        // Nor does it hold up the end of the program. Stopped, it does not end by itself either.
        ::kill(m_sink.pid, SIGSTOP);
        {
            const DeafProcesses deaf;
            m_executor.reset();
        }
        QCOMPARE(::waitpid(m_sink.pid, nullptr, WNOHANG), 0);
        ::kill(m_sink.pid, SIGKILL);
        QTRY_VERIFY(::waitpid(m_sink.pid, nullptr, WNOHANG) != 0);
    }

    void aWorkerThatEndsAfterAllIsToldOf()
    {
        startWorker();
        std::optional<Result<flow::ProcessEnd>> killed;
        {
            const DeafProcesses deaf;
            m_executor->kill(order().key, this,
                             [&killed](const Result<flow::ProcessEnd>& done) { killed = done; });
        }
        ::kill(m_sink.pid, SIGKILL);
        QTRY_VERIFY(killed);
        QVERIFY(*killed && **killed == flow::ProcessEnd::Reaped);
        killed.reset();
        m_executor->kill(order().key, this,
                         [&killed](const Result<flow::ProcessEnd>& done) { killed = done; });
        QVERIFY(!killed);
        QTRY_VERIFY(killed);
        QVERIFY2(*killed && **killed == flow::ProcessEnd::NotThere, "it is reaped once");
    }
};

QTEST_GUILESS_MAIN(TestEngineMove)
#include "tst_engine_move.moc"
