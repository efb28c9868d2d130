#include "systems/ceph/rules/health_words.h"

#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QRegularExpression>
#include <algorithm>

#include "core/units.h"
#include "systems/ceph/rules/ceph_scene.h"

namespace sluice::systems::ceph {
namespace {

const QString kUnknown = QStringLiteral("unknown");

/// The facts of one cluster with the question whether they are young enough.
struct Cluster {
    const FactSource& facts;
    QString connection;
    qint64 nowMs;

    std::optional<Fact> one(const QString& kind) const
    {
        return facts.fact(idOf(connection, kind, connection));
    }
    bool fresh(const std::optional<Fact>& fact) const { return fact && isFresh(fact->observedAtMs, nowMs); }
    QList<Fact> freshOf(const QString& kind) const
    {
        QList<Fact> found;
        for (const Fact& fact : facts.ofKind(connection, kind)) {
            if (isFresh(fact.observedAtMs, nowMs)) {
                found.append(fact);
            }
        }
        std::sort(found.begin(), found.end(), [](const Fact& a, const Fact& b) { return a.id < b.id; });
        return found;
    }
    QString why(const std::optional<Fact>& fact, const QString& what) const
    {
        if (!fact || fact->observedAtMs <= 0 || fact->observedAtMs > nowMs) {
            return QStringLiteral("%1: not read yet").arg(what);
        }
        return QStringLiteral("%1: last read %2 ago").arg(what, formatDuration(nowMs - fact->observedAtMs));
    }
};

/// PGs in whose state something is: a stale one is clean as of long ago.
int countWith(const Fact& pgs, const QString& flag)
{
    int count = 0;
    const QJsonObject byState = pgs.facts["byState"].toObject();
    for (auto it = byState.begin(); it != byState.end(); ++it) {
        count += it.key().split('+').contains(flag) ? it->toInt() : 0;
    }
    return count;
}

int downOsds(const Cluster& cluster)
{
    int down = 0;
    for (const Fact& osd : cluster.freshOf(QStringLiteral("osd"))) {
        down += osd.facts["up"].toBool(true) ? 0 : 1;
    }
    return down;
}

bool noOsdIsUp(const Cluster& cluster)
{
    const auto status = cluster.one(QStringLiteral("cluster"));
    return cluster.fresh(status) && status->facts["osdsTotal"].toInt() > 0 &&
           status->facts["osdsUp"].toInt() == 0;
}

/// PGs that do not serve by the id of their Ceph pool, as far as the health check lists them.
QHash<int, int> pgsNotServedByPool(const Cluster& cluster)
{
    static const QRegularExpression line(QStringLiteral("^pg (\\d+)\\.[0-9a-f]+ is "));
    QHash<int, int> count;
    for (const Fact& check : cluster.freshOf(QStringLiteral("health-check"))) {
        if (check.facts["check"].toString(check.name) != QLatin1String("PG_AVAILABILITY")) {
            continue;
        }
        for (const QJsonValue& detail : check.facts["detail"].toArray()) {
            if (const auto match = line.match(detail.toString()); match.hasMatch()) {
                ++count[match.captured(1).toInt()];
            }
        }
    }
    return count;
}

HealthWord availability(const Cluster& cluster, const Fact& pgs)
{
    const auto status = cluster.one(QStringLiteral("cluster"));
    QStringList trouble;
    if (cluster.fresh(status)) {
        for (const QJsonValue& flag : status->facts["flags"].toArray()) {
            const QString name = flag.toString();
            if (name == QLatin1String("pauserd") || name == QLatin1String("pausewr") ||
                name == QLatin1String("full")) {
                trouble.append(QStringLiteral("flag %1 is set").arg(name));
            }
        }
    }
    const int total = pgs.facts["total"].toInt();
    const int stale = countWith(pgs, QStringLiteral("stale"));
    const int inactive = std::max(pgs.facts["inactive"].toInt(), stale);
    const QString unreported =
        stale > 0 ? QStringLiteral(" (%1 stale: every OSD that held them is gone)").arg(stale) : QString();
    if (inactive > 0 && inactive >= total) {
        return {QStringLiteral("unavailable"),
                QStringLiteral("None of %1 PGs is active%2").arg(total).arg(unreported)};
    }
    if (inactive > 0) {
        trouble.prepend(QStringLiteral("%1 of %2 PGs are not active: reads and writes there wait%3")
                            .arg(inactive)
                            .arg(total)
                            .arg(unreported));
    }
    const QHash<int, int> notServed = pgsNotServedByPool(cluster);
    for (const Fact& cephPool : cluster.freshOf(QStringLiteral("ceph-pool"))) {
        const int all = cephPool.facts["pgNum"].toInt();
        if (all > 0 && notServed.value(cephPool.facts["poolId"].toInt()) >= all) {
            trouble.append(QStringLiteral("Ceph pool %1 is unavailable").arg(cephPool.name));
        }
        if (cephPool.facts["full"].toBool() || cephPool.facts["fullQuota"].toBool()) {
            trouble.append(cephPool.facts["fullQuota"].toBool()
                               ? QStringLiteral("Ceph pool %1 is at its quota").arg(cephPool.name)
                               : QStringLiteral("Ceph pool %1 is full").arg(cephPool.name));
        }
    }
    if (trouble.isEmpty()) {
        return {QStringLiteral("available"), QStringLiteral("All %1 PGs are active").arg(total)};
    }
    return {QStringLiteral("partly"), trouble.join(QStringLiteral("; "))};
}

/// How many OSDs the Ceph pool that endures least can lose: all but one copy, or the coding chunks.
struct Endurance {
    QStringList single{};        ///< keep one copy only
    std::optional<int> least{};  ///< of the others
};

Endurance enduranceOf(const Cluster& cluster)
{
    Endurance endurance;
    for (const Fact& cephPool : cluster.freshOf(QStringLiteral("ceph-pool"))) {
        const int size = cephPool.facts["size"].toInt();
        if (size <= 0 || cephPool.facts["internal"].toBool()) {
            continue;
        }
        const int losses = size - cephPool.facts["dataChunks"].toInt(1);
        if (losses <= 0) {
            endurance.single.append(cephPool.name);
        } else {
            endurance.least = std::min(losses, endurance.least.value_or(losses));
        }
    }
    return endurance;
}

/// How many more failures the most endangered data endures, as far as the sums tell.
HealthWord redundancy(const Cluster& cluster, const Fact& pgs)
{
    const int undersized = pgs.facts["undersized"].toInt();
    const qint64 degraded = pgs.facts["degradedObjects"].toInteger();
    const qint64 unfound = pgs.facts["unfoundObjects"].toInteger();
    const int stale = countWith(pgs, QStringLiteral("stale"));
    if (unfound > 0) {
        return {QStringLiteral("lost"),
                QStringLiteral("%1 objects have no copy that can be found").arg(formatCount(unfound))};
    }
    if (stale > 0) {
        return {QStringLiteral("none left"), QStringLiteral("%1 PGs have no OSD left that is up").arg(stale)};
    }
    const Endurance endurance = enduranceOf(cluster);
    if (undersized > 0 || degraded > 0) {
        // Objects can be degraded while their PG has all its OSDs: then only the catching up is missing.
        const int lost = undersized > 0 ? std::max(downOsds(cluster), 1) : 1;
        const int left = endurance.single.isEmpty() ? endurance.least.value_or(0) - lost : 0;
        const QString what =
            undersized > 0 ? QStringLiteral("%1 PGs have too few copies").arg(undersized)
                           : QStringLiteral("%1 objects have too few copies").arg(formatCount(degraded));
        if (left >= 1) {
            return {QStringLiteral("reduced"),
                    QStringLiteral("%1; at least %2 more OSDs may fail").arg(what).arg(left)};
        }
        return {QStringLiteral("none left"), QStringLiteral("%1; one more lost OSD may lose data").arg(what)};
    }
    if (!endurance.single.isEmpty()) {
        return {QStringLiteral("single"),
                QStringLiteral("Ceph pool %1 keeps one copy only").arg(joined(endurance.single))};
    }
    if (!endurance.least) {
        return {kUnknown, QStringLiteral("The sizes of the Ceph pools: not read yet")};
    }
    return {QStringLiteral("full"), QStringLiteral("Every object has all its copies")};
}

HealthWord posture(const Cluster& cluster, const Fact& quorum)
{
    const auto status = cluster.one(QStringLiteral("cluster"));
    if (!cluster.fresh(status) || !status->facts["healthBelieved"].toBool(true)) {
        return {kUnknown, cluster.why(status, QStringLiteral("Health checks"))};
    }
    QStringList checks;
    bool urgent = status->facts["health"].toString() == QLatin1String("HEALTH_ERR");
    for (const Fact& check : cluster.freshOf(QStringLiteral("health-check"))) {
        if (check.facts["muted"].toBool()) {
            continue;
        }
        checks.append(check.facts["check"].toString(check.name));
        urgent = urgent || check.facts["severity"].toString() == QLatin1String("HEALTH_ERR");
    }
    const int inQuorum = int(quorum.facts["inQuorum"].toArray().size());
    const int needed = quorum.facts["needed"].toInt();
    const int total = quorum.facts["total"].toInt();
    const bool thin = total > 1 && needed > 0 && inQuorum == needed && inQuorum < total;
    if (thin && !checks.contains(QStringLiteral("MON_DOWN"))) {
        checks.prepend(QStringLiteral("MON_DOWN"));
    }
    const int count = int(checks.size());
    if (count == 0) {
        return urgent
                   ? HealthWord{QStringLiteral("urgent"), QStringLiteral("The cluster says HEALTH_ERR"), 1}
                   : HealthWord{QStringLiteral("in order"), QStringLiteral("No health check is raised"), 0};
    }
    QString why = checks.mid(0, 3).join(QStringLiteral(", "));
    if (count > 3) {
        why += QStringLiteral(" and %1 more").arg(count - 3);
    }
    if (thin) {
        why += QStringLiteral("; one more lost monitor ends the quorum");
    }
    return {urgent || thin ? QStringLiteral("urgent") : QStringLiteral("to fix"), why, count};
}

/// Whatever the health checks say: what cannot be used is not in order.
void mindAvailability(HealthWords& words)
{
    const bool unavailable = words.availability.word == QLatin1String("unavailable");
    const bool partly = words.availability.word == QLatin1String("partly");
    HealthWord& posture = words.posture;
    if ((unavailable && posture.word != QLatin1String("urgent")) ||
        (partly && posture.word == QLatin1String("in order"))) {
        posture.why = posture.count > 0 ? words.availability.why + QStringLiteral("; ") + posture.why
                                        : words.availability.why;
        posture.word = unavailable ? QStringLiteral("urgent") : QStringLiteral("to fix");
        posture.count = std::max(1, posture.count);
    }
}

}  // namespace

QJsonObject HealthWords::toJson() const
{
    const auto plain = [](const HealthWord& word) {
        return QJsonObject{{"word", word.word}, {"why", word.why}};
    };
    return {{"availability", plain(availability)},
            {"redundancy", plain(redundancy)},
            {"posture", QJsonObject{{"word", posture.word}, {"count", posture.count}, {"why", posture.why}}}};
}

HealthWords healthWords(const FactSource& facts, const QString& connection, qint64 nowMs)
{
    const Cluster cluster{facts, connection, nowMs};
    const auto quorum = cluster.one(QStringLiteral("mon-quorum"));
    if (!cluster.fresh(quorum) || !quorum->facts["quorate"].isBool()) {
        const QString why = cluster.why(quorum, QStringLiteral("Monitor quorum"));
        return {{kUnknown, why}, {kUnknown, why}, {kUnknown, why}};
    }
    const auto pgs = cluster.one(QStringLiteral("pg-summary"));
    if (!quorum->facts["quorate"].toBool()) {
        return {{QStringLiteral("partly"),
                 QStringLiteral("No monitor quorum: sessions that exist go on, new ones cannot be made")},
                {kUnknown, cluster.why(pgs, QStringLiteral("PG states"))},
                {kUnknown, QStringLiteral("Without a monitor quorum the health checks cannot be believed")}};
    }
    HealthWords words{.posture = posture(cluster, *quorum)};
    const auto status = cluster.one(QStringLiteral("cluster"));
    const bool managerGone = cluster.fresh(status) && status->facts["mgrAvailable"].isBool() &&
                             !status->facts["mgrAvailable"].toBool();
    if (managerGone || !cluster.fresh(pgs) || pgs->facts["total"].toInt() <= 0) {
        const QString why = managerGone ? QStringLiteral("No active manager: the PG states are old")
                                        : cluster.why(pgs, QStringLiteral("PG states"));
        words.availability = {kUnknown, why};
        words.redundancy = {kUnknown, why};
    } else {
        words.availability = availability(cluster, *pgs);
        words.redundancy = redundancy(cluster, *pgs);
    }
    // The monitors know this without the manager.
    if (noOsdIsUp(cluster)) {
        words.availability = {QStringLiteral("unavailable"), QStringLiteral("No OSD is up")};
    }
    mindAvailability(words);
    return words;
}

}  // namespace sluice::systems::ceph
