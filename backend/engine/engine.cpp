#include "engine/engine.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>

#include "core/descriptors.h"
#include "core/log.h"
#include "engine/methods_audit.h"
#include "engine/methods_estate.h"
#include "engine/parts.h"
#include "engine/state_folder.h"
#include "engine/state_parts.h"
#include "rpc/endpoint.h"
#include "store/row_reader.h"

namespace sluice::engine {
namespace {

constexpr int kTickMs = 1000;
constexpr qint64 kIdleMs = 60'000;
constexpr qint64 kCheckedAtOnceBytes = 16 * 1024 * 1024;

QString userName()
{
    const struct passwd* entry = ::getpwuid(::getuid());
    return entry ? QString::fromLocal8Bit(entry->pw_name) : QString::number(::getuid());
}

/// Why a keyring is not private; empty if it is, or cannot be looked at.
QString tooOpen(const QString& keyring)
{
    struct stat status {};
    if (::stat(QFile::encodeName(keyring).constData(), &status) != 0 ||
        (status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) == 0) {
        return {};
    }
    return QStringLiteral(
               "others may read or write this keyring (mode %1): make it 0600, and replace its key if "
               "somebody may have read it")
        .arg(status.st_mode & 07777, 4, 8, QLatin1Char('0'));
}

}  // namespace

Engine::Engine(EngineOptions options, const Clock& clock)
    : m(new Parts{.options = std::move(options), .clock = clock})
{
}

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
        return fail(Error{
            .code = ErrorCode::ResourceExhausted,
            .message = QStringLiteral("The engine may hold only %1 open files").arg(limit),
            .cause = QStringLiteral("it needs %1 at least").arg(kLeastDescriptors),
            .correction = QStringLiteral("Raise the limit (ulimit -n, or LimitNOFILE= of the service)."),
            .source = QStringLiteral("sluiced")});
    }
    const QString dir = m->options.stateDir;
    if (auto made = prepareStateFolder(dir, stateFolders(m->options.systems)); !made) {
        return made;
    }
    auto lock = FolderLock::take(dir);
    if (!lock) {
        return fail(lock.error());
    }
    m->lock = std::move(*lock);
    m->identity = std::make_unique<EngineIdentity>(dir);
    m->principal = userName();
    m->startedAtMs = m->clock.nowMs();

    m->auditNote = std::make_shared<SharedText>();
    auto database = store::Database::open({.file = dir + QStringLiteral("/state.db"),
                                           .parts = stateParts(m->options.systems),
                                           .note = [note = m->auditNote] { return note->get(); }});
    if (!database) {
        return fail(database.error());
    }
    m->database = std::move(*database);
    if (auto known = m->identity->load(*m->database); !known) {
        return known;
    }
    m->engineId = m->identity->id();
    m->auditNote->set(m->database->opened().note);
    auto audit = audit::AuditLog::open(
        dir + QStringLiteral("/audit.db"), m->clock,
        {.known = audit::Head::fromText(m->auditNote->get()),
         .witness = [database = m->database.get()] { return database->mark().toText(); }});
    if (!audit) {
        return fail(audit.error());
    }
    m->audit = std::move(*audit);
    m->auditNote->set(m->audit->tail().toText());
    connect(m->audit.get(), &audit::AuditLog::appended, this,
            [this] { m->auditNote->set(m->audit->tail().toText()); });
    m->guard = std::make_unique<StateGuard>(*m->database);
    const QString secretFolder = dir + QStringLiteral("/secrets");
    auto secrets = keys::FileSecretStore::open(secretFolder);
    auto vaultStore = keys::FileSecretStore::open(secretFolder);
    if (!secrets || !vaultStore) {
        return fail(secrets ? vaultStore.error() : secrets.error());
    }
    m->secrets = std::make_unique<keys::FileSecretStore>(std::move(*secrets));
    m->vault = std::make_unique<keys::ThreadedKeyVault>(
        std::make_unique<keys::FileSecretStore>(std::move(*vaultStore)));
    importSecrets();

    const config::Config& config = m->options.config;
    m->kinds = connect::entityKindsOf(m->options.systems);
    m->estate = std::make_unique<estate::Estate>(m->clock);
    m->estateStore = std::make_unique<estate::EstateStore>(*m->estate, *m->database);
    const connect::Systems& systems = m->options.systems;
    m->connectors = std::make_unique<connect::Connectors>(
        connect::makeConnectors(systems, {.config = config,
                                          .workerProgram = m->options.workerProgram,
                                          .engineId = m->engineId,
                                          .secrets = *m->secrets,
                                          .database = *m->database,
                                          .clock = m->clock}),
        *m->estate, m->clock);
    m->recorded = std::make_unique<RecordedLink>(*m->connectors, *m->audit, m->clock);
    m->health = std::make_unique<HealthWatch>(*m->connectors, *m->estate, m->clock);
    m->keys = std::make_unique<KeyService>(
        *m->recorded,
        [this](connect::Link& link, const QString& connection) {
            return connect::makeKeyAuthority(m->options.systems, m->options.config, link, connection);
        },
        *m->vault, *m->database, m->clock);
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
    auto keepers =
        connect::makeClaimKeepers(systems, {.config = config, .link = *m->recorded, .clock = m->clock});
    if (!keepers) {
        return fail(keepers.error());
    }
    m->fencer = std::make_unique<AttemptFencer>(*keepers, *m->recorded, *m->database, m->clock);
    m->taskKinds = connect::taskKindsOf(systems, config);
    m->flow = std::make_unique<flow::FlowEngine>(
        flow::FlowEngine::Options{.maxAttempts = config.maxAttempts,
                                  .manifestFolder = dir + QStringLiteral("/runs"),
                                  .logFolder = dir + QStringLiteral("/logs/runs")},
        *m->database, *m->fencer, m->taskKinds, m->clock);
    m->runners = connect::makeRunners(
        systems, {.config = config,
                  .workerProgram = m->options.workerProgram,
                  .engineId = m->engineId,
                  .stateDir = dir,
                  .link = *m->recorded,
                  .keyOf = [this](const QString& role) { return m->keys->currentOf(role); },
                  .vault = *m->vault,
                  .estate = *m->estate,
                  .clock = m->clock});
    m->runners.addTo(*m->flow);
    m->keys->setHolders(
        [this](const QString& role, int generation) { return m->runners.holders(role, generation); });
    m->cases = std::make_unique<CaseBook>(*m->database, m->clock);
    m->rules = std::make_unique<diagnosis::RuleBook>(connect::rulesOf(m->options.systems));
    m->doctor = std::make_unique<Doctor>(*m->rules, *m->flow, *m->estate, *m->connectors, *m->cases, *m->keys,
                                         *m->vault, m->clock);
    m->outages = std::make_unique<OutageWatch>(*m->rules, *m->estate, *m->flow, *m->cases,
                                               m->connectors->names(), m->clock);
    m->requests = std::make_unique<actions::RequestBook>(*m->database);
    m->keptActions = std::make_unique<actions::KeptActions>(*m->database);
    m->actions =
        std::make_unique<actions::ActionRunner>(*m->audit, *m->requests, m->clock, m->keptActions.get());
    m->resets = std::make_unique<ResetService>(*m->flow, *m->fencer, *m->cases, m->clock);
    m->resets->planner().setRemains(connect::makeRemainsFinders(systems, *m->recorded));
    m->resets->planner().setObstacle([this](const QString& connection) {
        return monitorsAgree(EstateFacts(*m->estate), connection, m->clock.nowMs());
    });
    m->flow->manifests().setOwner(m->database->opened().mark.id);
    if (auto loaded = loadParts(*m); !loaded) {
        return loaded;
    }
    compareFiles();
    watchFiles();
    connect(m->guard.get(), &StateGuard::changed, this, [this] {
        m->engineTopic->refresh();
        act();
    });
    m->keys->setActions(*m->actions);

    m->lag = std::make_unique<LoopLag>();
    m->runsTopic = std::make_unique<flow::RunsTopic>(*m->flow, m->clock);
    m->tasksTopic = std::make_unique<flow::TasksTopic>(*m->flow, m->clock);
    m->auditTopic = std::make_unique<AuditTopic>(*m->audit);
    m->engineTopic = std::make_unique<EngineTopic>([this] { return describe(); });
    m->methods = std::make_unique<rpc::MethodTable>();
    addTopicDocs(*m->methods, m->kinds);
    addFlowMethods(*m->methods, m.get());
    addResetMethods(*m->methods, m.get());
    addEngineMethods(*m->methods, [this] { return describe(); });
    addEstateMethods(*m->methods, m->estate.get(), m->kinds);
    addKeyMethods(*m->methods, m.get());
    addAuditMethods(*m->methods, m->audit.get());
    addStateMethods(*m->methods, m.get());
    addSystemActions(*m->methods, m->options.systems, m->actions.get(), m->recorded.get());
    m->methods->setGate([this] { return whyClosed(); });
    m->recorded->setGate(
        [this] { return m->guard->stops() ? std::optional(m->guard->refusal()) : std::nullopt; });
    return {};
}

std::optional<Error> Engine::whyClosed() const
{
    if (m->guard->stops()) {
        return m->guard->refusal();
    }
    return m->acts ? std::nullopt
                   : std::optional(Error{.code = ErrorCode::Unavailable,
                                         .message = QStringLiteral("The engine does not act yet"),
                                         .cause = QStringLiteral("it is still checking its own files"),
                                         .correction = QStringLiteral("Wait some seconds, then ask again."),
                                         .retryable = true,
                                         .source = QStringLiteral("sluiced")});
}

void Engine::compareFiles()
{
    for (const config::Connection& connection : m->options.config.connections) {
        for (const QString& keyring : connection.settings->privateFiles()) {
            const QString open = keyring.isEmpty() ? QString() : tooOpen(keyring);
            if (!open.isEmpty()) {
                m->guard->add({{.file = keyring, .what = open, .stops = false}},
                              StateGuard::Keep::UntilTheEnd);
            }
        }
    }
    const store::Database::Opened& opened = m->database->opened();
    m->guard->add(compareStateFiles({.state = opened.mark,
                                     .stateOutside = opened.outside,
                                     .stateByAudit = store::Mark::fromText(m->audit->witness()),
                                     .auditCut = m->audit->cut(),
                                     .auditCutFrom = m->audit->cutFrom(),
                                     .lastRun = m->flow->lastStored(),
                                     .lastManifest = m->flow->lastLeft(),
                                     .lostManifests = m->flow->lostManifests(),
                                     .production = m->options.config.profile.production}));
    m->guard->add(m->identity->findings());
}

void Engine::watchFiles()
{
    for (store::Database* database : {m->database.get(), &m->audit->database()}) {
        connect(database, &store::Database::stateChanged, this, [this, database] {
            if (const auto damage = database->state().damage) {
                m->guard->add({damagedWhileOpen(QFileInfo(damage->path).fileName(), damage->error)},
                              StateGuard::Keep::UntilTheEnd);
            }
        });
    }
}

void Engine::act()
{
    // Both checks are made off the main loop; a production profile waits for the whole chain.
    const bool waits = !m->filesChecked || (m->options.config.profile.production && !m->chainChecked);
    if (m->acts || !m->server || waits || m->guard->stops()) {
        return;
    }
    m->acts = true;
    m->identity->settle(*m->database);
    m->keys->start();
    m->fencer->start();
    m->flow->start();
    m->resets->start();
    m->actions->carryOn();
}

void Engine::checkFile(bool now)
{
    const auto check = [](store::Tx& tx) -> Result<void> {
        const QString damage = store::damageOf(tx);
        return damage.isEmpty() ? Result<void>()
                                : Result<void>(fail(Error{.code = ErrorCode::DataLoss, .message = damage}));
    };
    const auto checked = [this](const Result<void>& sound) {
        if (!sound) {
            m->guard->add(
                {{.file = QStringLiteral("state.db"), .what = sound.error().message, .stops = true}});
        }
        m->filesChecked = true;
        act();
    };
    if (now) {
        checked(m->database->readNow(check));
    } else {
        m->database->read(check, this, checked);
    }
}

void Engine::checkChain()
{
    checkFile(QFileInfo(m->database->file()).size() < kCheckedAtOnceBytes);
    m->audit->verify(this, [this](const Result<audit::AuditLog::Verification>& found) {
        const bool production = m->options.config.profile.production;
        if (found && !found->ok && m->audit->cut().isEmpty()) {
            m->guard->add({brokenChain(found->firstBadSeq, found->why, production)});
        }
        m->chainChecked = true;
        act();
    });
}

QString Engine::protocolMarkdown(const connect::Systems& systems)
{
    rpc::MethodTable table;
    const estate::EntityKinds kinds = connect::entityKindsOf(systems);
    addTopicDocs(table, kinds);
    addFlowMethods(table, nullptr);
    addResetMethods(table, nullptr);
    addEngineMethods(table, {});
    addEstateMethods(table, nullptr, kinds);
    addKeyMethods(table, nullptr);
    addAuditMethods(table, nullptr);
    addStateMethods(table, nullptr);
    addSystemActions(table, systems, nullptr, nullptr);
    return table.toMarkdown();
}

void Engine::importSecrets()
{
    for (const config::Connection& connection : m->options.config.connections) {
        const config::Settings::Secret secret = connection.settings->secret();
        if (secret.file.isEmpty()) {
            continue;
        }
        auto bytes = rpc::readPrivateFile(secret.file);
        auto kept = bytes ? m->secrets->put(secret.name, *bytes) : Result<void>(fail(bytes.error()));
        // A file that was taken over once may be gone.
        if (!kept && (kept.error().code != ErrorCode::NotFound || !m->secrets->get(secret.name))) {
            m->guard->add({{.file = secret.file,
                            .what = QStringLiteral("the secret of connection %1 is not taken from it: %2")
                                        .arg(connection.name, kept.error().toLine()),
                            .stops = false}},
                          StateGuard::Keep::UntilTheEnd);
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
                             .profile = QJsonObject{{"name", profile.name},
                                                    {"colour", profile.colour},
                                                    {"production", profile.production}},
                             .singlePerson = true,
                             .tokenPrincipal = {.name = m->principal,
                                                .role = rpc::Role::Admin,
                                                .via = QStringLiteral("token loopback")}},
        *m->methods,
        QList<LiveTopic*>{m->estate.get(), m->runsTopic.get(), m->tasksTopic.get(), m->cases.get(),
                          m->keys.get(), m->actions.get(), m->auditTopic.get(), m->engineTopic.get()},
        m->clock);
    auto port = m->server->listen();
    if (!port) {
        return port;
    }
    // An engine that ends orderly takes it away.
    m->crashedBefore = QFile::exists(rpc::endpointPath(dir));
    m->publication = std::make_unique<Publication>(
        m->lock, dir,
        rpc::Endpoint{.url = QUrl(QStringLiteral("ws://127.0.0.1:%1").arg(*port)),
                      .pid = QCoreApplication::applicationPid(),
                      .engineId = m->engineId,
                      .version = QStringLiteral(SLUICE_VERSION),
                      .token = QString::fromLatin1(*token)},
        [this](const QByteArray& renewed) { m->server->setOwnerToken(renewed); });
    m->auditTopic->start();
    m->actions->start();
    m->doctor->begin(m->crashedBefore);
    m->outages->start();
    m->health->start();
    m->connectors->start();
    checkChain();
    m->tick.setInterval(kTickMs);
    connect(&m->tick, &QTimer::timeout, this, &Engine::tick);
    m->tick.start();
    m->idleSinceMs = m->clock.monotonicMs();
    log::info("sluiced", QStringLiteral("engine %1 answers on 127.0.0.1:%2").arg(m->engineId).arg(*port));
    return port;
}

void Engine::tick()
{
    m->publication->check();
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
    const std::optional<Error> closed = whyClosed();
    const bool acting = writable && !closed;
    // A file that is found damaged is not writable either; the finding says more.
    const QString why = m->guard->stops() ? closed->toLine()
                        : !store.writable ? store.why
                        : !writable       ? QStringLiteral("the audit record cannot be written")
                        : closed          ? closed->toLine()
                                          : QString();
    QJsonArray findings;
    for (const StateFinding& finding : m->guard->findings()) {
        findings.append(finding.toJson());
    }
    const config::Profile& profile = m->options.config.profile;
    return {
        {"id", "engine"},
        {"version", QStringLiteral(SLUICE_VERSION)},
        {"engineId", m->engineId},
        {"startedAt", toRfc3339(m->startedAtMs)},
        {"startedAfterCrash", m->crashedBefore},
        {"profile",
         QJsonObject{{"name", profile.name}, {"colour", profile.colour}, {"production", profile.production}}},
        {"principal", m->principal},
        {"singlePerson", true},
        {"acting", acting},
        {"notActingWhy", why},
        {"stateFindings", findings},
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
    if (m->publication) {
        m->publication->end();
    }
    if (!m->server) {
        Q_EMIT finished();
        return;
    }
    connect(m->server.get(), &rpc::Server::stopped, this, [this] {
        connect(m->connectors.get(), &connect::Connectors::stopped, this, &Engine::finished,
                Qt::QueuedConnection);
        m->runners.stop(this, [this] { m->connectors->stop(); });
    });
    m->server->stop();
}

}  // namespace sluice::engine
