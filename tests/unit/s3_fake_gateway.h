#pragma once

#include <QtCore/QHash>
#include <QtCore/QThread>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <atomic>
#include <functional>

/// An HTTP server on a thread of its own that answers with whatever the test's handler returns.
class FakeGateway {
public:
    struct Request {
        QByteArray method{};
        /// As sent, with the query.
        QByteArray target{};
        QHash<QByteArray, QByteArray> headers{};
        QByteArray body{};
    };
    /// Bytes of the whole answer; empty: none ever comes.
    using Handler = std::function<QByteArray(const Request&)>;

    explicit FakeGateway(Handler handler) : m_handler(std::move(handler))
    {
        m_server.moveToThread(&m_thread);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] { accept(); });
        m_thread.start();
        QMetaObject::invokeMethod(
            &m_server, [this] { m_server.listen(QHostAddress::LocalHost); }, Qt::BlockingQueuedConnection);
    }

    ~FakeGateway()
    {
        QMetaObject::invokeMethod(
            &m_server,
            [this] {
                m_server.close();
                qDeleteAll(m_server.findChildren<QTcpSocket*>());
                m_server.moveToThread(nullptr);
            },
            Qt::BlockingQueuedConnection);
        m_thread.quit();
        m_thread.wait();
    }

    QString endpoint() const { return QStringLiteral("http://127.0.0.1:%1").arg(m_server.serverPort()); }
    int connections() const { return m_connections; }

    static QByteArray answer(int status, const QByteArray& body, const QByteArray& headers = {})
    {
        return "HTTP/1.1 " + QByteArray::number(status) +
               " Text\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n" + headers + "\r\n" +
               body;
    }

private:
    void accept()
    {
        while (QTcpSocket* socket = m_server.nextPendingConnection()) {
            ++m_connections;
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket] { serve(socket); });
            QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        }
    }

    void serve(QTcpSocket* socket)
    {
        QByteArray buffer = socket->property("buffer").toByteArray() + socket->readAll();
        const qsizetype end = buffer.indexOf("\r\n\r\n");
        Request request;
        if (end >= 0) {
            const QList<QByteArray> lines = buffer.first(end).split('\n');
            const QList<QByteArray> first = lines[0].trimmed().split(' ');
            request.method = first[0];
            request.target = first.value(1);
            for (const QByteArray& line : lines.mid(1)) {
                const qsizetype colon = line.indexOf(':');
                request.headers.insert(line.first(colon).toLower(), line.mid(colon + 1).trimmed());
            }
            const qsizetype length = request.headers.value("content-length").toInt();
            if (buffer.size() >= end + 4 + length) {
                request.body = buffer.mid(end + 4, length);
                buffer.remove(0, end + 4 + length);
                socket->setProperty("buffer", buffer);
                socket->write(m_handler(request));
                return;
            }
        }
        socket->setProperty("buffer", buffer);
    }

    Handler m_handler;
    std::atomic<int> m_connections{0};
    QThread m_thread{};
    QTcpServer m_server{};
};
