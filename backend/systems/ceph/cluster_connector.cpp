#include "systems/ceph/cluster_connector.h"

#include <QtCore/QJsonDocument>
#include <algorithm>

#include "core/log.h"
#include "store/database.h"
#include "store/row_reader.h"
#include "systems/ceph/rules/health_words.h"
#include "systems/ceph/settings.h"
#include "worker/supervisor.h"

namespace sluice::systems::ceph {

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

qint64 staleAfterMs(const ClusterSettings& settings)
{
    return 5 * settings.pollMs;
}

}  // namespace

store::PartSchema ClusterConnector::schema()
{
    return {.part = QStringLiteral("observers"),
            .steps = {
                {.version = 1,
                 .statements = {QStringLiteral(
                     "CREATE TABLE monmap (connection TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")},
                 .inFileSince = 1}}};
}

ClusterConnector::ClusterConnector(Options options, store::Database& database, const Clock& clock,
                                   QObject* parent)
    : Connector(options.connection, parent),
      m_options(std::move(options)),
      m_database(database),
      m_clock(clock),
      m_gate(connection(), std::max(staleAfterMs(*m_options.settings) + kShowMs, kLeastSilentMs))
{
    m_tick.setInterval(kTickMs);
    connect(&m_tick, &QTimer::timeout, this, &Connector::statusChanged);
}

ClusterConnector::~ClusterConnector() = default;

Result<void> ClusterConnector::load()
{
    return m_database.readNow([this](store::Tx& tx) {
        return store::readRows(tx, m_database.file(), QStringLiteral("monmap"),
                               QStringLiteral("SELECT connection, body FROM monmap"), {},
                               [this](store::RowReader& row) {
                                   const QString name = row.name(0);
                                   const QJsonArray monmap = row.array(1);
                                   if (name == connection()) {
                                       m_monmap = monmap;
                                   }
                               });
    });
}

void ClusterConnector::start()
{
    m_supervisor = std::make_unique<worker::Supervisor>(
        worker::WorkerOptions{.program = m_options.workerProgram,
                              .arguments = {QStringLiteral("observe")},
                              .label = QStringLiteral("observe ") + connection(),
                              .graceMs = kGraceMs},
        [this] { return startParams(); }, m_clock);
    worker::Supervisor* supervisor = m_supervisor.get();
    connect(supervisor, &worker::Supervisor::event, this, &ClusterConnector::onEvent);
    connect(supervisor, &worker::Supervisor::logLine, this, [this](const QString& line) {
        log::info("observe", connection() + QStringLiteral(": ") + line);
    });
    connect(supervisor, &worker::Supervisor::down, this, [this](const Error& error, qint64) {
        m_session = QStringLiteral("lost");
        m_sessionError = error.toJson();
        m_gate.leaseIs({{"state", "lost"}, {"error", error.toJson()}});
        log::warn("observe", connection() + QStringLiteral(": ") + error.toLine());
        Q_EMIT leaseChanged(QStringLiteral("lost"));
        Q_EMIT statusChanged();
    });
    supervisor->start();
    Q_EMIT statusChanged();
    m_tick.start();
}

void ClusterConnector::stop()
{
    m_tick.stop();
    worker::Supervisor* supervisor = m_supervisor.get();
    if (!supervisor) {
        Q_EMIT stopped();
        return;
    }
    disconnect(supervisor, &worker::Supervisor::down, this, nullptr);
    connect(supervisor, &worker::Supervisor::stopped, this, &Connector::stopped);
    if (m_gate.lease()["state"].toString() != QLatin1String("held")) {
        supervisor->stop();
        return;
    }
    m_gate.leaseIs({{"state", "none"}});
    supervisor->call(
        QStringLiteral("lease.release"), {}, kReleaseMs, this,
        [supervisor](const Result<QJsonObject>&) { supervisor->stop(); }, worker::Effect::Mutates);
}

QJsonObject ClusterConnector::startParams() const
{
    const ClusterSettings& settings = *m_options.settings;
    return {{"connection", connection()},
            {"conf", settings.conf},
            {"entity", settings.entity},
            {"keyring", settings.keyring},
            {"monmap", m_monmap},
            {"pollMs", settings.pollMs},
            {"gateways", m_options.gateways ? m_options.gateways() : QJsonArray()},
            {"lease", QJsonObject{{"cephPool", settings.cephPool},
                                  {"object", QLatin1String(kLeaseObject)},
                                  {"cookie", m_options.engineId},
                                  {"durationMs", kLeaseMs},
                                  {"engineId", m_options.engineId}}}};
}

void ClusterConnector::onEvent(const QString& name, const QJsonObject& params)
{
    if (name == QLatin1String("facts")) {
        onFacts(params);
    } else if (name == QLatin1String("session")) {
        m_session = params["state"].toString();
        m_sessionError = params["error"].toObject();
        if (m_session == QLatin1String("connected")) {
            m_lastContactMs = m_clock.nowMs();
        }
        Q_EMIT statusChanged();
    } else if (name == QLatin1String("monmap")) {
        m_monmap = params["mons"].toArray();
        saveMonmap();
    } else if (name == QLatin1String("lease")) {
        const QString before = m_gate.lease()["state"].toString();
        m_gate.leaseIs(params);
        if (before != params["state"].toString()) {
            log::info("lease",
                      QStringLiteral("%1: %2 %3")
                          .arg(connection(), params["state"].toString(), params["owner"].toString()));
            Q_EMIT leaseChanged(params["state"].toString());
        }
        Q_EMIT statusChanged();
    }
}

void ClusterConnector::onFacts(const QJsonObject& params)
{
    connect::Observation seen{.complete = params["complete"].toVariant().toStringList()};
    QList<Entity> gateways;
    qint64 newest = 0;
    for (const QJsonValue& value : params["entities"].toArray()) {
        Entity entity = Entity::fromJson(value.toObject());
        newest = qMax(newest, entity.observedAtMs);
        if (entity.kind == QLatin1String("gateway")) {
            entity.connection = entity.id.section('/', 0, 0);
            gateways.append(std::move(entity));
            continue;
        }
        entity.connection = connection();
        if (entity.kind == QLatin1String("cluster")) {
            const QString version = entity.facts["version"].toString();
            m_version = version.isEmpty() ? m_version : version;
            m_healthBelieved = entity.facts["healthBelieved"].toBool();
        } else if (entity.kind == QLatin1String("mon-quorum")) {
            m_gate.monitorsAre(entity.facts);
        }
        seen.entities.append(std::move(entity));
    }
    m_gate.heard(m_clock.nowMs());
    // A time of the future is from before the clock was set back.
    if (newest > m_lastContactMs || m_lastContactMs > m_clock.nowMs()) {
        m_lastContactMs = newest;
    }
    Q_EMIT observed(seen);
    for (const Entity& entity : gateways) {
        Q_EMIT gatewayObserved(entity.connection, entity);
    }
}

void ClusterConnector::saveMonmap()
{
    const QString body = QString::fromUtf8(QJsonDocument(m_monmap).toJson(QJsonDocument::Compact));
    m_database.write(
        [name = connection(), body](store::Tx& tx) {
            return tx.exec(QStringLiteral("INSERT OR REPLACE INTO monmap (connection, body) VALUES (?, ?)"),
                           {name, body});
        },
        this, [](const Result<void>&) {});
}

connect::Status ClusterConnector::status() const
{
    const bool connected = m_session == QLatin1String("connected");
    const qint64 limitMs = staleAfterMs(*m_options.settings);
    const bool fresh = m_clock.nowMs() - m_lastContactMs < limitMs + kShowMs;
    const QString state = connected && fresh && m_healthBelieved ? QStringLiteral("up")
                          : fresh && m_lastContactMs > 0         ? QStringLiteral("degraded")
                          : m_lastContactMs == 0                 ? QStringLiteral("starting")
                                                                 : QStringLiteral("down");
    const auto may = mayAct();
    QJsonObject facts{{"type", "ceph"},
                      {"title", "Ceph"},
                      {"state", state},
                      {"version", m_version},
                      {"session", m_session},
                      {"lastContactAt", toRfc3339(m_lastContactMs)},
                      {"staleAfterMs", limitMs},
                      {"lease", m_gate.lease()},
                      {"workerPid", m_supervisor ? m_supervisor->pid() : 0},
                      {"canAct", may.has_value()},
                      {"whyNot", may ? QString() : may.error().message}};
    if (!m_sessionError.isEmpty()) {
        facts["error"] = m_sessionError;
    }
    return {.facts = facts, .observedAtMs = m_clock.nowMs()};
}

QJsonObject ClusterConnector::healthWords(const diagnosis::FactSource& facts, qint64 nowMs) const
{
    return systems::ceph::healthWords(facts, connection(), nowMs).toJson();
}

QStringList ClusterConnector::healthKinds() const
{
    return {QStringLiteral("mon-quorum"), QStringLiteral("pg-summary")};
}

void ClusterConnector::call(const QString& method, const QJsonObject& params, int deadlineMs, bool mutating,
                            connect::Link::Reply reply)
{
    if (!m_supervisor) {
        reply(fail(Error{.code = ErrorCode::Unavailable,
                         .message = QStringLiteral("Connection '%1' takes no calls yet").arg(connection()),
                         .cause = QStringLiteral("it is not started yet"),
                         .correction = QStringLiteral("See the connections with: sluicectl estate."),
                         .retryable = true,
                         .source = connection()}));
        return;
    }
    // Whoever asks: without the lease another engine may be acting on the same objects at this moment.
    // Attempts that run when it is lost go on: they write under fences of their own, and the new owner fences
    // what it takes over.
    if (mutating) {
        if (auto may = mayAct(); !may) {
            reply(fail(may.error()));
            return;
        }
    }
    // What a gateway answers says nothing about the cluster behind it.
    const bool tells = mutating && params["connection"].toString(connection()) == connection();
    m_supervisor->call(
        method, params, deadlineMs, this,
        [this, method, tells, reply = std::move(reply)](const Result<QJsonObject>& result) {
            if (tells) {
                m_gate.changeEnded(method, result, m_clock.nowMs());
                Q_EMIT statusChanged();
            }
            reply(result);
        },
        mutating ? worker::Effect::Mutates : worker::Effect::Reads);
}

Result<void> ClusterConnector::mayAct() const
{
    return m_gate.mayChange(m_clock.nowMs());
}

Result<void> ClusterConnector::isLeader() const
{
    return m_gate.leads();
}

}  // namespace sluice::systems::ceph
