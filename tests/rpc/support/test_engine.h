#pragma once

#include <QtCore/QTemporaryDir>
#include <memory>

#include "core/clock.h"
#include "rpc/client.h"
#include "rpc/method_table.h"
#include "rpc/server.h"
#include "support/rows_topic.h"

namespace sluice::test {

/// Time that stands still until it is moved.
class ManualClock final : public Clock {
public:
    qint64 nowMs() const override { return 1'767'225'600'000 + m_ms; }
    qint64 monotonicMs() const override { return m_ms; }
    void advance(qint64 ms) { m_ms += ms; }

private:
    qint64 m_ms{1000};
};

/// A server with topics and methods of the test, in a state folder of its own that clients can find.
/// Methods from the start: test.echo {…} → params; test.change {requestId} → {n}; test.never; test.drop;
/// test.later; test.twice; test.fail; test.admin (the principal is an operator).
class TestEngine {
public:
    explicit TestEngine(rpc::Limits limits = {}, const Clock* clock = nullptr);
    ~TestEngine();

    /// Listens and writes endpoint.json; fails the test if it cannot.
    bool start();
    RowsTopic& addTopic(const QString& name);
    /// One that the caller keeps, for longer than this.
    void serve(LiveTopic& topic) { m_others.append(&topic); }
    /// Before start(): which user a peer is, instead of asking the kernel.
    void setPeerUser(rpc::PeerUser peerUser) { m_peerUser = std::move(peerUser); }
    void answerLater();

    QString stateDir() const { return m_dir.path(); }
    QString token() const { return m_token; }
    QUrl url() const;
    rpc::Server& server() { return *m_server; }
    rpc::MethodTable& table() { return m_table; }
    int changes() const { return m_changes; }

private:
    QTemporaryDir m_dir;
    SystemClock m_systemClock;
    const Clock& m_clock;
    rpc::Limits m_limits;
    rpc::PeerUser m_peerUser;
    rpc::MethodTable m_table;
    QList<RowsTopic*> m_topics;
    QList<LiveTopic*> m_others;
    std::unique_ptr<rpc::Server> m_server;
    QList<rpc::Reply> m_kept;
    QString m_token;
    quint16 m_port{};
    int m_changes{0};
};

/// Runs the loop until `client` is identified.
bool connected(rpc::Client& client, const TestEngine& engine);

}  // namespace sluice::test
