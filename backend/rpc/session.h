#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <deque>
#include <functional>
#include <memory>

#include "rpc/close_code.h"
#include "rpc/codec.h"
#include "rpc/incoming.h"
#include "rpc/server.h"
#include "rpc/token_bucket.h"

QT_FORWARD_DECLARE_CLASS(QWebSocket)

namespace sluice::rpc {

class Subscription;

/// What all sessions of a server share. Outlives them.
struct SessionContext {
    const Server::Options& options;
    const MethodTable& table;
    const QHash<QString, LiveTopic*>& topics;
    const Clock& clock;
    const QString& epoch;
    std::function<bool()> roomForOne;  ///< for one more identified client
};

/// For logs and messages: what a stranger sent must not break their lines.
QString printableName(QString text);

/// One connected client: handshake, calls, subscriptions, and what it may cost.
/// @thread main loop only
class Session : public QObject {
    Q_OBJECT

public:
    /// Takes the socket over, and keeps the arrival's place until it is identified or closed.
    Session(QString id, QWebSocket* socket, std::shared_ptr<Arrival> arrival, SessionContext context,
            QObject* parent = nullptr);
    ~Session() override;

    QString id() const { return m_id; }
    bool isIdentified() const { return m_identified && m_closingSinceMs < 0; }
    /// Neither identified nor closed.
    bool isWaiting() const { return !m_identified && m_closingSinceMs < 0; }
    bool ofThisUser() const;
    qint64 startedMs() const { return m_startedMs; }

    /// Sends hello.
    void start();
    /// Closes with a typed code; closed() follows, after limits.closeTimeoutMs at the latest.
    void close(CloseCode code);
    /// Deadlines and deltas. Called a few times in limits.flushIntervalMs.
    void tick(qint64 nowMs);
    /// Writes what is due of all subscriptions, without regard to intervals.
    void flushAll();

Q_SIGNALS:
    void identified(const QString& session, const QString& clientName);
    void closed(sluice::rpc::Session* session, int code);

private:
    struct Feed {
        Subscription* subscription{};
        qint64 notBeforeMs{};
    };
    struct Pending;

    bool saysTooMuch() const;
    void cutOff();
    void receive(Incoming incoming);
    void takeNext();
    void takeDecoded(const Decoded& decoded);
    void receiveFirst(const QJsonObject& message);
    void receiveCall(const QJsonObject& message, const QString& paramsHash);
    void identify(const QJsonValue& id, const QJsonObject& params);
    void subscribe(const QJsonValue& id, const QJsonObject& params);
    void moveWindow(const QJsonValue& id, const QJsonObject& params);
    void unsubscribe(const QJsonValue& id, const QJsonObject& params);
    void answer(const QJsonValue& id, const Result<QJsonObject>& result);
    void refuse(const QJsonValue& id, int rpcCode, const Error& error);
    void send(const QJsonObject& message);
    int clampLimit(const QJsonValue& limit) const;

    QString m_id;
    QWebSocket* m_socket;
    std::shared_ptr<Arrival> m_arrival;
    SessionContext m_context;
    Principal m_principal;
    QByteArray m_nonce;
    Encoding m_encoding{Encoding::Json};
    TokenBucket m_bucket;
    qint64 m_startedMs;
    qint64 m_busySinceMs{-1};
    qint64 m_closingSinceMs{-1};
    bool m_identified{false};
    int m_closeCode{0};
    int m_pendingCalls{0};
    quint64 m_nextSubscription{1};
    std::deque<Incoming> m_incoming;  ///< in order, behind one that is decoded elsewhere
    qint64 m_incomingBytes{0};
    bool m_decoding{false};
    QHash<QString, Feed> m_feeds;
};

}  // namespace sluice::rpc
