#pragma once

#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtNetwork/QNetworkAccessManager>

#include "connect/connector.h"
#include "core/clock.h"

namespace sluice::example {

/// One waterworks: reads its valves again and again; the calls are `valve.open`, `valve.shut`, `valve.hold`,
/// `valve.free` and `valve.untag` {valve, by?}, and `valve.read` {valve}.
/// @thread main loop only
class ValveConnector final : public connect::Connector {
    Q_OBJECT

public:
    ValveConnector(QString connection, QUrl url, const Clock& clock, QObject* parent = nullptr);

    void start() override;
    void stop() override;
    void call(const QString& method, const QJsonObject& params, int deadlineMs, bool mutating,
              connect::Link::Reply reply) override;
    Result<void> mayAct() const override { return {}; }
    connect::Status status() const override;

private:
    using Answer = std::function<void(const Result<QJsonObject>&)>;
    void ask(const QByteArray& verb, const QString& path, int deadlineMs, Answer answer);
    void poll();

    QUrl m_url;
    const Clock& m_clock;
    QNetworkAccessManager m_network{};
    QTimer m_timer{};
    QString m_state{"starting"};
    qint64 m_lastContactMs{};
    QJsonObject m_error{};
    bool m_polling{false};
};

}  // namespace sluice::example
