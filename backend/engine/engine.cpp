#include "engine/engine.h"

#include <pwd.h>
#include <unistd.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QSaveFile>
#include <QtCore/QUuid>

#include "core/descriptors.h"
#include "core/log.h"
#include "core/read_file.h"
#include "engine/parts.h"
#include "rpc/endpoint.h"

namespace sluice::engine {
namespace {

constexpr int kTickMs = 1000;
constexpr qint64 kIdleMs = 60'000;

QString userName()
{
    const struct passwd* entry = ::getpwuid(::getuid());
    return entry ? QString::fromLocal8Bit(entry->pw_name) : QString::number(::getuid());
}

constexpr qint64 kMaxIdBytes = 256;

Result<void> makePrivate(const QString& folder)
{
    QDir dir;
    const bool made = dir.mkpath(folder) &&
                      QFile::setPermissions(folder, QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
    if (!made) {
        return fail(Error{.code = ErrorCode::PermissionDenied,
                          .message = QStringLiteral("The folder %1 cannot be made private").arg(folder),
                          .cause = QStringLiteral("it belongs to somebody else, or its parent cannot be written"),
                          .correction = QStringLiteral("Name another with --state-dir."),
                          .source = QStringLiteral("sluiced")});
    }
    return {};
}

/// The same engine over all its lives: its lease and its Luigi marks carry this id.
QString engineIdOf(const QString& stateDir)
{
    const QString path = stateDir + QStringLiteral("/engine-id");
    if (const auto kept = readRegularFile(path, kMaxIdBytes)) {
        const QString id = QString::fromLatin1(kept->trimmed());
        if (!id.isEmpty()) {
            return id;
        }
    }
    const QString id = QUuid::createUuid().toString(QUuid::WithoutBraces);
    QSaveFile out(path);
    if (out.open(QIODevice::WriteOnly)) {
        out.write(id.toLatin1());
        out.commit();
    }
    return id;
}

}  // namespace

Engine::Engine(EngineOptions options, const Clock& clock) : m(new Parts{.options = std::move(options), .clock = clock}) {}

Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::create(EngineOptions options, const Clock& clock)
{
    std::unique_ptr<Engine> engine(new Engine(std::move(options), clock));
    if (auto built = engine->build(); !built) {
        return fail(built.error());
    }
    return engine;
}

Result<void> Engine::build()
{
    if (const int limit = descriptorLimit(); limit < kLeastDescriptors) {
        return fail(Error{.code = ErrorCode::ResourceExhausted,
                          .message = QStringLiteral("The engine may hold only %1 open files").arg(limit),
                          .cause = QStringLiteral("it needs %1 at least").arg(kLeastDescriptors),
                          .correction = QStringLiteral("Raise the limit (ulimit -n, or LimitNOFILE= of the service)."),
                          .source = QStringLiteral("sluiced")});
    }
    const QString dir = m->options.stateDir;
    for (const QString& folder : {dir, dir + QStringLiteral("/logs"), dir + QStringLiteral("/runs")}) {
        if (auto made = makePrivate(folder); !made) {
            return made;
        }
    }
    m->lock = std::make_unique<QLockFile>(dir + QStringLiteral("/lock"));
    m->lock->setStaleLockTime(0);
    if (!m->lock->tryLock(0) && !(m->lock->removeStaleLockFile() && m->lock->tryLock(0))) {
        qint64 pid = 0;
        QString host, name;
        m->lock->getLockInfo(&pid, &host, &name);
        return fail(Error{.code = ErrorCode::FailedPrecondition,
                          .message = QStringLiteral("Another engine uses %1").arg(dir),
                          .cause = QStringLiteral("process %1 (%2) holds its lock").arg(pid).arg(name),
                          .correction = QStringLiteral("Use that engine, or name another folder with --state-dir."),
                          .source = QStringLiteral("sluiced")});
    }
    m->engineId = engineIdOf(dir);
    m->principal = userName();
    m->startedAtMs = m->clock.nowMs();

    const QStringList schema = estate::EstateStore::schema() + flow::RunStore::schema() + Observers::schema() + KeyService::schema() +
                               CaseBook::schema() + ResetService::schema() + actions::RequestBook::schema();
    auto database = store::Database::open({.file = dir + QStringLiteral("/state.db"), .migrations = {{1, schema}, {2, AttemptFencer::schema()}, {3, actions::RequestBook::paramsSchema()}}});
    if (!database) {
        return fail(database.error());
    }
    m->database = std::move(*database);
    auto audit = audit::AuditLog::open(dir + QStringLiteral("/audit.db"), m->clock);
    if (!audit) {
        return fail(audit.error());
    }
    m->audit = std::move(*audit);
    const QString secretFolder = dir + QStringLiteral("/secrets");
    auto secrets = keys::FileSecretStore::open(secretFolder);
    auto vaultStore = keys::FileSecretStore::open(secretFolder);
    if (!secrets || !vaultStore) {
        return fail(secrets ? vaultStore.error() : secrets.error());
    }
    m->secrets = std::make_unique<keys::FileSecretStore>(std::move(*secrets));
    m->vault = std::make_unique<keys::ThreadedKeyVault>(std::make_unique<keys::FileSecretStore>(std::move(*vaultStore)));
    importSecrets();

    const config::Config& config = m->options.config;
    m->estate = std::make_unique<estate::Estate>(m->clock);
    m->estateStore = std::make_unique<estate::EstateStore>(*m->estate, *m->database);
    m->observers = std::make_unique<Observers>(m->options.workerProgram, m->engineId, config, *m->estate, *m->secrets, *m->database, m->clock);
    m->recorded = std::make_unique<RecordedLink>(*m->observers, *m->audit, m->clock);
    m->luigi = std::make_unique<LuigiWatch>(config, *m->estate, m->clock);
    m->health = std::make_unique<HealthWatch>(config, *m->estate, m->clock);
    m->keys = std::make_unique<KeyService>(*m->recorded, *m->vault, *m->database, m->clock);
    for (const config::RoleConfig& role : config.roles) {
        keys::Caps caps;
        for (auto it = role.caps.begin(); it != role.caps.end(); ++it) {
            caps.insert(it.key(), it.value());
        }
        m->keys->addRole({.role = role.role,
                          .connection = role.connection,
                          .entity = role.entity,
                          .caps = caps,
                          .overlapMs = role.overlapMs,
                          .keyringFile = role.keyringFile});
    }
    m->fencer = std::make_unique<AttemptFencer>(*m->recorded, config, *m->database, m->clock);
    m->flow = std::make_unique<flow::FlowEngine>(
        flow::FlowEngine::Options{.maxAttempts = config.maxAttempts, .manifestFolder = dir + QStringLiteral("/runs"), .logFolder = dir + QStringLiteral("/logs/runs")},
        *m->database, *m->fencer, m->clock);
    m->gatewayTraits = std::make_unique<GatewayTraits>(*m->estate, m->clock);
    m->mover = std::make_unique<MoveExecutor>(m->options.workerProgram, config, *m->recorded, *m->keys, *m->vault, *m->gatewayTraits, m->clock);
    m->luigiExecutor = std::make_unique<LuigiExecutor>(config, dir + QStringLiteral("/luigi"), m->engineId, m->clock);
    m->flow->addExecutor(model::TaskKind::Move, *m->mover);
    m->flow->addExecutor(model::TaskKind::Verify, *m->mover);
    m->flow->addExecutor(model::TaskKind::Luigi, *m->luigiExecutor);
    m->keys->setHolders([this](const QString& role, int generation) { return m->mover->holders(role, generation); });
    m->cases = std::make_unique<CaseBook>(*m->database, m->clock);
    m->doctor = std::make_unique<Doctor>(*m->flow, *m->estate, *m->observers, *m->cases, *m->keys, *m->vault, m->clock);
    m->requests = std::make_unique<actions::RequestBook>(*m->database);
    m->actions = std::make_unique<actions::ActionRunner>(*m->audit, *m->requests, m->clock);
    m->resets = std::make_unique<ResetService>(*m->flow, *m->fencer, *m->observers, *m->cases, *m->actions, *m->database, m->clock);
    m->resets->planner().setObstacle([this](const QString& connection) {
        return monitorsAgree(EstateFacts(*m->estate), connection, m->clock.nowMs());
    });
    for (const auto& loaded : {m->estateStore->load(), m->observers->load(), m->keys->load(), m->fencer->load(), m->flow->load(), m->cases->load(),
                               m->requests->load(m->clock.nowMs()), m->resets->load()}) {
        if (!loaded) {
            return loaded;
        }
    }
    connect(m->keys.get(), &KeyService::stepEnded, this, [this](const QString& role, const QString& step, const QString& state, const QString& detail) {
        m->actions->note({.principal = QStringLiteral("engine"), .role = QStringLiteral("engine"), .via = QStringLiteral("rotation")},
                         QStringLiteral("keys.") + step, 2, {QStringLiteral("role/") + role}, state, {{"detail", detail}});
    });
    connect(m->keys.get(), &KeyService::carriedOn, this, [this](const QString& role, const actions::Asker& asker, const QString& outcome, const QJsonObject& detail, const QString& method) {
        m->actions->note(asker, method, 2, {QStringLiteral("role/") + role}, outcome, detail);
    });

    m->lag = std::make_unique<LoopLag>();
    m->runsTopic = std::make_unique<flow::RunsTopic>(*m->flow, m->clock);
    m->tasksTopic = std::make_unique<flow::TasksTopic>(*m->flow, m->clock);
    m->auditTopic = std::make_unique<AuditTopic>(*m->audit);
    m->engineTopic = std::make_unique<EngineTopic>([this] { return describe(); });
    m->methods = std::make_unique<rpc::MethodTable>();
    addTopicDocs(*m->methods);
    addFlowMethods(*m->methods, m.get());
    addResetMethods(*m->methods, m.get());
    addEstateMethods(*m->methods, m.get(), [this] { return describe(); });
    addKeyMethods(*m->methods, m.get());
    addAuditMethods(*m->methods, m.get());
    return {};
}

QString Engine::protocolMarkdown()
{
    rpc::MethodTable table;
    addTopicDocs(table);
    addFlowMethods(table, nullptr);
    addResetMethods(table, nullptr);
    addEstateMethods(table, nullptr, {});
    addKeyMethods(table, nullptr);
    addAuditMethods(table, nullptr);
    return table.toMarkdown();
}

void Engine::importSecrets()
{
    for (const config::Connection& connection : m->options.config.connections) {
        if (connection.secretFile.isEmpty()) {
            continue;
        }
        auto bytes = rpc::readPrivateFile(connection.secretFile);
        auto kept = bytes ? m->secrets->put(connection.secret, *bytes) : Result<void>(fail(bytes.error()));
        if (!kept) {
            log::warn("secrets", QStringLiteral("%1: %2").arg(connection.name, kept.error().toLine()));
        }
    }
}

Result<quint16> Engine::start()
{
    const QString dir = m->options.stateDir;
    auto token = rpc::renewToken(dir);
    if (!token) {
        return fail(token.error());
    }
    const config::Profile& profile = m->options.config.profile;
    m->server = std::make_unique<rpc::Server>(
        rpc::Server::Options{.port = m->options.port,
                             .ownerToken = *token,
                             .engineId = m->engineId,
                             .version = QStringLiteral(SLUICE_VERSION),
                             .profile = QJsonObject{{"name", profile.name}, {"colour", profile.colour}, {"production", profile.production}},
                             .singlePerson = true,
                             .tokenPrincipal = {.name = m->principal, .role = rpc::Role::Admin, .via = QStringLiteral("token loopback")}},
        *m->methods,
        QList<LiveTopic*>{m->estate.get(), m->runsTopic.get(), m->tasksTopic.get(), m->cases.get(), m->keys.get(), m->actions.get(),
                          m->auditTopic.get(), m->engineTopic.get()},
        m->clock);
    auto port = m->server->listen();
    if (!port) {
        return port;
    }
    // An engine that ends orderly takes it away.
    m->crashedBefore = QFile::exists(rpc::endpointPath(dir));
    auto written = rpc::writeEndpoint(dir, {.url = QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(*port)),
                                            .pid = QCoreApplication::applicationPid(),
                                            .engineId = m->engineId,
                                            .version = QStringLiteral(SLUICE_VERSION)});
    if (!written) {
        return fail(written.error());
    }
    m->auditTopic->start();
    m->actions->start();
    m->doctor->begin(m->crashedBefore);
    m->health->start();
    m->observers->start();
    m->luigi->start();
    m->keys->start();
    m->fencer->start();
    m->flow->start();
    m->resets->start();
    m->tick.setInterval(kTickMs);
    connect(&m->tick, &QTimer::timeout, this, &Engine::tick);
    m->tick.start();
    m->idleSinceMs = m->clock.monotonicMs();
    log::info("sluiced", QStringLiteral("engine %1 answers on 127.0.0.1:%2").arg(m->engineId).arg(*port));
    return port;
}

void Engine::tick()
{
    m->engineTopic->refresh();
    const bool busy = m->server->identifiedCount() > 0 || m->flow->hasWork() || m->keys->rotating();
    if (busy) {
        m->idleSinceMs = m->clock.monotonicMs();
    } else if (m->options.endsWhenIdle && m->clock.monotonicMs() - m->idleSinceMs > kIdleMs) {
        log::info("sluiced", QStringLiteral("no clients and no work for a minute: ending"));
        stop();
    }
}

QJsonObject Engine::describe() const
{
    const auto store = m->database->state();
    const bool writable = store.writable && m->audit->writable();
    const config::Profile& profile = m->options.config.profile;
    return {{"id", "engine"},
            {"version", QStringLiteral(SLUICE_VERSION)},
            {"engineId", m->engineId},
            {"startedAt", toRfc3339(m->startedAtMs)},
            {"startedAfterCrash", m->crashedBefore},
            {"profile", QJsonObject{{"name", profile.name}, {"colour", profile.colour}, {"production", profile.production}}},
            {"principal", m->principal},
            {"singlePerson", true},
            {"acting", writable},
            {"notActingWhy", writable ? QString() : store.writable ? QStringLiteral("the audit record cannot be written") : store.why},
            {"loopLagP99Ms", qRound(m->lag->p99Ms() * 10) / 10.0},
            {"loopLagMaxMs", qRound(m->lag->maxMs() * 10) / 10.0},
            {"commitP99Ms", qRound(m->database->figures().commitP99Ms * 10) / 10.0},
            {"openCases", m->cases->openCount()},
            {"auditRecords", m->audit->count()},
            {"auditHead", m->audit->head()}};
}

void Engine::stop()
{
    m->tick.stop();
    m->flow->stop();
    m->estateStore->flush();
    rpc::removeEndpoint(m->options.stateDir, m->engineId);
    if (!m->server) {
        Q_EMIT finished();
        return;
    }
    connect(m->server.get(), &rpc::Server::stopped, this, [this] {
        connect(m->observers.get(), &Observers::stopped, this, &Engine::finished, Qt::QueuedConnection);
        m->mover->stop([this] { m->observers->stop(); });
    });
    m->server->stop();
}

}  // namespace sluice::engine
