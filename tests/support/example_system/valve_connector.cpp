#include "tests/support/example_system/valve_connector.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtNetwork/QNetworkReply>

namespace sluice::example {
namespace {

constexpr int kPollMs = 100;
constexpr int kPollDeadlineMs = 2000;
constexpr qint64 kStaleAfterMs = 1000;

}  // namespace

ValveConnector::ValveConnector(QString connection, QUrl url, const Clock& clock, QObject* parent)
    : Connector(std::move(connection), parent), m_url(std::move(url)), m_clock(clock)
{
    m_timer.setInterval(kPollMs);
    connect(&m_timer, &QTimer::timeout, this, &ValveConnector::poll);
}

void ValveConnector::start()
{
    m_timer.start();
    Q_EMIT statusChanged();
}

void ValveConnector::stop()
{
    m_timer.stop();
    Q_EMIT stopped();
}

void ValveConnector::ask(const QByteArray& verb, const QString& path, int deadlineMs, Answer answer)
{
    QUrl url = m_url;
    url.setPath(path.section('?', 0, 0));
    url.setQuery(path.section('?', 1));
    QNetworkRequest request(url);
    request.setTransferTimeout(deadlineMs);
    QNetworkReply* reply = m_network.sendCustomRequest(request, verb);
    connect(reply, &QNetworkReply::finished, this, [this, reply, answer = std::move(answer)] {
        reply->deleteLater();
        if (reply->error() != QNetworkReply::NoError) {
            const bool timedOut = reply->error() == QNetworkReply::OperationCanceledError;
            const bool missing = reply->error() == QNetworkReply::ContentNotFoundError;
            answer(
                fail(Error{.code = timedOut  ? ErrorCode::DeadlineExceeded
                                   : missing ? ErrorCode::NotFound
                                             : ErrorCode::Unavailable,
                           .message = QStringLiteral("The waterworks %1 does not answer").arg(connection()),
                           .cause = reply->errorString(),
                           .correction = QStringLiteral("See whether it runs."),
                           .retryable = !missing,
                           .source = connection()}));
            return;
        }
        answer(QJsonDocument::fromJson(reply->readAll()).object());
    });
}

void ValveConnector::poll()
{
    if (m_polling) {
        return;
    }
    m_polling = true;
    ask("GET", QStringLiteral("/valves"), kPollDeadlineMs, [this](const Result<QJsonObject>& answer) {
        m_polling = false;
        m_state = answer ? QStringLiteral("up") : QStringLiteral("down");
        m_error = answer ? QJsonObject() : answer.error().toJson();
        if (answer) {
            m_lastContactMs = m_clock.nowMs();
            connect::Observation seen{.complete = {QStringLiteral("valve")}};
            for (const QJsonValue& value : (*answer)["valves"].toArray()) {
                const QString name = value["name"].toString();
                seen.entities.append(
                    estate::Entity{.id = estate::entityId(connection(), QStringLiteral("valve"), name),
                                   .connection = connection(),
                                   .kind = QStringLiteral("valve"),
                                   .name = name,
                                   .source = QStringLiteral("GET /valves"),
                                   .observedAtMs = m_lastContactMs,
                                   .staleAfterMs = kStaleAfterMs,
                                   .facts = {{"open", value["open"]}, {"holder", value["holder"]}}});
            }
            Q_EMIT observed(seen);
        }
        Q_EMIT statusChanged();
    });
}

void ValveConnector::call(const QString& method, const QJsonObject& params, int deadlineMs, bool,
                          connect::Link::Reply reply)
{
    const QString verb = method.section('.', 1);
    const QString path =
        QStringLiteral("/valves/%1/%2?by=%3").arg(params["valve"].toString(), verb, params["by"].toString());
    ask(verb == QLatin1String("read") ? "GET" : "POST", path, deadlineMs, std::move(reply));
}

connect::Status ValveConnector::status() const
{
    QJsonObject facts{{"type", "waterworks"},
                      {"state", m_state},
                      {"lastContactAt", toRfc3339(m_lastContactMs)},
                      {"staleAfterMs", kStaleAfterMs},
                      {"canAct", true}};
    if (!m_error.isEmpty()) {
        facts["error"] = m_error;
    }
    return {.facts = facts, .observedAtMs = m_clock.nowMs()};
}

}  // namespace sluice::example
