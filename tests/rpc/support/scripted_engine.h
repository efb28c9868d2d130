#pragma once

#include <QtCore/QList>
#include <QtNetwork/QHostAddress>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "rpc/close_code.h"
#include "rpc/codec.h"
#include "rpc/proof.h"
#include "support/handshake.h"

namespace sluice::test {

/// An engine that says exactly what the test tells it to.
class ScriptedEngine : public QObject {
public:
    ScriptedEngine() : m_listener("scripted", QWebSocketServer::NonSecureMode)
    {
        m_listener.listen(QHostAddress::LocalHost);
        connect(&m_listener, &QWebSocketServer::newConnection, this, [this] {
            m_socket = m_listener.nextPendingConnection();
            m_socket->setParent(this);
            connect(m_socket, &QWebSocket::textMessageReceived, this, [this](const QString& text) {
                m_received.append(*rpc::decode(text.toUtf8(), rpc::Encoding::Json));
            });
            send(rpc::makeNotification("hello", hello()));
        });
    }

    QUrl url() const { return m_listener.serverUrl(); }
    void send(const QJsonObject& message)
    {
        m_socket->sendTextMessage(QString::fromUtf8(rpc::encode(message, rpc::Encoding::Json)));
    }
    void sendText(const QString& text) { m_socket->sendTextMessage(text); }
    /// The client's n-th message.
    QJsonObject received(int n) const { return m_received.value(n); }
    qsizetype count() const { return m_received.size(); }
    void answer(int n, const QJsonObject& result) { send(rpc::makeResult(received(n)["id"], result)); }
    /// Proves to hold `token`.
    void answerIdentify(const QString& token)
    {
        answer(0, {{"proof", engineProof(token, hello(), received(0)["params"].toObject())}});
    }
    QJsonObject hello() const
    {
        return {{"protocol", protocol}, {"engine", "0"}, {"engineId", "e-scripted"}, {"nonce", nonce}};
    }
    QWebSocket* socket() { return m_socket; }

    int protocol{rpc::kProtocolVersion};
    QString nonce{QString::fromLatin1(rpc::newNonce())};

private:
    QWebSocketServer m_listener;
    QWebSocket* m_socket{};
    QList<QJsonObject> m_received;
};

}  // namespace sluice::test
