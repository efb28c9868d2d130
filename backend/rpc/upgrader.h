#pragma once

#include <QtCore/QList>
#include <QtCore/QObject>
#include <memory>

QT_FORWARD_DECLARE_CLASS(QTcpSocket)
QT_FORWARD_DECLARE_CLASS(QWebSocket)
QT_FORWARD_DECLARE_CLASS(QWebSocketServer)

namespace sluice::rpc {

struct Arrival;

/// Makes WebSockets of accepted connections. One that does not ask for it within kUpgradeTimeoutMs is
/// dropped, and until then it is read only as far as a request may be long.
/// @thread main loop only
class Upgrader : public QObject {
    Q_OBJECT

public:
    static constexpr qint64 kUpgradeTimeoutMs = 5000;

    explicit Upgrader(QObject* parent = nullptr);
    ~Upgrader() override;

    void add(std::shared_ptr<Arrival> arrival, qint64 nowMs);
    /// Drops those whose time is over.
    void expire(qint64 nowMs);
    void dropAll();
    bool isEmpty() const { return m_waiting.isEmpty(); }
    /// Of the same user as this process.
    qsizetype ownCount() const;
    /// When the longest waiting one of this user came; -1 if there is none.
    qint64 oldestOwnMs() const;
    void dropOldestOwn();

Q_SIGNALS:
    /// The receiver takes the socket over.
    void upgraded(QWebSocket* socket, const std::shared_ptr<sluice::rpc::Arrival>& arrival);

private:
    struct Waiting {
        QTcpSocket* tcp{};
        std::shared_ptr<Arrival> arrival{};
        qint64 sinceMs{};
    };

    void takeUpgraded();
    void drop(qsizetype index);

    QWebSocketServer* m_server;
    QList<Waiting> m_waiting;  ///< in order of arrival
};

}  // namespace sluice::rpc
