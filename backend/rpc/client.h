#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtCore/QUrl>
#include <functional>
#include <optional>

#include "core/error.h"
#include "rpc/codec.h"
#include "rpc/endpoint.h"
#include "rpc/proof.h"

QT_FORWARD_DECLARE_CLASS(QTimer)
QT_FORWARD_DECLARE_CLASS(QWebSocket)

namespace sluice::rpc {

class Pulse;

/// What to subscribe to. `fields` empty: whole rows. `limit` 0: as many rows as the engine gives.
struct Subscribe {
    QString topic{};
    QJsonObject filter{};
    QStringList fields{};
    int offset{};
    int limit{};
};

/// What happened to the rows of a subscription. `reset`: forget all rows, `upserts` is the whole window, in
/// order. Otherwise put `upserts` over the rows of the same id, drop `removed`, and if `order` is set, these
/// are the ids of the window in their new order. `total` counts the rows of the filter, inside the window or
/// not.
struct TopicChange {
    bool reset{};
    QString epoch{};
    quint64 revision{};
    int total{};
    QList<QJsonObject> upserts{};
    QStringList removed{};
    std::optional<QStringList> order{};
};

/// The client's end of the protocol, for the console and for sluicectl.
/// One connection at a time; connectTo() again after disconnected(). Subscriptions outlive a connection: each
/// gets a reset change as soon as the client is identified again, and after a gap. Callbacks run on the
/// client's thread, never inside the call that registered them, and not once their context object is gone.
/// @thread the thread the client lives on
class Client : public QObject {
    Q_OBJECT

public:
    static constexpr int kConnectTimeoutMs = 5000;

    using Answer = std::function<void(const Result<QJsonObject>&)>;
    using OnChange = std::function<void(const TopicChange&)>;
    using OnError = std::function<void(const Error&)>;

    explicit Client(QObject* parent = nullptr);
    ~Client() override;

    /// Wire encoding of the next connection. Default Json.
    void setEncoding(Encoding encoding) { m_encoding = encoding; }

    /// How often an engine is asked for a sign of life, of the next connection; one that gives none for five
    /// times as long counts as hanging, and the connection ends with DeadlineExceeded.
    void setPulse(int intervalMs);

    /// Ends in identified() or in disconnected(), after kConnectTimeoutMs at the latest. The token is never
    /// sent: both ends prove that they hold it, and an end that cannot is left. It is not kept after that.
    void connectTo(const QUrl& url, const QString& token, const QString& clientName);
    /// As above, with the engine that the endpoint names and no other: after an engine was killed, somebody
    /// else may listen on its port.
    void connectTo(const Endpoint& endpoint, const QString& clientName);
    /// Closes orderly; disconnected() with Cancelled follows if there was a connection.
    void disconnectFromEngine();
    bool isIdentified() const { return m_phase == Phase::Identified; }
    /// Result of identify with hello's `engine` and `engineId`; empty while not identified.
    QJsonObject identity() const { return m_identity; }

    /// `context` bounds the life of the callback.
    /// @error as answered by the engine. Unavailable: not connected, or connection lost (retryable).
    ///        DeadlineExceeded after `timeoutMs`. A lost or late call with a requestId: OutcomeUnknown.
    void call(const QString& method, const QJsonObject& params, QObject* context, Answer answer,
              int timeoutMs = 30'000);

    /// May be called at any time, connected or not. The subscription ends with unsubscribe() or with
    /// `context`. `onError`: the engine refused the subscription (no such topic, …); it is tried again with
    /// the next connection.
    /// @return a number of this client's own, for setWindow() and unsubscribe().
    int subscribe(const Subscribe& what, QObject* context, OnChange onChange, OnError onError = {});
    /// Moves the window; a reset change follows.
    void setWindow(int subscription, int offset, int limit);
    void unsubscribe(int subscription);

    /// A fresh id for a mutation. Keep it to send the same mutation again after OutcomeUnknown.
    static QString newRequestId();

Q_SIGNALS:
    /// Same as identity().
    void identified(const QJsonObject& identity);
    /// The connection ended or never came about; the error says why and what to do.
    void disconnected(const sluice::Error& error);

private:
    enum class Phase { Idle, Connecting, Hello, Identifying, Identified };
    struct Call;
    struct Feed;

    void open(const QUrl& url);
    Error hangs(qint64 silentMs) const;
    void receive(const QByteArray& payload, Encoding encoding);
    void receiveHello(const QJsonObject& params);
    void receiveAnswer(const QJsonObject& message);
    void receiveDelta(const QJsonObject& params);
    void send(const QJsonObject& message);
    void identify();
    void receiveIdentified(const Result<QJsonObject>& answer);
    Challenge challenge() const;
    void openFeed(int feed);
    void acceptWindow(int feed, quint64 generation, const Result<QJsonObject>& answer);
    void dropSocket();
    void end(const Error& error);
    void expire();
    void armDeadline();

    QWebSocket* m_socket{};
    QTimer* m_deadlines{};
    Pulse* m_pulse{};
    qint64 m_connectDeadlineMs{};
    Phase m_phase{Phase::Idle};
    Encoding m_encoding{Encoding::Json};
    QString m_token;
    QByteArray m_nonce;
    QString m_clientName;
    QString m_expectedEngine;
    qint64 m_enginePid{};
    QUrl m_url;
    QJsonObject m_hello;
    QJsonObject m_identity;
    quint64 m_nextCall{1};
    int m_nextFeed{1};
    QHash<quint64, Call> m_calls;
    QHash<int, Feed> m_feeds;
    QHash<QString, int> m_feedOfSubscription;  ///< by the engine's name of it
};

}  // namespace sluice::rpc
