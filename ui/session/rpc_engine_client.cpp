#include "ui/session/rpc_engine_client.h"

#include <algorithm>

#include "rpc/endpoint.h"
#include "ui/session/engine_launcher.h"
#include "ui/session/row.h"

namespace sluice::session {
namespace {

constexpr int kFirstRetryMs = 250;
constexpr int kLongestRetryMs = 5000;
/// A private engine gets this long to answer before another one is started.
constexpr qint64 kLaunchPatienceMs = 15'000;

}  // namespace

RpcEngineClient::RpcEngineClient(Options options, const Clock& clock, EngineLauncher* launcher,
                                 QObject* parent)
    : EngineClient(parent), m_options(std::move(options)), m_clock(clock), m_launcher(launcher)
{
    m_link.sinceMs = m_clock.nowMs();
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &RpcEngineClient::tryNow);
    connect(&m_client, &rpc::Client::identified, this, [this](const QJsonObject& identity) {
        m_tries = 0;
        m_launchedAtMs = -1;
        m_launchFailed = false;
        m_link.principal = obj(identity, u"principal");
        m_link.profile = obj(identity, u"profile");
        setLink(LinkState::Connected, {});
    });
    connect(&m_client, &rpc::Client::disconnected, this, [this](const Error& error) {
        lose(launchIfNone(error));
        tryLater();
    });
}

void RpcEngineClient::start()
{
    tryNow();
}

void RpcEngineClient::tryNow()
{
    const Result<rpc::Endpoint> endpoint = rpc::findEngine(m_options.stateDir);
    if (!endpoint) {
        lose(launchIfNone(endpoint.error()));
        tryLater();
        return;
    }
    m_client.connectTo(*endpoint, m_options.clientName);
}

void RpcEngineClient::tryLater()
{
    // While a private engine is starting, look often: it answers within a second or two.
    const int waitMs = m_launchedAtMs >= 0 ? kFirstRetryMs
                                           : std::min(kLongestRetryMs, kFirstRetryMs << std::min(m_tries, 8));
    ++m_tries;
    m_retry.start(waitMs);
}

Error RpcEngineClient::launchIfNone(const Error& why)
{
    // Only an engine that is not there is replaced; one that refuses us stays what it is.
    if (m_launcher == nullptr || why.code != ErrorCode::Unavailable) {
        return why;
    }
    const qint64 now = m_clock.monotonicMs();
    if (m_launchedAtMs >= 0 && now - m_launchedAtMs < kLaunchPatienceMs) {
        return why;
    }
    const bool again = m_launchedAtMs >= 0;
    const Result<qint64> pid = m_launcher->launch(m_options.stateDir, m_options.configFile);
    if (!pid) {
        m_launchedAtMs = -1;
        return pid.error();
    }
    m_launchedAtMs = now;
    if (!again) {
        return why;
    }
    m_launchFailed = true;
    return {.code = ErrorCode::Unavailable,
            .message = QStringLiteral("The engine was started but does not answer"),
            .cause = QStringLiteral("nothing came for %1 s; it may refuse its configuration")
                         .arg(kLaunchPatienceMs / 1000),
            .correction = QStringLiteral("Read what it says in %1/logs/sluiced.out").arg(m_options.stateDir),
            .retryable = true,
            .source = QStringLiteral("sluiced")};
}

void RpcEngineClient::lose(const Error& error)
{
    if (m_launchedAtMs >= 0 && !m_launchFailed && m_link.state == LinkState::Connecting) {
        return;
    }
    setLink(LinkState::Lost, error);
}

void RpcEngineClient::setLink(LinkState state, const Error& error)
{
    if (m_link.state != state) {
        m_link.state = state;
        m_link.sinceMs = m_clock.nowMs();
    }
    m_link.error = visibleError(error);
    Q_EMIT linkChanged();
}

void RpcEngineClient::call(const QString& method, const QJsonObject& params, QObject* context, Reply reply,
                           int timeoutMs)
{
    m_client.call(
        method, params, context,
        [reply = std::move(reply)](const Result<QJsonObject>& answer) {
            reply(answer ? answer : Result<QJsonObject>(fail(visibleError(answer.error()))));
        },
        timeoutMs);
}

Subscription* RpcEngineClient::subscribe(const Wanted& wanted, QObject* parent)
{
    auto* subscription = new Subscription(parent);
    const int id = m_client.subscribe(
        {.topic = wanted.topic, .filter = wanted.filter, .offset = wanted.offset, .limit = wanted.limit},
        subscription,
        [subscription](const rpc::TopicChange& change) {
            if (change.reset) {
                Q_EMIT subscription->snapshot(change.upserts, change.total);
            } else {
                Q_EMIT subscription->delta(change.upserts, change.removed,
                                           change.order.value_or(QStringList()), change.total);
            }
        },
        [subscription](const Error& error) { Q_EMIT subscription->failed(error); });
    connect(subscription, &Subscription::windowWanted, this,
            [this, id](int offset, int limit) { m_client.setWindow(id, offset, limit); });
    return subscription;
}

}  // namespace sluice::session
