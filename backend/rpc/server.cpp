#include "rpc/server.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QRandomGenerator>
#include <QtCore/QTimer>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QNetworkProxy>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "core/clock.h"
#include "core/live_topic.h"
#include "core/log.h"
#include "rpc/endpoint.h"
#include "rpc/session.h"

namespace sluice::rpc {
namespace {

constexpr int kPendingConnections = 64;
constexpr auto kHandshakeTimeout = std::chrono::seconds(5);
/// One tick works no longer than this before it lets the loop go on.
constexpr qint64 kTickBudgetMs = 5;

/// No origin at all (a program), or a page of this machine.
bool originAllowed(const QString& origin)
{
    if (origin.isEmpty()) {
        return true;
    }
    const QUrl url(origin, QUrl::StrictMode);
    const QString host = url.host();
    return url.isValid() && (url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https")) &&
           (host == QLatin1String("localhost") || QHostAddress(host).isLoopback());
}

}  // namespace

Server::Server(Options options, MethodTable& table, QList<LiveTopic*> topics, const Clock& clock, QObject* parent)
    : QObject(parent),
      m_options(std::move(options)),
      m_table(table),
      m_clock(clock),
      m_epoch(QString::number(QRandomGenerator::system()->generate64(), 16)),
      m_timer(new QTimer(this))
{
    for (LiveTopic* topic : std::as_const(topics)) {
        m_topics.insert(topic->name(), topic);
    }
    m_timer->setInterval(m_options.limits.flushIntervalMs);
    connect(m_timer, &QTimer::timeout, this, &Server::tick);
}

Server::~Server()
{
    qDeleteAll(m_sessions);
}

Result<quint16> Server::listen()
{
    const auto token = readPrivateFile(m_options.tokenFile);
    if (!token) {
        Error error = token.error();
        error.code = ErrorCode::FailedPrecondition;
        return fail(error);
    }
    m_token = token->trimmed();
    if (m_token.isEmpty()) {
        return fail(Error{.code = ErrorCode::FailedPrecondition,
                          .message = QStringLiteral("%1 cannot be used").arg(m_options.tokenFile),
                          .cause = QStringLiteral("it is empty"),
                          .correction = QStringLiteral("Remove it and start the engine again."),
                          .source = QStringLiteral("rpc")});
    }
    delete m_listener;
    m_listener = new QWebSocketServer(QStringLiteral("sluiced"), QWebSocketServer::NonSecureMode, this);
    m_listener->setProxy(QNetworkProxy::NoProxy);
    m_listener->setMaxPendingConnections(kPendingConnections);
    m_listener->setHandshakeTimeout(kHandshakeTimeout);
    connect(m_listener, &QWebSocketServer::newConnection, this, &Server::accept);
    if (!m_listener->listen(QHostAddress::LocalHost, m_options.port)) {
        return fail(Error{.code = ErrorCode::Unavailable,
                          .message = QStringLiteral("Port %1 cannot be listened on").arg(m_options.port),
                          .cause = m_listener->errorString(),
                          .correction = QStringLiteral("Choose another port, or 0 for any free one (--port)."),
                          .source = QStringLiteral("rpc")});
    }
    return m_listener->serverPort();
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

void Server::accept()
{
    while (QWebSocket* socket = m_listener->nextPendingConnection()) {
        auto* session = new Session(QStringLiteral("c%1").arg(m_nextSession++), socket,
                                    {m_options, m_table, m_topics, m_clock, m_epoch, m_token}, this);
        connect(session, &Session::closed, this, &Server::sessionGone);
        connect(session, &Session::identified, this, &Server::sessionIdentified);
        m_sessions.append(session);
        if (!m_timer->isActive()) {
            m_timer->start();
        }
        if (m_stopping) {
            session->close(CloseCode::EngineStops);
        } else if (!originAllowed(socket->origin())) {
            session->close(CloseCode::OriginRefused);
        } else if (m_sessions.size() > m_options.limits.sessions) {
            session->close(CloseCode::TooManyClients);
        } else {
            session->start();
        }
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
    if (m_sessions.isEmpty()) {
        m_timer->stop();
    }
    finishStop();
}

void Server::tick()
{
    QElapsedTimer work;
    work.start();
    const qint64 now = m_clock.monotonicMs();
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
