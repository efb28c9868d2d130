#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <memory>
#include <optional>

#include "config/config.h"
#include "connect/system.h"
#include "core/clock.h"
#include "core/error.h"

namespace sluice::rpc {
class MethodTable;
}

namespace sluice::engine {

struct EngineOptions {
    QString stateDir{};
    config::Config config{};
    /// The systems it works with, those that `config` was read with.
    connect::Systems systems{};
    QString workerProgram{};
    quint16 port{0};
    /// Ends by itself when it has had neither clients nor work for a minute.
    bool endsWhenIdle{false};
};

/// The daemon: owns all parts and wires them. One per state folder (the folder is locked).
/// @thread main loop only
class Engine final : public QObject {
    Q_OBJECT

public:
    /// Blocking (opens files, loads what was known).
    /// @error FailedPrecondition: another engine uses the state folder. As store, audit and rpc.
    static Result<std::unique_ptr<Engine>> create(EngineOptions options, const Clock& clock);
    ~Engine() override;

    /// Answers clients, then begins to observe and act. @return the port.
    Result<quint16> start();
    /// Orderly: clients are told, the store is written; finished() at the end.
    void stop();

    /// The protocol document, without an engine running.
    static QString protocolMarkdown(const connect::Systems& systems);

    struct Parts;

Q_SIGNALS:
    void finished();

private:
    Engine(EngineOptions options, const Clock& clock);
    Result<void> build();
    QJsonObject describe() const;
    void importSecrets();
    void compareFiles();
    /// Says it in every client when a file is damaged while it is open.
    void watchFiles();
    /// Begins to act, unless the state folder is in doubt.
    void act();
    void checkFile(bool now);
    void checkChain();
    /// Why changes are refused; nothing if they are not.
    std::optional<Error> whyClosed() const;
    void tick();

    std::unique_ptr<Parts> m;
};

}  // namespace sluice::engine
