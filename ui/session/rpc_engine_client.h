#pragma once

#include <QtCore/QTimer>

#include "core/clock.h"
#include "rpc/client.h"
#include "ui/session/engine_client.h"

namespace sluice::session {

class EngineLauncher;

/// The engine over the protocol. Finds it by its state folder, starts a private one if none answers and a
/// launcher is given, and connects again with back-off (250 ms to 5 s) for ever.
class RpcEngineClient final : public EngineClient {
    Q_OBJECT

public:
    struct Options {
        QString stateDir{};
        /// For a private engine started from here.
        QString configFile{};
        QString clientName{};
    };

    /// @param launcher may be null: then no engine is ever started from here. Outlives this object.
    RpcEngineClient(Options options, const Clock& clock, EngineLauncher* launcher, QObject* parent = nullptr);

    /// Begins to look for the engine.
    void start();

    Link link() const override { return m_link; }
    void call(const QString& method, const QJsonObject& params, QObject* context, Reply reply,
              int timeoutMs = kCallTimeoutMs) override;
    [[nodiscard]] Subscription* subscribe(const Wanted& wanted, QObject* parent) override;

private:
    void tryNow();
    void tryLater();
    /// @return what to tell: `why`, or why no engine could be started
    Error launchIfNone(const Error& why);
    void lose(const Error& error);
    void setLink(LinkState state, const Error& error);

    Options m_options{};
    const Clock& m_clock;
    EngineLauncher* m_launcher{};
    rpc::Client m_client{};
    QTimer m_retry{};
    int m_tries{};
    qint64 m_launchedAtMs{-1};
    bool m_launchFailed{false};
    Link m_link{};
};

}  // namespace sluice::session
