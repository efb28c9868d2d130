#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QUrl>

#include "rpc/codec.h"

QT_FORWARD_DECLARE_CLASS(QWebSocket)

namespace sluice::test {

/// A WebSocket client without manners: sends whatever the test likes, keeps all that comes.
class RawClient : public QObject {
    Q_OBJECT

public:
    explicit RawClient(const QUrl& url, const QString& origin = {});
    ~RawClient() override;

    bool waitHello();
    /// Params of the hello that came.
    QJsonObject hello() const { return m_messages.value(0)["params"].toObject(); }
    /// hello and a right identify. @return whether the engine took it.
    bool identify(const QString& token, const QJsonObject& more = {});
    void sendText(const QByteArray& text);
    void sendBinary(const QByteArray& bytes);
    /// In the encoding that identify asked for. @return the id.
    int call(const QString& method, const QJsonObject& params);
    /// Runs the loop until the answer to `id` is there; empty if it does not come.
    QJsonObject answer(int id);
    /// Runs the loop until the engine closed. @return the code, 0 if it did not.
    int waitClose(int timeoutMs = 5000);

    QList<QJsonObject> messages() const { return m_messages; }
    QList<QJsonObject> deltas() const;
    bool isOpen() const { return m_open; }
    bool isClosed() const { return m_closed; }
    QWebSocket& socket() { return *m_socket; }

private:
    void receive(const QByteArray& payload, rpc::Encoding encoding);

    QWebSocket* m_socket;
    QList<QJsonObject> m_messages;
    rpc::Encoding m_encoding{rpc::Encoding::Json};
    bool m_open{false};
    bool m_closed{false};
    int m_nextId{1};
};

}  // namespace sluice::test
