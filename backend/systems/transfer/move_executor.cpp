#include "systems/transfer/move_executor.h"

#include <QtCore/QJsonArray>
#include <QtCore/QTimer>

#include "core/log.h"
#include "core/process_identity.h"
#include "systems/ceph/claims/claims.h"
#include "systems/ceph/settings.h"
#include "systems/transfer/move_attempt.h"
#include "systems/transfer/move_wire.h"
#include "systems/transfer/verify_kind.h"
#include "worker/worker_process.h"

namespace sluice::systems::transfer {

using flow::AttemptKey;
using model::Location;

namespace {

constexpr int kStartMs = 30'000;
constexpr int kDeathMs = 5000;
constexpr int kS3RetryMs = 2000;
constexpr int kS3RetryMostMs = 60'000;

Error waits(const QString& message)
{
    return Error{.code = ErrorCode::FailedPrecondition,
                 .message = message,
                 .retryable = true,
                 .source = QStringLiteral("flow")};
}

}  // namespace

MoveExecutor::MoveExecutor(QString workerProgram, const config::Config& config, connect::Link& link,
                           KeyOf keyOf, keys::KeyVault& vault, ceph::GatewayTraits traits, const Clock& clock,
                           QObject* parent)
    : QObject(parent),
      m_program(std::move(workerProgram)),
      m_config(config),
      m_link(link),
      m_keyOf(std::move(keyOf)),
      m_vault(vault),
      m_traits(traits),
      m_clock(clock)
{
}

MoveExecutor::~MoveExecutor() = default;

bool MoveExecutor::isCurrent(const std::shared_ptr<Attempt>& attempt) const
{
    const auto it = m_attempts.find({attempt->order.key.run, attempt->order.key.task});
    return it != m_attempts.end() && it->second == attempt && !attempt->killed;
}

Result<void> MoveExecutor::admit(const model::TaskSpec& spec, const model::TaskSpec& subject)
{
    const bool verify = spec.kind == kVerifyKind;
    const model::TaskSpec& move = verify ? subject : spec;
    const auto& body = model::bodyOf<MoveBody>(move);
    bool rados = false;
    for (const Location* location : {&body.from, &body.to}) {
        if (location->type == Location::Type::File || (verify && location == &body.from)) {
            continue;
        }
        QString cluster = location->connection;
        if (location->type == Location::Type::S3) {
            const config::Connection* owner = ceph::clusterOfGateway(m_config, location->connection);
            cluster = owner ? owner->name : QString();
        } else {
            rados = true;
        }
        if (cluster.isEmpty()) {
            continue;
        }
        if (auto may = m_link.isLeader(cluster); !may) {
            return fail(waits(may.error().message));
        }
    }
    if (rados && !m_keyOf(move.role)) {
        return fail(waits(QStringLiteral("role %1 has no key yet").arg(move.role)));
    }
    return {};
}

void MoveExecutor::start(const flow::StartOrder& order, flow::AttemptSink& sink)
{
    auto attempt = std::make_shared<Attempt>();
    attempt->order = order;
    attempt->sink = &sink;
    attempt->verify = order.spec.kind == kVerifyKind;
    const model::TaskSpec& move = attempt->verify ? order.subject : order.spec;
    attempt->move = model::bodyOf<MoveBody>(move);
    attempt->role = move.role;
    m_attempts[{order.key.run, order.key.task}] = attempt;
    gather(attempt);
}

void MoveExecutor::refuse(const std::shared_ptr<Attempt>& attempt, const Error& error)
{
    attempt->ended = true;
    m_attempts.erase({attempt->order.key.run, attempt->order.key.task});
    attempt->sink->failed(attempt->order.key, error);
}

/// Collects what the worker needs, one secret after the other, then launches it.
void MoveExecutor::gather(std::shared_ptr<Attempt> attempt)
{
    if (!isCurrent(attempt)) {
        return;
    }
    for (const Location* location : {&attempt->move.from, &attempt->move.to}) {
        if (attempt->verify && location == &attempt->move.from) {
            continue;
        }
        if (location->type == Location::Type::Rados && !attempt->clusters.contains(location->connection)) {
            const auto key = m_keyOf(attempt->role);
            const config::Connection* owner = m_config.connection(location->connection);
            const auto* cluster = owner ? owner->as<ceph::ClusterSettings>() : nullptr;
            if (!key || !cluster) {
                refuse(attempt,
                       key ? waits(QStringLiteral("there is no connection %1").arg(location->connection))
                           : key.error());
                return;
            }
            attempt->generation = key->number;
            attempt->entity = key->entity;
            m_vault.get(
                key->secretName, [this, attempt, connection = location->connection, conf = cluster->conf,
                                  entity = key->entity](Result<QByteArray> secret) {
                    if (!isCurrent(attempt)) {
                        return;
                    }
                    if (!secret) {
                        refuse(attempt, secret.error());
                        return;
                    }
                    attempt->clusters[connection] = QJsonObject{
                        {"conf", conf}, {"entity", entity}, {"key", QString::fromLatin1(secret->trimmed())}};
                    gather(attempt);
                });
            return;
        }
        if (location->type == Location::Type::S3 && !attempt->gateways.contains(location->connection)) {
            makeS3Key(attempt, location->connection, [this, attempt] { gather(attempt); });
            return;
        }
    }
    launch(attempt);
}

void MoveExecutor::later(std::shared_ptr<Attempt> attempt, std::function<void()> step)
{
    attempt->keyWaitMs = qBound(kS3RetryMs, 2 * attempt->keyWaitMs, kS3RetryMostMs);
    QTimer::singleShot(attempt->keyWaitMs, this, [this, attempt, step = std::move(step)] {
        if (isCurrent(attempt)) {
            step();
        }
    });
}

void MoveExecutor::launch(std::shared_ptr<Attempt> attempt)
{
    const flow::StartOrder& order = attempt->order;
    const QString label =
        QStringLiteral("%1/%2 attempt %3").arg(order.run, order.spec.name).arg(order.key.attempt);
    attempt->worker = std::make_unique<worker::WorkerProcess>(
        worker::WorkerOptions{.program = m_program, .arguments = {QStringLiteral("move")}, .label = label},
        m_clock);
    worker::WorkerProcess* worker = attempt->worker.get();
    connect(worker, &worker::WorkerProcess::started, this, [attempt](qint64 pid) {
        attempt->sink->started(attempt->order.key, pid, processStartTicks(pid));
    });
    connect(worker, &worker::WorkerProcess::event, this,
            [this, attempt](const QString& name, const QJsonObject& p) { onEvent(attempt, name, p); });
    connect(worker, &worker::WorkerProcess::asked, this,
            [this, attempt](quint64 id, const QString& method, const QJsonObject& p) {
                onAsked(attempt, id, method, p);
            });
    connect(worker, &worker::WorkerProcess::logLine, this, [attempt](const QString& line) {
        attempt->sink->logLine(attempt->order.key, QStringLiteral("info"), line);
    });
    connect(worker, &worker::WorkerProcess::exited, this,
            [this, attempt](int code, bool crashed) { onExited(attempt, code, crashed); });
    worker->start();

    const MoveBody& move = attempt->move;
    const QJsonObject params{{"mode", attempt->verify ? "verify" : "copy"},
                             {"run", order.run},
                             {"task", order.spec.name},
                             {"attempt", order.key.attempt},
                             {"fence", order.key.fence},
                             {"from", move.from.toJson()},
                             {"to", move.to.toJson()},
                             {"clusters", attempt->clusters},
                             {"gateways", attempt->gateways},
                             {"inFlight", move.inFlight},
                             {"onExisting", move.replaceExisting ? "replace" : "refuse"},
                             {"resume", order.resume},
                             {"allowEmpty", !attempt->verify && move.allowEmpty},
                             {"othersAllowed", model::bodyOf<VerifyBody>(order.spec).othersAllowed},
                             {"addedSinceMs", order.submittedAtMs},
                             {"lockWaitMs", 0},
                             {"stallAfterMs", order.spec.stallAfterMs}};
    attempt->clusters = {};
    attempt->gateways = {};
    worker->call(
        QStringLiteral("start"), params, kStartMs, this, [attempt](const Result<QJsonObject>& reply) {
            if (!reply) {
                attempt->sink->logLine(attempt->order.key, QStringLiteral("error"), reply.error().toLine());
            }
        });
}

void MoveExecutor::onEvent(const std::shared_ptr<Attempt>& attempt, const QString& name, const QJsonObject& p)
{
    const AttemptKey& key = attempt->order.key;
    if (name == QLatin1String("progress")) {
        attempt->sink->progress(key, p);
    } else if (name == QLatin1String("phase")) {
        attempt->sink->phase(key, p["phase"].toString());
    } else if (name == QLatin1String("listed")) {
        attempt->sink->listed(key, p["objects"].toInteger(), p["bytes"].toInteger());
    } else if (name == QLatin1String("blocked")) {
        QJsonObject said = p;
        said["entity"] = attempt->entity;
        // It is repeated every second for as long as it holds; a worker that says nothing any more is no
        // witness.
        said["observedAtMs"] = m_clock.nowMs();
        attempt->sink->blocked(key, said);
    } else if (name == QLatin1String("unblocked")) {
        attempt->sink->unblocked(key);
    } else if (name == QLatin1String("gateway")) {
        m_traits.learned(p["connection"].toString(), {{"etagMatch", p["etagMatch"]}});
    } else if (name == QLatin1String("leftOut")) {
        attempt->sink->leftOut(key, p["kinds"].toArray());
    } else if (name == QLatin1String("log")) {
        attempt->sink->logLine(key, p["level"].toString(), p["text"].toString());
    } else if (name == QLatin1String("done")) {
        attempt->ended = true;
        attempt->sink->leftOut(key, p["leftOut"].toArray());
        attempt->sink->finished(key, p);
    } else if (name == QLatin1String("failed")) {
        attempt->ended = true;
        attempt->sink->leftOut(key, p["leftOut"].toArray());
        attempt->sink->unfinished(key, p["unfinished"].toVariant().toStringList());
        attempt->sink->failed(key, Error::fromJson(p["error"].toObject()));
    }
}

void MoveExecutor::onAsked(const std::shared_ptr<Attempt>& attempt, quint64 id, const QString& method,
                           const QJsonObject& p)
{
    const AttemptKey& key = attempt->order.key;
    const std::weak_ptr<Attempt> weak = attempt;
    const auto answer = [weak, id](const Result<QJsonObject>& result) {
        if (const auto alive = weak.lock(); alive && alive->worker) {
            alive->worker->answer(id, result);
        }
    };
    const auto acknowledge = [answer](const Result<void>& done) {
        answer(done ? Result<QJsonObject>(QJsonObject()) : Result<QJsonObject>(fail(done.error())));
    };
    if (method == QLatin1String("client")) {
        attempt->sink->claim(key, ceph::clientClaim(p["connection"].toString(), p["address"].toString()),
                             acknowledge);
    } else if (method == QLatin1String("uploads")) {
        QList<flow::Claim> open;
        for (const QJsonValue& told : p["open"].toArray()) {
            open.append(ceph::openClaim(told.toObject()));
        }
        attempt->sink->claimsOf(key, ceph::openClaimKinds(), open, acknowledge);
    } else if (method == QLatin1String("commit")) {
        attempt->sink->commit(key, entriesFromJson(p["entries"].toArray()), acknowledge);
    } else if (method == QLatin1String("manifest.lookup")) {
        attempt->sink->lookup(
            key, p["names"].toVariant().toStringList(),
            [answer](const Result<QList<store::ManifestEntry>>& found) {
                answer(found ? Result<QJsonObject>(QJsonObject{{"entries", entriesByName(*found)}})
                             : Result<QJsonObject>(fail(found.error())));
            });
    } else if (method == QLatin1String("manifest.strangers")) {
        const QStringList names = p["names"].toVariant().toStringList();
        attempt->sink->strangers(
            key, attempt->order.subject.name, names, [answer](const Result<QStringList>& found) {
                answer(found ? Result<QJsonObject>(QJsonObject{{"names", QJsonArray::fromStringList(*found)}})
                             : Result<QJsonObject>(fail(found.error())));
            });
    } else if (method == QLatin1String("manifest.page")) {
        const int limit = p["limit"].toInt(1000);
        attempt->sink->page(
            key, attempt->order.subject.name, p["after"].toString(), limit,
            [answer, limit](const Result<QList<store::ManifestEntry>>& found) {
                answer(found ? Result<QJsonObject>(QJsonObject{{"entries", entriesToJson(*found)},
                                                               {"last", found->size() < limit}})
                             : Result<QJsonObject>(fail(found.error())));
            });
    } else {
        answer(fail(Error{.code = ErrorCode::InvalidArgument,
                          .message = QStringLiteral("the engine answers no '%1'").arg(method),
                          .source = QStringLiteral("worker")}));
    }
}

void MoveExecutor::onExited(const std::shared_ptr<Attempt>& attempt, int exitCode, bool crashed)
{
    const auto it = m_attempts.find({attempt->order.key.run, attempt->order.key.task});
    if (it != m_attempts.end() && it->second == attempt) {
        m_attempts.erase(it);
    }
    // The process object is in the middle of its signal.
    attempt->worker.release()->deleteLater();
    attempt->tellTheWaiting(flow::ProcessEnd::Reaped);
    if (!attempt->ended && !attempt->killed) {
        attempt->sink->gone(attempt->order.key, crashed ? QStringLiteral("ended by a signal")
                                                        : QStringLiteral("exit code %1").arg(exitCode));
    }
}

void MoveExecutor::kill(const AttemptKey& key, QObject* context, Killed done)
{
    const auto nothingThere = [context, done] {
        callLater(context, [done] { done(flow::ProcessEnd::NotThere); });
    };
    const auto it = m_attempts.find({key.run, key.task});
    if (it == m_attempts.end()) {
        nothingThere();
        return;
    }
    const std::shared_ptr<Attempt> attempt = it->second;
    attempt->killed = true;
    if (!attempt->worker) {
        m_attempts.erase(it);
        nothingThere();
        return;
    }
    attempt->waitingForDeath.append(whileAlive(context, std::move(done)));
    attempt->worker->kill();
    QTimer::singleShot(kDeathMs, this, [weak = std::weak_ptr<Attempt>(attempt)] {
        if (const auto alive = weak.lock(); alive && alive->worker) {
            alive->tellTheWaiting(fail(
                Error{.code = ErrorCode::DeadlineExceeded,
                      .message = QStringLiteral("The worker of %1 does not end").arg(alive->order.spec.name),
                      .cause = QStringLiteral("SIGKILL had no effect within %1 s").arg(kDeathMs / 1000),
                      .correction =
                          QStringLiteral("See why process %1 hangs in the kernel.").arg(alive->worker->pid()),
                      .retryable = true,
                      .source = QStringLiteral("worker")}));
        }
    });
}

void MoveExecutor::stop(QObject* context, std::function<void()> done)
{
    QList<flow::AttemptKey> keys;
    for (const auto& [id, attempt] : m_attempts) {
        keys.append(attempt->order.key);
    }
    auto open = std::make_shared<qsizetype>(keys.size() + 1);
    const auto ended = [open, done = std::move(done)] {
        if (--*open == 0) {
            done();
        }
    };
    for (const flow::AttemptKey& key : keys) {
        kill(key, context, [ended](const Result<flow::ProcessEnd>&) { ended(); });
    }
    callLater(context, ended);
}

int MoveExecutor::holders(const QString& role, int generation) const
{
    return static_cast<int>(std::count_if(m_attempts.begin(), m_attempts.end(), [&](const auto& item) {
        return item.second->role == role && item.second->generation == generation;
    }));
}

}  // namespace sluice::systems::transfer
