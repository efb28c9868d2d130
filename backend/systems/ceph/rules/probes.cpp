#include <QtCore/QJsonArray>

#include "systems/ceph/rules/gateway_view.h"
#include "systems/ceph/rules/rules.h"

namespace sluice::systems::ceph {
namespace {

using diagnosis::ProbeKind;

const QString kObserveNow = QStringLiteral("observe.now");
const QString kAuthGet = QStringLiteral("auth.get");
const QString kKeyProbe = QStringLiteral("key.probe");
const QString kLockList = QStringLiteral("lock.list");
const QString kObjectPg = QStringLiteral("object.pg");
const QString kPoolPgs = QStringLiteral("pool.pgs");
const QString kSessions = QStringLiteral("sessions");
const QString kBlocklistHas = QStringLiteral("blocklist.has");
const QString kOsdAnswers = QStringLiteral("osd.answers");
const QString kS3Look = QStringLiteral("s3.look");

/// The parsed report without judging its age: asking more than needed costs little.
CephBlocked reported(const TaskView& task)
{
    return CephBlocked(diagnosis::Blocked::fromJson(task.blocked, 0));
}

Fact made(const QString& kind, const QString& name, const QJsonObject& facts)
{
    return {.kind = kind, .name = name, .facts = facts};
}

QString objectOf(const Probe& probe)
{
    return probe.params["cephPool"].toString() + '/' + probe.params["object"].toString();
}

/// A question about the object that the task waits at.
QList<Probe> aboutObject(const TaskView& task, const QString& method)
{
    const CephBlocked blocked = reported(task);
    if (!blocked.hasObject()) {
        return {};
    }
    return {{.method = method,
             .connection = blocked.connection,
             .params = QJsonObject{{"cephPool", blocked.cephPool}, {"object", blocked.object}}}};
}

ProbeKind observation()
{
    return {
        .method = kObserveNow, .ask = [](const TaskView& task, const FactSource&) {
            QList<Probe> probes;
            for (const QString& cluster : clustersOf(cephPoolsOf(task), reported(task))) {
                probes.append({.method = kObserveNow, .connection = cluster});
            }
            for (const TouchedBucket& bucket : touchedBuckets(task)) {
                if (bucket.cluster.isEmpty()) {
                    continue;
                }
                // Its gateway may hang, which the others need not wait for.
                for (const QJsonArray& kinds : {QJsonArray{"cluster", "ceph-pool"}, QJsonArray{"gateway"}}) {
                    probes.append({.method = kObserveNow,
                                   .connection = bucket.cluster,
                                   .params = QJsonObject{{"kinds", kinds}}});
                }
            }
            return probes;
        }};
}

/// Where the rights of the task's entity, or its key itself, may be what is refused.
QList<Probe> aboutKey(const TaskView& task, const QString& method, bool onlyIfRefused)
{
    const CephBlocked blocked = reported(task);
    const ErrorCode code = blocked.error.code;
    const bool refused = code == ErrorCode::PermissionDenied || code == ErrorCode::Unauthenticated ||
                         blocked.what == QLatin1String("permission") || blocked.keyRefused();
    if (task.entity.isEmpty() || (onlyIfRefused ? !blocked.keyRefused() : blocked.any() && !refused)) {
        return {};
    }
    QList<Probe> probes;
    for (const QString& cluster : clustersOf(cephPoolsOf(task), blocked)) {
        if (blocked.connection.isEmpty() || blocked.connection == cluster) {
            probes.append({.method = method,
                           .connection = cluster,
                           .params = QJsonObject{{"entity", task.entity}},
                           .keyOf = onlyIfRefused ? task.entity : QString()});
        }
    }
    return probes;
}

ProbeKind caps()
{
    return {.method = kAuthGet,
            .ask = [](const TaskView& task, const FactSource&) { return aboutKey(task, kAuthGet, false); },
            .facts =
                [](const Probe& probe, const QJsonObject& reply) {
                    const QString entity = probe.params["entity"].toString();
                    return QList<Fact>{made(QStringLiteral("auth-entity"), entity,
                                            {{"entity", entity}, {"caps", reply["caps"]}})};
                },
            .errorFact = [](const Probe& probe, const Error& error) -> std::optional<Fact> {
                if (error.code != ErrorCode::NotFound) {
                    return std::nullopt;
                }
                const QString entity = probe.params["entity"].toString();
                return made(QStringLiteral("auth-entity"), entity, {{"entity", entity}, {"missing", true}});
            }};
}

ProbeKind key()
{
    return {.method = kKeyProbe,
            .ask = [](const TaskView& task, const FactSource&) { return aboutKey(task, kKeyProbe, true); },
            .facts =
                [](const Probe& probe, const QJsonObject& reply) {
                    return QList<Fact>{made(QStringLiteral("key-probe"), probe.params["entity"].toString(),
                                            {{"ok", reply["ok"].toBool()}})};
                }};
}

ProbeKind locks()
{
    return {.method = kLockList,
            .ask = [](const TaskView& task, const FactSource&) { return aboutObject(task, kLockList); },
            .facts =
                [](const Probe& probe, const QJsonObject& reply) {
                    QJsonObject list = reply;
                    list["cephPool"] = probe.params["cephPool"];
                    list["object"] = probe.params["object"];
                    QList<Fact> facts{made(QStringLiteral("lock-list"), objectOf(probe), list)};
                    for (const QJsonValue& lock : reply["locks"].toArray()) {
                        facts.append(made(QStringLiteral("lock"),
                                          objectOf(probe) + '/' + lock.toObject()["lock"].toString(),
                                          lock.toObject()));
                    }
                    return facts;
                }};
}

/// Addresses of those that hold a lock on the object the task waits at, as far as these were read.
QStringList holdersOf(const CephBlocked& blocked, const FactSource& facts)
{
    QStringList addresses;
    const auto list = blocked.hasObject() ? facts.fact(idOf(blocked.connection, QStringLiteral("lock-list"),
                                                            blocked.cephPool + '/' + blocked.object))
                                          : std::nullopt;
    for (const QJsonValue& lock : list ? list->facts["locks"].toArray() : QJsonArray()) {
        for (const QJsonValue& holder : lock.toObject()["holders"].toArray()) {
            const QString address = holder.toObject()["address"].toString();
            if (!address.isEmpty() && !addresses.contains(address)) {
                addresses.append(address);
            }
        }
    }
    return addresses;
}

ProbeKind sessions()
{
    return {.method = kSessions,
            .ask = [](const TaskView& task, const FactSource&) -> QList<Probe> {
                const CephBlocked blocked = reported(task);
                if (blocked.what != QLatin1String("lock") || !blocked.hasObject()) {
                    return {};
                }
                return {{.method = kSessions, .connection = blocked.connection}};
            },
            .askAfter = [](const TaskView& task, const FactSource& facts) -> QList<Probe> {
                const CephBlocked blocked = reported(task);
                if (holdersOf(blocked, facts).isEmpty() ||
                    facts.fact(idOf(blocked.connection, kSessions, blocked.connection))) {
                    return {};
                }
                return {{.method = kSessions, .connection = blocked.connection}};
            },
            .facts =
                [](const Probe& probe, const QJsonObject& reply) {
                    return QList<Fact>{made(kSessions, probe.connection, reply)};
                }};
}

ProbeKind blocklist()
{
    constexpr qsizetype kMostAsked = 8;
    return {.method = kBlocklistHas,
            .askAfter =
                [](const TaskView& task, const FactSource& facts) {
                    const CephBlocked blocked = reported(task);
                    QList<Probe> probes;
                    for (const QString& address : holdersOf(blocked, facts).mid(0, kMostAsked)) {
                        probes.append({.method = kBlocklistHas,
                                       .connection = blocked.connection,
                                       .params = QJsonObject{{"address", address}}});
                    }
                    return probes;
                },
            .facts =
                [](const Probe& probe, const QJsonObject& reply) {
                    const QString address = probe.params["address"].toString();
                    return QList<Fact>{made(QStringLiteral("blocklisted"), address,
                                            {{"address", address}, {"listed", reply["listed"]}})};
                }};
}

ProbeKind placementGroup()
{
    return {.method = kObjectPg,
            .ask = [](const TaskView& task, const FactSource&) { return aboutObject(task, kObjectPg); },
            .facts =
                [](const Probe& probe, const QJsonObject& reply) {
                    return QList<Fact>{made(QStringLiteral("object-pg"), objectOf(probe), reply)};
                }};
}

ProbeKind placementGroups()
{
    return {.method = kPoolPgs,
            .ask =
                [](const TaskView& task, const FactSource& facts) {
                    QList<Probe> probes;
                    const auto ask = [&probes](const QString& connection, const QString& cephPool) {
                        probes.append({.method = kPoolPgs,
                                       .connection = connection,
                                       .params = QJsonObject{{"cephPool", cephPool}}});
                    };
                    for (const TouchedBucket& bucket : touchedBuckets(task)) {
                        for (const QString& cephPool :
                             bucket.cluster.isEmpty() ? QStringList() : poolsBehind(facts, bucket)) {
                            ask(bucket.cluster, cephPool);
                        }
                    }
                    const CephBlocked blocked = reported(task);
                    if (blocked.hasCephPool() && blocked.access() == Access::List) {
                        ask(blocked.connection, blocked.cephPool);
                    }
                    return probes;
                },
            .facts =
                [](const Probe& probe, const QJsonObject& reply) {
                    return QList<Fact>{
                        made(QStringLiteral("pool-pgs"), probe.params["cephPool"].toString(), reply)};
                }};
}

/// The OSDs that a hanging operation may wait for, as far as the first answers say.
QJsonArray osdsInTheWay(const CephBlocked& blocked, const FactSource& facts)
{
    if (!blocked.hangs()) {
        return {};
    }
    const auto held =
        blocked.hasObject()
            ? facts.fact(idOf(blocked.connection, QStringLiteral("object-pg"),
                              blocked.cephPool + '/' + blocked.object))
            : facts.fact(idOf(blocked.connection, QStringLiteral("pool-pgs"), blocked.cephPool));
    return held ? held->facts[blocked.hasObject() ? "acting" : "osds"].toArray() : QJsonArray();
}

ProbeKind osds()
{
    return {.method = kOsdAnswers,
            .askAfter =
                [](const TaskView& task, const FactSource& facts) {
                    QList<Probe> probes;
                    const auto ask = [&probes](const QString& connection, const QJsonArray& osds) {
                        if (!osds.isEmpty()) {
                            probes.append({.method = kOsdAnswers,
                                           .connection = connection,
                                           .params = QJsonObject{{"osds", osds}}});
                        }
                    };
                    const CephBlocked blocked = reported(task);
                    ask(blocked.connection, osdsInTheWay(blocked, facts));
                    for (const TouchedBucket& bucket : touchedBuckets(task)) {
                        const bool hangs = blocked.connection == bucket.gateway &&
                                           (blocked.what == QLatin1String("timeout") ||
                                            blocked.what == QLatin1String("gateway"));
                        if (hangs) {
                            ask(bucket.cluster, osdsBehind(facts, bucket));
                        }
                    }
                    return probes;
                },
            .facts =
                [](const Probe&, const QJsonObject& reply) {
                    QList<Fact> facts;
                    for (const QJsonValue& osd : reply["osds"].toArray()) {
                        facts.append(made(QStringLiteral("osd-answer"), QString::number(osd["osd"].toInt()),
                                          {{"answers", osd["answers"]}}));
                    }
                    return facts;
                }};
}

ProbeKind bucket()
{
    return {.method = kS3Look,
            .ask =
                [](const TaskView& task, const FactSource&) {
                    QList<Probe> probes;
                    for (const TouchedBucket& one : touchedBuckets(task)) {
                        if (!one.cluster.isEmpty()) {
                            probes.append(
                                {.method = kS3Look,
                                 .connection = one.cluster,
                                 .params = QJsonObject{{"connection", one.gateway}, {"bucket", one.bucket}}});
                        }
                    }
                    return probes;
                },
            .facts =
                [](const Probe& probe, const QJsonObject& reply) {
                    Fact fact = made(kBucketKind, probe.params["bucket"].toString(), reply);
                    fact.connection = probe.params["connection"].toString();
                    fact.source = QStringLiteral("administration of %1").arg(fact.connection);
                    return QList<Fact>{fact};
                }};
}

}  // namespace

QList<ProbeKind> probeKinds()
{
    return {observation(),    caps(),  key(),      bucket(), placementGroups(),
            placementGroup(), locks(), sessions(), osds(),   blocklist()};
}

}  // namespace sluice::systems::ceph
