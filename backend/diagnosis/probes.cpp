#include <QtCore/QJsonArray>

#include "diagnosis/diagnose.h"
#include "diagnosis/gateway_view.h"
#include "diagnosis/scene.h"

namespace sluice::diagnosis {
namespace {

const QString kSessions = QStringLiteral("sessions");

/// The parsed report without judging its age: asking more than needed costs little.
Blocked reported(const TaskView& task)
{
    return Blocked::fromJson(task.blocked, 0);
}

/// Whether the rights or the key itself may be what is refused.
bool asksForTheKey(const TaskView& task, const Blocked& blocked)
{
    const bool refused =
        blocked.error.code == ErrorCode::PermissionDenied || blocked.error.code == ErrorCode::Unauthenticated;
    return !task.entity.isEmpty() &&
           (!blocked.any() || refused || blocked.what == QLatin1String("permission") || blocked.keyRefused());
}

QStringList clustersOf(const TaskView& task, const Blocked& blocked)
{
    QStringList clusters;
    for (const TouchedPool& touched : task.cephPools) {
        if (!touched.connection.isEmpty() && !clusters.contains(touched.connection)) {
            clusters.append(touched.connection);
        }
    }
    if (!blocked.cephPool.isEmpty() && !blocked.connection.isEmpty() &&
        !clusters.contains(blocked.connection)) {
        clusters.append(blocked.connection);
    }
    return clusters;
}

/// The OSDs that a hanging operation may wait for, as far as the first answers say.
QJsonArray osdsInTheWay(const Blocked& blocked, const FactSource& facts)
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

}  // namespace

QList<Probe> probesFor(const TaskView& task, const FactSource& facts)
{
    const Blocked blocked = reported(task);
    QList<Probe> probes;
    for (const QString& cluster : clustersOf(task, blocked)) {
        probes.append({.method = QStringLiteral("observe.now"), .connection = cluster});
        const bool here = blocked.connection.isEmpty() || blocked.connection == cluster;
        if (here && asksForTheKey(task, blocked)) {
            const QJsonObject entity{{"entity", task.entity}};
            probes.append({.method = QStringLiteral("auth.get"), .connection = cluster, .params = entity});
            if (blocked.keyRefused()) {
                probes.append(
                    {.method = QStringLiteral("key.probe"), .connection = cluster, .params = entity});
            }
        }
    }
    for (const TouchedBucket& bucket : task.buckets) {
        if (bucket.cluster.isEmpty()) {
            continue;
        }
        // Its gateway may hang, which the others need not wait for.
        probes.append({.method = QStringLiteral("observe.now"),
                       .connection = bucket.cluster,
                       .params = QJsonObject{{"kinds", QJsonArray{"cluster", "ceph-pool"}}}});
        probes.append({.method = QStringLiteral("observe.now"),
                       .connection = bucket.cluster,
                       .params = QJsonObject{{"kinds", QJsonArray{"gateway"}}}});
        probes.append({.method = QStringLiteral("s3.look"),
                       .connection = bucket.cluster,
                       .params = QJsonObject{{"connection", bucket.gateway}, {"bucket", bucket.bucket}}});
        for (const QString& cephPool : poolsBehind(facts, bucket)) {
            probes.append({.method = QStringLiteral("pool.pgs"),
                           .connection = bucket.cluster,
                           .params = QJsonObject{{"cephPool", cephPool}}});
        }
    }
    if (blocked.hasCephPool() && blocked.access() == Access::List) {
        probes.append({.method = QStringLiteral("pool.pgs"),
                       .connection = blocked.connection,
                       .params = QJsonObject{{"cephPool", blocked.cephPool}}});
    }
    if (blocked.hasObject()) {
        const QJsonObject object{{"cephPool", blocked.cephPool}, {"object", blocked.object}};
        probes.append(
            {.method = QStringLiteral("object.pg"), .connection = blocked.connection, .params = object});
        probes.append(
            {.method = QStringLiteral("lock.list"), .connection = blocked.connection, .params = object});
        if (blocked.what == QLatin1String("lock")) {
            probes.append({.method = kSessions, .connection = blocked.connection});
        }
    }
    return probes;
}

QList<Probe> followUpProbes(const TaskView& task, const FactSource& facts)
{
    const Blocked blocked = reported(task);
    QList<Probe> probes;
    if (const QJsonArray osds = osdsInTheWay(blocked, facts); !osds.isEmpty()) {
        probes.append({.method = QStringLiteral("osd.answers"),
                       .connection = blocked.connection,
                       .params = QJsonObject{{"osds", osds}}});
    }
    for (const TouchedBucket& bucket : task.buckets) {
        const bool hangs =
            blocked.connection == bucket.gateway &&
            (blocked.what == QLatin1String("timeout") || blocked.what == QLatin1String("gateway"));
        const QJsonArray osds = hangs ? osdsBehind(facts, bucket) : QJsonArray();
        if (!osds.isEmpty()) {
            probes.append({.method = QStringLiteral("osd.answers"),
                           .connection = bucket.cluster,
                           .params = QJsonObject{{"osds", osds}}});
        }
    }
    if (!blocked.hasObject()) {
        return probes;
    }
    const auto list = facts.fact(
        idOf(blocked.connection, QStringLiteral("lock-list"), blocked.cephPool + '/' + blocked.object));
    if (!list) {
        return probes;
    }
    QStringList addresses;
    for (const QJsonValue& lock : list->facts["locks"].toArray()) {
        for (const QJsonValue& holder : lock.toObject()["holders"].toArray()) {
            const QString address = holder.toObject()["address"].toString();
            if (!address.isEmpty() && !addresses.contains(address)) {
                addresses.append(address);
            }
        }
    }
    if (!addresses.isEmpty() && !facts.fact(idOf(blocked.connection, kSessions, blocked.connection))) {
        probes.append({.method = kSessions, .connection = blocked.connection});
    }
    for (const QString& address : addresses.mid(0, 8)) {
        probes.append({.method = QStringLiteral("blocklist.has"),
                       .connection = blocked.connection,
                       .params = QJsonObject{{"address", address}}});
    }
    return probes;
}

}  // namespace sluice::diagnosis
