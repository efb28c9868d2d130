#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <memory>

#include "core/error.h"
#include "rpc/method_table.h"
#include "rpc/peer_user.h"

QT_FORWARD_DECLARE_CLASS(QTimer)
QT_FORWARD_DECLARE_CLASS(QWebSocket)

namespace sluice {
class Clock;
class LiveTopic;
}  // namespace sluice

namespace sluice::rpc {

class Listener;
class Session;
class Upgrader;
struct Arrival;

/// What one client, and all of them, may cost. Sizes in bytes, times in milliseconds.
struct Limits {
    int sessions{256};              ///< identified clients
    int waiting{256};               ///< of this user, not identified; a new one takes the place of the oldest
    double ownPerSecond{5000};      ///< connections of this user
    int strangers{32};              ///< of all other users together, not identified; a new one is refused
    double strangersPerSecond{20};  ///< connections of all other users
    int subscriptionsPerSession{64};
    int callsPerSession{256};  ///< outstanding at one time
    int windowRows{10'000};    ///< rows of one window; also the window of a client that names none
    qint64 messageBytes{16 * 1024 * 1024};
    qint64 helloBytes{16 * 1024};  ///< a message before the client is identified
    qint64 strangerBytes{64 *
                         1024};  ///< all that a client sends before it is identified, whatever the frames are
    double messagesPerSecond{500};
    double messageBurst{1000};
    int identifyTimeoutMs{10'000};
    int flushIntervalMs{50};             ///< between two deltas of one subscription
    qint64 busyBytes{256 * 1024};        ///< no delta is written while more than this waits in the socket
    qint64 fullBytes{64 * 1024 * 1024};  ///< a client with more than this waiting is closed at once
    int slowMs{30'000};                  ///< a client busy for this long is closed
    int closeTimeoutMs{2000};            ///< a closed client that does not answer the close is cut off
};

/// The one door into the engine: JSON-RPC 2.0 over WebSocket on 127.0.0.1.
/// Nothing here blocks; a client that is slow, silent or hostile costs a bounded amount and is closed with a
/// typed code (rpc/close_code.h).
/// @thread main loop only; topics and table must outlive the server
class Server : public QObject {
    Q_OBJECT

public:
    struct Options {
        quint16 port{0};          ///< 0: any free one
        QByteArray ownerToken{};  ///< whoever proves to hold it is tokenPrincipal
        QString engineId{};
        QString version{};
        QJsonObject profile{};  ///< goes to every identified client as it is
        bool singlePerson{true};
        Principal tokenPrincipal{};
        Limits limits{};
        PeerUser peerUser{};  ///< none: the kernel is asked
    };

    Server(Options options, MethodTable& table, QList<LiveTopic*> topics, const Clock& clock,
           QObject* parent = nullptr);
    ~Server() override;

    /// @return the port.
    /// @error  FailedPrecondition: no token. Unavailable: port taken.
    [[nodiscard]] Result<quint16> listen();
    /// Proofs made with an older one are refused from here on; who is identified stays so.
    void setOwnerToken(const QByteArray& token);
    /// Orderly: no new clients, last deltas, close 4009; stopped() when all are gone (closeTimeoutMs at
    /// most).
    void stop();

    /// All clients with a WebSocket, and those of them that are identified.
    int sessionCount() const;
    int identifiedCount() const;
    /// Changes with every start of the engine: revisions of another epoch mean nothing.
    QString epoch() const { return m_epoch; }

Q_SIGNALS:
    void sessionIdentified(const QString& session, const QString& clientName);
    void sessionClosed(const QString& session, int closeCode);
    void stopped();

private:
    void take(std::shared_ptr<Arrival> arrival);
    void accept(QWebSocket* socket, const std::shared_ptr<Arrival>& arrival);
    void makeRoom();
    void sessionGone(Session* session, int closeCode);
    void tick();
    void finishStop();

    Options m_options;
    MethodTable& m_table;
    QHash<QString, LiveTopic*> m_topics;
    const Clock& m_clock;
    QString m_epoch;
    Upgrader* m_upgrader;
    std::unique_ptr<Listener> m_listener;
    QTimer* m_timer;
    QList<Session*> m_sessions;
    quint64 m_nextSession{1};
    int m_waitingPlaces{};
    bool m_stopping{false};
    bool m_stopped{false};
};

}  // namespace sluice::rpc
