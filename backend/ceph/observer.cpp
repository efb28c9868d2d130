#include "ceph/observer.h"

#include <QtCore/QHash>
#include <algorithm>

#include "ceph/access_calls.h"
#include "ceph/access_facts.h"
#include "ceph/storage_facts.h"
#include "core/clock.h"

namespace sluice::ceph {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kShortestPause{50};
constexpr int kStoragePolls = 2;
constexpr int kRareTurns = 5;
/// A fact that was not renewed by so many looks is old.
constexpr int kMissedLooks = 5;
/// Flags of the OSD map are of now for so long at least; a slow answer alone does not make them unknown.
constexpr qint64 kFlagsGoodMs = 15'000;
/// Below this an upstream code is one of the transport.
constexpr int kFirstHttpStatus = 100;

const QStringList& monitorKinds()
{
    static const QStringList kinds{QStringLiteral("cluster"), QStringLiteral("mon-quorum"),
                                   QStringLiteral("mon"), QStringLiteral("pg-summary")};
    return kinds;
}

/// Polls between two looks at a kind; 0: it is looked at when somebody asks.
int pollsOf(const QString& kind)
{
    static const QHash<QString, int> polls{{QStringLiteral("cluster"), 1},
                                           {QStringLiteral("mon-quorum"), 1},
                                           {QStringLiteral("mon"), 1},
                                           {QStringLiteral("pg-summary"), 1},
                                           {QStringLiteral("ceph-pool"), kStoragePolls},
                                           {QStringLiteral("osd"), kStoragePolls},
                                           {QStringLiteral("health-check"), kStoragePolls},
                                           {QStringLiteral("gateway"), kStoragePolls},
                                           {QStringLiteral("auth-entity"), kStoragePolls * kRareTurns}};
    return polls.value(kind);
}

bool anyOf(const QStringList& asked, const QStringList& kinds)
{
    return asked.isEmpty() || std::any_of(asked.begin(), asked.end(),
                                          [&kinds](const QString& kind) { return kinds.contains(kind); });
}

}  // namespace

Observer::Observer(worker::ChildChannel& channel, GatewayAdminFactory makeGatewayAdmin)
    : m_channel(channel), m_makeGatewayAdmin(std::move(makeGatewayAdmin))
{
}

Observer::~Observer()
{
    if (m_session) {
        m_session->stop();
    }
}

Observer::Reply Observer::start(const Params& params)
{
    if (m_monitors) {
        return fail(Error{.code = ErrorCode::FailedPrecondition,
                          .message = QStringLiteral("The observer runs already"),
                          .cause = QStringLiteral("one worker observes one cluster"),
                          .correction = QStringLiteral("Start another worker"),
                          .source = QStringLiteral("ceph")});
    }
    for (const char* needed : {"connection", "conf", "entity"}) {
        if (params[QLatin1String(needed)].toString().isEmpty()) {
            return fail(Error{.code = ErrorCode::InvalidArgument,
                              .message = QStringLiteral("The observer cannot start"),
                              .cause = QStringLiteral("\"%1\" is missing").arg(QLatin1String(needed)),
                              .correction = QStringLiteral("Check this connection in sluice.yaml"),
                              .source = QStringLiteral("ceph")});
        }
    }
    m_connection = params["connection"].toString();
    m_poll = milliseconds(std::clamp<qint64>(params["pollMs"].toInteger(1000), 100, 60'000));
    const ClusterAccess access{.conf = params["conf"].toString(),
                               .entity = params["entity"].toString(),
                               .keyring = params["keyring"].toString(),
                               .key = params["key"].toString()};
    const QJsonArray gateways = params["gateways"].toArray();
    for (const QJsonValue& value : gateways) {
        const GatewayAccess gateway = GatewayAccess::fromJson(value.toObject());
        if (m_makeGatewayAdmin) {
            m_gateways[gateway.connection] = {.access = gateway, .admin = m_makeGatewayAdmin(gateway)};
        }
    }
    m_monitors = std::make_unique<MonWatch>(m_connection, access, monmapFromCache(params["monmap"].toArray()),
                                            [this](const QJsonArray& mons) {
                                                m_channel.event(QStringLiteral("monmap"), {{"mons", mons}});
                                            });
    m_session = std::make_unique<SessionKeeper>(
        access, [this](const QJsonObject& session) { m_channel.event(QStringLiteral("session"), session); });
    m_managerLoop = std::make_unique<LoopThread>([this] {
        const auto begun = SteadyClock::now();
        lookAtManager();
        return pauseSince(begun, 1);
    });
    m_storageLoop = std::make_unique<LoopThread>([this] {
        const auto begun = SteadyClock::now();
        lookAtStorage(false);
        return pauseSince(begun, kStoragePolls);
    });
    if (!m_gateways.empty()) {
        m_gatewayLoop = std::make_unique<LoopThread>([this] {
            const auto begun = SteadyClock::now();
            lookAtGateways();
            return pauseSince(begun, kStoragePolls);
        });
    }
    m_monitorLoop = std::make_unique<LoopThread>([this] {
        const auto begun = SteadyClock::now();
        lookAtMonitors();
        return pauseSince(begun, 1);
    });
    m_terms = LeaseTerms::fromJson(params["lease"].toObject());
    if (!m_terms.cephPool.isEmpty() && m_terms.durationMs > 0) {
        m_lease = std::make_unique<LeaseKeeper>(
            m_terms, [this] { return m_session->session(); },
            [this](const QJsonObject& lease) { m_channel.event(QStringLiteral("lease"), lease); },
            [this](const std::shared_ptr<RadosSession>& session) { m_session->replace(session); });
    }
    m_session->start([this] {
        m_monitorLoop->poke();
        if (m_lease) {
            m_lease->poke();
        }
    });
    return QJsonObject();
}

void Observer::lookAtMonitors()
{
    const std::lock_guard turn(m_monitorsTurn);
    const std::shared_ptr<RadosSession> session = m_session->session();
    const MonWatch::Seen seen = m_monitors->look(session.get());
    const bool believed = !seen.status.isEmpty();
    if (session && believed) {
        m_session->answered();
    } else if (session && seen.silence) {
        m_session->silent(*seen.silence);
    }
    if (believed) {
        const std::lock_guard lock(m_lock);
        m_fsid = seen.status["fsid"].toString();
    }
    QList<Fact> facts = seen.facts;
    QStringList complete{QStringLiteral("mon-quorum"), QStringLiteral("mon")};
    Fact cluster = clusterFact(m_connection, seen.status, believed, extras());
    const ManagerWatch::Figures figures = m_manager.figures();
    if (believed && figures.madeAtMs > 0) {
        facts.append(pgSummary(m_connection, seen.status));
        facts.last().observedAtMs = figures.madeAtMs;
    }
    if (!believed) {
        const std::lock_guard lock(m_lock);
        cluster.source = QStringLiteral("monitor probes");
        cluster.facts["fsid"] = m_fsid;
    }
    facts.append(cluster);
    emitFacts(facts, complete);
    if (!m_believed.exchange(believed) && believed) {
        m_managerLoop->poke();
        m_storageLoop->poke();
    }
}

/// On a thread of its own, for a manager that hangs answers nobody.
void Observer::lookAtManager()
{
    const std::shared_ptr<RadosSession> session = m_session->session();
    if (!session || !m_believed) {
        return;
    }
    const bool first = m_manager.figures().madeAtMs == 0;
    m_manager.heard(session->monJson({{"prefix", "pg dump"}, {"dumpcontents", QJsonArray{"sum"}}},
                                     {.what = QStringLiteral("ask the manager how old its figures are")}),
                    SystemClock().nowMs());
    if (first && m_manager.figures().madeAtMs > 0) {
        m_monitorLoop->poke();
        m_storageLoop->poke();
    }
}

void Observer::lookAtStorage(bool everything)
{
    // Not only below: who holds the turn may be waiting for monitors that do not answer.
    if (!m_believed) {
        return;
    }
    const std::lock_guard turn(m_storageTurn);
    const std::shared_ptr<RadosSession> session = m_session->session();
    if (!session || !m_believed) {
        return;
    }
    const auto ask = [&session](const char* command, QJsonObject arguments = {}) {
        arguments["prefix"] = QLatin1String(command);
        return session->monJson(arguments,
                                {.what = QStringLiteral("read \"%1\"").arg(QLatin1String(command))});
    };
    QList<Fact> facts;
    QStringList complete;
    const auto take = [&facts, &complete](const char* kind, const QList<Fact>& list) {
        facts += list;
        complete.append(QLatin1String(kind));
    };
    const Result<QJsonObject> dump = ask("osd dump");
    m_flags.heard(dump, SystemClock().nowMs());
    const Result<QJsonObject> mgr = ask("mgr stat");
    const ManagerWatch::Figures figures = m_manager.figures();
    const bool mgrServes = mgr && (*mgr)["available"].toBool() && figures.answers;
    if (dump) {
        const Result<QJsonObject> df = ask("df", {{"detail", "detail"}});
        take("ceph-pool", cephPoolFacts(*dump, df.value_or(QJsonObject()), figures.madeAtMs));
    }
    if (const Result<QJsonObject> tree = ask("osd tree")) {
        // The manager serves `osd df`: without one the question would only run into its deadline.
        take("osd", osdFacts(*tree, mgrServes ? ask("osd df").value_or(QJsonObject()) : QJsonObject()));
    }
    if (const Result<QJsonObject> health = ask("health", {{"detail", "detail"}})) {
        QList<Fact> checks = healthChecks(*health);
        for (Fact& check : checks) {
            if (isOfManager(check.name)) {
                check.observedAtMs = figures.madeAtMs;
            }
        }
        take("health-check", checks);
    }
    QString version;
    if (everything || m_storageTurns % kRareTurns == 0) {
        if (const Result<QJsonObject> auth = ask("auth ls")) {
            take("auth-entity", authEntities(*auth));
        }
        version = clusterVersion(ask("versions").value_or(QJsonObject()));
    }
    // What was read between the loss of the quorum and its discovery is not of now.
    if (m_monitors->majorityRefuses() || !m_believed) {
        return;
    }
    ++m_storageTurns;
    {
        const std::lock_guard lock(m_lock);
        m_extras.mgrName = mgr ? (*mgr)["active_name"].toString() : m_extras.mgrName;
        m_extras.version = version.isEmpty() ? m_extras.version : version;
    }
    emitFacts(facts, complete);
}

void Observer::lookAtGateways()
{
    // A gateway that hangs takes seconds: whoever comes meanwhile gets the facts of the look under way.
    const std::unique_lock turn(m_gatewaysTurn, std::try_to_lock);
    if (!turn.owns_lock()) {
        return;
    }
    for (auto& [name, gateway] : m_gateways) {
        const Result<qint64> took = gateway.admin->probe();
        const int code = took || !took.error().upstream ? 0 : took.error().upstream->code;
        const int status = code >= kFirstHttpStatus ? code : 0;
        // It may be there and wait for its cluster.
        const bool alive = took || status > 0 || gateway.admin->ping();
        {
            const std::lock_guard lock(m_lock);
            gateway.silent = !took && status == 0;
        }
        if (took && gateway.looks++ % kRareTurns == 0) {
            gateway.placements = gateway.admin->placements().value_or(gateway.placements);
        }
        Fact fact{.kind = QStringLiteral("gateway"),
                  .name = name,
                  .source = gateway.access.endpoint,
                  .facts = {{"endpoint", gateway.access.endpoint},
                            {"cluster", m_connection},
                            {"answers", took.has_value()},
                            {"alive", alive},
                            {"status", status},
                            {"placements", gateway.placements},
                            {"probeMs", took.value_or(0)}}};
        if (!took) {
            fact.facts["error"] = took.error().toJson();
        }
        emitEntities({entity(name, fact)}, {});
    }
}

Observer::Reply Observer::observeNow(const Params& params)
{
    const QStringList kinds = params["kinds"].toVariant().toStringList();
    const bool auth = kinds.contains(QLatin1String("auth-entity"));
    if (anyOf(kinds, monitorKinds())) {
        lookAtMonitors();
    }
    if (auth ||
        anyOf(kinds, {QStringLiteral("osd"), QStringLiteral("ceph-pool"), QStringLiteral("health-check")})) {
        lookAtStorage(auth || kinds.isEmpty());
    }
    if (anyOf(kinds, {QStringLiteral("gateway")})) {
        lookAtGateways();
    }
    return QJsonObject();
}

Observer::Reply Observer::listLocksOf(RadosSession& session, const QString& cephPool, const QString& object)
{
    const Result<QList<Fact>> found = listLocks(session, cephPool, object, census(session));
    if (!found) {
        return fail(found.error());
    }
    QJsonArray locks;
    QJsonArray entities;
    for (const Fact& fact : *found) {
        locks.append(fact.facts);
        entities.append(entity(m_connection, fact));
    }
    QJsonArray all;
    {
        // The engine keeps what was said of other objects, so it is told all that is known when one changes.
        const std::lock_guard lock(m_lock);
        m_locks[cephPool + '/' + object] = entities;
        for (const auto& [key, known] : m_locks) {
            for (const QJsonValue& value : known) {
                all.append(value);
            }
        }
        if (entities.isEmpty()) {
            m_locks.erase(cephPool + '/' + object);
        }
    }
    emitEntities(all, {QStringLiteral("lock")});
    return QJsonObject{{"locks", locks}};
}

SessionCensus Observer::census(const RadosSession& session) const
{
    // A monitor outside a quorum lets nobody in to ask it: that would only run into the deadline.
    return takeCensus(session, m_believed ? m_monitors->answering() : QStringList(),
                      int(m_monitors->names().size()));
}

ClusterExtras Observer::extras() const
{
    const std::lock_guard lock(m_lock);
    ClusterExtras extras = m_extras;
    extras.sessionState = m_session->state();
    extras.flags = m_flags.flags(
        SystemClock().nowMs(), std::max<qint64>(kFlagsGoodMs, kMissedLooks * kStoragePolls * m_poll.count()));
    return extras;
}

QJsonObject Observer::entity(const QString& connection, const Fact& fact) const
{
    return {{"id", QStringLiteral("%1/%2/%3").arg(connection, fact.kind, fact.name)},
            {"kind", fact.kind},
            {"name", fact.name},
            {"source", fact.source},
            {"observedAt", toRfc3339(fact.observedAtMs.value_or(SystemClock().nowMs()))},
            {"staleAfterMs", kMissedLooks * pollsOf(fact.kind) * qint64(m_poll.count())},
            {"facts", fact.facts}};
}

void Observer::emitFacts(const QList<Fact>& facts, const QStringList& complete)
{
    QJsonArray entities;
    for (const Fact& fact : facts) {
        entities.append(entity(m_connection, fact));
    }
    emitEntities(entities, complete);
}

void Observer::emitEntities(const QJsonArray& entities, const QStringList& complete)
{
    m_channel.event(QStringLiteral("facts"),
                    {{"entities", entities}, {"complete", QJsonArray::fromStringList(complete)}});
}

milliseconds Observer::pauseSince(SteadyClock::time_point begun, int polls) const
{
    const auto took = std::chrono::duration_cast<milliseconds>(SteadyClock::now() - begun);
    return std::max(kShortestPause, m_poll * polls - took);
}

}  // namespace sluice::ceph
