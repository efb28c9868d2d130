#include "tests/support/example_system/waterworks.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QUrlQuery>
#include <QtNetwork/QTcpSocket>

namespace sluice::example {

Waterworks::Waterworks(QObject* parent) : QObject(parent)
{
    m_server.listen(QHostAddress::LocalHost);
    connect(&m_server, &QTcpServer::newConnection, this, [this] {
        QTcpSocket* socket = m_server.nextPendingConnection();
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
            const QList<QByteArray> words = socket->readAll().split(' ');
            asked.append(QString::fromLatin1(words.value(0) + ' ' + words.value(1)));
            if (m_hangs) {
                return;
            }
            const QByteArray body =
                answer(QString::fromLatin1(words.value(0)), QUrl(QString::fromLatin1(words.value(1))));
            socket->write((body.isEmpty() ? "HTTP/1.1 404 Not Found" : "HTTP/1.1 200 OK") +
                          QByteArray("\r\nContent-Type: application/json\r\nContent-Length: ") +
                          QByteArray::number(body.size()) + "\r\n\r\n" + body);
        });
    });
}

QJsonObject Waterworks::row(const QString& name) const
{
    const Valve valve = valves.value(name);
    return {{"name", name}, {"open", valve.open}, {"holder", valve.holder}};
}

QByteArray Waterworks::answer(const QString& method, const QUrl& url)
{
    const QStringList path = url.path().split('/', Qt::SkipEmptyParts);
    if (method == QLatin1String("GET") && path == QStringList{"valves"}) {
        QJsonArray rows;
        for (const QString& name : valves.keys()) {
            rows.append(row(name));
        }
        return QJsonDocument(QJsonObject{{"valves", rows}}).toJson(QJsonDocument::Compact);
    }
    const auto valve = valves.find(path.value(1));
    if (path.value(0) != QLatin1String("valves") || valve == valves.end()) {
        return {};
    }
    const QString verb = path.value(2);
    const QString who = QUrlQuery(url).queryItemValue(QStringLiteral("by"));
    if (verb == QLatin1String("open") || verb == QLatin1String("shut")) {
        valve->open = verb == QLatin1String("open") && !valve->stuck;
    } else if (verb == QLatin1String("hold")) {
        valve->holder = who;
        valve->tags.append(who);
    } else if (verb == QLatin1String("free") && valve->holder == who) {
        valve->holder.clear();
    } else if (verb == QLatin1String("untag")) {
        valve->tags.removeAll(who);
    }
    return QJsonDocument(row(path.value(1))).toJson(QJsonDocument::Compact);
}

}  // namespace sluice::example
