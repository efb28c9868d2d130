#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>

#include "connect/system.h"
#include "core/process_identity.h"
#include "engine/attempt_fencer.h"
#include "engine/systems.h"
#include "tests/unit/connections.h"
#include "tests/unit/engine_fakes.h"

using namespace sluice;
using namespace sluice::test;

class TestEngineFencer : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    SetClock m_clock;
    config::Config m_config;
    FakeLink m_link;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<engine::AttemptFencer> m_fencer;

    void open()
    {
        QTRY_COMPARE(m_link.open, 0);
        m_fencer.reset();
        m_database.reset();
        m_database = std::move(*store::Database::open(
            {.file = m_dir->filePath("s.db"), .parts = {engine::AttemptFencer::schema()}}));
        m_fencer = std::make_unique<engine::AttemptFencer>(
            *connect::makeClaimKeepers(engine::systems(),
                                       {.config = m_config, .link = m_link, .clock = m_clock}),
            m_link, *m_database, m_clock);
        QVERIFY(m_fencer->load().has_value());
        m_fencer->start();
    }
    static flow::Claim client(const char* connection, const char* address)
    {
        return {"ceph.client", connection, {{"address", address}}};
    }
    static flow::Claim s3Key(const QString& name) { return {"s3.key", "rgw", {{"accessKey", name}}}; }
    static flow::Claim upload()
    {
        return {"s3.upload", "rgw", {{"bucket", "out"}, {"key", "a"}, {"uploadId", "U1"}}};
    }
    static flow::Claim staged()
    {
        return {"ceph.staged",
                "vega",
                {{"cephPool", "train"}, {"object", "x.sluice-staged.0"}, {"mark", "R-7/copy/2/2"}}};
    }
    static flow::AttemptRecord attempt()
    {
        return {.run = 7, .task = 0, .attempt = 2, .claims = {s3Key("SL1")}};
    }
    /// As the flow engine does it: noted with the end of the attempt, then asked for.
    void release(const flow::AttemptRecord& one)
    {
        bool kept = false;
        m_database->write(m_fencer->noteRelease(one), this,
                          [&kept](const Result<void>& done) { kept = done.has_value(); });
        QTRY_VERIFY(kept);
        m_fencer->release(one);
    }
    int noted()
    {
        int n = -1;
        (void)m_database->readNow([&n](store::Tx& tx) {
            n = 0;
            return tx.query("SELECT 1 FROM claim_left", {}, [&n](const QSqlQuery&) {
                ++n;
                return true;
            });
        });
        return n;
    }

    /// An attempt with two client instances, and nothing on a gateway.
    static flow::AttemptRecord withClients()
    {
        flow::AttemptRecord one = attempt();
        one.claims = {client("vega", "10.0.0.1:0/1"), client("vega", "10.0.0.2:0/2")};
        return one;
    }
    Result<void> fence(const flow::AttemptRecord& one)
    {
        std::optional<Result<void>> fenced;
        m_fencer->fence(one, [&fenced](const Result<void>& done) { fenced = done; });
        return sluice::test::waitUntil([&fenced] { return fenced.has_value(); })
                   ? *fenced
                   : fail(Error{.message = "no answer"});
    }
    QStringList asked() const
    {
        QStringList list;
        for (const FakeLink::Call& call : m_link.calls) {
            list.append(call.connection + ' ' + call.method + ' ' + call.params["address"].toString());
        }
        return list;
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_config = {};
        m_config.connections = {test::cluster("vega", {"rgw"}), test::gateway("rgw")};
        m_link.leads = true;
        m_link.calls.clear();
        m_link.mostOpen = 0;
        m_link.answer = [](const FakeLink::Call&) { return QJsonObject(); };
        open();
    }
    void cleanup()
    {
        m_fencer.reset();
        m_database.reset();
    }

    void aKeyIsTakenBackAfterTheEnd()
    {
        release(attempt());
        QTRY_COMPARE(m_link.count("s3.key.remove"), 1);
        QCOMPARE(m_link.calls.first().connection, "vega");
        QVERIFY(m_link.calls.first().params["because"].toObject()["reason"].toString().startsWith(
            "R-7, task 0, attempt 2"));
        QTRY_COMPARE(noted(), 0);
    }

    void aKeyThatCouldNotBeTakenBackIsAskedForInTheNextLife()
    {
        m_link.answer = [](const FakeLink::Call&) -> Result<QJsonObject> { return fail(unavailable()); };
        release(attempt());
        QTRY_COMPARE(m_link.count("s3.key.remove"), 1);
        QTRY_COMPARE(m_link.open, 0);
        QCOMPARE(noted(), 1);
        m_link.calls.clear();
        m_link.answer = [](const FakeLink::Call&) { return QJsonObject(); };
        open();
        QTRY_COMPARE(m_link.count("s3.key.remove"), 1);
        QTRY_COMPARE(noted(), 0);
    }

    void aKeyWhoseAttemptEndedWithTheEngineIsTakenBackInTheNextLife()
    {
        bool kept = false;
        m_database->write(m_fencer->noteRelease(attempt()), this,
                          [&kept](const Result<void>& done) { kept = done.has_value(); });
        QTRY_VERIFY(kept);
        QVERIFY(m_link.calls.isEmpty());
        open();
        QTRY_COMPARE(m_link.count("s3.key.remove"), 1);
        QTRY_COMPARE(noted(), 0);
    }

    void aStagedCopyIsRemovedAfterItsClientIsBlocked()
    {
        flow::AttemptRecord one = attempt();
        one.claims = {staged(), client("vega", "10.0.0.1:0/7")};
        m_link.answer = [](const FakeLink::Call& call) {
            return QJsonObject{{"listed", call.method == "blocklist.has"}};
        };
        std::optional<Result<void>> fenced;
        m_fencer->fence(one, [&fenced](const Result<void>& done) { fenced = done; });
        QTRY_VERIFY(fenced && *fenced);
        QTRY_COMPARE(m_link.calls.size(), 3);
        QCOMPARE(m_link.calls[0].method, "blocklist.add");
        QCOMPARE(m_link.calls[1].method, "blocklist.has");
        QCOMPARE(m_link.calls[2].method, "staged.remove");
        QCOMPARE(m_link.calls[2].connection, "vega");
        QCOMPARE(m_link.calls[2].params["connection"].toString(), "vega");
        for (const QString& name : staged().body.keys()) {
            QCOMPARE(m_link.calls[2].params[name], staged().body[name]);
        }
        QTRY_COMPARE(noted(), 0);
    }

    /// What it leaves takes up space and nothing more: the next attempt need not wait for a Ceph pool that
    /// hangs.
    void aStagedCopyThatCannotBeRemovedHoldsUpNoFence()
    {
        flow::AttemptRecord one = attempt();
        one.claims = {staged()};
        m_link.answer = [](const FakeLink::Call&) -> Result<QJsonObject> { return fail(unavailable()); };
        std::optional<Result<void>> fenced;
        m_fencer->fence(one, [&fenced](const Result<void>& done) { fenced = done; });
        QTRY_VERIFY(fenced && *fenced);
        QTRY_COMPARE(m_link.count("staged.remove"), 1);
        QTRY_COMPARE(m_link.open, 0);
        QCOMPARE(noted(), 1);
        m_link.calls.clear();
        m_link.answer = [](const FakeLink::Call&) { return QJsonObject(); };
        open();
        QTRY_COMPARE(m_link.count("staged.remove"), 1);
        QTRY_COMPARE(noted(), 0);
    }

    void aStagedCopyLeftAtTheEndIsRemoved()
    {
        flow::AttemptRecord one = attempt();
        one.claims = {staged()};
        release(one);
        QTRY_COMPARE(m_link.count("staged.remove"), 1);
        QTRY_COMPARE(noted(), 0);
    }

    void aGatewayIsAskedForOneThingAtATimeAndLessOftenWhileItFails()
    {
        flow::AttemptRecord one = attempt();
        one.claims.append(s3Key("SL2"));
        one.claims.append(s3Key("SL3"));
        m_link.answer = [](const FakeLink::Call&) -> Result<QJsonObject> { return fail(unavailable()); };
        release(one);
        QTRY_COMPARE(m_link.calls.size(), 1);
        QStringList asked;
        for (const int waitMs : {10'000, 20'000, 40'000, 80'000, 160'000, 300'000, 300'000}) {
            asked.append(m_link.calls.last().params["accessKey"].toString());
            QTRY_COMPARE(m_link.open, 0);
            m_clock.now += waitMs - 1;
            m_fencer->start();
            QCOMPARE(m_link.calls.size(), asked.size());
            m_clock.now += 1;
            m_fencer->start();
            QCOMPARE(m_link.calls.size(), asked.size() + 1);
        }
        QCOMPARE(asked.mid(0, 4), QStringList({"SL1", "SL2", "SL3", "SL1"}));
        m_link.answer = [](const FakeLink::Call&) { return QJsonObject(); };
        QTRY_COMPARE(noted(), 0);
        QCOMPARE(m_link.mostOpen, 1);
    }

    void fencesAskAGatewayOneThingAtATimeToo()
    {
        m_link.answer = [](const FakeLink::Call&) -> Result<QJsonObject> { return fail(unavailable()); };
        release(attempt());
        QStringList ended;
        for (int i = 0; i < 4; ++i) {
            flow::AttemptRecord one = attempt();
            one.claims = {s3Key(QStringLiteral("F%1").arg(i))};
            m_fencer->fence(one, [&ended, i](const Result<void>& done) {
                ended.append(QStringLiteral("%1 %2").arg(i).arg(done.has_value()));
            });
        }
        QTRY_COMPARE(ended, QStringList({"0 0", "1 0", "2 0", "3 0"}));
        QCOMPARE(m_link.mostOpen, 1);
    }

    void anUploadThatIsLeftOpenIsAborted()
    {
        flow::AttemptRecord one = attempt();
        one.claims.append(upload());
        release(one);
        QTRY_COMPARE(m_link.count("s3.upload.abort"), 1);
        QTRY_COMPARE(m_link.count("s3.key.remove"), 1);
        QTRY_COMPARE(noted(), 0);
    }

    void whatIsLeftOnAGatewayWithoutAClusterIsKeptAndTheFenceGoesOn()
    {
        m_config.connections[0] = test::cluster("vega");
        flow::AttemptRecord one = attempt();
        one.claims = {upload()};
        QVERIFY(fence(one).has_value());
        QVERIFY(m_link.calls.isEmpty());
        QCOMPARE(noted(), 1);
        m_config.connections[0] = test::cluster("vega", {"rgw"});
        open();
        QTRY_COMPARE(noted(), 0);
        QCOMPARE(m_link.count("s3.upload.abort"), 1);
    }

    /// Whoever has it can still write: that is not told as fenced.
    void aKeyOnAGatewayWithoutAClusterIsNotFenced()
    {
        m_config.connections[0] = test::cluster("vega");
        const auto fenced = fence(attempt());
        QVERIFY(!fenced && m_link.calls.isEmpty());
        QCOMPARE(fenced.error().message, "SL1 (s3.key) could not be fenced: it may still write");
        QVERIFY(fenced.error().cause.contains("“rgw”"));
        m_config.connections[0] = test::cluster("vega", {"rgw"});
        QVERIFY(fence(attempt()).has_value());
        QCOMPARE(m_link.count("s3.key.remove"), 1);
    }

    void aKeyIsOnlyGoneIfTheGatewaySaysSo()
    {
        m_link.answer = [](const FakeLink::Call&) -> Result<QJsonObject> {
            return fail(Error{.code = ErrorCode::NotFound, .message = "no such gateway"});
        };
        std::optional<Result<void>> fenced;
        m_fencer->fence(attempt(), [&fenced](const Result<void>& done) { fenced = done; });
        QTRY_VERIFY(fenced);
        QVERIFY(!*fenced);
    }

    void aClientOfAConnectionThatIsGoneIsNotFenced()
    {
        flow::AttemptRecord one = attempt();
        one.claims.prepend(client("lyra", "10.0.0.1:0/1"));
        const auto fenced = fence(one);
        QVERIFY(!fenced && fenced.error().code == ErrorCode::FailedPrecondition);
        QCOMPARE(fenced.error().message,
                 "10.0.0.1:0/1 (ceph.client) could not be fenced: it may still write");
        QVERIFY2(fenced.error().correction.startsWith("Put the connection lyra back"),
                 qPrintable(fenced.error().correction));
        QVERIFY(m_link.calls.isEmpty());
        // It is fenced as soon as it can be.
        m_config.connections.append(test::cluster("lyra"));
        m_link.answer = [](const FakeLink::Call&) { return QJsonObject{{"listed", true}}; };
        QVERIFY(fence(one).has_value());
        QCOMPARE(asked().first(), "lyra blocklist.add 10.0.0.1:0/1");
    }

    void aKeeperThatCouldNotBeFollowedIsRefused_data()
    {
        using connect::ClaimKeeper;
        QTest::addColumn<std::function<void(ClaimKeeper&)>>("change");
        QTest::addColumn<QString>("lacks");
        const auto row = [](const char* name, std::function<void(ClaimKeeper&)> change, const char* lacks) {
            QTest::newRow(name) << change << QString(lacks);
        };
        row(
            "whole", [](ClaimKeeper&) {}, "");
        row(
            "nobody to ask", [](ClaimKeeper& k) { k.askedOf = {}; }, "askedOf for its release");
        row(
            "does nothing", [](ClaimKeeper& k) { k.release = {}; }, "fence or release");
        row(
            "without a name", [](ClaimKeeper& k) { k.nameOf = {}; }, "nameOf");
        row(
            "without a kind", [](ClaimKeeper& k) { k.kind.clear(); }, "a kind");
        row(
            "a kind twice", [](ClaimKeeper& k) { k.kind = "first"; }, "a kind of its own");
        row(
            "waits for nothing",
            [](ClaimKeeper& k) {
                k.fence = [](const flow::Claim&, const QJsonObject&, QObject*, ClaimKeeper::Done) {};
                k.release = {};
                k.fenceWaits = true;
            },
            "the release it waits for");
    }
    void aKeeperThatCouldNotBeFollowedIsRefused()
    {
        QFETCH(const std::function<void(connect::ClaimKeeper&)>, change);
        QFETCH(const QString, lacks);
        const auto keeper = [](const QString& kind) {
            return connect::ClaimKeeper{
                .kind = kind,
                .nameOf = [](const flow::Claim&) { return QString(); },
                .release = [](const flow::Claim&, const QJsonObject&, connect::ClaimKeeper::Done) {},
                .askedOf = [](const flow::Claim&) { return QString(); }};
        };
        connect::ClaimKeeper second = keeper("second");
        change(second);
        const auto checked = connect::ClaimKeepers::checked({keeper("first"), second});
        QCOMPARE(checked.has_value(), lacks.isEmpty());
        if (!checked) {
            QCOMPARE(checked.error().cause, "their keeper has no " + lacks);
            QVERIFY(checked.error().message.contains("“" + second.kind + "”"));
        }
    }

    void everyClientInstanceIsBlocklistedAndLookedFor()
    {
        m_link.answer = [](const FakeLink::Call&) { return QJsonObject{{"listed", true}}; };
        QVERIFY(fence(withClients()).has_value());
        QCOMPARE(asked(),
                 QStringList({"vega blocklist.add 10.0.0.1:0/1", "vega blocklist.has 10.0.0.1:0/1",
                              "vega blocklist.add 10.0.0.2:0/2", "vega blocklist.has 10.0.0.2:0/2"}));
        QVERIFY(m_link.calls[0].mutating && !m_link.calls[1].mutating);
        QVERIFY(m_link.calls[0].params["expireSeconds"].toInt() >= 3600);
        QVERIFY(m_link.calls[0].params["because"].toObject()["reason"].toString().startsWith(
            "R-7, task 0, attempt 2"));
    }

    void aFenceThatIsNotListedIsNotProved()
    {
        m_link.answer = [](const FakeLink::Call& call) {
            return QJsonObject{{"listed", call.params["address"].toString() == "10.0.0.1:0/1"}};
        };
        const auto fenced = fence(withClients());
        QVERIFY(!fenced && fenced.error().retryable);
        QCOMPARE(asked().last(), QStringLiteral("vega blocklist.has 10.0.0.2:0/2"));
        m_link.calls.clear();
        m_link.answer = [](const FakeLink::Call& call) -> Result<QJsonObject> {
            return call.method == "blocklist.has" ? Result<QJsonObject>(fail(unavailable())) : QJsonObject();
        };
        QVERIFY(!fence(withClients()));
        QCOMPARE(asked().size(), 2);
    }

    void anUnknownOutcomeIsLookedAtAndARefusalEndsTheFence()
    {
        Error said{.code = ErrorCode::OutcomeUnknown, .message = "no answer in time"};
        m_link.answer = [&said](const FakeLink::Call& call) -> Result<QJsonObject> {
            return call.method == "blocklist.add" ? Result<QJsonObject>(fail(said))
                                                  : QJsonObject{{"listed", true}};
        };
        QVERIFY(fence(withClients()).has_value());
        QCOMPARE(m_link.count("blocklist.has"), 2);
        m_link.calls.clear();
        said.code = ErrorCode::PermissionDenied;
        QVERIFY(!fence(withClients()));
        QCOMPARE(m_link.calls.size(), 1);
    }

    void aWorkerThatOutlivedItsEngineIsEnded()
    {
        QProcess worker;
        worker.start("sleep", {"600"});
        QVERIFY(worker.waitForStarted());
        flow::AttemptRecord one = attempt();
        one.claims.clear();
        one.pid = worker.processId();
        one.pidStartedAt = processStartTicks(one.pid);
        QVERIFY(one.pidStartedAt > 0);
        // A number that was given to another process since names nobody.
        flow::AttemptRecord other = one;
        other.pidStartedAt -= 1;
        QVERIFY(fence(other).has_value());
        QCOMPARE(processStartTicks(one.pid), one.pidStartedAt);
        QVERIFY(fence(one).has_value());
        QCOMPARE(processStartTicks(one.pid), 0);
        QTRY_COMPARE(worker.state(), QProcess::NotRunning);
        QVERIFY(worker.exitStatus() == QProcess::CrashExit);
    }

    void aClientIsBlockedBeforeItsKeyAndItsUploadAreTakenBack()
    {
        flow::AttemptRecord one = attempt();
        one.claims = {upload(), s3Key("SL1"), client("vega", "10.0.0.1:0/1")};
        m_link.answer = [](const FakeLink::Call&) { return QJsonObject{{"listed", true}}; };
        QVERIFY(fence(one).has_value());
        QStringList methods;
        for (const FakeLink::Call& call : m_link.calls) {
            methods.append(call.method);
        }
        QCOMPARE(methods,
                 QStringList({"blocklist.add", "blocklist.has", "s3.key.remove", "s3.upload.abort"}));
    }

    void aPlanSaysWhatItsFenceIsProvedBy()
    {
        const auto words = [this](const QList<flow::Claim>& claims) {
            return m_fencer->describe({.run = 7, .task = 0, .attempt = 2, .claims = claims});
        };
        QCOMPARE(words({}).proof, QString());
        QCOMPARE(words({s3Key("SL1")}).proof, "its S3 key is removed");
        QCOMPARE(words({s3Key("SL1")}).holders, QStringList());
        QCOMPARE(words({client("vega", "10.0.0.1:0/1")}).proof, "its client instance is in the blocklist");
        QCOMPARE(words(withClients().claims).proof, "its client instances are in the blocklist");
        QCOMPARE(words({{"luigi.process", {}, {}}}).proof, "its processes have ended");
        // What is left behind comes and goes; a plan does not become void for it.
        const auto all =
            words({s3Key("SL1"), s3Key("SL2"), upload(), staged(), client("vega", "10.0.0.1:0/1")});
        QCOMPARE(all.proof, "its client instance is in the blocklist, its S3 keys are removed");
        QCOMPARE(all.holders, QStringList{"10.0.0.1:0/1"});
        QCOMPARE(all.connections, QStringList{"vega"});
    }

    void whatNobodyKeepsIsRefusedByItsName()
    {
        const flow::Claim volume{"drbd.volume", "vega", {{"accessKey", "SL9"}, {"address", "10.0.0.9:0/9"}}};
        const auto may = m_fencer->mayClaim(volume);
        QVERIFY(!may && may.error().cause.contains("“drbd.volume” (it knows ceph.client, s3.key"));
        QVERIFY(m_fencer->mayClaim(s3Key("SL1")).has_value());
        // All else is taken back, and the fence is not proved.
        QProcess worker;
        worker.start("sleep", {"600"});
        QVERIFY(worker.waitForStarted());
        flow::AttemptRecord one = attempt();
        one.claims.prepend(volume);
        one.pid = worker.processId();
        one.pidStartedAt = processStartTicks(one.pid);
        const auto fenced = fence(one);
        QVERIFY(!fenced && fenced.error().code == ErrorCode::FailedPrecondition);
        QVERIFY2(fenced.error().cause.contains("drbd.volume"), qPrintable(fenced.error().cause));
        QCOMPARE(m_link.calls.size(), 1);
        QCOMPARE(m_link.calls.first().method, "s3.key.remove");
        QCOMPARE(processStartTicks(one.pid), one.pidStartedAt);
        worker.kill();
        QTRY_COMPARE(worker.state(), QProcess::NotRunning);
    }

    void whatNobodyKeepsAnyMoreStaysNoted()
    {
        const QString volume =
            R"({"kind":"drbd.volume","connection":"rgw","body":{"accessKey":"SL9"},"because":{}})";
        bool kept = false;
        m_database->write(
            [&volume](store::Tx& tx) {
                return tx.exec("INSERT INTO claim_left (name, claim) VALUES ('a', ?)", {volume});
            },
            this, [&kept](const Result<void>& done) { kept = done.has_value(); });
        QTRY_VERIFY(kept);
        open();
        release(attempt());
        QTRY_COMPARE(m_link.count("s3.key.remove"), 1);
        QTRY_COMPARE(noted(), 1);
        QCOMPARE(m_link.calls.size(), 1);
    }

    void withoutTheLeaseNothingIsBlocklisted()
    {
        m_link.leads = false;
        const auto fenced = fence(withClients());
        QVERIFY(!fenced && fenced.error().retryable);
        QVERIFY(m_link.calls.isEmpty());
    }

    void withoutTheLeaseItIsNotFenced()
    {
        m_link.leads = false;
        std::optional<Result<void>> fenced;
        m_fencer->fence(attempt(), [&fenced](const Result<void>& done) { fenced = done; });
        QTRY_VERIFY(fenced);
        QVERIFY(!*fenced && fenced->error().retryable);
        QVERIFY(m_link.calls.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestEngineFencer)
#include "tst_engine_fencer.moc"
