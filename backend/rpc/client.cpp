#include "rpc/client.h"

#include <errno.h>
#include <signal.h>

#include <QtCore/QTimer>
#include <QtCore/QUuid>
#include <QtNetwork/QNetworkProxy>
#include <QtWebSockets/QWebSocket>
#include <algorithm>
#include <limits>
#include <utility>

#include "core/clock.h"
#include "rpc/client_parts.h"
#include "rpc/close_code.h"
#include "rpc/low_delay.h"
#include "rpc/pulse.h"

namespace sluice::rpc {
namespace {

qint64 nowMs()
{
    return SystemClock().monotonicMs();
}

Error callLost(bool changes, const QString& method, bool late)
{
    Error error{.code = late ? ErrorCode::DeadlineExceeded : ErrorCode::Unavailable,
                .message = QStringLiteral("%1 got no answer").arg(method),
                .cause = late ? QStringLiteral("the engine did not answer in time")
                              : QStringLiteral("the connection to the engine ended"),
                .correction = QStringLiteral("Try again."),
                .retryable = true,
                .source = QStringLiteral("rpc")};
    if (changes) {
        error.code = ErrorCode::OutcomeUnknown;
        error.correction = QStringLiteral("It may have been carried out: look before you do it again.");
        error.retryable = false;
    }
    return error;
}

Error notConnected()
{
    return Error{.code = ErrorCode::Unavailable,
                 .message = QStringLiteral("Not connected to an engine"),
                 .cause = QStringLiteral("the connection ended or was not made yet"),
                 .correction = QStringLiteral("Connect first."),
                 .retryable = true,
                 .source = QStringLiteral("rpc")};
}

Error noEngine(const QUrl& url, const QString& cause)
{
    return Error{
        .code = ErrorCode::Unavailable,
        .message = QStringLiteral("No engine answers at %1").arg(url.toString()),
        .cause = cause,
        .correction = QStringLiteral("Check that sluiced is running for this state folder, or start it."),
        .retryable = true,
        .source = QStringLiteral("rpc")};
}

Error notProved(const QUrl& url, const QString& cause)
{
    return Error{
        .code = ErrorCode::Unauthenticated,
        .message = QStringLiteral("What answers at %1 has not proved to be the engine").arg(url.toString()),
        .cause = cause,
        .correction = QStringLiteral("Nothing secret was sent. See which program holds that port (ss -ltnp), "
                                     "then start the engine again."),
        .source = QStringLiteral("rpc")};
}

Error fromMessage(const QJsonObject& error)
{
    const QJsonObject data = error["data"].toObject();
    if (!data.isEmpty()) {
        return Error::fromJson(data);
    }
    return Error{
        .code = ErrorCode::Internal, .message = error["message"].toString(), .source = QStringLiteral("rpc")};
}

}  // namespace

Client::Client(QObject* parent) : QObject(parent), m_deadlines(new QTimer(this)), m_pulse(new Pulse(this))
{
    m_deadlines->setSingleShot(true);
    connect(m_deadlines, &QTimer::timeout, this, &Client::expire);
    connect(m_pulse, &Pulse::silent, this, [this] { end(hangs(m_pulse->patienceMs())); });
}

Client::~Client()
{
    m_calls.clear();
    dropSocket();
}

QString Client::newRequestId()
{
    return QUuid::createUuid().toString(QUuid::WithoutBraces);
}

void Client::setPulse(int intervalMs)
{
    m_pulse->setInterval(intervalMs);
}

void Client::connectTo(const QUrl& url, const QString& token, const QString& clientName)
{
    m_token = token;
    m_clientName = clientName;
    m_expectedEngine.clear();
    m_enginePid = 0;
    open(url);
}

void Client::connectTo(const Endpoint& endpoint, const QString& clientName)
{
    m_token = endpoint.token;
    m_clientName = clientName;
    m_expectedEngine = endpoint.engineId;
    m_enginePid = endpoint.pid;
    open(endpoint.url);
}

void Client::open(const QUrl& url)
{
    dropSocket();
    m_url = url;
    m_phase = Phase::Connecting;
    m_connectDeadlineMs = nowMs() + kConnectTimeoutMs;
    armDeadline();
    m_socket = new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, this);
    m_socket->setProxy(QNetworkProxy::NoProxy);
    connect(m_socket, &QWebSocket::connected, this, [this] {
        m_phase = Phase::Hello;
        setLowDelay(*m_socket);
        m_pulse->start(m_socket);
    });
    connect(m_socket, &QWebSocket::textMessageReceived, this,
            [this](const QString& text) { receive(text.toUtf8(), Encoding::Json); });
    connect(m_socket, &QWebSocket::binaryMessageReceived, this,
            [this](const QByteArray& bytes) { receive(bytes, Encoding::Cbor); });
    connect(m_socket, &QWebSocket::disconnected, this, [this] {
        if (m_phase == Phase::Connecting) {
            end(noEngine(m_url, m_socket->errorString()));
            return;
        }
        end(errorForClose(m_socket->closeCode(), m_socket->closeReason()));
    });
    if (url.scheme() != QLatin1String("ws") || url.host().isEmpty()) {
        QMetaObject::invokeMethod(
            m_socket, [this] { end(noEngine(m_url, QStringLiteral("that is no address"))); },
            Qt::QueuedConnection);
        return;
    }
    m_socket->open(url);
}

/// No Unavailable: it is there, and to start another one in its place would not help.
Error Client::hangs(qint64 silentMs) const
{
    const QString process =
        m_enginePid > 0 ? QStringLiteral("process %1").arg(m_enginePid) : QStringLiteral("its process");
    const QString wake = m_enginePid > 0 ? QStringLiteral("wake it with: kill -CONT %1").arg(m_enginePid)
                                         : QStringLiteral("wake it");
    return Error{
        .code = ErrorCode::DeadlineExceeded,
        .message = QStringLiteral("The engine hangs"),
        .cause = QStringLiteral("%1 is there and has said nothing for %2 s; it is stopped, or overloaded")
                     .arg(process)
                     .arg((silentMs + 500) / 1000),
        .correction = QStringLiteral("Look at it with ps; %1; or end it and start sluiced again.").arg(wake),
        .retryable = true,
        .source = QStringLiteral("rpc")};
}

void Client::disconnectFromEngine()
{
    if (m_phase == Phase::Idle) {
        return;
    }
    end(Error{.code = ErrorCode::Cancelled,
              .message = QStringLiteral("Disconnected from the engine"),
              .cause = QStringLiteral("this program closed the connection"),
              .correction = QStringLiteral("Connect again when you need it."),
              .source = QStringLiteral("rpc")});
}

void Client::call(const QString& method, const QJsonObject& params, QObject* context, Answer answer,
                  int timeoutMs)
{
    const Call call{.method = method,
                    .context = context,
                    .answer = std::move(answer),
                    .deadlineMs = nowMs() + timeoutMs,
                    .changes = params.contains(QLatin1String("requestId"))};
    if (m_phase != Phase::Identified) {
        QMetaObject::invokeMethod(
            this, [call] { call.settle(fail(notConnected())); }, Qt::QueuedConnection);
        return;
    }
    const quint64 id = m_nextCall++;
    m_calls.insert(id, call);
    armDeadline();
    send(makeCall(static_cast<qint64>(id), method, params));
}

void Client::receive(const QByteArray& payload, Encoding encoding)
{
    const auto message =
        decode(payload, encoding, m_phase == Phase::Identified ? kAnswerLimits : kStrangerLimits);
    if (!message) {
        end(message.error());
        return;
    }
    const QString method = (*message)["method"].toString();
    if (method == QLatin1String("hello")) {
        receiveHello((*message)["params"].toObject());
    } else if (method == QLatin1String("topic.delta")) {
        receiveDelta((*message)["params"].toObject());
    } else if (message->contains(QLatin1String("id"))) {
        receiveAnswer(*message);
    }
}

void Client::receiveHello(const QJsonObject& params)
{
    if (m_phase != Phase::Hello) {
        return;
    }
    if (params["protocol"].toInt() != kProtocolVersion) {
        end(errorForClose(static_cast<int>(CloseCode::UnsupportedProtocol),
                          QStringLiteral("the engine speaks protocol %1, this program %2")
                              .arg(params["protocol"].toInt())
                              .arg(kProtocolVersion)));
        return;
    }
    if (!m_expectedEngine.isEmpty() && params["engineId"].toString() != m_expectedEngine) {
        end(noEngine(m_url, QStringLiteral("another program or engine answers there")));
        return;
    }
    if (!isNonce(params["nonce"].toString().toLatin1())) {
        end(notProved(m_url, QStringLiteral("it asked for a proof that could be used again")));
        return;
    }
    m_hello = params;
    identify();
}

Challenge Client::challenge() const
{
    return {.engineId = m_hello["engineId"].toString(),
            .engineNonce = m_hello["nonce"].toString().toLatin1(),
            .clientNonce = m_nonce};
}

void Client::identify()
{
    m_phase = Phase::Identifying;
    m_nonce = newNonce();
    const QByteArray proof = proofOf(Side::Client, m_token.toUtf8(), challenge());
    QJsonObject params{{"protocol", kProtocolVersion},
                       {"nonce", QString::fromLatin1(m_nonce)},
                       {"proof", QString::fromLatin1(proof)},
                       {"client", m_clientName}};
    if (m_encoding == Encoding::Cbor) {
        params["encoding"] = QStringLiteral("cbor");
    }
    const quint64 id = m_nextCall++;
    m_calls.insert(id,
                   Call{.method = QStringLiteral("identify"),
                        .context = this,
                        .answer = [this](const Result<QJsonObject>& answer) { receiveIdentified(answer); },
                        .deadlineMs = m_connectDeadlineMs});
    // identify is always text: what it asks for is only known once it was read.
    m_socket->sendTextMessage(QString::fromUtf8(
        encode(makeCall(static_cast<qint64>(id), QStringLiteral("identify"), params), Encoding::Json)));
}

void Client::receiveIdentified(const Result<QJsonObject>& answer)
{
    if (m_phase != Phase::Identifying) {
        return;  // the connection has ended, and end() says so
    }
    if (!answer) {
        end(answer.error());
        return;
    }
    const QByteArray expected = proofOf(Side::Engine, m_token.toUtf8(), challenge());
    if (!equalInConstantTime((*answer)["proof"].toString().toUtf8(), expected)) {
        end(notProved(m_url, QStringLiteral("it does not hold the token of this state folder")));
        return;
    }
    m_token.clear();
    m_phase = Phase::Identified;
    m_identity = *answer;
    m_identity.remove(QLatin1String("proof"));
    m_identity["engine"] = m_hello["engine"];
    m_identity["engineId"] = m_hello["engineId"];
    const QList<int> feeds = m_feeds.keys();
    for (const int feed : feeds) {
        openFeed(feed);
    }
    Q_EMIT identified(m_identity);
}

void Client::receiveAnswer(const QJsonObject& message)
{
    const auto it = m_calls.find(static_cast<quint64>(message["id"].toInteger()));
    if (it == m_calls.end()) {
        return;
    }
    const Call call = *it;
    m_calls.erase(it);
    if (message.contains(QLatin1String("error"))) {
        call.settle(fail(fromMessage(message["error"].toObject())));
    } else {
        call.settle(message["result"].toObject());
    }
}

void Client::send(const QJsonObject& message)
{
    const QByteArray bytes = encode(message, m_encoding);
    if (m_encoding == Encoding::Cbor) {
        m_socket->sendBinaryMessage(bytes);
    } else {
        m_socket->sendTextMessage(QString::fromUtf8(bytes));
    }
}

void Client::dropSocket()
{
    m_phase = Phase::Idle;
    m_identity = {};
    m_hello = {};
    m_connectDeadlineMs = 0;
    m_pulse->stop();
    if (m_socket) {
        m_socket->disconnect(this);
        m_socket->close();
        m_socket->deleteLater();
        m_socket = nullptr;
    }
    m_feedOfSubscription.clear();
    for (Feed& feed : m_feeds) {
        feed.subscription.clear();
        feed.waiting = false;
        ++feed.generation;
    }
    const QHash<quint64, Call> lost = std::exchange(m_calls, {});
    for (const Call& call : lost) {
        call.settle(fail(callLost(call.changes, call.method, false)));
    }
}

void Client::end(const Error& error)
{
    m_token.clear();
    dropSocket();
    Q_EMIT disconnected(error);
}

void Client::expire()
{
    const qint64 now = nowMs();
    if (m_phase != Phase::Identified && m_connectDeadlineMs > 0 && now >= m_connectDeadlineMs) {
        const bool lives =
            m_enginePid > 0 && (::kill(static_cast<pid_t>(m_enginePid), 0) == 0 || errno == EPERM);
        end(lives ? hangs(kConnectTimeoutMs)
                  : noEngine(m_url,
                             QStringLiteral("nothing was heard within %1 s").arg(kConnectTimeoutMs / 1000)));
        return;
    }
    QList<Call> late;
    for (auto it = m_calls.begin(); it != m_calls.end();) {
        if (now >= it->deadlineMs) {
            late.append(*it);
            it = m_calls.erase(it);
        } else {
            ++it;
        }
    }
    for (const Call& call : std::as_const(late)) {
        call.settle(fail(callLost(call.changes, call.method, true)));
    }
    armDeadline();
}

void Client::armDeadline()
{
    qint64 next = std::numeric_limits<qint64>::max();
    if (m_phase != Phase::Identified && m_connectDeadlineMs > 0) {
        next = m_connectDeadlineMs;
    }
    for (const Call& call : std::as_const(m_calls)) {
        next = std::min(next, call.deadlineMs);
    }
    if (next != std::numeric_limits<qint64>::max()) {
        m_deadlines->start(static_cast<int>(std::clamp<qint64>(next - nowMs(), 0, 3'600'000)));
    } else {
        m_deadlines->stop();
    }
}

}  // namespace sluice::rpc
