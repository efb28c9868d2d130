#include "support/test_engine.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QFile>

#include "rpc/endpoint.h"
#include "support/wait.h"

namespace sluice::test {

TestEngine::TestEngine(rpc::Limits limits, const Clock* clock)
    : m_clock(clock ? *clock : m_systemClock), m_limits(limits)
{
    using rpc::Reply;
    using rpc::Request;
    using rpc::Role;
    m_table.add({.name = "test.echo",
                 .params = {{"text", "text", false, "anything"}},
                 .handler = [](const Request& request, const Reply& reply) { reply(request.params); }});
    m_table.add({.name = "test.change",
                 .role = Role::Operator,
                 .actionClass = 1,
                 .mutation = true,
                 .handler = [this](const Request&, const Reply& reply) {
                     reply(QJsonObject{{"n", ++m_changes}});
                 }});
    m_table.add({.name = "test.never",
                 .handler = [this](const Request&, const Reply& reply) { m_kept.append(reply); }});
    m_table.add({.name = "test.never_change",
                 .mutation = true,
                 .handler = [this](const Request&, const Reply& reply) { m_kept.append(reply); }});
    m_table.add({.name = "test.drop", .handler = [](const Request&, const Reply&) {}});
    m_table.add({.name = "test.twice", .handler = [](const Request&, const Reply& reply) {
                     reply(QJsonObject{{"n", 1}});
                     reply(QJsonObject{{"n", 2}});
                 }});
    m_table.add({.name = "test.fail", .handler = [](const Request&, const Reply& reply) {
                     reply(fail(Error{.code = ErrorCode::FailedPrecondition,
                                      .message = "It cannot be",
                                      .cause = "because",
                                      .correction = "Do otherwise.",
                                      .source = "test",
                                      .upstream = Upstream{"ceph", -16, "busy"}}));
                 }});
    m_table.add({.name = "test.admin",
                 .role = Role::Admin,
                 .handler = [](const Request&, const Reply& reply) { reply(QJsonObject{}); }});
}

TestEngine::~TestEngine()
{
    m_server.reset();
    qDeleteAll(m_topics);
}

RowsTopic& TestEngine::addTopic(const QString& name)
{
    m_topics.append(new RowsTopic(name));
    return *m_topics.last();
}

bool TestEngine::start()
{
    const auto token = rpc::renewToken(m_dir.path());
    if (!token) {
        qWarning("%s", qPrintable(token.error().toLine()));
        return false;
    }
    m_token = QString::fromLatin1(*token);
    QList<LiveTopic*> topics = m_others;
    for (RowsTopic* topic : std::as_const(m_topics)) {
        topics.append(topic);
    }
    m_server = std::make_unique<rpc::Server>(
        rpc::Server::Options{.ownerToken = *token,
                             .engineId = "e-test",
                             .version = "0.1.0-test",
                             .profile = {{"name", "lab"}, {"colour", "plum"}, {"production", false}},
                             .tokenPrincipal = {"ada", rpc::Role::Operator, "token loopback"},
                             .limits = m_limits,
                             .peerUser = m_peerUser},
        m_table, topics, m_clock);
    const auto port = m_server->listen();
    if (!port) {
        qWarning("%s", qPrintable(port.error().toLine()));
        return false;
    }
    m_port = *port;
    const auto written = rpc::writeEndpoint(
        m_dir.path(), {url(), QCoreApplication::applicationPid(), "e-test", "0.1.0-test", {}});
    return written.has_value();
}

QUrl TestEngine::url() const
{
    return QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(m_port));
}

void TestEngine::answerLater()
{
    const QList<rpc::Reply> kept = std::exchange(m_kept, {});
    for (const rpc::Reply& reply : kept) {
        reply(QJsonObject{{"late", true}});
    }
}

bool connected(rpc::Client& client, const TestEngine& engine)
{
    client.connectTo(engine.url(), engine.token(), QStringLiteral("test/1"));
    return waitFor([&client] { return client.isIdentified(); });
}

}  // namespace sluice::test
