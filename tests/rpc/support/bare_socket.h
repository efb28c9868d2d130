#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpSocket>

namespace sluice::test {

/// A WebSocket client made by hand on TCP: may stop reading, may send frames that are none.
class BareSocket {
public:
    explicit BareSocket(const QUrl& url);

    /// Upgrades and takes hello. Afterwards only as much is read from the kernel as `readBuffer` holds, until
    /// resume().
    bool upgrade(qint64 readBuffer);
    /// A right identify; its answer is left unread.
    void identify(const QString& token, const QString& client);
    void sendText(const QByteArray& text);
    void sendRaw(const QByteArray& bytes);
    /// Reads all there is and drops it.
    void resume();
    QTcpSocket& tcp() { return m_socket; }

    /// A masked frame of a client.
    static QByteArray frame(int opcode, const QByteArray& payload);

private:
    QTcpSocket m_socket;
    QUrl m_url;
    QJsonObject m_hello;
};

}  // namespace sluice::test
