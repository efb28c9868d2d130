#include "rpc/pulse.h"

#include <QtWebSockets/QWebSocket>

namespace sluice::rpc {

Pulse::Pulse(QObject* parent) : QObject(parent)
{
    m_timer.setInterval(kIntervalMs);
    connect(&m_timer, &QTimer::timeout, this, &Pulse::beat);
}

void Pulse::start(QWebSocket* socket)
{
    stop();
    m_socket = socket;
    const auto heard = [this] { m_unanswered = 0; };
    connect(socket, &QWebSocket::pong, this, heard);
    connect(socket, &QWebSocket::textFrameReceived, this, heard);
    connect(socket, &QWebSocket::binaryFrameReceived, this, heard);
    m_timer.start();
}

void Pulse::stop()
{
    m_timer.stop();
    m_unanswered = 0;
    if (m_socket != nullptr) {
        m_socket->disconnect(this);
        m_socket = nullptr;
    }
}

void Pulse::beat()
{
    if (m_unanswered >= kUnanswered) {
        stop();
        Q_EMIT silent();
        return;
    }
    ++m_unanswered;
    m_socket->ping();
}

}  // namespace sluice::rpc
