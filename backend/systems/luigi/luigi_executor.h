#pragma once

#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <map>
#include <memory>
#include <tuple>

#include "config/config.h"
#include "core/clock.h"
#include "flow/executor.h"

namespace sluice::luigi {
class LuigiRun;
struct DeathProof;
struct LuigiProgress;
struct ProcessMark;
}  // namespace sluice::luigi

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
    void kill(const flow::AttemptKey& key, QObject* context, Killed done) override;

private:
    using Id = std::tuple<qint64, int, int>;  ///< run, task, attempt
    /// An attempt at work, and who waits for its end.
    struct Job {
        std::unique_ptr<sluice::luigi::LuigiRun> run{};
        QList<Killed> waiting{};
        bool held{false};  ///< luigid let it do nothing at its last try
    };
    static Id idOf(const flow::AttemptKey& key) { return {key.run, key.task, key.attempt}; }
    void claimAndStart(QPointer<sluice::luigi::LuigiRun> run, const flow::AttemptKey& key,
                       const QString& marker, flow::AttemptSink& sink);
    void begun(const flow::AttemptKey& key, const sluice::luigi::ProcessMark& mark, flow::AttemptSink& sink);
    void progressed(const flow::AttemptKey& key, const sluice::luigi::LuigiProgress& progress,
                    flow::AttemptSink& sink);
    void held(const flow::AttemptKey& key, const QString& why, flow::AttemptSink& sink);
    void forget(const flow::AttemptKey& key);
    void end(const flow::AttemptKey& key);
    void ended(const flow::AttemptKey& key, const Result<sluice::luigi::DeathProof>& proof);

    const config::Config& m_config;
    QString m_workFolder;
    QString m_engineId;
    const Clock& m_clock;
    std::map<Id, Job> m_jobs;
};

}  // namespace sluice::systems::luigi
