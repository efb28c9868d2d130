#pragma once

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QUrlQuery>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <functional>

/// A luigid that answers what the test says: method and arguments in, HTTP body out.
class FakeLuigid : public QObject {
public:
    std::function<QByteArray(const QString&, const QJsonObject&)> answer;
    QByteArray status{"200 OK"};
    QByteArray headers;
    bool silent{};
    QString silentOn;  ///< a method that is never answered
    QString missing;   ///< a method it does not know
    QStringList asked;
    QByteArray lastRequest;

    FakeLuigid()
    {
        m_server.listen(QHostAddress::LocalHost);
        connect(&m_server, &QTcpServer::newConnection, this, [this] {
            QTcpSocket* socket = m_server.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
        });
    }
    QUrl url() const { return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(m_server.serverPort())); }
    void close() { m_server.close(); }

private:
    void read(QTcpSocket* socket)
    {
        lastRequest = socket->readAll();
        if (silent) {
            return;
        }
        const QUrl url(QString::fromLatin1(lastRequest.split(' ').value(1)));
        const QString method = url.path().mid(5);
        const QByteArray data = QUrlQuery(url).queryItemValue("data", QUrl::FullyDecoded).toUtf8();
        asked.append(method);
        if (method == silentOn) {
            return;
        }
        const QByteArray body = answer(method, QJsonDocument::fromJson(data).object());
        socket->write("HTTP/1.1 " + (method == missing ? QByteArray("404 Not Found") : status) +
                      "\r\nContent-Type: application/json\r\n" + headers +
                      "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    }

    QTcpServer m_server;
};
