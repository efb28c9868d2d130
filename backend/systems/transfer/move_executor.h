#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <map>
#include <memory>

#include "config/config.h"
#include "connect/link.h"
#include "core/clock.h"
#include "flow/executor.h"
#include "keys/key_vault.h"
#include "keys/role_book.h"
#include "systems/ceph/gateway_traits.h"

namespace sluice::worker {
class WorkerProcess;
}

namespace sluice::systems::transfer {

/// Runs move and verify tasks: one `sluice-worker move` per attempt, which holds only its role's key.
/// @thread main loop only
class MoveExecutor final : public QObject, public flow::Executor {
    Q_OBJECT

public:
    /// The key that a role has at the moment.
    using KeyOf = std::function<Result<keys::Generation>(const QString& role)>;

    MoveExecutor(QString workerProgram, const config::Config& config, connect::Link& link, KeyOf keyOf,
                 keys::KeyVault& vault, ceph::GatewayTraits traits, const Clock& clock,
                 QObject* parent = nullptr);
    ~MoveExecutor() override;

    Result<void> admit(const model::TaskSpec& spec, const model::TaskSpec& subject) override;
    void start(const flow::StartOrder& order, flow::AttemptSink& sink) override;
    void kill(const flow::AttemptKey& key, QObject* context, Killed done) override;
    /// Ends all workers; their attempts stay open, for the next engine to fence. `done` comes after the last
    /// was reaped, or 5 s later where SIGKILL does not end it.
    void stop(QObject* context, std::function<void()> done) override;

    int holders(const QString& role, int generation) const override;

private:
    struct Attempt;
    using Id = std::pair<qint64, int>;

    void gather(std::shared_ptr<Attempt> attempt);
    void makeS3Key(std::shared_ptr<Attempt> attempt, const QString& gateway, std::function<void()> then);
    void dropS3Key(std::shared_ptr<Attempt> attempt, const QString& gateway, const QJsonObject& params,
                   std::function<void()> then);
    /// The next try to make or remove a key; each time it waits longer.
    void later(std::shared_ptr<Attempt> attempt, std::function<void()> step);
    void launch(std::shared_ptr<Attempt> attempt);
    void onEvent(const std::shared_ptr<Attempt>& attempt, const QString& name, const QJsonObject& p);
    void onAsked(const std::shared_ptr<Attempt>& attempt, quint64 id, const QString& method,
                 const QJsonObject& p);
    void onExited(const std::shared_ptr<Attempt>& attempt, int exitCode, bool crashed);
    void refuse(const std::shared_ptr<Attempt>& attempt, const Error& error);
    bool isCurrent(const std::shared_ptr<Attempt>& attempt) const;

    QString m_program;
    const config::Config& m_config;
    connect::Link& m_link;
    KeyOf m_keyOf;
    keys::KeyVault& m_vault;
    ceph::GatewayTraits m_traits;
    const Clock& m_clock;
    std::map<Id, std::shared_ptr<Attempt>> m_attempts;
};

}  // namespace sluice::systems::transfer
