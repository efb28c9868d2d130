#include "rpc/server.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QRandomGenerator>
#include <QtCore/QTimer>
#include <QtNetwork/QHostAddress>
#include <QtWebSockets/QWebSocket>
#include <algorithm>

#include "core/clock.h"
#include "core/descriptors.h"
#include "core/live_topic.h"
#include "rpc/listener.h"
#include "rpc/session.h"
#include "rpc/upgrader.h"

namespace sluice::rpc {
namespace {

/// One tick works no longer than this before it lets the loop go on.
constexpr qint64 kTickBudgetMs = 5;
constexpr int kTurnsPerInterval = 3;

/// No origin at all (a program), or a page of this machine.
bool originAllowed(const QString& origin)
{
    if (origin.isEmpty()) {
        return true;
    }
    const QUrl url(origin, QUrl::StrictMode);
    const QString host = url.host();
    return url.isValid() &&
           (url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https")) &&
           (host == QLatin1String("localhost") || QHostAddress(host).isLoopback());
}

}  // namespace

Server::Server(Options options, MethodTable& table, QList<LiveTopic*> topics, const Clock& clock,
               QObject* parent)
    : QObject(parent),
      m_options(std::move(options)),
      m_table(table),
      m_clock(clock),
      m_epoch(QString::number(QRandomGenerator::system()->generate64(), 16)),
      m_upgrader(new Upgrader(this)),
      m_timer(new QTimer(this))
{
    for (LiveTopic* topic : std::as_const(topics)) {
        m_topics.insert(topic->name(), topic);
    }
    // More often than one subscription may have a delta: what has been quiet is told soon.
    m_timer->setInterval(std::max(1, m_options.limits.flushIntervalMs / kTurnsPerInterval));
    connect(m_timer, &QTimer::timeout, this, &Server::tick);
    connect(m_upgrader, &Upgrader::upgraded, this, &Server::accept);
}

Server::~Server()
{
    m_listener.reset();
    qDeleteAll(m_sessions);
}

Result<quint16> Server::listen()
{
    if (m_options.ownerToken.isEmpty()) {
        return fail(Error{.code = ErrorCode::FailedPrecondition,
                          .message = QStringLiteral("The engine does not listen"),
                          .cause = QStringLiteral("it has no token, so that anybody could be its owner"),
                          .correction = QStringLiteral("Start the engine again; it makes a new token."),
                          .source = QStringLiteral("rpc")});
    }
    const Limits& limits = m_options.limits;
    // Those that say nothing make room before descriptors are short, so that none is refused for their sake.
    m_waitingPlaces = std::min(limits.waiting, descriptorLimit() / 4);
    m_listener = std::make_unique<Listener>(
        // More than may wait: the newest takes the place of the oldest, which is then still on its way out.
        Listener::Bounds{.strangers = limits.strangers,
                         .strangersPerSecond = limits.strangersPerSecond,
                         .own = 2 * m_waitingPlaces,
                         .ownPerSecond = limits.ownPerSecond},
        m_options.peerUser ? m_options.peerUser : kernelPeerUser(), [this](std::shared_ptr<Arrival> arrival) {
            QMetaObject::invokeMethod(
                this, [this, arrival = std::move(arrival)] { take(arrival); }, Qt::QueuedConnection);
        });
    return m_listener->open(m_options.port);
}

void Server::setOwnerToken(const QByteArray& token)
{
    if (!token.isEmpty()) {
        m_options.ownerToken = token;
    }
}

void Server::stop()
{
    if (m_stopping) {
        return;
    }
    m_stopping = true;
    if (m_listener) {
        m_listener->close();
    }
    m_upgrader->dropAll();
    const QList<Session*> sessions = m_sessions;
    for (Session* session : sessions) {
        session->flushAll();
        session->close(CloseCode::EngineStops);
    }
    finishStop();
}

void Server::finishStop()
{
    if (m_stopping && !m_stopped && m_sessions.isEmpty()) {
        m_stopped = true;
        QMetaObject::invokeMethod(this, &Server::stopped, Qt::QueuedConnection);
    }
}

int Server::sessionCount() const
{
    return static_cast<int>(m_sessions.size());
}

int Server::identifiedCount() const
{
    return static_cast<int>(std::count_if(m_sessions.begin(), m_sessions.end(),
                                          [](const Session* session) { return session->isIdentified(); }));
}

void Server::take(std::shared_ptr<Arrival> arrival)
{
    if (m_stopping || !arrival->isHere()) {
        return;
    }
    if (arrival->sameUser) {
        makeRoom();
    }
    m_upgrader->add(std::move(arrival), m_clock.monotonicMs());
    if (!m_timer->isActive()) {
        m_timer->start();
    }
}

/// Of this user's clients that are not identified, the one that has been silent longest goes: however many
/// there are, one that knows what to say gets through.
void Server::makeRoom()
{
    Session* oldest = nullptr;
    qsizetype waiting = m_upgrader->ownCount();
    for (Session* session : std::as_const(m_sessions)) {
        if (session->isWaiting() && session->ofThisUser()) {
            ++waiting;
            oldest = !oldest || session->startedMs() < oldest->startedMs() ? session : oldest;
        }
    }
    if (waiting < m_waitingPlaces) {
        return;
    }
    const qint64 upgrading = m_upgrader->oldestOwnMs();
    if (oldest && (upgrading < 0 || oldest->startedMs() <= upgrading)) {
        oldest->close(CloseCode::TooManyClients);
    } else {
        m_upgrader->dropOldestOwn();
    }
}

void Server::accept(QWebSocket* socket, const std::shared_ptr<Arrival>& arrival)
{
    auto* session = new Session(QStringLiteral("c%1").arg(m_nextSession++), socket, arrival,
                                {m_options, m_table, m_topics, m_clock, m_epoch,
                                 [this] { return identifiedCount() < m_options.limits.sessions; }},
                                this);
    connect(session, &Session::closed, this, &Server::sessionGone);
    connect(session, &Session::identified, this, &Server::sessionIdentified);
    m_sessions.append(session);
    if (!originAllowed(socket->origin())) {
        session->close(CloseCode::OriginRefused);
    } else if (identifiedCount() >= m_options.limits.sessions) {
        session->close(CloseCode::TooManyClients);
    } else {
        session->start();
    }
}

void Server::sessionGone(Session* session, int closeCode)
{
    if (!m_sessions.removeOne(session)) {
        return;
    }
    const QString id = session->id();
    session->deleteLater();
    Q_EMIT sessionClosed(id, closeCode);
    if (m_sessions.isEmpty() && m_upgrader->isEmpty()) {
        m_timer->stop();
    }
    finishStop();
}

void Server::tick()
{
    QElapsedTimer work;
    work.start();
    const qint64 now = m_clock.monotonicMs();
    m_upgrader->expire(now);
    if (m_sessions.isEmpty() && m_upgrader->isEmpty()) {
        m_timer->stop();
    }
    // Each round starts behind the last one served, so that nobody starves when the budget is short.
    for (qsizetype left = m_sessions.size(); left > 0 && !m_sessions.isEmpty(); --left) {
        Session* session = m_sessions.takeFirst();
        m_sessions.append(session);
        session->tick(now);
        if (work.elapsed() > kTickBudgetMs) {
            break;
        }
    }
}

}  // namespace sluice::rpc
