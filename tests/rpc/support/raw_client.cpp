#include "support/raw_client.h"

#include <QtWebSockets/QWebSocket>

#include "support/handshake.h"
#include "support/wait.h"

namespace sluice::test {

RawClient::RawClient(const QUrl& url, const QString& origin)
    : m_socket(new QWebSocket(origin, QWebSocketProtocol::VersionLatest, this))
{
    connect(m_socket, &QWebSocket::connected, this, [this] { m_open = true; });
    connect(m_socket, &QWebSocket::disconnected, this, [this] {
        m_open = false;
        m_closed = true;
    });
    connect(m_socket, &QWebSocket::textMessageReceived, this,
            [this](const QString& text) { receive(text.toUtf8(), rpc::Encoding::Json); });
    connect(m_socket, &QWebSocket::binaryMessageReceived, this,
            [this](const QByteArray& bytes) { receive(bytes, rpc::Encoding::Cbor); });
    m_socket->open(url);
}

RawClient::~RawClient()
{
    m_socket->disconnect(this);
}

void RawClient::receive(const QByteArray& payload, rpc::Encoding encoding)
{
    const auto message = rpc::decode(payload, encoding);
    m_messages.append(message ? *message : QJsonObject{{"unreadable", true}});
}

bool RawClient::waitHello()
{
    return waitFor([this] { return !m_messages.isEmpty() || m_closed; }) && !m_messages.isEmpty() &&
           m_messages.first()["method"] == QLatin1String("hello");
}

bool RawClient::identify(const QString& token, const QJsonObject& more)
{
    if (!waitHello()) {
        return false;
    }
    QJsonObject params = proofFor(token, hello());
    for (auto it = more.begin(); it != more.end(); ++it) {
        params[it.key()] = it.value();
    }
    const int id = call(QStringLiteral("identify"), params);
    if (params["encoding"] == QLatin1String("cbor")) {
        m_encoding = rpc::Encoding::Cbor;
    }
    return answer(id).contains("result");
}

void RawClient::sendText(const QByteArray& text)
{
    m_socket->sendTextMessage(QString::fromUtf8(text));
}

void RawClient::sendBinary(const QByteArray& bytes)
{
    m_socket->sendBinaryMessage(bytes);
}

int RawClient::call(const QString& method, const QJsonObject& params)
{
    const int id = m_nextId++;
    const QByteArray bytes = rpc::encode(rpc::makeCall(id, method, params), m_encoding);
    if (m_encoding == rpc::Encoding::Cbor) {
        sendBinary(bytes);
    } else {
        sendText(bytes);
    }
    return id;
}

QJsonObject RawClient::answer(int id)
{
    const auto find = [this, id]() -> QJsonObject {
        for (const QJsonObject& message : std::as_const(m_messages)) {
            if (message["id"].toInt(-1) == id) {
                return message;
            }
        }
        return {};
    };
    if (!waitFor([&] { return m_closed || !find().isEmpty(); })) {
        return {};
    }
    return find();
}

int RawClient::waitClose(int timeoutMs)
{
    if (!waitFor([this] { return m_closed; }, timeoutMs)) {
        return 0;
    }
    return m_socket->closeCode();
}

QList<QJsonObject> RawClient::deltas() const
{
    QList<QJsonObject> out;
    for (const QJsonObject& message : m_messages) {
        if (message["method"] == QLatin1String("topic.delta")) {
            out.append(message["params"].toObject());
        }
    }
    return out;
}

}  // namespace sluice::test
