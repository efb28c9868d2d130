#pragma once

#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <map>
#include <memory>

#include "config/config.h"
#include "core/clock.h"
#include "flow/executor.h"

namespace sluice::luigi {
class LuigiRun;
}

namespace sluice::systems::luigi {

/// Runs luigi tasks, one `luigi` process group per attempt.
/// @thread main loop only
class LuigiExecutor final : public QObject, public flow::Executor {
    Q_OBJECT

public:
    LuigiExecutor(const config::Config& config, QString workFolder, QString engineId, const Clock& clock,
                  QObject* parent = nullptr);
    ~LuigiExecutor() override;

    Result<void> admit(const model::TaskSpec& spec, const model::TaskSpec& subject) override;
    void start(const flow::StartOrder& order, flow::AttemptSink& sink) override;
    void kill(const flow::AttemptKey& key, flow::Acknowledge done) override;

private:
    using Id = std::pair<qint64, int>;
    void claimAndStart(QPointer<sluice::luigi::LuigiRun> run, const flow::AttemptKey& key,
                       const QString& marker, flow::AttemptSink& sink);
    void forget(const flow::AttemptKey& key);

    const config::Config& m_config;
    QString m_workFolder;
    QString m_engineId;
    const Clock& m_clock;
    std::map<Id, std::unique_ptr<sluice::luigi::LuigiRun>> m_runs;
};

}  // namespace sluice::systems::luigi
