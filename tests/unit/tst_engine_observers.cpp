#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>

#include "connect/connectors.h"
#include "keys/secret_store.h"
#include "patience.h"
#include "store/database.h"
#include "systems/ceph/cluster_connector.h"
#include "systems/ceph/system.h"
#include "tests/unit/connections.h"

using namespace sluice;

namespace {

/// The fake worker is a real process, so only the wall clock can be set.
class SetClock final : public Clock {
public:
    qint64 nowMs() const override { return now; }
    qint64 monotonicMs() const override { return m_real.monotonicMs(); }
    qint64 now{1'700'000'000'000};

private:
    SystemClock m_real{};
};

QJsonObject fact(const QString& kind, const QString& name, qint64 at)
{
    return {{"id", estate::entityId("vega", kind, name)},
            {"kind", kind},
            {"name", name},
            {"source", "test"},
            {"facts", QJsonObject()},
            {"observedAt", toRfc3339(at)},
            {"staleAfterMs", kind == QLatin1String("auth-entity") ? 50'000 : 5'000}};
}

}  // namespace

class TestEngineObservers : public QObject {
    Q_OBJECT

    SetClock m_clock;
    std::unique_ptr<QTemporaryDir> m_dir;
    config::Config m_config;
    std::unique_ptr<keys::FileSecretStore> m_secrets;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<estate::Estate> m_estate;
    std::unique_ptr<connect::Connectors> m_connectors;
    systems::ceph::ClusterConnector* m_cluster{};

    Result<QJsonObject> call(const QString& method, const QJsonObject& params, int deadlineMs = 5000,
                             bool mutating = false)
    {
        std::optional<Result<QJsonObject>> answer;
        m_connectors->call("vega", method, params, deadlineMs, mutating,
                           [&answer](const Result<QJsonObject>& r) { answer = r; });
        return sluice::test::waitUntil([&answer] { return answer.has_value(); })
                   ? *answer
                   : fail(Error{.message = "no answer"});
    }

    /// Makes the worker say it.
    bool tell(const QString& event, const QJsonObject& params)
    {
        return sluice::test::waitUntil([&] {
            return call("tell", {{"event", event}, {"params", params}}).has_value();
        });
    }

    /// Makes and starts the connectors of the configuration.
    void connectAll()
    {
        auto made = systems::ceph::system().makeConnectors({.config = m_config,
                                                            .workerProgram = WORKER_FAKE,
                                                            .engineId = "e-1",
                                                            .secrets = *m_secrets,
                                                            .database = *m_database,
                                                            .clock = m_clock});
        QCOMPARE(qsizetype(made.size()), m_config.connections.size());
        m_cluster = qobject_cast<systems::ceph::ClusterConnector*>(made.front().get());
        m_connectors = std::make_unique<connect::Connectors>(std::move(made), *m_estate, m_clock);
        m_connectors->start();
    }

    QJsonObject row() const { return m_estate->entity("vega/connection/vega")->facts; }

private Q_SLOTS:
    void init()
    {
        m_clock.now = 1'700'000'000'000;
        m_dir = std::make_unique<QTemporaryDir>();
        m_config = {};
        m_config.connections = {test::cluster("vega", {"rgw.vega"}), test::gateway("rgw.vega")};
        m_secrets =
            std::make_unique<keys::FileSecretStore>(*keys::FileSecretStore::open(m_dir->filePath("secrets")));
        m_database = std::move(*store::Database::open(
            {.file = m_dir->filePath("s.db"), .parts = {systems::ceph::ClusterConnector::schema()}}));
        m_estate = std::make_unique<estate::Estate>(m_clock);
        connectAll();
        QVERIFY(m_cluster);
    }

    void cleanup()
    {
        m_connectors.reset();
        m_estate.reset();
        m_database.reset();
    }

    void theRowSaysHowOldTheOldestFactIs()
    {
        QCOMPARE(row()["oldestFactAt"].toString(), QString());
        const qint64 old = m_clock.now - 1'200'000;
        QVERIFY(
            tell("facts", {{"entities", QJsonArray{fact("ceph-pool", "train", old),
                                                   fact("osd", "0", old + 10), fact("mon", "a", m_clock.now),
                                                   fact("auth-entity", "client.x", m_clock.now - 49'000)}},
                           {"complete", QJsonArray{}}}));
        QTRY_COMPARE(row()["oldestFactAt"].toString(), toRfc3339(old));
        QCOMPARE(row()["oldestFactStaleAfterMs"].toInteger(), 5'000);
        QCOMPARE(row()["lastContactAt"].toString(), toRfc3339(m_clock.now));
    }

    void aGatewaySaysWhoListsIt()
    {
        m_connectors.reset();
        m_config.connections.append(test::cluster("lyra", {"rgw.vega"}));
        connectAll();
        QJsonObject gateway = fact("gateway", "rgw.vega", m_clock.now);
        gateway["id"] = "rgw.vega/gateway/rgw.vega";
        QVERIFY(tell("facts", {{"entities", QJsonArray{gateway}}, {"complete", QJsonArray{}}}));
        QTRY_VERIFY(m_estate->entity("rgw.vega/gateway/rgw.vega"));
        QCOMPARE(m_estate->entity("rgw.vega/gateway/rgw.vega")->facts["listedBy"].toArray(),
                 (QJsonArray{"vega", "lyra"}));
    }

    void aLateAnswerFailsItsOwnCallOnly()
    {
        QVERIFY(tell("nothing", {}));
        const auto late = call("sleep", {{"ms", 60'000}}, 50);
        QVERIFY(!late && late.error().code == ErrorCode::DeadlineExceeded);
        // Longer than a worker that moves data is given.
        const auto other = call("sleep", {{"ms", 2500}});
        QVERIFY2(other.has_value(), qPrintable(other ? QString() : other.error().toLine()));
    }

    void changesNothingWithoutTheLease()
    {
        const auto changed = [this] { return call("echo", {{"n", 1}}, 5000, true); };
        auto refused = changed();
        QVERIFY(!refused && refused.error().code == ErrorCode::FailedPrecondition &&
                refused.error().retryable);
        QVERIFY(tell("lease", {{"state", "held"}}));
        QTRY_VERIFY(row()["canAct"].toBool());
        QVERIFY(changed().has_value());
        QVERIFY(tell("lease", {{"state", "other"}, {"owner", "e-2"}}));
        QTRY_VERIFY(!row()["canAct"].toBool());
        QVERIFY(row()["whyNot"].toString().contains("e-2"));
        refused = changed();
        QVERIFY(!refused && refused.error().message.contains("e-2"));
        QVERIFY(call("echo", {{"n", 1}}).has_value());
        // A lease that cannot be taken says what stands in its way.
        QVERIFY(tell(
            "lease",
            {{"state", "none"},
             {"error", Error{.message = "no lease", .cause = "no Ceph pool sluice", .correction = "Make it."}
                           .toJson()}}));
        QTRY_COMPARE(m_connectors->mayAct("vega").error().correction, "Make it.");
        QVERIFY(m_connectors->mayAct("vega").error().cause.contains("no Ceph pool sluice"));
    }

    void onlyAHeldLeaseMayAct_data()
    {
        QTest::addColumn<QString>("state");
        QTest::addColumn<bool>("acts");
        for (const char* state : {"", "none", "asking", "lost", "other", "Held"}) {
            QTest::newRow(*state ? state : "not told") << QString(state) << false;
        }
        QTest::newRow("held") << "held" << true;
    }

    void onlyAHeldLeaseMayAct()
    {
        QFETCH(QString, state);
        QFETCH(bool, acts);
        QVERIFY(tell("lease", {{"state", "held"}}));
        QTRY_VERIFY(m_connectors->mayAct("vega").has_value());
        QSignalSpy changes(m_cluster, &systems::ceph::ClusterConnector::leaseChanged);
        QVERIFY(tell("lease", {{"state", state}, {"owner", "e-2"}}));
        if (!acts) {
            QTRY_COMPARE(changes.size(), 1);
            QCOMPARE(changes[0].at(0).toString(), state);
        }
        QCOMPARE(m_connectors->mayAct("vega").has_value(), acts);
        QCOMPARE(call("echo", {{"n", 1}}, 5000, true).has_value(), acts);
        QVERIFY(call("echo", {{"n", 1}}).has_value());
        QTRY_COMPARE(row()["canAct"].toBool(), acts);
        QCOMPARE(row()["whyNot"].toString().isEmpty(), acts);
    }

    void theLeaseEndsWithItsWorker()
    {
        QVERIFY(tell("lease", {{"state", "held"}}));
        QTRY_VERIFY(m_connectors->mayAct("vega").has_value());
        QVERIFY(!call("exit", {{"code", 3}}));
        QTRY_VERIFY(!m_connectors->mayAct("vega"));
        QVERIFY(m_connectors->mayAct("vega").error().retryable);
        QVERIFY(!row()["canAct"].toBool());
        // The worker that comes after it holds nothing until it says so.
        QVERIFY(tell("nothing", {}));
        QVERIFY(!m_connectors->mayAct("vega"));
    }

    void nothingIsDoneOnAConnectionThatNobodyKnows()
    {
        QVERIFY(tell("lease", {{"state", "held"}}));
        QTRY_VERIFY(m_connectors->mayAct("vega").has_value());
        const auto may = m_connectors->mayAct("lyra");
        QVERIFY(!may && may.error().code == ErrorCode::NotFound);
        for (const bool mutating : {false, true}) {
            std::optional<Result<QJsonObject>> answer;
            m_connectors->call("lyra", "echo", {}, 1000, mutating, [&answer](const auto& r) { answer = r; });
            QVERIFY(answer && !*answer && answer->error().code == ErrorCode::NotFound);
        }
    }

    void changesNothingThatWouldFail()
    {
        QVERIFY(tell("lease", {{"state", "held"}}));
        QTRY_VERIFY(row()["canAct"].toBool());
        const auto monitors = [this](bool quorate) {
            QJsonObject quorum = fact("mon-quorum", "vega", m_clock.now);
            quorum["facts"] =
                QJsonObject{{"quorate", quorate}, {"why", "2 of 3 monitors refuse connections"}};
            return tell("facts", {{"entities", QJsonArray{quorum}}, {"complete", QJsonArray{}}});
        };
        QVERIFY(monitors(false));
        QTRY_VERIFY(!row()["canAct"].toBool());
        QVERIFY(row()["whyNot"].toString().contains("no monitor quorum"));
        QVERIFY(!call("echo", {{"n", 1}}, 5000, true));
        QVERIFY(call("echo", {{"n", 1}}).has_value());  // looking is allowed
        QVERIFY(monitors(true));
        QTRY_VERIFY(row()["canAct"].toBool());
        // The last change got no answer, until the lease is renewed again; what a gateway does not answer is
        // no sign.
        QVERIFY(!call("sleep", {{"ms", 60'000}, {"connection", "rgw.vega"}}, 50, true));
        QVERIFY(row()["canAct"].toBool());
        QVERIFY(!call("sleep", {{"ms", 60'000}}, 50, true));
        QVERIFY(!row()["canAct"].toBool());
        QVERIFY(tell("lease", {{"state", "held"}}));
        QTRY_VERIFY(row()["canAct"].toBool());
        // An observer that has gone silent knows nothing of now.
        m_clock.now += 60'000;
        QTRY_VERIFY(!row()["canAct"].toBool());
    }

    void aGatewayIsSeenByItsCluster()
    {
        const auto gateway = [this](bool answers, bool alive) {
            QJsonObject seen = fact("gateway", "rgw.vega", m_clock.now);
            seen["id"] = "rgw.vega/gateway/rgw.vega";
            seen["facts"] = QJsonObject{
                {"answers", answers}, {"alive", alive}, {"error", QJsonObject{{"message", "busy"}}}};
            return tell("facts", {{"entities", QJsonArray{seen}}, {"complete", QJsonArray{}}});
        };
        const auto state = [this] {
            const auto connection = m_estate->entity("rgw.vega/connection/rgw.vega");
            return connection ? connection->facts["state"].toString() : QString();
        };
        QCOMPARE(state(), QString());
        QVERIFY(gateway(true, true));
        QTRY_COMPARE(state(), "up");
        QCOMPARE(m_estate->entity("rgw.vega/gateway/rgw.vega")->connection, "rgw.vega");
        QCOMPARE(m_estate->entity("rgw.vega/connection/rgw.vega")->facts["cluster"].toString(), "vega");
        QVERIFY(gateway(false, true));
        QTRY_COMPARE(state(), "degraded");
        QVERIFY(gateway(false, false));
        QTRY_COMPARE(state(), "down");
        QCOMPARE(
            m_estate->entity("rgw.vega/connection/rgw.vega")->facts["error"].toObject()["message"].toString(),
            "busy");
        // Nothing is asked of it by its own name.
        std::optional<Result<QJsonObject>> answer;
        m_connectors->call("rgw.vega", "echo", {}, 1000, false, [&answer](const auto& r) { answer = r; });
        QVERIFY(answer && !*answer && answer->error().code == ErrorCode::NotFound);
        QVERIFY(!m_connectors->mayAct("rgw.vega"));
    }

    void stopsWhenAllHaveStopped()
    {
        QVERIFY(tell("lease", {{"state", "held"}}));
        QSignalSpy stopped(m_connectors.get(), &connect::Connectors::stopped);
        m_connectors->stop();
        QCOMPARE(stopped.size(), 0);
        QTRY_COMPARE(stopped.size(), 1);
    }

    void aClockSetBackHidesNoSilence()
    {
        QVERIFY(tell("session", {{"state", "connected"}}));
        const auto alive = [this](qint64 at) {
            return tell("facts",
                        {{"entities", QJsonArray{fact("mon", "a", at)}}, {"complete", QJsonArray{}}});
        };
        QVERIFY(alive(m_clock.now));
        m_clock.now -= 3'600'000;
        QVERIFY(alive(m_clock.now));
        QTRY_COMPARE(row()["lastContactAt"].toString(), toRfc3339(m_clock.now));
        m_clock.now += 60'000;
        QTRY_COMPARE(row()["state"].toString(), "down");
    }
};

QTEST_GUILESS_MAIN(TestEngineObservers)
#include "tst_engine_observers.moc"
