#include "rpc/session.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QElapsedTimer>
#include <QtCore/QPointer>
#include <QtCore/QThreadPool>
#include <QtWebSockets/QWebSocket>
#include <algorithm>
#include <cmath>
#include <memory>

#include "core/clock.h"
#include "core/log.h"
#include "rpc/listener.h"
#include "rpc/low_delay.h"
#include "rpc/proof.h"
#include "rpc/subscription.h"

namespace sluice::rpc {
namespace {

constexpr int kMaxTextId = 128;
/// Of a frame, before what it carries.
constexpr qint64 kFrameHead = 14;
constexpr QLatin1String kOwnerKey("owner");
/// A delta that took t to make is followed by at least this many t without one.
constexpr qint64 kRestPerWork = 20;

bool isCallId(const QJsonValue& id)
{
    if (id.isString()) {
        return id.toString().size() <= kMaxTextId;
    }
    return id.isDouble() && std::trunc(id.toDouble()) == id.toDouble();
}

Error invalid(const QString& cause)
{
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = QStringLiteral("The message is no call"),
                 .cause = cause,
                 .correction = QStringLiteral(
                     "Send {\"jsonrpc\": \"2.0\", \"id\": …, \"method\": …, \"params\": {…}}."),
                 .source = QStringLiteral("rpc")};
}

}  // namespace

/// Behind every Reply: one answer, and one for sure.
struct Session::Pending {
    QPointer<Session> session;
    QJsonValue id;
    QString method;
    bool answered{false};

    ~Pending()
    {
        if (!answered) {
            settle(fail(Error{.code = ErrorCode::Internal,
                              .message = QStringLiteral("%1 gave no answer").arg(method),
                              .cause = QStringLiteral("the engine dropped the call"),
                              .correction = QStringLiteral("Look at the state before you call again."),
                              .source = QStringLiteral("rpc")}));
        }
    }

    void settle(const Result<QJsonObject>& result)
    {
        if (answered) {
            log::warn("rpc", QStringLiteral("second answer to one call of %1 dropped").arg(method));
            return;
        }
        answered = true;
        if (session) {
            --session->m_pendingCalls;
            session->answer(id, result);
        }
    }
};

Session::Session(QString id, QWebSocket* socket, std::shared_ptr<Arrival> arrival, SessionContext context,
                 QObject* parent)
    : QObject(parent),
      m_id(std::move(id)),
      m_socket(socket),
      m_arrival(std::move(arrival)),
      m_context(context),
      m_bucket(context.options.limits.messagesPerSecond, context.options.limits.messageBurst,
               context.clock.monotonicMs()),
      m_startedMs(context.clock.monotonicMs())
{
    m_socket->setParent(this);
    setLowDelay(*m_socket);
    // Twice: a message a little over the limit gets our own close code, one far over it is never taken in.
    m_socket->setMaxAllowedIncomingFrameSize(2 * static_cast<quint64>(context.options.limits.helloBytes));
    m_socket->setMaxAllowedIncomingMessageSize(2 * static_cast<quint64>(context.options.limits.helloBytes));
    // Qt answers a ping by itself and takes pieces of nothing for ever: what is read at a time is what may
    // keep the loop.
    m_socket->setReadBufferSize(2 * context.options.limits.helloBytes + kFrameHead);
    connect(m_socket, &QWebSocket::textMessageReceived, this,
            [this](const QString& text) { receive({.text = text}); });
    connect(m_socket, &QWebSocket::binaryMessageReceived, this,
            [this](const QByteArray& bytes) { receive({.bytes = bytes, .encoding = Encoding::Cbor}); });
    connect(m_socket, &QWebSocket::disconnected, this, [this] {
        const int code = m_closeCode != 0 ? m_closeCode : static_cast<int>(m_socket->closeCode());
        m_closingSinceMs = m_context.clock.monotonicMs();
        m_arrival->leavePlace();
        Q_EMIT closed(this, code);
    });
}

bool Session::ofThisUser() const
{
    return m_arrival->sameUser;
}

Session::~Session()
{
    m_socket->disconnect(this);
}

void Session::start()
{
    m_nonce = newNonce();
    send(makeNotification(QStringLiteral("hello"), {{"protocol", kProtocolVersion},
                                                    {"engine", m_context.options.version},
                                                    {"engineId", m_context.options.engineId},
                                                    {"nonce", QString::fromLatin1(m_nonce)}}));
}

void Session::close(CloseCode code)
{
    if (m_closingSinceMs >= 0) {
        return;
    }
    m_closingSinceMs = m_context.clock.monotonicMs();
    m_closeCode = static_cast<int>(code);
    for (const Feed& feed : std::as_const(m_feeds)) {
        delete feed.subscription;
    }
    m_feeds.clear();
    if (code != CloseCode::EngineStops) {
        // Who never was a client is no news: a flood of them would fill the log.
        log::write(m_identified ? log::Level::Info : log::Level::Debug, "rpc",
                   QStringLiteral("%1 closed: %2 (%3)").arg(m_id, describe(code)).arg(m_closeCode));
    }
    m_socket->close(static_cast<QWebSocketProtocol::CloseCode>(code), describe(code));
}

void Session::tick(qint64 nowMs)
{
    const Limits& limits = m_context.options.limits;
    if (m_closingSinceMs >= 0) {
        if (nowMs - m_closingSinceMs > limits.closeTimeoutMs || saysTooMuch()) {
            cutOff();
        }
        return;
    }
    if (!m_identified) {
        if (saysTooMuch()) {
            m_closeCode = static_cast<int>(CloseCode::RateExceeded);
            cutOff();
            return;
        }
        if (nowMs - m_startedMs > limits.identifyTimeoutMs) {
            close(CloseCode::NotIdentified);
        }
        return;
    }
    const qint64 waiting = m_socket->bytesToWrite();
    if (waiting > limits.busyBytes) {
        m_busySinceMs = m_busySinceMs < 0 ? nowMs : m_busySinceMs;
        if (waiting > limits.fullBytes || nowMs - m_busySinceMs > limits.slowMs) {
            close(CloseCode::TooSlow);
        }
        return;
    }
    m_busySinceMs = -1;
    for (Feed& feed : m_feeds) {
        if (!feed.subscription->isDirty() || nowMs < feed.notBeforeMs) {
            continue;
        }
        QElapsedTimer work;
        work.start();
        const auto delta = feed.subscription->takeDelta();
        // What was not for this client is no reason to let its next change wait.
        feed.notBeforeMs =
            nowMs + std::max<qint64>(delta ? limits.flushIntervalMs : 0, kRestPerWork * work.elapsed());
        if (delta) {
            send(makeNotification(QStringLiteral("topic.delta"), *delta));
        }
        if (m_closingSinceMs >= 0 || m_socket->bytesToWrite() > limits.busyBytes) {
            return;
        }
    }
}

/// In frames that are no messages as well, which are not counted otherwise.
bool Session::saysTooMuch() const
{
    return !m_identified && m_arrival->received() > m_context.options.limits.strangerBytes;
}

/// Said here and not left to the socket: it may have been dead before it was ours, or would go on reading.
void Session::cutOff()
{
    m_closingSinceMs = m_context.clock.monotonicMs();
    m_socket->disconnect(this);
    m_socket->abort();
    m_arrival->leavePlace();
    Q_EMIT closed(this, m_closeCode);
}

void Session::flushAll()
{
    if (m_closingSinceMs >= 0 || m_socket->bytesToWrite() > m_context.options.limits.busyBytes) {
        return;
    }
    for (const Feed& feed : std::as_const(m_feeds)) {
        if (const auto delta = feed.subscription->takeDelta()) {
            send(makeNotification(QStringLiteral("topic.delta"), *delta));
        }
        if (m_closingSinceMs >= 0) {
            return;
        }
    }
}

void Session::receive(Incoming incoming)
{
    if (m_closingSinceMs >= 0) {
        return;
    }
    const Limits& limits = m_context.options.limits;
    if (!m_bucket.take(m_context.clock.monotonicMs())) {
        close(CloseCode::RateExceeded);
        return;
    }
    if (incoming.size() > (m_identified ? limits.messageBytes : limits.helloBytes)) {
        close(CloseCode::MessageTooLarge);
        return;
    }
    if (incoming.encoding == Encoding::Cbor && m_encoding != Encoding::Cbor) {
        close(CloseCode::Malformed);
        return;
    }
    m_incomingBytes += incoming.size();
    m_incoming.push_back(std::move(incoming));
    if (m_incomingBytes > 2 * limits.messageBytes) {
        close(CloseCode::RateExceeded);
        return;
    }
    takeNext();
}

/// Messages are carried out in the order in which they came, so none overtakes a large one.
void Session::takeNext()
{
    const Limits& limits = m_context.options.limits;
    while (!m_decoding && !m_incoming.empty() && m_closingSinceMs < 0) {
        const Incoming incoming = std::move(m_incoming.front());
        m_incoming.pop_front();
        m_incomingBytes -= incoming.size();
        if (incoming.size() <= kInlineBytes) {
            takeDecoded(decodeIncoming(incoming, m_identified ? limits.messageBytes : limits.helloBytes,
                                       m_identified ? kCallLimits : kStrangerLimits));
            continue;
        }
        m_decoding = true;
        QThreadPool::globalInstance()->start(
            [home = QPointer<Session>(this), incoming, max = limits.messageBytes] {
                const Decoded decoded = decodeIncoming(incoming, max, kCallLimits);
                QMetaObject::invokeMethod(QCoreApplication::instance(), [home, decoded] {
                    if (home) {
                        home->m_decoding = false;
                        home->takeDecoded(decoded);
                        home->takeNext();
                    }
                });
            });
    }
}

void Session::takeDecoded(const Decoded& decoded)
{
    if (m_closingSinceMs >= 0) {
        return;
    }
    if (!decoded.message) {
        const Error& error = decoded.message.error();
        refuse(QJsonValue::Null, kParseError, error);
        close(error.code == ErrorCode::ResourceExhausted ? CloseCode::MessageTooLarge : CloseCode::Malformed);
        return;
    }
    if (m_identified) {
        receiveCall(*decoded.message, decoded.paramsHash);
    } else {
        receiveFirst(*decoded.message);
    }
}

void Session::receiveFirst(const QJsonObject& message)
{
    if (message["jsonrpc"] != QLatin1String("2.0") || !isCallId(message["id"]) ||
        message["method"] != QLatin1String("identify")) {
        close(CloseCode::NotIdentified);
        return;
    }
    identify(message["id"], message["params"].toObject());
}

void Session::identify(const QJsonValue& id, const QJsonObject& params)
{
    if (params.contains(QLatin1String("token"))) {
        close(CloseCode::TokenSent);
        return;
    }
    if (params["protocol"].toInt() != kProtocolVersion) {
        close(CloseCode::UnsupportedProtocol);
        return;
    }
    const Server::Options& options = m_context.options;
    const Challenge challenge{.engineId = options.engineId,
                              .engineNonce = m_nonce,
                              .clientNonce = params["nonce"].toString().toLatin1()};
    const bool owner = !params.contains(QLatin1String("key")) || params["key"] == kOwnerKey;
    if (!owner || !isNonce(challenge.clientNonce) ||
        !equalInConstantTime(params["proof"].toString().toUtf8(),
                             proofOf(Side::Client, options.ownerToken, challenge))) {
        close(CloseCode::BadToken);
        return;
    }
    if (!m_context.roomForOne()) {
        close(CloseCode::TooManyClients);
        return;
    }
    m_identified = true;
    m_arrival->leavePlace();
    m_principal = options.tokenPrincipal;
    m_encoding = params["encoding"] == QLatin1String("cbor") ? Encoding::Cbor : Encoding::Json;
    m_socket->setReadBufferSize(0);
    m_socket->setMaxAllowedIncomingFrameSize(2 * static_cast<quint64>(options.limits.messageBytes));
    m_socket->setMaxAllowedIncomingMessageSize(2 * static_cast<quint64>(options.limits.messageBytes));
    send(makeResult(
        id, {{"proof", QString::fromLatin1(proofOf(Side::Engine, options.ownerToken, challenge))},
             {"principal", QJsonObject{{"name", m_principal.name}, {"role", toString(m_principal.role)}}},
             {"profile", options.profile},
             {"singlePerson", options.singlePerson}}));
    Q_EMIT identified(m_id, printableName(params["client"].toString()));
}

void Session::receiveCall(const QJsonObject& message, const QString& paramsHash)
{
    const QJsonValue id = message["id"];
    const QJsonValue params = message["params"];
    if (message["jsonrpc"] != QLatin1String("2.0") || !message["method"].isString()) {
        refuse(isCallId(id) ? id : QJsonValue::Null, kInvalidRequest,
               invalid(QStringLiteral("jsonrpc is not \"2.0\", or method is no text")));
        return;
    }
    if (!isCallId(id)) {
        refuse(
            QJsonValue::Null, kInvalidRequest,
            invalid(QStringLiteral("id is missing, or neither an integer nor a text of at most %1 characters")
                        .arg(kMaxTextId)));
        return;
    }
    if (!params.isUndefined() && !params.isObject()) {
        refuse(id, kInvalidRequest, invalid(QStringLiteral("params is no object")));
        return;
    }
    Request request{.method = message["method"].toString(),
                    .params = params.toObject(),
                    .principal = m_principal,
                    .paramsHash = paramsHash,
                    .session = m_id};
    if (const auto refusal = m_context.table.refuse(request)) {
        refuse(id, refusal->rpcCode, refusal->error);
        return;
    }
    if (request.method == QLatin1String("identify")) {
        refuse(id, kInvalidRequest, invalid(QStringLiteral("the client is identified already")));
    } else if (request.method == QLatin1String("topic.subscribe")) {
        subscribe(id, request.params);
    } else if (request.method == QLatin1String("topic.window")) {
        moveWindow(id, request.params);
    } else if (request.method == QLatin1String("topic.unsubscribe")) {
        unsubscribe(id, request.params);
    } else if (m_pendingCalls >= m_context.options.limits.callsPerSession) {
        answer(id, fail(Error{
                       .code = ErrorCode::ResourceExhausted,
                       .message = QStringLiteral("Too many calls at one time"),
                       .cause = QStringLiteral("%1 calls of this client are unanswered").arg(m_pendingCalls),
                       .correction = QStringLiteral("Wait for answers, then call again."),
                       .retryable = true,
                       .source = QStringLiteral("rpc")}));
    } else {
        ++m_pendingCalls;
        auto pending = std::make_shared<Pending>();
        pending->session = this;
        pending->id = id;
        pending->method = request.method;
        m_context.table.dispatch(request,
                                 [pending](const Result<QJsonObject>& result) { pending->settle(result); });
    }
}

void Session::answer(const QJsonValue& id, const Result<QJsonObject>& result)
{
    if (result) {
        send(makeResult(id, *result));
    } else {
        refuse(id, kEngineError, result.error());
    }
}

void Session::refuse(const QJsonValue& id, int rpcCode, const Error& error)
{
    send(makeError(id, rpcCode, error));
}

void Session::send(const QJsonObject& message)
{
    if (m_closingSinceMs >= 0) {
        return;
    }
    const QByteArray bytes = encode(message, m_encoding);
    if (m_encoding == Encoding::Cbor) {
        m_socket->sendBinaryMessage(bytes);
    } else {
        m_socket->sendTextMessage(QString::fromUtf8(bytes));
    }
    if (m_socket->bytesToWrite() > m_context.options.limits.fullBytes) {
        close(CloseCode::TooSlow);
    }
}

}  // namespace sluice::rpc
