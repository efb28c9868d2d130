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
            [this, &sink, key](const sluice::luigi::ProcessMark& mark) { begun(key, mark, sink); });
    connect(raw, &sluice::luigi::LuigiRun::logLine, this,
            [&sink, key](const QString& level, const QString& text) { sink.logLine(key, level, text); });
    connect(raw, &sluice::luigi::LuigiRun::progressed, this,
            [this, &sink, key](const sluice::luigi::LuigiProgress& progress) {
                progressed(key, progress, sink);
            });
    connect(raw, &sluice::luigi::LuigiRun::held, this,
            [this, &sink, key](const QString& why) { held(key, why, sink); });
    connect(raw, &sluice::luigi::LuigiRun::done, this,
            [this, &sink, key](const sluice::luigi::ExecutionSummary&) {
                forget(key);
                sink.finished(key, {});
            });
    connect(raw, &sluice::luigi::LuigiRun::failed, this, [this, &sink, key](const Error& error) {
        forget(key);
        sink.failed(key, error);
    });
    m_jobs[idOf(key)].run = std::move(run);
    claimAndStart(raw, key, job.marker, sink);
}

void LuigiExecutor::progressed(const flow::AttemptKey& key, const sluice::luigi::LuigiProgress& progress,
                               flow::AttemptSink& sink)
{
    const auto job = m_jobs.find(idOf(key));
    if (job == m_jobs.end()) {
        return;
    }
    if (job->second.held && (!progress.current.isEmpty() || progress.tasksDone > 0)) {
        job->second.held = false;
        sink.unblocked(key);
    }
    // What a try that comes to nothing counts anew is no progress.
    if (!job->second.held) {
        sink.listed(key, progress.tasksTotal, -1);
        sink.progress(key, QJsonObject{{"objectsDone", progress.tasksDone}});
    }
}

void LuigiExecutor::held(const flow::AttemptKey& key, const QString& why, flow::AttemptSink& sink)
{
    if (const auto job = m_jobs.find(idOf(key)); job != m_jobs.end()) {
        job->second.held = true;
    }
    // Said again after each try.
    sink.blocked(key, QJsonObject{{"what", "luigi"},
                                  {"op", "run"},
                                  {"observedAtMs", m_clock.nowMs()},
                                  {"error", Error{.code = ErrorCode::Unavailable, .message = why}.toJson()}});
}

void LuigiExecutor::begun(const flow::AttemptKey& key, const sluice::luigi::ProcessMark& mark,
                          flow::AttemptSink& sink)
{
    sink.claim(key, processClaim(mark), [this, key](const Result<void>& kept) {
        // Fenced while it waited to begin once more: who fenced it saw no process then.
        if (!kept && kept.error().code == ErrorCode::Aborted && m_jobs.contains(idOf(key))) {
            end(key);
        }
    });
    sink.started(key, mark.pid, static_cast<qint64>(mark.startTicks));
    sink.phase(key, QStringLiteral("running"));
}

/// Processes carry the marker from their first moment, so it is claimed before there is one: an engine that
/// is killed before it knows the first pid leaves nothing that the next one does not find.
void LuigiExecutor::claimAndStart(QPointer<sluice::luigi::LuigiRun> run, const flow::AttemptKey& key,
                                  const QString& marker, flow::AttemptSink& sink)
{
    sink.claim(key, processClaim({.marker = marker}), [=, this, &sink](const Result<void>& kept) {
        const auto job = m_jobs.find(idOf(key));
        if (!run || job == m_jobs.end()) {
            return;
        }
        if (kept) {
            run->start();
        } else if (kept.error().retryable) {
            QTimer::singleShot(kClaimAgainMs, run,
                               [=, this, &sink] { claimAndStart(run, key, marker, sink); });
        } else if (kept.error().code != ErrorCode::Aborted) {
            forget(key);
            sink.failed(key, kept.error());
        } else if (job->second.waiting.isEmpty()) {
            forget(key);
        }
        // Else who fenced it waits for its end.
    });
}

void LuigiExecutor::forget(const flow::AttemptKey& key)
{
    if (const auto it = m_jobs.find(idOf(key)); it != m_jobs.end()) {
        // It is in the middle of its signal.
        it->second.run.release()->deleteLater();
        m_jobs.erase(it);
    }
}

/// Several may wait for the end of one attempt, a cancel and a reset of its run for example.
void LuigiExecutor::kill(const flow::AttemptKey& key, QObject* context, Killed done)
{
    const auto it = m_jobs.find(idOf(key));
    if (it == m_jobs.end()) {
        callLater(context, [done = std::move(done)] { done(flow::ProcessEnd::NotThere); });
        return;
    }
    it->second.waiting.append(whileAlive(context, std::move(done)));
    if (it->second.waiting.size() == 1) {
        end(key);
    }
}

void LuigiExecutor::end(const flow::AttemptKey& key)
{
    m_jobs.at(idOf(key)).run->kill(
        [this, key](const Result<sluice::luigi::DeathProof>& proof) { ended(key, proof); });
}

void LuigiExecutor::ended(const flow::AttemptKey& key, const Result<sluice::luigi::DeathProof>& proof)
{
    const auto it = m_jobs.find(idOf(key));
    if (it == m_jobs.end()) {
        return;
    }
    const QList<Killed> waiting = std::exchange(it->second.waiting, {});
    if (proof) {
        forget(key);
    }
    // Without a proof it stays, to be ended once more.
    const Result<flow::ProcessEnd> how = !proof ? Result<flow::ProcessEnd>(fail(proof.error()))
                                         : proof->killed.isEmpty() ? flow::ProcessEnd::NotThere
                                                                   : flow::ProcessEnd::Reaped;
    for (const Killed& each : waiting) {
        each(how);
    }
}

}  // namespace sluice::systems::luigi
