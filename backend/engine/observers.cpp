#include "engine/observers.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <algorithm>

#include "core/log.h"
#include "engine/change_gate.h"
#include "keys/secret_store.h"
#include "store/database.h"
#include "store/row_reader.h"
#include "worker/supervisor.h"

namespace sluice::engine {

using estate::Entity;

namespace {

constexpr int kLeaseMs = 30'000;
constexpr int kTickMs = 1000;
constexpr int kReleaseMs = 3000;
/// A call may meet several timeouts of the cluster in a row, and the session and the lease end with their
/// worker: a late answer fails its own call only.
constexpr qint64 kGraceMs = 30'000;
/// What is told late by the machine's load alone.
constexpr qint64 kShowMs = 2000;
/// Monitors that hang are asked for seconds before the observer says so.
constexpr qint64 kLeastSilentMs = 15'000;
constexpr const char* kLeaseObject = "sluice.lease";

qint64 staleAfterMs(const config::Connection& connection)
{
    return 5 * connection.pollMs;
}

Error noCluster(const QString& connection)
{
    return Error{.code = ErrorCode::NotFound,
                 .message = QStringLiteral("There is no Ceph connection '%1'").arg(connection),
                 .cause = QStringLiteral("the engine's configuration does not name it"),
                 .correction = QStringLiteral("Add it to the configuration and start the engine again."),
                 .source = connection};
}

}  // namespace

struct Observers::Cluster {
    explicit Cluster(const config::Connection& connection)
        : config(&connection),
          gate(connection.name, std::max(staleAfterMs(connection) + kShowMs, kLeastSilentMs))
    {
    }

    const config::Connection* config{};
    std::unique_ptr<worker::Supervisor> supervisor{};
    QJsonArray monmap{};
    QString session{"connecting"};
    QJsonObject sessionError{};
    qint64 lastContactMs{};
    ChangeGate gate;
    QString version{};
    bool healthBelieved{false};
};

store::PartSchema Observers::schema()
{
    return {.part = QStringLiteral("observers"),
            .steps = {
                {.version = 1,
                 .statements = {QStringLiteral(
                     "CREATE TABLE monmap (connection TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")},
                 .inFileSince = 1}}};
}

Observers::Observers(QString workerProgram, QString engineId, const config::Config& config,
                     estate::Estate& estate, keys::SecretStore& secrets, store::Database& database,
                     const Clock& clock, QObject* parent)
    : QObject(parent),
      m_program(std::move(workerProgram)),
      m_engineId(std::move(engineId)),
      m_config(config),
      m_estate(estate),
      m_secrets(secrets),
      m_database(database),
      m_clock(clock)
{
    for (const config::Connection& connection : m_config.connections) {
        if (connection.type == QLatin1String("ceph")) {
            m_clusters.emplace(connection.name, std::make_unique<Cluster>(connection));
        }
    }
    m_tick.setInterval(kTickMs);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        for (auto& [name, cluster] : m_clusters) {
            show(*cluster);
        }
    });
}

Observers::~Observers() = default;

Result<void> Observers::load()
{
    return m_database.readNow([this](store::Tx& tx) {
        return store::readRows(tx, m_database.file(), QStringLiteral("monmap"),
                               QStringLiteral("SELECT connection, body FROM monmap"), {},
                               [this](store::RowReader& row) {
                                   const auto it = m_clusters.find(row.name(0));
                                   const QJsonArray monmap = row.array(1);
                                   if (it != m_clusters.end()) {
                                       it->second->monmap = monmap;
                                   }
                               });
    });
}

void Observers::start()
{
    for (auto& [name, item] : m_clusters) {
        Cluster& cluster = *item;
        cluster.supervisor = std::make_unique<worker::Supervisor>(
            worker::WorkerOptions{.program = m_program,
                                  .arguments = {QStringLiteral("observe")},
                                  .label = QStringLiteral("observe ") + name,
                                  .graceMs = kGraceMs},
            [this, &cluster] { return startParams(*cluster.config); }, m_clock);
        worker::Supervisor* supervisor = cluster.supervisor.get();
        connect(supervisor, &worker::Supervisor::event, this,
                [this, &cluster](const QString& event, const QJsonObject& params) {
                    onEvent(cluster, event, params);
                });
        connect(supervisor, &worker::Supervisor::logLine, this, [name = name](const QString& line) {
            log::info("observe", name + QStringLiteral(": ") + line);
        });
        connect(supervisor, &worker::Supervisor::down, this, [this, &cluster](const Error& error, qint64) {
            cluster.session = QStringLiteral("lost");
            cluster.sessionError = error.toJson();
            cluster.gate.leaseIs({{"state", "lost"}, {"error", error.toJson()}});
            log::warn("observe", cluster.config->name + QStringLiteral(": ") + error.toLine());
            Q_EMIT leaseChanged(cluster.config->name, QStringLiteral("lost"));
            show(cluster);
        });
        supervisor->start();
        show(cluster);
    }
    m_tick.start();
}

void Observers::stop()
{
    m_tick.stop();
    auto open = std::make_shared<qsizetype>(1);
    const auto finish = [this, open] {
        if (--*open == 0) {
            Q_EMIT stopped();
        }
    };
    for (auto& [name, cluster] : m_clusters) {
        ++*open;
        worker::Supervisor* supervisor = cluster->supervisor.get();
        disconnect(supervisor, &worker::Supervisor::down, this, nullptr);
        connect(supervisor, &worker::Supervisor::stopped, this, finish);
        if (cluster->gate.lease()["state"].toString() != QLatin1String("held")) {
            supervisor->stop();
            continue;
        }
        cluster->gate.leaseIs({{"state", "none"}});
        supervisor->call(
            QStringLiteral("lease.release"), {}, kReleaseMs, this,
            [supervisor](const Result<QJsonObject>&) { supervisor->stop(); }, worker::Effect::Mutates);
    }
    finish();
}

QJsonObject Observers::startParams(const config::Connection& connection)
{
    QJsonArray gateways;
    for (const QString& name : connection.gateways) {
        const config::Connection* gateway = m_config.connection(name);
        QJsonObject item{{"connection", name},
                         {"endpoint", gateway->endpoint},
                         {"region", gateway->region},
                         {"uid", gateway->uid}};
        if (auto secret = m_secrets.get(gateway->secret)) {
            const QList<QByteArray> lines = secret->trimmed().split('\n');
            item["accessKey"] = QString::fromLatin1(lines.value(0).trimmed());
            item["secretKey"] = QString::fromLatin1(lines.value(1).trimmed());
        } else {
            log::warn("observe", QStringLiteral("%1: %2").arg(name, secret.error().toLine()));
        }
        gateways.append(item);
    }
    return {{"connection", connection.name},
            {"conf", connection.conf},
            {"entity", connection.entity},
            {"keyring", connection.keyring},
            {"monmap", m_clusters.at(connection.name)->monmap},
            {"pollMs", connection.pollMs},
            {"gateways", gateways},
            {"lease", QJsonObject{{"cephPool", connection.cephPool},
                                  {"object", QLatin1String(kLeaseObject)},
                                  {"cookie", m_engineId},
                                  {"durationMs", kLeaseMs},
                                  {"engineId", m_engineId}}}};
}

void Observers::onEvent(Cluster& cluster, const QString& name, const QJsonObject& params)
{
    if (name == QLatin1String("facts")) {
        onFacts(cluster, params);
    } else if (name == QLatin1String("session")) {
        cluster.session = params["state"].toString();
        cluster.sessionError = params["error"].toObject();
        if (cluster.session == QLatin1String("connected")) {
            cluster.lastContactMs = m_clock.nowMs();
        }
        show(cluster);
    } else if (name == QLatin1String("monmap")) {
        cluster.monmap = params["mons"].toArray();
        saveMonmap(cluster);
    } else if (name == QLatin1String("lease")) {
        const QString before = cluster.gate.lease()["state"].toString();
        cluster.gate.leaseIs(params);
        if (before != params["state"].toString()) {
            log::info("lease",
                      QStringLiteral("%1: %2 %3")
                          .arg(cluster.config->name, params["state"].toString(), params["owner"].toString()));
            Q_EMIT leaseChanged(cluster.config->name, params["state"].toString());
        }
        show(cluster);
    }
}

void Observers::onFacts(Cluster& cluster, const QJsonObject& params)
{
    QList<Entity> entities;
    qint64 newest = 0;
    for (const QJsonValue& value : params["entities"].toArray()) {
        QJsonObject json = value.toObject();
        Entity entity = Entity::fromJson(json);
        entity.connection =
            entity.kind == QLatin1String("gateway") ? entity.id.section('/', 0, 0) : cluster.config->name;
        newest = qMax(newest, entity.observedAtMs);
        if (entity.kind == QLatin1String("cluster")) {
            const QString version = entity.facts["version"].toString();
            cluster.version = version.isEmpty() ? cluster.version : version;
            cluster.healthBelieved = entity.facts["healthBelieved"].toBool();
        } else if (entity.kind == QLatin1String("mon-quorum")) {
            cluster.gate.monitorsAre(entity.facts);
        }
        entities.append(std::move(entity));
    }
    cluster.gate.heard(m_clock.nowMs());
    // A time of the future is from before the clock was set back.
    if (newest > cluster.lastContactMs || cluster.lastContactMs > m_clock.nowMs()) {
        cluster.lastContactMs = newest;
    }
    m_estate.apply(cluster.config->name, entities, params["complete"].toVariant().toStringList());
    for (const QString& gateway : cluster.config->gateways) {
        showGateway(cluster, gateway);
    }
}

void Observers::saveMonmap(const Cluster& cluster)
{
    const QString body = QString::fromUtf8(QJsonDocument(cluster.monmap).toJson(QJsonDocument::Compact));
    m_database.write(
        [name = cluster.config->name, body](store::Tx& tx) {
            return tx.exec(QStringLiteral("INSERT OR REPLACE INTO monmap (connection, body) VALUES (?, ?)"),
                           {name, body});
        },
        this, [](const Result<void>&) {});
}

void Observers::show(Cluster& cluster)
{
    const bool connected = cluster.session == QLatin1String("connected");
    const qint64 limitMs = staleAfterMs(*cluster.config);
    const bool fresh = m_clock.nowMs() - cluster.lastContactMs < limitMs + kShowMs;
    const QString state = connected && fresh && cluster.healthBelieved ? QStringLiteral("up")
                          : fresh && cluster.lastContactMs > 0         ? QStringLiteral("degraded")
                          : cluster.lastContactMs == 0                 ? QStringLiteral("starting")
                                                                       : QStringLiteral("down");
    const auto may = mayAct(cluster.config->name);
    const estate::OldestFact oldest = m_estate.oldestFact(cluster.config->name, m_clock.nowMs());
    QJsonObject facts{{"type", "ceph"},
                      {"state", state},
                      {"version", cluster.version},
                      {"session", cluster.session},
                      {"lastContactAt", toRfc3339(cluster.lastContactMs)},
                      {"oldestFactAt", toRfc3339(oldest.observedAtMs)},
                      {"oldestFactStaleAfterMs", oldest.staleAfterMs},
                      {"staleAfterMs", limitMs},
                      {"lease", cluster.gate.lease()},
                      {"workerPid", cluster.supervisor ? cluster.supervisor->pid() : 0},
                      {"canAct", may.has_value()},
                      {"whyNot", may ? QString() : may.error().message}};
    if (!cluster.sessionError.isEmpty()) {
        facts["error"] = cluster.sessionError;
    }
    const QString& name = cluster.config->name;
    m_estate.upsert(Entity{.id = estate::entityId(name, QStringLiteral("connection"), name),
                           .connection = name,
                           .kind = QStringLiteral("connection"),
                           .name = name,
                           .source = QStringLiteral("sluiced"),
                           .observedAtMs = m_clock.nowMs(),
                           .facts = facts});
}

void Observers::showGateway(const Cluster& cluster, const QString& gateway)
{
    const auto fact = m_estate.entity(estate::entityId(gateway, QStringLiteral("gateway"), gateway));
    if (!fact) {
        return;
    }
    // One that answers and refuses, or waits for its cluster, is there all the same.
    const bool alive = fact->facts["alive"].toBool();
    QJsonObject facts{{"type", "s3"},
                      {"state", fact->facts["answers"].toBool() ? "up"
                                : alive                         ? "degraded"
                                                                : "down"},
                      {"lastContactAt", toRfc3339(fact->observedAtMs)},
                      {"oldestFactAt", toRfc3339(fact->observedAtMs)},
                      {"staleAfterMs", 10 * cluster.config->pollMs},
                      {"cluster", cluster.config->name}};
    if (fact->facts.contains(QLatin1String("error"))) {
        facts["error"] = fact->facts["error"];
    }
    m_estate.upsert(Entity{.id = estate::entityId(gateway, QStringLiteral("connection"), gateway),
                           .connection = gateway,
                           .kind = QStringLiteral("connection"),
                           .name = gateway,
                           .source = QStringLiteral("sluiced"),
                           .observedAtMs = fact->observedAtMs,
                           .facts = facts});
}

void Observers::call(const QString& connection, const QString& method, const QJsonObject& params,
                     int deadlineMs, bool mutating, Reply reply)
{
    const auto it = m_clusters.find(connection);
    if (it == m_clusters.end() || !it->second->supervisor) {
        reply(fail(Error{.code = it == m_clusters.end() ? ErrorCode::NotFound : ErrorCode::Unavailable,
                         .message = QStringLiteral("There is no Ceph connection '%1'").arg(connection),
                         .cause = QStringLiteral("the configuration names none, or it is not started yet"),
                         .correction = QStringLiteral("See the connections with: sluicectl estate."),
                         .source = connection}));
        return;
    }
    // Whoever asks: without the lease another engine may be acting on the same objects at this moment.
    // Attempts that run when it is lost go on: they write under fences of their own, and the new owner fences
    // what it takes over.
    if (mutating) {
        if (auto may = mayAct(connection); !may) {
            reply(fail(may.error()));
            return;
        }
    }
    Cluster& cluster = *it->second;
    // What a gateway answers says nothing about the cluster behind it.
    const bool tells = mutating && params["connection"].toString(connection) == connection;
    cluster.supervisor->call(
        method, params, deadlineMs, this,
        [this, &cluster, method, tells, reply = std::move(reply)](const Result<QJsonObject>& result) {
            if (tells) {
                cluster.gate.changeEnded(method, result, m_clock.nowMs());
                show(cluster);
            }
            reply(result);
        },
        mutating ? worker::Effect::Mutates : worker::Effect::Reads);
}

Result<void> Observers::mayAct(const QString& connection) const
{
    const auto it = m_clusters.find(connection);
    return it == m_clusters.end() ? Result<void>(fail(noCluster(connection)))
                                  : it->second->gate.mayChange(m_clock.nowMs());
}

Result<void> Observers::isLeader(const QString& connection) const
{
    const auto it = m_clusters.find(connection);
    return it == m_clusters.end() ? Result<void>(fail(noCluster(connection))) : it->second->gate.leads();
}

}  // namespace sluice::engine
