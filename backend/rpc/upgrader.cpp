#include "rpc/upgrader.h"

#include <QtNetwork/QTcpSocket>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>
#include <algorithm>

#include "rpc/listener.h"

namespace sluice::rpc {
namespace {

constexpr qint64 kMaxRequestBytes = 16 * 1024;

}  // namespace

Upgrader::Upgrader(QObject* parent)
    : QObject(parent),
      m_server(new QWebSocketServer(QStringLiteral("sluiced"), QWebSocketServer::NonSecureMode, this))
{
    connect(m_server, &QWebSocketServer::newConnection, this, &Upgrader::takeUpgraded);
}

Upgrader::~Upgrader()
{
    dropAll();
}

void Upgrader::add(std::shared_ptr<Arrival> arrival, qint64 nowMs)
{
    auto* tcp = new QTcpSocket(this);
    if (!tcp->setSocketDescriptor(arrival->takeDescriptor())) {
        delete tcp;
        return;
    }
    tcp->setReadBufferSize(kMaxRequestBytes);
    connect(tcp, &QTcpSocket::disconnected, this, [this, tcp] {
        m_waiting.removeIf([tcp](const Waiting& waiting) { return waiting.tcp == tcp; });
        tcp->deleteLater();
    });
    m_waiting.append({.tcp = tcp, .arrival = std::move(arrival), .sinceMs = nowMs});
    m_server->handleConnection(tcp);
}

void Upgrader::takeUpgraded()
{
    while (QWebSocket* socket = m_server->nextPendingConnection()) {
        const auto it = std::find_if(m_waiting.begin(), m_waiting.end(), [socket](const Waiting& waiting) {
            return waiting.tcp->peerPort() == socket->peerPort() &&
                   waiting.tcp->peerAddress() == socket->peerAddress();
        });
        if (it == m_waiting.end()) {
            delete socket;
            continue;
        }
        it->tcp->disconnect(this);
        const std::shared_ptr<Arrival> arrival = it->arrival;
        m_waiting.erase(it);
        Q_EMIT upgraded(socket, arrival);
    }
}

void Upgrader::expire(qint64 nowMs)
{
    while (!m_waiting.isEmpty() && nowMs - m_waiting.first().sinceMs > kUpgradeTimeoutMs) {
        drop(0);
    }
}

void Upgrader::dropAll()
{
    while (!m_waiting.isEmpty()) {
        drop(0);
    }
}

qsizetype Upgrader::ownCount() const
{
    return std::count_if(m_waiting.begin(), m_waiting.end(),
                         [](const Waiting& waiting) { return waiting.arrival->sameUser; });
}

qint64 Upgrader::oldestOwnMs() const
{
    for (const Waiting& waiting : m_waiting) {
        if (waiting.arrival->sameUser) {
            return waiting.sinceMs;
        }
    }
    return -1;
}

void Upgrader::dropOldestOwn()
{
    for (qsizetype i = 0; i < m_waiting.size(); ++i) {
        if (m_waiting.at(i).arrival->sameUser) {
            drop(i);
            return;
        }
    }
}

void Upgrader::drop(qsizetype index)
{
    const Waiting waiting = m_waiting.takeAt(index);
    waiting.tcp->disconnect(this);
    waiting.tcp->abort();
    waiting.tcp->deleteLater();
}

}  // namespace sluice::rpc
