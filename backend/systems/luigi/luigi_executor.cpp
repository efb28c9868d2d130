#include "systems/luigi/luigi_executor.h"

#include <QtCore/QJsonObject>
#include <QtCore/QTimer>

#include "luigi/luigi_run.h"
#include "systems/luigi/luigi_kind.h"
#include "systems/luigi/process_claim.h"
#include "systems/luigi/settings.h"

namespace sluice::systems::luigi {
namespace {

constexpr int kClaimAgainMs = 2000;

}  // namespace

LuigiExecutor::LuigiExecutor(const config::Config& config, QString workFolder, QString engineId,
                             const Clock& clock, QObject* parent)
    : QObject(parent),
      m_config(config),
      m_workFolder(std::move(workFolder)),
      m_engineId(std::move(engineId)),
      m_clock(clock)
{
}

LuigiExecutor::~LuigiExecutor() = default;

Result<void> LuigiExecutor::admit(const model::TaskSpec& spec, const model::TaskSpec&)
{
    const auto* connection = m_config.connection(model::bodyOf<LuigiBody>(spec).connection);
    if (!connection || !connection->as<LuigiSettings>()) {
        return fail(Error{.code = ErrorCode::FailedPrecondition,
                          .message = QStringLiteral("there is no connection %1 any more")
                                         .arg(model::bodyOf<LuigiBody>(spec).connection)});
    }
    return {};
}

void LuigiExecutor::start(const flow::StartOrder& order, flow::AttemptSink& sink)
{
    const auto& body = model::bodyOf<LuigiBody>(order.spec);
    const auto& connection = *m_config.connection(body.connection)->as<LuigiSettings>();
    sluice::luigi::LuigiJob job{
        .program = connection.program,
        .module = body.module,
        .family = body.task,
        .schedulerUrl = QUrl(connection.url),
        .pythonPath = connection.pythonPath,
        .workDir = QStringLiteral("%1/%2-%3-%4")
                       .arg(m_workFolder, order.run, order.spec.name, QString::number(order.key.attempt)),
        .marker =
            QStringLiteral("%1/%2/%3/%4").arg(m_engineId, order.run, order.spec.name).arg(order.key.attempt)};
    for (auto it = body.params.begin(); it != body.params.end(); ++it) {
        job.params.insert(it.key(), it.value().toString());
    }
    if (auto checked = sluice::luigi::checkJob(job); !checked) {
        sink.failed(order.key, checked.error());
        return;
    }
    auto run = std::make_unique<sluice::luigi::LuigiRun>(job, m_clock);
    sluice::luigi::LuigiRun* raw = run.get();
    const flow::AttemptKey key = order.key;
    connect(raw, &sluice::luigi::LuigiRun::started, this,
            [&sink, key](const sluice::luigi::ProcessMark& mark) {
                sink.claim(key, processClaim(mark), [](const Result<void>&) {});
                sink.started(key, mark.pid, static_cast<qint64>(mark.startTicks));
                sink.phase(key, QStringLiteral("running"));
            });
    connect(raw, &sluice::luigi::LuigiRun::logLine, this,
            [&sink, key](const QString& level, const QString& text) { sink.logLine(key, level, text); });
    connect(raw, &sluice::luigi::LuigiRun::progressed, this,
            [&sink, key](const sluice::luigi::LuigiProgress& progress) {
                sink.listed(key, progress.tasksTotal, -1);
                sink.progress(key, QJsonObject{{"objectsDone", progress.tasksDone}});
            });
    connect(raw, &sluice::luigi::LuigiRun::held, this, [this, &sink, key](const QString& why) {
        // Said again after each try; one that is let in says nothing more.
        sink.blocked(key,
                     QJsonObject{{"what", "luigi"},
                                 {"op", "run"},
                                 {"observedAtMs", m_clock.nowMs()},
                                 {"error", Error{.code = ErrorCode::Unavailable, .message = why}.toJson()}});
    });
    connect(raw, &sluice::luigi::LuigiRun::done, this,
            [this, &sink, key](const sluice::luigi::ExecutionSummary&) {
                forget(key);
                sink.finished(key, {});
            });
    connect(raw, &sluice::luigi::LuigiRun::failed, this, [this, &sink, key](const Error& error) {
        forget(key);
        sink.failed(key, error);
    });
    m_runs[{key.run, key.task}] = std::move(run);
    claimAndStart(raw, key, job.marker, sink);
}

/// Processes carry the marker from their first moment, so it is claimed before there is one: an engine that
/// is killed before it knows the first pid leaves nothing that the next one does not find.
void LuigiExecutor::claimAndStart(QPointer<sluice::luigi::LuigiRun> run, const flow::AttemptKey& key,
                                  const QString& marker, flow::AttemptSink& sink)
{
    sink.claim(key, processClaim({.marker = marker}), [=, this, &sink](const Result<void>& kept) {
        if (!run) {
            return;
        }
        if (kept) {
            run->start();
        } else if (kept.error().retryable) {
            QTimer::singleShot(kClaimAgainMs, run,
                               [=, this, &sink] { claimAndStart(run, key, marker, sink); });
        } else {
            forget(key);
            sink.failed(key, kept.error());
        }
    });
}

void LuigiExecutor::forget(const flow::AttemptKey& key)
{
    const auto it = m_runs.find({key.run, key.task});
    if (it != m_runs.end()) {
        // It is in the middle of its signal.
        it->second.release()->deleteLater();
        m_runs.erase(it);
    }
}

void LuigiExecutor::kill(const flow::AttemptKey& key, flow::Acknowledge done)
{
    const auto it = m_runs.find({key.run, key.task});
    if (it == m_runs.end()) {
        done({});
        return;
    }
    it->second->kill([this, key, done = std::move(done)](Result<sluice::luigi::DeathProof> proof) {
        forget(key);
        done(proof ? Result<void>() : Result<void>(fail(proof.error())));
    });
}

}  // namespace sluice::systems::luigi
