#include "support/bare_socket.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QtEndian>

#include "patience.h"

#include "rpc/codec.h"
#include "support/handshake.h"

namespace sluice::test {

BareSocket::BareSocket(const QUrl& url) : m_url(url)
{
    m_socket.connectToHost(url.host(), static_cast<quint16>(url.port()));
}

bool BareSocket::upgrade(qint64 readBuffer)
{
    if (!sluice::test::waitUntil([this] { return m_socket.state() == QAbstractSocket::ConnectedState; })) {
        return false;
    }
    m_socket.write(
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    QByteArray head;
    const bool done = sluice::test::waitUntil([&] {
        head += m_socket.readAll();
        return head.contains("\r\n\r\n") && head.endsWith("}}");
    });
    m_socket.setReadBufferSize(readBuffer);
    m_hello = QJsonDocument::fromJson(head.mid(head.indexOf("{\""))).object()["params"].toObject();
    return done && head.startsWith("HTTP/1.1 101");
}

void BareSocket::identify(const QString& token, const QString& client)
{
    QJsonObject params = proofFor(token, m_hello);
    params["client"] = client;
    sendText(rpc::encode(rpc::makeCall(1, "identify", params), rpc::Encoding::Json));
}

QByteArray BareSocket::frame(int opcode, const QByteArray& payload)
{
    QByteArray out;
    out.append(static_cast<char>(0x80 | opcode));
    if (payload.size() < 126) {
        out.append(static_cast<char>(0x80 | payload.size()));
    } else if (payload.size() < 65536) {
        out.append(static_cast<char>(0x80 | 126));
        QByteArray length(2, '\0');
        qToBigEndian(static_cast<quint16>(payload.size()), length.data());
        out.append(length);
    } else {
        out.append(static_cast<char>(0x80 | 127));
        QByteArray length(8, '\0');
        qToBigEndian(static_cast<quint64>(payload.size()), length.data());
        out.append(length);
    }
    out.append(QByteArray(4, '\0'));  // a mask of zeros leaves the payload as it is
    return out + payload;
}

void BareSocket::sendText(const QByteArray& text)
{
    m_socket.write(frame(1, text));
}

void BareSocket::sendRaw(const QByteArray& bytes)
{
    m_socket.write(bytes);
}

void BareSocket::resume()
{
    m_socket.setReadBufferSize(0);
    QObject::connect(&m_socket, &QTcpSocket::readyRead, &m_socket, [this] { m_socket.readAll(); });
    m_socket.readAll();
}

}  // namespace sluice::test
