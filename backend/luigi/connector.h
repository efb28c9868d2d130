#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QUrl>
#include <functional>
#include <memory>
#include <optional>

#include "core/clock.h"
#include "core/error.h"

class QNetworkAccessManager;
class QTimer;

namespace sluice::luigi {

struct ConnectorConfig {
    QString connection{};  ///< name in the configuration, e.g. "luigid"
    QUrl url{};            ///< http(s) only, e.g. http://127.0.0.1:23400
    int pollMs{2'000};
    int deadlineMs{5'000};  ///< of one request, from sending to the last byte
    qint64 maxBytes{64LL * 1024 * 1024};
    int maxTasksPerStatus{2'000};  ///< a longer list is not shown, only counted
    int maxDone{500};              ///< of the tasks that are done, the newest
    int graphEveryMs{5'000};       ///< also after a graph that failed
};

/// Watches one luigid: its workers and its tasks that are RUNNING, FAILED, DISABLED or PENDING, what each of
/// them depends on, and of its graph the newest tasks that are done or that no worker knows. Every poll emits
/// `facts` in the shape of the estate, kinds luigi-task, luigi-worker and one `connection` entity
/// ("<connection>/connection/<connection>": {type, state: starting|up|degraded|down, url, lastContactAt,
/// staleAfterMs, counts: {status: n}, notListed: {status: n}, paused?, error?, graphError?}). When luigid
/// does not give the lists, only the connection entity is emitted and `complete` is empty, so the old facts
/// stay and age. When it does not give the graph, graphError says so, and what is known of it is as old as
/// the last one. No value of a secret-looking parameter leaves this class; display names are made anew for
/// the same reason.
/// @thread any one thread with an event loop; call start and stop there (or through a queued call).
///         @source luigi 3.8 /api/<method>
class LuigiConnector final : public QObject {
    Q_OBJECT

public:
    LuigiConnector(ConnectorConfig config, const Clock& clock, QObject* parent = nullptr);
    ~LuigiConnector() override;

    Q_INVOKABLE void start();
    Q_INVOKABLE void stop();
    /// Polls now, unless a poll is under way.
    Q_INVOKABLE void pollNow();

Q_SIGNALS:
    void facts(const QList<QJsonObject>& entities, const QStringList& complete);

private:
    struct Poll;
    using ReplyCallback = std::function<void(Result<QJsonValue>)>;

    void call(const QString& method, const QJsonObject& arguments, ReplyCallback callback);
    void askPaused(const std::shared_ptr<Poll>& poll);
    void nextOf(const std::shared_ptr<Poll>& poll);
    void askGraph(const std::shared_ptr<Poll>& poll);
    void takeGraph(const QJsonObject& answer);
    void addGraph(QList<QJsonObject>& entities) const;
    void finish(const std::shared_ptr<Poll>& poll);
    void finishFailed(const Error& error);
    QJsonObject connectionEntity(const QString& state, const Error* error) const;

    ConnectorConfig m_config;
    const Clock& m_clock;
    QNetworkAccessManager* m_network{};
    QTimer* m_timer{};
    bool m_polling{};
    bool m_running{};
    qint64 m_lastContactMs{};
    QJsonObject m_counts;
    QJsonObject m_notListed;
    std::optional<bool> m_paused;
    std::optional<qint64> m_graphAtMs;
    std::optional<Error> m_graphError;
    /// By id of the row.
    QHash<QString, QJsonValue> m_dependsOn;
    QList<QJsonObject> m_done;
};

}  // namespace sluice::luigi
