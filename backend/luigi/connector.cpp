#include "luigi/connector.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <QtCore/QUrlQuery>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QNetworkReply>
#include <QtNetwork/QNetworkRequest>
#include <algorithm>
#include <array>

#include "luigi/facts.h"

namespace sluice::luigi {
namespace {

constexpr std::array<const char*, 4> kStatuses{"RUNNING", "FAILED", "DISABLED", "PENDING"};
constexpr int kNotFound = 404;
constexpr int kLeastStaleMs = 10'000;

enum class Cut { No, Deadline, Size };

Error makeError(ErrorCode code, const QString& connection, const QString& cause, const QString& correction)
{
    return {.code = code,
            .message = QStringLiteral("luigid %1 does not answer as it should").arg(connection),
            .cause = cause,
            .correction = correction,
            .retryable = true,
            .source = connection};
}

}  // namespace

/// One round of questions, asked one after the other: luigid has one thread.
struct LuigiConnector::Poll {
    size_t next{};
    QList<QJsonObject> entities{};
    QJsonObject counts{};
    QJsonObject notListed{};
};

LuigiConnector::LuigiConnector(ConnectorConfig config, const Clock& clock, QObject* parent)
    : QObject(parent), m_config(std::move(config)), m_clock(clock)
{
}

LuigiConnector::~LuigiConnector() = default;

void LuigiConnector::start()
{
    if (m_running) {
        return;
    }
    m_running = true;
    if (!m_network) {
        // Made here and not in the constructor, so that it belongs to the thread that uses it.
        m_network = new QNetworkAccessManager(this);
        m_network->setProxy(QNetworkProxy::NoProxy);
        m_timer = new QTimer(this);
        m_timer->setSingleShot(true);
        connect(m_timer, &QTimer::timeout, this, &LuigiConnector::pollNow);
    }
    Q_EMIT facts({connectionEntity(QStringLiteral("starting"), nullptr)}, {});
    pollNow();
}

void LuigiConnector::stop()
{
    m_running = false;
    if (m_timer) {
        m_timer->stop();
    }
}

void LuigiConnector::pollNow()
{
    if (!m_running || m_polling) {
        return;
    }
    m_polling = true;
    const auto poll = std::make_shared<Poll>();
    // Without what they run luigid counts nothing of them.
    call(QStringLiteral("worker_list"), {{"include_running", true}}, [this, poll](Result<QJsonValue> answer) {
        if (!answer) {
            finishFailed(answer.error());
            return;
        }
        const qint64 now = m_clock.nowMs();
        for (const QJsonValue& worker : answer->toArray()) {
            poll->entities.append(workerEntity(m_config.connection, worker.toObject(), now));
        }
        askPaused(poll);
    });
}

/// A luigid that does not know the question is not told to be paused.
void LuigiConnector::askPaused(const std::shared_ptr<Poll>& poll)
{
    call(QStringLiteral("is_paused"), {}, [this, poll](Result<QJsonValue> answer) {
        const bool knows = answer || !answer.error().upstream || answer.error().upstream->code != kNotFound;
        if (!answer && knows) {
            finishFailed(answer.error());
            return;
        }
        const QJsonValue paused = answer ? (*answer)["paused"] : QJsonValue();
        m_paused = paused.isBool() ? std::optional(paused.toBool()) : std::nullopt;
        nextOf(poll);
    });
}

void LuigiConnector::nextOf(const std::shared_ptr<Poll>& poll)
{
    if (poll->next == kStatuses.size()) {
        askGraph(poll);
        return;
    }
    const QString status = QLatin1String(kStatuses[poll->next]);
    const QJsonObject arguments{{"status", status},
                                {"upstream_status", ""},
                                {"limit", true},
                                {"max_shown_tasks", m_config.maxTasksPerStatus}};
    call(QStringLiteral("task_list"), arguments, [this, poll, status](Result<QJsonValue> answer) {
        if (!answer) {
            finishFailed(answer.error());
            return;
        }
        const QJsonObject tasks = answer->toObject();
        const QJsonValue tooMany = tasks["num_tasks"];
        if (tooMany.isDouble()) {
            poll->counts[status] = tooMany;
            poll->notListed[status] = tooMany;
        } else {
            poll->counts[status] = tasks.size();
            const qint64 now = m_clock.nowMs();
            for (auto it = tasks.begin(); it != tasks.end(); ++it) {
                poll->entities.append(taskEntity(m_config.connection, it.key(), it.value().toObject(), now));
            }
        }
        ++poll->next;
        nextOf(poll);
    });
}

/// The graph names all tasks at once, so it is asked for less often than the lists, and one that luigid does
/// not give in time takes nothing from them: the graph of before stays.
void LuigiConnector::askGraph(const std::shared_ptr<Poll>& poll)
{
    if (m_graphAtMs && m_clock.monotonicMs() - *m_graphAtMs < m_config.graphEveryMs) {
        finish(poll);
        return;
    }
    call(QStringLiteral("graph"), {}, [this, poll](Result<QJsonValue> answer) {
        m_graphAtMs = m_clock.monotonicMs();
        m_graphError = answer ? std::nullopt : std::optional(answer.error());
        if (answer) {
            takeGraph(answer->toObject());
        }
        finish(poll);
    });
}

void LuigiConnector::takeGraph(const QJsonObject& answer)
{
    m_dependsOn.clear();
    m_done.clear();
    for (const QJsonObject& row : graphEntities(m_config.connection, answer, m_clock.nowMs())) {
        const QJsonObject facts = row["facts"].toObject();
        m_dependsOn.insert(row["id"].toString(), facts["dependsOn"]);
        const QString status = facts["status"].toString();
        if (std::find(kStatuses.begin(), kStatuses.end(), status) == kStatuses.end()) {
            m_done.append(row);
        }
    }
    const auto newer = [](const QJsonObject& a, const QJsonObject& b) {
        return a["facts"]["lastUpdatedAt"].toString() > b["facts"]["lastUpdatedAt"].toString();
    };
    std::sort(m_done.begin(), m_done.end(), newer);
    m_done.resize(std::min<qsizetype>(m_done.size(), m_config.maxDone));
}

void LuigiConnector::addGraph(QList<QJsonObject>& entities) const
{
    QSet<QString> listed;
    for (QJsonObject& row : entities) {
        if (row["kind"] == QLatin1String("luigi-task")) {
            const QString id = row["id"].toString();
            listed.insert(id);
            QJsonObject facts = row["facts"].toObject();
            facts["dependsOn"] = m_dependsOn.value(id, QJsonArray());
            row["facts"] = facts;
        }
    }
    for (const QJsonObject& row : m_done) {
        if (!listed.contains(row["id"].toString())) {
            entities.append(row);
        }
    }
}

void LuigiConnector::finish(const std::shared_ptr<Poll>& poll)
{
    m_polling = false;
    if (!m_running) {
        return;
    }
    m_lastContactMs = m_clock.nowMs();
    m_counts = poll->counts;
    m_notListed = poll->notListed;
    addGraph(poll->entities);
    poll->entities.append(connectionEntity(QStringLiteral("up"), nullptr));
    Q_EMIT facts(poll->entities, {QStringLiteral("luigi-task"), QStringLiteral("luigi-worker")});
    m_timer->start(m_config.pollMs);
}

void LuigiConnector::finishFailed(const Error& error)
{
    m_polling = false;
    if (!m_running) {
        return;
    }
    const qint64 silentMs = m_clock.nowMs() - m_lastContactMs;
    const bool recent = m_lastContactMs > 0 && silentMs < std::max(kLeastStaleMs, 3 * m_config.pollMs);
    Q_EMIT facts({connectionEntity(recent ? QStringLiteral("degraded") : QStringLiteral("down"), &error)},
                 {});
    m_timer->start(m_config.pollMs);
}

QJsonObject LuigiConnector::connectionEntity(const QString& state, const Error* error) const
{
    QJsonObject facts{{"type", "luigi"},
                      {"title", "Luigi"},
                      {"state", state},
                      {"url", publicUrl(m_config.url)},
                      {"lastContactAt", toRfc3339(m_lastContactMs)},
                      {"staleAfterMs", std::max(kLeastStaleMs, 3 * m_config.pollMs)},
                      {"counts", m_counts},
                      {"notListed", m_notListed}};
    if (m_paused) {
        facts["paused"] = *m_paused;
    }
    if (error) {
        facts["error"] = error->toJson();
    }
    if (m_graphError) {
        facts["graphError"] = m_graphError->toJson();
    }
    return {{"id", QStringLiteral("%1/connection/%1").arg(m_config.connection)},
            {"connection", m_config.connection},
            {"kind", "connection"},
            {"name", m_config.connection},
            {"source", "luigid"},
            {"observedAt", toRfc3339(m_clock.nowMs())},
            {"facts", facts}};
}

void LuigiConnector::call(const QString& method, const QJsonObject& arguments, ReplyCallback callback)
{
    const QString scheme = m_config.url.scheme();
    if (!m_network || (scheme != QLatin1String("http") && scheme != QLatin1String("https"))) {
        const Error error = makeError(ErrorCode::InvalidArgument, m_config.connection,
                                      m_network ? QStringLiteral("its url is not an http address")
                                                : QStringLiteral("the connector is not started"),
                                      QStringLiteral("Set url of this connection to http://HOST:PORT."));
        QMetaObject::invokeMethod(
            this, [callback = std::move(callback), error] { callback(fail(error)); }, Qt::QueuedConnection);
        return;
    }
    QUrl url = m_config.url;
    url.setPath(QStringLiteral("/api/") + method);
    QUrlQuery query;
    query.addQueryItem(QStringLiteral("data"),
                       QString::fromLatin1(QUrl::toPercentEncoding(
                           QString::fromUtf8(QJsonDocument(arguments).toJson(QJsonDocument::Compact)))));
    url.setQuery(query);
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    // Lists of like tasks shrink 25 times and more; the limit on the size is ours, below.
    request.setDecompressedSafetyCheckThreshold(m_config.maxBytes);

    QNetworkReply* reply = m_network->get(request);
    const auto cut = std::make_shared<Cut>(Cut::No);
    QTimer::singleShot(m_config.deadlineMs, reply, [reply, cut] {
        *cut = Cut::Deadline;
        reply->abort();
    });
    connect(reply, &QNetworkReply::readyRead, reply, [this, reply, cut] {
        if (reply->bytesAvailable() > m_config.maxBytes) {
            *cut = Cut::Size;
            reply->abort();
        }
    });
    connect(
        reply, &QNetworkReply::finished, this, [this, reply, cut, method, callback = std::move(callback)] {
            reply->deleteLater();
            if (*cut == Cut::Deadline) {
                callback(fail(
                    makeError(ErrorCode::DeadlineExceeded, m_config.connection,
                              QStringLiteral("no answer to %1 in %2 ms").arg(method).arg(m_config.deadlineMs),
                              QStringLiteral("See whether luigid is busy with a very long list of tasks."))));
                return;
            }
            if (*cut == Cut::Size) {
                Error error =
                    makeError(ErrorCode::ResourceExhausted, m_config.connection,
                              QStringLiteral("the answer to %1 is larger than %2 bytes")
                                  .arg(method)
                                  .arg(m_config.maxBytes),
                              QStringLiteral("Let luigid forget finished tasks sooner (remove_delay)."));
                error.retryable = false;
                callback(fail(error));
                return;
            }
            const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
            if (reply->error() != QNetworkReply::NoError || status != 200) {
                Error error = makeError(
                    ErrorCode::Unavailable, m_config.connection,
                    status > 0 ? QStringLiteral("%1 was answered with HTTP %2").arg(method).arg(status)
                               : QStringLiteral("no connection to %1").arg(publicUrl(m_config.url)),
                    QStringLiteral("Start luigid, or correct url of this connection."));
                error.upstream = Upstream{
                    QStringLiteral("luigid"), status > 0 ? status : int(reply->error()),
                    status > 0 ? reply->attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString()
                               : QStringLiteral("network error")};
                callback(fail(error));
                return;
            }
            QJsonParseError parse;
            const QJsonDocument document = QJsonDocument::fromJson(reply->readAll(), &parse);
            if (parse.error != QJsonParseError::NoError ||
                !document.object().contains(QStringLiteral("response"))) {
                callback(
                    fail(makeError(ErrorCode::Internal, m_config.connection,
                                   QStringLiteral("the answer to %1 is not luigid's JSON").arg(method),
                                   QStringLiteral("See whether url of this connection leads to a luigid."))));
                return;
            }
            callback(document.object().value(QStringLiteral("response")));
        });
}

}  // namespace sluice::luigi
