#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>

#include "core/error.h"
#include "rpc/method_table.h"

QT_FORWARD_DECLARE_CLASS(QTimer)
QT_FORWARD_DECLARE_CLASS(QWebSocketServer)

namespace sluice {
class Clock;
class LiveTopic;
}  // namespace sluice

namespace sluice::rpc {

class Session;

/// What one client, and all of them, may cost. Sizes in bytes, times in milliseconds.
struct Limits {
    int sessions{256};
    int subscriptionsPerSession{64};
    int callsPerSession{256};             ///< outstanding at one time
    int windowRows{10'000};               ///< rows of one window; also the window of a client that names none
    qint64 messageBytes{16 * 1024 * 1024};
    qint64 helloBytes{64 * 1024};         ///< a message before the client is identified
    double messagesPerSecond{500};
    double messageBurst{1000};
    int identifyTimeoutMs{10'000};
    int flushIntervalMs{50};              ///< between two deltas of one subscription
    qint64 busyBytes{256 * 1024};         ///< no delta is written while more than this waits in the socket
    qint64 fullBytes{64 * 1024 * 1024};   ///< a client with more than this waiting is closed at once
    int slowMs{30'000};                   ///< a client busy for this long is closed
    int closeTimeoutMs{2000};             ///< a closed client that does not answer the close is cut off
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
        QString tokenFile{};      ///< read once, by listen()
        QString engineId{};
        QString version{};
        QJsonObject profile{};    ///< goes to every identified client as it is
        bool singlePerson{true};
        Principal tokenPrincipal{};
        Limits limits{};
    };

    Server(Options options, MethodTable& table, QList<LiveTopic*> topics, const Clock& clock,
           QObject* parent = nullptr);
    ~Server() override;

    /// @return the port.
    /// @error  FailedPrecondition: token file missing, not ours or readable by others. Unavailable: port taken.
    [[nodiscard]] Result<quint16> listen();
    /// Orderly: no new clients, last deltas, close 4009; stopped() when all are gone (closeTimeoutMs at most).
    void stop();

    int sessionCount() const;
    /// Changes with every start of the engine: revisions of another epoch mean nothing.
    QString epoch() const { return m_epoch; }

Q_SIGNALS:
    void sessionIdentified(const QString& session, const QString& clientName);
    void sessionClosed(const QString& session, int closeCode);
    void stopped();

private:
    void accept();
    void sessionGone(Session* session, int closeCode);
    void tick();
    void finishStop();

    Options m_options;
    MethodTable& m_table;
    QHash<QString, LiveTopic*> m_topics;
    const Clock& m_clock;
    QString m_epoch;
    QByteArray m_token;
    QWebSocketServer* m_listener{};
    QTimer* m_timer{};
    QList<Session*> m_sessions;
    quint64 m_nextSession{1};
    bool m_stopping{false};
    bool m_stopped{false};
};

}  // namespace sluice::rpc
